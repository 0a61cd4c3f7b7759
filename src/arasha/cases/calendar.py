"""Business days of a country, and the terms that the law counts in them.

In: a calendar as data (the law file) and an instant. Out: the instant at which a term ends. Pure
arithmetic on ms since 1970 UTC; the country's time is one fixed offset (Kazakhstan: UTC+5 for the
whole country since 2024-03-01, so no clock there is ever put forward or back).

A term of n business days ends at the same time of day on the n-th business day after its first day;
one that begins on a free day ends with the n-th business day::

    Fr 15:00  Sa  Su  Mo        1 business day from Friday 15:00    ends Monday 15:00
              Sa 12:00  Mo  Tu  1 business day from Saturday 12:00  ends Tuesday 00:00

Never later than the end of the n-th business day, the latest end that a law which speaks of "n
business days" can mean. Years the calendar does not cover have weekends alone: then a term ends too
early for who holds, never too late for who is held.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Final, Literal, get_args

DAY_MS: Final = 86_400_000
HOUR_MS: Final = 3_600_000
MINUTE_MS: Final = 60_000

MAX_TERM: Final = 10_000
"""Largest count of a term, of whatever unit."""

Unit = Literal["minutes", "hours", "days", "business days"]
UNITS: Final[tuple[Unit, ...]] = get_args(Unit)

_LENGTH_MS: Final[dict[Unit, int]] = {"minutes": MINUTE_MS, "hours": HOUR_MS, "days": DAY_MS}
_FIRST_DAY: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked. ``weekend`` holds weekdays, Monday 0; ``holidays`` are free days of
    the working week, ``workdays`` days of a weekend that are worked; ``years`` are those it covers.
    """

    utc_offset_ms: int
    weekend: frozenset[int]
    holidays: frozenset[date]
    workdays: frozenset[date]
    years: frozenset[int]

    def day_of(self, at_ms: int) -> date:
        """The day that instant falls on, in the country's time."""
        return date.fromordinal((at_ms + self.utc_offset_ms) // DAY_MS + _FIRST_DAY)

    def starts_ms(self, day: date) -> int:
        """The first instant of a day in the country."""
        return (day.toordinal() - _FIRST_DAY) * DAY_MS - self.utc_offset_ms

    def is_business_day(self, day: date) -> bool:
        """Whether it is worked."""
        if day in self.workdays:
            return True
        return day.weekday() not in self.weekend and day not in self.holidays

    def after(self, at_ms: int, business_days: int) -> int:
        """When a term of so many business days ends that begins at that instant."""
        if business_days == 0:
            return at_ms
        first = self.day_of(at_ms)
        within_day_ms = at_ms - self.starts_ms(first) if self.is_business_day(first) else DAY_MS
        days = self._business_days_after(first)
        last = next(islice(days, business_days - 1, None))
        return self.starts_ms(last) + within_day_ms

    def _business_days_after(self, day: date) -> Iterator[date]:
        ordinal = day.toordinal()
        while True:
            ordinal += 1
            day = date.fromordinal(ordinal)
            if self.is_business_day(day):
                yield day


@dataclass(frozen=True, slots=True)
class Term:
    """A length of time as a law says it: ``5 business days``."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count} {self.unit.removesuffix('s') if self.count == 1 else self.unit}"

    def after(self, at_ms: int, calendar: Calendar) -> int:
        """When the term ends that begins at that instant, ms since 1970 UTC.

        >>> week = Calendar(0, frozenset({5, 6}), frozenset(), frozenset(), frozenset())
        >>> Term(2, "hours").after(0, week)
        7200000
        >>> week.day_of(Term(2, "business days").after(0, week))  # from a Thursday
        datetime.date(1970, 1, 5)
        """
        if self.unit == "business days":
            return calendar.after(at_ms, self.count)
        return at_ms + self.count * _LENGTH_MS[self.unit]


def read_term(text: str) -> Term | None:
    """The term a text says, or None.

    >>> read_term("1 business day")
    Term(count=1, unit='business days')
    """
    count, _, unit = text.partition(" ")
    if not (count.isascii() and count.isdigit() and 1 <= int(count[:6]) <= MAX_TERM):
        return None
    found = next((one for one in UNITS if unit in (one, one.removesuffix("s"))), None)
    return None if found is None or len(count) > len(str(MAX_TERM)) else Term(int(count), found)
