"""The writer's place: who sleeps loses it, and can commit nothing when it wakes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from arasha.errors import (
    LogBusy,
    LogError,
    LogTaken,
)
from arasha.log.log import Log
from arasha.log.postgresql_place import SILENCE_S, WriterPlace
from arasha.log.verify import verify
from arasha.postgresql import address_of
from log_samples import created, keep, opened, shared_of, store_of

LOCK_ENDED = "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory'"


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


def test_a_writer_whose_session_ended_and_whose_place_nobody_took_goes_on(
    place: Path, sql: Callable[..., Any]
) -> None:
    """A silence that hurt nobody is no reason to stop: it has the lock again, and its number."""
    holders = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
    with created(place) as log:
        keep(log, 1, 0)
        assert (True,) == sql(LOCK_ENDED).fetchone()
        end = time.monotonic() + 20
        while sql(holders).fetchone() != (1,):
            assert time.monotonic() < end
            time.sleep(0.05)
        log.still_writing()
        keep(log, 1, 1)
        with pytest.raises(LogBusy):
            opened(place)


def test_a_place_that_was_let_go_is_free_at_once(place: Path) -> None:
    """Not only when the server has come to see that the session ended: asked a hundred times."""
    created(place).close()
    address = address_of(place)
    assert address is not None
    for _ in range(100):
        holder, waiting = WriterPlace(address), WriterPlace(address)
        holder.take()
        with pytest.raises(LogBusy):  # its session is there: it needs none to be made
            waiting.take()
        holder.release()
        waiting.take()
        waiting.release()
