"""Starting, and starting again: snapshot + the rest of the log is the whole log."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from arasha.engine import live_start
from arasha.engine.live_start import open_live, prepare, take_snapshot
from arasha.engine.retention import retire_before
from arasha.errors import UsageError
from arasha.events.schema import Kind
from arasha.exchange.acts import entries_of
from arasha.log import snapshots
from arasha.log.keys import period_of
from arasha.log.log import Log
from arasha.vault.database import Act
from live_samples import NOW, NOW_MS, STRICTER, Hands, payment, policy, running
from policy_samples import POLICY

DAY_MS = 86_400_000


def lived(directory: Path, folder: Path, payments: int = 40) -> Path:
    """A centre that has judged so many payments."""
    with running(directory, policy(folder)) as service:
        service.ask(*(payment(i) for i in range(payments)))
    return directory


def state_of(directory: Path) -> tuple[int, dict[str, np.ndarray]]:
    """Where a start begins, and what its windows hold then."""
    started = open_live(directory, None, NOW_MS)
    try:
        return started.snapshot_seq, started.state.save()
    finally:
        started.log.close()


def test_a_start_from_a_snapshot_is_a_start_from_the_beginning(tmp_path: Path) -> None:
    """The windows hold the same, and what comes next is decided alike."""
    whole = lived(tmp_path / "whole", tmp_path)
    quick = shutil.copytree(whole, tmp_path / "quick")
    assert 81 == take_snapshot(quick)
    verdicts = []
    for directory in (whole, quick):
        with running(directory) as service:
            verdicts += service.ask(
                *(payment(i, amount="990000.00") for i in range(50, 70))
            ).answers
    told = [
        (a.seq, a.verdict.action, a.verdict.score, a.verdict.rules) for a in verdicts if a.verdict
    ]
    assert 40 == len(told)
    assert told[:20] == told[20:]
    assert (0, 81) == (state_of(whole)[0], state_of(quick)[0])


def test_a_month_of_acts_alone_hinders_no_snapshot(tmp_path: Path) -> None:
    """On the first of a month rights change before anybody pays: the month has no key of facts."""
    centre = lived(tmp_path / "c", tmp_path)
    with Log.open(centre) as log:
        log.append(entries_of([Act(1, Kind.RIGHTS, b"{}")], log.last_known_at_ms + 40 * DAY_MS))
    assert 82 == take_snapshot(centre)
    assert 82 == state_of(centre)[0]


def test_a_damaged_snapshot_is_passed_over(tmp_path: Path) -> None:
    """The one before it is used, or the log."""
    centre = lived(tmp_path / "c", tmp_path)
    take_snapshot(centre)
    with running(centre) as service:
        service.ask(*(payment(i) for i in range(50, 60)))
    take_snapshot(centre)
    [(first, _), (_, latest)] = snapshots.listed(centre)
    latest.write_bytes(latest.read_bytes()[:-5])
    assert first == state_of(centre)[0]


def test_only_the_last_snapshots_are_kept_and_only_ours_are_destroyed(tmp_path: Path) -> None:
    """One that was taken at the end of a month stays: the log is judged again from there."""
    centre = lived(tmp_path / "c", tmp_path)
    with Log.open(centre, writable=False) as log:
        started = prepare(centre, policy(tmp_path))
        assert started.at < log.size
    snapshots.save(
        centre, 1, period_of(NOW_MS), policy(tmp_path).hash, {},
        {"taken_for": "retirement"},
    )  # fmt: skip
    seqs = []
    for start in range(100, 140, 10):
        with running(centre) as service:
            service.ask(*(payment(i) for i in range(start, start + 10)))
        seqs.append(take_snapshot(centre))
    assert [1, *seqs[-live_start.SNAPSHOTS_KEPT :]] == [seq for seq, _ in snapshots.listed(centre)]
    assert seqs[-1] == take_snapshot(centre)


def test_a_snapshot_can_be_taken_while_payments_are_judged(tmp_path: Path) -> None:
    """Its process needs no lock and stops nobody."""
    with running(tmp_path / "c", policy(tmp_path)) as service:
        service.ask(*(payment(i) for i in range(20)))
        assert 41 == take_snapshot(tmp_path / "c")
        service.ask(*(payment(i) for i in range(20, 40)))
    assert 41 == state_of(tmp_path / "c")[0]


def test_a_centre_needs_a_policy_to_begin_with(tmp_path: Path) -> None:
    """Without a log and without a policy there is nothing to judge by; later the log knows."""
    with pytest.raises(UsageError, match="no policy to begin one with"):
        open_live(tmp_path / "c", None, NOW_MS)
    Log.create(tmp_path / "c", created_at_ms=0).close()
    with pytest.raises(UsageError, match="no policy to begin it with"):
        open_live(tmp_path / "c", None, NOW_MS)
    with running(tmp_path / "c", policy(tmp_path)) as service:
        assert 1 == service.live.size
    with running(tmp_path / "c") as service:
        assert (1, "small") == (service.live.size, service.live.policy.name)


def test_a_start_with_another_policy_is_a_switch(tmp_path: Path) -> None:
    """With the same one, differently laid out, it is none."""
    centre = lived(tmp_path / "c", tmp_path, 3)
    same = policy(tmp_path, "# a comment\n" + POLICY, "same.toml")
    with running(centre, same) as service:
        assert 7 == service.live.size
    with running(centre, policy(tmp_path, STRICTER, "stricter.toml")) as service:
        assert 8 == service.live.size
    with running(centre) as service:
        assert (8, "stricter") == (service.live.size, service.live.policy.name)


def test_a_policy_that_looks_into_a_retired_month_cannot_judge_yet(tmp_path: Path) -> None:
    """The message says from when on it can; the policy in force goes on from its snapshot."""
    hands = Hands()
    with running(tmp_path / "c", policy(tmp_path), hands) as service:
        service.ask(*(payment(i) for i in range(5)))
        hands.wall_ms += 125 * DAY_MS
        service.ask(*(payment(i, happened_at=NOW) for i in range(5, 10)))
    retire_before(tmp_path / "c", "2026-02", by="tests", reason="the month has left every window")
    with running(tmp_path / "c", None, hands) as service:
        service.ask(payment(11))
    longer = policy(tmp_path, POLICY.replace("90d", "365d"), "longer.toml")
    with pytest.raises(UsageError, match="reaches into a month whose facts are gone") as fault:
        open_live(tmp_path / "c", longer, hands.wall_ms)
    assert "2027-02-01" in str(fault.value)
    shorter = policy(tmp_path, POLICY.replace("90d", "30d"), "shorter.toml")
    with running(tmp_path / "c", shorter, hands) as service:
        assert service.answer(payment(12)).verdict is not None
