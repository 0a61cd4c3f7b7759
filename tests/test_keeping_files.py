"""Directories that appear whole, and copies of databases as of one instant."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from arasha.errors import LogDamaged, LogError
from arasha.keeping.files import UNFINISHED, appearing, copy_database, faults_of, open_database


def test_a_directory_appears_when_it_is_whole(tmp_path: Path) -> None:
    """Until then it bears another name; what an earlier attempt left is removed."""
    (tmp_path / f"x{UNFINISHED}").mkdir()
    (tmp_path / f"x{UNFINISHED}" / "old").touch()
    with appearing(tmp_path / "x") as unfinished:
        (unfinished / "new").touch()
        assert [unfinished.name] == [path.name for path in tmp_path.iterdir()]
    assert ["new"] == [path.name for path in (tmp_path / "x").iterdir()]
    assert ["x"] == [path.name for path in tmp_path.iterdir()]


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    """Neither under the name nor beside it; the disk's faults are ours."""
    with pytest.raises(KeyError), appearing(tmp_path / "x"):
        raise KeyError
    with pytest.raises(LogError, match="could not be written"), appearing(tmp_path / "x"):
        raise PermissionError(13, "no")
    (tmp_path / "file").touch()
    with pytest.raises(LogError), appearing(tmp_path / "file" / "x"):
        pass
    assert ["file"] == [path.name for path in tmp_path.iterdir()]


def test_a_copy_is_of_the_instant_its_transaction_began(tmp_path: Path) -> None:
    """What others commit meanwhile is not in it; nothing lies beside it; the bytes are told."""
    writer = apsw.Connection(str(tmp_path / "a"))
    writer.pragma("journal_mode", "WAL")
    writer.execute("CREATE TABLE t (x)")
    writer.execute("INSERT INTO t VALUES (zeroblob(3000000))")
    reader = open_database(tmp_path / "a")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM t").fetchall()
    told = []

    def beside(size: int) -> None:
        told.append(size)
        writer.execute("INSERT INTO t VALUES (1)")

    copy_database(reader, tmp_path / "b", beside)
    assert {"a", "a-shm", "a-wal", "b"} == {path.name for path in tmp_path.iterdir()}
    copied = open_database(tmp_path / "b")
    assert [(1,)] == copied.execute("SELECT count(*) FROM t").fetchall()
    assert "delete" == copied.pragma("journal_mode")
    assert (tmp_path / "b").stat().st_size == sum(told)
    assert len(told) > 1
    for db in (copied, reader, writer):
        db.close()


def test_faults_of_a_file_have_our_names(tmp_path: Path) -> None:
    """What is no database is damaged; what is not there cannot be opened."""
    (tmp_path / "x").write_bytes(b"x" * 9_000)
    db = open_database(tmp_path / "x")
    with pytest.raises(LogDamaged), faults_of(tmp_path / "x"):
        db.execute("SELECT 1 FROM sqlite_schema")
    db.close()
    with pytest.raises(LogError):
        open_database(tmp_path / "gone")
