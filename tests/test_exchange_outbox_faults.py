"""The outbox on a disk that fails at each of its operations: nothing due is lost or overtaken.

The disk is that of testing/disk.py; the file itself is made on it, too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from arasha.errors import StoreError
from arasha.exchange.outbox import Outbox, State, Tried
from arasha.testing.disk import Disk, Fault, layer
from exchange_samples import NOW_MS, told
from followed_samples import rows
from test_exchange_outbox import due

MADE = 6


@dataclass
class Ran:
    """What was acknowledged: how far the log was taken in, which messages were delivered."""

    cursor: int = 0
    delivered: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)
    failed: bool = False


def run(directory: Path, disk: Disk) -> Ran:
    """Take in six messages of two subjects; deliver each as soon as it is due."""
    ran = Ran()
    with layer(disk) as vfs:
        outbox = None
        try:
            outbox = Outbox.open(directory, vfs=vfs)
            for seq in range(1, MADE + 1):
                outbox.take_in([due(seq, f"p-{seq % 2}")], seq + 1)
                ran.cursor = seq + 1
                if seq % 3 == 0:
                    ready = outbox.due("ABANK", NOW_MS, 10)
                    ran.doubtful = {row.id for row in ready}
                    outbox.note([Tried(row, State.DELIVERED) for row in ready], NOW_MS)
                    ran.delivered |= ran.doubtful
        except StoreError:
            ran.failed = True
        if outbox is not None:
            outbox.close()
    return ran


def assert_law(directory: Path, ran: Ran) -> None:
    """What was acknowledged is there; taken in again from where it stands, it is whole."""
    outbox = Outbox.open(directory)
    cursor = outbox.cursor or 1
    assert max(1, ran.cursor) <= cursor <= ran.cursor + 1 or not ran.cursor
    for seq in range(cursor, MADE + 1):
        outbox.take_in([due(seq, f"p-{seq % 2}")], seq + 1)
    found = {row.id: row for row in rows(outbox)}
    assert {f"{seq}.0" for seq in range(1, MADE + 1)} == set(found)
    delivered = {row.id for row in found.values() if row.state is State.DELIVERED}
    assert ran.delivered <= delivered <= ran.delivered | ran.doubtful
    acts = [name for act in told(outbox.waiting()) for name in act["messages"]]
    assert sorted(delivered) == sorted(acts)
    order: list[str] = []
    while ready := outbox.due("ABANK", NOW_MS, 10):
        order += [row.id for row in ready]
        outbox.note([Tried(row, State.DELIVERED) for row in ready], NOW_MS)
    for parity in ("02468", "13579"):
        some = [name for name in order if name[0] in parity]
        assert sorted(some) == some
    assert set(found) - delivered == set(order)
    outbox.close()


@pytest.mark.parametrize("fault", ["fail", "full", "cut", "torn"])
def test_at_each_operation_a_fault(tmp_path: Path, fault: Fault) -> None:
    """Each message is due once or delivered, with its act, and queues keep their order."""
    sound = Disk()
    ran = run(tmp_path / "sound", sound)
    assert (MADE + 1, False) == (ran.cursor, ran.failed)
    assert {"write", "sync"} <= set(sound.seen)
    assert_law(tmp_path / "sound", ran)
    for n in range(0, len(sound.seen), 2):
        disk = Disk(n, fault)
        ran = run(tmp_path / str(n), disk)
        if fault in ("cut", "torn"):
            disk.lose(Random(n))
        assert_law(tmp_path / str(n), ran)
