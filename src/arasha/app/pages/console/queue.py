"""The queue: one verb, *Next*. The first case is taken for whoever asks, and opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from litestar import get, post
from litestar.types import ControllerRouterHandler

from arasha.app.pages.console.rows import Row, row_of, with_reasons
from arasha.app.pages.console.seat import Seat, seen_by, unless_problem
from arasha.app.pages.site import Page
from arasha.cases.acts import CaseTaken
from arasha.cases.projection import Done
from arasha.cases.records import Case
from arasha.cases.roles import RIGHTS, VIEWS
from arasha.cases.state import State
from arasha.cases.waiting import Counters
from arasha.cases.writer import Writer

ROWS: Final = 50
"""Cases that the page shows, the next ones first."""

EACH: Final = 2
"""Payments of a case whose reasons are looked up for its row."""


@dataclass(frozen=True, slots=True)
class _Seen:
    rows: list[Row]
    mine: list[Row]
    counters: Counters
    now_ms: int


@get("/queue", opt=seen_by(VIEWS["the queue"]))
async def queue(seat: Seat) -> Page:
    """The next cases, and those that I have."""
    waiting, name = seat.site.waiting, seat.actor.name

    def look(state: State, now_ms: int) -> _Seen:
        mine = waiting.had_by(state, name, now_ms)
        return _Seen(
            [row_of(state, case, now_ms) for case in waiting.next(state, now_ms, ROWS)],
            [row_of(state, case, now_ms) for case in mine],
            waiting.counters(state, now_ms), now_ms,
        )  # fmt: skip

    seen = await seat.site.office.read(look)
    unless_problem(seen)
    assert isinstance(seen, _Seen)
    wanted = [one for row in (*seen.rows, *seen.mine) for one in row.payments[:EACH]]
    stopped = await seat.site.stopped.of(wanted)
    return await seat.page(
        "console/queue.html",
        rows=[with_reasons(row, stopped) for row in seen.rows],
        mine=[with_reasons(row, stopped) for row in seen.mine],
        counters=seen.counters, now_ms=seen.now_ms,
    )  # fmt: skip


@post("/queue/next", opt=seen_by(RIGHTS["case_taken"]))
async def take_next(seat: Seat) -> Page:
    """Take the next case, whichever it is by then; nobody else gets the same."""
    waiting, now_ms = seat.site.waiting, seat.site.now_ms

    def find(writer: Writer, _: Sequence[str]) -> CaseTaken | None:
        first = waiting.next(writer.state, now_ms(), 1)
        return CaseTaken(first[0].id) if first else None

    taken = await seat.site.office.find_and_do(seat.actor, find)
    unless_problem(taken)
    if isinstance(taken, Done):
        [case] = [one.id for one in taken.changes if isinstance(one, Case)]
        return seat.view.go(seat.view.address(f"console/case/{case}"))
    return seat.view.go(seat.view.address("console/queue"))


ROUTES: Final[list[ControllerRouterHandler]] = [queue, take_next]
