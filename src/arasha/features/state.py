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
from arasha.events.reserve import GRAIN_WORDS, Reserve, zeros
from arasha.events.schema import MISSING
from arasha.features import kernels
from arasha.features.kernels import HEAD, MASK, ORDINALS, ROWS, TAIL
from arasha.features.plan import KINDS, Plan
from arasha.features.records import (
    FREE,
    KEY_WORDS,
    KEYS_USED,
    MOVED,
    NONE,
    OLD_MASK,
    OLD_SLOTS,
    POOL,
    RECORDS_TOP,
    SCRATCH,
    SLOT_MASK,
    SLOTS,
    move_slots,
)
from arasha.features.registers import Registers as Answers
from arasha.features.walks import SCRATCH_WORDS

EVENTS_MAX: Final = 2**28
"""Most events of one kind held at once, unless the site states less."""

POOL_WORDS: Final = 2**32 - 2
"""Words of key records at most: a record's place has 32 bits in the key table and in events."""

LEAST_WORDS: Final = 2**20
"""Words that a ring and the pool must be able to have, where the system lends few addresses."""

FIRST_SLOTS: Final = 1024
"""Slots of the key table when a state begins; doubled as needed."""

LOAD_MAX: Final = 0.75
"""Largest share of the key table in use; beyond it the table doubles."""

MOVED_A_FACT: Final = 64
"""Slots of a key table that was doubled that move into the new one with each fact: no fact waits
for all of them."""

LOOK_EVERY: Final = 1 << 14
"""Facts after which it is looked what memory can be given back, at the latest."""


class State:
    """The windows of one plan over one history."""

    def __init__(self, plan: Plan, *, events_max: int = EVENTS_MAX) -> None:
        self.plan = plan
        self._events_max = events_max
        self._event_bytes = plan.event_bytes.copy()
        kept = self._event_bytes > 0
        self._rings = np.zeros((KINDS, 4), np.int64)
        self._kinds = np.flatnonzero(kept).tolist()
        places = _doubled(1, events_max)
        self._rows = {
            kind: Reserve(places * self._words(kind), LEAST_WORDS) for kind in self._kinds
        }
        for kind, rows in self._rows.items():
            self._rings[kind, MASK] = _halved(places, len(rows.words) // self._words(kind)) - 1
        self._let_go = self._rings[:, HEAD].copy()
        self._pool = Reserve(POOL_WORDS, LEAST_WORDS)
        self._slots = np.zeros(FIRST_SLOTS, np.int64)
        self._old_slots = np.zeros(0, np.int64)
        self._free = np.full(max(1, plan.groups), NONE, np.int64)
        self._scratch = np.zeros(SCRATCH_WORDS, np.int64)  # of walks; says nothing between them
        self._keys = np.zeros(KEY_WORDS, np.int64)
        self._room = 0
        self._address()

    def _address(self) -> None:
        """Tell the kernel where the arrays are; to be called whenever one was replaced."""
        self._keys[POOL] = self._pool.words.ctypes.data
        self._keys[SLOTS] = self._slots.ctypes.data
        self._keys[SLOT_MASK] = len(self._slots) - 1
        self._keys[OLD_SLOTS] = self._old_slots.ctypes.data
        self._keys[OLD_MASK] = len(self._old_slots) - 1
        self._keys[FREE] = self._free.ctypes.data
        self._keys[SCRATCH] = self._scratch.ctypes.data
        for kind, rows in self._rows.items():
            self._rings[kind, ROWS] = rows.words.ctypes.data

    @property
    def events_held(self) -> int:
        """Events in the rings, of all kinds."""
        return int(((self._rings[:, TAIL] - self._rings[:, HEAD]) & ORDINALS).sum())

    @property
    def bytes_used(self) -> int:
        """Bytes of the rings' rows, the key records and the key table that are in use.

        What was never written, or was let go, is not in memory.
        """
        held = (self._rings[:, TAIL] - self._rings[:, HEAD]) & ORDINALS
        rows = int((held * self._event_bytes).sum())
        slots = self._slots.nbytes + self._old_slots.nbytes
        return rows + int(self._keys[RECORDS_TOP]) + slots

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
        if len(self._old_slots):
            self._move_slots(MOVED_A_FACT * len(kinds))
        if len(kinds) <= self._room:
            self._room -= len(kinds)
            return
        coming = np.bincount(kinds, minlength=KINDS)
        held = (self._rings[:, TAIL] - self._rings[:, HEAD]) & ORDINALS
        needed: list[int] = (held + coming).tolist()
        for kind in self._kinds:
            self._refuse_beyond_limit(needed[kind], min(self._events_max, self._places(kind)))
        words = (int(self._keys[RECORDS_TOP]) + int(coming @ self.plan.record_bytes_of_kind)) // 8
        if words > len(self._pool.words):
            raise _full("bytes of key records", f"{len(self._pool.words) * 8:,}", f"{words * 8:,}")
        keys = int(self._keys[KEYS_USED]) + int(coming @ self.plan.keys_of_kind)
        if keys > LOAD_MAX * len(self._slots):
            self._move_slots(len(self._old_slots))
            self._old_slots, self._keys[MOVED] = self._slots, 0
            needed_slots = _doubled(len(self._slots), int(keys / LOAD_MAX) + 1)
            self._slots = zeros(needed_slots)
            self._address()
            self._move_slots(MOVED_A_FACT * len(kinds))
        self._give_back()
        self._room = self._room_for(needed) - len(kinds)

    def _room_for(self, needed: list[int]) -> int:
        """Facts, of whatever kinds, that surely fit after those needed, without looking again."""
        places = [min(self._events_max, self._places(kind)) - needed[kind] for kind in self._kinds]
        keys = int(LOAD_MAX * len(self._slots)) - int(self._keys[KEYS_USED])
        words = len(self._pool.words) - int(self._keys[RECORDS_TOP]) // 8
        most_keys = max(1, int(self.plan.keys_of_kind.max()))
        most_words = max(1, int(self.plan.record_bytes_of_kind.max()) // 8)
        room = min([*places, keys // most_keys, words // most_words, LOOK_EVERY])
        return max(0, room)

    def _places(self, kind: int) -> int:
        return int(self._rings[kind, MASK]) + 1

    def _refuse_beyond_limit(self, needed: int, limit: int) -> None:
        if needed > limit:
            raise _full("events of one kind in the windows", f"{limit:,}", f"{needed:,}")

    def _move_slots(self, count: int) -> None:
        """Move so many slots of the key table that was doubled, or all that are left."""
        if len(self._old_slots) and move_slots(self._keys, count):
            self._old_slots = np.zeros(0, np.int64)
            self._address()

    def _give_back(self) -> None:
        """Give back the memory of events that were let go."""
        for kind, rows in self._rows.items():
            head, tail = int(self._rings[kind, HEAD]), int(self._rings[kind, TAIL])
            words, places = self._words(kind), self._places(kind)
            # Where the newest events come round again, and in their page, nothing is given back.
            free = places - ((tail - head) & ORDINALS) - GRAIN_WORDS // words - 1
            behind = min((head - int(self._let_go[kind])) & ORDINALS, free)
            if behind * words >= GRAIN_WORDS:
                for first, count in _runs((head - behind) & ORDINALS, behind, places):
                    start = first & (places - 1)
                    rows.give_back(start * words, (start + count) * words)
                self._let_go[kind] = head

    def settle(self, now_ms: int) -> None:
        """Let go at once of every event that no window can hold from ``now_ms`` on.

        ``observe`` does so a few at a time; answers are the same either way.
        """
        kernels.settle(self.plan.program, self._keys, self._rings, now_ms)

    def save(self) -> dict[str, NDArray[np.int64]]:
        """The state as named arrays, for a snapshot: events held and their keys, nothing older.

        Key arrays are views: write them out before going on.
        """
        self._move_slots(len(self._old_slots))
        arrays = {
            "rings": self._rings[:, :ROWS].copy(),
            "keys": self._keys[:POOL],
            "pool": self._pool.words[: int(self._keys[RECORDS_TOP]) // 8],
            "slots": self._slots,
            "free": self._free,
        }
        for kind, rows in self._rows.items():
            ordinals = _ordinals(self._rings[kind])
            places = ordinals & int(self._rings[kind, MASK])
            arrays[f"rows_{kind}"] = self._by_place(kind, rows)[places].reshape(-1)
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
        self._rings[:, :MASK] = arrays["rings"][:, :MASK]  # how many places there are, we say
        self._let_go = self._rings[:, HEAD].copy()
        self._keys[:POOL] = arrays["keys"]
        # The kernel writes where these lie: they must be whole words of ours to write.
        self._slots, self._free = (
            np.require(arrays[name], np.int64, ("C", "W")) for name in ("slots", "free")
        )
        self._old_slots = np.zeros(0, np.int64)
        self._pool.words[: len(arrays["pool"])] = arrays["pool"]
        for kind, rows in self._rows.items():
            places = _ordinals(self._rings[kind]) & int(self._rings[kind, MASK])
            rows_2d = self._by_place(kind, rows)
            rows_2d[places] = arrays[f"rows_{kind}"].reshape(-1, self._words(kind))
        self._room = 0
        self._address()

    def _words(self, kind: int) -> int:
        return int(self._event_bytes[kind]) // 8

    def _by_place(self, kind: int, rows: Reserve) -> NDArray[np.int64]:
        words, places = self._words(kind), self._places(kind)
        return rows.words[: places * words].reshape(places, words)


def _runs(first: int, held: int, places: int) -> Iterator[tuple[int, int]]:
    """So many ordinals from the first, as (first, count) of runs that stand together in a ring."""
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
    while size < needed:
        size *= 2
    return size


def _halved(size: int, most: int) -> int:
    while size > most:
        size //= 2
    return size


def _full(of_what: str, most: str, found: str) -> StateFull:
    return StateFull(
        "the state is full",
        expected=f"at most {most} {of_what}",
        found=found,
        hint="shorten the widest window of the policy, or raise the limit",
    )
