"""Shares and their intervals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.reports.proportions import Interval, paired_difference, share, wilson

counts = st.integers(0, 10_000)


def test_a_share_of_nothing_is_missing() -> None:
    """Never 0: that would be a statement."""
    assert share(0, 0) is None
    assert wilson(0, 0) is None
    assert paired_difference(0, 0, 0, 0) is None


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17, 1998, 857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_intervals(
    part: int, whole: int, low: float, high: float
) -> None:
    """The literature's worked examples."""
    interval = wilson(part, whole)
    assert interval is not None
    assert (low, high) == (round(interval.low, 4), round(interval.high, 4))


@given(counts, counts)
def test_wilson_holds_the_share_and_stays_a_share(part: int, rest: int) -> None:
    """For any counts, zero and all included."""
    interval = wilson(part, part + rest)
    if part + rest:
        assert interval is not None
        assert 0 <= interval.low <= part / (part + rest) <= interval.high <= 1


@given(counts, counts, counts, counts)
def test_a_paired_difference_turns_its_sign_with_the_order(
    both: int, first: int, second: int, neither: int
) -> None:
    """It holds the difference, and after minus before is minus before minus after."""
    there = paired_difference(both, first, second, neither)
    back = paired_difference(both, second, first, neither)
    if there is None or back is None:
        assert both + first + second + neither == 0
        return
    difference = (second - first) / (both + first + second + neither)
    assert there.low - 1e-12 <= difference <= there.high + 1e-12
    assert there.low == pytest.approx(-back.high, abs=1e-12)
    assert there.high == pytest.approx(-back.low, abs=1e-12)


def test_an_interval_is_a_value() -> None:
    """Equal by its ends."""
    assert Interval(0.1, 0.2) == Interval(0.1, 0.2)
