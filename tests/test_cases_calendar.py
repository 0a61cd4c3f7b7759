"""Business days in Kazakhstan and elsewhere, by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.cases.calendar import DAY_MS, Calendar, Term, read_term
from cases_samples import kz

ALMATY = timezone(timedelta(hours=5))


def ms(text: str) -> int:
    """An instant in Kazakhstan's time, written like 2026-03-06 15:00."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ALMATY).timestamp() * 1000)


def told(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, ALMATY).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-03-02 08:30", 5, "2026-03-10 08:30"),  # Monday 9 March is free, too
        ("2026-03-06 15:00", 1, "2026-03-10 15:00"),
        ("2026-03-07 12:00", 1, "2026-03-11 00:00"),  # from a Saturday: to the end of Tuesday
        ("2026-03-09 12:00", 1, "2026-03-11 00:00"),  # from a Monday that is free
        ("2026-03-20 18:00", 3, "2026-03-30 18:00"),  # Nauryz takes Monday to Wednesday
        ("2026-12-31 23:59", 1, "2027-01-05 23:59"),  # New Year, a weekend, Monday the 4th
        ("2026-12-15 10:00", 0, "2026-12-15 10:00"),
        ("2026-04-30 00:00", 5, "2026-05-12 00:00"),  # 1, 7 and 11 May
    ],
)
def test_a_term_ends_on_the_nth_business_day(start: str, days: int, end: str) -> None:
    """At the same time of day; from a free day, with the end of the last."""
    assert end == told(kz().calendar.after(ms(start), days))


def test_the_country_has_one_time_since_2024() -> None:
    """UTC+5 in all of it: the zone database says the same as the law file, in every month."""
    for zone in ("Asia/Almaty", "Asia/Aqtau", "Asia/Qyzylorda"):
        for month in range(1, 13):
            at = datetime(2026, month, 1, tzinfo=UTC)
            offset = at.astimezone(ZoneInfo(zone)).utcoffset()
            assert offset is not None
            assert kz().calendar.utc_offset_ms == offset.total_seconds() * 1000


def test_a_day_begins_at_midnight_there() -> None:
    """18:59 UTC is the same day, 19:00 the next one."""
    days = kz().calendar
    last_minute = int(datetime(2026, 3, 2, 18, 59, tzinfo=UTC).timestamp() * 1000)
    assert date(2026, 3, 2) == days.day_of(last_minute)
    assert date(2026, 3, 3) == days.day_of(last_minute + 60_000)
    assert ms("2026-03-03 00:00") == days.starts_ms(date(2026, 3, 3))


def test_a_weekend_that_is_worked_counts() -> None:
    """A government moves a day: the Saturday is a business day, the Monday is not."""
    calendar = Calendar(0, frozenset({5, 6}), frozenset({date(2026, 3, 9)}),
                        frozenset({date(2026, 3, 7)}), frozenset({2026}))  # fmt: skip
    friday = calendar.starts_ms(date(2026, 3, 6))
    assert [7, 10] == [calendar.day_of(calendar.after(friday, n)).day for n in (1, 2)]


@given(st.integers(0, 730 * 86_400), st.integers(0, 86_400 * 3), st.integers(1, 30))
def test_terms_keep_their_order(second: int, later: int, days: int) -> None:
    """Who begins later does not end sooner, and no term ends behind its n-th business day."""
    calendar = kz().calendar
    start = ms("2026-01-01 00:00") + second * 1000
    end = calendar.after(start, days)
    assert end <= calendar.after(start + later * 1000, days)
    counted = day = 0
    while counted < days:
        day += 1
        counted += calendar.is_business_day(calendar.day_of(start) + timedelta(days=day))
    assert end <= calendar.starts_ms(calendar.day_of(start) + timedelta(days=day)) + DAY_MS


@pytest.mark.parametrize("text", ["24 hours", "1 hour", "5 business days", "90 days", "1 minute"])
def test_terms_are_read_as_they_are_told(text: str) -> None:
    """And back."""
    term = read_term(text)
    assert term is not None
    assert text == str(term)


@pytest.mark.parametrize("text", ["", "5", "five days", "0 days", "5  days", "-1 days", "5 weeks",
                                  "99999 days", "5 Days", "² days"])  # fmt: skip
def test_what_is_no_term_is_none(text: str) -> None:
    """Nothing is guessed."""
    assert read_term(text) is None


def test_plain_terms_need_no_calendar() -> None:
    """Hours are hours on a holiday, too."""
    assert 24 * 3_600_000 == Term(24, "hours").after(0, kz().calendar)
