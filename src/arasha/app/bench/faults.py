"""``arasha bench faults``: what the live service loses when it is killed, and when its disk fails.

In: sizes. Out: one result per fault of METRICS, each of them a count that must be nought. The
service is a real process; its clients note what they were told, and in the end that is held against
the log (testing/history.py). The disk is a layer under SQLite and ``os.fsync`` (faulty.py) that
fails at the n-th operation of a run from an empty directory to an orderly stop; then the service
starts again on a sound one, and everything is asked again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from arasha.app.bench.faults_disk import disk, snapshots
from arasha.app.bench.faults_kills import kills
from arasha.app.bench.faults_service import Proof
from arasha.app.bench.results import Result
from arasha.app.bench.sizes import Sizes
from arasha.app.bench.traffic import house_file
from arasha.testing.disk import Fault

POLICY: Final = "policies/instant-payments.toml"

METRICS: Final = (
    "kills", "failed_writes", "full_disk", "power_cuts", "torn_writes", "snapshots"
)  # fmt: skip
"""The faults, in the order they are reported."""

_DISK: Final[dict[str, tuple[Fault, str]]] = {
    "failed_writes": ("fail", "a write, sync, truncation or deletion that fails"),
    "full_disk": ("full", "a disk that is full"),
    "power_cuts": ("cut", "the power cut before it, what was not synced lost or half lost"),
    "torn_writes": ("torn", "the power cut in the midst of it"),
}


def measure(sizes: Sizes) -> Iterator[list[Result]]:
    """The results, one fault after the other."""
    policy = house_file(POLICY)
    proof = kills(policy, sizes.fault_kills, seed=1)
    yield [result("kills", proof, "kill -9 under load; each second time the clock went back")]
    for place, (metric, (fault, what)) in enumerate(_DISK.items()):
        proof = disk(fault, policy, step=sizes.fault_step, first=place % sizes.fault_step)
        yield [result(metric, proof, what)]
    proof = snapshots("torn", policy)
    yield [result("snapshots", proof, "the power cut in the midst of a snapshot beside a service")]


def result(metric: str, proof: Proof, what: str) -> Result:
    """A series of faults as a row: all that went wrong, which must be nothing."""
    return Result(
        metric, proof.wrongs, "faults of ours", "at_most", 0,
        note=what + "".join(f"; {one}" for one in proof.said[:3]),
        beside={
            "struck": proof.faults, "acknowledged": proof.acknowledged, "lost": proof.lost,
            "answered_differently": proof.changed, "went_on": proof.went_on,
            "other": proof.others,
        },
    )  # fmt: skip
