"""The tables beside the log in PostgreSQL: words, broken connections, sleepers."""

from __future__ import annotations

from pathlib import Path

import pytest

from arasha.app.postgresql_server import Server
from arasha.errors import StoreError
from arasha.postgresql import Address, remember
from arasha.vault.postgresql_database import translated_tables
from test_vault_driver import names, opened


def test_the_tables_words_are_translated() -> None:
    """Types and endings; names that only begin like a word stay."""
    assert "CREATE TABLE a (n bigint, b bytea, t TEXT, INTEGERS TEXT);" == translated_tables(
        "CREATE TABLE a (n INTEGER, b BLOB, t TEXT, INTEGERS TEXT) WITHOUT ROWID, STRICT;"
    )


def test_a_server_that_is_not_there_is_said_without_a_password(tmp_path: Path) -> None:
    """The address, the network's words, and nothing else."""
    remember(tmp_path, Address.of(f"host={tmp_path} dbname=c password=s3cret"))
    with pytest.raises(StoreError, match="gives no answer") as error:
        opened(tmp_path)
    assert "s3cret" not in str(error.value)


def test_a_change_of_a_process_that_stands_still_is_undone(
    postgresql: Server, tmp_path: Path
) -> None:
    """The server does it, so that the next writer gets on; the sleeper is told when it wakes."""
    remember(tmp_path, postgresql.new_database())
    sleeper, other = opened(tmp_path), opened(tmp_path)

    def asleep() -> None:
        with sleeper.change() as db:
            db.execute("INSERT INTO things (name) VALUES ('a')")
            with other.change() as change:
                change.execute("INSERT INTO things (name) VALUES ('b')")

    with pytest.raises(StoreError, match="look whether the change was kept"):
        asleep()
    assert ["b"] == names(sleeper)
    sleeper.close()
    other.close()


def test_a_reading_survives_the_servers_end(postgresql: Server, tmp_path: Path) -> None:
    """A connection that broke is made anew; a change in between is said to be unknown."""
    remember(tmp_path, postgresql.new_database())
    tables = opened(tmp_path)
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
    with postgresql.address().connect("arasha tests") as db:
        db.execute(ended, ("arasha things",))
        assert [] == names(tables)

        def broken() -> None:
            with tables.change() as change:
                change.execute("INSERT INTO things (name) VALUES ('a')")
                db.execute(ended, ("arasha things",))
                change.execute("INSERT INTO things (name) VALUES ('b')")

        with pytest.raises(StoreError, match="look whether the change was kept"):
            broken()
    assert [] == names(tables)
    tables.close()
