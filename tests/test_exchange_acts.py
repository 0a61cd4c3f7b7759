from __future__ import annotations

from pathlib import Path

from arasha.events.schema import Kind
from arasha.exchange.acts import keep_if_free, keep_waiting
from arasha.log.log import Log
from arasha.log.verify import verify
from exchange_samples import NOW_MS, acts_of_log, opened


def test_acts_become_entries_once(tmp_path: Path) -> None:
    """What waits goes into the log in order, and then waits no more."""
    participants = opened(tmp_path)
    participants.create("BANK", "bank", by="duty")
    participants.create("TELCO", "operator", by="duty")
    with Log.create(tmp_path, created_at_ms=NOW_MS) as log:
        assert 2 == keep_waiting(log, [participants.register.database], NOW_MS)
        assert 0 == keep_waiting(log, [participants.register.database], NOW_MS)
    found = acts_of_log(tmp_path)
    assert [(Kind.RIGHTS, 1, "BANK"), (Kind.RIGHTS, 2, "TELCO")] == [
        (kind, body["number"], body["name"]) for kind, body in found
    ]
    assert verify(tmp_path).ok


def test_time_does_not_fall_in_the_log(tmp_path: Path) -> None:
    """An act of a clock that lags gets the time of the entry before it."""
    participants = opened(tmp_path)
    with Log.create(tmp_path, created_at_ms=NOW_MS) as log:
        for now_ms in (NOW_MS, NOW_MS - 5_000):
            participants.create(f"BANK{now_ms}"[-16:], "bank", by="duty")
            keep_waiting(log, [participants.register.database], now_ms)
        assert NOW_MS == log.last_known_at_ms


def test_without_a_log_or_with_a_busy_one_they_wait(tmp_path: Path) -> None:
    """The running service, or the next command, takes them in."""
    participants = opened(tmp_path)
    databases = [participants.register.database]
    participants.create("BANK", "bank", by="duty")
    assert None is keep_if_free(tmp_path, databases, NOW_MS)
    with Log.create(tmp_path, created_at_ms=NOW_MS):
        assert None is keep_if_free(tmp_path, databases, NOW_MS)
    assert 1 == len(participants.register.waiting())
    assert 1 == keep_if_free(tmp_path, databases, NOW_MS)
    assert [] == participants.register.waiting()
    assert ["BANK"] == [body["name"] for _, body in acts_of_log(tmp_path)]
