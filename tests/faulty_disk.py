"""A disk that fails when it is told to: a file layer under SQLite for the fault tests.

It counts writes, syncs, truncations and deletions and makes the n-th one fail. In a *power cut* the
disk is dead from then on, and what was not synced is gone, all or a part of it; the last write may
be torn.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import apsw


@dataclass
class Disk:
    """What the file layer does at its n-th operation, and what it has seen."""

    fail_at: int | None = None
    fault: str = "none"  # fail: once, I/O error; full: once; cut, torn: dead from then on
    seen: list[str] = field(default_factory=list)
    unsynced: dict[str, list[tuple[int, bytes, int]]] = field(default_factory=dict)
    failed: bool = False

    def fails(self, operation: str) -> bool:
        """Count the operation; whether it fails."""
        if self.failed and self.fault in ("cut", "torn"):
            raise apsw.IOError("the disk is dead")
        self.seen.append(operation)
        if len(self.seen) - 1 != self.fail_at:
            return False
        self.failed = True
        return True

    def refuse(self) -> None:
        """Raise what SQLite would see."""
        raise apsw.FullError("no space") if self.fault == "full" else apsw.IOError("failed")

    def lose(self, random: Random) -> None:
        """The power is back: of what was not synced, each file keeps a random beginning."""
        for name, writes in self.unsynced.items():
            path = Path(name)
            if path.exists():
                with path.open("r+b") as file:
                    for offset, before, size in reversed(writes[random.randint(0, len(writes)) :]):
                        file.seek(offset)
                        file.write(before)
                        file.truncate(size)
            Path(name.removesuffix("-wal") + "-shm").unlink(missing_ok=True)


class Layer(apsw.VFS):
    """The operating system's files, with the disk's faults."""

    def __init__(self, name: str, disk: Disk) -> None:
        self.disk = disk
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's name
        return File(name, flags, self.disk)

    def xDelete(self, name: str, syncdir: bool) -> None:  # noqa: FBT001, N802 - SQLite's
        if self.disk.fails("delete"):
            self.disk.refuse()
        super().xDelete(name, syncdir)


class File(apsw.VFSFile):
    """One file on the disk."""

    def __init__(self, name: Any, flags: list[int], disk: Disk) -> None:
        self.disk = disk
        self.name = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        fails = self.disk.fails("write")
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

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - SQLite's name
        if self.disk.fails("truncate"):
            self.disk.refuse()
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        if self.disk.fails("sync"):
            self.disk.refuse()
        super().xSync(flags)
        self.disk.unsynced.pop(self.name, None)


@contextmanager
def layer(disk: Disk) -> Iterator[str]:
    vfs = Layer("faulty", disk)
    try:
        yield "faulty"
    finally:
        vfs.unregister()
