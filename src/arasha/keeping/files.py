"""Whole files and directories that are on the disk, or are not there: what backups are made of.

In: paths, and connections to SQLite. Out: copies of databases as of one instant, hashes, and names
that appear in one step once all below them is durable.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

import apsw

from arasha.errors import LogDamaged, LogError, LogFull, Place
from arasha.log.keys import cannot_write, sync_directory

OnBytes = Callable[[int], None]
"""Told how many more bytes are done."""

UNFINISHED: Final = ".unfinished"
"""Ending of what is not whole yet; nothing reads it, and the next attempt removes it."""

_PIECE_BYTES: Final = 1 << 20
_PAGES_A_STEP: Final = 512
_BUSY_MS: Final = 5_000


@contextmanager
def appearing(target: Path) -> Iterator[Path]:
    """A directory to fill: it gets its name when the block ends well and all of it is durable.

    Raises LogFull and LogError for the disk's faults; what is unfinished is then removed.
    """
    unfinished = target.with_name(target.name + UNFINISHED)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        remove(unfinished)
        unfinished.mkdir(mode=0o700)
        yield unfinished
        sync_tree(unfinished)
        unfinished.rename(target)
        sync_directory(target.parent)
    except OSError as error:
        _quietly_remove(unfinished)
        raise cannot_write(target, error) from error
    except BaseException:
        _quietly_remove(unfinished)
        raise


def remove(path: Path) -> None:
    """Remove a directory with all that is in it, if it is there."""
    if path.exists():
        shutil.rmtree(path)


def sync_tree(directory: Path) -> None:
    """Make every file and name below the directory durable."""
    for path in directory.rglob("*"):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    sync_directory(directory)


def hash_of(path: Path, on_bytes: OnBytes) -> str:
    """SHA-256 of the file, hexadecimal."""
    mark = sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            mark.update(piece)
            on_bytes(len(piece))
    return mark.hexdigest()


def copy_database(source: apsw.Connection, target: Path, on_bytes: OnBytes) -> None:
    """The database as the connection's transaction sees it, as one file, with nothing beside it.

    It is not durable yet.
    """
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(descriptor)
    page_bytes = int(source.pragma("page_size"))
    with faults_of(target):
        copy = apsw.Connection(str(target))
        try:
            copy.pragma("synchronous", "OFF")  # the caller makes it durable as a whole
            copy.pragma("page_size", page_bytes)
            with copy.backup("main", source, "main") as backup:
                left = None
                while not backup.done:
                    backup.step(_PAGES_A_STEP)
                    left = backup.page_count if left is None else left
                    on_bytes((left - backup.remaining) * page_bytes)
                    left = backup.remaining
            copy.pragma("journal_mode", "DELETE")  # so that reading it writes nothing beside it
        finally:
            copy.close()
    for end in ("-wal", "-shm", "-journal"):
        Path(f"{target}{end}").unlink(missing_ok=True)


def open_database(path: Path, *, writable: bool = False) -> apsw.Connection:
    """A plain connection to a file that is there."""
    flags = apsw.SQLITE_OPEN_READWRITE if writable else apsw.SQLITE_OPEN_READONLY
    with faults_of(path):
        db = apsw.Connection(str(path), flags=flags)
        db.set_busy_timeout(_BUSY_MS)
        return db


@contextmanager
def faults_of(path: Path) -> Iterator[None]:
    """Raise what SQLite reports about the file as our own errors."""
    try:
        yield
    except apsw.FullError as error:
        raise LogFull("the disk is full", found=str(error), where=Place(str(path)),
                      hint="free some space and try again") from error  # fmt: skip
    except (apsw.CorruptError, apsw.NotADBError) as error:
        raise LogDamaged("a file is damaged", found=str(error), where=Place(str(path)),
                         hint="arasha log verify tells about a log's") from error  # fmt: skip
    except apsw.Error as error:
        raise LogError("a file cannot be read or written", found=str(error),
                       where=Place(str(path)), hint="see to the disk") from error  # fmt: skip


def _quietly_remove(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)
