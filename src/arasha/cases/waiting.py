"""The queue again, for a desk with many cases: which ones are next, without looking at each anew.

`queue` (queue.py) says what the order is; here it is kept up. Of each open case stands in columns
what does not change with time: what acting can save, since when it waits, until when, who has it. A
change of the case, its reports or their holds renews its row (``State.moved``); the order of an
instant is then one pass over the columns. Fifty thousand open cases take some milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.cases.calendar import HOUR_MS
from arasha.cases.queue import reachable_minor
from arasha.cases.records import OPEN_CASE, Case, CaseStatus
from arasha.cases.state import State

_FIRST_ROWS: Final = 1_024
_MOST: Final = 1 << 62  # no money is more; so that no sum of these is past 64 bits


@dataclass(frozen=True, slots=True)
class Counters:
    """How many cases stand how: of those that nobody has, all, overdue; had by somebody; aside."""

    waiting: int
    overdue: int
    taken: int
    snoozed: int


class Waiting:
    """The open cases of one state. Only for the thread that changes the state."""

    def __init__(self) -> None:
        self._forget(None)

    def next(self, state: State, at_ms: int, most: int) -> list[Case]:
        """The first of ``queue(state, at_ms)``, ``most`` of them."""
        self._renew(state)
        rows = np.flatnonzero(self._is_waiting(at_ms))
        if state.law is None or not len(rows):
            return []
        columns = self._columns
        due, worth = columns["due_ms"][rows], columns["worth"][rows]
        overdue = at_ms >= due
        hours = np.maximum(0, at_ms - columns["opened_ms"][rows]) // HOUR_MS
        aged = worth + hours * state.law.desk.ageing_minor_per_hour
        first = np.where(overdue, due, -np.minimum(aged, _MOST))
        second = np.where(overdue, 0, due)
        best = self._best(~overdue, first, second, most)
        found = [state.cases[self._ids[row]] for row in rows[best].tolist()]
        keys = zip((~overdue)[best].tolist(), first[best].tolist(), second[best].tolist(),
                   found, strict=True)  # fmt: skip
        ordered = sorted(keys, key=lambda one: (*one[:3], one[3].id))
        return [one[3] for one in ordered[:most]]

    def had_by(self, state: State, person: str, at_ms: int) -> list[Case]:
        """The cases that this person has, the earliest deadline first."""
        mine = [case for case in self.had(state, at_ms) if case.lease_by == person]
        return sorted(mine, key=lambda case: (case.due_ms, case.id))

    def had(self, state: State, at_ms: int) -> list[Case]:
        """The cases that somebody has."""
        self._renew(state)
        columns = self._columns
        rows = np.flatnonzero(columns["is_open"] & (at_ms < columns["lease_until_ms"]))
        return [state.cases[self._ids[row]] for row in rows.tolist()]

    def ages(self, state: State, at_ms: int, edges_ms: Sequence[int]) -> list[int]:
        """How many open cases are younger than each edge and not than the one before, then older
        ones.
        """
        self._renew(state)
        columns = self._columns
        ages = at_ms - columns["opened_ms"][columns["is_open"]]
        places = np.searchsorted(np.array(edges_ms, np.int64), ages, side="right")
        counts: list[int] = np.bincount(places, minlength=len(edges_ms) + 1).tolist()
        return counts

    def nearest(self, state: State, most: int) -> list[Case]:
        """The open cases whose deadline is nearest or longest past, ``most`` of them."""
        self._renew(state)
        columns = self._columns
        rows = np.flatnonzero(columns["is_open"])
        order = np.argsort(columns["due_ms"][rows], kind="stable")[:most]
        found = [state.cases[self._ids[row]] for row in rows[order].tolist()]
        return sorted(found, key=lambda case: (case.due_ms, case.id))

    def counters(self, state: State, at_ms: int) -> Counters:
        """How many stand how."""
        self._renew(state)
        columns = self._columns
        waiting = self._is_waiting(at_ms)
        taken = columns["is_open"] & (at_ms < columns["lease_until_ms"])
        return Counters(
            int(waiting.sum()),
            int((waiting & (at_ms >= columns["due_ms"])).sum()),
            int(taken.sum()),
            int((columns["is_open"] & ~waiting & ~taken).sum()),
        )

    def escalated(self, state: State, most: int) -> list[Case]:
        """The open cases that somebody higher is to look at, the earliest escalated first."""
        self._renew(state)
        since = self._columns["escalated_ms"]
        rows = np.flatnonzero(self._columns["is_open"] & (since > 0))
        order = np.argsort(since[rows], kind="stable")[:most]
        return [state.cases[self._ids[row]] for row in rows[order].tolist()]

    @staticmethod
    def _best(
        late: NDArray[np.bool_], first: NDArray[np.int64], second: NDArray[np.int64], most: int
    ) -> NDArray[np.int64]:
        """Where those stand that may be among the first, ties of the last one with them."""
        order = np.lexsort((second, first, late))
        if len(order) <= most:
            return order
        last = order[most - 1]
        same = (late == late[last]) & (first == first[last]) & (second == second[last])
        return np.union1d(order[:most], np.flatnonzero(same))

    def _is_waiting(self, at_ms: int) -> NDArray[np.bool_]:
        columns = self._columns
        had = at_ms < columns["lease_until_ms"]
        aside = at_ms < columns["snoozed_until_ms"]
        return np.asarray(columns["is_open"] & ~had & ~aside, np.bool_)

    def _forget(self, state: State | None) -> None:
        """Begin anew, with a state that says of each of its cases that it has moved."""
        self._state = state
        self._ids: list[str] = []
        self._row_of: dict[str, int] = {}
        self._free: list[int] = []
        self._columns = _columns(_FIRST_ROWS)

    def _renew(self, state: State) -> None:
        """Take up what has changed since; a standby that takes over has another state."""
        if state is not self._state:
            self._forget(state)
        for name in state.moved:
            case = state.cases.get(name)
            if case is None or case.status not in OPEN_CASE:
                self._let_go(name)
            else:
                self._put(state, case)
        state.moved.clear()

    def _put(self, state: State, case: Case) -> None:
        row = self._row_of.get(case.id)
        if row is None:
            row = self._row_of[case.id] = self._new_row(case.id)
        columns = self._columns
        columns["is_open"][row] = True
        columns["worth"][row] = min(_MOST, reachable_minor(state, case) * case.score // 1_000)
        columns["opened_ms"][row] = case.opened_ms
        columns["due_ms"][row] = case.due_ms
        columns["escalated_ms"][row] = case.escalated_ms or 0
        aside = case.status is CaseStatus.SNOOZED
        columns["snoozed_until_ms"][row] = case.snoozed_until_ms if aside else 0
        columns["lease_until_ms"][row] = 0 if case.lease_by is None else case.lease_until_ms

    def _new_row(self, name: str) -> int:
        if self._free:
            row = self._free.pop()
            self._ids[row] = name
            return row
        row = len(self._ids)
        if row == len(self._columns["is_open"]):
            grown = _columns(2 * row)
            for word, column in self._columns.items():
                grown[word][:row] = column
            self._columns = grown
        self._ids.append(name)
        return row

    def _let_go(self, name: str) -> None:
        row = self._row_of.pop(name, None)
        if row is not None:
            self._columns["is_open"][row] = False
            self._free.append(row)


def _columns(rows: int) -> dict[str, NDArray[np.int64 | np.bool_]]:
    words = ("worth", "opened_ms", "due_ms", "snoozed_until_ms", "lease_until_ms",
             "escalated_ms")  # fmt: skip
    columns: dict[str, NDArray[np.int64 | np.bool_]] = {
        word: np.zeros(rows, np.int64) for word in words
    }
    return columns | {"is_open": np.zeros(rows, np.bool_)}
