"""What the tables beside the log promise, whichever database they are in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from arasha.errors import StoreError
from arasha.events.schema import Kind
from arasha.vault.driver import Tables, has_tables, open_tables

TABLES = """
CREATE TABLE things (name TEXT PRIMARY KEY, size INTEGER, content BLOB) STRICT, WITHOUT ROWID;
CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL) STRICT;
"""


def opened(directory: Path) -> Tables:
    return open_tables(directory / "things.sqlite", TABLES, 7)


@pytest.fixture
def tables(directory: Path) -> Iterator[Tables]:
    assert not has_tables(directory / "things.sqlite")
    made = opened(directory)
    assert has_tables(directory / "things.sqlite")
    yield made
    made.close()


def names(tables: Tables) -> list[str]:
    return [name for (name,) in tables.rows("SELECT name FROM things ORDER BY name")]


def test_a_change_is_whole_or_nothing(tables: Tables) -> None:
    """What was executed before an error is undone, and the tables can be used on."""
    with tables.change() as db:
        db.execute("INSERT INTO things VALUES (?, ?, ?)", ("a", 2**40, b"\0\xff"))
        assert 1 == db.changes()
    with suppress(KeyError), tables.change() as db:
        db.execute("INSERT INTO things (name) VALUES (?)", ("b",))
        raise KeyError("no")
    with tables.change() as db:
        db.executemany("INSERT INTO things (name) VALUES (?)", [("c",), ("d",)])
        assert ("c",) == db.execute("SELECT name FROM things WHERE name > 'b'").fetchone()
    assert ["a", "c", "d"] == names(tables)
    [(size, content)] = tables.rows("SELECT size, content FROM things WHERE name = ?", ("a",))
    assert (2**40, b"\0\xff") == (size, bytes(content))


def test_a_wrong_statement_is_said_and_undone(tables: Tables) -> None:
    """It is a fault of the database's; what stood before it in the change is not kept."""

    def wrong() -> None:
        with tables.change() as db:
            db.execute("INSERT INTO things (name) VALUES ('a')")
            db.execute("INSERT INTO things (name) VALUES ('a')")

    with pytest.raises(StoreError):
        wrong()
    assert tables.path.name == "things.sqlite"


def test_acts_wait_with_the_change_and_are_numbered(tables: Tables) -> None:
    """No change, no act; numbers rise and are never given twice; what was kept is gone."""
    for name in ("a", "b"):
        with tables.change():
            tables.act(Kind.RIGHTS, {"name": name})
    with suppress(KeyError), tables.change():
        tables.act(Kind.RIGHTS, {"name": "c"})
        raise KeyError("no")
    acts = tables.waiting()
    assert [
        b'{"file":"things","number":1,"name":"a"}',
        b'{"file":"things","number":2,"name":"b"}',
    ] == [act.body for act in acts]
    tables.kept(acts)
    assert [] == tables.waiting()
    with tables.change():
        assert tables.act(Kind.REVEAL, {}) > 2


def test_the_version_tells_of_others_changes(tables: Tables, directory: Path) -> None:
    """It moves when this or another process changes something, and else it does not."""
    other = opened(directory)
    before = tables.version()
    assert before == tables.version()
    with other.change() as db:
        db.execute("INSERT INTO counted (name) VALUES ('a')")
    after = tables.version()
    assert before != after
    with tables.change() as db:
        assert after == tables.version()
        db.execute("INSERT INTO counted (name) VALUES ('b')")
    last = tables.version()
    assert after != last
    with tables.change() as db:
        assert (2,) == db.execute("SELECT count(*) FROM counted").fetchone()
    assert last == tables.version(), "nothing was changed"
    assert [(1, "a"), (2, "b")] == other.rows("SELECT id, name FROM counted ORDER BY id")
    other.close()


def test_two_changes_never_run_at_once(tables: Tables, directory: Path) -> None:
    """The second waits for the first: what each read still holds when it writes."""
    others = [opened(directory) for _ in range(3)]

    def count(other: Tables) -> None:
        for _ in range(10):
            with other.change() as db:
                [size] = db.execute("SELECT coalesce(max(size), 0) FROM things").fetchone()
                db.execute("INSERT INTO things VALUES (?, ?, NULL)", (f"n{size + 1}", size + 1))

    threads = [threading.Thread(target=count, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 30 == len(names(tables))
    for other in others:
        other.close()


def test_named_values_are_replaced(tables: Tables) -> None:
    """`put` again is another value; what was deleted can be done away with."""
    assert None is tables.value("x")
    for content in (b"1", b"2"):
        with tables.change():
            tables.put("x", content)
    assert b"2" == tables.value("x")
    tables.empty_wal()
