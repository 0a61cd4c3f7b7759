from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.policy.definition import Calibration
from arasha.policy.model import Model, calibrated, points_of
from model_samples import Learnt


def model_of(small_model: Learnt) -> Model:
    """The model of the sample."""
    assert small_model.after.model is not None
    return Model(small_model.after.model)


def test_what_a_row_gets_does_not_depend_on_the_rows_beside_it(small_model: Learnt) -> None:
    """Judged alone, in a thousand, or in another order: the same bits."""
    model, rows = model_of(small_model), small_model.table.features[:1000]
    together = model.predict(rows)
    alone = np.concatenate([model.predict(rows[at : at + 1]) for at in range(0, 1000, 50)])
    assert together[::50].tobytes() == alone.tobytes()
    assert together[::-1].tobytes() == model.predict(rows[::-1].copy()).tobytes()


def test_contributions_add_up_to_the_sum_of_the_trees(small_model: Learnt) -> None:
    """Exact contributions: with what is said of nobody they are the whole of the score."""
    model, rows = model_of(small_model), small_model.table.features[:200]
    parts = model.contributions(rows)
    assert (200, len(model.features) + 1) == parts.shape
    np.testing.assert_allclose(model.raw(rows), parts.sum(axis=1), atol=1e-9)


def test_no_rows_are_no_work(small_model: Learnt) -> None:
    """A batch without payments has no probability."""
    model = model_of(small_model)
    none = np.zeros((0, len(model.features)))
    assert (0,) == model.predict(none).shape
    assert (0, len(model.features) + 1) == model.contributions(none).shape


@given(st.floats(-800, 800), st.floats(0.01, 5), st.floats(-10, 10))
def test_platts_curve_is_the_logistic_function(raw: float, slope: float, intercept: float) -> None:
    """Our own powers of e agree with the machine's."""
    x = slope * raw + intercept
    expected = 1 / (1 + math.exp(-x)) if x > -700 else 0.0
    found = calibrated(np.array([raw]), Calibration("platt", slope=slope, intercept=intercept))
    assert pytest.approx(expected, rel=1e-13, abs=1e-300) == found[0]


def test_an_isotonic_curve_is_level_beyond_its_knots() -> None:
    """Straight lines between knots; nothing is foretold beyond what was seen."""
    curve = Calibration("isotonic", (-1.0, 0.0, 2.0), (0.1, 0.2, 0.6))
    found = calibrated(np.array([-9.0, -1.0, -0.5, 0.0, 1.0, 2.0, 9.0]), curve)
    np.testing.assert_allclose([0.1, 0.1, 0.15, 0.2, 0.4, 0.6, 0.6], found)


def test_points_are_thousandths() -> None:
    """A probability of a half is 500 points."""
    assert [0, 1, 500, 1000] == points_of(np.array([0.0004, 0.0005, 0.5, 1.0])).tolist()
