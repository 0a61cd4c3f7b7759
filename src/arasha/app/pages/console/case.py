"""A case: what it is in one sentence, why, when, where the money is; and what is decided about it.

Looking at it is an entry, and parties are told only with that entry (app/http/viewing.py). Counts
and what was said of its parties are as of then, when its payment was decided; as of now they are
one link away. What is done goes through the office, as every call of the interface does; what is
refused is said on the page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar import get, post
from litestar.types import ControllerRouterHandler

from arasha.app.http.following import Following, Tie
from arasha.app.http.money import standing
from arasha.app.http.problems import Problem
from arasha.app.http.viewing import viewed
from arasha.app.pages.console import undo, views
from arasha.app.pages.console.act_forms import basis_of
from arasha.app.pages.console.follows import Effects, has_followed, would_follow
from arasha.app.pages.console.money import way_of
from arasha.app.pages.console.neighbourhood import neighbourhood
from arasha.app.pages.console.outcomes import OUTCOMES, WORTH_IT
from arasha.app.pages.console.rows import with_reasons
from arasha.app.pages.console.seat import Seat, seen_by, unless_problem
from arasha.app.pages.console.seen import (
    Related,
    Seen,
    counted,
    looking,
    related_to,
    reviews,
)
from arasha.app.pages.console.strongest import Heard, heard_of, sentence, strongest, told_of
from arasha.app.pages.console.timeline import timeline_of
from arasha.app.pages.site import Page
from arasha.app.pages.stopped import Stopped, rank
from arasha.cases.acts import (
    Actor,
    AnyAct,
    CaseClosed,
    CaseEscalated,
    CaseLeft,
    CaseNoted,
    CaseSnoozed,
    CaseTaken,
    HoldConfirmed,
    HoldReleased,
    Outcome,
)
from arasha.cases.projection import ActPlace, Done, ViewPlace
from arasha.cases.refusals import Refusal
from arasha.cases.roles import RIGHTS, VIEWS
from arasha.cases.writer import Writer
from arasha.events.schema import TYPOLOGIES

SNOOZE_HOURS: Final = (1, 4, 24)
PROLONGED_DAYS: Final = (1, 3, 5, 10)
"""By how many days a later end of a hold can be asked for; the law says which of them may be."""

TIES_MS: Final = 30 * 86_400_000
"""How far back before then payments between the parties tie them, ms."""

MAX_TIED: Final = 60
"""Accounts of a case between which payments and shared devices are looked for."""

MAX_HEARD: Final = 20
"""Payments of a case of which is told what was said before them, the strongest."""

MAX_TRAIL: Final = 60
"""Acts and views of a case's audit that are told, the last ones."""

NOW: Final = "now"
_MS_PER_HOUR: Final = 3_600_000
_ACTS: Final = (
    "hold_confirmed", "hold_released", "hold_prolonged", "case_taken", "evidence_packed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _History:
    """What the acts say: the case with its counts, who did what to it, who looked at it, and what
    else shares its parties. ``blind``: who asks reviews an appeal here, and is not told who did.
    ``would`` is what each outcome would do that they can give it now, ``did`` what its outcome did.
    """

    seen: Seen
    acts: list[ActPlace]
    views: list[ViewPlace]
    related: list[Related]
    blind: bool
    would: Mapping[Outcome, Effects]
    did: Effects


@dataclass(frozen=True, slots=True)
class _Followed:
    """What is followed beside the log's writer, of the case's parties."""

    heard: dict[str, Heard]
    ties: list[Tie]
    shared: list[frozenset[str]]


@dataclass(frozen=True, slots=True)
class Trail:
    """Somebody did or saw something; ``party`` is the token of whom they were shown."""

    seq: int
    at_ms: int
    by: str
    word: str
    party: str | None = None


@dataclass(frozen=True, slots=True)
class Wrong:
    """A field of a form in the table of holds that could not be read: for which hold, and what was
    typed there.
    """

    field: str
    hold: str
    typed: str


@get("/case/{name:str}", opt=seen_by(VIEWS["a case"]))
async def case(seat: Seat, name: str) -> Page:
    """One case."""
    return await shown(seat, name)


async def shown(
    seat: Seat, name: str, refused: str | None = None, wrong: Wrong | None = None
) -> Page:
    """The case, and what was refused just now: by the name of its text; or which field of its holds
    could not be read.
    """
    office, view = seat.site.office, seat.view
    as_of_now = view.request.query_params.get("as_of") == NOW
    found = await viewed(office, seat.actor, name, "a case", looking(name))
    unless_problem(found)
    assert not isinstance(found, Problem)
    seen, with_parties = found
    judged = await seat.site.stopped.judged([one for one, _ in seen.payments])
    stopped = {one: said for one, said in judged.items() if said.was_stopped}
    payments = sorted(seen.payments, key=lambda one: rank(judged.get(one[0])))
    first = payments[0][0] if payments and payments[0][0] in judged else None
    then_ms = seen.case.opened_ms if first is None else judged[first].known_ms
    as_of_ms = seen.now_ms if as_of_now else then_ms
    history = await office.within(_history(seen, judged, as_of_ms, seat.actor))
    unless_problem(history)
    assert not isinstance(history, Problem)
    seen = history.seen
    told: dict[str, Any] = {"way": None, "around": None, "heard": {}, "related": []}
    heard: Heard | None = None
    if with_parties:
        money = await office.follow(lambda state: standing(state, seen.case.reports))
        some = {one: judged[one] for one, _ in payments[:MAX_HEARD] if one in judged}
        beside = await office.beside(lambda following: _beside(following, seen, some))
        heard = None if first is None else beside.heard[first]
        way = None if isinstance(money, Problem) else way_of(money, view)
        around = neighbourhood(
            seen, beside.ties, beside.shared, view,
            lambda token: view.address(f"console/case/{name}/party/{token}"),
        )  # fmt: skip
        told = {"way": way, "around": around, "heard": beside.heard, "related": history.related}
    return await seat.page(
        "console/case.html", status=409 if refused else 422 if wrong else 200, refused=refused,
        seen=seen, wrong=wrong,
        row=with_reasons(seen.row, stopped), stopped=stopped, judged=judged,
        reasons={
            one: told_of(said.reasons, said, told["heard"].get(one)) for one, said in judged.items()
        },
        payments=payments, as_of_now=as_of_now,
        sentence=sentence(seen, judged, first, heard, view),
        strongest=strongest(seen, judged, first, heard, view), with_parties=with_parties,
        times=timeline_of(history.acts, stopped, seen.reports), trail=_trail(history),
        blind=history.blind, me=seat.actor.name,
        mine=seen.row.lease_by == seat.actor.name, would=history.would, did=history.did,
        outcomes={one: OUTCOMES[one] for one in history.would},
        worth_it=WORTH_IT, typologies=TYPOLOGIES,
        noted=_noted(seat) if refused else seat.site.later.given_back(seat.actor.name, name),
        snoozes=SNOOZE_HOURS, prolongings=PROLONGED_DAYS,
        may={word: seat.may(RIGHTS[word]) for word in _ACTS}, **told,
    )  # fmt: skip


def _noted(seat: Seat) -> str:
    """The note that was just written, so that nobody writes it twice."""
    view = seat.view
    return view.fields.text("note") if view.request.method == "POST" else ""


def _history(
    seen: Seen, judged: Mapping[str, Stopped], as_of_ms: int, by: Actor
) -> Callable[[Writer], _History]:
    used = [*(one.device for one in seen.reports), *(one.device for one in judged.values())]
    devices = {one for one in used if one is not None}

    def look(writer: Writer) -> _History:
        projection = writer.projection
        places = {one.seq: one for name in seen.ids for one in projection.acts_of.get(name, ())}
        return _History(
            counted(writer.state, seen, as_of_ms),
            [places[seq] for seq in sorted(places)],
            list(projection.views_of.get(seen.case.id, ())),
            related_to(writer.state, seen.case, devices),
            reviews(writer.state, seen, by.name),
            would_follow(writer.state, by, seen.case.id, seen.now_ms) if seen.is_open else {},
            has_followed(writer.state, seen.case.id, seen.now_ms),
        )

    return look


def _beside(following: Following, seen: Seen, judged: Mapping[str, Stopped]) -> _Followed:
    accounts = [one.token for one in seen.parties if one.kind == "account"][:MAX_TIED]
    until_ms = seen.as_of_ms
    ties = following.ties(accounts, seen.case.currency, until_ms - TIES_MS, until_ms)
    return _Followed(
        {name: heard_of(name, one, following) for name, one in judged.items()},
        ties,
        following.lately(lambda lately: lately.shared(accounts, until_ms)) if accounts else [],
    )


def _trail(history: _History) -> list[Trail]:
    """Who did or saw what, the last first."""
    rows = [Trail(one.seq, one.at_ms, one.by, one.word) for one in history.acts]
    rows += [Trail(one.seq, one.at_ms, one.by, _word_of(one), one.party) for one in history.views]
    rows.sort(key=lambda one: -one.seq)
    return rows[:MAX_TRAIL]


def _word_of(view: ViewPlace) -> str:
    if view.taken_out:
        return "taken_out"
    return "opened" if view.party is None else "party"


# What is done.


async def done(seat: Seat, name: str, act: AnyAct, then: str = "") -> Page:
    """Have an act taken, and show the case again, or another one ``then``; or the refusal."""
    await seat.site.later.settle(seat.actor.name, name)
    found = await seat.site.office.do(seat.actor, act)
    unless_problem(found)
    if isinstance(found, Refusal):
        return await shown(seat, name, found.name.lower())
    return seat.view.go(seat.view.address(f"console/case/{then or name}"))


def act_of(what: Callable[[], AnyAct]) -> AnyAct | None:
    """The act of a form; None where the form says nothing that can be one."""
    try:
        act: AnyAct = msgspec.convert(msgspec.to_builtins(what()), AnyAct)
    except (msgspec.ValidationError, ValueError, OverflowError):
        return None
    return act


async def done_if(seat: Seat, name: str, what: Callable[[], AnyAct], unread: str) -> Page:
    """Have the act of a form taken; ``unread`` is the text for a form that says nothing that can be
    one.
    """
    act = act_of(what)
    return await (shown(seat, name, unread) if act is None else done(seat, name, act))


async def _in_a_while(
    seat: Seat, name: str, word: str, act: AnyAct | None, to: str | None = None
) -> Page:
    """Have an act taken in ten seconds, in which it can be taken back; on to another page, by
    default the queue.
    """
    if act is None:
        return await shown(seat, name, f"un{word}")
    refused = await undo.waits(seat, name, word, act)
    if refused is not None:
        return await shown(seat, name, refused.name.lower())
    return seat.view.go(views.in_force(seat) if to is None else seat.view.address(to))


@post("/case/{name:str}/take", opt=seen_by(RIGHTS["case_taken"]))
async def take(seat: Seat, name: str) -> Page:
    """It is mine for the length of a lease."""
    return await done_if(seat, name, lambda: CaseTaken(name), "case_not_found")


@post("/case/{name:str}/leave", opt=seen_by(RIGHTS["case_left"]))
async def leave(seat: Seat, name: str) -> Page:
    """It is anybody's again; back to the queue."""
    act = act_of(lambda: CaseLeft(name))
    if act is not None:
        await seat.site.later.settle(seat.actor.name, name)
        unless_problem(await seat.site.office.do(seat.actor, act))
    return seat.view.go(views.in_force(seat))


@post("/case/{name:str}/note", opt=seen_by(RIGHTS["case_noted"]))
async def note(seat: Seat, name: str) -> Page:
    """Write something down."""
    act = act_of(lambda: CaseNoted(name, seat.view.fields.text("note")))
    return await _in_a_while(seat, name, "noted", act, f"console/case/{name}")


@post("/case/{name:str}/snooze", opt=seen_by(RIGHTS["case_snoozed"]))
async def snooze(seat: Seat, name: str) -> Page:
    """Put it aside for some hours; back to the queue."""
    now_ms = seat.site.now_ms()

    def act() -> CaseSnoozed:
        hours = int(seat.view.fields.text("hours") or 1)
        return CaseSnoozed(name, now_ms + hours * _MS_PER_HOUR)

    return await _in_a_while(seat, name, "snoozed", act_of(act))


@post("/case/{name:str}/escalate", opt=seen_by(RIGHTS["case_escalated"]))
async def escalate(seat: Seat, name: str) -> Page:
    """Somebody higher is to look."""
    return await done_if(seat, name, lambda: CaseEscalated(name), "case_not_found")


@post("/case/{name:str}/close", opt=seen_by(RIGHTS["case_closed"]))
async def close(seat: Seat, name: str) -> Page:
    """Say what it was; then to the next one."""
    fields = seat.view.fields
    act = act_of(lambda: CaseClosed(
        name, fields.text("outcome"), fields.text("worth_it") == "yes",  # type: ignore[arg-type]  # looked at by act_of
        fields.text("typology") or None,
    ))  # fmt: skip
    if not isinstance(act, CaseClosed) or not await undo.moves_money(seat, act):
        return await _in_a_while(seat, name, "closed", act)
    await seat.site.later.settle(seat.actor.name, name)
    found = await seat.site.office.do(seat.actor, act)
    unless_problem(found)
    if isinstance(found, Done):
        return seat.view.go(views.in_force(seat))
    assert isinstance(found, Refusal)
    return await shown(seat, name, found.name.lower())


@post("/case/{name:str}/confirm", opt=seen_by(RIGHTS["hold_confirmed"]))
async def confirm(seat: Seat, name: str) -> Page:
    """Confirm a hold of the case: it acts at once."""
    hold, typed = seat.view.fields.text("hold"), seat.view.fields.text("basis")
    basis = basis_of(typed)
    if basis is None:
        return await shown(seat, name, wrong=Wrong("basis", hold, typed))
    return await done_if(seat, name, lambda: HoldConfirmed(hold, basis), "hold_not_found")


@post("/case/{name:str}/release", opt=seen_by(RIGHTS["hold_released"]))
async def release(seat: Seat, name: str) -> Page:
    """Release a hold of the case: it acts at once."""
    hold = seat.view.fields.text("hold")
    return await done_if(seat, name, lambda: HoldReleased(hold, "mistake"), "hold_not_found")


ROUTES: Final[list[ControllerRouterHandler]] = [
    case, take, leave, note, snooze, escalate, close, confirm, release,
]  # fmt: skip
