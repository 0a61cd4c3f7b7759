"""Law 4 for the register: an acknowledged change holds, with its act, whatever the disk does.

The disk is that of arasha.testing.disk; the file itself is made on it, too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from arasha.errors import StoreError
from arasha.exchange.participants import Participants
from arasha.testing.disk import Disk, Fault, layer
from exchange_samples import Clock, opened, told


@dataclass
class Ran:
    """The keys that were told, which of them were revoked, how many acts there must be."""

    keys: dict[str, str] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)
    acts: int = 0
    failed: bool = False


def run(directory: Path, disk: Disk) -> Ran:
    """Make three participants with a second key each; revoke the first key of each."""
    ran = Ran()
    with layer(disk) as vfs:
        participants = None
        try:
            participants = Participants.open(directory, Clock(), vfs=vfs)
            for name in ("BANK", "BONK", "TELCO"):
                _, first, secret = participants.create(name, "bank", by="duty")
                ran.keys[first], ran.acts = secret, ran.acts + 1
                second, secret = participants.rotate(name, by="duty")
                ran.keys[second], ran.acts = secret, ran.acts + 1
                ran.doubtful = {first}
                participants.revoke(first, by="duty")
                ran.acts += 1
                ran.revoked.add(first)
        except StoreError:
            ran.failed = True
        if participants is not None:
            participants.close()
    return ran


def assert_law(directory: Path, ran: Ran) -> None:
    participants = opened(directory)
    opens = {k for k, s in ran.keys.items() if participants.authenticate(k, s) is not None}
    assert ran.keys.keys() - ran.revoked - ran.doubtful <= opens
    assert not opens & ran.revoked
    acts = told(participants.register.waiting())
    assert len(acts) in (ran.acts, ran.acts + ran.failed)
    assert list(range(1, len(acts) + 1)) == [act["number"] for act in acts]
    made = [act["name"] for act in acts if act["change"] == "participant_created"]
    assert made == [one.name for one, _ in participants.list()]
    participants.create("LAST", "bank", by="duty")  # and it goes on from there
    participants.close()


@pytest.mark.parametrize("fault", ["fail", "full", "cut", "torn"])
def test_at_each_operation_a_fault(tmp_path: Path, fault: Fault) -> None:
    """No key that was told is lost, no revoked one opens, and each change has its act."""
    sound = Disk()
    ran = run(tmp_path / "sound", sound)
    assert (9, False) == (ran.acts, ran.failed)
    assert {"write", "sync"} <= set(sound.seen)
    assert_law(tmp_path / "sound", ran)
    for n in range(0, len(sound.seen), 2):
        disk = Disk(n, fault)
        ran = run(tmp_path / str(n), disk)
        assert ran.failed or fault == "full" or "delete" in disk.seen[n]
        if fault in ("cut", "torn"):
            disk.lose(Random(n))
        assert_law(tmp_path / str(n), ran)
