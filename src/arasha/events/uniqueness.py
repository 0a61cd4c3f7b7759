"""Where a name of 16 bytes was seen first: an index in memory from names to numbers.

Two rooms use it. *Kept*: from the digest of a fact's sender and id (events/reference.py) to the
entry's ``seq``; it is rebuilt when the log is opened, from bodies that can still be read, so it
forgets a fact when the fact's period is retired. *Hidden*: from a token to its place in the vault.
Open addressing, linear probing, at most half full; 24 bytes a slot.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.events.kernels import brief
from arasha.events.reserve import zeros

Digests = NDArray[np.uint64]
Seqs = NDArray[np.int64]

_SMALLEST: Final = 1 << 12  # slots
_MOVED_A_ROW: Final = 8  # slots; the smaller table is left long before the larger is half full
_NONE: Final = -1


class Uniqueness:
    """The index of one log: digests uint64[n, 2] to seq.

    When it is half full it goes into a table of twice the size, some slots with every row that is
    added: nobody waits for all of them (13 ms for a quarter of a million, measured).
    """

    __slots__ = ("_count", "_moved", "_old", "_table")

    def __init__(self) -> None:
        self._table = _Table(_SMALLEST)
        self._old = _Table(0)  # that is being left: its first slots are in the other one, too
        self._moved = 0
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def find(self, digests: Digests) -> tuple[Seqs, Seqs]:
        """Per digest the earlier entry's seq, and the earlier row of this batch; -1 for none.

        A row gets at most one of the two: the log comes first.
        """
        n = len(digests)
        first_seq, first_row = np.full(n, _NONE, np.int64), np.full(n, _NONE, np.int64)
        for table in self._tables():
            _find(table.keys, table.places, digests, first_seq)
        batch = np.full(max(4, 1 << (2 * n).bit_length()), _NONE, np.int64)
        _find_in_batch(batch, digests, first_seq, first_row)
        return first_seq, first_row

    def add(self, digests: Digests, seqs: Seqs) -> int:
        """Add entries; returns the first row whose digest is known already, or -1.

        Rows before a clash are added: ``forget`` them.
        """
        self._make_room(len(digests))
        old, table = self._old, self._table
        clash = _add(table.keys, table.places, old.keys, old.places, digests, seqs)
        self._count += len(digests) if clash < 0 else clash
        return clash

    def forget(self, first_seq: int, stop_seq: int) -> None:
        """Forget entries ``first_seq`` up to ``stop_seq``."""
        self._move(len(self._old))
        seqs = self._table.places - 1
        kept = (seqs >= 0) & ((seqs < first_seq) | (seqs >= stop_seq))
        keys, size, nothing = self._table.keys[kept], len(self._table), _Table(0)
        self._table, self._count = _Table(size), int(kept.sum())
        _add(self._table.keys, self._table.places, nothing.keys, nothing.places, keys, seqs[kept])

    def _tables(self) -> tuple[_Table, ...]:
        return (self._table, self._old) if len(self._old) else (self._table,)

    def _make_room(self, coming: int) -> None:
        """Keep the table at most half full."""
        needed = 2 * (self._count + coming)
        if needed > len(self._table):
            self._move(len(self._old))
            slots = len(self._table)
            while slots < needed:
                slots *= 2
            self._old, self._table, self._moved = self._table, _Table(slots), 0
        self._move(_MOVED_A_ROW * coming)

    def _move(self, count: int) -> None:
        """Put so many more slots, or all that are left, into the table that is gone into."""
        stop = min(len(self._old), self._moved + count)
        if stop > self._moved:
            old, table = self._old, self._table
            _move(old.keys, old.places, table.keys, table.places, self._moved, stop)
            self._moved = stop
            if stop == len(old):
                self._old = _Table(0)


class _Table:
    """Slots: digests, and the seq of each + 1; 0 for none, so that nothing is written ahead."""

    __slots__ = ("keys", "places")

    def __init__(self, slots: int) -> None:
        words = zeros(3 * slots)
        self.keys: Digests = words[: 2 * slots].view(np.uint64).reshape(slots, 2)
        self.places: Seqs = words[2 * slots :]

    def __len__(self) -> int:
        return len(self.places)


@brief
def _slot_of(keys: Digests, places: Seqs, low: np.uint64, high: np.uint64) -> np.int64:
    """The slot of a digest, or the free one where it belongs."""
    mask = np.uint64(len(places) - 1)
    slot = np.int64(low & mask)
    while places[slot] != 0 and (keys[slot, 0] != low or keys[slot, 1] != high):
        slot = np.int64(np.uint64(slot + 1) & mask)
    return slot


@brief
def _find(keys: Digests, places: Seqs, digests: Digests, found: Seqs) -> None:
    for i in range(len(digests)):
        if found[i] < 0:
            found[i] = places[_slot_of(keys, places, digests[i, 0], digests[i, 1])] - 1


@brief
def _find_in_batch(rows: Seqs, digests: Digests, first_seq: Seqs, first_row: Seqs) -> None:
    mask = np.uint64(len(rows) - 1)
    for i in range(len(digests)):
        if first_seq[i] >= 0:
            continue
        slot = np.int64(digests[i, 0] & mask)
        while rows[slot] >= 0 and (
            digests[rows[slot], 0] != digests[i, 0] or digests[rows[slot], 1] != digests[i, 1]
        ):
            slot = np.int64(np.uint64(slot + 1) & mask)
        if rows[slot] >= 0:
            first_row[i] = rows[slot]
        else:
            rows[slot] = i


@brief
def _add(
    keys: Digests, places: Seqs, old_keys: Digests, old_places: Seqs, digests: Digests, added: Seqs
) -> int:
    for i in range(len(digests)):
        low, high = digests[i, 0], digests[i, 1]
        slot = _slot_of(keys, places, low, high)
        if places[slot] != 0:
            return i
        if len(old_places) > 0 and old_places[_slot_of(old_keys, old_places, low, high)] != 0:
            return i
        keys[slot, 0] = low
        keys[slot, 1] = high
        places[slot] = added[i] + 1
    return -1


@brief
def _move(
    old_keys: Digests, old_places: Seqs, keys: Digests, places: Seqs, start: int, stop: int
) -> None:
    for at in range(start, stop):
        if old_places[at] != 0:
            slot = _slot_of(keys, places, old_keys[at, 0], old_keys[at, 1])
            keys[slot, 0] = old_keys[at, 0]
            keys[slot, 1] = old_keys[at, 1]
            places[slot] = old_places[at]
