"""Was this number or account reported? Yes, by so many people or more; or nothing at all.

Of fewer reports nothing is told, not even that there are some; nor when, by whom or of what. What
was asked about is kept nowhere.
"""

from __future__ import annotations

from typing import Final

from litestar import get, post
from litestar.types import ControllerRouterHandler

from arasha.app.http.problems import Problem
from arasha.app.pages.citizens.typed import dialled
from arasha.app.pages.site import Page, View
from arasha.cases.lookups import PUBLIC_REPORTS, is_reported
from arasha.events.identifiers import account_fault, number_fault
from arasha.events.schema import MAX_IDENTIFIER_CHARS, PartyKind

_TEMPLATE: Final = "citizens/check.html"


@get("/check")
async def check(view: View) -> Page:
    """The form."""
    return await _page(view)


@post("/check")
async def checked(view: View) -> Page:
    """The answer, below the same form. What was asked is not repeated in it."""
    party = view.fields.text("party")
    kind = kind_of(party)
    fault = fault_of(party, kind)
    if fault is not None:
        return await _page(view, status=422, party=party, errors={"party": fault})
    site = view.site
    limited = site.visitors.looking_up(view.arrived, site.desk.clock().steady_ns / 1e9)
    if limited is not None:
        return view.sorry(limited)
    written = dialled(party) if kind is PartyKind.NUMBER else party
    token = site.asking.of(kind, written).hex()
    site.asking.forget()
    found = await site.office.read(lambda state, now_ms: is_reported(state, token, now_ms))
    if isinstance(found, Problem):
        return view.sorry(found)
    return await _page(view, kind=kind, reported=found)


def kind_of(party: str) -> PartyKind:
    """An account has letters, or more digits than any telephone number; a number has not.

    >>> kind_of("+7 701 555 01 42").name, kind_of("KZ86 125K ZT50 0410 0100").name
    ('NUMBER', 'ACCOUNT')
    """
    digits = sum(one.isdecimal() for one in party)
    letters = any(one.isalpha() for one in party)
    return PartyKind.ACCOUNT if letters or digits > 15 else PartyKind.NUMBER


def fault_of(party: str, kind: PartyKind) -> str | None:
    """Why nobody can be asked about by that; the text's name."""
    if not party:
        return "check.empty"
    if len(party) > MAX_IDENTIFIER_CHARS:
        return "check.too_long"
    if kind is PartyKind.NUMBER:
        return "check.no_number" if number_fault(party) else None
    return "check.no_account" if account_fault(party) else None


async def _page(
    view: View, *, status: int = 200, party: str = "", errors: dict[str, str] | None = None,
    kind: PartyKind | None = None, reported: bool | None = None,
) -> Page:  # fmt: skip
    return await view.page(
        _TEMPLATE, status=status, party=party, errors=errors or {}, reported=reported,
        is_number=kind is PartyKind.NUMBER, least=PUBLIC_REPORTS,
    )  # fmt: skip


ROUTES: Final[list[ControllerRouterHandler]] = [check, checked]
