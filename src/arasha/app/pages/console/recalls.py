"""Recalls: all that are under way with their clocks, and each with what every bank was asked for,
holds, answered and gave back; what is done about it is done here.

No account stands on these pages, so that looking is no entry: where the money went is seen through
its report (trace.py). The list copies the recalls that are open (a pointer each) in the writing
thread and is ordered beside it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any, Final

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.types import ControllerRouterHandler

from arasha.app.http.problems import Problem
from arasha.app.pages.console.act_forms import act_of_form, notice_of
from arasha.app.pages.console.recall_next import next_of
from arasha.app.pages.console.recall_steps import ORDER, clock_of, steps_of
from arasha.app.pages.console.seat import Seat, seen_by, unless_problem
from arasha.app.pages.paging import Paged, number_of, paged
from arasha.app.pages.site import Page
from arasha.cases.law import Law
from arasha.cases.pot_views import SharedPot, shared_pot, shares_by_law
from arasha.cases.recalls import heard_from_ms
from arasha.cases.records import (
    OPEN_RECALL,
    Answered,
    Hold,
    Recall,
    RecallStatus,
    Report,
    Request,
)
from arasha.cases.refusals import Refusal
from arasha.cases.roles import RIGHTS, VIEWS
from arasha.cases.state import State

VIEW: Final = VIEWS["a hold, recall, appeal or listing"]
LISTS: Final = VIEWS["the lists of recalls and appeals"]
AGREEING: Final = RIGHTS["request_approved"] & VIEWS["a case"]
"""Who agrees to what is asked for about a recall."""

MAX_HOLDS: Final = 100
"""Banks' answers that a page shows, those of the largest amounts."""

LATE: Final = "late"
"""The word of the list of those whose clock has run out."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A recall of the list, and the report that it is for."""

    recall: Recall
    report: Report

    @property
    def due_ms(self) -> int | None:
        return clock_of(self.recall)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One hold that a bank was asked for. ``heard_ms``: from when on who is held has had the law's
    time to answer; ``shares`` what the law's rule gives each claim on the same money, by hold.
    """

    hold: Hold
    answer: Answered | None
    heard_ms: int | None
    appealed: bool
    pot: SharedPot | None
    shares: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A recall as the state has it."""

    recall: Recall
    report: Report
    asked: list[_Asked]
    more: int
    requests: list[Request]
    held_since_ms: int | None
    law: Law
    now_ms: int

    @property
    def is_open(self) -> bool:
        return self.recall.status in OPEN_RECALL

    @property
    def held_minor(self) -> int:
        return sum(one.hold.held_at(self.now_ms) for one in self.asked)


@get("/recalls", opt=seen_by(LISTS))
async def recalls(seat: Seat) -> Page:
    """Those under way, the earliest deadline first; ``?show=`` a step or those that are late."""
    query = seat.view.request.query_params
    show, number = query.get("show", ""), number_of(query.get("page"))

    def look(state: State, now_ms: int) -> tuple[list[Recall], int]:
        return list(map(state.recalls.__getitem__, state.open_recalls)), now_ms

    found = await seat.site.office.read(look)
    unless_problem(found)
    assert not isinstance(found, Problem)
    under_way, now_ms = found
    counts, ordered = await asyncio.to_thread(
        lambda: (counts_of(under_way, now_ms), shown_of(under_way, show, now_ms))
    )
    page = paged(ordered, number)
    rows = await seat.site.office.read(
        lambda state, _: [_Row(one, state.reports[one.report]) for one in page.rows]
    )
    unless_problem(rows)
    assert not isinstance(rows, Problem)
    return await seat.page(
        "console/recalls.html", page=Paged(rows, page.number, page.total), counts=counts,
        show=show if show in counts else "", now_ms=now_ms,
    )  # fmt: skip


def counts_of(under_way: Sequence[Recall], now_ms: int) -> dict[str, int]:
    """How many there are in each list, by its word; "" is all."""
    each = Counter(
        id(one.status) for one in under_way
    )  # an enum's own hash takes ten times as long
    steps = {one.value: each[id(one)] for one in ORDER if one in OPEN_RECALL}
    return {"": len(under_way), LATE: len(_late(under_way, now_ms)), **steps}


def shown_of(under_way: Sequence[Recall], show: str, now_ms: int) -> list[Recall]:
    """Those of that list, the earliest clock first, those without one last."""
    if show == LATE:
        some: Sequence[Recall] = _late(under_way, now_ms)
    elif step := next((one for one in OPEN_RECALL if show == one.value), None):
        some = [one for one in under_way if one.status is step]
    else:
        some = under_way
    ordered = sorted(some, key=attrgetter("due_ms"))  # of one clock the first opened stands first
    unclocked = [one for one in ordered if one.status is RecallStatus.REQUESTED]
    return [one for one in ordered if one.status is not RecallStatus.REQUESTED] + unclocked


def _late(under_way: Sequence[Recall], now_ms: int) -> list[Recall]:
    """Those whose clock has run out; what is under way has one, but for what was only requested."""
    return [
        one
        for one in under_way
        if one.due_ms <= now_ms and one.status is not RecallStatus.REQUESTED
    ]


@get("/recall/{name:str}", opt=seen_by(VIEW))
async def recall(seat: Seat, name: str) -> Page:
    """One recall."""
    return await _page(seat, name)


async def _page(
    seat: Seat, name: str, refusal: Refusal | None = None, fault: str | None = None
) -> Page:
    office = seat.site.office
    seen = await office.read(lambda state, now_ms: _look(state, name, now_ms))
    unless_problem(seen)
    if seen is None:
        raise NotFoundException
    assert isinstance(seen, _Seen)
    acts = await office.acts_about([name])
    unless_problem(acts)
    assert not isinstance(acts, Problem)
    may_order = seat.may(RIGHTS["return_ordered"])
    ahead = None
    if may_order and not seen.requests:
        ahead = await office.within(
            lambda writer: next_of(
                writer.state, partial(writer.tried, seat.actor), name, seen.now_ms
            )
        )
        unless_problem(ahead)
    status = 409 if refusal else 422 if fault else 200
    return await seat.page(
        "console/recall.html", status=status, seen=seen, refusal=refusal, fault=fault,
        steps=steps_of(seen.recall, acts, seen.law, seen.held_since_ms),
        ahead=ahead, typed=seat.view.fields.text("notice") if status != 200 else "",
        may_order=may_order, may_agree=seat.may(AGREEING),
        may_cancel=seat.may(RIGHTS["recall_cancelled"]), may_trace=seat.may(VIEWS["a case"]),
        me=seat.actor.name,
    )  # fmt: skip


def _look(state: State, name: str, now_ms: int) -> _Seen | None:
    found = state.recalls.get(name)
    law = state.law
    if found is None or law is None:
        return None
    answers = {one.hold: one for one in found.answers}
    holds = [state.holds[one] for one in found.asked]
    if not holds:
        holds = list(state.holds_of_report(found.report))
    largest = sorted(holds, key=lambda one: -one.weight_minor)[:MAX_HOLDS]
    placed = [one.placed_ms for one in state.holds_of_report(found.report)]
    asked = []
    for hold in largest:
        pot = shared_pot(state, hold)
        appeal = state.appeals.get(state.appeal_about.get(hold.id, ""))
        asked.append(_Asked(
            hold, answers.get(hold.id), heard_from_ms(hold, law),
            appeal is not None and appeal.status == "open", pot,
            {} if pot is None else shares_by_law(state, hold),
        ))  # fmt: skip
    waiting = [state.requests[one] for one in state.open_requests]
    about = [one for one in waiting if getattr(one.what, "recall", None) == name]
    return _Seen(
        found, state.reports[found.report], asked, len(holds) - len(largest), about,
        min(placed, default=None), law, now_ms,
    )  # fmt: skip


# What is done.


async def _acted(seat: Seat, name: str, word: str, **fields: Any) -> Page:
    done = await act_of_form(seat, word, **fields)
    if done is None:
        return await _page(seat, name, fault=word)
    if isinstance(done, Refusal):
        return await _page(seat, name, done)
    return seat.view.go(seat.view.address(f"console/recall/{name}"))


@post("/recall/{name:str}/send", opt=seen_by(RIGHTS["recall_sent"]))
async def send(seat: Seat, name: str) -> Page:
    """Ask every bank that holds something."""
    return await _acted(seat, name, "recall_sent", recall=name)


@post("/recall/{name:str}/return", opt=seen_by(RIGHTS["return_ordered"]))
async def order(seat: Seat, name: str) -> Page:
    """Ask for the order by which money goes back; another person agrees to it."""
    notice = notice_of(seat.view.fields.text("notice")) or None
    return await _acted(seat, name, "return_ordered", recall=name, notice=notice)


@post("/recall/{name:str}/cancel", opt=seen_by(RIGHTS["recall_cancelled"]))
async def cancel(seat: Seat, name: str) -> Page:
    """Ask for nothing more."""
    return await _acted(seat, name, "recall_cancelled", recall=name)


@post("/recall/{name:str}/agree", opt=seen_by(AGREEING))
async def agree(seat: Seat, name: str) -> Page:
    """Agree to exactly what was asked for, as it stands on the page."""
    fields = seat.view.fields
    return await _acted(
        seat, name, "request_approved", request=fields.text("request"),
        content=fields.text("content"),
    )  # fmt: skip


@post("/recall/{name:str}/decline", opt=seen_by(RIGHTS["request_declined"] & VIEW))
async def decline(seat: Seat, name: str) -> Page:
    """Say no to it, or take back what one has asked for."""
    return await _acted(seat, name, "request_declined", request=seat.view.fields.text("request"))


ROUTES: Final[list[ControllerRouterHandler]] = [
    recalls, recall, send, order, cancel, agree, decline,
]  # fmt: skip
