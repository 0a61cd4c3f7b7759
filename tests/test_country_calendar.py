"""The calendar: days off, feasts, paydays, and what they do to everyone alike."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.country.calendar import SORTS, day_of, is_free, occasions_of
from country_people import parameters


@pytest.mark.parametrize(
    ("day", "free", "occasions"),
    [
        ("2026-01-01", True, ("new_year",)),
        ("2026-01-05", False, ()),
        ("2026-02-19", False, ("ramadan",)),
        ("2026-03-19", False, ("nauryz_coming", "ramadan")),
        ("2026-03-20", False, ("nauryz_coming", "ait")),
        ("2026-03-22", True, ("nauryz", "ait")),
        ("2026-05-27", True, ("ait",)),
        ("2026-03-08", True, ("womens_day", "ramadan")),
        ("2026-08-29", True, ("school", "weddings")),
        ("2026-09-01", False, ("school",)),
        ("2026-12-24", False, ("new_year_coming",)),
        ("2035-03-01", False, ()),
    ],
)
def test_days_and_what_falls_on_them(day: str, free: object, occasions: tuple[str, ...]) -> None:
    """Feasts by the law on holidays and the lunar calendar, which is known to 2028."""
    today = date.fromisoformat(day)
    assert (free, occasions) == (is_free(today), occasions_of(today))


def test_a_day_begins_at_local_midnight() -> None:
    """The country keeps UTC+5; days follow each other."""
    first = day_of(0, parameters())
    assert 1_767_553_200_000 == first.start_ms  # 2026-01-04 19:00 UTC
    assert 86_400_000 == day_of(1, parameters()).start_ms - first.start_ms
    assert 0 == first.weekday


@given(st.integers(0, 3_000))
def test_factors_are_positive(index: int) -> None:
    """Every sort has its factor on every day, and none is nought or absurd."""
    factors = day_of(index, parameters()).factors
    assert len(SORTS) == len(factors)
    assert all(0.1 < factor < 15 for factor in factors)


def test_feasts_change_spending() -> None:
    """In the weeks of the fast less is eaten out and more given; before Nauryz more is bought."""
    by_date = {day.date: dict(zip(SORTS, day.factors, strict=True))
               for day in (day_of(index, parameters()) for index in range(100))}  # fmt: skip
    usual, fast = by_date[date(2026, 2, 11)], by_date[date(2026, 2, 25)]
    assert fast["eating out"] < usual["eating out"]
    assert fast["charity"] > 2 * usual["charity"]
    assert by_date[date(2026, 3, 18)]["food"] > 1.2 * usual["food"]


@pytest.mark.parametrize("year", [2026, 2027])
@pytest.mark.parametrize("payday", [1, 5, 15, 28, 31])
def test_every_payday_comes_once_a_month(year: int, payday: int) -> None:
    """On its day or, when offices are closed, on the last working day before."""
    first = (date(year, 1, 1) - date(2026, 1, 5)).days
    paid = [
        today.date
        for today in (day_of(index, parameters()) for index in range(first, first + 365))
        if payday in today.paydays
    ]
    assert 12 == len({(day.year, day.month) for day in paid}) or payday == 1
    assert 12 == len(paid) or (payday == 1 and len(paid) in (11, 12, 13))
    assert not any(is_free(day) for day in paid)
    for day in paid:
        following = [day + timedelta(days=n) for n in range(1, 12)]
        due = next((one for one in [day, *following] if one.day == payday), None)
        last = next((one for one in [day, *following] if (one + timedelta(days=1)).day == 1), None)
        until = due or last
        assert until is not None
        between = [day + timedelta(days=n) for n in range(1, (until - day).days + 1)]
        assert all(is_free(one) for one in between)
