"""The queue: one verb, *Next*. The first case is taken for whoever asks, and opened.

Which cases those are the address says (views.py); a person keeps views under names, and one to
begin with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from litestar import get, post
from litestar.types import ControllerRouterHandler

from arasha.app.pages.console import views
from arasha.app.pages.console.rows import Row, row_of, with_reasons
from arasha.app.pages.console.seat import Seat, seen_by, unless_problem
from arasha.app.pages.console.views import View
from arasha.app.pages.site import Page
from arasha.cases.acts import CaseTaken
from arasha.cases.narrowing import SORTS, WORDS
from arasha.cases.projection import Done
from arasha.cases.records import Case
from arasha.cases.roles import RIGHTS, VIEWS
from arasha.cases.state import State
from arasha.cases.waiting import Counters
from arasha.cases.writer import Writer
from arasha.events.money import CURRENCY_OF_NUMERIC
from arasha.exchange.preferences import MAX_VIEWS, Preference, named

ROWS: Final = 50
"""Cases that a page shows, the next ones first."""

EACH: Final = 2
"""Payments of a case whose reasons are looked up for its row."""

SAW: Final = VIEWS["the queue"]


@dataclass(frozen=True, slots=True)
class _Seen:
    rows: list[Row]
    mine: list[Row]
    matching: int
    counters: Counters
    typologies: dict[str, int]
    banks: list[str]
    now_ms: int


@get("/queue", opt=seen_by(SAW))
async def queue(seat: Seat) -> Page:
    """The next cases, and those that I have; without a word, by the view that I begin with."""
    query = seat.view.request.query_params.dict()
    if not query and seat.preference.first_query is not None:
        return seat.view.go(views.address(seat, views.read(seat.preference.first_query)))
    said = {name: values[-1] for name, values in query.items()}
    return await shown(seat, views.view_of(said), views.page_of(said))


async def shown(seat: Seat, view: View, page: int = 1, fault: str | None = None) -> Page:
    """The queue by a view; ``fault`` is what was wrong with a name for it."""
    seen = await seat.site.office.read(_look(seat, view, page))
    unless_problem(seen)
    assert isinstance(seen, _Seen)
    wanted = [one for row in (*seen.rows, *seen.mine) for one in row.payments[:EACH]]
    stopped = await seat.site.stopped.of(wanted)
    pages = min(views.MAX_PAGE, -(-seen.matching // ROWS))
    return await seat.page(
        "console/queue.html", status=200 if fault is None else 422, fault=fault,
        rows=[with_reasons(row, stopped) for row in seen.rows],
        mine=[with_reasons(row, stopped) for row in seen.mine],
        seen=seen, counters=seen.counters, now_ms=seen.now_ms, wanted=view, sorts=SORTS,
        words=WORDS, bands=views.BANDS, page=page, pages=pages,
        to_page=lambda number: views.address(seat, view, number),
        to_view=lambda one: views.address(seat, views.read(one.query)),
        everything=views.address(seat, View()), saved=seat.preference,
        of_view=next((o.name for o in seat.preference.views if o.query == view.query), None),
        currencies={one.currency: CURRENCY_OF_NUMERIC[one.currency].decimals for one in seen.rows},
        may_close=seat.may(RIGHTS["case_closed"]), full=len(seat.preference.views) >= MAX_VIEWS,
    )  # fmt: skip


def _look(seat: Seat, view: View, page: int) -> Callable[[State, int], _Seen]:
    waiting, name = seat.site.waiting, seat.actor.name
    going = {case for one in seat.site.later.of(name) if one.thing.over for case in one.thing.cases}

    def look(state: State, now_ms: int) -> _Seen:
        narrowing = view.narrowing
        found = [] if view.mine else waiting.next(
            state, now_ms, ROWS, narrowing=narrowing, skip=(page - 1) * ROWS
        )  # fmt: skip
        mine = [one for one in waiting.had_by(state, name, now_ms) if one.id not in going]
        return _Seen(
            [row_of(state, case, now_ms) for case in found if case.id not in going],
            [row_of(state, case, now_ms) for case in mine[:ROWS]],
            len(mine) if view.mine else waiting.matching(state, now_ms, narrowing),
            waiting.counters(state, now_ms), waiting.typologies(state, now_ms),
            waiting.banks(state), now_ms,
        )  # fmt: skip

    return look


@post("/queue/next", opt=seen_by(RIGHTS["case_taken"]))
async def take_next(seat: Seat) -> Page:
    """Take the next case of the view in force, whichever it is by then; nobody else gets it."""
    waiting, now_ms = seat.site.waiting, seat.site.now_ms
    view = views.read(seat.view.fields.text("view") or seat.view.cookie(views.COOKIE) or "")

    def find(writer: Writer, _: Sequence[str]) -> CaseTaken | None:
        first = waiting.next(writer.state, now_ms(), 1, narrowing=view.narrowing)
        return CaseTaken(first[0].id) if first else None

    taken = await seat.site.office.find_and_do(seat.actor, find)
    unless_problem(taken)
    along = views.going_along(seat, view)
    if isinstance(taken, Done):
        [case] = [one.id for one in taken.changes if isinstance(one, Case)]
        return seat.view.go(seat.view.address(f"console/case/{case}"), along)
    return seat.view.go(views.address(seat, view), along)


# Views that are kept.


@post("/queue/views", opt=seen_by(SAW))
async def keep_view(seat: Seat) -> Page:
    """Keep the view under a name; begin with it, where that is ticked."""
    fields, before = seat.view.fields, seat.preference
    view = views.read(fields.text("view"))
    one = named(fields.text("name"), view.query)
    if one is None:
        return await shown(seat, view, fault="name")
    after = before.with_view(one)
    if len(after.views) > MAX_VIEWS:
        return await shown(seat, view, fault="many")
    if fields.text("first"):
        after = after.beginning_with(one.name)
    await _keep(seat, after)
    return seat.view.go(views.address(seat, view))


@post("/queue/views/first", opt=seen_by(SAW))
async def begin_with(seat: Seat) -> Page:
    """Begin with this view from now on; with the whole queue where none is named."""
    fields = seat.view.fields
    await _keep(seat, seat.preference.beginning_with(fields.text("name")))
    return seat.view.go(views.address(seat, views.read(fields.text("view"))))


@post("/queue/views/remove", opt=seen_by(SAW))
async def remove_view(seat: Seat) -> Page:
    """Forget a view."""
    await _keep(seat, seat.preference.without_view(seat.view.fields.text("name")))
    return seat.view.go(views.address(seat, View()))


async def _keep(seat: Seat, preference: Preference) -> None:
    assert seat.site.entrance is not None
    await asyncio.to_thread(seat.site.entrance.preferences.keep, seat.actor.name, preference)


ROUTES: Final[list[ControllerRouterHandler]] = [
    queue, take_next, keep_view, begin_with, remove_view,
]  # fmt: skip
