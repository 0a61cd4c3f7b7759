"""A party, through something open that names it: what is known of it here, and nothing else.

Looking is an entry. Its identifier stays hidden; who may have it revealed says why, sees what is
left of the day's budget, and is shown it once, in the answer to that form: never in an address,
never kept by the browser. There is no way here from a party to what else concerns it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.types import ControllerRouterHandler

from arasha.app.http.problems import Problem
from arasha.app.http.revealing import Revealed, Withheld, reveal, reveals_left
from arasha.app.http.viewing import viewed
from arasha.app.pages.console.seat import Seat, seen_by, unless_problem
from arasha.app.pages.console.seen import Named, Through, payments_of, people_before, through
from arasha.app.pages.site import Page
from arasha.app.pages.stopped import rank
from arasha.cases.lookups import look_up
from arasha.cases.records import Hold, Listing, Report, Suspension
from arasha.cases.roles import VIEWS
from arasha.cases.state import State
from arasha.cases.views import named_by
from arasha.vault.subjects import MAX_REASON_CHARS, MIN_REASON_CHARS, REVEALERS, REVEALS_PER_DAY

CASE: Final = "a case"
OTHER: Final = "a hold, recall, appeal or listing"

NOW: Final = "now"
_TOKEN: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class _Party:
    """What is known of a party as of some instant; ``counters`` are how often it was named in each
    window, ms, counted back from then.
    """

    named: Named
    counters: list[tuple[int, Mapping[str, int]]]
    people: int
    alerts: int
    reports: list[Report]
    holds: list[Hold]
    listing: Listing | None
    suspension: Suspension | None
    users: list[Named]
    """Other parties here that a report ties to it: of a device or number, who used or named it."""
    as_of_ms: int


@get("/case/{name:str}/party/{token:str}", opt=seen_by(VIEWS[CASE]))
async def of_case(seat: Seat, name: str, token: str) -> Page:
    """A party of a case or of a report."""
    return await _shown(seat, name, token, CASE)


@get("/party/{name:str}/{token:str}", opt=seen_by(VIEWS[OTHER]))
async def of_other(seat: Seat, name: str, token: str) -> Page:
    """A party that a hold, a recall, an appeal, a listing or a suspension names."""
    return await _shown(seat, name, token, OTHER)


@post("/case/{name:str}/party/{token:str}/reveal", opt=seen_by(VIEWS[CASE] & REVEALERS))
async def reveal_of_case(seat: Seat, name: str, token: str) -> Page:
    """Reveal a party of a case."""
    return await _revealed(seat, name, token, CASE)


@post("/party/{name:str}/{token:str}/reveal", opt=seen_by(VIEWS[OTHER] & REVEALERS))
async def reveal_of_other(seat: Seat, name: str, token: str) -> Page:
    """Reveal a party of something else."""
    return await _revealed(seat, name, token, OTHER)


async def _seen(seat: Seat, name: str, token: str, what: str) -> _Party:
    """The party, once the view is an entry. Raises what becomes a page, where none is named."""
    if not _TOKEN.fullmatch(token):
        raise NotFoundException
    look = _looking(name, token, await _then_ms(seat, name), of_case=what == CASE)
    found = await viewed(seat.site.office, seat.actor, name, what, look, token)
    unless_problem(found)
    assert not isinstance(found, Problem)
    seen, with_parties = found
    if not with_parties:
        raise NotFoundException
    return seen


async def _then_ms(seat: Seat, name: str) -> int | None:
    """As of when counts are told: when the first of the payments was decided; None is now."""
    if seat.view.request.query_params.get("as_of") == NOW:
        return None

    def look(state: State, _: int) -> tuple[list[str], int]:
        found = through(state, name)
        if found is None:
            return [], 0
        payments = payments_of(found.alerts, found.reports)
        return [one for one, _ in payments], found.since_ms

    found = await seat.site.office.read(look)
    unless_problem(found)
    assert not isinstance(found, Problem)
    payments, since_ms = found
    judged = await seat.site.stopped.judged(payments)
    return min(judged.values(), key=rank).known_ms if judged else since_ms


async def _shown(seat: Seat, name: str, token: str, what: str) -> Page:
    return await _page(seat, name, what, await _seen(seat, name, token, what))


async def _revealed(seat: Seat, name: str, token: str, what: str) -> Page:
    seen = await _seen(seat, name, token, what)
    reason = seat.view.fields.text("reason")
    found = await reveal(seat.site.office, seat.site.desk.door, seat.actor, token, reason)
    unless_problem(found)
    assert not isinstance(found, Problem)
    return await _page(seat, name, what, seen, found)


async def _page(
    seat: Seat, name: str, what: str, seen: _Party, found: Revealed | Withheld | None = None
) -> Page:
    left: int | Problem | None = None
    if seat.may(REVEALERS):
        left = await reveals_left(seat.site.office, seat.site.desk.door, seat.actor)
        unless_problem(left)
    base = f"console/case/{name}/party" if what == CASE else f"console/party/{name}"
    return await seat.page(
        "console/party.html", status=409 if isinstance(found, Withheld) else 200, seen=seen,
        through=name, back=back_of(name),
        here=f"{base}/{seen.named.token}", left=left, budget=REVEALS_PER_DAY,
        revealed=found if isinstance(found, Revealed) else None,
        withheld=found.name.lower() if isinstance(found, Withheld) else None,
        reason_chars=(MIN_REASON_CHARS, MAX_REASON_CHARS),
        as_of_now=seat.view.request.query_params.get("as_of") == NOW,
    )  # fmt: skip


def back_of(name: str) -> str | None:
    """Where one comes from: a case, or the trace of a report; nowhere from anything else.

    >>> back_of("c12"), back_of("c1" * 16), back_of("h7.0")
    ('console/case/c12', 'console/report/c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1', None)
    """
    if _TOKEN.fullmatch(name):
        return f"console/report/{name}"
    return f"console/case/{name}" if name.startswith("c") else None


def _looking(
    name: str, token: str, then_ms: int | None, *, of_case: bool
) -> Callable[[State, int], _Party | None]:
    def look(state: State, now_ms: int) -> _Party | None:
        found = through(state, name)
        is_case = name in state.cases or name in state.reports
        if found is None or is_case is not of_case or token not in named_by(state, name):
            return None
        named = next((one for one in found.parties if one.token == token), None)
        return (
            None
            if named is None
            else _known(state, found, named, now_ms if then_ms is None else then_ms)
        )

    return look


def _known(state: State, found: Through, named: Named, as_of_ms: int) -> _Party:
    law, token = state.law, named.token
    assert law is not None, "nothing is open without a law"
    widths = [one.after(as_of_ms, law.calendar) - as_of_ms for one in law.listing.windows]
    counts = look_up(state, token, as_of_ms).windows.values()
    listing = state.listings.get(state.listing_of.get(token, ""))
    suspension = state.suspensions.get(state.suspension_of.get(token, ""))
    return _Party(
        named, list(zip(widths, counts, strict=True)), people_before(state, token, as_of_ms),
        sum(one.subject == token for one in found.alerts),
        [one for one in found.reports if token in (one.payer, one.payee, one.number, one.device)],
        [one for one in found.holds if one.account == token],
        listing if listing is not None and listing.from_ms <= as_of_ms else None,
        suspension if suspension is not None and suspension.from_ms <= as_of_ms else None,
        _users(found, named), as_of_ms,
    )  # fmt: skip


def _users(found: Through, named: Named) -> list[Named]:
    """Whom the reports here name together with a number or a device."""
    if named.kind == "account":
        return []
    with_it = {one.payer for one in found.reports if named.token in (one.number, one.device)}
    return [one for one in found.parties if one.token in with_it]


ROUTES: Final[list[ControllerRouterHandler]] = [
    of_case, of_other, reveal_of_case, reveal_of_other,
]  # fmt: skip
