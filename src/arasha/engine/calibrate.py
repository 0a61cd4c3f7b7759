"""What a sum of trees means: the probability that payments with such a sum turned out to be fraud.

In: sums and truths of payments the trees have not seen, in the order of time. Out: a Calibration
(policy/definition.py), isotonic or Platt's, whichever foretold the later half better from the
earlier.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from arasha.policy.definition import Calibration
from arasha.policy.model import calibrated
from arasha.policy.model_document import MAX_KNOTS

LEAST_FRAUDS: Final = 20
"""Fewer frauds than this to calibrate on cannot draw a curve: then it is Platt's line."""

_DIGITS: Final = 9
_TINY: Final = 1e-15

Column = NDArray[np.float64]
Truth = NDArray[np.int8]


def calibrate(raw: Column, truth: Truth) -> tuple[Calibration, dict[str, float]]:
    """The better calibration, fitted on everything; and the log loss of each on the later half."""
    half = len(raw) // 2
    earlier, later = slice(0, half), slice(half, None)
    losses = {}
    if min(_fewest(truth[earlier]), _fewest(truth[later])) >= LEAST_FRAUDS:
        for kind, fit in (("isotonic", isotonic), ("platt", platt)):
            probability = calibrated(raw[later], fit(raw[earlier], truth[earlier]))
            losses[kind] = log_loss(truth[later], probability)
    better = isotonic if losses and losses["isotonic"] < losses["platt"] else platt
    return better(raw, truth), losses


def platt(raw: Column, truth: Truth) -> Calibration:
    """A straight line of log odds. Of one class alone, the sum as it is."""
    if _fewest(truth) == 0:
        return Calibration("platt")
    line = LogisticRegression(C=1e6, tol=1e-10, max_iter=1000).fit(raw[:, None], truth == 1)
    slope, intercept = float(line.coef_[0, 0]), float(line.intercept_[0])
    return Calibration("platt", slope=_rounded(max(slope, _TINY)), intercept=_rounded(intercept))


def isotonic(raw: Column, truth: Truth) -> Calibration:
    """An ascending curve; each of its steps is drawn to the base rate as by one payment more. Of
    more knots than a policy holds, as many as it does, evenly spread.
    """
    fraud = truth == 1
    base = float(fraud.mean()) if len(fraud) else 0.0
    if _fewest(truth) == 0:
        return Calibration("isotonic", (0.0,), (base,))
    step = IsotonicRegression(out_of_bounds="clip").fit(raw, fraud).predict(raw)
    _, block = np.unique(step, return_inverse=True)
    counts, frauds = np.bincount(block), np.bincount(block, weights=fraud)
    probability = np.maximum.accumulate((frauds + base) / (counts + 1))
    knots: dict[float, float] = {}
    lowest, highest = np.full(len(counts), np.inf), np.full(len(counts), -np.inf)
    np.minimum.at(lowest, block, raw)
    np.maximum.at(highest, block, raw)
    for low, high, level in zip(lowest.tolist(), highest.tolist(), probability, strict=True):
        knots.setdefault(_rounded(low), _rounded(float(level)))
        knots.setdefault(_rounded(high), _rounded(float(level)))
    places = np.unique(np.linspace(0, len(knots) - 1, min(len(knots), MAX_KNOTS)).astype(np.int64))
    drawn = list(knots.items())
    points = [drawn[place] for place in places.tolist()]
    return Calibration("isotonic", tuple(x for x, _ in points), tuple(y for _, y in points))


def log_loss(truth: Truth, probability: Column) -> float:
    """Mean log loss, nats a payment."""
    p = np.clip(probability, _TINY, 1 - _TINY)
    return float(-np.mean(np.where(truth == 1, np.log(p), np.log1p(-p))))


def _fewest(truth: Truth) -> int:
    frauds = int((truth == 1).sum())
    return min(frauds, len(truth) - frauds)


def _rounded(value: float) -> float:
    """As many digits as a policy's text holds."""
    return float(f"{value:.{_DIGITS}g}")
