"""A disk that fails when it is told to, under the log, the vault, the register and the keys.

In: which operation fails, and how. Out: what SQLite and the rest of the program see of it. Writes,
syncs, truncations and deletions are counted and the n-th one fails. After a *power cut* nothing
goes on, and what was not synced is gone, all or a part of it; the last write may be torn. Two
layers: one below SQLite (`layer`), and one that counts the syncs of all other files (`sync`).
"""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final, Literal

import apsw

Fault = Literal["none", "fail", "full", "cut", "torn"]
"""The n-th operation fails with an I/O error, once; or as the disk is full, once; or the power is
cut before it; or in the midst of it.
"""

OVER: Final = frozenset({"cut", "torn"})
"""Faults after which nothing more is written."""


def nothing() -> None:
    """What happens at a power cut where nobody wants to know."""


@dataclass
class Disk:
    """What the file layer does at its n-th operation, and what it has seen: operations, and the
    names of their files.

    ``on_cut`` is called at a power cut, in the thread that was writing. ``under``: only files whose
    names begin so are on this disk.
    """

    fail_at: int | None = None
    fault: Fault = "none"
    seen: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    unsynced: dict[str, list[tuple[int, bytes, int]]] = field(default_factory=dict)
    failed: bool = False
    on_cut: Callable[[], None] = nothing
    under: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)

    def fails(self, operation: str, name: str) -> bool:
        """Count the operation on that file; whether it fails."""
        if not name.startswith(self.under):
            return False
        if self.failed and self.fault in OVER:
            raise apsw.IOError("the disk is dead")
        self.seen.append(operation)
        self.files.append(Path(name).name)
        if len(self.seen) - 1 != self.fail_at:
            return False
        self.failed = True
        return True

    def refuse(self) -> None:
        """Raise what SQLite would see."""
        if self.fault in OVER:
            self.on_cut()
        raise apsw.FullError("no space") if self.fault == "full" else apsw.IOError("failed")

    def lose(self, chance: Random) -> None:
        """The power is back: of what was not synced, each file keeps a random beginning."""
        for name, writes in self.unsynced.items():
            path = Path(name)
            if path.exists():
                with path.open("r+b") as file:
                    for offset, before, size in reversed(writes[chance.randint(0, len(writes)) :]):
                        file.seek(offset)
                        file.write(before)
                        file.truncate(size)
            Path(name.removesuffix("-wal") + "-shm").unlink(missing_ok=True)

    def sync(self, descriptor: int, plain: Callable[[int], None]) -> None:
        """What ``os.fsync`` does on this disk, for files that are not SQLite's; ``plain`` is the
        real one. In a power cut a file keeps nothing, or half where it is torn.
        """
        with self.lock:
            if self.fails("sync of a file", _name_of(descriptor)):
                status = os.fstat(descriptor)
                if self.fault in OVER and stat.S_ISREG(status.st_mode):
                    os.ftruncate(descriptor, status.st_size // 2 if self.fault == "torn" else 0)
                if self.fault in OVER:
                    self.on_cut()
                number = errno.ENOSPC if self.fault == "full" else errno.EIO
                raise OSError(number, os.strerror(number))
            plain(descriptor)


def _name_of(descriptor: int) -> str:
    """The name of an open file."""
    return str(Path(f"/proc/self/fd/{descriptor}").readlink())


class Layer(apsw.VFS):
    """The operating system's files, with the disk's faults."""

    def __init__(self, name: str, disk: Disk, *, default: bool = False) -> None:
        self.disk = disk
        self._below = apsw.vfs_names()[0]
        super().__init__(name, self._below, makedefault=default)

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's name
        """A file of this disk."""
        return File(self._below, name, flags, self.disk)

    def xDelete(self, name: str, syncdir: bool) -> None:  # noqa: FBT001, N802 - SQLite's
        """It is gone, or the deletion fails."""
        with self.disk.lock:
            if self.disk.fails("delete", name):
                self.disk.refuse()
            super().xDelete(name, syncdir)


class File(apsw.VFSFile):
    """One file on the disk."""

    def __init__(self, below: str, name: Any, flags: list[int], disk: Disk) -> None:
        self.disk = disk
        self.name = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        super().__init__(below, name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        """It is written, half of it is, or nothing."""
        with self.disk.lock:
            fails = self.disk.fails("write", self.name)
            if fails and self.disk.fault == "torn":
                self._write(bytes(data)[: len(data) // 2], offset)
            if fails:
                self.disk.refuse()
            self._write(data, offset)

    def _write(self, data: bytes, offset: int) -> None:
        size = self.xFileSize()
        held = max(0, min(len(data), size - offset))
        before = super().xRead(held, offset) if held else b""
        self.disk.unsynced.setdefault(self.name, []).append((offset, before, size))
        super().xWrite(data, offset)

    def xLock(self, level: int) -> None:  # noqa: N802 - SQLite's name
        """As below; where a lock cannot be had the file is busy."""
        try:
            super().xLock(level)
        except apsw.IOError as error:  # a file open for reading cannot be locked for writing
            raise apsw.BusyError(str(error)) from error

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - SQLite's name
        """It is cut off, or that fails."""
        with self.disk.lock:
            if self.disk.fails("truncate", self.name):
                self.disk.refuse()
            super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        """What was written is there for good, or the sync fails."""
        with self.disk.lock:
            if self.disk.fails("sync", self.name):
                self.disk.refuse()
            super().xSync(flags)
            self.disk.unsynced.pop(self.name, None)


@contextmanager
def layer(disk: Disk, *, default: bool = False) -> Iterator[str]:
    """The name of a layer under SQLite, while the block runs; ``default``: under every file."""
    vfs = Layer("faulty", disk, default=default)
    try:
        yield "faulty"
    finally:
        vfs.unregister()
