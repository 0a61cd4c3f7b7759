"""Judged: the model's part. A probability of fraud for each row, and what moved it.

In: the features a policy names for its model, a row a payment, NaN where missing. Out: a calibrated
probability per row, the points it is worth, and on request each feature's share in it. The trees
were grown by LightGBM and are read by our own kernels (policy/trees.py); what turns their sum into
a probability is computed from + − × ÷ alone, so that every machine gives the same bits.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.events.kernels import brief
from arasha.policy.definition import MAX_SCORE, Calibration, ModelPart
from arasha.policy.model_file import features_in
from arasha.policy.trees import trees_of

Column = NDArray[np.float64]

_LN2_HIGH: Final = 6.93147180369123816490e-01  # ln 2 with 32 low bits zero
_LN2_LOW: Final = 1.90821492927058770002e-10
_LARGEST_POWER: Final = 700.0  # beyond it e**x is no float, and a probability is 0 or 1


class Model:
    """The trees of a policy and their calibration, ready to run."""

    def __init__(self, part: ModelPart) -> None:
        assert part.text is not None, "a policy without its model file is judged by its rules"
        self.features = part.features
        assert features_in(part.text) == part.features
        self._trees = trees_of(part.text, len(part.features))
        self._calibration = part.calibration

    def raw(self, rows: NDArray[np.float64]) -> Column:
        """The sum of the trees, float64[n]: log odds before calibration."""
        return self._trees.raw(rows)

    def predict(self, rows: NDArray[np.float64]) -> Column:
        """The probability of fraud, float64[n], each in [0, 1]. A row's does not depend on others.

        ``rows`` float64[n, features], in the policy's order, NaN where missing.
        """
        return calibrated(self.raw(rows), self._calibration)

    def points(self, rows: NDArray[np.float64]) -> NDArray[np.int64]:
        """The probabilities as points of a score: thousandths, half up."""
        return points_of(self.predict(rows))

    def contributions(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """What each feature adds to the log odds of a row: float64[n, features + 1].

        Exact Shapley values of the trees (Lundberg et al. 2020, tree-path dependent); the last
        column is what the model says of nobody. A row's sum is its ``raw``.
        """
        return self._trees.contributions(rows)


def points_of(probability: Column) -> NDArray[np.int64]:
    """Probabilities as whole thousandths, half up."""
    return np.floor(probability * MAX_SCORE + 0.5).astype(np.int64)


def calibrated(raw: Column, calibration: Calibration) -> Column:
    """The probability that a sum of trees means.

    Platt: the logistic function of a straight line. Isotonic: straight lines between knots, level
    beyond them.
    """
    if calibration.kind == "platt":
        return _logistic(np.ascontiguousarray(raw), calibration.slope, calibration.intercept)
    return _between(
        np.ascontiguousarray(raw), np.array(calibration.raw), np.array(calibration.probability)
    )


@brief
def _logistic(raw: Column, slope: float, intercept: float) -> Column:
    """1 / (1 + e**-(slope·raw + intercept)).

    x = k·ln 2 + r with |r| ≤ ½·ln 2; e**r by its series, of which 18 terms leave less than 1e-17.
    """
    out = np.empty(len(raw))
    for i in range(len(raw)):
        x = -(slope * raw[i] + intercept)
        if x > _LARGEST_POWER:
            out[i] = 0.0
        elif x < -_LARGEST_POWER:
            out[i] = 1.0
        else:
            k = math.floor(x / (_LN2_HIGH + _LN2_LOW) + 0.5)
            r = (x - k * _LN2_HIGH) - k * _LN2_LOW
            series = 1.0
            for term in range(18, 0, -1):
                series = 1.0 + r * series / term
            out[i] = 1.0 / (1.0 + math.ldexp(series, int(k)))
    return out


@brief
def _between(raw: Column, knots: Column, probability: Column) -> Column:
    """Straight lines between the knots, which ascend strictly."""
    out = np.empty(len(raw))
    last = len(knots) - 1
    for i in range(len(raw)):
        x = raw[i]
        at = np.searchsorted(knots, x, side="right") - 1
        if at < 0:
            out[i] = probability[0]
        elif at >= last:
            out[i] = probability[last]
        else:
            share = (x - knots[at]) / (knots[at + 1] - knots[at])
            out[i] = probability[at] + share * (probability[at + 1] - probability[at])
    return out
