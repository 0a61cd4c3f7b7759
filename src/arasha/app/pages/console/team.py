"""The team: deadlines, ageing, who carries what, what was escalated, and the second looks.

In: the state and what is kept up of it (cases/team.py). Out: one page. Nobody is put before
another. Which closed cases are looked at again is drawn by the leaf of the first entry of the log
after their week: nobody could know it before, and everybody with the record can draw again.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import msgspec
from litestar import get, post
from litestar.types import ControllerRouterHandler

from arasha.app.pages.console.seat import Seat, seen_by, unless_problem
from arasha.app.pages.site import Page
from arasha.cases.acts import CaseChecked
from arasha.cases.records import Case, Checked
from arasha.cases.refusals import Refusal
from arasha.cases.roles import RIGHTS, VIEWS
from arasha.cases.state import State
from arasha.cases.team import (
    AGES_MS,
    MAX_DRAWS,
    WEEK_MS,
    Agreement,
    Draw,
    Load,
    agreement,
    closed_in,
    drawn,
    loads,
    week_of,
)
from arasha.cases.waiting import Counters

SEEN: Final = VIEWS["the team: deadlines, load, second looks"]

NEAREST: Final = 15
"""Open cases that are listed by their deadline."""

WEEKS: Final = 4
"""Weeks that are over whose second looks are shown."""


@dataclass(frozen=True, slots=True)
class Lot:
    """A closed case that was drawn. ``mine``: who looks had a hand in it, and another must look."""

    case: Case
    check: Checked | None
    mine: bool


@dataclass(frozen=True, slots=True)
class Week:
    """A week that is over: the entry by which it was drawn, how many were closed, which ones."""

    starts_ms: int
    entry: int
    closed: int
    lots: list[Lot]
    came: Agreement


@dataclass(frozen=True, slots=True)
class _Standing:
    counters: Counters
    ages: list[int]
    nearest: list[Case]
    escalated: list[Case]
    loads: list[Load]
    now_ms: int


@get("/team", opt=seen_by(SEEN))
async def team(seat: Seat) -> Page:
    """How the work stands."""
    return await _shown(seat)


async def _shown(seat: Seat, refusal: Refusal | None = None, *, status: int = 200) -> Page:
    waiting = seat.site.waiting

    def look(state: State, now_ms: int) -> _Standing | None:
        if state.law is None:
            return None
        since_ms = week_of(now_ms, state.law.calendar)
        return _Standing(
            waiting.counters(state, now_ms), waiting.ages(state, now_ms, AGES_MS),
            waiting.nearest(state, NEAREST), waiting.escalated(state, NEAREST),
            loads(state, waiting, now_ms, since_ms), now_ms,
        )  # fmt: skip

    found = await seat.site.office.read(look)
    unless_problem(found)
    standing = found if isinstance(found, _Standing) else None
    weeks = [] if standing is None else await _weeks(seat)
    return await seat.page(
        "console/team.html", status=status, refusal=refusal, standing=standing, ages=AGES_MS,
        weeks=weeks, may_check=seat.may(RIGHTS["case_checked"]),
    )  # fmt: skip


async def _weeks(seat: Seat) -> list[Week]:
    """The weeks that are over, the last one first."""
    site = seat.site

    def starts(state: State, now_ms: int) -> list[int]:
        assert state.law is not None
        days = state.law.calendar
        this = week_of(now_ms, days)
        return [week_of(this - back * WEEK_MS + WEEK_MS // 2, days) for back in range(WEEKS + 1)]

    found = await site.office.read(starts)
    unless_problem(found)
    assert isinstance(found, list)
    weeks = []
    for stops_ms, starts_ms in pairwise(found):
        draw = site.draws.get(starts_ms) or await _drawn(seat, starts_ms, stops_ms)
        if draw is not None and draw.closed:
            weeks.append(await _week(seat, draw))
    return weeks


async def _drawn(seat: Seat, starts_ms: int, stops_ms: int) -> Draw | None:
    """The lot of a week that is over; it never changes, and is remembered."""
    leaf = await seat.site.beside.leaf_after(stops_ms)
    if leaf is None:
        return None
    closed = await seat.site.office.read(
        lambda state, _: [one.id for one in closed_in(state, starts_ms, stops_ms)]
    )
    unless_problem(closed)
    assert isinstance(closed, list)
    entry, seed = leaf
    cases = await asyncio.to_thread(drawn, seed, closed)
    draws = seat.site.draws
    while len(draws) >= MAX_DRAWS:
        del draws[next(iter(draws))]
    draws[starts_ms] = Draw(starts_ms, entry, len(closed), tuple(cases))
    return draws[starts_ms]


async def _week(seat: Seat, draw: Draw) -> Week:
    def look(state: State, _: int) -> Week:
        some, name = [state.cases[one] for one in draw.cases], seat.actor.name
        lots = [
            Lot(case, state.checked.get(case.id), name in state.case_hands(case.id))
            for case in some
        ]
        return Week(
            draw.starts_ms, draw.entry, draw.closed, lots, agreement(some, state.checked)
        )  # fmt: skip

    found = await seat.site.office.read(look)
    unless_problem(found)
    assert isinstance(found, Week)
    return found


@post("/team/check/{name:str}", opt=seen_by(RIGHTS["case_checked"]))
async def check(seat: Seat, name: str) -> Page:
    """Say what a closed case was by me."""
    act = _act(name, seat.view.fields.text("outcome"))
    if act is None:
        return await _shown(seat, status=422)
    done = await seat.site.office.do(seat.actor, act)
    unless_problem(done)
    if isinstance(done, Refusal):
        return await _shown(seat, done, status=409)
    return seat.view.go(seat.view.address("console/team"))


def _act(name: str, outcome: str) -> CaseChecked | None:
    said: dict[str, Any] = {"act": "case_checked", "case": name, "outcome": outcome}
    try:
        return msgspec.convert(said, CaseChecked)
    except msgspec.ValidationError:
        return None


ROUTES: Final[list[ControllerRouterHandler]] = [team, check]
