"""Law 4 and 5 with a real service: kills under load, and each operation of the disk failing.

The same functions make the table of ``arasha bench faults``.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from arasha.app import main
from arasha.app.bench import faults
from arasha.app.bench.faults_disk import disk, operations, snapshots, struck
from arasha.app.bench.faults_kills import kills
from arasha.app.bench.faults_service import Proof
from arasha.app.terminal import Exit
from arasha.testing.disk import Fault
from arasha.testing.history import Findings
from live_samples import WITH_FALLBACK
from policy_samples import written

FAULTS: tuple[Fault, ...] = ("fail", "full", "cut", "torn")


@pytest.fixture(autouse=True)
def _the_package_is_found(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Services are processes of their own."""
    monkeypatch.setenv("PYTHONPATH", str(root / "src"))


def assert_nothing_wrong(proof: Proof) -> None:
    assert 0 == proof.wrongs, "\n".join(proof.said)


@pytest.mark.parametrize(("first", "fault"), list(enumerate(FAULTS)))
def test_a_fault_at_some_operations_of_the_disk_loses_nothing(
    first: int, fault: Fault, tmp_path: Path
) -> None:
    """From an empty directory to an orderly stop: whatever the service said, is so."""
    policy = written(tmp_path, WITH_FALLBACK)
    proof = disk(fault, policy, step=55, first=40 + 17 * first, most=2)
    assert_nothing_wrong(proof)
    assert proof.faults


def test_a_register_whose_file_fails_ends_the_service(tmp_path: Path) -> None:
    """Else nobody's key could be taken away any more, and nobody would know (law 4)."""
    policy = written(tmp_path, WITH_FALLBACK)
    found = operations(tmp_path / "sound", policy)
    proof = Proof()
    struck(tmp_path / "struck", policy, "fail", found.files.index("exchange.sqlite-wal"), proof)
    assert_nothing_wrong(proof)
    assert 1 == proof.faults


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_every_operation_of_the_disk_loses_nothing(fault: Fault, tmp_path: Path) -> None:
    """The same at each single one: after a sync that failed, the service ends."""
    proof = disk(fault, written(tmp_path, WITH_FALLBACK))
    assert_nothing_wrong(proof)
    assert proof.faults > 100


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_every_operation_of_a_snapshot_harms_nobody(
    fault: Fault, tmp_path: Path
) -> None:
    """The service goes on; the next start finds one that is whole, or none."""
    proof = snapshots(fault, written(tmp_path, WITH_FALLBACK))
    assert_nothing_wrong(proof)
    assert proof.faults >= 3


def test_killed_ten_times_under_load_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    """Each answer is in the log, once, and asked again it is the same; clocks went back by then."""
    proof = kills(written(tmp_path, WITH_FALLBACK), 10, seed=1)
    assert_nothing_wrong(proof)
    assert 10 == proof.faults
    assert proof.acknowledged > 20


@pytest.mark.slow
def test_killed_two_hundred_times_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    """The same, two hundred times over one log."""
    proof = kills(written(tmp_path, WITH_FALLBACK), 200, seed=2)
    assert_nothing_wrong(proof)
    assert 200 == proof.faults
    assert proof.acknowledged > 200


def test_what_is_wrong_is_counted_and_said() -> None:
    """A lost answer, one that differs and a log that is damaged are each a fault of ours."""
    proof = Proof(faults=1)
    proof.add(Findings(5, lost=("p-1",), changed=("p-2",), damage="it is damaged"), "cut at 3")
    proof.wrong("cut at 4", "it did not start again")
    found = faults.result("power_cuts", proof, "the power cut").as_object()
    assert (4, False) == (found["value"], found["met"])
    assert {"lost": 1, "answered_differently": 1, "other": 2}.items() <= found["beside"].items()
    assert "cut at 3" in found["note"]


@pytest.mark.slow
def test_the_table_of_faults(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command an operator runs, in its quick form."""
    monkeypatch.chdir(root)
    assert Exit.OK == main.main(["bench", "faults", "--quick", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert list(faults.METRICS) == [one["metric"] for one in told["results"]]
    assert [True] * len(faults.METRICS) == [one["met"] for one in told["results"]]
