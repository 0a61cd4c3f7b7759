"""How numbers are written."""

from __future__ import annotations

import pytest

from arasha.reports import figures
from arasha.reports.proportions import Interval


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (figures.count(None), "–"),
        (figures.count(-1_234_567), "−1,234,567"),
        (figures.ratio(0.0), "0"),
        (figures.ratio(0.001), "<0.01"),
        (figures.ratio(2.5), "2.50"),
        (figures.ratio(12_345.6), "12,345.6"),
        (figures.percent(None), "–"),
        (figures.percent(0.0), "0%"),
        (figures.percent(0.00001), "<0.01%"),
        (figures.percent(0.0032), "0.32%"),
        (figures.percent(0.99999), ">99.9%"),
        (figures.percent(1.0), "100%"),
        (figures.interval(None), "–"),
        (figures.interval(Interval(0.531, 0.61)), "53.1–61.0%"),
        (figures.points(-0.0004), "−0.04 pp"),
        (figures.points_interval(Interval(-0.001, 0.02)), "−0.10 to +2.00 pp"),
        (figures.signed(0), "0"),
        (figures.signed(-1234), "−1,234"),
        (figures.signed(1.25), "+1.25"),
        (figures.signed(None), "–"),
        (figures.money(149_990, 398), "1,499.90 KZT"),
        (figures.money(-149_990, 398, whole=True), "−1,499 KZT"),
        (figures.money(5, 392), "5 JPY"),
        (figures.money(1_234_567, 414), "1,234.567 KWD"),
        (figures.money(5, 1), "5 minor units of currency 001"),
        (figures.money_short(289_744_468_585, 398), "2.90 bn KZT"),
        (figures.money_short(0, 398), "0 KZT"),
        (figures.moment(1_790_000_000_000, 18_000_000), "2026-09-21 19:13:20"),
        (figures.moment(2**62), "4,611,686,018,427,387,904 ms since 1970"),
        (figures.day(-1), "1969-12-31"),
        (figures.day(10**9), "day 1,000,000,000"),
        (figures.duration(250), "250 ms"),
        (figures.duration(7_384_000), "2 h 3 min"),
        (figures.duration(90_000_000), "1 d 1 h"),
        (figures.duration(-60_000), "−1 min"),
        (figures.offset(0), "UTC"),
        (figures.offset(-12_600_000), "UTC−03:30"),
    ],
)
def test_a_number_is_written_so(written: str, expected: str) -> None:
    """A case a line; missing is a dash, and almost nothing is not nothing."""
    assert expected == written
