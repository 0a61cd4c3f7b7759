"""Known: what the policy's windows hold just before each entry.

In: batches of facts with their ``known_at``, in the order of the log. Out: the windows' answers for
the judged rows. The state is a function of the facts alone: how they were cut into batches, and when
old events were reaped, changes no answer. It can be saved and restored as named arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.errors import SnapshotError, StateFull
from arasha.events.columns import Facts
from arasha.features import kernels
from arasha.features.kernels import HEAD, KEYS_USED, MASK, ORDINALS, RECORDS_TOP, TAIL
from arasha.features.plan import KINDS, Plan

EVENTS_MAX: Final = 2**28
"""Most events of one kind held at once, unless the site states less."""

FIRST_PLACES: Final = 1024
"""Places of a ring and of the key table when a state begins; doubled as needed."""

LOAD_MAX: Final = 0.6
"""Largest share of the key table in use; beyond it the table doubles."""

ROWS_AT_ONCE: Final = 4096
"""Facts the kernel takes in one call: their answers stay in the cache for the rules."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What the windows answered: ``ints`` int64 and ``floats`` float64 are the same memory
    [windows, judged rows]; ``known`` uint8 of the same shape, 0 where missing."""

    ints: NDArray[np.int64]
    floats: NDArray[np.float64]
    known: NDArray[np.uint8]


class State:
    """The windows of one plan over one history."""

    def __init__(self, plan: Plan, *, events_max: int = EVENTS_MAX) -> None:
        self.plan = plan
        self._events_max = events_max
        rings = np.zeros((KINDS, 3), np.int64)
        used = plan.tables.kind_words[:, 0] > 0
        rings[:, MASK] = np.where(used, FIRST_PLACES - 1, 0)
        self._store = kernels.Store(
            rings,
            tuple(
                np.zeros(FIRST_PLACES * words if words else 2, np.int32)
                for words in plan.tables.kind_words[:, 0].tolist()
            ),
            np.zeros(2 * FIRST_PLACES, np.int32),
            np.zeros(FIRST_PLACES, np.int64),
            np.full(max(1, len(plan.tables.groups)), -1, np.int64),
            np.zeros(2, np.int64),
        )
        groups = plan.tables.groups
        first, to = plan.tables.kinds[:, 0], plan.tables.kinds[:, 1]
        self._groups_of_kind = (to - first).astype(np.int64)
        self._words_of_kind = np.array(
            [int(groups[a:b, 0].sum()) for a, b in zip(first, to, strict=True)], np.int64
        )

    @property
    def events_held(self) -> int:
        """Events in the rings, of all kinds."""
        rings = self._store.rings
        return int(((rings[:, TAIL] - rings[:, HEAD]) & ORDINALS).sum())

    @property
    def bytes_used(self) -> int:
        """Bytes of the rings' rows, the key records and the key table that are in use.

        Arrays grow by doubling; what was never written is not in memory.
        """
        rings = self._store.rings
        held = (rings[:, TAIL] - rings[:, HEAD]) & ORDINALS
        rows = int((held * self.plan.tables.kind_words[:, 0]).sum()) * 4
        return rows + int(self._store.counters[RECORDS_TOP]) * 8 + self._store.slots.nbytes

    def observe(
        self,
        facts: Facts,
        known_at: NDArray[np.int64],
        judged: NDArray[np.int64],
        passes: NDArray[np.uint8],
    ) -> Answers:
        """Answer the judged facts, each as of just before it, and add every fact.

        ``known_at`` int64[n], never decreasing from call to call; ``judged`` int64[n], the output
        row of each judged fact and -1 for the others; ``passes`` uint8[filters, n], 1 where a fact
        passes the plan's filter. Raises StateFull at the stated limit, before anything is added.
        """
        judged_rows = int((judged >= 0).sum())
        ints = np.empty((len(self.plan.windows), judged_rows), np.int64)
        answers = Answers(ints, ints.view(np.float64), np.empty(ints.shape, np.uint8))
        self._make_room(facts.kinds)
        kernels.observe(
            self.plan.tables,
            self._store,
            kernels.Batch(
                facts.kinds,
                known_at,
                judged,
                stack([facts.number(name) for name in self.plan.numbers], len(facts)),
                stack_symbols([facts.symbol(name) for name in self.plan.symbols], len(facts)),
                passes,
            ),
            answers.ints,
            answers.floats,
            answers.known,
        )
        return answers

    def _make_room(self, kinds: NDArray[np.uint8]) -> None:
        """Grow what the batch could fill. Kernels never allocate."""
        coming = np.bincount(kinds, minlength=KINDS)[:KINDS]
        coming = np.where(self.plan.tables.kind_words[:, 0] > 0, coming, 0)
        store = self._store
        for kind in np.flatnonzero(coming).tolist():
            held = int((store.rings[kind, TAIL] - store.rings[kind, HEAD]) & ORDINALS)
            needed = held + int(coming[kind])
            if needed > int(store.rings[kind, MASK]) + 1:
                self._grow_ring(kind, needed)
        keys = int(store.counters[KEYS_USED]) + int((coming * self._groups_of_kind).sum())
        if keys > LOAD_MAX * len(store.slots):
            self._grow_slots(keys)
        words = 2 * int(store.counters[RECORDS_TOP]) + int((coming * self._words_of_kind).sum())
        if words > len(store.pool):
            pool = np.zeros(_doubled(len(store.pool), words), np.int32)
            pool[: len(store.pool)] = store.pool
            self._store = store._replace(pool=pool)

    def _grow_ring(self, kind: int, needed: int) -> None:
        store = self._store
        if needed > self._events_max:
            raise StateFull(
                "the state is full",
                expected=f"at most {self._events_max:,} events of one kind in the windows",
                found=f"{needed:,}",
                hint="shorten the widest window of the policy, or raise the limit",
            )
        words = int(self.plan.tables.kind_words[kind, 0])
        old_places = int(store.rings[kind, MASK]) + 1
        places = _doubled(old_places, needed)
        ring = np.zeros(places * words, np.int32).reshape(places, words)
        old = store.events[kind].reshape(old_places, words)
        head, tail = int(store.rings[kind, HEAD]), int(store.rings[kind, TAIL])
        for start in range(head, head + ((tail - head) & ORDINALS), old_places):
            stop = min(start + old_places, head + ((tail - head) & ORDINALS))
            ordinals = np.arange(start, stop) & ORDINALS
            ring[ordinals & (places - 1)] = old[ordinals & (old_places - 1)]
        events = list(store.events)
        events[kind] = ring.reshape(-1)
        store.rings[kind, MASK] = places - 1
        self._store = store._replace(events=tuple(events))

    def _grow_slots(self, keys: int) -> None:
        slots = np.zeros(_doubled(len(self._store.slots), int(keys / LOAD_MAX) + 1), np.int64)
        kernels.rehash(self._store.slots, slots)
        self._store = self._store._replace(slots=slots)

    def save(self) -> dict[str, NDArray[np.int32] | NDArray[np.int64]]:
        """The state as named arrays, for a snapshot. They are views: copy before going on."""
        store = self._store
        arrays: dict[str, NDArray[np.int32] | NDArray[np.int64]] = {
            "rings": store.rings,
            "pool": store.pool[: 2 * int(store.counters[RECORDS_TOP])],
            "slots": store.slots,
            "free": store.free,
            "counters": store.counters,
        }
        for kind in np.flatnonzero(self.plan.tables.kind_words[:, 0]).tolist():
            arrays[f"events_{kind}"] = store.events[kind]
        return arrays

    def restore(self, arrays: dict[str, NDArray[np.int32] | NDArray[np.int64]]) -> None:
        """Take over the arrays of ``save``. Raises SnapshotError when they are of another plan."""
        expected = set(self.save())
        if set(arrays) != expected or len(arrays["free"]) != len(self._store.free):
            raise SnapshotError(
                "the snapshot is of another state",
                expected=", ".join(sorted(expected)),
                found=", ".join(sorted(arrays)),
                hint="start without it: the log rebuilds the state",
            )
        events = [
            np.asarray(arrays.get(f"events_{kind}", self._store.events[kind]), np.int32)
            for kind in range(KINDS)
        ]
        self._store = kernels.Store(
            np.asarray(arrays["rings"], np.int64),
            tuple(events),
            np.asarray(arrays["pool"], np.int32),
            np.asarray(arrays["slots"], np.int64),
            np.asarray(arrays["free"], np.int64),
            np.asarray(arrays["counters"], np.int64),
        )


def stack(columns: list[NDArray[np.int64]], rows: int) -> NDArray[np.int64]:
    """Number columns as one block [columns, rows]."""
    block = np.empty((len(columns), rows), np.int64)
    for place, column in zip(block, columns, strict=True):
        place[:] = column
    return block


def stack_symbols(columns: list[NDArray[np.uint64]], rows: int) -> NDArray[np.uint64]:
    """Symbol columns as one block [columns, rows, 2]."""
    block = np.empty((len(columns), rows, 2), np.uint64)
    for place, column in zip(block, columns, strict=True):
        place[:] = column
    return block


def _doubled(size: int, needed: int) -> int:
    while size < needed:
        size *= 2
    return size
