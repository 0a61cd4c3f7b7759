"""The compiled draws and the two functions that they stand on."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from arasha.country import kernels_chance as kernels
from arasha.country.kernels_society import paretos, units


@given(st.floats(-600.0, 600.0))
def test_the_exponential_is_right(x: float) -> None:
    """Within a few units in the last place of the library's."""
    assert math.isclose(kernels.exponential_of(x), math.exp(x), rel_tol=4e-15)


@given(st.floats(1e-9, 1 - 1e-9))
def test_the_normal_quantile_is_right(u: float) -> None:
    """Within the error of its approximation."""
    assert math.isclose(
        kernels.normal_quantile(u), NormalDist().inv_cdf(u), rel_tol=2e-8, abs_tol=2e-8
    )


def test_extremes_stay_finite() -> None:
    """Nothing overflows where a draw is at its end."""
    assert 0.0 == kernels.exponential_of(-1e9)
    assert 1e300 == kernels.exponential_of(1e9)
    assert -40.0 < kernels.normal_quantile(0.0) < -7.0


def test_draws_depend_on_key_and_counter_alone() -> None:
    """The same key and counter give the same bits; a neighbour of either gives others."""
    bits = {(key, n): int(kernels.mixed(np.uint64(key), np.uint64(n)))
            for key in range(30) for n in range(30)}  # fmt: skip
    assert 900 == len(set(bits.values()))
    assert bits[(7, 9)] == int(kernels.mixed(np.uint64(7), np.uint64(9)))


def test_units_are_spread_evenly() -> None:
    """A hundred cells get a hundredth each, within five standard errors."""
    cells = np.bincount((units(np.uint64(42), 100_000) * 100).astype(np.int64), minlength=100)
    assert 100_000 == cells.sum()
    assert abs(cells - 1_000).max() < 5 * math.sqrt(1_000)


def test_a_pareto_tail_has_its_shape() -> None:
    """Ten times as large is as rare as the shape says."""
    drawn = paretos(np.uint64(3), 200_000, 1.0, 1.5)
    assert drawn.min() >= 1.0
    assert abs(float((drawn > 10.0).mean()) - 10**-1.5) < 0.002
