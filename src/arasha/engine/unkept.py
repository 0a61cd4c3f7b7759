"""A log that keeps nothing: order, time and uniqueness for a backtest.

It gives facts the same places and times as the event log would, so a backtest decides what a replay
decides; nothing is encrypted, hashed or written.
"""

from __future__ import annotations

import numpy as np

from arasha.events.columns import Facts
from arasha.events.reference import digests_of
from arasha.events.schema import MISSING
from arasha.events.uniqueness import Uniqueness
from arasha.log.log import Admission, Entries


class Unkept:
    """A Keeper for as long as it is held in memory."""

    def __init__(self) -> None:
        self.size = 0
        self.last_known_at_ms = MISSING
        self._unique = Uniqueness()

    def admit(self, facts: Facts) -> Admission:
        """Which facts are new. What was asked before is never looked at for its content."""
        digests = digests_of(facts)
        first_seq, first_row = self._unique.find(digests)
        fresh = (first_seq < 0) & (first_row < 0)
        return Admission(fresh, first_seq, first_row, np.zeros(len(facts), np.bool_), digests)

    def append(self, entries: Entries, progress: bytes | None = None) -> int:  # noqa: ARG002  # a Keeper's
        """Remember names, places and the last time."""
        first = self.size
        named = entries.digests.any(axis=1)
        self._unique.add(entries.digests[named], first + np.flatnonzero(named))
        self.size += len(entries)
        if len(entries):
            self.last_known_at_ms = int(entries.known_at[-1])
        return first
