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

Digests = NDArray[np.uint64]
Seqs = NDArray[np.int64]

_SMALLEST: Final = 1 << 12  # slots
_NONE: Final = -1


class Uniqueness:
    """The index of one log: digests uint64[n, 2] to seq."""

    __slots__ = ("_count", "_keys", "_seqs")

    def __init__(self) -> None:
        self._keys: Digests = np.zeros((_SMALLEST, 2), np.uint64)
        self._seqs: Seqs = np.full(_SMALLEST, _NONE, np.int64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def find(self, digests: Digests) -> tuple[Seqs, Seqs]:
        """Per digest the earlier entry's seq, and the earlier row of this batch; -1 for none.

        A row gets at most one of the two: the log comes first.
        """
        n = len(digests)
        first_seq, first_row = np.empty(n, np.int64), np.full(n, _NONE, np.int64)
        _find(self._keys, self._seqs, digests, first_seq)
        batch = np.full(max(4, 1 << (2 * n).bit_length()), _NONE, np.int64)
        _find_in_batch(batch, digests, first_seq, first_row)
        return first_seq, first_row

    def add(self, digests: Digests, seqs: Seqs) -> int:
        """Add entries; returns the first row whose digest is known already, or -1.

        Rows before a clash are added: ``forget`` them.
        """
        self._grow(self._count + len(digests))
        clash = _add(self._keys, self._seqs, digests, seqs)
        self._count += len(digests) if clash < 0 else clash
        return clash

    def forget(self, first_seq: int, stop_seq: int) -> None:
        """Forget entries ``first_seq`` up to ``stop_seq``."""
        kept = (self._seqs >= 0) & ((self._seqs < first_seq) | (self._seqs >= stop_seq))
        self._rebuild(self._keys[kept], self._seqs[kept], len(self._seqs))

    def _grow(self, count: int) -> None:
        slots = len(self._seqs)
        while slots < 2 * count:
            slots *= 2
        if slots != len(self._seqs):
            used = self._seqs >= 0
            self._rebuild(self._keys[used], self._seqs[used], slots)

    def _rebuild(self, keys: Digests, seqs: Seqs, slots: int) -> None:
        self._keys = np.zeros((slots, 2), np.uint64)
        self._seqs = np.full(slots, _NONE, np.int64)
        assert _add(self._keys, self._seqs, keys, seqs) < 0
        self._count = len(seqs)


@brief
def _find(keys: Digests, seqs: Seqs, digests: Digests, found: Seqs) -> None:
    mask = np.uint64(len(seqs) - 1)
    for i in range(len(digests)):
        slot = np.int64(digests[i, 0] & mask)
        while seqs[slot] >= 0 and (
            keys[slot, 0] != digests[i, 0] or keys[slot, 1] != digests[i, 1]
        ):
            slot = np.int64(np.uint64(slot + 1) & mask)
        found[i] = seqs[slot]


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
def _add(keys: Digests, seqs: Seqs, digests: Digests, added: Seqs) -> int:
    mask = np.uint64(len(seqs) - 1)
    for i in range(len(digests)):
        slot = np.int64(digests[i, 0] & mask)
        while seqs[slot] >= 0:
            if keys[slot, 0] == digests[i, 0] and keys[slot, 1] == digests[i, 1]:
                return i
            slot = np.int64(np.uint64(slot + 1) & mask)
        keys[slot, 0] = digests[i, 0]
        keys[slot, 1] = digests[i, 1]
        seqs[slot] = added[i]
    return -1
