"""Who judges calls: each operator, over the calls of its own numbers and nothing else.

Where on the path: *judged* and *decided*, beside arms.py. In: what happened in the country, in time
order. Out: a note of each call. A call comes to the operator of the number that calls and to that
of the number called; each judges it before it rings, with windows of its own::

    the row of a call            call ────────> answered or missed ────────> ended
    when an operator knows it    at its time    RING_MS later                at its end

A row of the country says at once how long the talk will last. No operator does: the call comes
without it, and what became of it comes when it has. Which device a call is made from only the
caller's own operator knows.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from arasha.country.arms import AT_ONCE, Seat
from arasha.country.facts import Reader
from arasha.country.happenings import NONE, Happenings, merged
from arasha.country.society import Society
from arasha.events.columns import Facts, concatenate
from arasha.events.reference import digests_of
from arasha.events.schema import CALL_CHANGES, MISSING, Kind
from arasha.policy.judge import Judge

RING_MS: Final = 15_000
"""How long a call rings until somebody takes it, or nobody does, ms."""

_ANSWERED, _MISSED, _ENDED = map(CALL_CHANGES.index, ("answered", "missed", "ended"))
_AT_CALL: Final = ("answered", "duration")  # what nobody knows before it rings

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CallNotes:
    """n calls in order: who called whom, and the strongest that an operator said of each.

    ``action`` is on the scale of all policies: 0 allow, 1 mark, 3 refuse.
    """

    serial: NDArray[np.int64]
    time_ms: NDArray[np.int64]
    caller: NDArray[np.int32]
    callee: NDArray[np.int32]
    duration_ms: NDArray[np.int64]
    script: NDArray[np.int32]
    action: NDArray[np.uint8]
    score: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.serial)

    def take(self, rows: NDArray[Any]) -> CallNotes:
        """Those rows, in that order."""
        return CallNotes(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


@dataclass(frozen=True, slots=True)
class _Traffic:
    """n facts of operators in order, and the numbers they are about (``second`` NONE: one)."""

    facts: Facts
    first: NDArray[np.int32]
    second: NDArray[np.int32]

    def take(self, rows: NDArray[np.intp]) -> _Traffic:
        """Those rows, in that order."""
        return _Traffic(self.facts.take(rows), self.first[rows], self.second[rows])

    def before(self, at_ms: int) -> tuple[_Traffic, _Traffic]:
        """What happened up to that time, and what comes later."""
        due = self.facts.number("happened_at") <= at_ms
        return self.take(np.flatnonzero(due)), self.take(np.flatnonzero(~due))


class Operators:
    """The judges of all operators of a country, who have seen nothing yet."""

    def __init__(self, society: Society, judge: Judge) -> None:
        self._society, self._reader = society, Reader(society)
        self._seats = [Seat(judge) for _ in range(society.operators)]
        self._waiting: list[Happenings] = []
        self._coming: list[_Traffic] = []  # what will become of calls that were made
        self._notes: list[CallNotes] = []

    def see(self, rows: Happenings) -> None:
        """Take in the next rows; those that are no calls and no SIM changes are passed over."""
        ours = (rows.kind == Kind.CALL) | (rows.kind == Kind.SIM_CHANGE)
        self._waiting.append(rows.take(ours))
        if sum(map(len, self._waiting)) >= AT_ONCE:
            self._judge()

    def notes(self) -> CallNotes:
        """Every call so far."""
        self._judge()
        return CallNotes(
            **{
                f.name: np.concatenate([getattr(part, f.name) for part in self._notes])
                for f in fields(CallNotes)
            }
        )

    def _judge(self) -> None:
        rows, self._waiting = merged(self._waiting), []
        if not len(rows):
            return
        made = self._reader.facts(rows)
        due, later = _joined([*self._coming, _outcomes(made, rows)]).before(int(rows.time_ms[-1]))
        self._coming = [later]
        numbers = {name: c for name, c in made.numbers.items() if name not in _AT_CALL}
        known = Facts(made.kinds, made.ids, numbers, made.symbols)
        traffic = _joined([_Traffic(known, rows.first, rows.second), due])
        order = np.argsort(traffic.facts.number("happened_at"), kind="stable")
        action, score = self._said(traffic.take(order))
        place = np.empty(len(order), np.intp)
        place[order] = np.arange(len(order))
        calls = np.flatnonzero(rows.kind == Kind.CALL)
        some, at = rows.take(calls), place[calls]
        self._notes.append(
            CallNotes(
                some.serial, some.time_ms, some.first, some.second, some.duration_ms, some.script,
                action[at], score[at],
            )
        )  # fmt: skip

    def _said(self, traffic: _Traffic) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
        """The strongest action and the highest score of each row, over all operators."""
        operator = self._society.numbers.operator
        own = operator[traffic.first]
        other = np.where(traffic.second == NONE, own, operator[traffic.second])
        action, score = np.zeros(len(own), np.uint8), np.zeros(len(own), np.int32)
        for place, seat in enumerate(self._seats):
            seen = np.flatnonzero((own == place) | (other == place))
            if not len(seen):
                continue
            facts = traffic.facts.take(seen)
            if "device" in facts.symbols:
                foreign = (own[seen] != place)[:, None]
                facts.symbols["device"] = np.where(foreign, np.uint64(0), facts.symbols["device"])
            decided = seat.judge(facts)
            assert decided.admission.fresh.all(), "every row has its own serial"
            at = seen[decided.payments]
            action[at] = np.maximum(action[at], decided.decisions.action)
            score[at] = np.maximum(score[at], decided.decisions.score)
        return action, score


def _outcomes(made: Facts, rows: Happenings) -> _Traffic:
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
    return _Traffic(facts, rows.first[at], rows.second[at]).take(order)


def _joined(parts: list[_Traffic]) -> _Traffic:
    return _Traffic(
        concatenate([part.facts for part in parts]),
        np.concatenate([part.first for part in parts]),
        np.concatenate([part.second for part in parts]),
    )
