from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.reports.jackknife import Sums, jackknife, t95
from arasha.reports.proportions import Estimate


def mean(sums: Sums) -> float | None:
    """The first by the second."""
    part, whole = sums
    return part / whole if whole else None


def test_of_a_mean_it_is_students_interval() -> None:
    """Worked by hand: deviation 2, ten values, 2.262 of its tenth's root on either side."""
    found = jackknife([(value, 1) for value in [1, 5] * 5], mean)
    assert found.interval is not None
    half = 2.2622 * (40 / 9) ** 0.5 / 10**0.5
    assert 3.0 == found.value
    assert pytest.approx((3 - half, 3 + half)) == (found.interval.low, found.interval.high)


def test_of_nothing_there_is_no_figure_and_of_one_run_no_interval() -> None:
    """A missing figure is none, never 0."""
    assert Estimate(None) == jackknife([], mean)
    assert Estimate(None) == jackknife([(4, 0), (2, 0)], mean)
    assert Estimate(2.0) == jackknife([(4, 2)], mean)


def test_a_figure_that_hangs_on_one_run_has_no_interval() -> None:
    """Without that run there is nothing to divide by."""
    assert Estimate(3.0) == jackknife([(4, 2), (2, 0), (0, 0)], mean)


@given(
    st.lists(
        st.tuples(st.integers(0, 1_000), st.integers(0, 1_000)), min_size=2, max_size=12
    ).filter(lambda runs: sum(one[1] > 0 for one in runs) >= 2)
)
def test_two_runs_with_something_below_the_line_suffice(runs: list[tuple[int, int]]) -> None:
    """The interval is there, holds the ratio of sums, and does not hang on the order of runs."""
    found, turned = jackknife(runs, mean), jackknife(runs[::-1], mean)
    assert found.interval is not None
    assert turned.interval is not None
    assert sum(one[0] for one in runs) / sum(one[1] for one in runs) == found.value
    assert found.interval.low <= found.value <= found.interval.high
    assert pytest.approx(found.interval.low, abs=1e-9) == turned.interval.low


@pytest.mark.parametrize(("freedom", "value"), [(1, 12.7062), (30, 2.0423), (60, 2.0003)])
def test_percentiles_of_t(freedom: int, value: float) -> None:
    """As in the tables, within the table of this module and beyond."""
    assert pytest.approx(value, abs=2e-4) == t95(freedom)
