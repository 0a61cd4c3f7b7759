"""Keys that the machines of one centre share, and how they end on all of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from arasha.errors import (
    LogBusy,
    LogError,
)
from arasha.log.keys import Retention
from arasha.log.log import Log
from arasha.log.retire import retire
from arasha.log.shared_keys import SharedKeys, reseal
from arasha.log.verify import verify
from arasha.postgresql import Address
from log_samples import DAY_MS, Scrambled, created, keep, made, opened, shared_of

LOCK_ENDED = "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory'"


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
