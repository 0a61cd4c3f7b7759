"""The border: calls that come to an operator from abroad with a number of this country.

In: the calls of a country, as operators come to know them (traffic.py). Out: the same with what
comes by way of another country, and as what: four kinds, of which the first alone is fraud::

    forged           thieves abroad show the number of somebody here, who knows nothing of it
    abroad           whoever calls is abroad
    a long way       the call was made here, and carriers bring it by way of another country
    forwarded back   whoever was called is abroad and does not take it: it goes to another number

The country of life and stories has the second alone; the others are laid beside it here. Each comes
to the operator of the number called, from abroad; what its caller's operator saw of it differs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.country.happenings import NONE, Happenings, make, merged
from arasha.country.script import DAY_MS, HOUR_MS
from arasha.country.society import NumberKind, Society
from arasha.country.traffic import Network, Traffic
from arasha.events.columns import Facts
from arasha.events.schema import CALL_ROUTES, Kind

WAYS: Final = ("forged", "abroad", "a long way", "forwarded back")
"""Kinds of calls from abroad with a number of this country, in the order of their places."""

FORGED, ABROAD, LONG_WAY, FORWARDED = range(len(WAYS))

PLAYED: Final = -2
"""The way of a call by the country's thieves, or their victims: it comes as every other."""

FORGED_A_DAY: Final = 0.02
"""Forged calls a day for each person of the country."""

LONG_WAY_SHARE: Final = 0.005
"""Share of calls between two operators that carriers bring by way of another country."""

FORWARDED_SHARE: Final = 0.01
"""Share of calls that nobody takes, between two operators, that are forwarded abroad and back."""

FORWARDED_AFTER_MS: Final = 25_000
"""How long such a call rings abroad before it comes back, ms."""

_TAKEN_SHARE: Final = 0.3  # of forged calls
_TALK_MS: Final = 120_000
_FIRST_HOUR, _LAST_HOUR = 4, 14  # of the thieves' day, UTC
_ADDED: Final = 1 << 40  # serials of calls that are laid beside the country's
_DOMESTIC, _FOREIGN, _ROAMING = map(CALL_ROUTES.index, ("domestic", "foreign", "roaming"))


@dataclass(frozen=True, slots=True)
class Crossing:
    """Calls in time order, and for each its way: a place in WAYS, PLAYED where it is part of a
    story of the country, NONE for every other call.
    """

    rows: Happenings
    way: NDArray[np.int8]


class Border:
    """Lays the calls that come from abroad into a country's, slice by slice."""

    def __init__(self, society: Society, seed: int) -> None:
        self._society, self._chance = society, np.random.default_rng([seed, 11])
        self._coming: list[Happenings] = []
        self._next = _ADDED

    def crossing(self, rows: Happenings, start_ms: int, end_ms: int) -> Crossing:
        """The calls and SIM changes of [start_ms, end_ms), with those laid beside them."""
        rows = rows.take((rows.kind == Kind.CALL) | (rows.kind == Kind.SIM_CHANGE))
        way = self._ways(rows)
        later = merged([*self._coming, self._forwarded(rows, way)])
        back = later.between(start_ms, end_ms)
        self._coming = [later.take(later.time_ms >= end_ms)]
        forged = self._forged(start_ms, end_ms)
        both = merged([rows, back, forged])
        known = dict(zip(rows.serial.tolist(), way.tolist(), strict=True))
        known |= dict.fromkeys(back.serial.tolist(), FORWARDED)
        known |= dict.fromkeys(forged.serial.tolist(), FORGED)
        return Crossing(both, np.array([known[one] for one in both.serial.tolist()], np.int8))

    def _ways(self, rows: Happenings) -> NDArray[np.int8]:
        way = np.where(rows.script == NONE, NONE, PLAYED).astype(np.int8)
        between = self._between_operators(rows)
        way[between & (way == NONE) & (rows.code == _ROAMING)] = ABROAD
        long = between & (way == NONE) & (rows.code == _DOMESTIC)
        way[long & (self._chance.random(len(rows)) < LONG_WAY_SHARE)] = LONG_WAY
        return way

    def _forwarded(self, rows: Happenings, way: NDArray[np.int8]) -> Happenings:
        """Calls that come back: to another number of the same operator, that takes them."""
        some = self._between_operators(rows) & (rows.code == _DOMESTIC) & (way == NONE)
        some &= rows.duration_ms == 0
        some &= self._chance.random(len(rows)) < FORWARDED_SHARE
        at = np.flatnonzero(some)
        operators = self._society.numbers.operator
        to = np.zeros(len(at), np.int32)
        people = self._society.people.number
        for operator in range(self._society.operators):
            of = operators[rows.second[at]] == operator
            to[of] = self._chance.choice(people[operators[people] == operator], int(of.sum()))
        return self._added(rows.time_ms[at] + FORWARDED_AFTER_MS, rows.first[at], to,
                           np.full(len(at), 20_000))  # fmt: skip

    def _forged(self, start_ms: int, end_ms: int) -> Happenings:
        """Calls of a slice by thieves abroad: each shows the number of somebody, to somebody."""
        hour = start_ms % DAY_MS // HOUR_MS
        if not _FIRST_HOUR <= hour < _LAST_HOUR:
            return merged([])
        share = (end_ms - start_ms) / ((_LAST_HOUR - _FIRST_HOUR) * HOUR_MS)
        n = int(self._chance.poisson(FORGED_A_DAY * len(self._society.people) * share))
        people = self._society.people.number
        shown, called = self._chance.choice(people, n), self._chance.choice(people, n)
        taken = self._chance.random(n) < _TAKEN_SHARE
        length = np.where(taken, 1 + self._chance.exponential(_TALK_MS, n).astype(np.int64), 0)
        times = np.sort(self._chance.integers(start_ms, end_ms, n))
        apart = shown != called
        return self._added(times[apart], shown[apart], called[apart], length[apart])

    def _added(
        self, time_ms: NDArray[np.int64], first: NDArray[np.int32], second: NDArray[np.int32],
        duration_ms: NDArray[np.int64],
    ) -> Happenings:  # fmt: skip
        n = len(time_ms)
        serial = np.arange(self._next, self._next + n)
        self._next += n
        return make({
            "time_ms": time_ms, "kind": np.full(n, Kind.CALL), "first": first, "second": second,
            "code": np.full(n, _FOREIGN), "duration_ms": duration_ms, "serial": serial,
        })  # fmt: skip

    def _between_operators(self, rows: Happenings) -> NDArray[np.bool_]:
        """Which are calls between numbers of two operators of the country."""
        numbers = self._society.numbers
        calls = (rows.kind == Kind.CALL) & (rows.second != NONE)
        kind, operator = numbers.kind, numbers.operator
        ours = (kind[rows.first] != NumberKind.ABROAD) & (kind[rows.second] != NumberKind.ABROAD)
        apart = operator[rows.first] != operator[rows.second]
        between: NDArray[np.bool_] = calls & ours & apart
        return between


class Trunks(Network):
    """What each operator sees of such calls: that of the number called, that they come from abroad;
    that of the caller's number, only those that it carried at home.
    """

    def __init__(self, society: Society) -> None:
        super().__init__(society)
        self._operators = society.numbers
        self._way: dict[int, int] = {}

    def note(self, crossing: Crossing) -> None:
        """Know the ways of these calls, for as long as anything comes of them."""
        at = np.flatnonzero(crossing.way != NONE)
        serials = crossing.rows.serial[at].tolist()
        self._way |= dict(zip(serials, crossing.way[at].tolist(), strict=True))

    def ways(self, traffic: Traffic) -> NDArray[np.int8]:
        """The way of each fact's call."""
        names = [int(name.partition(".")[0]) for name in traffic.facts.ids]
        return np.array([self._way.get(name, NONE) for name in names], np.int8)

    def seen_by(
        self, operator: int, traffic: Traffic, way: NDArray[np.int8]
    ) -> tuple[NDArray[np.intp], Facts]:
        """As `known_to`: (rows, facts), with the route by which each call comes to this operator;
        without what only bears one of its numbers.
        """
        seen, facts = self.known_to(operator, traffic)
        operators = self._operators.operator
        called = operators[traffic.second[seen]] == operator
        called &= traffic.second[seen] != NONE
        way = way[seen]
        there = np.flatnonzero(called | ~np.isin(way, (FORGED, ABROAD, FORWARDED)))
        seen, facts, called, way = seen[there], facts.take(there), called[there], way[there]
        comes = (facts.kinds == Kind.CALL) & called & (way >= 0)
        facts.numbers["route"] = np.where(comes, _FOREIGN, facts.number("route"))
        return seen, facts
