"""Watch: an operator's log followed beside its writer, and what there is to find in it so far.

In: the directory of a log. Out: groups of numbers, whenever asked. Everything is in this process's
memory and goes with it; a start reads what lies at most a few days back, so a month of facts whose
key is gone is never needed, and nothing derived from calls is written anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from arasha.events.body import unpack_facts
from arasha.events.columns import Facts
from arasha.events.schema import Kind
from arasha.gateways.cards import Cards
from arasha.gateways.finding import Group, Limits, find
from arasha.gateways.habits import DAY_MS, MOST_NUMBERS, Habits, Signs
from arasha.log.keys import Retention
from arasha.log.log import Log

DAYS_BACK: Final = 7
"""How many days of the log are read at a start: SIM cards count for as long as that at least."""

STRETCH: Final = 65_536
"""Entries that are taken in at once."""

_KINDS: Final = (Kind.CALL, Kind.CALL_CHANGE, Kind.SIM_CHANGE, Kind.REPORT)


@dataclass(slots=True)
class Watch:
    """What is known of the numbers of one log."""

    habits: Habits
    cards: Cards
    per_holder: int
    limits: Limits
    at: int = 0
    known_ms: int = 0

    @staticmethod
    def of(
        *,
        per_holder: int,
        utc_offset_ms: int = 0,
        most_numbers: int = MOST_NUMBERS,
        limits: Limits | None = None,
    ) -> Watch:
        """One that has seen nothing. ``per_holder``: the law's limit of numbers for one person."""
        habits = Habits(most_numbers=most_numbers, utc_offset_ms=utc_offset_ms)
        return Watch(habits, Cards(), per_holder, limits or Limits())

    def take(self, facts: Facts, known_at: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
        """Take in facts, in the order of the log."""
        if len(facts):
            self.habits.observe(facts, known_at)
            self.cards.observe(facts, known_at)
            self.known_ms = max(self.known_ms, int(known_at[-1]))

    def catch_up(self, log: Log, on_progress: Callable[[int], None] | None = None) -> None:
        """Take in what the log has grown by. Months that are retired are passed over."""
        stop = log.size
        while self.at < stop:
            upto = min(stop, self.at + STRETCH)
            for frame in log.read(self.at, upto, classes=(Retention.FACTS,), missing="skip"):
                rows = np.flatnonzero(np.isin(frame.kinds, _KINDS) & frame.readable)
                facts = unpack_facts(frame.kinds[rows], frame.bodies.take(rows))
                self.take(facts, frame.known_at[rows])
                if on_progress is not None:
                    on_progress(len(frame))
            self.at = upto

    def found(self, now_ms: int | None = None) -> list[Group]:
        """What there is to find as of now, by default of the last fact."""
        now_ms = self.known_ms if now_ms is None else now_ms
        return find(self.habits, self.cards, now_ms, per_holder=self.per_holder, limits=self.limits)

    def signs(self, group: Group) -> Signs:
        """What was seen of a group's numbers, subjects first."""
        return self.habits.signs(np.concatenate((group.numbers, group.tied)))

    def activated_ms(self) -> dict[bytes, int]:
        """When each number was activated, as far as that is remembered."""
        standing = self.cards.standing(self.known_ms)
        tokens = [one.tobytes() for one in standing.tokens]
        return dict(zip(tokens, standing.at_ms.tolist(), strict=True))


def back(log: Log, days: int = DAYS_BACK) -> int:
    """The first entry of the last ``days`` days of a log."""
    since_ms = log.last_known_at_ms - days * DAY_MS
    low, high = 0, log.size
    while high - low > STRETCH:
        middle = (low + high) // 2
        if _known_ms(log, middle) < since_ms:
            low = middle
        else:
            high = middle
    return low


def _known_ms(log: Log, seq: int) -> int:
    for frame in log.read(seq, seq + 1, classes=(), missing="skip"):
        return int(frame.known_at[0])
    raise AssertionError("an entry below the size of the log")
