"""The log's SQLite file: its tables, one durable commit, and what a failing disk means.

Where on the path: the outer half of *kept*; one of its two drivers (driver.py). In and out: rows of
frames.py. Write-ahead log, ``synchronous=FULL``: a commit returns after its fsync::

    DIR/log.sqlite    meta      name, value: format's creation time, head, progress, kept
                      periods   class, period, first_seq, retired: months entries were kept under
                      frames    one row a frame, see frames.py
    DIR/writer.lock   held by the one process that appends

After an I/O error nothing is known about the file any more, so the store is *spoilt*: every later
commit is refused, and closing it does not touch the file again (a retried fsync may say "done"
about pages the kernel has dropped). Checkpoints are our own, at the start of a commit, because
SQLite's automatic ones keep silent when they fail. A full disk spoils nothing.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import apsw

from arasha.errors import LogBusy, LogDamaged, LogError, LogFull, LogVersionError, Place
from arasha.events.schema import MISSING
from arasha.log.driver import (
    CHECKPOINT_BYTES,
    LOG_FILE,
    Head,
    PeriodRow,
    kept_otherwise,
    places_in,
)
from arasha.log.frames import HEADER_BYTES, Stored
from arasha.log.keys import Retention, cannot_write, sync_directory
from arasha.log.merkle import HASH_BYTES, Frontier

FORMAT_VERSION: Final = 1
"""Version of the tables and frames, SQLite's ``user_version``."""

LOG_APPLICATION: Final = 0x41524153  # "ARAS", SQLite's application_id
_KEPT: Final = "kept:"  # before the names of what is kept beside the entries
_LOCK_FILE: Final = "writer.lock"
_PAGE_BYTES: Final = 8192
_CACHE_KIB: Final = 16 * 1024
_BUSY_MS: Final = 5_000

_SCHEMA: Final = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE periods (
    class INTEGER NOT NULL, period INTEGER NOT NULL, first_seq INTEGER NOT NULL,
    retired INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (class, period)
) STRICT, WITHOUT ROWID;
CREATE TABLE frames (
    first_seq INTEGER PRIMARY KEY, count INTEGER NOT NULL, period INTEGER NOT NULL,
    facts_count INTEGER NOT NULL, headers BLOB NOT NULL, leaves BLOB NOT NULL,
    root BLOB NOT NULL, seal BLOB NOT NULL, facts BLOB, acts BLOB
) STRICT;
"""
_COLUMNS: Final = "first_seq, count, period, facts_count, headers, leaves, root, seal, facts, acts"


class Store:
    """One open log file. Not for two threads at once; readers in other processes are welcome."""

    def __init__(
        self,
        directory: Path,
        *,
        writable: bool,
        vfs: str | None = None,
        checkpoint_bytes: int = CHECKPOINT_BYTES,
    ) -> None:
        """Open an existing file. Raises LogError, LogVersionError, LogBusy, LogDamaged."""
        self.path = directory / LOG_FILE
        self.where = str(self.path)
        self.shared = False
        self.spoilt: str | None = None
        self._vfs, self._checkpoint_bytes = vfs, checkpoint_bytes
        if not self.path.exists():
            raise LogError(
                "there is no log here",
                expected=LOG_FILE,
                where=Place(str(directory)),
                hint="a log is made by the first replay or serve",
            )
        self._lock = _take_lock(directory) if writable else None
        self._wal_pages = 0
        flags = apsw.SQLITE_OPEN_READWRITE if writable else apsw.SQLITE_OPEN_READONLY
        try:
            with self._faults():
                self._db = apsw.Connection(str(self.path), flags=flags, vfs=vfs)
            self._prepare(writable=writable)
        except BaseException:
            self._release()
            raise

    @staticmethod
    def create(directory: Path, created_at_ms: int) -> None:
        """Make the file of an empty log, durably. Raises LogError if there is one, LogFull."""
        path = directory / LOG_FILE
        if path.exists():
            raise LogError("there is a log here already", where=Place(str(path)),
                           hint="open it, or choose another directory")  # fmt: skip
        ahead = [one for end in ("-wal", "-journal") if (one := Path(f"{path}{end}")).exists()]
        if any(one.stat().st_size for one in ahead):
            raise LogError("the log is gone, but not what was written ahead of it",
                           found=ahead[0].name, where=Place(str(directory)),
                           hint="put the log back, or choose another directory")  # fmt: skip
        temporary = directory / (LOG_FILE + ".new")
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            for stale in ("", "-journal", "-wal", "-shm"):  # of a creation that was killed
                temporary.with_name(temporary.name + stale).unlink(missing_ok=True)
            with _translated(path):
                db = apsw.Connection(str(temporary))
                for pragma in (
                    f"page_size = {_PAGE_BYTES}",
                    "journal_mode = WAL",  # else a reader may have to undo a killed first opening
                    "synchronous = FULL",
                    f"application_id = {LOG_APPLICATION}",
                    f"user_version = {FORMAT_VERSION}",
                ):
                    db.pragma(*pragma.split(" = "))
                with db:
                    db.execute(_SCHEMA)
                    head = Head(Frontier(), MISSING)
                    values = {"created_at_ms": str(created_at_ms).encode(), "head": head.pack()}
                    db.executemany("INSERT INTO meta VALUES (?, ?)", values.items())
                db.close()
            temporary.rename(path)
            sync_directory(directory)
            sync_directory(directory.parent)
        except OSError as error:
            raise cannot_write(path, error) from error

    def head(self) -> Head:
        """The head as last committed; LogDamaged when it cannot be."""
        packed = self._value("head")
        try:
            return Head.unpack(packed or b"")
        except ValueError as error:
            raise LogDamaged(
                "the log's head is damaged", found=str(error), where=Place(str(self.path)),
                hint="arasha log verify DIR tells what is left",
            ) from error  # fmt: skip

    def progress(self) -> bytes | None:
        """What the last commit that said so noted as its source's position."""
        return self._value("progress")

    def periods(self) -> list[PeriodRow]:
        """Every month of every class, in order of first entry."""
        with self._faults():
            rows: list[Any] = self._db.execute(
                "SELECT class, period, first_seq, retired FROM periods ORDER BY first_seq, class"
            ).fetchall()
        try:
            return [PeriodRow(Retention(c), p, s, bool(r)) for c, p, s, r in rows]
        except ValueError as error:
            raise LogDamaged(
                "the log's table of months is damaged", found=str(error),
                where=Place(str(self.path)), hint="arasha log verify DIR tells what is left",
            ) from error  # fmt: skip

    def counts(self) -> list[tuple[int, int, int, int]]:
        """Per month: period, first seq, seq after the last, facts among them; in order of seq."""
        with self._faults():
            rows: list[Any] = self._db.execute(
                "SELECT period, min(first_seq), max(first_seq + count), sum(facts_count)"
                " FROM frames GROUP BY period ORDER BY 2"
            ).fetchall()
        return rows

    def places(self, kind: int) -> list[int]:
        """The seq of every entry of that kind, from the plain headers."""
        found: list[int] = []
        with self._faults():
            for first, headers in self._db.execute(
                "SELECT first_seq, headers FROM frames ORDER BY first_seq"
            ):
                found += places_in(first, headers, kind)
        return found

    def frame_holding(self, seq: int) -> Stored | None:
        """The frame with that entry or, in a damaged log, the last that begins before it."""
        with self._faults():
            row = self._db.execute(
                f"SELECT {_COLUMNS} FROM frames WHERE first_seq <= ?"
                " ORDER BY first_seq DESC LIMIT 1",
                (seq,),
            ).fetchone()
        return None if row is None else Stored(*row)

    def frame_from(self, seq: int) -> Stored | None:
        """The first frame that begins at or after that entry."""
        with self._faults():
            row = self._db.execute(
                f"SELECT {_COLUMNS} FROM frames WHERE first_seq >= ? ORDER BY first_seq LIMIT 1",
                (seq,),
            ).fetchone()
        return None if row is None else Stored(*row)

    def headers(self, start: int, stop: int) -> bytes:
        """The plain headers of entries ``start`` up to ``stop``, end to end."""
        with self._faults():
            rows: list[Any] = self._db.execute(
                "SELECT first_seq, headers FROM frames WHERE first_seq < ? AND first_seq >="
                " (SELECT max(first_seq) FROM frames WHERE first_seq <= ?) ORDER BY first_seq",
                (stop, start),
            ).fetchall()
        parts = [
            headers[HEADER_BYTES * max(0, start - first) : HEADER_BYTES * (stop - first)]
            for first, headers in rows
        ]
        return b"".join(parts)

    def leaves(self, start: int, stop: int) -> bytes:
        """The stored leaf hashes of entries ``start`` up to ``stop``, end to end."""
        with self._faults():
            rows: list[Any] = self._db.execute(
                "SELECT first_seq, leaves FROM frames WHERE first_seq < ? AND first_seq >="
                " (SELECT max(first_seq) FROM frames WHERE first_seq <= ?) ORDER BY first_seq",
                (stop, start),
            ).fetchall()
        parts = [
            leaves[HASH_BYTES * max(0, start - first) : HASH_BYTES * (stop - first)]
            for first, leaves in rows
        ]
        return b"".join(parts)

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

        Raises LogFull when the disk is full (nothing is kept, the next commit may succeed), and
        LogError, which spoils the store, when it failed in any other way.
        """
        self._checkpoint_if_due()
        db = self._db
        with self._faults():
            db.execute("BEGIN IMMEDIATE")
            db.executemany(
                "INSERT INTO frames VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (f.first_seq, f.count, f.period, f.facts_count, f.headers, f.leaves, f.root,
                     f.seal, f.facts, f.acts)
                    for f in frames
                ],
            )  # fmt: skip
            for row in new_periods:
                db.execute(
                    "INSERT INTO periods (class, period, first_seq) VALUES (?, ?, ?)",
                    (int(row.retention), row.period, row.first_seq),
                )
            if retired is not None:
                db.execute(
                    "UPDATE periods SET retired = 1 WHERE class = ? AND period = ?",
                    (int(retired[0]), retired[1]),
                )
            self._put("head", head.pack())
            if progress is not None:
                self._put("progress", progress)
            db.execute("COMMIT")

    def kept(self, name: str) -> bytes | None:
        """What was kept under that name beside the entries; None where nothing is."""
        return self._value(_KEPT + name)

    def keep(self, name: str, value: bytes, *, instead_of: bytes | None) -> None:
        """Keep a small value in place of the one that was read; durable when it returns."""
        with self._faults():
            self._db.execute("BEGIN IMMEDIATE")
            now = self._value(_KEPT + name)
            if now == instead_of:
                self._put(_KEPT + name, value)
            self._db.execute("COMMIT")
        if now != instead_of:
            raise kept_otherwise(name, self.where)

    def close(self) -> None:
        """Copy the write-ahead log into the file, close it, let go of the lock."""
        try:
            if self._lock is not None and self.spoilt is None:
                # If it cannot be, all is durable in the write-ahead log: the next open finds it.
                with suppress(LogFull, LogBusy):
                    self._checkpoint(apsw.SQLITE_CHECKPOINT_TRUNCATE)
        finally:
            self._db.close()
            self._release()

    def writer(self) -> Store:
        """The same log, for writing. Raises LogBusy while another process writes it."""
        return Store(
            self.path.parent, writable=True, vfs=self._vfs, checkpoint_bytes=self._checkpoint_bytes
        )  # fmt: skip

    def still_writing(self) -> None:
        """Raise LogTaken when the place is lost; a lock of this machine is not."""

    def spoil(self, why: str) -> None:
        """Refuse every later commit."""
        self.spoilt = self.spoilt or why

    def refuse_if_spoilt(self) -> None:
        """Raise LogError if an earlier fault left the file's state unknown."""
        if self.spoilt is not None:
            raise LogError(
                "the log failed earlier and must not be used any more",
                found=self.spoilt,
                where=Place(str(self.path)),
                hint="stop this process, see to the disk, start again: all acknowledged is kept",
            )

    def _prepare(self, *, writable: bool) -> None:
        db = self._db
        with self._faults():
            _refuse_foreign(db, self.path)
            db.set_busy_timeout(_BUSY_MS)
            db.pragma("cache_size", -_CACHE_KIB)
            if writable:
                db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
                db.pragma("journal_mode", "WAL")
                db.pragma("synchronous", "FULL")
                db.set_wal_hook(self._note_wal)

    def _note_wal(self, _db: apsw.Connection, _name: str, pages: int) -> int:
        self._wal_pages = pages
        return apsw.SQLITE_OK

    def _checkpoint_if_due(self) -> None:
        if self._wal_pages and self._wal_pages * _PAGE_BYTES >= self._checkpoint_bytes:
            self._checkpoint(apsw.SQLITE_CHECKPOINT_PASSIVE)
            self._wal_pages = 0

    def _checkpoint(self, mode: int) -> None:
        with self._faults():
            self._db.wal_checkpoint(mode=mode)

    def _value(self, name: str) -> bytes | None:
        with self._faults():
            row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else row[0]

    def _put(self, name: str, value: bytes) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Name what SQLite reports, undo a half transaction, and spoil the store if need be."""
        self.refuse_if_spoilt()
        try:
            with _translated(self.path):
                yield
        except BaseException as error:
            if not isinstance(error, (LogFull, LogBusy, LogVersionError)):
                self.spoil(str(error) or type(error).__name__)
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        db = getattr(self, "_db", None)
        if db is None or db.get_autocommit():
            return
        try:
            db.execute("ROLLBACK")
        except apsw.Error as error:
            self.spoil(str(error))

    def _release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Raise SQLite's faults as ours."""
    try:
        yield
    except apsw.FullError as error:
        raise LogFull(
            "the disk is full: nothing of this batch was kept, all before it was",
            found=str(error), where=Place(str(path)),
            hint="free some space; then the same batch can be given again",
        ) from error  # fmt: skip
    except apsw.BusyError as error:
        raise LogBusy(
            "another process holds the log", found=str(error), where=Place(str(path)),
            hint="wait for it, or stop it",
        ) from error  # fmt: skip
    except (apsw.CorruptError, apsw.NotADBError) as error:
        raise LogDamaged(
            "the log's file is damaged, or is no log", found=str(error), where=Place(str(path)),
            hint="arasha log verify DIR tells what can still be read",
        ) from error  # fmt: skip
    except apsw.Error as error:
        raise LogError(
            "the disk or the database failed under the log", found=str(error),
            where=Place(str(path)),
            hint="stop this process, see to the disk, start again: all acknowledged is kept",
        ) from error  # fmt: skip


def _refuse_foreign(db: apsw.Connection, path: Path) -> None:
    application, version = db.pragma("application_id"), db.pragma("user_version")
    if application != LOG_APPLICATION:
        raise LogVersionError(
            "this file is no log of Arasha", expected=f"application_id {LOG_APPLICATION:#x}",
            found=f"{application:#x}", where=Place(str(path)), hint="check the directory's name",
        )  # fmt: skip
    if version != FORMAT_VERSION:
        raise LogVersionError(
            "the log was written in another version of the format",
            expected=f"version {FORMAT_VERSION}", found=f"version {version}",
            where=Place(str(path)),
            hint=f"arasha migrate {path.parent} brings it up, while no service runs"
            if version < FORMAT_VERSION else "use the release of Arasha that wrote it, or later",
        )  # fmt: skip


@contextmanager
def kept_from_writers(directory: Path) -> Iterator[None]:
    """Nobody writes the log of that directory while the block runs. Raises LogBusy, LogError."""
    lock = _take_lock(directory)
    try:
        yield
    finally:
        os.close(lock)


def _take_lock(directory: Path) -> int:
    path = directory / _LOCK_FILE
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise cannot_write(path, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise LogBusy(
            "another process is writing this log",
            expected="one writer",
            found=f"{path.name} is locked",
            where=Place(str(directory)),
            hint="wait for it, or stop it; reading needs no lock",
        ) from None
    return descriptor
