"""Drift and contributions."""

from __future__ import annotations

from math import log, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.reports.card_columns import Contributions, Matrix
from arasha.reports.card_drift import drifts, group_weights, psi, weights

values = st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0, nan]), min_size=1, max_size=40)


@given(values, values)
def test_psi_is_the_sum_over_bins(train: list[float], test: list[float]) -> None:
    """Of few distinct values: edges at the training's tenths, missing apart, half a payment added
    to each bin that anyone is in.
    """
    known = sorted(x for x in train if x == x)
    edges: list[float] = []
    for tenth in range(1, 10):
        if known:  # the smallest value with at least that many tenths at or below it
            at = next(x for x in known if 10 * sum(y <= x for y in known) >= tenth * len(known))
            if at not in edges and at < known[-1]:
                edges.append(at)

    def bin_of(x: float) -> int:
        return -1 if x != x else sum(x > edge for edge in edges)

    seen = {bin_of(x) for x in train + test}
    plain = 0.0
    for each in seen:
        a, b = (
            (sum(bin_of(x) == each for x in side) + 0.5) / (len(side) + 0.5 * len(seen))
            for side in (train, test)
        )
        plain += (b - a) * log(b / a)
    assert pytest.approx(plain, abs=1e-12) == psi(np.array(train), np.array(test))[0]


def test_nothing_changed_exceeds_chance_once_in_twenty() -> None:
    """Of 1,000 features drawn alike, about 50 lie above what is stated, not 0 and not 200."""
    rng = np.random.default_rng(4)
    above = 0
    for _ in range(1000):
        index, by_chance = psi(rng.normal(size=2000), rng.normal(size=1000))
        above += index > by_chance
    assert 25 <= above <= 85


def test_a_shift_and_a_loss_are_both_drift() -> None:
    """Values that moved, and values that went missing."""
    rng = np.random.default_rng(4)
    base = rng.normal(size=5000)
    moved, lost = rng.normal(1, 1, 5000), np.where(rng.random(5000) < 0.3, nan, base)
    assert psi(base, moved)[0] > 0.25
    assert psi(base, lost)[0] > 0.25
    assert 0.0 == psi(base, base)[0]


@pytest.mark.parametrize("side", [np.zeros(0), np.full(5, nan), np.zeros(5)])
def test_odd_columns_do_not_stop_it(side: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    """Empty, all missing, constant; infinity too."""
    for other in (np.array([1.0, 2.0, np.inf]), side):
        assert np.isfinite(psi(side, other)).all()
        assert np.isfinite(psi(other, side)).all()


def test_drifts_come_worst_first_with_their_means() -> None:
    """Means of what is not missing; None where all is."""
    train = np.array([[1.0, 1.0], [1.0, 3.0], [1.0, 3.0]])
    test = np.array([[nan, 1.0], [nan, 3.0], [nan, 3.0]])
    gone, same = drifts(Matrix(("gone", "same"), train, test))
    assert ("gone", 1.0, None, 0.0, 1.0) == (
        gone.name, gone.train_mean, gone.test_mean, gone.train_missing, gone.test_missing,
    )  # fmt: skip
    assert ("same", 0.0) == (same.name, same.psi)


def test_weights_are_mean_sizes_and_groups_may_cancel_out() -> None:
    """Two features that always undo each other weigh alone, and nothing together."""
    test = np.arange(12.0).reshape(4, 3)
    values = np.array([[1, -1, 0.5, -3], [2, -2, 0.5, -3], [3, -3, 0.5, -3], [4, -4, 0.5, -3.0]])
    matrix = Matrix(("up", "down", "flat"), test, test, {"up": "pace", "down": "pace"})
    found = {one.name: one for one in weights(matrix, Contributions(values))}
    assert (2.5, 2.5, 0.5) == tuple(found[name].mean for name in ("up", "down", "flat"))
    assert (1, -1, 0) == tuple(found[name].direction for name in ("up", "down", "flat"))
    assert pytest.approx(1) == sum(one.share for one in found.values())
    groups = group_weights(matrix.names, matrix.groups, Contributions(values))
    assert [("other", 0.5, 1.0), ("pace", 0.0, 0.0)] == [(g.name, g.mean, g.share) for g in groups]


def test_contributions_of_some_rows_go_with_those_rows() -> None:
    """The direction is of the values that they were computed from."""
    test = np.array([[3.0], [0.0], [1.0], [2.0]])
    some = Contributions(np.array([[0.0, 0], [1.0, 0], [2.0, 0]]), np.array([1, 2, 3]))
    (one,) = weights(Matrix(("x",), test, test), some)
    assert 1 == one.direction
