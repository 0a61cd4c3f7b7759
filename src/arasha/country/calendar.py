"""What day it is in the country, and what that does to everyone alike.

In: the number of a day (0 is the first), parameters. Out: a Day: its date, whether it is free, what
is celebrated, which paydays fall on it, and by how much each sort of spending and calling differs.
A feast changes what the country does as a whole; nothing says who keeps it.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from arasha.country.parameters import Parameters

SORTS: Final = (
    "food", "market", "eating out", "transport", "online", "transfers", "gifts", "cash", "charity",
    "formal", "calls", "office calls",
)  # fmt: skip
"""Sorts of spending and calling that have seasons; formal: state, clinics, utilities, own money."""

DAY_MS: Final = 86_400_000

# Days off in Kazakhstan that have a fixed date (law on holidays of 13.12.2001)
_FIXED: Final = {
    (1, 1): "New Year", (1, 2): "New Year", (1, 7): "7 January", (3, 8): "8 March",
    (3, 21): "Nauryz", (3, 22): "Nauryz", (3, 23): "Nauryz", (5, 1): "1 May", (5, 7): "7 May",
    (5, 9): "9 May", (7, 6): "Capital", (8, 30): "Constitution", (10, 25): "Republic",
    (12, 16): "Independence",
}  # fmt: skip
# First and last day of the fast, and the first day of Kurban Ait (a day off)
_RAMADAN: Final = {
    2024: ("03-11", "04-09"), 2025: ("03-01", "03-29"), 2026: ("02-19", "03-19"),
    2027: ("02-08", "03-08"), 2028: ("01-28", "02-25"),
}  # fmt: skip
_KURBAN: Final = {2024: "06-16", 2025: "06-06", 2026: "05-27", 2027: "05-16", 2028: "05-05"}
_LAST_PAYDAY: Final = 31
_WEEKDAYS: Final = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Day:
    """One day. ``factors`` are in the order of SORTS; ``paydays`` are the days of the month whose
    pay comes today: today's own and, before a day off, those that would fall on it.
    """

    index: int
    date: date
    start_ms: int
    free: bool
    occasions: tuple[str, ...]
    factors: tuple[float, ...]
    paydays: frozenset[int]

    @property
    def weekday(self) -> int:
        """0 is Monday."""
        return self.date.weekday()


def day_of(index: int, parameters: Parameters) -> Day:
    """The day of that number.

    >>> from arasha.country.parameters import load
    >>> day_of(75, load()).occasions
    ('Nauryz',)
    """
    first = date.fromisoformat(parameters.text("country.first_day"))
    today = first + timedelta(days=index)
    offset_ms = parameters.whole("country.utc_offset_hours") * 3_600_000
    start_ms = (today - date(1970, 1, 1)).days * DAY_MS - offset_ms
    occasions = occasions_of(today)
    return Day(
        index, today, start_ms, is_free(today), occasions,
        _factors(today, occasions, parameters), _paydays(today),
    )  # fmt: skip


def is_free(today: date) -> bool:
    """Whether offices are closed."""
    off = (today.month, today.day) in _FIXED or today == _of_year(_KURBAN, today.year)
    return off or today.weekday() >= 5


def occasions_of(today: date) -> tuple[str, ...]:
    """What is going on, by the names of the parameters under ``seasons``."""
    month, day, found = today.month, today.day, []
    if month == 12 and day >= 20:
        found.append("new_year_coming")
    if month == 1 and day <= 3:
        found.append("new_year")
    if month == 3 and day in (6, 7, 8):
        found.append("womens_day")
    if month == 3 and 17 <= day <= 20:
        found.append("nauryz_coming")
    if month == 3 and 21 <= day <= 23:
        found.append("nauryz")
    if (month == 8 and day >= 20) or (month == 9 and day == 1):
        found.append("school")
    if month in (7, 8, 9, 10) and today.weekday() >= 4:
        found.append("weddings")
    begin, end = (_of_year({y: d[i] for y, d in _RAMADAN.items()}, today.year) for i in (0, 1))
    if begin is not None and end is not None and begin <= today <= end:
        found.append("ramadan")
    if end is not None and end < today <= end + timedelta(days=3):
        found.append("ait")
    kurban = _of_year(_KURBAN, today.year)
    if kurban is not None and kurban <= today < kurban + timedelta(days=3):
        found.append("ait")
    return tuple(found)


def _of_year(days: dict[int, str], year: int) -> date | None:
    return date.fromisoformat(f"{year}-{days[year]}") if year in days else None


def _factors(today: date, occasions: tuple[str, ...], parameters: Parameters) -> tuple[float, ...]:
    """The product of what weekday and occasions do to each sort."""
    factors = list(parameters.numbers(f"weekdays.{_WEEKDAYS[today.weekday()]}"))
    if is_free(today) and today.weekday() < 5:
        factors = list(parameters.numbers("weekdays.sunday"))
    for occasion in occasions:
        for place, factor in enumerate(parameters.numbers(f"seasons.{occasion}")):
            factors[place] *= factor
    assert len(factors) == len(SORTS)
    return tuple(factors)


def _paydays(today: date) -> frozenset[int]:
    """Days of the month that are paid today: pay that would fall on a day off comes before it."""
    soon = today.replace(day=1) + timedelta(days=32)
    months = ((today.year, today.month), (soon.year, soon.month))
    return frozenset(
        payday
        for year, month in months
        for payday in range(1, _LAST_PAYDAY + 1)
        if _paid_on(year, month, payday) == today
    )


def _paid_on(year: int, month: int, payday: int) -> date:
    """When a payday of that month is paid; the 31st is the last of any month."""
    paid = date(year, month, min(payday, monthrange(year, month)[1]))
    while is_free(paid):
        paid -= timedelta(days=1)
    return paid
