"""What forgetting forgets, what it keeps, and when it may not."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from arasha.errors import KeyDestroyed, SnapshotError, UsageError
from arasha.events.schema import Kind
from arasha.log import snapshots
from arasha.log.keys import KeyStore, Retention, period_named
from arasha.log.log import Log
from arasha.log.retire import Period, Retirement, periods, retire
from arasha.log.verify import verify
from log_samples import APRIL_MS, DAY_MS, keep, made, payments

WEEK_MS = 7 * DAY_MS


def april(log: Log, *, window_ms: int = WEEK_MS) -> int:
    return retire(
        log, Retention.FACTS, "2018-04", widest_window_ms=window_ms, by="officer-7",
        reason="the period is over",
    )  # fmt: skip


def test_months_are_listed(tmp_path: Path) -> None:
    """Each class and month with its entries and whether they can be read."""
    log_path = made(tmp_path / "log")
    listed = periods(log_path)
    assert Period(Retention.FACTS, "2018-04", 0, 47, 24, has_key=True, retired=False) == listed[0]
    assert [("acts", "2018-06", 96, 143)] == [
        (p.retention.word, p.month, p.first_seq, p.last_seq) for p in listed[-1:]
    ]


def test_bodies_go_headers_and_proofs_stay(tmp_path: Path) -> None:
    """April's facts are gone, its decisions are not, and the log verifies as before."""
    with Log.open(made(tmp_path / "log")) as log:
        root = log.root()
        record = april(log)
        assert 144 == record
        with pytest.raises(KeyDestroyed, match="facts of 2018-04 can no longer be read"):
            next(log.read())
        frame = next(log.read(missing="skip"))
        assert [False, True] * 24 == frame.readable[:48].tolist()
        assert frame.readable[48:].all()
        assert root == log.root(144)
    assert not (log.directory / "keys" / "facts-2018-04.key").exists()
    assert (True, 24) == (verify(log.directory).ok, verify(log.directory).closed)
    assert [False, True] == [p.has_key for p in periods(log.directory)[:2]]
    assert [True, False] == [p.retired for p in periods(log.directory)[:2]]


def test_the_retirement_is_an_entry(tmp_path: Path) -> None:
    """Who, why, what: an act, kept as long as acts are."""
    with Log.open(made(tmp_path / "log")) as log:
        last = log.last_known_at_ms
        seq = april(log)
        (frame,) = log.read(seq)
        assert ([Kind.RETIRED], [last]) == (frame.kinds.tolist(), frame.known_at.tolist())
        assert Retirement("facts", "2018-04", 24, 0, "officer-7", "the period is over") == (
            msgspec.json.decode(frame.bodies[0], type=Retirement)
        )


@pytest.mark.parametrize("restart", [False, True])
def test_the_names_of_its_facts_are_forgotten(tmp_path: Path, *, restart: bool) -> None:
    """No hash of a retired fact is left by which its repetition could be told."""
    log = Log.open(made(tmp_path / "log"))
    assert not log.admit(payments(48)).fresh.any()
    april(log)
    if restart:
        log.close()
        log = Log.open(log.directory)
    assert [True] * 24 + [False] * 24 == log.admit(payments(48)).fresh.tolist()
    assert 145 == keep(log, 1, 100, log.last_known_at_ms)
    log.close()


def test_what_a_window_may_reach_is_kept(tmp_path: Path) -> None:
    """The refusal says from when the month may go; nothing has changed."""
    with Log.open(made(tmp_path / "log")) as log:  # its time is 2018-06-02
        with pytest.raises(UsageError, match="still needed") as error:
            april(log, window_ms=60 * DAY_MS)
        assert "they may be retired from 2018-06-30T00:00:00Z on" == error.value.hint
        with pytest.raises(UsageError, match="still needed"):
            retire(log, Retention.FACTS, "2018-06", widest_window_ms=0, by="x", reason="y")
        assert 144 == log.size
        april(log, window_ms=31 * DAY_MS)


def test_wrong_months_are_refused(tmp_path: Path) -> None:
    """A month that is not there, no month at all, a month already gone."""
    with Log.open(made(tmp_path / "log")) as log:
        for month in ("2018-03", "nonsense"):
            with pytest.raises(UsageError, match="has no facts of") as error:
                retire(log, Retention.FACTS, month, widest_window_ms=0, by="x", reason="y")
            assert "2018-04, 2018-05, 2018-06" == error.value.expected
        april(log)
        with pytest.raises(UsageError, match="retired already"):
            april(log)


def test_snapshots_that_hold_the_month_go_with_it(tmp_path: Path) -> None:
    """Those taken in it, and those taken while a window still reached into it."""
    log_path = made(tmp_path / "log")
    arrays = {"a": np.arange(3)}
    with Log.open(log_path) as log:
        for seq, month in ((20, "2018-04"), (60, "2018-05"), (144, "2018-06")):
            snapshots.save(log_path, seq, period_named(month), "ab", arrays, {})
        april(log, window_ms=2 * DAY_MS)  # the log's May begins on 2018-05-02
    assert [144] == [seq for seq, _ in snapshots.listed(log_path)]


def test_a_retirement_cut_short_is_finished_when_the_log_is_opened(tmp_path: Path) -> None:
    """The record is durable before the key goes; a crash in between leaves no key behind."""
    log_path = made(tmp_path / "log")
    key = log_path / "keys" / "facts-2018-04.key"
    kept = key.read_bytes()
    with Log.open(log_path) as log:
        april(log)
    key.write_bytes(kept)  # as if the process had died before destroying it
    Log.open(log_path).close()
    assert not key.exists()


def test_decisions_have_their_own_end(tmp_path: Path) -> None:
    """Acts are retired by themselves; the facts of the same month stay readable."""
    with Log.open(made(tmp_path / "log")) as log:
        retire(log, Retention.ACTS, "2018-04", widest_window_ms=WEEK_MS, by="x", reason="y")
        frame = next(log.read(missing="skip"))
        assert [True, False] * 24 == frame.readable[:48].tolist()
        assert not log.admit(payments(24)).fresh.any()


def test_a_snapshot_without_its_key_says_so(tmp_path: Path) -> None:
    """A copy of a snapshot kept elsewhere dies with the period's key."""
    log_path = made(tmp_path / "log")
    path = snapshots.save(log_path, 20, period_named("2018-04"), "ab", {"a": np.arange(3)}, {})
    copy = path.read_bytes()
    with Log.open(log_path) as log:
        april(log)
    path.write_bytes(copy)
    with pytest.raises(SnapshotError, match="can no longer be read"):
        snapshots.load(path)
    assert snapshots.latest(log_path, 144, "ab") is None


def test_the_key_is_overwritten_before_it_is_unlinked(tmp_path: Path) -> None:
    """A second name of the file shows zeros."""
    keys = KeyStore(tmp_path)
    keys.create(Retention.FACTS, period_named("2018-04"))
    path = keys.path(Retention.FACTS, period_named("2018-04"))
    (tmp_path / "second").hardlink_to(path)
    keys.destroy(Retention.FACTS, period_named("2018-04"))
    assert bytes(32) == (tmp_path / "second").read_bytes()
    keys.destroy(Retention.FACTS, period_named("2018-04"))


def test_the_sample_begins_in_april() -> None:
    """The instant the tests are built on."""
    assert "2018-04-01" == str(np.datetime64(APRIL_MS, "ms"))[:10]
