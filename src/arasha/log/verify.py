"""Is the log what was written? Recomputes every leaf and root and names the first bad entry.

Where on the path: beside *kept*; the operators' tool and the fault tests' oracle. In: a log
directory, which may be in use. Out: a Verdict. It needs no key to check headers, ciphertexts, order
and roots, so it holds for retired periods too; where a key still exists it also decrypts, which is
what catches a frame that was rewritten with leaves and roots to match.

What it cannot see: an older copy of the whole directory put in place of a newer one. For that, note
``size`` and ``root`` somewhere else and give them back as ``noted``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.errors import KeyDestroyed, LogBusy, LogDamaged, LogError, LogVersionError
from arasha.events.schema import MISSING
from arasha.log import driver
from arasha.log.driver import Driver, Head
from arasha.log.frames import (
    HEADER_BYTES,
    HEADER_VERSION,
    NONCE_BYTES,
    TAG_BYTES,
    Stored,
    leaf_hashes,
    opened,
)
from arasha.log.keys import FIRST_ACT_KIND, KeyStore, Retention
from arasha.log.merkle import HASH_BYTES, Frontier


class Damage(StrEnum):
    """What was done to the first bad entry."""

    CHANGED = "changed"
    REMOVED = "removed"
    REORDERED = "reordered"
    ADDED = "added"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verify found.

    ``size`` entries are sound, counted from the first, and ``root`` is the Merkle root over them.
    When not ``ok``, ``seq`` is the first bad entry, ``damage`` what happened to it, and
    ``sentence`` says it plainly. ``closed`` entries were checked without a key.
    """

    ok: bool
    size: int
    root: bytes
    sentence: str
    seq: int | None = None
    damage: Damage | None = None
    closed: int = 0


Progress = Callable[[int, int], None]
"""Called with the entries checked so far and the entries there should be."""


def verify(
    directory: Path | str,
    *,
    on_progress: Progress | None = None,
    noted: tuple[int, bytes] | None = None,
    vfs: str | None = None,
) -> Verdict:
    """Check the whole log from its first entry to its head; ``noted`` is an earlier size and root.

    Raises LogError where there is no log, LogVersionError for another version, LogBusy; whatever
    is wrong inside a log is in the verdict.
    """
    check = _Check(KeyStore(Path(directory)), noted)
    try:
        store = driver.open_driver(Path(directory), writable=False, vfs=vfs)
    except LogDamaged as error:
        return check.cannot_read(error)
    try:
        check.run(store, on_progress)
    except _Found as found:
        return check.bad(_if_elsewhere(store, found))
    except (LogVersionError, LogBusy):
        raise
    except LogError as error:
        return check.cannot_read(error)
    finally:
        store.close()
    size = check.frontier.size
    return Verdict(
        ok=True, size=size, root=check.frontier.root(), closed=check.closed,
        sentence=f"all {size} entries are as they were written",
    )  # fmt: skip


class _Found(Exception):
    """The first bad entry."""

    def __init__(self, seq: int, damage: Damage, why: str) -> None:
        super().__init__(why)
        self.seq, self.damage = seq, damage


@dataclass(slots=True)
class _Check:
    """One run over the log: the tree of the frames found sound so far."""

    keys: KeyStore
    noted: tuple[int, bytes] | None
    frontier: Frontier = field(default_factory=Frontier)
    known_at: int = MISSING
    closed: int = 0
    leaves: bytes = b""  # those found sound in the frame at hand
    months: dict[tuple[Retention, int], int] = field(default_factory=dict)  # first seq of each

    def run(self, store: Driver, on_progress: Progress | None) -> None:
        head = _head_or_none(store)
        size = None if head is None else head.frontier.size
        row = MISSING
        while size is None or self.frontier.size < size:
            stored = store.frame_from(row)
            if stored is None:
                break
            row = stored.first_seq + 1
            self._frame(stored)
            if on_progress is not None:
                on_progress(self.frontier.size, size or self.frontier.size)
        if head is None:
            raise _Found(self.frontier.size, Damage.UNREADABLE, "the head is damaged")
        self._against_head(head, store, row)
        self._against_months(store)

    def bad(self, found: _Found) -> Verdict:
        sound = max(0, found.seq - self.frontier.size)
        frontier = self.frontier.extended(self.leaves[: HASH_BYTES * sound])
        return Verdict(
            ok=False, size=frontier.size, root=frontier.root(), seq=found.seq,
            damage=found.damage, closed=self.closed,
            sentence=f"entry {found.seq} was {found.damage}: {found}",
        )  # fmt: skip

    def cannot_read(self, error: LogError) -> Verdict:
        at = self.frontier.size
        why = error.what if error.found is None else f"{error.what} ({error.found})"
        return Verdict(
            ok=False, size=at, root=self.frontier.root(), seq=at, damage=Damage.UNREADABLE,
            closed=self.closed, sentence=f"entry {at} and what follows cannot be read: {why}",
        )  # fmt: skip

    def _frame(self, stored: Stored) -> None:
        """Check one row of the table, the tree being that of all before it."""
        at = self.frontier.size
        rows = stored.header_rows()
        _check_place(stored, at)
        computed = _leaves_of(stored, rows)
        wrong_leaf = _first_difference(computed, stored.leaves)
        wrong_seq = _first_true(rows["seq"] != np.arange(at, at + len(rows), dtype=np.uint64))
        self.leaves = computed[: HASH_BYTES * min(wrong_leaf, wrong_seq)]
        if wrong_seq <= wrong_leaf and wrong_seq < len(rows):
            raise _misplaced(rows["seq"].astype(np.int64), wrong_seq, at, wrong_leaf)
        if wrong_leaf < len(rows):
            raise _mismatched(computed, stored.leaves, wrong_leaf, at)
        _check_counts(stored, rows, at)
        self._check_fields(stored, rows, at)
        for retention in Retention:
            self._check_class(stored, rows, retention, at)
        self._check_tree(stored, at)

    def _check_fields(self, stored: Stored, rows: NDArray[np.void], at: int) -> None:
        times = np.concatenate([[self.known_at], rows["known_at"]])
        for wrong, why in (
            (times[1:] < times[:-1], "its time is before that of the entry before it"),
            (rows["period"] != stored.period, "its month is not its frame's"),
            (rows["class"] != (rows["kind"] >= FIRST_ACT_KIND), "its class is not its kind's"),
            (rows["version"] != HEADER_VERSION, "its header is of another version"),
            (rows["zero"] != 0, "its header holds what no header holds"),
        ):
            if wrong.any():
                raise _Found(at + _first_true(wrong), Damage.CHANGED, why)
        self.known_at = int(times[-1])

    def _check_class(
        self, stored: Stored, rows: NDArray[np.void], retention: Retention, at: int
    ) -> None:
        """The class's ciphertext is as long as its headers say and, with a key, authentic."""
        mine = np.flatnonzero(rows["class"] == retention)
        sealed = stored.sealed(retention)
        if len(mine) == 0:
            if sealed is not None:
                raise _Found(at, Damage.CHANGED, f"its frame holds {retention.word} of no entry")
            return
        self.months.setdefault((retention, stored.period), at)
        length = int(rows["length"][mine].sum()) + NONCE_BYTES + TAG_BYTES
        if sealed is None or len(sealed) != length:
            why = f"the {retention.word} of its frame are not as long as their headers say"
            raise _Found(at + int(mine[-1]), Damage.CHANGED, why)
        try:
            opened(stored, retention, self.keys.cipher)
        except KeyDestroyed:
            self.closed += len(mine)
        except LogDamaged as error:
            why = f"the {retention.word} of its frame are not authentic ({error.found})"
            raise _Found(at + int(mine[0]), Damage.CHANGED, why) from None

    def _check_tree(self, stored: Stored, at: int) -> None:
        if self.noted is not None and at < self.noted[0] <= at + stored.count:
            part = self.frontier.extended(self.leaves[: HASH_BYTES * (self.noted[0] - at)])
            if part.root() != self.noted[1]:
                raise _Found(0, Damage.CHANGED, _REWRITTEN)
        after = self.frontier.extended(self.leaves)
        if after.root() != stored.root:
            raise _Found(at, Damage.CHANGED, "the root kept with its frame is another")
        if stored.expected_seal() != stored.seal:
            raise _Found(at, Damage.CHANGED, "the seal of its frame is another")
        self.frontier, self.leaves = after, b""

    def _against_head(self, head: Head, store: Driver, row: int) -> None:
        at, size = self.frontier.size, head.frontier.size
        if at < size:
            raise _Found(at, Damage.REMOVED, f"the log ends, its head says {size} entries")
        if at > size or (store.frame_from(row) is not None and store.head() == head):
            raise _Found(size, Damage.ADDED, f"the head says {size} entries")
        if self.frontier != head.frontier:
            raise _Found(0, Damage.CHANGED, "the root in the head is not that of the entries")
        if self.known_at != head.last_known_at_ms:
            why = "the time in the head is not the last entry's"
            raise _Found(max(0, size - 1), Damage.CHANGED, why)
        if self.noted is not None and self.noted[0] > size:
            raise _Found(size, Damage.REMOVED, f"{self.noted[0]} entries had been noted")

    def _against_months(self, store: Driver) -> None:
        """The table of months, by which keys are destroyed, says what the entries say."""
        said = {(row.retention, row.period): row.first_seq for row in store.periods()}
        for month, first_seq in self.months.items():
            if said.pop(month, None) != first_seq:
                raise _Found(first_seq, Damage.CHANGED, "the table of months does not begin at it")
        if any(first_seq < self.frontier.size for first_seq in said.values()):
            why = "the table of months has one without entries"
            raise _Found(min(said.values()), Damage.CHANGED, why)


_REWRITTEN: Final = "the log was rewritten: its root is not the one noted"


def _head_or_none(store: Driver) -> Head | None:
    try:
        return store.head()
    except LogDamaged:
        store.spoilt = None  # the frames may tell more
        return None


def _if_elsewhere(store: Driver, found: _Found) -> _Found:
    """An entry that seems removed was reordered if it stands in another frame."""
    row: int | None = MISSING if found.damage is Damage.REMOVED else None
    try:
        while row is not None and (stored := store.frame_from(row)) is not None:
            if (stored.header_rows()["seq"] == found.seq).any():
                why = f"it stands in the frame of {stored.first_seq}"
                return _Found(found.seq, Damage.REORDERED, why)
            row = stored.first_seq + 1
    except LogError:
        pass  # what cannot be read does not make the finding wrong
    return found


def _check_place(stored: Stored, at: int) -> None:
    first = stored.first_seq
    if first < at:
        raise _Found(at, Damage.REORDERED, f"in its place stand entries from {first} on, again")
    if first > at:
        raise _Found(at, Damage.REMOVED, f"the next one kept is {first}")


def _leaves_of(stored: Stored, rows: NDArray[np.void]) -> bytes:
    """The leaves as headers and ciphertexts give them; fewer where the ciphertext runs out."""
    lengths = rows["length"].astype(np.int64)
    room = len(stored.facts or b"") + len(stored.acts or b"")
    fitting = _first_true(np.cumsum(lengths) > room)
    rows, lengths = rows[:fitting], lengths[:fitting]
    acts = rows["class"] == Retention.ACTS
    return leaf_hashes(rows.tobytes(), lengths, acts, stored.facts, stored.acts)


def _misplaced(seqs: NDArray[np.int64], i: int, at: int, wrong_leaf: int) -> _Found:
    """What a header with the wrong seq at row ``i`` means."""
    seq, found = at + i, int(seqs[i])
    goes_on = i + 1 < len(seqs) and seqs[i + 1] == found + 1
    if seq in seqs or (found < seq and wrong_leaf > i):
        return _Found(seq, Damage.REORDERED, f"in its place stands {found}")
    if found > seq and (wrong_leaf > i or goes_on):
        return _Found(seq, Damage.REMOVED, f"in its place stands {found}")
    return _Found(seq, Damage.CHANGED, f"its header says it is {found}")


def _mismatched(computed: bytes, kept: bytes, i: int, at: int) -> _Found:
    """What a leaf that its header and ciphertext do not give at row ``i`` means."""
    leaf = _leaf(computed, i)
    elsewhere = {kept[k : k + HASH_BYTES] for k in range(0, len(kept), HASH_BYTES)}
    if leaf and leaf in elsewhere:
        return _Found(at + i, Damage.REORDERED, "its leaf stands elsewhere in its frame")
    return _Found(at + i, Damage.CHANGED, "its header and ciphertext do not give its leaf")


def _check_counts(stored: Stored, rows: NDArray[np.void], at: int) -> None:
    n, facts = len(rows), int((rows["class"] == Retention.FACTS).sum())
    if n < stored.count:
        raise _Found(at + n, Damage.REMOVED, f"its frame says {stored.count} entries, has {n}")
    whole = (len(stored.headers), len(stored.leaves)) == (HEADER_BYTES * n, HASH_BYTES * n)
    if n > stored.count or n == 0 or not whole or facts != stored.facts_count:
        why = f"its frame says {stored.count} entries, {stored.facts_count} facts"
        raise _Found(at + max(0, min(n, stored.count)), Damage.CHANGED, f"{why}; has {n}, {facts}")


def _first_true(marks: NDArray[np.bool_]) -> int:
    """The first row where it is so, or their number."""
    return int(np.argmax(marks)) if marks.any() else len(marks)


def _first_difference(computed: bytes, kept: bytes) -> int:
    """The first leaf that ``kept`` has not in its place, or the number of computed ones."""
    whole = len(computed) // HASH_BYTES
    for i in range(whole if computed != kept else 0):
        if _leaf(computed, i) != _leaf(kept, i):
            return i
    return whole


def _leaf(leaves: bytes, i: int) -> bytes:
    return leaves[HASH_BYTES * i : HASH_BYTES * (i + 1)]
