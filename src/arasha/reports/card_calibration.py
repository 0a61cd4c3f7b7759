"""Whether a probability means what it says.

Probabilities and truths come in; log loss beside that of a constant, the calibration line and
curve, the expected calibration error and the reliability of the highest scores come out.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np

from arasha.reports.card_columns import FRAUD, Integers, Numbers, Truth
from arasha.reports.card_groups import Rate, clustered_rate
from arasha.reports.proportions import Z95, Interval

ECE_BINS: Final = 20
"""Bins with equally many payments, for the expected calibration error."""

CURVE_BINS: Final = 12
"""Bins with about equally many expected frauds, for the curve."""

LOGIT_FLOOR: Final = 1e-6
"""Probabilities closer to 0 or 1 are taken for this in the calibration line, whose logit they
would make endless."""

TOP: Final = 0.01
"""The share of the payments with the highest scores whose reliability is stated."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Payments with probabilities from ``low`` to ``high``: what was expected, what happened."""

    low: float
    high: float
    expected: float
    observed: Rate


@dataclass(frozen=True, slots=True)
class Line:
    """logit(truth) = intercept + slope * logit(probability), with 95 % intervals; 0 and 1 are
    right. A slope below 1: probabilities are too far apart; above: too close together.
    """

    slope: float
    slope_interval: Interval
    intercept: float
    intercept_interval: Interval


@dataclass(frozen=True, slots=True)
class Calibration:
    """All of it. ``observed_to_expected`` is frauds / the sum of the probabilities."""

    log_loss: float | None
    base_log_loss: float | None
    brier: float | None
    line: Line | None
    observed_to_expected: float | None
    expected_error: float | None
    bins: tuple[Bin, ...]
    top: Bin | None

    @property
    def log_loss_gain(self) -> float | None:
        """How far the log loss lies below that of the base rate, as a share of it."""
        if self.log_loss is None or not self.base_log_loss:
            return None
        return 1 - self.log_loss / self.base_log_loss


def calibration(probability: Numbers, truth: Truth, clusters: Integers) -> Calibration:
    """Of settled payments; ``clusters`` int64[n] from 0 up belong together."""
    n, frauds = len(truth), int(np.count_nonzero(truth == FRAUD))
    if n == 0:
        return Calibration(None, None, None, None, None, None, (), None)
    base = frauds / n
    expected = float(probability.sum())
    return Calibration(
        log_loss=log_loss(probability, truth),
        base_log_loss=log_loss(np.full(n, base), truth),
        brier=float(np.square(probability - truth).mean()),
        line=line(probability, truth, clusters),
        observed_to_expected=frauds / expected if expected > 0 else None,
        expected_error=expected_error(probability, truth),
        bins=curve(probability, truth, clusters),
        top=top(probability, truth, clusters),
    )


def log_loss(probability: Numbers, truth: Truth) -> float | None:
    """Mean of -ln of the probability given to what happened; None of nothing.

    A certainty that was wrong costs ln of the smallest step of a float64, 36, as in scikit-learn.
    """
    if not len(truth):
        return None
    smallest = np.finfo(np.float64).eps
    given = np.where(truth == FRAUD, probability, 1 - probability)
    return float(-np.log(np.clip(given, smallest, 1.0)).mean())


def line(probability: Numbers, truth: Truth, clusters: Integers) -> Line | None:
    """The calibration line by maximum likelihood, intervals by clusters (Huber's sandwich).

    D. R. Cox, Biometrika 45, 1958, 562-565. None without both truths, or where all probabilities
    are one, or where the truths are split by a probability without an overlap.
    """
    x = np.clip(probability, LOGIT_FLOOR, 1 - LOGIT_FLOOR)
    x = np.log(x / (1 - x))
    y = (truth == FRAUD).astype(np.float64)
    frauds = y.sum()
    if frauds in (0, len(y)) or np.ptp(x) == 0 or _apart(x, y):
        return None
    design = np.stack([np.ones_like(x), x], axis=1)
    beta = np.array([np.log(frauds / (len(y) - frauds)), 0.0])
    loss = _loss(design @ beta, y)
    for _ in range(100):
        p = 1 / (1 + np.exp(-(design @ beta)))
        bread = (design * (p * (1 - p))[:, None]).T @ design
        if np.linalg.cond(bread) > 1e14:
            return None
        step = np.linalg.solve(bread, design.T @ (y - p))
        while _loss(design @ (beta + step), y) > loss + 1e-12 and np.abs(step).max() > 1e-12:
            step = step / 2
        beta = beta + step
        loss = _loss(design @ beta, y)
        if np.abs(step).max() < 1e-10:
            break
    return _with_intervals(beta, design, y, clusters)


def _apart(x: Numbers, y: Numbers) -> bool:
    """Whether one threshold splits the truths: then the line is endlessly steep."""
    frauds, goods = x[y == 1], x[y == 0]
    return bool(frauds.min() >= goods.max() or frauds.max() <= goods.min())


def _loss(z: Numbers, y: Numbers) -> float:
    return float((np.logaddexp(0, z) - y * z).sum())


def _with_intervals(beta: Numbers, design: Numbers, y: Numbers, clusters: Integers) -> Line | None:
    p = 1 / (1 + np.exp(-(design @ beta)))
    bread = np.linalg.inv((design * (p * (1 - p))[:, None]).T @ design)
    scores = design * (y - p)[:, None]
    count = int(clusters.max()) + 1
    sums = np.stack([np.bincount(clusters, column, count) for column in scores.T], axis=1)
    meat = sums.T @ sums * (count / max(1, count - 1))
    half = Z95 * np.sqrt(np.maximum(np.diag(bread @ meat @ bread), 0))
    (intercept, slope), (half_intercept, half_slope) = beta.tolist(), half.tolist()
    return Line(
        slope,
        Interval(slope - half_slope, slope + half_slope),
        intercept,
        Interval(intercept - half_intercept, intercept + half_intercept),
    )


def expected_error(probability: Numbers, truth: Truth, bins: int = ECE_BINS) -> float | None:
    """The expected calibration error: mean distance of expected and observed share over bins of
    equally many payments, in the order of the probabilities; equal ones stay in one bin.
    """
    if not len(truth):
        return None
    at = _cuts(np.sort(probability), np.ones(len(truth)), bins)
    order = np.argsort(probability, kind="stable")
    off = np.add.reduceat((truth[order] == FRAUD) - probability[order], at)
    return float(np.abs(off).sum() / len(truth))


def curve(
    probability: Numbers, truth: Truth, clusters: Integers, bins: int = CURVE_BINS
) -> tuple[Bin, ...]:
    """Expected against observed, from the lowest probabilities up, equal ones in one bin.

    The bins expect about equally many frauds, so that the rare high probabilities are seen as
    sharply as the many low ones.
    """
    order = np.argsort(probability, kind="stable")
    ordered = probability[order]
    starts = _cuts(ordered, ordered, bins)
    stops = [*starts[1:].tolist(), len(ordered)]
    return tuple(
        _bin(probability, truth, clusters, order[a:b])
        for a, b in zip(starts.tolist(), stops, strict=True)
    )


def top(probability: Numbers, truth: Truth, clusters: Integers, part: float = TOP) -> Bin:
    """The ``part`` of the payments with the highest probabilities, and all that tie with them."""
    rank = max(1, -(-round(part * len(truth) * 1e9) // 10**9))
    least = np.partition(probability, len(truth) - rank)[len(truth) - rank]
    return _bin(probability, truth, clusters, np.flatnonzero(probability >= least))


def _bin(probability: Numbers, truth: Truth, clusters: Integers, rows: Integers) -> Bin:
    given = probability[rows]
    return Bin(
        float(given.min()),
        float(given.max()),
        float(given.mean()),
        clustered_rate(truth[rows] == FRAUD, clusters[rows]),
    )


def _cuts(ordered: Numbers, mass: Numbers, bins: int) -> Integers:
    """Where bins of about equal mass start among ordered values, never between equal ones."""
    if not len(ordered):
        return np.zeros(0, np.int64)
    whole = np.cumsum(mass)
    wanted = np.searchsorted(whole, whole[-1] * np.arange(1, bins) / bins)
    cuts = np.searchsorted(ordered, ordered[np.minimum(wanted, len(ordered) - 1)], side="left")
    return np.unique(np.concatenate([[0], cuts])).astype(np.int64)


def mean_and_deviation(values: list[float]) -> tuple[float, float | None]:
    """Mean and standard deviation (n - 1) of at least one value; None of a single one."""
    mean = sum(values) / len(values)
    if len(values) < 2:
        return mean, None
    return mean, sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
