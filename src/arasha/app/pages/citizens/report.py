"""Report a scam in three short steps: when and what; whose accounts; a look at it, and off it goes.

The victim's bank is asked at once, as urgently as there is, with what it needs to stand for the
report (cases/complaints.py). The reporter gets a code, and is told to ring the bank, too.
"""

from __future__ import annotations

from typing import Final

from litestar import get, post
from litestar.types import ControllerRouterHandler

from arasha.app.http import complaints, problems
from arasha.app.http.problems import Problem
from arasha.app.pages.citizens import ago, follow, now
from arasha.app.pages.citizens.codes import keep, kept_code, spelt
from arasha.app.pages.citizens.draft import KINDS, LAST, Draft, Faults, draft_of
from arasha.app.pages.site import Page, View
from arasha.cases.refusals import Refusal
from arasha.events.records import instant

_REFUSED: Final = {
    Refusal.OWN_ACCOUNT: {"payee_account": "report.wrong.same"},
    Refusal.NOTHING_TO_HOLD: {"amount": "report.wrong.amount"},
    Refusal.COMPLAINTS_WAIT: {"bank": "report.wrong.waiting"},
}
"""What the domain does not take, as a fault of a field."""


@get("/report")
async def report(view: View) -> Page:
    """The first step."""
    return await _step(view, 1, draft_of({"unit": "minutes"}, view.site.now_ms()), {})


@post("/report")
async def stepped(view: View) -> Page:
    """A step was sent: the next one, or the one before; or the report goes off."""
    now_ms = view.site.now_ms()
    draft = draft_of(view.fields, now_ms)
    back = _number(view.fields.text("back"))
    if back is not None:
        return await _step(view, back, draft, {})
    step = _number(view.fields.text("step")) or 1
    if step < LAST:
        faults = draft.faults(step, _banks(view))
        return await _step(view, step if faults else step + 1, draft, faults)
    wrong = draft.first_wrong(_banks(view))
    if wrong is not None:
        return await _step(view, wrong, draft, draft.faults(wrong, _banks(view)))
    return await _sent(view, draft, now_ms)


@get("/report/sent")
async def sent(view: View) -> Page:
    """The code, and what happens now. It is shown again for as long as the browser keeps it."""
    code = kept_code(view, follow.CODE)
    if code is None:
        return view.go(view.address(follow.PATH))
    found = await follow.followed(view, code)
    if isinstance(found, Problem):
        return view.sorry(found)
    if found is None:
        return view.go(view.address(follow.PATH))
    complaint = found.complaint
    return await view.page(
        "citizens/sent.html",
        code=spelt(code),
        complaint=complaint,
        to_do=now.to_do(complaint.typology),
    )


async def _sent(view: View, draft: Draft, now_ms: int) -> Page:
    said = draft.complained(instant(now_ms))
    if not isinstance(said, complaints.Complained):
        return await _step(view, 1 if "ago" in said else 2, draft, said)
    made = await complaints.make(view.site.acting, said, view.arrived)
    if isinstance(made, Refusal):
        faults = _REFUSED.get(made)
        if faults is None:
            return view.sorry(Problem(problems.BUSY))
        return await _step(view, 2, draft, faults)
    if isinstance(made, Problem):
        return view.sorry(made)
    return keep(view, follow.CODE, made[0], "report/sent")


async def _step(view: View, step: int, draft: Draft, faults: Faults) -> Page:
    return await view.page(
        f"citizens/report{step}.html", status=422 if faults else 200, step=step, last=LAST,
        draft=draft, errors=faults, banks=_banks(view), kinds=KINDS, units=tuple(ago.UNITS),
        urgent=draft.is_urgent(view.site.now_ms()), first=now.to_do(draft["typology"])[0],
    )  # fmt: skip


def _banks(view: View) -> list[str]:
    """The banks that take part here, as participants are named."""
    everyone = view.site.desk.door.participants.list()
    return [one.name for one, _ in everyone if one.role == "bank"]


def _number(text: str) -> int | None:
    return int(text) if text in {str(one) for one in range(1, LAST + 1)} else None


ROUTES: Final[list[ControllerRouterHandler]] = [report, stepped, sent]
