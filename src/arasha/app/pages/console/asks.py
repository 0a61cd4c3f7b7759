"""Requests: what waits for another person, exactly what will be done, and the answer to it.

In: the requests of the state (cases/requests.py). Out: each with its content, its hash, who asked
and until when; agreed to by that hash, by somebody else, who has shown within the last minutes who
they are (confirm.py); or let be. Parties are named by the beginning of their token alone.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.types import ControllerRouterHandler

from arasha.app.http.problems import Problem
from arasha.app.http.shown import request_shown
from arasha.app.pages.console.comparing import Line, differing
from arasha.app.pages.console.seat import Seat, seen_by, unless_problem
from arasha.app.pages.site import Page
from arasha.cases.acts import (
    HoldProlonged,
    LawChosen,
    PolicyChosen,
    RequestApproved,
    RequestDeclined,
)
from arasha.cases.records import Request
from arasha.cases.refusals import Refusal
from arasha.cases.requests import needed
from arasha.cases.roles import RIGHTS, VIEWS, roles_of
from arasha.cases.state import State
from arasha.reports.lookback import Figures

SEEN: Final = VIEWS["a request for a second person"]

TOLD_APART: Final = ("act", "toml")
"""Fields of what is asked for that are no line of their own: its word, and a whole text."""

MOMENTS: Final = ("until_ms",)
"""Fields that are instants."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request as the page shows it. ``lacking`` are the roles that have yet to agree; ``fields``
    (name, value) exactly what will be done; ``case`` the case it is about, where one is.
    """

    request: Request
    word: str
    fields: tuple[tuple[str, Any], ...]
    lacking: tuple[str, ...]
    case: str | None
    amount: tuple[int, int] | None = None
    """Of a hold: minor units and currency."""

    def may_agree(self, seat: Seat) -> bool:
        """Whether this person's word is what it waits for."""
        mine = seat.actor.name in (
            self.request.by, *(name for name, _ in self.request.approvals)
        )  # fmt: skip
        return not mine and not roles_of(seat.actor).isdisjoint(self.lacking)

    def may_decline(self, seat: Seat) -> bool:
        """Whether they may let it be: who asked, or whose word it wants."""
        if self.request.by == seat.actor.name:
            return True
        return not roles_of(seat.actor).isdisjoint(self.lacking)


def ask_of(state: State, request: Request) -> Ask:
    """The request as it is now; in the writing thread."""
    told = request_shown(request)["what"]
    given = Counter(role for _, role in request.approvals)
    lacking = tuple((Counter(needed(state, request.what)) - given).elements())
    what = request.what
    case, amount = getattr(what, "case", None), None
    if isinstance(what, HoldProlonged) and what.hold in state.holds:
        hold = state.holds[what.hold]
        case, amount = state.reports[hold.report].case, (hold.amount_minor, hold.currency)
    recall = state.recalls.get(getattr(what, "recall", ""))
    if recall is not None:
        report = state.reports[recall.report]
        case, amount = report.case, (report.amount_minor, report.currency)
    fields = tuple((name, value) for name, value in told.items() if name not in TOLD_APART)
    return Ask(request, str(told["act"]), fields, lacking, case, amount)


@get("/requests", opt=seen_by(SEEN))
async def requests(seat: Seat) -> Page:
    """Those that are open, the next to lapse first."""

    def look(state: State, now_ms: int) -> tuple[list[Ask], int]:
        every = [state.requests[name] for name in state.open_requests]
        every.sort(key=lambda one: (one.lapses_ms, one.id))
        return [ask_of(state, one) for one in every], now_ms

    found = await seat.site.office.read(look)
    unless_problem(found)
    assert isinstance(found, tuple)
    asks, now_ms = found
    return await seat.page(
        "console/requests.html", now_ms=now_ms,
        mine=[one for one in asks if one.may_agree(seat)],
        others=[one for one in asks if not one.may_agree(seat)],
    )  # fmt: skip


@get("/request/{name:str}", opt=seen_by(SEEN))
async def request(seat: Seat, name: str) -> Page:
    """One of them."""
    return await _shown(seat, name)


async def _shown(
    seat: Seat, name: str, refusal: Refusal | None = None, fault: str | None = None
) -> Page:
    def look(state: State, now_ms: int) -> tuple[Ask, str, int] | None:
        found = state.requests.get(name)
        law = "" if state.law is None else state.law.text
        return None if found is None else (ask_of(state, found), law, now_ms)

    found = await seat.site.office.read(look)
    unless_problem(found)
    if not isinstance(found, tuple):
        raise NotFoundException
    ask, law, now_ms = found
    lines, figures = await _text_of(seat, ask.request, law)
    is_open = ask.request.status == "open" and now_ms < ask.request.lapses_ms
    return await seat.page(
        "console/request.html", status=200 if refusal is None and fault is None else 409, ask=ask,
        refusal=refusal, fault=fault, now_ms=now_ms, lines=lines, figures=figures,
        is_open=is_open, moments=MOMENTS, may_see_case=seat.may(VIEWS["a case"]),
        may_see_draft=seat.may(VIEWS["drafts of policies, and backtests"]),
        fresh=seat.session.is_fresh(seat.site.now_ms()),
    )  # fmt: skip


async def _text_of(
    seat: Seat, asked: Request, law: str
) -> tuple[list[Line] | None, Figures | None]:
    """How a text that is asked for differs from the one in force, and what looking back found."""
    what = asked.what
    if isinstance(what, LawChosen):
        return await asyncio.to_thread(differing, law, what.toml), None
    if not isinstance(what, PolicyChosen):
        return [], None
    live = seat.site.desk.live
    before = await seat.site.office.within(lambda _: live.policy_text())
    unless_problem(before)
    assert isinstance(before, str)
    shop = seat.site.workshop
    figures = None
    if shop is not None:
        figures = await asyncio.to_thread(shop.drafts.figures, what.policy)
    return await asyncio.to_thread(differing, before, what.toml), figures


@post("/request/{name:str}/approve", opt=seen_by(RIGHTS["request_approved"]))
async def approve(seat: Seat, name: str) -> Page:
    """Agree to exactly what the page showed; first, once more, it is shown who agrees."""
    if not seat.session.is_fresh(seat.site.now_ms()):
        return seat.view.go(seat.view.address(f"console/confirm/{name}"))
    act = _act(RequestApproved, name, seat.view.fields.text("content"))
    if act is None:
        return await _shown(seat, name)
    shop = seat.site.workshop
    if shop is None:
        done = await seat.site.office.do(seat.actor, act)
    else:
        done = await shop.publishing.approve(seat.actor, act)
    return await _after(seat, name, done, then=f"console/request/{name}")


@post("/request/{name:str}/decline", opt=seen_by(RIGHTS["request_declined"]))
async def decline(seat: Seat, name: str) -> Page:
    """Let it be, or take back what one has asked for."""
    act = _act(RequestDeclined, name)
    if act is None:
        return await _shown(seat, name)
    return await _after(seat, name, await seat.site.office.do(seat.actor, act))


async def _after(seat: Seat, name: str, done: object, then: str = "console/requests") -> Page:
    if isinstance(done, Problem) and done.reason is not None:
        return await _shown(seat, name, fault=done.reason)
    unless_problem(done)
    if isinstance(done, Refusal):
        return await _shown(seat, name, done)
    return seat.view.go(seat.view.address(then))


def _act(what: Any, *said: str) -> Any:
    """The act of a form; None where the form says nothing that can be one."""
    try:
        return msgspec.convert(msgspec.to_builtins(what(*said)), what)
    except msgspec.ValidationError:
        return None


ROUTES: Final[list[ControllerRouterHandler]] = [requests, request, approve, decline]
