"""Which policy was in force when."""

from __future__ import annotations

from pathlib import Path

import pytest

from arasha.engine.reigns import Reign, policy_of, record_of, reign_at, reigns_of
from arasha.errors import LogError
from arasha.log.log import Log
from live_samples import NOW_MS, STRICTER, payment, policy, running
from log_samples import made


def test_each_policy_reigns_from_its_entry_on(tmp_path: Path) -> None:
    """The entry itself is the first of its reign."""
    small, stricter = policy(tmp_path), policy(tmp_path, STRICTER, "stricter.toml")
    for used in (small, stricter):
        with running(tmp_path / "c", used) as service:
            service.answer(payment(used.name))
    with Log.open(tmp_path / "c", writable=False) as log:
        reigns = reigns_of(log)
    assert [(0, small.hash), (3, stricter.hash)] == [(r.first_seq, r.policy.hash) for r in reigns]
    names = [reign_at(reigns, seq).policy.name for seq in range(6)]
    assert ["small"] * 3 + ["stricter"] * 3 == names
    assert "small" == reign_at([Reign(0, small)], 1_000_000).policy.name


def test_an_empty_log_has_no_reign(tmp_path: Path) -> None:
    """And one that does not begin with a policy says so."""
    with Log.create(tmp_path / "c", created_at_ms=0) as log:
        assert [] == reigns_of(log)
    made(tmp_path / "other")
    with (
        Log.open(tmp_path / "other", writable=False) as log,
        pytest.raises(LogError, match="does not begin with its policy"),
    ):
        reigns_of(log)


def test_a_policy_comes_back_whole(tmp_path: Path) -> None:
    """From its entry alone, to the same hash."""
    small = policy(tmp_path)
    with Log.create(tmp_path / "c", created_at_ms=0) as log:
        log.append(record_of(small, NOW_MS))
        small.source.unlink()
        assert small.hash == policy_of(log, tmp_path / "c").hash
