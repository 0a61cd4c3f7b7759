"""What the public is told of a month: which figures, of which records, and how much each may show.

In: records of the domain, whole, and a month. Out: for each figure what goes into it, clamped so
that one report or one hold, more or less, changes it by a known amount. That amount and the
figure's share of the month's privacy budget say how much noise it needs; the noise itself is drawn
elsewhere (app/http/releases.py), once, and kept.

What is protected is that one report, or one hold with its appeal, was there at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil, log
from typing import Final, Literal

from arasha.cases.calendar import DAY_MS, HOUR_MS, MINUTE_MS
from arasha.cases.records import Appeal, Complaint, Hold, HoldStatus, Report
from arasha.events.money import CURRENCY_OF_NUMERIC

FigureKind = Literal["count", "money", "minutes", "hours"]

MOST_MAJOR: Final = 1_000_000
"""Of one hold so much money is counted at most, major units: what is more would need more noise."""

SETTLE_MS: Final = 15 * DAY_MS
"""How long after its end a month is counted: its appeals have been ruled on by then."""

YEAR_MILLI: Final = 12_000
"""The budget of a year: epsilon, in thousandths. A month takes `MONTH_MILLI` of it."""

MINUTES: Final = (1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 720, 1_440)
HOURS: Final = (1, 2, 4, 8, 12, 18, 24, 36, 48, 72, 96, 120, 168, 240, 360)
"""What a median can be told as."""

_WRONG: Final = frozenset({"not_fraud", "mistake", "withdrawn", "appeal"})


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. ``epsilon_milli``: its share of a month's budget, in thousandths."""

    name: str
    kind: FigureKind
    epsilon_milli: int

    @property
    def candidates(self) -> tuple[int, ...]:
        """What a median can be; none for a count or a sum."""
        return {"minutes": MINUTES, "hours": HOURS}.get(self.kind, ())

    @property
    def scale(self) -> float:
        """How far noise reaches, in what one record changes; in ranks for a median."""
        return (2 if self.candidates else 1) * 1_000 / self.epsilon_milli

    @property
    def least(self) -> int:
        """Of so many records a median is worth telling: a far one is then drawn once in 20 times.

        A candidate that all values lie on one side of has a score of half their number, and is
        drawn exp(-score / scale) times as often as the true one.
        """
        return ceil(2 * self.scale * log(len(self.candidates) / 0.05)) if self.candidates else 0


FIGURES: Final = (
    Figure("reports", "count", 50),
    Figure("minutes_to_hold", "minutes", 200),
    Figure("holds", "count", 100),
    Figure("held", "money", 150),
    Figure("returned", "money", 100),
    Figure("held_wrongly", "count", 150),
    Figure("hours_to_unblock", "hours", 150),
    Figure("appeals", "count", 50),
    Figure("upheld", "count", 50),
)
"""Every figure that the public is told, in its order."""

MONTH_MILLI: Final = sum(one.epsilon_milli for one in FIGURES)


@dataclass(frozen=True, slots=True)
class Records:
    """What is counted: the records as they are now, and by which clock and in which currency."""

    reports: Sequence[Report]
    complaints: Sequence[Complaint]
    holds: Sequence[Hold]
    appeals: Sequence[Appeal]
    currency: int
    utc_offset_ms: int


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the country's calendar."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def next(self) -> Month:
        """The month after it."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    def starts_ms(self, utc_offset_ms: int) -> int:
        """Its first instant."""
        start = datetime(self.year, self.number, 1, tzinfo=UTC)
        return round(start.timestamp()) * 1_000 - utc_offset_ms

    def settled_ms(self, utc_offset_ms: int) -> int:
        """From when on it is old enough to be counted."""
        return self.next.starts_ms(utc_offset_ms) + SETTLE_MS

    @staticmethod
    def of(at_ms: int, utc_offset_ms: int) -> Month:
        """The month of an instant.

        >>> str(Month.of(1_790_000_000_000, 18_000_000))
        '2026-09'
        """
        at = datetime.fromtimestamp((at_ms + utc_offset_ms) // 1_000, UTC)
        return Month(at.year, at.month)


def settled_months(first_ms: int, now_ms: int, utc_offset_ms: int) -> list[Month]:
    """Every month since that instant that is old enough to be counted, in order."""
    found, month = [], Month.of(first_ms, utc_offset_ms)
    while month.settled_ms(utc_offset_ms) <= now_ms:
        found.append(month)
        month = month.next
    return found


def most_minor(figure: Figure, currency: int) -> int:
    """By how much one record, more or less, can change a count or a sum."""
    if figure.kind != "money":
        return 1
    return _minor(MOST_MAJOR, currency)


def values_of(figure: Figure, records: Records, month: Month) -> list[int]:
    """What goes into a figure, one value for each record that counts; each is within its bound."""
    start = month.starts_ms(records.utc_offset_ms)
    end = month.next.starts_ms(records.utc_offset_ms)
    return _VALUES[figure.name](records, lambda at_ms: start <= at_ms < end)


Within = Callable[[int], bool]


def _reports(records: Records, within: Within) -> list[int]:
    return [1 for one in records.reports if one.attested and within(one.taken_ms)]


def _minutes_to_hold(records: Records, within: Within) -> list[int]:
    began = {one.id: one.taken_ms for one in records.reports}
    began |= {one.id: one.made_ms for one in records.complaints}
    return [
        round(max(0, hold.answered_ms - began[hold.report]) / MINUTE_MS)
        for hold in _held(records, within)
        if hold.answered_ms is not None
    ]


def _holds(records: Records, within: Within) -> list[int]:
    return [1 for _ in _held(records, within)]


def _money_held(records: Records, within: Within) -> list[int]:
    return [_most(hold.held_minor or 0, records) for hold in _held(records, within)]


def _money_returned(records: Records, within: Within) -> list[int]:
    return [_most(hold.returned_minor, records) for hold in _held(records, within)]


def _held_wrongly(records: Records, within: Within) -> list[int]:
    return [1 for _ in _wrong(records, within)]


def _hours_to_unblock(records: Records, within: Within) -> list[int]:
    return [
        round((hold.over_ms - hold.placed_ms) / HOUR_MS)
        for hold in _wrong(records, within)
        if hold.over_ms is not None
    ]


def _appeals(records: Records, within: Within) -> list[int]:
    return [1 for one in records.appeals if within(one.opened_ms)]


def _upheld(records: Records, within: Within) -> list[int]:
    return [1 for one in records.appeals if one.status == "upheld" and within(one.opened_ms)]


def _held(records: Records, within: Within) -> list[Hold]:
    """Holds by which money was held, placed in the month, in the law's own currency."""
    return [
        hold
        for hold in records.holds
        if hold.held_minor and hold.currency == records.currency and within(hold.placed_ms)
    ]


def _wrong(records: Records, within: Within) -> list[Hold]:
    """Those among them that were no fraud's, or that nobody confirmed in time."""
    return [
        hold
        for hold in _held(records, within)
        if hold.status is HoldStatus.LAPSED or hold.why in _WRONG
    ]


def _most(minor: int, records: Records) -> int:
    return min(minor, _minor(MOST_MAJOR, records.currency))


def _minor(major: int, currency: int) -> int:
    return major * int(10 ** CURRENCY_OF_NUMERIC[currency].decimals)


_VALUES: Final[dict[str, Callable[[Records, Within], list[int]]]] = {
    "reports": _reports,
    "minutes_to_hold": _minutes_to_hold,
    "holds": _holds,
    "held": _money_held,
    "returned": _money_returned,
    "held_wrongly": _held_wrongly,
    "hours_to_unblock": _hours_to_unblock,
    "appeals": _appeals,
    "upheld": _upheld,
}
