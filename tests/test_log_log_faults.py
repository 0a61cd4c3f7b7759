"""Law 4: nothing acknowledged is lost, whatever the disk does, and nothing half is kept.

A file layer under SQLite (arasha.testing.disk) makes the n-th write, sync, truncation or deletion
fail.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
import pytest

from arasha.errors import LogError, LogFull
from arasha.events.body import unpack_facts
from arasha.log.log import Log
from arasha.log.verify import verify
from arasha.testing.disk import Disk, Fault, layer
from killing import said_until_killed
from log_samples import APRIL_MS, DAY_MS, keep

BATCHES = (1, 3, 2, 40, 1, 5)


@dataclass
class Ran:
    """What a run was told: how many payments were acknowledged, and what was raised."""

    acknowledged: int = 0
    tried: int = 0
    raised: list[LogError] = field(default_factory=list)


def run(directory: Path, disk: Disk) -> Ran:
    """Append the batches to a log made beforehand, over two months, a checkpoint at each commit."""
    ran = Ran()
    Log.create(directory, created_at_ms=APRIL_MS).close()
    log: Log | None = None
    with layer(disk) as vfs:
        try:
            log = Log.open(directory, vfs=vfs, checkpoint_bytes=1)
            for i, n in enumerate(BATCHES):
                ran.tried = ran.acknowledged + n
                keep(log, n, ran.acknowledged, APRIL_MS + i * 10 * DAY_MS)
                ran.acknowledged += n
        except LogError as error:
            ran.raised.append(error)
        try:
            if log is not None:
                log.close()
        except LogError as error:
            ran.raised.append(error)
    return ran


def kept(directory: Path) -> list[str]:
    """The ids of the payments in the log, in order; each is followed by its decision."""
    ids: list[str] = []
    with Log.open(directory) as log:
        for frame in log.read():
            assert [1, 32] * (len(frame) // 2) == frame.kinds.tolist()
            rows = np.arange(0, len(frame), 2)
            ids += unpack_facts(frame.kinds[rows], frame.bodies.take(rows)).ids
    return ids


def assert_law(directory: Path, ran: Ran) -> None:
    """All acknowledged once, in order; besides at most the batch that was being tried, whole."""
    assert "all" == verify(directory).sentence[:3]
    ids = kept(directory)
    assert len(ids) in (ran.acknowledged, ran.tried)
    assert [f"p-{i}" for i in range(len(ids))] == ids
    with Log.open(directory) as log:  # and it goes on from there
        keep(log, 2, len(ids), APRIL_MS + 100 * DAY_MS)
    assert len(ids) + 2 == len(kept(directory))


def operations(directory: Path) -> list[str]:
    """What a run without faults does to the disk."""
    disk = Disk()
    ran = run(directory, disk)
    assert sum(BATCHES) == ran.acknowledged
    return disk.seen


def each_fault(tmp_path: Path, fault: Fault, step: int, seed: int = 0) -> None:
    seen = operations(tmp_path / "sound")
    assert {"write", "sync"} <= set(seen)
    for n in range(step // 2, len(seen), step):
        directory = tmp_path / str(n)
        disk = Disk(n, fault)
        ran = run(directory, disk)
        if fault in ("cut", "torn"):
            disk.lose(Random(100 * seed + n))
        assert_law(directory, ran)


@pytest.mark.parametrize("fault", ["fail", "full", "cut", "torn"])
def test_every_few_operations_a_fault(tmp_path: Path, fault: Fault) -> None:
    """Whichever operation fails, the acknowledged payments are there once, and nothing half."""
    each_fault(tmp_path, fault, 5)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("fault", ["fail", "full", "cut", "torn"])
def test_each_operation_a_fault(tmp_path: Path, fault: Fault, seed: int) -> None:
    """The same at each single operation, other parts of the unsynced being lost each time."""
    each_fault(tmp_path, fault, 1, seed)


@pytest.mark.parametrize("which", [0, 1, 2])
def test_after_a_failed_sync_the_log_is_not_used_again(tmp_path: Path, which: int) -> None:
    """No append is tried, and no sync retried, in the process that saw one fail."""
    Log.create(tmp_path, created_at_ms=APRIL_MS).close()
    disk = Disk(fault="fail")
    with layer(disk) as vfs:
        log = Log.open(tmp_path, vfs=vfs, checkpoint_bytes=1)
        keep(log, 3, 0)
        sound = len(disk.seen)
        keep(log, 3, 3)
        syncs = [i for i, what in enumerate(disk.seen) if i >= sound and what == "sync"]
        disk.fail_at = len(disk.seen) + syncs[which % len(syncs)] - sound
        with pytest.raises(LogError) as first:
            keep(log, 3, 6)
        assert not isinstance(first.value, LogFull)
        disk.fail_at, after = None, len(disk.seen)
        with pytest.raises(LogError, match="must not be used any more"):
            keep(log, 3, 6)
        log.close()
        assert [] == disk.seen[after:]
    assert len(kept(tmp_path)) in (6, 9)


def test_a_full_disk_keeps_nothing_of_the_batch_and_all_before_it(tmp_path: Path) -> None:
    """LogFull says so; when there is room again the same log takes the same batch."""
    Log.create(tmp_path, created_at_ms=APRIL_MS).close()
    disk = Disk(fault="full")
    with layer(disk) as vfs, Log.open(tmp_path, vfs=vfs) as log:
        keep(log, 3, 0)
        root, disk.fail_at = log.root(), len(disk.seen)
        with pytest.raises(LogFull, match="nothing of this batch was kept"):
            keep(log, 5, 3)
        assert (6, root) == (log.size, log.root())
        assert 6 == keep(log, 5, 3)
    assert [f"p-{i}" for i in range(8)] == kept(tmp_path)


CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from arasha.log.log import Log
from arasha.testing.disk import Disk, layer
from log_samples import APRIL_MS, keep
with Log.open(Path(sys.argv[1]), checkpoint_bytes=100_000) as log:
    start = log.size // 2
    for i in range(10_000):
        n = i % 7 + 1
        keep(log, n, start, APRIL_MS + start)
        start += n
        print(start, flush=True)
"""


def test_kill_9_loses_nothing_that_was_printed(tmp_path: Path) -> None:
    """A process is killed while it appends, three times over; what it said was kept is kept."""
    Log.create(tmp_path, created_at_ms=APRIL_MS).close()
    for round_number in range(3):
        said = said_until_killed(CHILD, tmp_path, lines=20 + 30 * round_number)
        ids = kept(tmp_path)
        assert said <= len(ids) <= said + 7
        assert [f"p-{i}" for i in range(len(ids))] == ids
        assert verify(tmp_path).ok
