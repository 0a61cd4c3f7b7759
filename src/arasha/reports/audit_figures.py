"""The figures of an audit: by month, how much was held, for how long, and how often it was wrong.

In: an audit. Out: a row for each month of the country's time, counted in the month in which a hold
was placed, an appeal opened, a token revealed. Money is by currency, durations are ms.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from arasha.reports import figures
from arasha.reports.audit import Audit


@dataclass(slots=True)
class Month:
    """One month, YYYY-MM. ``lasted_ms`` are the lengths of the holds that are over, ``freed_ms`` of
    those among them that somebody released or that lapsed: what was held and went to nobody.
    """

    name: str
    holds: int = 0
    asked_minor: Counter[int] = field(default_factory=Counter)
    held_minor: Counter[int] = field(default_factory=Counter)
    returned_minor: Counter[int] = field(default_factory=Counter)
    confirmed: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    lasted_ms: list[int] = field(default_factory=list)
    freed_ms: list[int] = field(default_factory=list)
    appeals: int = 0
    ruled: int = 0
    upheld: int = 0
    listings: int = 0
    reveals: int = 0
    views: int = 0

    @property
    def standing(self) -> int:
        """Holds of the month that have not ended yet."""
        return self.holds - sum(self.ended.values())


def months(found: Audit) -> list[Month]:
    """Every month in which something was done, in order; then all of them together."""
    by_name: dict[str, Month] = defaultdict(lambda: Month(""))
    whole = Month("all")

    def rows(at_ms: int) -> tuple[Month, Month]:
        name = figures.moment(at_ms, found.utc_offset_ms)[:7]
        month = by_name[name]
        month.name = name
        return month, whole

    for hold in found.holds:
        for row in rows(hold.placed_ms):
            row.holds += 1
            row.asked_minor[hold.currency] += hold.amount_minor
            row.held_minor[hold.currency] += hold.held_minor or 0
            row.returned_minor[hold.currency] += hold.returned_minor
            row.confirmed += hold.confirmed_by is not None
            if hold.ended is not None and hold.over_ms is not None:
                row.ended[hold.ended] += 1
                row.lasted_ms.append(hold.over_ms - hold.placed_ms)
                if hold.ended in ("released", "lapsed"):
                    row.freed_ms.append(hold.over_ms - hold.placed_ms)
    for appeal in found.reading.appeals.values():
        for row in rows(appeal.opened_ms):
            row.appeals += 1
            row.ruled += appeal.upheld is not None
            row.upheld += appeal.upheld is True
    for listing in found.reading.listings.values():
        for row in rows(listing.from_ms):
            row.listings += 1
    for reveal in found.reveals:
        for row in rows(reveal.at_ms):
            row.reveals += 1
    for view in found.reading.views:
        for row in rows(view.at_ms):
            row.views += 1
    return [*(by_name[name] for name in sorted(by_name)), whole]


def percentile(values: Sequence[int], percent: int) -> int | None:
    """The smallest value that so many in a hundred do not pass (nearest rank); None of none.

    >>> percentile([3, 1, 2], 50), percentile(range(1, 101), 95), percentile([], 50)
    (2, 95, None)
    """
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
