"""How fast a participant may send: one token bucket each.

In: the participant, how many facts it brings, the time on a clock that never goes back. Out: how
long to wait, 0 when they may come in. A bucket of ``burst`` marks fills at ``rate_per_s``::

    marks   burst ──────╮            ╭──────
                        ╰──╮   ╭─────╯        taken only when all of a request are there
            0              ╰───╯
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from arasha.exchange.participants import Participant

MAX_BUCKETS: Final = 10_000
"""Buckets kept; beyond them those not touched for `IDLE_S` are let go."""

IDLE_S: Final = 3_600.0
"""How long a bucket must not have been touched to be let go, seconds; made anew it is full."""


@dataclass(slots=True)
class _Bucket:
    marks: float
    at_s: float


class Limits:
    """The buckets of all participants."""

    def __init__(self) -> None:
        self._buckets: dict[str, _Bucket] = {}

    def wait_s(self, participant: Participant, now_s: float, facts: int = 1) -> float:
        """0.0 when the facts may come in (they are then counted), or seconds until they may.

        More than ``burst`` at once can never come in: `inf`, "send fewer at a time".

        >>> bank = Participant("BANK", "bank", frozenset(), frozenset(), "none", 2.0, 3, 500)
        >>> limits = Limits()
        >>> [limits.wait_s(bank, 10.0) for _ in range(4)]
        [0.0, 0.0, 0.0, 0.5]
        """
        if facts > participant.burst:
            return float("inf")
        bucket = self._buckets.get(participant.name)
        if bucket is None:
            self._make_room(now_s)
            bucket = self._buckets[participant.name] = _Bucket(float(participant.burst), now_s)
        passed_s = max(0.0, now_s - bucket.at_s)
        filled = bucket.marks + passed_s * participant.rate_per_s
        bucket.marks = min(float(participant.burst), filled)
        bucket.at_s = max(now_s, bucket.at_s)
        if bucket.marks >= facts:
            bucket.marks -= facts
            return 0.0
        return (facts - bucket.marks) / participant.rate_per_s

    def _make_room(self, now_s: float) -> None:
        if len(self._buckets) >= MAX_BUCKETS:
            self._buckets = {
                name: bucket
                for name, bucket in self._buckets.items()
                if now_s - bucket.at_s < IDLE_S
            }
