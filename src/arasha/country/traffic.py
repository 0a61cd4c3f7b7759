"""Calls as operators come to know them: the call first, what became of it when it has.

In: rows of the country, in time order. Out: facts of operators, in the order in which they become
known, and the numbers they are about::

    the row of a call            call ────────> answered or missed ────────> ended
    when an operator knows it    at its time    RING_MS later                at its end

A row of the country says at once how long the talk will last. No operator does: the call comes
without it, and what became of it comes when it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.country.facts import Reader
from arasha.country.happenings import NONE, Happenings
from arasha.country.society import Society
from arasha.events.columns import Facts, concatenate
from arasha.events.reference import digests_of
from arasha.events.schema import CALL_CHANGES, MISSING, Kind

RING_MS: Final = 15_000
"""How long a call rings until somebody takes it, or nobody does, ms."""

_ANSWERED, _MISSED, _ENDED = map(CALL_CHANGES.index, ("answered", "missed", "ended"))
_AT_CALL: Final = ("answered", "duration")  # what nobody knows before it rings


@dataclass(frozen=True, slots=True)
class Traffic:
    """n facts of operators in order, and the numbers they are about (``second`` NONE: one)."""

    facts: Facts
    first: NDArray[np.int32]
    second: NDArray[np.int32]

    def take(self, rows: NDArray[np.intp]) -> Traffic:
        """Those rows, in that order."""
        return Traffic(self.facts.take(rows), self.first[rows], self.second[rows])

    def before(self, at_ms: int) -> tuple[Traffic, Traffic]:
        """What happened up to that time, and what comes later."""
        due = self.facts.number("happened_at") <= at_ms
        return self.take(np.flatnonzero(due)), self.take(np.flatnonzero(~due))


class Network:
    """What passes between all operators of a country."""

    def __init__(self, society: Society) -> None:
        self._society, self._reader = society, Reader(society)
        self._coming: list[Traffic] = []  # what will become of calls that were made

    def pass_on(self, rows: Happenings) -> tuple[Traffic, NDArray[np.intp]]:
        """The traffic up to the last of the next rows (calls, SIM changes and what banks ask), and
        for each row its place in it.
        """
        made = self._reader.facts(rows)
        due, later = _joined([*self._coming, _outcomes(made, rows)]).before(int(rows.time_ms[-1]))
        self._coming = [later]
        numbers = {name: c for name, c in made.numbers.items() if name not in _AT_CALL}
        known = Facts(made.kinds, made.ids, numbers, made.symbols)
        asked = rows.kind == Kind.SIGNAL
        first = np.where(asked, rows.number, rows.first)
        second = np.where(rows.kind == Kind.CALL, rows.second, NONE).astype(np.int32)
        traffic = _joined([Traffic(known, first, second), due])
        order = np.argsort(traffic.facts.number("happened_at"), kind="stable")
        place = np.empty(len(order), np.intp)
        place[order] = np.arange(len(order))
        return traffic.take(order), place[: len(rows)]

    def known_to(self, operator: int, traffic: Traffic) -> tuple[NDArray[np.intp], Facts]:
        """(rows, facts) that come to an operator: those about its numbers. Which device a call is
        made from only the caller's own operator knows.
        """
        operators = self._society.numbers.operator
        own = operators[traffic.first]
        other = np.where(traffic.second == NONE, own, operators[traffic.second])
        seen = np.flatnonzero((own == operator) | (other == operator))
        facts = traffic.facts.take(seen)
        if "device" in facts.symbols:
            foreign = (own[seen] != operator)[:, None]
            facts.symbols["device"] = np.where(foreign, np.uint64(0), facts.symbols["device"])
        return seen, facts


def _outcomes(made: Facts, rows: Happenings) -> Traffic:
    """What will become of the calls among those rows, by time."""
    calls = np.flatnonzero(rows.kind == Kind.CALL)
    talks = calls[rows.duration_ms[calls] > 0]
    at = np.concatenate([calls, talks])
    ended = np.arange(len(at)) >= len(calls)
    length = rows.duration_ms[at]
    taken = np.where(length > 0, _ANSWERED, _MISSED)
    names = digests_of(made.take(calls))
    name_of = np.zeros(len(rows), np.intp)
    name_of[calls] = np.arange(len(calls))
    facts = Facts(
        np.full(len(at), Kind.CALL_CHANGE, np.uint8),
        [
            f"{made.ids[row]}.{2 if over else 1}"
            for row, over in zip(at.tolist(), ended, strict=True)
        ],
        {
            "happened_at": rows.time_ms[at] + RING_MS + np.where(ended, length, 0),
            "change": np.where(ended, _ENDED, taken).astype(np.int64),
            "duration": np.where(ended, length, MISSING),
        },
        {name: made.symbol(name)[at] for name in ("sender", "caller_number", "callee_number")}
        | {"call": names[name_of[at]]},
    )
    order = np.argsort(facts.number("happened_at"), kind="stable")
    return Traffic(facts, rows.first[at], rows.second[at]).take(order)


def _joined(parts: list[Traffic]) -> Traffic:
    return Traffic(
        concatenate([part.facts for part in parts]),
        np.concatenate([part.first for part in parts]),
        np.concatenate([part.second for part in parts]),
    )
