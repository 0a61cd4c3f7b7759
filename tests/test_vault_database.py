from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from arasha.errors import StoreError
from arasha.events.schema import Kind
from arasha.vault import database as database_module
from arasha.vault.database import Database

TABLES = "CREATE TABLE things (name TEXT PRIMARY KEY) STRICT;"


def opened(directory: Path, application: int = 7) -> Database:
    return Database(directory / "x.sqlite", TABLES, application)


def names(database: Database) -> list[str]:
    return [name for (name,) in database.rows("SELECT name FROM things ORDER BY name")]


def test_a_change_is_whole_or_nothing(tmp_path: Path) -> None:
    """What was executed before an error is undone, and the file can be used on."""
    database = opened(tmp_path)
    with database.change() as db:
        db.execute("INSERT INTO things VALUES ('a')")
    with suppress(KeyError), database.change() as db:
        db.execute("INSERT INTO things VALUES ('b')")
        raise KeyError("no")
    with database.change() as db:
        db.execute("INSERT INTO things VALUES ('c')")
    database.close()
    assert ["a", "c"] == names(opened(tmp_path))


def test_acts_wait_with_the_change_and_are_numbered(tmp_path: Path) -> None:
    """No change, no act; numbers are never given twice."""
    database = opened(tmp_path)
    for name in ("a", "b"):
        with database.change() as db:
            db.execute("INSERT INTO things VALUES (?)", (name,))
            database.act(Kind.RIGHTS, {"name": name})
    with suppress(KeyError), database.change():
        database.act(Kind.RIGHTS, {"name": "c"})
        raise KeyError("no")
    acts = database.waiting()
    assert [
        b'{"file":"x","number":1,"name":"a"}',
        b'{"file":"x","number":2,"name":"b"}',
    ] == [act.body for act in acts]
    database.kept(acts)
    assert [] == database.waiting()
    with database.change():
        assert 3 == database.act(Kind.REVEAL, {})


def test_the_version_tells_of_others_changes(tmp_path: Path) -> None:
    """It moves when this or another connection changes the file, and else it does not."""
    mine, other = opened(tmp_path), opened(tmp_path)
    seen = [mine.version(), mine.version()]
    assert seen[0] == seen[1]
    for database in (mine, other):
        with database.change() as db:
            db.execute("INSERT INTO things VALUES (?)", (str(len(seen)),))
        seen.append(mine.version())
    assert 3 == len(set(seen))


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    """The vault does not open a register; nothing is written into it."""
    opened(tmp_path).close()
    with pytest.raises(StoreError, match="something else"):
        opened(tmp_path, application=8)
    assert [] == names(opened(tmp_path))


def test_what_is_deleted_is_gone_from_the_files(tmp_path: Path) -> None:
    """After the write-ahead log was emptied, no file holds the bytes of a deleted row."""
    database, canary = opened(tmp_path), "canary" * 10
    with database.change() as db:
        db.execute("INSERT INTO things VALUES (?)", (canary,))
    with database.change() as db:
        db.execute("DELETE FROM things")
    database.empty_wal()
    for path in tmp_path.iterdir():
        assert canary.encode() not in path.read_bytes()


def test_another_process_in_the_middle_of_a_change_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is kept and nothing is spoilt: the same change succeeds afterwards."""
    monkeypatch.setattr(database_module, "_BUSY_MS", 10)
    mine, other = opened(tmp_path), opened(tmp_path)
    with (
        mine.change(),
        pytest.raises(StoreError, match="another process is changing"),
        other.change(),
    ):
        raise AssertionError("this change must not begin")
    with other.change() as db:
        db.execute("INSERT INTO things VALUES ('a')")
    assert ["a"] == names(mine)


def test_a_directory_that_cannot_be_is_a_store_error(tmp_path: Path) -> None:
    """The message names the file."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        opened(tmp_path / "file")
