from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest

from arasha.engine import parts
from arasha.engine.again import beginning, compare, explain, stretches
from arasha.engine.decide import Centre, decide
from arasha.engine.reigns import policy_of
from arasha.engine.replay import replay, start
from arasha.engine.retention import retire_before
from arasha.errors import KeyDestroyed, UsageError
from arasha.events.schema import Kind
from arasha.exchange.acts import entries_of
from arasha.log import snapshots
from arasha.log.keys import KeyStore, Retention, period_named, period_starts_ms
from arasha.log.log import Log
from arasha.log.retire import periods
from arasha.log.verify import verify
from arasha.policy import document
from arasha.policy.judge import Judge
from arasha.testing.generated import random_facts
from arasha.vault.database import Act
from engine_samples import (
    RULES,
    Copies,
    history,
    hostile,
    policy,
    policy_text,
    sample_mapping,
    watched_disk,
)
from log_samples import payments

CANARY_IDS = tuple(f"CANARY-JAN-{i}" for i in range(9))
CANARY_MINOR = 98_765_432_10


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A replay from the end of January to the middle of April in ``out``; no window of its policy
    is wider than twenty days. January's first payments carry canaries.
    """
    made = tmp_path_factory.mktemp("retention")
    frame = hostile(3_000, 3)
    ids = pl.Series([*CANARY_IDS, *frame["ref"][len(CANARY_IDS) :]])
    sums = pl.Series([f"{CANARY_MINOR / 100:.2f}"] * len(CANARY_IDS))
    frame = frame.with_columns(ref=ids, sum=sums.append(frame["sum"][len(CANARY_IDS) :]))
    frame.write_csv(made / "payments.csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "PART_ROWS", 700)
        replay(made / "payments.csv", policy(made), sample_mapping(), made / "out", batch=500)
    return made


@pytest.fixture
def out(folder: Path, tmp_path: Path) -> Path:
    """A copy of that replay's directory."""
    return shutil.copytree(folder / "out", tmp_path / "out")


def retire(out: Path, before: str) -> list[str]:
    """Retire; the months that were."""
    return [
        period.month for period in retire_before(out, before, by="a clerk", reason="age").months
    ]


def decided(directory: Path) -> list[dict[str, object]]:
    """All rows of the decisions files."""
    return [
        row
        for path in sorted(directory.glob("decisions-*.parquet"))
        for row in pq.read_table(path).to_pylist()
    ]


def assert_gone(out: Path, months: list[str], *, kept: list[dict[str, object]]) -> None:
    """No trace of the months' facts in any file; all else as before, and judged the same."""
    assert months == [p.month for p in periods(out) if p.retired]
    assert not any(p.has_key for p in periods(out) if p.retired)
    keys = KeyStore(out)
    assert not any(keys.exists(Retention.FACTS, period_named(month)) for month in months)
    end = period_starts_ms(period_named(months[-1]) + 1)
    emptied = dict.fromkeys(("id", "happened_at", "amount_minor", "currency"))
    rows = decided(out)
    assert [
        row | emptied if _ms(row["known_at"]) < end else row for row in kept
    ] == rows  # fmt: skip
    assert any(row["id"] is None for row in rows)
    assert any(row["id"] is not None for row in rows)
    everything = b"\0".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    everything += repr(rows).encode()
    for canary in (*CANARY_IDS, str(CANARY_MINOR), f"{CANARY_MINOR / 100:.2f}"):
        assert canary.encode() not in everything
    assert CANARY_MINOR.to_bytes(8, "little") not in everything
    assert [] == [path.name for path in out.rglob("*") if path.suffix in (".part", ".new")]
    _assert_snapshots_are_without(out, end)
    assert verify(out).ok
    found = compare(out)
    assert (0, found.decisions) == (found.differing, _payments_from(out, found.first_seq))
    assert found.first_seq > 0
    assert found.decisions > 100


def _ms(instant: object) -> float:
    assert hasattr(instant, "timestamp")
    ms: float = instant.timestamp() * 1000
    return ms


def _payments_from(out: Path, seq: int) -> int:
    with Log.open(out, writable=False) as log:
        return sum(int((frame.kinds == Kind.PAYMENT).sum()) for frame in log.read(seq))


def _assert_snapshots_are_without(out: Path, end_ms: int) -> None:
    """No event from before the end of the retired months, and no canary in any word."""
    found = snapshots.listed(out)
    assert found
    with Log.open(out, writable=False) as log:
        event_bytes = Judge(policy_of(log, out)).plan.event_bytes
    for _, path in found:
        for name, array in snapshots.load(path).arrays.items():
            words = np.asarray(array).view(np.int64)
            assert not (words == CANARY_MINOR).any(), name
            if name.startswith("rows_"):
                known_at = words.reshape(-1, int(event_bytes[int(name[5:])]) // 8)[:, 0]
                assert known_at.min(initial=end_ms) >= end_ms
                assert (known_at > end_ms).any()


# --- refused --------------------------------------------------------------------------------------


def test_a_month_that_a_window_may_reach_is_kept(out: Path) -> None:
    """The refusal says until when; of several months none goes, and nothing is made."""
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    with pytest.raises(UsageError) as fault:
        retire(out, "2026-05")
    assert "the facts of 2026-03 are still needed" in str(fault.value)
    assert "they may be retired from 2026-04-21T00:00:00Z on" in str(fault.value)
    after = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert {path.name for path in before} == {path.name for path in after}
    assert all(before[p] == after[p] for p in before if not p.name.endswith(("-shm", "-wal")))


def test_a_window_reaches_as_far_as_its_delay_lets_it(tmp_path: Path) -> None:
    """A window of thirty days that looks two days back keeps a month for thirty-two."""
    text = policy_text((*RULES[:2], *RULES[3:])).replace(
        'window="7d", delay', 'window="30d", delay'
    )
    text += "\n[rules.r]\nwhen = 'amount > largest'\npoints = 3\n"
    text += "".join(f'text.{language} = "{{largest}}"\n' for language in ("kk", "ru", "en"))
    hostile(1_000).write_csv(tmp_path / "payments.csv")
    by = policy(tmp_path, text)
    replay(tmp_path / "payments.csv", by, sample_mapping(), tmp_path / "out")
    with pytest.raises(UsageError, match="retired from 2026-03-05T00:00:00Z on"):
        retire(tmp_path / "out", "2026-02")


def test_nothing_old_is_nothing_to_do(out: Path) -> None:
    """Not even a snapshot is taken."""
    assert [] == retire(out, "2026-01")
    assert [] == snapshots.listed(out)


# --- gone -----------------------------------------------------------------------------------------


def test_a_month_goes_and_the_rest_is_judged_the_same(out: Path) -> None:
    """Key, facts, what was derived from them: no byte of the directory tells of them. The log
    still verifies; its other months are judged again, from the snapshot, to the same decisions.
    """
    kept = decided(out)
    assert set(CANARY_IDS) <= {str(row["id"]) for row in kept}
    assert ["2026-01"] == retire(out, "2026-02")
    assert_gone(out, ["2026-01"], kept=kept)
    assert [] == retire(out, "2026-02")
    assert_gone(out, ["2026-01"], kept=kept)


def test_a_later_month_goes_later(out: Path) -> None:
    """The first snapshot, which held facts of it, goes with it."""
    kept = decided(out)
    retire(out, "2026-02")
    [(_, first)] = snapshots.listed(out)
    assert ["2026-02"] == retire(out, "2026-03")
    [(_, second)] = snapshots.listed(out)
    assert first != second
    assert_gone(out, ["2026-01", "2026-02"], kept=kept)


def test_two_months_go_at_once(out: Path) -> None:
    """Oldest first, with one snapshot; the log says who did it and why."""
    kept = decided(out)
    assert ["2026-01", "2026-02"] == retire(out, "2026-03")
    assert 1 == len(snapshots.listed(out))
    assert_gone(out, ["2026-01", "2026-02"], kept=kept)
    with Log.open(out, writable=False) as log:
        records = next(log.read(log.size - 2))
    assert [Kind.RETIRED] * 2 == records.kinds.tolist()
    for row, month in enumerate((b"2026-01", b"2026-02")):
        assert all(word in records.bodies[row] for word in (b"a clerk", b"age", month))


def test_a_month_in_which_nobody_paid_hinders_nothing(out: Path) -> None:
    """Rights changed half a year after the last payment: all months of facts go, and no later one
    has a key that could guard a snapshot; there is nothing to be in it.
    """
    with Log.open(out) as log:
        later_ms = log.last_known_at_ms + 180 * 86_400_000
        log.append(entries_of([Act(1, Kind.RIGHTS, b"{}")], later_ms))
    assert ["2026-01", "2026-02", "2026-03", "2026-04"] == retire(out, "2026-10")
    assert [] == snapshots.listed(out)
    assert verify(out).ok
    assert b"CANARY-JAN" not in b"".join(p.read_bytes() for p in out.rglob("*") if p.is_file())


def test_what_is_left_is_explained_from_the_snapshot(folder: Path, out: Path) -> None:
    """As it was before; of what came before the snapshot, only the decision is left."""
    kinds = history(folder / "out")[0]
    seqs = [seq for seq, kind in enumerate(kinds) if kind == Kind.PAYMENT]
    retire(out, "2026-02")
    [(snapshot, _)] = snapshots.listed(out)
    later = [seq for seq in seqs if seq >= snapshot]
    for seq in (later[0], later[1], later[len(later) // 2], later[-1]):
        then, now = explain(folder / "out", seq), explain(out, seq)
        assert (then.fired, then.values) == (now.fired, now.values)
    for seq in (seqs[0], [seq for seq in seqs if seq < snapshot][-1]):
        with pytest.raises(KeyDestroyed, match=r"facts-2026-01\.key"):
            explain(out, seq)


def test_another_policy_has_no_snapshot_to_begin_from(out: Path, tmp_path: Path) -> None:
    """It is said that the facts are gone, not guessed what it would have decided."""
    retire(out, "2026-02")
    with pytest.raises(KeyDestroyed, match=r"facts-2026-01\.key"):
        compare(out, policy(tmp_path, policy_text(RULES[:-1])))


def test_a_log_with_retired_months_goes_on(folder: Path, out: Path) -> None:
    """New payments are judged from the snapshot's state, and later judged again the same."""
    retire(out, "2026-03")
    judge = Judge(policy(folder))
    with Log.open(out) as log:
        first, state = beginning(log, judge)
        for facts, known_at, _ in stretches(log, log.size, start=first):
            judge.absorb(state, facts, known_at)
        before = compare(out).decisions
        for batch in range(3):
            decide(Centre(log, judge, state), payments(20, batch * 20))
    found = compare(out)
    assert (before + 60, 0) == (found.decisions, found.differing)


@pytest.mark.parametrize("name", ["instant-payments", "amlsim"])
def test_shipped_policies_outlive_their_oldest_months(
    tmp_path: Path, root: Path, name: str
) -> None:
    """Random histories of all kinds of fact, over as many months as the widest window asks."""
    judge, chance = Judge(document.load(root / "policies" / f"{name}.toml")), Random(name)
    facts = random_facts(11, 4_500, parties=5)
    with Log.create(tmp_path / "out", created_at_ms=0) as log:
        start(log, judge.policy, int(facts.number("happened_at")[0]))
        centre, at = Centre(log, judge, judge.fresh_state()), 0
        while at < len(facts):
            stop = at + chance.randrange(1, 600)
            decide(centre, facts.take(slice(at, min(stop, len(facts)))))
            at = stop
    assert 0 == compare(tmp_path / "out").differing
    for before in ("2023-12", "2024-01"):
        assert 1 == len(retire(tmp_path / "out", before))
        found = compare(tmp_path / "out")
        assert (0, True) == (found.differing, found.decisions > 50)
        assert verify(tmp_path / "out").ok


# --- law 4 ----------------------------------------------------------------------------------------


def each_stop(out: Path, into: Path, step: int) -> None:
    kept = decided(out)
    copies = Copies(out, into, step)
    with watched_disk(copies.before):
        retire(out, "2026-03")
    assert_gone(out, ["2026-01", "2026-02"], kept=kept)
    assert {"fsync", "unlink", "sqlite sync"} <= set(copies.seen)
    for copy, _ in copies.made:
        assert verify(copy).ok
        retire(copy, "2026-03")
        assert_gone(copy, ["2026-01", "2026-02"], kept=kept)
        shutil.rmtree(copy)


def test_a_killed_retirement_is_finished_by_the_next(out: Path, tmp_path: Path) -> None:
    """Whenever it was killed, asked again the months are gone, and nothing else."""
    each_stop(out, tmp_path / "copies", 5)


@pytest.mark.slow
def test_a_retirement_killed_at_each_single_operation(out: Path, tmp_path: Path) -> None:
    """The same at every write, sync, rename and deletion."""
    each_stop(out, tmp_path / "copies", 1)
