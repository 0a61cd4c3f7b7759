"""When it happened, and when we knew: everything about a case on two clocks.

In: the acts about the case, what was stopped, its reports. Out: moments in the order in which they
became known, each with the time at which it happened where that is another one. A fact that came
late stands where it came, and says so. Payments that were stopped one after the other are one row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from arasha.app.pages.stopped import Stopped
from arasha.cases.projection import ActPlace
from arasha.cases.records import Report

LATE_MS: Final = 60_000
"""From how much later on it is told that something was known later than it happened, ms."""

MAX_MOMENTS: Final = 200
"""Moments that are told, the latest."""


@dataclass(frozen=True, slots=True)
class Moment:
    """``word`` names what: an act's word, or ``payment_stopped``, ``payment_reported``; where it
    happened ``n`` times, the last was known at ``until_ms``.
    """

    known_ms: int
    happened_ms: int
    word: str
    n: int = 1
    until_ms: int = 0

    @property
    def late_ms(self) -> int:
        """How much later it was known than it happened; 0 where that is not worth telling."""
        later = self.known_ms - self.happened_ms
        return later if later >= LATE_MS else 0


def timeline_of(
    acts: Sequence[ActPlace], stopped: Mapping[str, Stopped], reports: Sequence[Report]
) -> list[Moment]:
    """The moments, the first known first."""
    found = [Moment(one.at_ms, one.at_ms, one.word) for one in acts if one.word not in _TOLD_BY]
    found += [Moment(one.known_ms, one.happened_ms, "payment_stopped") for one in stopped.values()]
    found += [Moment(one.taken_ms, one.paid_ms, "payment_reported") for one in reports]
    return _together(sorted(found, key=lambda one: (one.known_ms, one.happened_ms)))[-MAX_MOMENTS:]


def _together(found: Sequence[Moment]) -> list[Moment]:
    """The same with what was stopped at once, one after the other, as one."""
    rows: list[Moment] = []
    for one in found:
        last = rows[-1] if rows else None
        if last is not None and _was_stopped(last) and _was_stopped(one):
            rows[-1] = replace(last, n=last.n + 1, until_ms=one.known_ms)
        else:
            rows.append(one)
    return rows


def _was_stopped(one: Moment) -> bool:
    return one.word == "payment_stopped" and not one.late_ms


_TOLD_BY: Final = frozenset({"alert_raised", "report_taken"})  # their facts are told instead
