"""What the log asks of the database it is kept in, and which database that is.

Where on the path: under *kept*. Two drivers answer: store.py, SQLite in the directory, and
postgresql_store.py, where the directory names a database (arasha/postgresql.py). They share this
contract and its tests (tests/test_log_driver.py), not code. Rows are those of frames.py.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from arasha import postgresql
from arasha.errors import LogTaken, Place
from arasha.log.frames import HEADER, HEADER_BYTES, Stored
from arasha.log.keys import Retention
from arasha.log.merkle import Frontier

LOG_FILE: Final = "log.sqlite"

CHECKPOINT_BYTES: Final = 4 << 20
"""Write-ahead log that may grow before it is copied into the file, bytes. Nobody is answered
meanwhile, and the same few blocks are written again and again."""

_HEAD: Final = struct.Struct("<Qq32s")


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log stands: written with every commit, in the same transaction."""

    frontier: Frontier
    last_known_at_ms: int

    def pack(self) -> bytes:
        """Size u64, last known_at i64, root, then the tree's peaks."""
        frontier = self.frontier
        return _HEAD.pack(frontier.size, self.last_known_at_ms, frontier.root()) + frontier.pack()

    @staticmethod
    def unpack(packed: bytes) -> Head:
        """The head from its bytes; ValueError if it contradicts itself."""
        if len(packed) < _HEAD.size:
            raise ValueError(f"a head of {len(packed)} bytes")
        size, known_at, root = _HEAD.unpack_from(packed)
        frontier = Frontier.unpack(size, packed[_HEAD.size :])
        if frontier.root() != root:
            raise ValueError("the head's root is not that of its peaks")
        return Head(frontier, known_at)


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """One month of one class: where it begins, and whether it was retired."""

    retention: Retention
    period: int
    first_seq: int
    retired: bool


class Driver(Protocol):
    """One open log, as rows. Not for two threads at once.

    ``where`` names it in messages; ``shared``: other machines may read and write it, too.
    """

    where: str
    shared: bool
    spoilt: str | None

    def head(self) -> Head:
        """The head as last committed; LogDamaged when it cannot be."""
        ...

    def progress(self) -> bytes | None:
        """What the last commit that said so noted as its source's position."""
        ...

    def periods(self) -> list[PeriodRow]:
        """Every month of every class, in order of first entry."""
        ...

    def counts(self) -> list[tuple[int, int, int, int]]:
        """Per month: period, first seq, seq after the last, facts among them; in order of seq."""
        ...

    def places(self, kind: int) -> list[int]:
        """The seq of every entry of that kind, from the plain headers."""
        ...

    def frame_holding(self, seq: int) -> Stored | None:
        """The frame with that entry or, in a damaged log, the last that begins before it."""
        ...

    def frame_from(self, seq: int) -> Stored | None:
        """The first frame that begins at or after that entry."""
        ...

    def headers(self, start: int, stop: int) -> bytes:
        """The plain headers of entries ``start`` up to ``stop``, end to end."""
        ...

    def leaves(self, start: int, stop: int) -> bytes:
        """The stored leaf hashes of entries ``start`` up to ``stop``, end to end."""
        ...

    def commit(
        self,
        frames: list[Stored],
        head: Head,
        *,
        progress: bytes | None,
        new_periods: list[PeriodRow],
        retired: tuple[Retention, int] | None = None,
    ) -> None:
        """Add the frames and move the head, all or nothing; durable when it returns.

        Raises LogFull when there is no room (nothing is kept, the next commit may succeed),
        LogTaken when another writer has taken over, and LogError, which spoils the store, when it
        failed in any other way: nobody knows what was kept until the log is opened again.
        """
        ...

    def kept(self, name: str) -> bytes | None:
        """What was kept under that name beside the entries; None where nothing is."""
        ...

    def keep(self, name: str, value: bytes, *, instead_of: bytes | None) -> None:
        """Keep a small value under that name in place of the one that was read there before.

        Durable when it returns. Raises LogTaken when it is another by now, or another writer has
        taken over: nothing is kept. LogFull and LogError as `commit`.
        """
        ...

    def writer(self) -> Driver:
        """The same log, for writing. Raises LogBusy while another process writes it."""
        ...

    def still_writing(self) -> None:
        """Raise LogTaken when this writer has lost its place, also if nothing is written."""
        ...

    def spoil(self, why: str) -> None:
        """Refuse every later commit."""
        ...

    def refuse_if_spoilt(self) -> None:
        """Raise LogError if an earlier fault left it unknown what is kept."""
        ...

    def close(self) -> None:
        """Let go of the log; nothing that was committed depends on it."""
        ...


def open_driver(
    directory: Path,
    *,
    writable: bool,
    vfs: str | None = None,
    checkpoint_bytes: int = CHECKPOINT_BYTES,
) -> Driver:
    """The log of that directory. Raises LogError, LogVersionError, LogBusy, LogDamaged."""
    address = postgresql.address_of(directory)
    if address is not None:
        from arasha.log.postgresql_store import PostgresqlStore

        return PostgresqlStore(address, writable=writable)
    from arasha.log.store import Store

    return Store(directory, writable=writable, vfs=vfs, checkpoint_bytes=checkpoint_bytes)


def create(directory: Path, created_at_ms: int) -> None:
    """Make an empty log, durably. Raises LogError if there is one, LogFull."""
    address = postgresql.address_of(directory)
    if address is not None:
        from arasha.log.postgresql_store import PostgresqlStore

        return PostgresqlStore.create(address, created_at_ms)
    from arasha.log.store import Store

    return Store.create(directory, created_at_ms)


def has_log(directory: Path) -> bool:
    """Whether there is a log to open."""
    address = postgresql.address_of(directory)
    if address is not None:
        from arasha.log.postgresql_store import PostgresqlStore

        return PostgresqlStore.exists(address)
    return (directory / LOG_FILE).exists()


def is_shared(directory: Path) -> bool:
    """Whether the log of that directory is in a database that other machines may use, too."""
    return postgresql.address_of(directory) is not None


def kept_otherwise(name: str, where: str) -> LogTaken:
    """What to raise when a kept value is not the one that was to be replaced."""
    return LogTaken(
        f"{name} is not what it was when it was read", expected="one writer",
        where=Place(where), hint="another process has written it: start again",
    )  # fmt: skip


def places_in(first_seq: int, headers: bytes, kind: int) -> list[int]:
    """The seqs of the entries of that kind in one frame."""
    kinds = np.frombuffer(headers, HEADER, len(headers) // HEADER_BYTES)["kind"]
    found: list[int] = (first_seq + np.flatnonzero(kinds == kind)).tolist()
    return found
