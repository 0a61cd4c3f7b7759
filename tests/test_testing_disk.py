"""The failing disk does what it says; what survives on it is in the faults tests of the log."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from random import Random

import apsw
import pytest

from arasha.testing.disk import Disk, Fault, layer


def rows(path: Path) -> int:
    """How many rows a sound disk finds."""
    db = apsw.Connection(str(path))
    try:
        return int(db.execute("SELECT count(*) FROM t").get)
    finally:
        db.close()


def filled(path: Path, disk: Disk, rows: int) -> None:
    """So many commits of one row, in a write-ahead log."""
    with layer(disk) as vfs:
        db = apsw.Connection(str(path), vfs=vfs)
        try:
            db.pragma("journal_mode", "WAL")
            db.execute("CREATE TABLE IF NOT EXISTS t (x)")
            for _ in range(rows):
                db.execute("INSERT INTO t VALUES (1)")
        finally:
            db.close(True)


def test_it_counts_and_the_nth_operation_fails_once(tmp_path: Path) -> None:
    """Without a fault everything passes; with one the error is SQLite's own."""
    sound = Disk()
    filled(tmp_path / "sound", sound, 3)
    assert {"write", "sync"} <= set(sound.seen)
    assert 3 == rows(tmp_path / "sound")
    for fault, error in (("fail", apsw.IOError), ("full", apsw.FullError)):
        disk = Disk(len(sound.seen) // 2, fault)  # type: ignore[arg-type]  # a word of Fault
        with pytest.raises(error):
            filled(tmp_path / fault, disk, 3)
        assert disk.failed


def test_other_files_are_on_another_disk(tmp_path: Path) -> None:
    """Only names that begin as they should are counted."""
    disk = Disk(0, "fail", under=str(tmp_path / "here"))
    filled(tmp_path / "elsewhere", disk, 1)
    assert [] == disk.seen


@pytest.mark.parametrize(("fault", "left"), [("cut", 0), ("torn", 5)])
def test_a_plain_file_loses_what_was_not_synced(tmp_path: Path, fault: Fault, left: int) -> None:
    """At a power cut nothing of it is there, or half; the caller is told, then nothing goes on."""
    cut: list[bool] = []
    disk = Disk(0, fault, on_cut=lambda: cut.append(True))
    path = tmp_path / "file"
    with path.open("wb", buffering=0) as file:
        file.write(b"0123456789")
        with pytest.raises(OSError, match="rror") as raised:
            disk.sync(file.fileno(), os.fsync)
        assert errno.EIO == raised.value.errno
        assert [True] == cut
        with pytest.raises(apsw.IOError, match="dead"):
            disk.sync(file.fileno(), os.fsync)
    assert left == path.stat().st_size


def test_the_power_comes_back_and_a_part_is_gone(tmp_path: Path) -> None:
    """What was written since the last sync is undone from a random place on."""
    path = tmp_path / "db"
    filled(path, Disk(), 2)
    before = path.read_bytes()
    disk = Disk()
    disk.unsynced[str(path)] = [(0, before[:4], len(before))]
    with path.open("r+b") as file:
        file.write(b"ruin")
    disk.lose(Random(1))
    assert path.read_bytes() in (before, b"ruin" + before[4:])
