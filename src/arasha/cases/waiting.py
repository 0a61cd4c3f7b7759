"""The queue again, for a desk with many cases: which ones are next, without looking at each anew.

`queue` (queue.py) says what the order is; here it is kept up. Of each open case stands in columns
what does not change with time: what acting can save, since when it waits, until when, who has it,
and by what it is found (narrowing.py). A change of the case, its reports or their holds renews its
row (``State.moved``); the order of an instant is then one pass over the columns. Fifty thousand
open cases take some milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.cases.calendar import HOUR_MS
from arasha.cases.narrowing import (
    EVERY,
    SORTS,
    WORDS,
    Narrowing,
    banks_of,
    sort_of,
    typology_of,
)
from arasha.cases.queue import reachable_minor
from arasha.cases.records import OPEN_CASE, Case, CaseStatus
from arasha.cases.state import State
from arasha.events.money import CURRENCY_OF_NUMERIC

_FIRST_ROWS: Final = 1_024
_MOST: Final = 1 << 62  # no money is more; so that no sum of these is past 64 bits
_WORD: Final = {word: place for place, word in enumerate(WORDS)}

Mask = NDArray[np.bool_]


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

    def next(
        self, state: State, at_ms: int, most: int, *, narrowing: Narrowing = EVERY, skip: int = 0
    ) -> list[Case]:
        """``queue(state, at_ms)`` from the place ``skip`` on, ``most`` of it: of those cases alone
        that the narrowing leaves.
        """
        self._renew(state)
        rows = np.flatnonzero(self._is_waiting(at_ms) & self._is_wanted(narrowing, at_ms))
        if state.law is None or skip >= len(rows) or most <= 0:
            return []
        columns = self._columns
        due, worth = columns["due_ms"][rows], columns["worth"][rows]
        overdue = at_ms >= due
        hours = np.maximum(0, at_ms - columns["opened_ms"][rows]) // HOUR_MS
        aged = worth + hours * state.law.desk.ageing_minor_per_hour
        keys = (
            ~overdue, np.where(overdue, due, -np.minimum(aged, _MOST)), np.where(overdue, 0, due)
        )  # fmt: skip
        order = np.lexsort(keys[::-1])
        begin, stop = _whole_ties(order, keys, skip, min(skip + most, len(order)))
        stretch = order[begin:stop]
        found = [state.cases[self._ids[row]] for row in rows[stretch].tolist()]
        first, second, third = (key[stretch].tolist() for key in keys)
        placed = sorted(
            zip(first, second, third, found, strict=True), key=lambda one: (*one[:3], one[3].id)
        )
        return [one[3] for one in placed[skip - begin : skip - begin + most]]

    def take_up(self, state: State, most: int) -> bool:
        """Take up so many changes at most; whether there are more. Who looks takes up all that are
        left, so after a start this is done a little at a time.
        """
        if state is not self._state:
            self._forget(state)
        for name in list(islice(state.moved, most)):
            case = state.cases.get(name)
            if case is None or case.status not in OPEN_CASE:
                self._let_go(name)
            else:
                self._put(state, case)
            del state.moved[name]
        return bool(state.moved)

    def matching(self, state: State, at_ms: int, narrowing: Narrowing) -> int:
        """How many cases `next` has in all."""
        self._renew(state)
        return int((self._is_waiting(at_ms) & self._is_wanted(narrowing, at_ms)).sum())

    def typologies(self, state: State, at_ms: int) -> dict[str, int]:
        """How many waiting cases there are of each typology that there is."""
        self._renew(state)
        told = self._columns["typology"][self._is_waiting(at_ms)]
        counts = np.bincount(told, minlength=len(WORDS)).tolist()
        return {word: count for word, count in zip(WORDS, counts, strict=True) if count}

    def banks(self, state: State) -> list[str]:
        """The banks that open cases name, in order."""
        self._renew(state)
        return sorted(self._at_bank)

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

    def _is_waiting(self, at_ms: int) -> Mask:
        columns = self._columns
        had = at_ms < columns["lease_until_ms"]
        aside = at_ms < columns["snoozed_until_ms"]
        return np.asarray(columns["is_open"] & ~had & ~aside, np.bool_)

    def _is_wanted(self, narrowing: Narrowing, at_ms: int) -> Mask:
        """The rows that the narrowing leaves, of open cases and others."""
        columns = self._columns
        wanted = np.ones(len(columns["is_open"]), np.bool_)
        if narrowing.typology is not None:
            wanted &= columns["typology"] == _WORD.get(narrowing.typology, -1)
        if narrowing.sort is not None:
            wanted &= columns["sort"] == SORTS.index(narrowing.sort)
        if narrowing.within_ms is not None:
            wanted &= columns["due_ms"] < at_ms + narrowing.within_ms
        if narrowing.escalated:
            wanted &= columns["escalated_ms"] > 0
        if narrowing.least or narrowing.below is not None:
            wanted &= columns["reachable"] >= narrowing.least
        if narrowing.below is not None:
            wanted &= columns["reachable"] < narrowing.below
        if narrowing.bank is not None:
            named = np.zeros(len(wanted), np.bool_)
            named[list(self._at_bank.get(narrowing.bank, ()))] = True
            wanted &= named
        return wanted

    def _forget(self, state: State | None) -> None:
        """Begin anew, with a state that says of each of its cases that it has moved."""
        self._state = state
        self._ids: list[str] = []
        self._row_of: dict[str, int] = {}
        self._free: list[int] = []
        self._columns = _columns(_FIRST_ROWS)
        self._banks: dict[int, frozenset[str]] = {}
        self._at_bank: dict[str, set[int]] = {}

    def _renew(self, state: State) -> None:
        """Take up what has changed since; a standby that takes over has another state."""
        self.take_up(state, len(state.moved))

    def _put(self, state: State, case: Case) -> None:
        row = self._row_of.get(case.id)
        if row is None:
            row = self._row_of[case.id] = self._new_row(case.id)
        columns = self._columns
        reachable = reachable_minor(state, case)
        columns["is_open"][row] = True
        columns["worth"][row] = min(_MOST, reachable * case.score // 1_000)
        columns["reachable"][row] = min(_MOST, reachable // _minor_in_one(case.currency))
        columns["opened_ms"][row] = case.opened_ms
        columns["due_ms"][row] = case.due_ms
        columns["escalated_ms"][row] = case.escalated_ms or 0
        aside = case.status is CaseStatus.SNOOZED
        columns["snoozed_until_ms"][row] = case.snoozed_until_ms if aside else 0
        columns["lease_until_ms"][row] = 0 if case.lease_by is None else case.lease_until_ms
        columns["typology"][row] = _WORD[typology_of(state, case)]
        columns["sort"][row] = SORTS.index(sort_of(case))
        self._name_banks(row, banks_of(state, case))

    def _name_banks(self, row: int, banks: frozenset[str]) -> None:
        """The row is of these banks, and of none that it was of before."""
        before = self._banks.get(row, frozenset())
        for bank in before - banks:
            rows = self._at_bank[bank]
            rows.discard(row)
            if not rows:
                del self._at_bank[bank]
        for bank in banks - before:
            self._at_bank.setdefault(bank, set()).add(row)
        self._banks[row] = banks

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
            self._name_banks(row, frozenset())
            self._free.append(row)


def _whole_ties(
    order: NDArray[np.int64], keys: tuple[NDArray[np.int64 | np.bool_], ...], begin: int, stop: int
) -> tuple[int, int]:
    """The stretch of the order from ``begin`` up to ``stop``, widened so that it cuts no tie."""

    def tied(place: int) -> Mask:
        same = np.ones(len(order), np.bool_)
        for key in keys:
            same &= key[order] == key[order[place]]
        return same

    first, last = tied(begin), tied(stop - 1)
    return int(first.argmax()), len(order) - int(last[::-1].argmax())


def _minor_in_one(currency: int) -> int:
    """Minor units of one whole unit of it."""
    known = CURRENCY_OF_NUMERIC.get(currency)
    return 1 if known is None else int(10**known.decimals)


def _columns(rows: int) -> dict[str, NDArray[np.int64 | np.bool_]]:
    words = (
        "worth", "reachable", "opened_ms", "due_ms", "snoozed_until_ms", "lease_until_ms",
        "typology", "sort", "escalated_ms",
    )  # fmt: skip
    columns: dict[str, NDArray[np.int64 | np.bool_]] = {
        word: np.zeros(rows, np.int64) for word in words
    }
    return columns | {"is_open": np.zeros(rows, np.bool_)}
