"""How the work stands: who has what, what was closed, and which closed cases are looked at again.

In: the state, an instant, what it keeps up of open cases (waiting.py). Out: figures of a team by
name. They say what somebody has to carry, and put nobody before another: there is no rank in them
and no score. A *second look* is at a few cases of each week, drawn by lot: by a value that nobody
could know before the week was over, so that nobody closes a case knowing that it will be looked at,
and that everybody can draw again afterwards.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from heapq import nsmallest
from typing import Final

from arasha.cases.calendar import DAY_MS, HOUR_MS, Calendar
from arasha.cases.records import Case, Checked
from arasha.cases.state import State
from arasha.cases.waiting import Waiting

AGES_MS: Final = (HOUR_MS, 4 * HOUR_MS, DAY_MS, 3 * DAY_MS, 7 * DAY_MS)
"""Ages by which open cases are counted, ms."""

LOOKED_AT: Final = 10
"""Closed cases of a week that are looked at again."""

MAX_DRAWS: Final = 64
"""Weeks whose lots are remembered."""

WEEK_MS: Final = 7 * DAY_MS


@dataclass(frozen=True, slots=True)
class Load:
    """What one person carries: cases they have now, of them overdue; cases closed in the time."""

    person: str
    held: int
    overdue: int
    closed: int


@dataclass(frozen=True, slots=True)
class Draw:
    """The lot of a week that is over: by which entry it was drawn, of how many, which cases."""

    starts_ms: int
    entry: int
    closed: int
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Second looks of a week: how many of those drawn were taken, and how many agreed."""

    drawn: int
    checked: int
    alike: int


def loads(state: State, waiting: Waiting, at_ms: int, since_ms: int) -> list[Load]:
    """Everybody who has a case now or closed one since, by name."""
    had = waiting.had(state, at_ms)
    held = Counter(case.lease_by for case in had if case.lease_by is not None)
    late = Counter(case.lease_by for case in had if at_ms >= case.due_ms)
    closed = Counter(
        case.closed_by for case in closed_in(state, since_ms, at_ms + 1) if case.closed_by
    )
    return [
        Load(name, held[name], late[name], closed[name]) for name in sorted({*held, *closed})
    ]  # fmt: skip


def closed_in(state: State, since_ms: int, until_ms: int) -> list[Case]:
    """The cases that were closed in ``[since, until)``, in order."""

    def closed_ms(name: str) -> int:
        found = state.cases[name].closed_ms
        assert found is not None
        return found

    first = bisect_left(state.closings, since_ms, key=closed_ms)
    stop = bisect_left(state.closings, until_ms, lo=first, key=closed_ms)
    return [state.cases[name] for name in state.closings[first:stop]]


def week_of(at_ms: int, calendar: Calendar) -> int:
    """The first instant of the country's week (from Monday on) that holds this one."""
    day = calendar.day_of(at_ms)
    return calendar.starts_ms(day - timedelta(days=day.weekday()))


def drawn(seed: bytes, cases: Sequence[str], most: int = LOOKED_AT) -> list[str]:
    """So many of the cases, by lot: those whose hash with the seed is the smallest, in that order.

    The same seed and the same cases, in whatever order, give the same ones; one case more or less
    changes at most one of the others.
    """

    def lot(case: str) -> bytes:
        return sha256(b"arasha second look\0" + seed + case.encode()).digest()

    return nsmallest(most, cases, key=lot)


def agreement(cases: Sequence[Case], checks: dict[str, Checked]) -> Agreement:
    """How the second looks at these cases came out."""
    looked = [(case, checks[case.id]) for case in cases if case.id in checks]
    alike = sum(case.outcome == check.outcome for case, check in looked)
    return Agreement(len(cases), len(looked), alike)
