"""The SQLite file under the log."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from arasha.log.driver import Head
from arasha.log.log import Log
from arasha.log.merkle import Frontier
from arasha.log.store import Store
from log_samples import keep, made


def test_a_head_comes_back() -> None:
    """Size, time, root and peaks; anything that contradicts itself is refused."""
    head = Head(Frontier().extended(bytes(range(32)) * 5), 77)
    packed = head.pack()
    assert head == Head.unpack(packed)
    for wrong in (b"", packed[:-1], packed + b"x", packed[:20] + b"\1" + packed[21:]):
        with pytest.raises(ValueError, match=r"head|peaks"):
            Head.unpack(wrong)


def sqlite(log: Log) -> Store:
    """The driver of a log that is in a directory."""
    assert isinstance(log._store, Store)
    return log._store


def test_each_commit_is_synced(tmp_path: Path) -> None:
    """The write-ahead log, synced at each commit, is what durability rests on."""
    with Log.create(tmp_path) as log:
        db = sqlite(log)._db
        assert ("wal", 2) == (db.pragma("journal_mode"), db.pragma("synchronous"))


def test_the_write_ahead_log_is_bounded(tmp_path: Path) -> None:
    """It is copied into the file and used again from its start."""
    Log.create(tmp_path).close()
    with Log.open(tmp_path, checkpoint_bytes=200_000) as log:
        for i in range(60):
            keep(log, 20, 20 * i)
        assert (tmp_path / "log.sqlite-wal").stat().st_size < 300_000
        assert (tmp_path / "log.sqlite").stat().st_size > 300_000
    assert not (tmp_path / "log.sqlite-wal").exists() or (
        0 == (tmp_path / "log.sqlite-wal").stat().st_size
    )


def test_a_creation_cut_short_leaves_no_log(tmp_path: Path) -> None:
    """What a crash left of it is no log, and is made again."""
    (tmp_path / "log.sqlite.new").write_bytes(b"half")
    with Log.create(tmp_path) as log:
        assert 0 == keep(log, 1, 0)


def test_leaves_of_any_range(tmp_path: Path) -> None:
    """Across frames, from the middle of one to the middle of another."""
    store = Store(made(tmp_path / "log"), writable=False)
    whole = store.leaves(0, 144)
    assert 144 * 32 == len(whole)
    for a, b in ((0, 0), (0, 1), (5, 6), (11, 13), (12, 24), (13, 100), (143, 144)):
        assert whole[32 * a : 32 * b] == store.leaves(a, b)
    store.close()


def test_another_program_s_lock_is_no_failure(tmp_path: Path) -> None:
    """A commit that cannot begin keeps nothing and may be tried again."""
    from arasha.errors import LogBusy

    with Log.create(tmp_path) as log:
        sqlite(log)._db.set_busy_timeout(1)
        other = apsw.Connection(str(tmp_path / "log.sqlite"))
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LogBusy):
            keep(log, 1, 0)
        other.execute("ROLLBACK")
        other.close()
        assert 0 == keep(log, 1, 0)
