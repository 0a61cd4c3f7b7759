"""Known: what the policy's windows hold just before each entry.

In: batches of facts with their ``known_at``, in the order of the log. Out: the windows' answers for
the judged rows. The state is a function of the facts alone: how they were cut into batches, and
when old events were reaped, changes no answer. It can be saved and restored as named arrays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.errors import SnapshotError, StateFull
from arasha.events.columns import Facts
from arasha.events.schema import MISSING
from arasha.features import kernels
from arasha.features.kernels import HEAD, MASK, ORDINALS, ROWS, TAIL
from arasha.features.plan import KINDS, Plan
from arasha.features.records import (
    FREE,
    KEYS_USED,
    NONE,
    POOL,
    RECORDS_TOP,
    SCRATCH,
    SLOT_MASK,
    SLOTS,
    rehash,
)
from arasha.features.registers import Registers as Answers
from arasha.features.walks import SCRATCH_WORDS

EVENTS_MAX: Final = 2**28
"""Most events of one kind held at once, unless the site states less."""

FIRST_PLACES: Final = 1024
"""Places of a ring and of the key table when a state begins; doubled as needed."""

LOAD_MAX: Final = 0.75
"""Largest share of the key table in use; beyond it the table doubles."""


class State:
    """The windows of one plan over one history."""

    def __init__(self, plan: Plan, *, events_max: int = EVENTS_MAX) -> None:
        self.plan = plan
        self._events_max = events_max
        self._event_bytes = plan.event_bytes.copy()
        kept = self._event_bytes > 0
        self._rings = np.zeros((KINDS, 4), np.int64)
        self._rings[:, MASK] = np.where(kept, FIRST_PLACES - 1, 0)
        self._kinds = np.flatnonzero(kept).tolist()
        self._rows = {
            kind: np.zeros(FIRST_PLACES * int(self._event_bytes[kind]) // 8, np.int64)
            for kind in self._kinds
        }
        self._pool = np.zeros(FIRST_PLACES, np.int64)
        self._slots = np.zeros(FIRST_PLACES, np.int64)
        self._free = np.full(max(1, plan.groups), NONE, np.int64)
        self._scratch = np.zeros(SCRATCH_WORDS, np.int64)  # of walks; says nothing between them
        self._keys = np.zeros(7, np.int64)
        self._room = 0
        self._address()

    def _address(self) -> None:
        """Tell the kernel where the arrays are; to be called whenever one was replaced."""
        self._keys[POOL] = self._pool.ctypes.data
        self._keys[SLOTS] = self._slots.ctypes.data
        self._keys[SLOT_MASK] = len(self._slots) - 1
        self._keys[FREE] = self._free.ctypes.data
        self._keys[SCRATCH] = self._scratch.ctypes.data
        for kind, rows in self._rows.items():
            self._rings[kind, ROWS] = rows.ctypes.data

    @property
    def events_held(self) -> int:
        """Events in the rings, of all kinds."""
        return int(((self._rings[:, TAIL] - self._rings[:, HEAD]) & ORDINALS).sum())

    @property
    def bytes_used(self) -> int:
        """Bytes of the rings' rows, the key records and the key table that are in use.

        Arrays grow by doubling; what was never written is not in memory.
        """
        held = (self._rings[:, TAIL] - self._rings[:, HEAD]) & ORDINALS
        rows = int((held * self._event_bytes).sum())
        return rows + int(self._keys[RECORDS_TOP]) + self._slots.nbytes

    def observe(
        self,
        facts: Facts,
        known_at: NDArray[np.int64],
        judged: NDArray[np.int64],
        passes: NDArray[np.uint8],
        answers: Answers,
    ) -> None:
        """Answer the judged facts, each as of just before it, and add every fact.

        ``known_at`` int64[n], never decreasing from call to call; ``judged`` int64[n], the output
        column of each judged fact and -1 for the others; ``passes`` uint8[filters, n], 1 where a
        fact passes the plan's filter; ``answers`` has a row for each window and a column for each
        judged fact, and is filled. Raises StateFull at the stated limit, before anything is added.
        """
        plan = self.plan
        self._make_room(facts.kinds)
        kernels.observe(
            plan.program,
            plan.accesses[0],
            plan.accesses[1],
            plan.groups,
            plan.first_groups,
            self._keys,
            self._rings,
            kernels.Batch(
                facts.kinds,
                known_at,
                judged,
                _number_block(facts, plan.numbers),
                _symbol_block(facts, plan.symbols),
                passes,
            ),
            answers.ints,
            answers.known,
        )

    def _make_room(self, kinds: NDArray[np.uint8]) -> None:
        """Grow what the batch could fill. Kernels never allocate."""
        if len(kinds) <= self._room:
            self._room -= len(kinds)
            return
        coming = np.bincount(kinds, minlength=KINDS)
        held = (self._rings[:, TAIL] - self._rings[:, HEAD]) & ORDINALS
        needed: list[int] = (held + coming).tolist()
        for kind in self._kinds:
            self._refuse_beyond_limit(needed[kind])
        grown = False
        for kind in self._kinds:
            if needed[kind] > int(self._rings[kind, MASK]) + 1:
                self._grow_ring(kind, needed[kind])
                grown = True
        keys = int(self._keys[KEYS_USED]) + int(coming @ self.plan.keys_of_kind)
        if keys > LOAD_MAX * len(self._slots):
            slots = np.zeros(_doubled(len(self._slots), int(keys / LOAD_MAX) + 1), np.int64)
            rehash(self._slots, slots)
            self._slots, grown = slots, True
        words = (int(self._keys[RECORDS_TOP]) + int(coming @ self.plan.record_bytes_of_kind)) // 8
        if words > len(self._pool):
            pool = np.zeros(_doubled(len(self._pool), words), np.int64)
            pool[: len(self._pool)] = self._pool
            self._pool, grown = pool, True
        if grown:
            self._address()
        self._room = self._room_for(needed) - len(kinds)

    def _room_for(self, needed: list[int]) -> int:
        """Facts, of whatever kinds, that surely fit after those needed, without looking again."""
        places = [int(self._rings[kind, MASK]) + 1 - needed[kind] for kind in self._kinds]
        below_limit = [self._events_max - needed[kind] for kind in self._kinds]
        keys = int(LOAD_MAX * len(self._slots)) - int(self._keys[KEYS_USED])
        words = len(self._pool) - int(self._keys[RECORDS_TOP]) // 8
        most_keys = max(1, int(self.plan.keys_of_kind.max()))
        most_words = max(1, int(self.plan.record_bytes_of_kind.max()) // 8)
        return max(0, min([*places, *below_limit, keys // most_keys, words // most_words]))

    def _refuse_beyond_limit(self, needed: int) -> None:
        if needed > self._events_max:
            raise StateFull(
                "the state is full",
                expected=f"at most {self._events_max:,} events of one kind in the windows",
                found=f"{needed:,}",
                hint="shorten the widest window of the policy, or raise the limit",
            )

    def _grow_ring(self, kind: int, needed: int) -> None:
        words = self._words(kind)
        old_places = int(self._rings[kind, MASK]) + 1
        places = _doubled(old_places, needed)
        rows = np.zeros(places * words, np.int64)
        old = self._rows[kind].reshape(old_places, words)
        rows_2d, mask = rows.reshape(places, words), places - 1
        for first, count in _runs(self._rings[kind], old_places):
            to = first & mask  # a run of the smaller ring never wraps in the larger
            rows_2d[to : to + count] = old[first & (old_places - 1) :][:count]
        self._rows[kind] = rows
        self._rings[kind, MASK] = places - 1

    def settle(self, now_ms: int) -> None:
        """Let go at once of every event that no window can hold from ``now_ms`` on.

        ``observe`` does so a few at a time; answers are the same either way.
        """
        kernels.settle(self.plan.program, self._keys, self._rings, now_ms)

    def save(self) -> dict[str, NDArray[np.int64]]:
        """The state as named arrays, for a snapshot: events held and their keys, nothing older.

        Key arrays are views: write them out before going on.
        """
        arrays = {
            "rings": self._rings[:, :ROWS].copy(),
            "keys": self._keys[:POOL],
            "pool": self._pool[: int(self._keys[RECORDS_TOP]) // 8],
            "slots": self._slots,
            "free": self._free,
        }
        for kind, rows in self._rows.items():
            ordinals = _ordinals(self._rings[kind])
            places = ordinals & int(self._rings[kind, MASK])
            arrays[f"rows_{kind}"] = rows.reshape(-1, self._words(kind))[places].reshape(-1)
        return arrays

    def restore(self, arrays: Mapping[str, NDArray[np.int64]]) -> None:
        """Take over the arrays of ``save``. Raises SnapshotError when they are of another plan."""
        expected = {"rings", "keys", "pool", "slots", "free", *(f"rows_{k}" for k in self._kinds)}
        fits = set(arrays) == expected and len(arrays["free"]) == len(self._free)
        fits = fits and all(
            len(arrays[f"rows_{k}"]) == len(_ordinals(arrays["rings"][k])) * self._words(k)
            for k in self._kinds
        )
        if not fits:
            raise SnapshotError(
                "the snapshot is of another state",
                expected=", ".join(sorted(expected)),
                found=", ".join(sorted(arrays)),
                hint="start without it: the log rebuilds the state",
            )
        self._rings[:, :ROWS] = arrays["rings"]
        self._keys[:POOL] = arrays["keys"]
        # The kernel writes where these lie: they must be whole words of ours to write.
        self._pool, self._slots, self._free = (
            np.require(arrays[name], np.int64, ("C", "W")) for name in ("pool", "slots", "free")
        )
        for kind in self._kinds:
            words, mask = self._words(kind), int(self._rings[kind, MASK])
            rows = np.zeros((mask + 1, words), np.int64)
            rows[_ordinals(self._rings[kind]) & mask] = arrays[f"rows_{kind}"].reshape(-1, words)
            self._rows[kind] = rows.reshape(-1)
        self._room = 0
        self._address()

    def _words(self, kind: int) -> int:
        return int(self._event_bytes[kind]) // 8


def _runs(ring: NDArray[np.int64], places: int) -> Iterator[tuple[int, int]]:
    """The ordinals held, as (first, count) of runs that stand together in a ring of ``places``."""
    first, held = int(ring[HEAD]), int(ring[TAIL] - ring[HEAD]) & ORDINALS
    while held:
        count = min(held, places - (first & (places - 1)))
        yield first, count
        first, held = (first + count) & ORDINALS, held - count


def _ordinals(ring: NDArray[np.int64]) -> NDArray[np.int64]:
    """The ordinals a ring holds, oldest first."""
    head, held = int(ring[HEAD]), int(ring[TAIL] - ring[HEAD]) & ORDINALS
    return np.arange(head, head + held) & ORDINALS


def _number_block(facts: Facts, names: tuple[str, ...]) -> NDArray[np.int64]:
    """Number columns as one block [columns, rows]."""
    block = np.empty((len(names), len(facts)), np.int64)
    for place, name in zip(block, names, strict=True):
        place[:] = facts.numbers.get(name, MISSING)
    return block


def _symbol_block(facts: Facts, names: tuple[str, ...]) -> NDArray[np.uint64]:
    """Symbol columns as one block [columns, rows, 2]."""
    block = np.empty((len(names), len(facts), 2), np.uint64)
    for place, name in zip(block, names, strict=True):
        place[:] = facts.symbols.get(name, 0)
    return block


def _doubled(size: int, needed: int) -> int:
    size = max(size, 1)  # the pool of a state without keys is saved as nothing
    while size < needed:
        size *= 2
    return size
