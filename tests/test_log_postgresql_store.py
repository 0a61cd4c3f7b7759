"""The log in PostgreSQL: who may commit, and what a commit that failed means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from arasha.app.postgresql_server import server
from arasha.errors import (
    LogDamaged,
    LogError,
    LogFull,
    LogTaken,
    LogUnreachable,
    LogVersionError,
)
from arasha.log.driver import create, has_log
from arasha.log.log import Log
from arasha.log.verify import Damage, verify
from arasha.postgresql import remember
from log_samples import created, keep, made, opened, shared_of, store_of

LOCK_ENDED = "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory'"


def test_the_number_alone_stops_a_commit(place: Path, sql: Callable[..., Any]) -> None:
    """With its lock and its connection whole, too: another number stands in the log."""
    with created(place) as log:
        keep(log, 2, 0)
        sql("UPDATE log SET writer = writer + 1")
        with pytest.raises(LogTaken, match="lost its place"):
            keep(log, 2, 2)
        with pytest.raises(LogError, match="must not be used any more"):
            keep(log, 2, 2)
    with opened(place) as log:
        assert 4 == log.size
        keep(log, 2, 2)
    assert verify(place).ok


def test_what_failed_in_a_commit_is_unknown_until_it_is_opened_again(
    place: Path, sql: Callable[..., Any]
) -> None:
    """The connection breaks: the store is spoilt, and does not try again."""
    log = created(place)
    keep(log, 2, 0)
    sql(
        "CREATE FUNCTION fall() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END'"
    )
    sql("CREATE TRIGGER fall BEFORE INSERT ON frames FOR EACH ROW EXECUTE FUNCTION fall()")
    with pytest.raises(LogError, match="gives no answer"):
        keep(log, 1, 2)
    sql("DROP TRIGGER fall ON frames")
    with pytest.raises(LogError, match="must not be used any more"):
        keep(log, 1, 2)
    with opened(place) as other:  # nobody need end the first: it has let go of its place
        keep(other, 1, 2)
    log.close()
    with opened(place) as log:
        assert 6 == log.size
        assert 6 == keep(log, 1, 3)


def test_a_database_without_room_keeps_nothing_and_may_be_asked_again(
    place: Path, sql: Callable[..., Any]
) -> None:
    """As with a full disk: LogFull, and the same batch once more when there is room."""
    with created(place) as log:
        keep(log, 2, 0)
        sql(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN RAISE EXCEPTION USING ERRCODE = ''53100''; END'"
        )
        sql("CREATE TRIGGER f BEFORE INSERT ON frames FOR EACH ROW EXECUTE FUNCTION full_disk()")
        with pytest.raises(LogFull, match="no room"):
            keep(log, 1, 2)
        sql("DROP TRIGGER f ON frames")
        assert 4 == keep(log, 1, 2)
    assert verify(place).ok


def test_what_is_not_a_log_is_refused(place: Path, sql: Callable[..., Any]) -> None:
    """No tables, two logs, another version: each has its own words."""
    assert not has_log(place)
    with pytest.raises(LogError, match="no log here"):
        Log.open(place)
    created(place).close()
    assert has_log(place)
    with pytest.raises(LogError, match="a log here already"):
        create(place, 0)
    sql("UPDATE log SET version = 7")
    with pytest.raises(LogVersionError, match="another version") as error:
        Log.open(place)
    assert ("version 1", "version 7") == (error.value.expected, error.value.found)


def test_tampering_is_found(place: Path, sql: Callable[..., Any]) -> None:
    """A lost tail at once, a changed body when it is read; verify names the entry."""
    made(place)
    assert 144 == verify(place).size
    sql("UPDATE frames SET acts = acts || '\\x00' WHERE first_seq = 12")
    with opened(place) as log, pytest.raises(LogDamaged, match="not what was written"):
        list(log.read())
    assert Damage.CHANGED is verify(place).damage
    sql("UPDATE frames SET acts = substr(acts, 1, length(acts) - 1) WHERE first_seq = 12")
    assert verify(place).ok
    sql("DELETE FROM frames WHERE first_seq = 132")
    with pytest.raises(LogDamaged, match="end is not where its head says"):
        Log.open(place)
    assert (132, Damage.REMOVED) == (verify(place).seq, verify(place).damage)


def test_a_reader_connects_again_and_a_follower_waits(tmp_path: Path) -> None:
    """After the server is back it reads on; while it is away that is said, and nothing is lost."""
    with server() as own:
        remember(tmp_path / "own", own.new_database())
        writer = created(tmp_path / "own")
        keep(writer, 2, 0)
        follower = Log.follow(tmp_path / "own", shared=shared_of(tmp_path / "own"))
        keep(writer, 2, 2)
        own.kill()
        with pytest.raises(LogUnreachable):
            follower.refresh()
        with pytest.raises(LogError, match="gives no answer"):
            keep(writer, 1, 4)
        own.start()
        follower.refresh()
        assert (8, 6) == (follower.size, follower.seq_of("BANKKZKA", "p-3"))
        follower.promote()
        keep(follower, 1, 4)
        writer.close()
        follower.close()
        assert verify(tmp_path / "own").ok


def test_frames_read_in_order_are_fetched_ahead(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand small commits are not a thousand questions, and come back the same."""
    with created(place) as log:
        for i in range(300):
            keep(log, 1, i)
        asked: list[str] = []
        rows = store_of(log)._rows

        def counted(query: str, values: Sequence[Any] = ()) -> list[Any]:
            asked.append(query)
            return rows(query, values)

        monkeypatch.setattr(store_of(log), "_rows", counted)
        assert 600 == sum(map(len, log.read()))
        assert 0 < len(asked) < 20
