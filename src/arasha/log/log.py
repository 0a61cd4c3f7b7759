"""The event log: what happened gets its place and time here, once, and is kept.

Where on the path: *kept* and, with the decision, *decided*. In: facts to admit, then batches of
entries. Out: ``seq`` of each, durable; the entries again, in order; the Merkle root over them.

    with Log.create(directory) as log:
        admission = log.admit(facts)              # which are new, which were asked before
        first_seq = log.append(entries)           # one commit; durable when it returns

Order: ``seq`` is dense from 0, ``known_at`` never falls. One process appends; one thread at a time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

import numpy as np
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from numpy.typing import NDArray

from arasha.errors import (
    KeyDestroyed,
    LogBusy,
    LogDamaged,
    LogError,
    LogFull,
    Place,
)
from arasha.events.body import Bodies, concatenate_bodies, pack_facts, sender_and_id
from arasha.events.columns import Facts
from arasha.events.reference import digest16, digests, digests_of
from arasha.events.symbols import symbols_of
from arasha.events.uniqueness import Uniqueness
from arasha.log import driver, merkle, snapshots
from arasha.log.driver import CHECKPOINT_BYTES, Head, PeriodRow
from arasha.log.frames import (
    HEADER,
    HEADER_BYTES,
    Frame,
    Sealed,
    Stored,
    cuts,
    open_frame,
    opened,
    seal,
    sealed_entry,
)
from arasha.log.keys import FIRST_ACT_KIND, KeyStore, Retention, Shared

Missing = Literal["raise", "skip"]

_READ_ENTRIES: Final = 4096  # small frames are read together until they hold this many
_CACHED_FRAMES: Final = 8  # decrypted frames kept for comparing repeated facts


@dataclass(frozen=True, slots=True)
class Admission:
    """What the log says to a batch of facts, before anything is written; all arrays have n rows.

    ``fresh`` bool: this fact is new and the first of its name in the batch. Otherwise ``first_seq``
    int64 is the earlier entry's place, or ``first_row`` int64 the earlier row of this batch (-1
    where not so), and ``conflict`` bool says that the earlier one had other content. ``digests``
    uint64[n, 2] go into ``Entries``.
    """

    fresh: NDArray[np.bool_]
    first_seq: NDArray[np.int64]
    first_row: NDArray[np.int64]
    conflict: NDArray[np.bool_]
    digests: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Entries:
    """n entries to append: ``kinds`` uint8, ``known_at`` int64 ms, ``digests`` uint64[n, 2].

    Digests are those of events/reference.py for facts and zero for decisions and acts.
    """

    kinds: NDArray[np.uint8]
    known_at: NDArray[np.int64]
    bodies: Bodies
    digests: NDArray[np.uint64]

    def __post_init__(self) -> None:
        n = len(self.kinds)
        assert len(self.known_at) == len(self.bodies) == n
        assert self.digests.shape == (n, 2)

    def __len__(self) -> int:
        return len(self.kinds)


class Log:
    """An open log. ``Log.create`` and ``Log.open`` make one; use it as a context manager."""

    def __init__(
        self,
        directory: Path,
        *,
        writable: bool,
        vfs: str | None = None,
        checkpoint_bytes: int = CHECKPOINT_BYTES,
        shared: Shared | None = None,
        following: bool = False,
    ) -> None:
        """Use ``Log.open``, or ``Log.follow``."""
        self.directory = directory
        self.writable = writable
        self._keys = KeyStore(directory, shared)
        self._store = driver.open_driver(
            directory, writable=writable, vfs=vfs, checkpoint_bytes=checkpoint_bytes
        )
        try:
            self._head = self._store.head()
            self._known = {(row.retention, row.period): row for row in self._store.periods()}
            self._unique: Uniqueness | None = None
            self._recent: dict[int, Frame] = {}
            self._refuse_lost_tail()
            if writable or following:
                self._finish_retirements()
                self._unique = self._rebuilt()
                self._learnt = self.size  # of a follower: names up to here are in the index
        except BaseException:
            self._store.close()
            raise

    @staticmethod
    def create(
        directory: Path | str, *, created_at_ms: int | None = None, vfs: str | None = None,
        shared: Shared | None = None,
    ) -> Log:  # fmt: skip
        """Make an empty log and open it. Raises LogError where there is one, LogFull, LogBusy."""
        now = time.time_ns() // 1_000_000 if created_at_ms is None else created_at_ms
        driver.create(Path(directory), now)
        return Log.open(directory, vfs=vfs, shared=shared)

    @staticmethod
    def open(
        directory: Path | str,
        *,
        writable: bool = True,
        vfs: str | None = None,
        checkpoint_bytes: int = CHECKPOINT_BYTES,
        shared: Shared | None = None,
    ) -> Log:
        """Open a log; a writable one first reads all facts, to know what was asked already.

        ``vfs`` names one of SQLite's file layers (for fault tests); ``checkpoint_bytes`` of
        write-ahead log are let grow before they are copied into the file; ``shared`` is where the
        machines of a shared log have their keys from. Raises LogError where there is no log,
        LogVersionError, LogBusy, LogDamaged, KeyDestroyed when a key that was not retired is
        missing.
        """
        return Log(
            Path(directory), writable=writable, vfs=vfs, checkpoint_bytes=checkpoint_bytes,
            shared=shared,
        )  # fmt: skip

    @staticmethod
    def follow(directory: Path | str, *, shared: Shared | None = None) -> Log:
        """Open a log that another process writes, ready to take its place: see `promote`.

        As for writing all facts are read; `refresh` reads on. Raises as `open`.
        """
        return Log(Path(directory), writable=False, shared=shared, following=True)

    def close(self) -> None:
        """Close the file and let go of the lock; nothing that was appended depends on it."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    @property
    def spoilt(self) -> bool:
        """Whether the disk failed under it: nothing more is read or kept through this one."""
        return self._store.spoilt is not None

    @property
    def size(self) -> int:
        """Number of entries: the seq the next one gets."""
        return self._head.frontier.size

    @property
    def last_known_at_ms(self) -> int:
        """Time of the last entry; ``MISSING``, below every time, in an empty log."""
        return self._head.last_known_at_ms

    def root(self, size: int | None = None) -> bytes:
        """The Merkle root, 32 bytes, of the first ``size`` entries (default: of all)."""
        if size is None or size == self.size:
            return self._head.frontier.root()
        assert 0 <= size < self.size
        frontier = merkle.Frontier()
        for start in range(0, size, 1 << 16):
            stop = min(size, start + (1 << 16))
            frontier = frontier.extended(self._store.leaves(start, stop))
        return frontier.root()

    def leaf(self, seq: int) -> bytes:
        """The leaf hash of that entry."""
        assert 0 <= seq < self.size
        return self._store.leaves(seq, seq + 1)

    def leaves(self, start: int, stop: int) -> bytes:
        """The leaf hashes of entries ``start`` up to ``stop``, end to end."""
        return self._store.leaves(start, stop)

    def sealed_entry(self, seq: int) -> Sealed:
        """The entry as the tree knows it, without a key. Raises LogDamaged if it is another."""
        assert 0 <= seq < self.size
        entry = sealed_entry(self._stored_holding(seq), seq)
        if entry.leaf != self.leaf(seq):
            raise LogDamaged(
                f"entry {seq} is not what its leaf says", where=Place(self._store.where),
                hint="arasha log verify DIR names the first entry that was changed",
            )  # fmt: skip
        return entry

    def inclusion_proof(self, seq: int, size: int | None = None) -> tuple[bytes, ...]:
        """Proof that entry ``seq`` is in ``root(size)``; see merkle.check_inclusion."""
        return merkle.inclusion_proof(self._store.leaves, seq, self.size if size is None else size)

    def consistency_proof(self, old: int, new: int | None = None) -> tuple[bytes, ...]:
        """Proof that ``root(new)`` only adds to ``root(old)``; see merkle.check_consistency."""
        return merkle.consistency_proof(self._store.leaves, old, self.size if new is None else new)

    def kept(self, name: str) -> bytes | None:
        """What is kept beside the entries under that name; None where nothing is."""
        return self._store.kept(name)

    def keep(self, name: str, value: bytes, *, instead_of: bytes | None) -> None:
        """Keep a small value beside the entries, durably, in place of the one that was read.

        Raises LogTaken when it is another by now or another writer has taken over; LogFull,
        LogError.
        """
        self._refuse_reader()
        self._store.keep(name, value, instead_of=instead_of)

    def progress(self) -> bytes | None:
        """What the last append that gave a ``progress`` noted."""
        return self._store.progress()

    def periods(self) -> list[PeriodRow]:
        """Every month of every class, in order of first entry."""
        return self._store.periods()

    def month_of_facts(self, before_seq: int) -> int | None:
        """The last month with readable facts that begin before that entry; None without any. Later
        ones may hold nothing but acts.
        """
        months = [
            row.period
            for row in self.periods()
            if row.retention is Retention.FACTS and not row.retired and row.first_seq < before_seq
        ]
        return max(months, default=None)

    def month_counts(self) -> list[tuple[int, int, int, int]]:
        """Per month: period, first seq, seq after the last, facts among them."""
        return self._store.counts()

    def places(self, kind: int) -> list[int]:
        """The seq of every entry of that kind, in order; no body is opened."""
        return [seq for seq in self._store.places(kind) if seq < self.size]

    def kinds(self, start: int, stop: int) -> NDArray[np.uint8]:
        """The kinds of entries ``start`` up to ``stop``, from their plain headers: no body is read.

        Raises LogDamaged when one of them is missing.
        """
        assert 0 <= start <= stop <= self.size
        headers = np.frombuffer(self._store.headers(start, stop), np.uint8)
        if len(headers) != (stop - start) * HEADER_BYTES:
            raise self._lost(start + len(headers) // HEADER_BYTES)
        return headers.view(HEADER)["kind"].copy()

    def refresh(self) -> None:
        """See what another process has appended since a log was opened for reading."""
        head = self._store.head()
        if self._unique is not None and head != self._head:
            self._known = {(row.retention, row.period): row for row in self._store.periods()}
            self._finish_retirements()
        self._head = head
        if self._unique is not None:
            for frame in self.read(self._learnt, classes=(Retention.FACTS,)):
                self._learn(self._unique, iter([frame]))
                self._learnt = frame.first_seq + len(frame)

    def promote(self) -> None:
        """Become the writer of the log that was followed. Raises LogBusy while another is it."""
        assert self._unique is not None
        assert not self.writable
        store = self._store.writer()
        self._store.close()
        self._store = store
        self.refresh()
        self.writable = True
        self._refuse_lost_tail()

    def still_writing(self) -> None:
        """Raise LogTaken when another process has taken this one's place as the writer."""
        self._store.still_writing()

    def seq_of(self, sender: str, fact_id: str) -> int:
        """The place of the fact with that sender and id, -1 when the log knows none."""
        return int(self.seqs_of([digest16(sender, fact_id)])[0])

    def seqs_of(self, references: Sequence[bytes]) -> NDArray[np.int64]:
        """The places of n facts by their digests (events/reference.py), -1 where none is known."""
        if self._unique is None:
            self._refuse_reader()
        assert self._unique is not None
        return self._unique.find(symbols_of(references))[0]

    def admit(self, facts: Facts) -> Admission:
        """Say which facts are new; writes nothing. The same sender and id is the same fact.

        Content is everything the fact says (its packed body), not when it became known.
        """
        self._refuse_reader()
        assert self._unique is not None
        names = digests_of(facts)
        first_seq, first_row = self._unique.find(names)
        fresh = (first_seq < 0) & (first_row < 0)
        conflict = np.zeros(len(facts), np.bool_)
        repeated = (~fresh).nonzero()[0]
        if len(repeated):
            conflict[repeated] = self._differs(facts, repeated, first_seq, first_row)
        return Admission(fresh, first_seq, first_row, conflict, names)

    def append(self, entries: Entries, progress: bytes | None = None) -> int:
        """Keep the entries, in order, in one commit; returns the first one's seq.

        Durable when it returns; no entries and a ``progress`` is a commit, too. ``known_at`` must
        not fall, within the batch or below the log's; facts must be fresh. Raises LogFull (nothing
        of the batch was kept; it may be given again) or LogError (the log must not be used any
        more).
        """
        return self._append(entries, progress, retired=None)

    def retire_period(self, retention: Retention, period: int, record: Entries) -> int:
        """Append the record of a retirement, then destroy the key and forget the facts' names.

        Whether it may be done, and what else must go, is log/retire.py's to say. A crash between
        the two is made good when the log is next opened for writing.
        """
        assert (retention, period) in self._known
        seq = self._append(record, None, retired=(retention, period))
        self._known = {(row.retention, row.period): row for row in self._store.periods()}
        self._destroy(retention, period)
        return seq

    def read(
        self,
        start: int = 0,
        stop: int | None = None,
        *,
        missing: Missing = "raise",
        classes: tuple[Retention, ...] = (Retention.FACTS, Retention.ACTS),
    ) -> Iterator[Frame]:
        """The entries ``start`` up to ``stop`` (default: all), decrypted, in frames of thousands.

        Bodies of a class not asked for stay closed. Where a key was destroyed, KeyDestroyed is
        raised or, with ``missing="skip"``, the body is empty and ``readable`` false.
        """
        stop = self.size if stop is None else min(stop, self.size)
        group: list[Frame] = []
        while start < stop:
            stored = self._stored_holding(start)
            frame = self._open_stored(stored, missing=missing, classes=classes)
            end = min(stop, stored.first_seq + stored.count)
            group.append(frame.slice(start - stored.first_seq, end - stored.first_seq))
            start = end
            if start >= stop or start - group[0].first_seq >= _READ_ENTRIES:
                yield _joined(group)
                group = []

    def _append(
        self, entries: Entries, progress: bytes | None, *, retired: tuple[Retention, int] | None
    ) -> int:
        self._refuse_reader()
        self._store.refuse_if_spoilt()
        first_seq, n = self.size, len(entries)
        times = entries.known_at
        assert n == 0 or times[0] >= self.last_known_at_ms, "known_at must not fall"
        assert not (times[1:] < times[:-1]).any(), "known_at must not fall"
        self._claim_names(entries, first_seq)
        try:
            new_periods: list[PeriodRow] = []
            frontier, frames = self._head.frontier, []
            for a, b in cuts(times):
                stored, frontier = seal(
                    first_seq + a,
                    entries.kinds[a:b],
                    entries.known_at[a:b],
                    entries.bodies.slice(a, b),
                    frontier,
                    partial(self._writing_cipher, seq=first_seq + a, new_periods=new_periods),
                )
                frames.append(stored)
            head = Head(frontier, int(times[-1])) if n else self._head
            self._store.commit(
                frames, head, progress=progress, new_periods=new_periods, retired=retired
            )
        except BaseException as error:
            if not isinstance(error, (LogFull, LogBusy)):
                self._store.spoil(str(error) or type(error).__name__)
            assert self._unique is not None
            self._unique.forget(first_seq, first_seq + n)
            raise
        self._head = head
        self._known.update({(row.retention, row.period): row for row in new_periods})
        return first_seq

    def _claim_names(self, entries: Entries, first_seq: int) -> None:
        """Put the facts' names into the index; an assertion fails if one is there already."""
        assert self._unique is not None
        rows = (entries.kinds < FIRST_ACT_KIND).nonzero()[0]
        clash = self._unique.add(entries.digests[rows], first_seq + rows)
        if clash >= 0:
            self._unique.forget(first_seq, first_seq + len(entries))
            raise AssertionError(f"entry {rows[clash]} of the batch is in the log: admit it first")

    def _writing_cipher(
        self, retention: Retention, period: int, seq: int, new_periods: list[PeriodRow]
    ) -> AESGCMSIV:
        """The key to write under: an existing one, or a new one for a month without entries."""
        if (retention, period) in self._known or any(
            (row.retention, row.period) == (retention, period) for row in new_periods
        ):
            return self._keys.cipher(retention, period)
        if self._store.shared and self._keys.shared is None:
            raise LogBusy(
                "a month's first entry needs a key that all machines have",
                where=Place(self._store.where), hint="let the service write it",
            )  # fmt: skip
        new_periods.append(PeriodRow(retention, period, seq, retired=False))
        return self._keys.create(retention, period)

    def _stored_holding(self, seq: int) -> Stored:
        stored = self._store.frame_holding(seq)
        if stored is None or seq >= stored.first_seq + stored.count:
            raise self._lost(seq)
        if len(stored.headers) != stored.count * 32:
            raise self._lost(seq)
        return stored

    def _lost(self, seq: int) -> LogDamaged:
        return LogDamaged(
            f"entry {seq} is missing from the log",
            expected=f"{self.size} entries",
            where=Place(self._store.where),
            hint="arasha log verify DIR tells what is left",
        )

    def _open_stored(
        self, stored: Stored, *, missing: Missing, classes: tuple[Retention, ...]
    ) -> Frame:
        plain: dict[Retention, NDArray[np.uint8] | None] = dict.fromkeys(Retention, None)
        for retention in classes:
            try:
                plain[retention] = opened(stored, retention, self._keys.cipher)
            except KeyDestroyed:
                if missing == "raise":
                    raise
        return open_frame(stored, plain)

    def _differs(
        self,
        facts: Facts,
        rows: NDArray[np.intp],
        first_seq: NDArray[np.int64],
        first_row: NDArray[np.int64],
    ) -> list[bool]:
        """For each repeated row whether its content is other than that of the first."""
        bodies = pack_facts(facts.take(rows))
        in_batch = first_row[rows]
        earlier = pack_facts(facts.take(np.maximum(in_batch, 0)))
        return [
            bodies[i] != (earlier[i] if in_batch[i] >= 0 else self._body(int(first_seq[rows[i]])))
            for i in range(len(rows))
        ]

    def _body(self, seq: int) -> bytes:
        """One fact's body; the last few frames opened for this are kept."""
        for frame in self._recent.values():
            if frame.first_seq <= seq < frame.first_seq + len(frame):
                return frame.bodies[seq - frame.first_seq]
        stored = self._stored_holding(seq)
        frame = self._open_stored(stored, missing="raise", classes=(Retention.FACTS,))
        if len(self._recent) >= _CACHED_FRAMES:
            del self._recent[next(iter(self._recent))]
        self._recent[stored.first_seq] = frame
        return frame.bodies[seq - frame.first_seq]

    def _rebuilt(self) -> Uniqueness:
        """The index of every fact that can still be read."""
        unique = Uniqueness()
        self._learn(unique, self._readable_facts())
        return unique

    def _learn(self, unique: Uniqueness, frames: Iterator[Frame]) -> None:
        """Put the names of the facts in these frames into the index."""
        for frame in frames:
            rows = np.flatnonzero((frame.kinds < FIRST_ACT_KIND) & frame.readable)
            senders, ids = sender_and_id(frame.kinds[rows], frame.bodies.take(rows))
            clash = unique.add(digests(senders, ids), frame.first_seq + rows)
            if clash >= 0:
                raise LogDamaged(
                    f"entry {frame.first_seq + rows[clash]} repeats an earlier fact",
                    expected="each sender and id once",
                    where=Place(self._store.where),
                    hint="arasha log verify DIR names the first damaged entry",
                )

    def _readable_facts(self) -> Iterator[Frame]:
        """Frames with facts, month by month; a key missing without a retirement is an error."""
        for period, start, stop, facts_count in self._store.counts():
            row = self._known.get((Retention.FACTS, period))
            if facts_count and not (row is not None and row.retired):
                yield from self.read(start, stop, classes=(Retention.FACTS,))

    def _finish_retirements(self) -> None:
        """Destroy what a retirement left here: one that was killed, or made by another machine."""
        for row in self._known.values():
            if row.retired and self._keys.exists(row.retention, row.period):
                if self._store.shared and row.retention is Retention.FACTS:
                    for _, path in snapshots.listed(self.directory):  # any may hold some of it
                        snapshots.destroy(path)
                self._destroy(row.retention, row.period)

    def _destroy(self, retention: Retention, period: int) -> None:
        self._keys.destroy(retention, period)
        self._recent.clear()
        if retention is Retention.FACTS and self._unique is not None:
            for number, start, stop, _facts in self._store.counts():
                if number == period:
                    self._unique.forget(start, stop)

    def _refuse_lost_tail(self) -> None:
        # Behind a reader's back the writer may have appended since the head was read.
        last = self._store.frame_holding(self.size if self.writable else self.size - 1)
        stored = 0 if last is None else last.first_seq + last.count
        if stored != self.size:
            raise LogDamaged(
                "the log's end is not where its head says",
                expected=f"{self.size} entries",
                found=f"{stored} entries",
                where=Place(self._store.where),
                hint="arasha log verify DIR names the first entry that is missing",
            )

    def _refuse_reader(self) -> None:
        if not self.writable:
            raise LogError("the log was opened for reading only", where=Place(str(self.directory)),
                           hint="open it with writable=True")  # fmt: skip


def _joined(frames: list[Frame]) -> Frame:
    if len(frames) == 1:
        return frames[0]
    return Frame(
        frames[0].first_seq,
        np.concatenate([f.kinds for f in frames]),
        np.concatenate([f.known_at for f in frames]),
        concatenate_bodies([f.bodies for f in frames]),
        np.concatenate([f.readable for f in frames]),
        b"".join([f.leaves for f in frames]),
    )
