"""Who judges calls: each operator, over the calls of its own numbers and nothing else.

Where on the path: *judged* and *decided*, beside arms.py. In: what happened in the country, in time
order. Out: a note of each call. A call comes to the operator of the number that calls and to that
of the number called, as traffic.py says; each judges it before it rings, with windows of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arasha.country.arms import AT_ONCE, Seat
from arasha.country.happenings import Happenings, merged
from arasha.country.society import Society
from arasha.country.traffic import Network, Traffic
from arasha.events.schema import Kind
from arasha.policy.judge import Judge


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


class Operators:
    """The judges of all operators of a country, who have seen nothing yet."""

    def __init__(self, society: Society, judge: Judge) -> None:
        self._network = Network(society)
        self._seats = [Seat(judge) for _ in range(society.operators)]
        self._waiting: list[Happenings] = []
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
        traffic, place = self._network.pass_on(rows)
        action, score = self._said(traffic)
        calls = np.flatnonzero(rows.kind == Kind.CALL)
        some, at = rows.take(calls), place[calls]
        self._notes.append(
            CallNotes(
                some.serial, some.time_ms, some.first, some.second, some.duration_ms, some.script,
                action[at], score[at],
            )
        )  # fmt: skip

    def _said(self, traffic: Traffic) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
        """The strongest action and the highest score of each row, over all operators."""
        action = np.zeros(len(traffic.first), np.uint8)
        score = np.zeros(len(traffic.first), np.int32)
        for operator, seat in enumerate(self._seats):
            seen, facts = self._network.known_to(operator, traffic)
            if not len(seen):
                continue
            decided = seat.judge(facts)
            assert decided.admission.fresh.all(), "every row has its own serial"
            at = seen[decided.payments]
            action[at] = np.maximum(action[at], decided.decisions.action)
            score[at] = np.maximum(score[at], decided.decisions.score)
        return action, score
