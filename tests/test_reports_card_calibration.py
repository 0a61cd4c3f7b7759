"""Calibration figures against plain computations and against truths made to fit."""

from __future__ import annotations

from itertools import pairwise
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.reports.card_calibration import (
    calibration,
    curve,
    expected_error,
    line,
    log_loss,
    mean_and_deviation,
    top,
)
from arasha.reports.card_columns import Numbers, Truth

judged = st.lists(
    st.tuples(st.sampled_from([0.0, 0.01, 0.3, 0.31, 0.9, 1.0]), st.integers(0, 1)),
    min_size=1,
    max_size=60,
)
Judged = list[tuple[float, int]]


def split(some: Judged) -> tuple[Numbers, Truth]:
    return np.array([p for p, _ in some]), np.array([y for _, y in some], np.int8)


def made(n: int = 60_000, slope: float = 1.0, seed: int = 2) -> tuple[Numbers, Truth]:
    """Probabilities, and truths drawn so that the calibration line has that slope."""
    rng = np.random.default_rng(seed)
    logit = rng.normal(-4, 1.5, n)
    truth = rng.random(n) < 1 / (1 + np.exp(-slope * logit))
    return 1 / (1 + np.exp(-logit)), truth.astype(np.int8)


@given(judged)
def test_log_loss_is_the_mean_of_minus_log(some: Judged) -> None:
    """A wrong certainty costs much, and not endlessly."""
    smallest = np.finfo(np.float64).eps
    plain = sum(-log(max(smallest, p if y else 1 - p)) for p, y in some) / len(some)
    assert pytest.approx(plain) == log_loss(*split(some))


@given(judged)
def test_the_curve_holds_every_payment_once_and_splits_no_tie(some: Judged) -> None:
    """Bins follow each other; their frauds and payments add up."""
    p, y = split(some)
    bins = curve(p, y, np.arange(len(y)))
    assert len(some) == sum(one.observed.whole for one in bins)
    assert int(y.sum()) == sum(one.observed.part for one in bins)
    for one, after in pairwise(bins):
        assert one.high < after.low
    total = sum(one.expected * one.observed.whole for one in bins)
    assert pytest.approx(p.sum()) == total


@given(judged)
def test_the_expected_error_of_few_distinct_values_is_by_value(some: Judged) -> None:
    """With more bins than payments each probability is a bin: the plain mean of distances."""
    p, y = split(some)
    plain = sum(
        abs(sum(b - a for a, b in some if a == value)) / len(some) for value in set(p.tolist())
    )
    assert pytest.approx(plain, abs=1e-12) == expected_error(p, y, bins=10_000)
    few = expected_error(p, y, bins=1)
    assert pytest.approx(abs(p.mean() - y.mean()), abs=1e-12) == few


@pytest.mark.parametrize("slope", [0.7, 1.0, 1.3])
def test_the_line_finds_the_slope_that_was_put_in(slope: float) -> None:
    """Its interval holds it, and holds 1 only where that was right."""
    p, y = made(slope=slope)
    found = line(p, y, np.arange(len(y)))
    assert found is not None
    assert found.slope_interval.low < slope < found.slope_interval.high
    assert found.intercept_interval.low < 0 < found.intercept_interval.high
    assert (slope == 1.0) == (found.slope_interval.low < 1 < found.slope_interval.high)


def test_the_line_is_where_the_likelihood_is_flat() -> None:
    """At its maximum the residuals are orthogonal to 1 and to the log-odds."""
    p, y = made(3_000, slope=0.8)
    found = line(p, y, np.arange(len(y)))
    assert found is not None
    x = np.log(p / (1 - p))
    off = y - 1 / (1 + np.exp(-(found.intercept + found.slope * x)))
    assert pytest.approx(0, abs=1e-6) == off.sum()
    assert pytest.approx(0, abs=1e-6) == (off * x).sum()


def test_likeness_widens_the_line() -> None:
    """The same payments ten times over, as one payer's, say no more than once."""
    p, y = made(2_000)
    once = line(p, y, np.arange(len(y)))
    ten = line(np.repeat(p, 10), np.repeat(y, 10), np.repeat(np.arange(len(y)), 10))
    assert once is not None
    assert ten is not None
    assert pytest.approx(once.slope_interval.low) == ten.slope_interval.low


@pytest.mark.parametrize(
    "some", [[(0.1, 0), (0.2, 0)], [(0.1, 1)], [(0.5, 0), (0.5, 1)], [(0.1, 0), (0.9, 1)]]
)
def test_there_is_not_always_a_line(some: Judged) -> None:
    """One truth, one probability, or truths that a threshold splits."""
    p, y = split(some)
    assert line(p, y, np.arange(len(y))) is None


def test_the_top_is_a_hundredth_and_its_ties() -> None:
    """Of 1,000 the ten highest, and all that equal the tenth."""
    p = np.linspace(0, 1, 1000)
    y = (np.arange(1000) >= 995).astype(np.int8)
    found = top(p, y, np.arange(1000))
    assert (5, 10) == (found.observed.part, found.observed.whole)
    tied = top(np.where(p > 0.9, 0.9, p), y, np.arange(1000))
    assert (5, 100) == (tied.observed.part, tied.observed.whole)


def test_a_true_model_gains_and_a_constant_does_not() -> None:
    """The gain is against the test's own base rate, the hardest constant there is."""
    p, y = made()
    gain = calibration(p, y, np.arange(len(y))).log_loss_gain
    assert gain is not None
    assert 0.1 < gain < 1
    constant = calibration(np.full(len(y), y.mean()), y, np.arange(len(y)))
    assert pytest.approx(0, abs=1e-9) == constant.log_loss_gain
    assert pytest.approx(1) == constant.observed_to_expected


def test_nothing_has_no_calibration() -> None:
    """None, not 0."""
    nothing = calibration(np.zeros(0), np.zeros(0, np.int8), np.zeros(0, np.int64))
    assert (None, None, None) == (nothing.log_loss, nothing.line, nothing.top)


def test_mean_and_deviation_are_of_a_sample() -> None:
    """By n - 1; one value has no deviation."""
    assert (2.0, 1.0) == mean_and_deviation([1.0, 2.0, 3.0])
    assert (5.0, None) == mean_and_deviation([5.0])
