"""A case: what it is in one sentence, why, when, where the money is; and what is decided about it.

Looking at it is an entry, and parties are told only with that entry (app/http/viewing.py). What is
done goes through the office, as every call of the interface does; what is refused is said on the
page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.types import ControllerRouterHandler

from arasha.app.http.money import standing
from arasha.app.http.problems import Problem
from arasha.app.http.viewing import viewed
from arasha.app.pages.console import undo, views
from arasha.app.pages.console.money import Way, way_of
from arasha.app.pages.console.rows import Row, row_of, with_reasons
from arasha.app.pages.console.seat import Seat, seen_by, unless_problem
from arasha.app.pages.console.timeline import Moment, timeline_of
from arasha.app.pages.site import Page
from arasha.cases.acts import (
    AnyAct,
    CaseClosed,
    CaseEscalated,
    CaseLeft,
    CaseNoted,
    CaseSnoozed,
    CaseTaken,
    HoldConfirmed,
    HoldReleased,
)
from arasha.cases.lookups import look_up
from arasha.cases.projection import Done
from arasha.cases.records import OPEN_CASE, Case, Hold, Report
from arasha.cases.refusals import Refusal
from arasha.cases.roles import RIGHTS, VIEWS
from arasha.cases.state import State
from arasha.cases.views import named_by
from arasha.events.schema import TYPOLOGIES

OUTCOMES: Final = ("fraud", "legitimate", "unclear")
SNOOZE_HOURS: Final = (1, 4, 24)
_MS_PER_HOUR: Final = 3_600_000
_TOKEN: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class _Seen:
    """A case as the state has it; parties are in ``subjects`` alone."""

    case: Case
    row: Row
    reports: list[Report]
    holds: list[Hold]
    subjects: tuple[str, ...]
    now_ms: int

    @property
    def is_open(self) -> bool:
        return self.case.status in OPEN_CASE

    @property
    def payments(self) -> list[tuple[str, int]]:
        """What was stopped or reported: each payment's digest once, with its amount."""
        found = {one.payment: one.amount_minor for one in self.case.alerts}
        for one in self.reports:
            if one.payment is not None:
                found.setdefault(one.payment, one.amount_minor)
        return list(found.items())

    @property
    def typology(self) -> str | None:
        """What the reports say it is, the first that says so."""
        return next((one.typology for one in self.reports if one.typology), None)


@get("/case/{name:str}", opt=seen_by(VIEWS["a case"]))
async def case(seat: Seat, name: str) -> Page:
    """One case."""
    return await shown(seat, name)


async def shown(seat: Seat, name: str, refusal: Refusal | None = None) -> Page:
    """The case, and what was refused just now."""
    office = seat.site.office
    found = await viewed(office, seat.actor, name, "a case", _look(name))
    unless_problem(found)
    assert not isinstance(found, Problem)
    seen, with_parties = found
    stopped = await seat.site.stopped.of([name for name, _ in seen.payments])
    acts = await office.acts_about(
        [seen.case.id, *(one.id for one in seen.reports), *(one.id for one in seen.holds)]
    )
    way: Way | None = None
    if with_parties:
        followed = await office.follow(lambda state: standing(state, seen.case.reports))
        way = None if isinstance(followed, Problem) else way_of(followed, seat.view)
    times: list[Moment] = []
    if not isinstance(acts, Problem):
        times = timeline_of(acts, stopped, seen.reports)
    return await seat.page(
        "console/case.html", status=200 if refusal is None else 409, refusal=refusal, seen=seen,
        row=with_reasons(seen.row, stopped), stopped=stopped, times=times, way=way,
        with_parties=with_parties, mine=seen.row.lease_by == seat.actor.name,
        outcomes=OUTCOMES, typologies=TYPOLOGIES, snoozes=SNOOZE_HOURS,
        may_confirm=seat.may(RIGHTS["hold_confirmed"]), may_work=seat.may(RIGHTS["case_taken"]),
    )  # fmt: skip


def _look(name: str) -> Callable[[State, int], _Seen | None]:
    def look(state: State, now_ms: int) -> _Seen | None:
        found = state.cases.get(name)
        if found is None:
            return None
        reports = [state.reports[one] for one in found.reports]
        holds = [hold for one in reports for hold in state.holds_of_report(one.id)]
        named = sorted(found.subjects | found.ring)
        return _Seen(found, row_of(state, found, now_ms), reports, holds, tuple(named), now_ms)

    return look


# What is done.


async def done(seat: Seat, name: str, act: AnyAct) -> Page:
    """Have an act taken, and show the case again, or the refusal."""
    await seat.site.later.settle(seat.actor.name, name)
    found = await seat.site.office.do(seat.actor, act)
    unless_problem(found)
    if isinstance(found, Refusal):
        return await shown(seat, name, found)
    return seat.view.go(seat.view.address(f"console/case/{name}"))


def _read(what: Callable[[], AnyAct]) -> AnyAct | None:
    """The act of a form; None where the form says nothing that can be one."""
    try:
        act: AnyAct = msgspec.convert(msgspec.to_builtins(what()), AnyAct)
    except (msgspec.ValidationError, ValueError, OverflowError):
        return None
    return act


async def _done_if(seat: Seat, name: str, what: Callable[[], AnyAct]) -> Page:
    act = _read(what)
    return await (shown(seat, name) if act is None else done(seat, name, act))


async def _in_a_while(
    seat: Seat, name: str, word: str, act: AnyAct | None, to: str | None = None
) -> Page:
    """Have an act taken in ten seconds, in which it can be taken back; on to another page, by
    default the queue.
    """
    if act is None:
        return await shown(seat, name)
    refused = await undo.waits(seat, name, word, act)
    if refused is not None:
        return await shown(seat, name, refused)
    return seat.view.go(views.in_force(seat) if to is None else seat.view.address(to))


@post("/case/{name:str}/take", opt=seen_by(RIGHTS["case_taken"]))
async def take(seat: Seat, name: str) -> Page:
    """It is mine for the length of a lease."""
    return await _done_if(seat, name, lambda: CaseTaken(name))


@post("/case/{name:str}/leave", opt=seen_by(RIGHTS["case_left"]))
async def leave(seat: Seat, name: str) -> Page:
    """It is anybody's again; back to the queue."""
    act = _read(lambda: CaseLeft(name))
    if act is not None:
        await seat.site.later.settle(seat.actor.name, name)
        unless_problem(await seat.site.office.do(seat.actor, act))
    return seat.view.go(views.in_force(seat))


@post("/case/{name:str}/note", opt=seen_by(RIGHTS["case_noted"]))
async def note(seat: Seat, name: str) -> Page:
    """Write something down."""
    act = _read(lambda: CaseNoted(name, seat.view.fields.text("note")))
    return await _in_a_while(seat, name, "noted", act, f"console/case/{name}")


@post("/case/{name:str}/snooze", opt=seen_by(RIGHTS["case_snoozed"]))
async def snooze(seat: Seat, name: str) -> Page:
    """Put it aside for some hours; back to the queue."""
    now_ms = seat.site.now_ms()

    def act() -> CaseSnoozed:
        hours = int(seat.view.fields.text("hours") or 1)
        return CaseSnoozed(name, now_ms + hours * _MS_PER_HOUR)

    return await _in_a_while(seat, name, "snoozed", _read(act))


@post("/case/{name:str}/escalate", opt=seen_by(RIGHTS["case_escalated"]))
async def escalate(seat: Seat, name: str) -> Page:
    """Somebody higher is to look."""
    return await _done_if(seat, name, lambda: CaseEscalated(name))


@post("/case/{name:str}/close", opt=seen_by(RIGHTS["case_closed"]))
async def close(seat: Seat, name: str) -> Page:
    """Say what it was; then to the next one."""
    fields = seat.view.fields
    act = _read(lambda: CaseClosed(
        name, fields.text("outcome"), fields.text("worth_it") == "yes",  # type: ignore[arg-type]  # looked at by _read
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
    return await shown(seat, name, found)


@post("/case/{name:str}/confirm", opt=seen_by(RIGHTS["hold_confirmed"]))
async def confirm(seat: Seat, name: str) -> Page:
    """Confirm a hold of the case: it acts at once."""
    fields = seat.view.fields
    return await _done_if(
        seat, name, lambda: HoldConfirmed(fields.text("hold"), fields.text("basis"))
    )


@post("/case/{name:str}/release", opt=seen_by(RIGHTS["hold_released"]))
async def release(seat: Seat, name: str) -> Page:
    """Release a hold of the case: it acts at once."""
    fields = seat.view.fields
    return await _done_if(seat, name, lambda: HoldReleased(fields.text("hold"), "mistake"))


# A party, through its case.


@dataclass(frozen=True, slots=True)
class _Party:
    token: str
    counters: list[tuple[int, Mapping[str, int]]]
    """How often named in each window, ms, counted back from now."""
    alerts: int
    reports: list[Report]
    holds: list[Hold]
    listing: Any


@get("/case/{name:str}/party/{token:str}", opt=seen_by(VIEWS["a case"]))
async def party(seat: Seat, name: str, token: str) -> Page:
    """An account of the case: what is known of it here, and nothing that no open case names."""

    def look(state: State, now_ms: int) -> _Party | None:
        found = state.cases.get(name)
        if found is None or token not in named_by(state, name):
            return None
        reports = [state.reports[one] for one in found.reports]
        law = state.law
        assert law is not None, "there is no case without a law"
        widths = [one.after(now_ms, law.calendar) - now_ms for one in law.listing.windows]
        counts = look_up(state, token, now_ms).windows.values()
        return _Party(
            token, list(zip(widths, counts, strict=True)),
            sum(one.subject == token for one in found.alerts),
            [one for one in reports if token in (one.payer, one.payee, one.number)],
            [one for one in state.holds_of_account(token) if one.report in found.reports],
            state.listings.get(state.listing_of.get(token, "")),
        )  # fmt: skip

    if not _TOKEN.fullmatch(token):
        raise NotFoundException
    found = await viewed(seat.site.office, seat.actor, name, "a case", look, token)
    unless_problem(found)
    assert not isinstance(found, Problem)
    seen, with_parties = found
    if not with_parties:
        raise NotFoundException
    return await seat.page("console/party.html", case=name, seen=seen)


ROUTES: Final[list[ControllerRouterHandler]] = [
    case, take, leave, note, snooze, escalate, close, confirm, release, party,
]  # fmt: skip
