"""The charts of a country's page."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.country.page_charts import MAX_DRAWN_BARS, bars, ranges, seconds, two_lines, two_strips


@pytest.mark.parametrize(
    ("span", "said"), [(10, "10 s"), (60, "1 min"), (1_800, "30 min"), (3_600, "1 h")]
)
def test_lengths_of_time(span: int, said: str) -> None:
    """As people say them."""
    assert said == seconds(span)


def test_ranges_are_open_at_both_ends() -> None:
    """One more than there are edges."""
    assert ["< 2", "2", "5", "≥ 9"] == ranges((2, 5, 9), str)


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=400))
def test_strips_draw_every_day_or_several_at_once(counts: list[int]) -> None:
    """A bar a day up to a limit, beyond it a bar for several; the description has their sum."""
    labels = [f"d{place}" for place in range(len(counts))]
    drawn = two_strips("x", labels, (("Payments", counts), ("Calls", counts)))
    drawn_bars = drawn.count("<rect")
    assert drawn_bars <= 2 * MAX_DRAWN_BARS
    assert 0 == drawn_bars % 2
    assert f"Payments: {sum(counts):,}" in drawn


@given(st.lists(st.floats(0, 1), min_size=2, max_size=12))
def test_bars_stay_inside(shares: list[float]) -> None:
    """Nothing is drawn above the picture or below its axis, whatever the shares."""
    drawn = bars("x", [str(n) for n in range(len(shares))], [("a", shares), ("b", shares)], "t")
    for y, height in re.findall(r'<rect[^>]* y="([\d.-]+)"[^>]* height="([\d.]+)"', drawn):
        assert 0 <= float(y)
        assert float(y) + float(height) <= 232


def test_two_lines_name_their_busiest_hour() -> None:
    """The description says when most happens, for who cannot see the lines."""
    drawn = two_lines("x", ["00", "01", "02"], [[1, 5, 2], [0, 1, 3]], ("working", "free"), "t")
    assert "working: most at 01; free: most at 02" in drawn
    assert 2 == drawn.count("<path")
