"""The log in PostgreSQL: who may commit, and what a commit that failed means."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from arasha.errors import (
    LogBusy,
    LogDamaged,
    LogError,
    LogFull,
    LogTaken,
    LogUnreachable,
    LogVersionError,
)
from arasha.log.driver import create, has_log
from arasha.log.keys import Retention
from arasha.log.log import Log
from arasha.log.postgresql_place import SILENCE_S
from arasha.log.postgresql_store import PostgresqlStore
from arasha.log.retire import retire
from arasha.log.shared_keys import SharedKeys, reseal
from arasha.log.verify import Damage, verify
from arasha.postgresql import Address, remember
from arasha.testing.postgresql import server
from log_samples import DAY_MS, Scrambled, created, keep, made, opened, shared_of

LOCK_ENDED = "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory'"


@pytest.fixture
def place(tmp_path: Path, database: Address) -> Path:
    """A directory whose centre is in an empty database."""
    remember(tmp_path / "a", database)
    return tmp_path / "a"


@pytest.fixture
def other(tmp_path: Path, database: Address) -> Path:
    """Another machine's directory of the same centre."""
    remember(tmp_path / "b", database)
    return tmp_path / "b"


@pytest.fixture
def sql(database: Address) -> Iterator[Callable[..., Any]]:
    """Says something to the database, beside us."""
    with database.connect("arasha tests", "arasha_log") as db:
        yield lambda query, *values: db.execute(query, values)


def store_of(log: Log) -> PostgresqlStore:
    assert isinstance(log._store, PostgresqlStore)
    return log._store


def test_a_writer_whose_place_is_taken_can_commit_nothing(
    place: Path, other: Path, sql: Callable[..., Any]
) -> None:
    """The number, not the lock, is what holds: its connection lives, and its commit keeps nothing.

    The lock's session ends behind its back, as the server does with one that sleeps.
    """
    sleeper = created(place)
    keep(sleeper, 2, 0)
    store_of(sleeper)._connected().execute("SET application_name = 'not to be found'")
    standby = Log.follow(other, shared=shared_of(other))
    with pytest.raises(LogBusy):
        standby.promote()
    assert (True,) == sql(LOCK_ENDED).fetchone()
    standby.promote()
    keep(standby, 1, 2)
    for _ in range(2):
        with pytest.raises(LogError):
            keep(sleeper, 3, 7)
    assert store_of(sleeper).spoilt
    assert 6 == standby.size
    sleeper.close()
    standby.close()
    assert verify(place).ok
    assert verify(other).ok


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


def test_a_writer_notices_without_writing(place: Path, sql: Callable[..., Any]) -> None:
    """It asks from time to time, and says who has taken over."""
    with created(place) as log:
        log.still_writing()
        sql("UPDATE log SET writer = 9")
        until_taken(log)
        with pytest.raises(LogTaken, match="number 9 has taken over"):
            log.still_writing()


def until_taken(log: Log) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            log.still_writing()
        except LogTaken:
            return
        time.sleep(0.05)


def test_the_server_ends_the_session_of_a_writer_that_is_silent(
    place: Path, sql: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is how a lock becomes free when nobody closes its connection."""
    monkeypatch.setattr("arasha.log.postgresql_place.BEAT_S", 3_600)
    log = created(place)
    lock = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
    assert (1,) == sql(lock).fetchone()
    end = time.monotonic() + SILENCE_S + 20
    while sql(lock).fetchone() != (0,):
        assert time.monotonic() < end
        time.sleep(0.05)
    log.close()


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
    log.close()
    with opened(place) as log:
        assert 4 == log.size
        assert 4 == keep(log, 1, 2)


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


def test_a_second_machine_reads_with_keys_from_the_database(place: Path, other: Path) -> None:
    """It needs the master key and no file of the first; without it it can check, not read."""
    made(place)
    assert 144 == verify(other).closed
    with opened(other, writable=False) as log:
        assert 144 == sum(map(len, log.read()))
    assert 0 == verify(other).closed
    names = sorted(path.name for path in (other / "keys").iterdir())
    assert names == sorted(path.name for path in (place / "keys").iterdir())


def test_a_month_is_not_begun_under_a_key_that_nobody_else_has(place: Path) -> None:
    """Who does not share keys can go on with a month, and begins none."""
    with created(place) as log:
        keep(log, 1, 0)
    with Log.open(place) as log:
        keep(log, 1, 1)
        with pytest.raises(LogBusy, match="a key that all machines have"):
            keep(log, 1, 2, log.last_known_at_ms + 40 * DAY_MS)


def test_a_retired_month_goes_on_every_machine(
    place: Path, other: Path, sql: Callable[..., Any]
) -> None:
    """The shared key in the same commit; another machine's copy, its names and snapshots when it
    looks.
    """
    made(place)
    standby = Log.follow(other, shared=shared_of(other))
    (other / "snapshots").mkdir()
    snapshot = other / "snapshots" / f"{100:020d}-0.snapshot"
    snapshot.write_bytes(b"ARASHASN" + bytes(200))
    assert 0 == standby.seq_of("BANKKZKA", "p-0")
    with opened(place) as log:
        retire(log, Retention.FACTS, "2018-04", widest_window_ms=0, by="duty", reason="over")
    shared = shared_of(place)
    assert shared is not None
    assert None is shared.fetch("facts-2018-04")
    assert None is not shared.fetch("facts-2018-05")
    standby.refresh()
    assert -1 == standby.seq_of("BANKKZKA", "p-0")
    assert not (other / "keys" / "facts-2018-04.key").exists()
    assert not snapshot.exists()
    assert ("acts-2018-04",) == sql("SELECT min(name) FROM keys").fetchone()
    standby.promote()
    keep(standby, 1, 72, standby.last_known_at_ms)
    standby.close()
    assert verify(place).ok


def test_shared_keys_are_under_the_master_key(database: Address, tmp_path: Path) -> None:
    """The first to settle a name wins; a change of the master key takes them all along."""

    class Other(Scrambled):
        def seal(self, name: str, key: bytes) -> bytes:
            return b"other" + super().seal(name, key)

        def unseal(self, name: str, sealed: bytes) -> bytes:
            return super().unseal(name, sealed.removeprefix(b"other"))

    keys = SharedKeys(database, Scrambled())
    assert b"1" * 32 == keys.settle("tokens", b"1" * 32)
    assert b"1" * 32 == keys.settle("tokens", b"2" * 32)
    with database.connect("arasha tests") as db, db.transaction():
        reseal(db, Scrambled(), Other())
    again = SharedKeys(database, Other())
    assert b"1" * 32 == again.fetch("tokens")
    again.share_file(tmp_path / "keys" / "tokens.key", "tokens")
    assert b"1" * 32 == (tmp_path / "keys" / "tokens.key").read_bytes()
    (tmp_path / "keys" / "tokens.key").write_bytes(b"3" * 32)
    with pytest.raises(LogError, match="another key than the database"):
        again.share_file(tmp_path / "keys" / "tokens.key", "tokens")


def test_a_month_s_key_is_the_one_that_was_settled_first(place: Path, other: Path) -> None:
    """A writer that died between sharing a key and its first entry left it for the next."""
    shared = shared_of(place)
    assert shared is not None
    shared.settle("facts-2018-04", b"k" * 32)
    with created(place) as log:
        keep(log, 1, 0)
        assert b"k" * 32 == (place / "keys" / "facts-2018-04.key").read_bytes()
    with opened(other, writable=False) as log:
        assert 2 == sum(map(len, log.read()))


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


def test_frames_read_in_order_are_fetched_ahead(place: Path) -> None:
    """A thousand small commits are not a thousand questions, and come back the same."""
    with created(place) as log:
        for i in range(300):
            keep(log, 1, i)
        asked = 0
        store = store_of(log)
        rows = store._rows

        def counted(*words: Any) -> list[Any]:
            nonlocal asked
            asked += 1
            return rows(*words)

        store._rows = counted  # type: ignore[method-assign]
        assert 600 == sum(map(len, log.read()))
        assert asked < 20
