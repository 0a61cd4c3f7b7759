"""Law 4 for the vault: what `keep` acknowledged is there, what `erase` acknowledged is gone.

The disk is that of arasha.testing.disk: its n-th write, sync, truncation or deletion fails, for
each n.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from arasha.errors import StoreError, StoreFull, SubjectErased
from arasha.testing.disk import Disk, Fault, layer
from arasha.vault.keys import Master
from arasha.vault.subjects import Vault
from exchange_samples import Clock
from killing import said_until_killed
from vault_samples import KEY, OFFICER, REASON, accounts, held, opened

SUBJECTS = accounts(60)
BATCHES = (1, 3, 40, 2, 5)
NEW_KEY = b"n" * 32


@dataclass
class Ran:
    """What a run was told: how many subjects were kept, which erased, whether rotated."""

    kept: int = 0
    tried: int = 0
    erased: set[int] = field(default_factory=set)
    erasing: int | None = None
    rotated: bool = False
    raised: list[StoreError] = field(default_factory=list)


def run(directory: Path, disk: Disk) -> Ran:
    """Keep, erase, keep, rotate, keep; a checkpoint at each commit."""
    ran = Ran()
    opened(directory).close()
    with layer(disk) as vfs:
        vault: Vault | None = None
        try:
            vault = Vault.open(directory, Master(KEY), Clock(), vfs=vfs, checkpoint_bytes=1)
            for i, n in enumerate(BATCHES):
                ran.tried = ran.kept + n
                vault.keep(SUBJECTS[ran.kept : ran.tried])
                ran.kept = ran.tried
                if i in (1, 2):
                    ran.erasing = i
                    vault.erase(SUBJECTS[i].token, by="o", roles=OFFICER, reason=REASON)
                    ran.erased.add(i)
                if i == 3:
                    vault.rotate(Master(NEW_KEY), by="o")
                    ran.rotated = True
        except StoreError as error:
            ran.raised.append(error)
        if vault is not None:
            try:
                vault.close()
            except StoreError as error:
                ran.raised.append(error)
    return ran


def reopened(directory: Path, ran: Ran) -> Vault:
    """The vault by the key it is under: if the rotation was acknowledged, the new one."""
    if not ran.rotated:
        try:
            return opened(directory)
        except StoreError:
            assert ran.kept >= sum(BATCHES[:4])  # the rotation was being tried
    return opened(directory, key=NEW_KEY)


def assert_law(directory: Path, ran: Ran) -> None:
    vault = reopened(directory, ran)
    there = set()
    for i, subject in enumerate(SUBJECTS):
        try:
            plain = vault.reveal(subject.token, by=str(i), roles=OFFICER, reason=REASON)
        except SubjectErased:
            continue
        assert subject.identifier == plain
        there.add(i)
    acknowledged = set(range(ran.kept)) - ran.erased
    doubtful = set(range(ran.kept, ran.tried)) | ({ran.erasing} if ran.erasing else set())
    assert acknowledged - doubtful <= there
    assert not there & ran.erased
    assert there <= acknowledged | doubtful
    assert there.isdisjoint(range(ran.kept, ran.tried)) or set(range(ran.kept, ran.tried)) <= there
    assert len(SUBJECTS) - len(there) == vault.keep(SUBJECTS)  # and it goes on from there
    vault.close()


def each_fault(tmp_path: Path, fault: Fault, step: int, seed: int = 0) -> None:
    sound = Disk()
    ran = run(tmp_path / "sound", sound)
    assert (sum(BATCHES), True, []) == (ran.kept, ran.rotated, ran.raised)
    assert {"write", "sync"} <= set(sound.seen)
    for n in range(step // 2, len(sound.seen), step):
        disk = Disk(n, fault)
        ran = run(tmp_path / str(n), disk)
        if fault in ("cut", "torn"):
            disk.lose(Random(100 * seed + n))
        assert_law(tmp_path / str(n), ran)


@pytest.mark.parametrize("fault", ["fail", "full", "cut", "torn"])
def test_every_few_operations_a_fault(tmp_path: Path, fault: Fault) -> None:
    """Whichever fails: the acknowledged are there, the erased are not, nothing is half."""
    each_fault(tmp_path, fault, 11)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("fault", ["fail", "full", "cut", "torn"])
def test_each_operation_a_fault(tmp_path: Path, fault: Fault, seed: int) -> None:
    """The same at each single operation, other parts of the unsynced being lost each time."""
    each_fault(tmp_path, fault, 1, seed)


def test_a_full_disk_keeps_nothing_and_the_same_can_be_given_again(tmp_path: Path) -> None:
    """StoreFull says so; when there is room the same vault takes the same subjects."""
    opened(tmp_path).close()
    disk = Disk(fault="full")
    with layer(disk) as vfs:
        vault = Vault.open(tmp_path, Master(KEY), Clock(), vfs=vfs)
        vault.keep(SUBJECTS[:2])
        disk.fail_at = len(disk.seen)
        with pytest.raises(StoreFull, match="nothing of this change was kept"):
            vault.keep(SUBJECTS[2:9])
        assert 7 == vault.keep(SUBJECTS[:9])
        vault.close()
    assert 9 == len(opened(tmp_path))


def test_after_a_failed_sync_the_vault_is_not_used_again(tmp_path: Path) -> None:
    """No later change is tried in the process that saw a sync fail."""
    opened(tmp_path).close()
    disk = Disk(fault="fail")
    with layer(disk) as vfs:
        vault = Vault.open(tmp_path, Master(KEY), Clock(), vfs=vfs)
        vault.keep(SUBJECTS[:2])
        before = len(disk.seen)
        vault.keep(SUBJECTS[2:4])
        syncs = [i for i in range(before, len(disk.seen)) if disk.seen[i] == "sync"]
        disk.fail_at = len(disk.seen) + syncs[0] - before
        with pytest.raises(StoreError, match="failed") as first:
            vault.keep(SUBJECTS[4:6])
        assert not isinstance(first.value, StoreFull)
        disk.fail_at, after = None, len(disk.seen)
        with pytest.raises(StoreError, match="must not be used any more"):
            vault.keep(SUBJECTS[4:6])
        vault.close()
        assert [] == disk.seen[after:]
    assert len(opened(tmp_path)) in (4, 6)


CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from vault_samples import accounts, opened
vault, subjects, start = opened(Path(sys.argv[1])), accounts(5_000), 0
start = len(vault)
while start < len(subjects):
    stop = min(len(subjects), start + start % 7 + 1)
    vault.keep(subjects[start:stop])
    start = stop
    print(start, flush=True)
"""


def test_kill_9_loses_no_subject_that_was_said_to_be_kept(tmp_path: Path) -> None:
    """A process is killed while it keeps, three times over."""
    subjects = accounts(5_000)
    for round_number in range(3):
        said = said_until_killed(CHILD, tmp_path, lines=20 + 30 * round_number)
        vault = opened(tmp_path)
        assert said <= len(vault) <= said + 7
        sample = subjects[: len(vault)][:: max(1, len(vault) // 20)]
        assert [one.identifier for one in sample] == held(vault, sample)
        vault.close()
