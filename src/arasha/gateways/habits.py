"""Habits: what each number did in the last day or two, in a table of bounded size.

Two generations of DAY_MS each: one counts, the one before it still tells; at each turn the older
one is let go, and with it every number that did nothing since. So nothing is kept that is older
than twice DAY_MS, and nothing at all outside this process's memory.

    older  |==== yesterday ====|                      a sign is of both together:
    newer                      |==== today, so far    one to two days
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.events.columns import Facts
from arasha.events.schema import Kind
from arasha.gateways import kernels_habits as kernels
from arasha.gateways.kernels_habits import (
    ANSWERED,
    AT_NIGHT,
    CALLS,
    COUNTS,
    ENDED,
    FOREIGN,
    LONG,
    MET,
    NOW,
    OUTCOMES,
    RECEIVED,
    REPORTED,
    ROWS,
    TOLD,
    UNCOUNTED,
    WORDS,
)

DAY_MS: Final = 24 * 3_600_000
MOST_NUMBERS: Final = 1 << 22
"""Numbers that are held at most: some 200 bytes each, 0.9 GB."""

CALLEES_HELD: Final = 1 << 20
"""Slots for the numbers that found ones call; half of them at most are used."""

OUTCOMES_LEAST: Final = 0.02
"""Where of fewer calls it is known that they were taken, the operator does not tell that."""

_FIRST_ROWS: Final = 1 << 12
_BITS: Final = 64 * WORDS
_KINDS: Final = (Kind.CALL, Kind.CALL_CHANGE, Kind.SIM_CHANGE, Kind.REPORT)


@dataclass(frozen=True, slots=True)
class Signs:
    """Of each of n numbers: what it did within the window. ``rows`` are its places in the table;
    ``callees`` is an estimate, never more than ``calls``; ``device`` is 0 where none is known.
    """

    rows: NDArray[np.int64]
    calls: NDArray[np.int64]
    received: NDArray[np.int64]
    taken: NDArray[np.int64]
    long: NDArray[np.int64]
    at_night: NDArray[np.int64]
    foreign: NDArray[np.int64]
    met: NDArray[np.int64]
    reported: NDArray[np.int64]
    callees: NDArray[np.int64]
    device: NDArray[np.uint64]
    first_ms: NDArray[np.int64]
    ours: NDArray[np.bool_]


class Habits:
    """The table."""

    def __init__(self, *, most_numbers: int = MOST_NUMBERS, utc_offset_ms: int = 0) -> None:
        """``utc_offset_ms`` says when it is night."""
        self._most, self._offset_ms = most_numbers, utc_offset_ms
        self._about = np.zeros(4, np.int64)
        self._turned_ms: int | None = None
        self._called = np.zeros((2, CALLEES_HELD), np.uint64)
        self._called_held = np.zeros(2, np.int64)
        self._make(min(_FIRST_ROWS, most_numbers))

    def __len__(self) -> int:
        return int(self._about[ROWS])

    @property
    def bytes_held(self) -> int:
        """Memory that the table takes."""
        held = (self._index, self._tokens, self._counts, self._bits, self._device, self._first_ms,
                self._ours, self._hunted, self._called)  # fmt: skip
        return sum(one.nbytes for one in held)

    @property
    def uncounted(self) -> int:
        """Calls of numbers for which there was no room, since the last turn."""
        return int(self._about[UNCOUNTED])

    @property
    def tells_outcomes(self) -> bool:
        """Whether the operator says which calls were taken."""
        calls = int(self._counts[:, : len(self), CALLS].sum())
        return int(self._about[OUTCOMES]) > OUTCOMES_LEAST * calls

    def observe(self, facts: Facts, known_at: NDArray[np.int64]) -> None:
        """Take in facts in the order of the log, known at these times (ms); all but those of calls,
        of SIM cards and reports are passed over.
        """
        rows = np.flatnonzero(np.isin(facts.kinds, _KINDS))
        if not len(rows):
            return
        facts, known_at = facts.take(rows), known_at[rows]
        if self._turned_ms is None:
            self._turned_ms = int(known_at[0])
        start = 0
        while int(known_at[-1]) >= self._turned_ms + DAY_MS:
            stop = int(np.searchsorted(known_at, self._turned_ms + DAY_MS))
            self._count(facts.take(np.arange(start, stop)))
            self._turn()
            start = stop
        self._count(facts.take(np.arange(start, len(facts))))

    def rows_of(
        self, tokens: NDArray[np.uint64], add: NDArray[np.bool_] | None = None
    ) -> NDArray[np.int64]:
        """The row of each token uint64[n, 2], -1 where it has none. Where ``add`` says so (of the
        operator's own numbers), one is made if there is room.
        """
        adding = np.zeros(len(tokens), np.bool_) if add is None else add
        self._make_room(int(adding.sum()))
        out = np.empty(len(tokens), np.int64)
        kernels.rows_of(self._index, self._tokens, self._about, tokens, adding, out)
        self._ours[out[adding & (out >= 0)]] = True
        return out

    def token(self, row: int) -> bytes:
        """The token of a row."""
        token: bytes = self._tokens[row].tobytes()
        return token

    def hunt(self, rows: NDArray[np.int64]) -> None:
        """From now on note whom these call: others that call the same are tied to them."""
        self._hunted[rows] = True

    def worth_a_look(
        self, *, sharing: int, busy_calls: int, answered_back: float, met_calls: int
    ) -> NDArray[np.int64]:
        """The rows of numbers of which something could be found: those in a device from which at
        least ``sharing`` call; those with ``busy_calls`` whom hardly anybody calls (at most
        ``answered_back`` of their calls); those that call whom found ones call, at least
        ``met_calls`` times; the operator's own that call from abroad, without roaming.
        """
        n = len(self)
        both = self._counts[0, :n] + self._counts[1, :n]
        calls, device = both[:, CALLS], self._device[:n]
        calling = np.sort(device[(calls > 0) & (device != 0)])
        shared = np.unique(calling[sharing - 1 :][calling[sharing - 1 :] == calling[: 1 - sharing]])
        worth = np.isin(device, shared) if len(shared) else np.zeros(n, np.bool_)
        worth |= (calls >= busy_calls) & (both[:, RECEIVED] <= answered_back * calls)
        worth |= (both[:, MET] >= met_calls) | (self._ours[:n] & (both[:, FOREIGN] > 0))
        return np.flatnonzero(worth)

    def signs(self, rows: NDArray[np.int64]) -> Signs:
        """What was seen of these rows."""
        both = self._counts[0, rows].astype(np.int64) + self._counts[1, rows]
        found = np.empty(len(rows), np.int64)
        kernels.bits_set(self._bits, rows, found)
        callees = -_BITS * np.log1p(-np.minimum(found, _BITS - 1) / _BITS)
        taken = np.maximum(np.maximum(both[:, ANSWERED], both[:, ENDED]), both[:, TOLD])
        return Signs(
            rows, both[:, CALLS], both[:, RECEIVED], np.minimum(taken, both[:, CALLS]),
            both[:, LONG], both[:, AT_NIGHT], both[:, FOREIGN], both[:, MET], both[:, REPORTED],
            np.minimum(np.rint(callees).astype(np.int64), both[:, CALLS]),
            self._device[rows], self._first_ms[rows], self._ours[rows],
        )  # fmt: skip

    def _count(self, facts: Facts) -> None:
        if not len(facts):
            return
        self._make_room(2 * len(facts))
        kernels.observe(
            self._index, self._tokens, self._about, self._counts, self._bits, self._device,
            self._first_ms, self._ours, self._hunted, self._called, self._called_held,
            facts.kinds, facts.number("happened_at"), facts.symbol("caller_number"),
            facts.symbol("callee_number"), facts.symbol("number"), facts.symbol("device"),
            facts.number("answered"), facts.number("duration"), facts.number("change"),
            facts.number("route"), self._offset_ms,
        )  # fmt: skip

    def _make_room(self, more: int) -> None:
        """Have room for so many more numbers, as far as there may be."""
        while len(self._tokens) < self._most and len(self) + more > len(self._tokens):
            self._move(np.arange(len(self)), min(2 * len(self._tokens), self._most))

    def _turn(self) -> None:
        """The older generation goes; the newer one becomes it. Who did nothing since goes, too."""
        assert self._turned_ms is not None
        self._turned_ms += DAY_MS
        self._about[NOW] ^= 1
        now = int(self._about[NOW])
        self._counts[now], self._bits[now], self._called[now] = 0, 0, 0
        self._called_held[now] = 0
        self._about[UNCOUNTED] = self._about[OUTCOMES] = 0
        self._move(np.flatnonzero(self._counts[now ^ 1, : len(self)].any(1)), len(self._tokens))
        self._about[OUTCOMES] = int(self._counts[now ^ 1, :, [ANSWERED, TOLD]].sum())

    def _make(self, room: int) -> None:
        self._index = np.full(1 << (2 * room - 1).bit_length(), -1, np.int32)
        self._tokens = np.zeros((room, 2), np.uint64)
        self._counts = np.zeros((2, room, COUNTS), np.int32)
        self._bits = np.zeros((2, room, WORDS), np.uint64)
        self._device = np.zeros(room, np.uint64)
        self._first_ms = np.zeros(room, np.int64)
        self._ours, self._hunted = np.zeros(room, np.bool_), np.zeros(room, np.bool_)

    def _move(self, rows: NDArray[np.intp], room: int) -> None:
        """Have these rows, in that order and no others, in tables with so much room."""
        old = (self._tokens, self._device, self._first_ms, self._ours, self._hunted)
        counts, bits = self._counts, self._bits
        self._make(room)
        new = (self._tokens, self._device, self._first_ms, self._ours, self._hunted)
        for into, column in zip(new, old, strict=True):
            into[: len(rows)] = column[rows]
        self._counts[:, : len(rows)], self._bits[:, : len(rows)] = counts[:, rows], bits[:, rows]
        self._about[ROWS] = len(rows)
        kernels.reindex(self._index, self._tokens, len(rows))
