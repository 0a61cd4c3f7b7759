"""Was this number or account reported? Yes, by so many people or more; or nothing at all.

Of fewer reports nothing is told, not even that there are some; nor when, by whom or of what. What
was asked about is kept nowhere; the answer repeats it, so that a wrong digit is seen. What is
neither a number nor an account gets no answer: "not reported" would be true of every typo.
"""

from __future__ import annotations

from typing import Final

from litestar import get, post
from litestar.types import ControllerRouterHandler

from arasha.app.http.problems import Problem
from arasha.app.pages.citizens.parties import Party, party_of
from arasha.app.pages.site import Page, View
from arasha.cases.lookups import PUBLIC_REPORTS, is_reported
from arasha.events.schema import PartyKind

_TEMPLATE: Final = "citizens/check.html"


@get("/check")
async def check(view: View) -> Page:
    """The form."""
    return await _page(view)


@post("/check")
async def checked(view: View) -> Page:
    """The answer, above the same form."""
    typed = view.fields.text("party")
    party = party_of(typed)
    if not isinstance(party, Party):
        kept = "" if party == "card" else typed
        return await _page(view, status=422, typed=kept, errors={"party": f"check.wrong.{party}"})
    site = view.site
    limited = site.visitors.looking_up(view.arrived, site.desk.clock().steady_ns / 1e9)
    if limited is not None:
        return view.sorry(limited)
    tokens = [site.asking.of(kind, party.written).hex() for kind in kinds_of(party)]
    site.asking.forget()
    found = await site.office.read(
        lambda state, now_ms: any(is_reported(state, token, now_ms) for token in tokens)
    )
    if isinstance(found, Problem):
        return view.sorry(found)
    return await _page(view, party=party, reported=found)


def kinds_of(party: Party) -> tuple[PartyKind, ...]:
    """What it may have been reported as: people call from a number, and money is paid to one."""
    return (PartyKind.NUMBER, PartyKind.ACCOUNT) if party.is_number else (PartyKind.ACCOUNT,)


async def _page(
    view: View, *, status: int = 200, typed: str = "", errors: dict[str, str] | None = None,
    party: Party | None = None, reported: bool | None = None,
) -> Page:  # fmt: skip
    return await view.page(
        _TEMPLATE, status=status, typed=typed, errors=errors or {}, party=party, reported=reported,
        least=PUBLIC_REPORTS,
    )  # fmt: skip


ROUTES: Final[list[ControllerRouterHandler]] = [check, checked]
