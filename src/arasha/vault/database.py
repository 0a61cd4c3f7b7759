"""A small durable database beside the log: the vault's, and the register of who may do what.

In: a file's name, its tables. Out: rows, and changes that are on the disk when they return. Like
the log's own file it is write-ahead, ``synchronous=FULL``, checkpointed by us, and *spoilt* by any
fault of the disk except a full one: nothing is tried again on a file whose state is unknown.
Deleted content is overwritten. Another process may change the file: ``version`` tells.

An act that must become an entry of the log is written in the same commit as what it is about and
waits here until a writer of the log takes it (``waiting``, ``kept``): no change without its entry,
whether or not the log's writer is another process. One that dies between the two leaves the entry
twice, with the same file and number.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import apsw
import msgspec

from arasha.errors import Place, StoreError, StoreFull, StoreVersionError
from arasha.events.schema import Kind

CHECKPOINT_BYTES: Final = 4 << 20
"""Write-ahead log that may grow before it is copied into the file, bytes; as the log's."""

FIRST_VERSION: Final = 1
"""Version of the format of a file that does not say one: the first did not."""

_BUSY_MS: Final = 5_000
_PAGE_BYTES: Final = 8192
_ACTS: Final = """
CREATE TABLE acts (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Act:
    """What waits to become an entry of the log: its number in this file, its kind, its body."""

    number: int
    kind: Kind
    body: bytes


class Rows(Protocol):
    """Whatever answers a query over the tables of such a file."""

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """What the query finds."""
        ...


class Database:
    """One open file. Threads may share it: each change and each reading is under one lock."""

    def __init__(
        self,
        path: Path,
        tables: str,
        application: int,
        *,
        version: int = 1,
        vfs: str | None = None,
        checkpoint_bytes: int = CHECKPOINT_BYTES,
    ) -> None:
        """Open the file, or make it with those tables in that version of their format.

        Raises StoreVersionError for a file of another version, StoreError, StoreFull.
        """
        self.path = path
        self.spoilt: str | None = None
        self._checkpoint_bytes = checkpoint_bytes
        self._wal_pages = 0
        self._lock = threading.RLock()
        fresh = _touch(path)
        with self._faults():
            self._db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE, vfs=vfs)
        try:
            with self._faults():
                self._prepare(tables, application, version)
        except BaseException:
            self._db.close(True)
            raise
        if fresh:
            _sync_name(path)

    @contextmanager
    def change(self) -> Iterator[apsw.Connection]:
        """One durable change: all that is executed in the block, or nothing of it."""
        with self._lock:
            self._checkpoint_if_due()
            with self._faults():
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """What the query finds."""
        with self._lock, self._faults():
            return self._db.execute(query, values).fetchall()

    def version(self) -> tuple[int, int]:
        """Differs from before when this or another process has changed the file."""
        with self._lock, self._faults():
            return int(self._db.pragma("data_version")), self._db.total_changes()

    def value(self, name: str) -> bytes | None:
        """What is kept under that name in the table ``meta``."""
        found = self.rows("SELECT value FROM meta WHERE name = ?", (name,))
        return bytes(found[0][0]) if found else None

    def put(self, name: str, value: bytes) -> None:
        """Keep it under that name; inside a `change`."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def act(self, kind: Kind, body: dict[str, object]) -> int:
        """Let an act wait, inside a `change`; its body tells the file and the number returned."""
        self._db.execute("INSERT INTO acts (kind, body) VALUES (?, x'')", (int(kind),))
        number = self._db.last_insert_rowid()
        told = msgspec.json.encode({"file": self.path.stem, "number": number, **body})
        self._db.execute("UPDATE acts SET body = ? WHERE number = ?", (told, number))
        return number

    def waiting(self) -> list[Act]:
        """The acts that no log has yet, oldest first."""
        found = self.rows("SELECT number, kind, body FROM acts ORDER BY number")
        return [Act(number, Kind(kind), bytes(body)) for number, kind, body in found]

    def kept(self, acts: Sequence[Act]) -> None:
        """They are in the log now: let them go from here."""
        with self.change() as db:
            db.executemany("DELETE FROM acts WHERE number = ?", [(act.number,) for act in acts])

    def empty_wal(self) -> None:
        """Copy the write-ahead log into the file and cut it off, so that what was deleted is gone.

        A reader in another process may make that wait for the next time.
        """
        with self._lock, self._faults():
            try:
                self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
            except apsw.BusyError:
                return
            self._wal_pages = 0

    def close(self) -> None:
        """Close the file. Nothing that was changed depends on it."""
        with self._lock:
            self._db.close(True)

    def _prepare(self, tables: str, application: int, version: int) -> None:
        db = self._db
        db.set_busy_timeout(_BUSY_MS)
        db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        db.pragma("page_size", _PAGE_BYTES)
        db.pragma("journal_mode", "WAL")
        db.pragma("synchronous", "FULL")
        db.pragma("secure_delete", "ON")
        db.set_wal_hook(self._note_wal)
        db.execute("BEGIN IMMEDIATE")
        found = int(db.pragma("application_id"))
        if found == 0 and db.execute("SELECT 1 FROM sqlite_schema").fetchone() is None:
            db.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT")
            db.execute(_ACTS + tables)
            db.pragma("application_id", application)
            db.pragma("user_version", version)
        elif found != application:
            raise StoreError(
                "this file is something else", expected=f"application_id {application:#x}",
                found=f"{found:#x}", where=Place(str(self.path)),
                hint="check the directory's name, or the release of Arasha",
            )  # fmt: skip
        refuse_other_version(int(db.pragma("user_version")) or FIRST_VERSION, version, self.path)
        db.execute("COMMIT")

    def _note_wal(self, _db: apsw.Connection, _name: str, pages: int) -> int:
        self._wal_pages = pages
        return apsw.SQLITE_OK

    def _checkpoint_if_due(self) -> None:
        if self._wal_pages * _PAGE_BYTES >= self._checkpoint_bytes:
            with self._faults():
                self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            self._wal_pages = 0

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Name what SQLite reports, undo a half change, and spoil the file if need be."""
        if self.spoilt is not None:
            raise StoreError(
                "this file failed earlier and must not be used any more", found=self.spoilt,
                where=Place(str(self.path)),
                hint="stop this process, see to the disk, start again: all acknowledged is kept",
            )  # fmt: skip
        try:
            yield
        except apsw.FullError as error:
            self._roll_back()
            raise StoreFull(
                "the disk is full: nothing of this change was kept, all before it was",
                found=str(error), where=Place(str(self.path)), hint="free some space, try again",
            ) from error  # fmt: skip
        except apsw.BusyError as error:
            self._roll_back()
            raise StoreError(
                "another process is changing this file", found=str(error),
                where=Place(str(self.path)), hint="try again when it is done",
            ) from error  # fmt: skip
        except apsw.Error as error:
            self.spoilt = str(error) or type(error).__name__
            self._roll_back()
            raise StoreError(
                "the disk or the database failed", found=str(error), where=Place(str(self.path)),
                hint="stop this process, see to the disk, start again: all acknowledged is kept",
            ) from error  # fmt: skip
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        db = getattr(self, "_db", None)
        if db is None or db.get_autocommit():
            return
        try:
            db.execute("ROLLBACK")
        except apsw.Error as error:
            self.spoilt = self.spoilt or str(error)


def refuse_other_version(found: int, version: int, path: Path) -> None:
    """Raise StoreVersionError unless the file is of that version of its format; say what to do."""
    if found == version:
        return
    older = f"arasha migrate {path.parent} brings it up, while no service runs"
    newer = "use the release of Arasha that wrote it, or a later one"
    raise StoreVersionError(
        "this file was written in another version of its format", expected=f"version {version}",
        found=f"version {found}", where=Place(str(path)), hint=older if found < version else newer,
    )  # fmt: skip


def _touch(path: Path) -> bool:
    """Make the file, readable by its owner alone, unless it is there; whether it was made."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists():
            return False
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreError(
            "a file cannot be made", found=str(error.strerror), where=Place(str(path)),
            hint="choose another directory",
        ) from error  # fmt: skip
    return True


def _sync_name(path: Path) -> None:
    """Make the names of a new file and of its directory durable."""
    for directory in (path.parent, path.parent.parent):
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
