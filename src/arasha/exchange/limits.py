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
class Bucket:
    """One bucket: the marks in it as of a time on a clock that never goes back, seconds."""

    marks: float
    at_s: float

    def fill(self, rate_per_s: float, burst: int, now_s: float) -> None:
        """What has come in since it was last looked at."""
        passed_s = max(0.0, now_s - self.at_s)
        self.marks = min(float(burst), self.marks + passed_s * rate_per_s)
        self.at_s = max(now_s, self.at_s)

    def wait_s(self, marks: int, rate_per_s: float) -> float:
        """Seconds until so many are there; 0.0 where they are."""
        return 0.0 if self.marks >= marks else (marks - self.marks) / rate_per_s


class Limits:
    """The buckets of all participants."""

    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}

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
            bucket = self._buckets[participant.name] = Bucket(float(participant.burst), now_s)
        bucket.fill(participant.rate_per_s, participant.burst, now_s)
        wait_s = bucket.wait_s(facts, participant.rate_per_s)
        if wait_s <= 0:
            bucket.marks -= facts
        return wait_s

    def _make_room(self, now_s: float) -> None:
        if len(self._buckets) >= MAX_BUCKETS:
            self._buckets = {
                name: bucket
                for name, bucket in self._buckets.items()
                if now_s - bucket.at_s < IDLE_S
            }
