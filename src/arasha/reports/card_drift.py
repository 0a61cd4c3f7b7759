"""How far the test's features lie from the training's, and what each adds to the judgement.

Matrices come in; the population stability index of each feature, with what chance alone would
make of it, and mean contributions by feature and by group come out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from arasha.policy.reference import counted, edges_of, psi_of
from arasha.reports.card_columns import Contributions, Matrix, Numbers

SOME_DRIFT: Final = 0.1
MUCH_DRIFT: Final = 0.25
"""The usual reading: below the first steady, above the second another population."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One feature then and now. ``by_chance`` is what its PSI would exceed once in twenty times
    if nothing had changed. Means are of the values that are not missing, None without any.
    """

    name: str
    psi: float
    by_chance: float
    train_mean: float | None
    test_mean: float | None
    train_missing: float
    test_missing: float


@dataclass(frozen=True, slots=True)
class Weight:
    """What a feature or a group of features adds to the log-odds, in absolute mean; its share of
    all; and whether larger values raise the judgement (+1), lower it (-1) or neither clearly (0).
    """

    name: str
    mean: float
    share: float
    direction: int = 0
    group: str = ""


def psi(train: Numbers, test: Numbers) -> tuple[float, float]:
    """The population stability index of one feature, and what chance alone exceeds once in twenty;
    bins are made of the training's tenths (policy/reference.py).
    """
    edges = edges_of(train)
    return psi_of(counted(train, edges), counted(test, edges))


def drifts(matrix: Matrix) -> tuple[Drift, ...]:
    """Of each feature, the one that moved most first."""
    found = [
        _drift(name, matrix.train[:, at], matrix.test[:, at])
        for at, name in enumerate(matrix.names)
    ]
    return tuple(sorted(found, key=lambda one: (-one.psi, one.name)))


def _drift(name: str, train: Numbers, test: Numbers) -> Drift:
    index, by_chance = psi(train, test)
    return Drift(name, index, by_chance, _mean(train), _mean(test), _missing(train), _missing(test))


def _mean(values: Numbers) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None


def _missing(values: Numbers) -> float:
    return float(np.isnan(values).mean()) if len(values) else 0.0


def weights(matrix: Matrix, contributions: Contributions) -> tuple[Weight, ...]:
    """Of each feature, the heaviest first."""
    values = contributions.values[:, : len(matrix.names)]
    assert contributions.values.shape[1] == len(matrix.names) + 1, "the constant comes last"
    means = np.abs(values).mean(axis=0) if len(values) else np.zeros(len(matrix.names))
    whole = float(means.sum()) or 1.0
    rows = np.arange(len(values)) if contributions.rows is None else contributions.rows
    found = [
        Weight(
            name,
            float(means[at]),
            float(means[at]) / whole,
            _direction(matrix.test[rows, at], values[:, at]),
            matrix.groups.get(name, ""),
        )
        for at, name in enumerate(matrix.names)
    ]
    return tuple(sorted(found, key=lambda one: (-one.mean, one.name)))


def group_weights(
    names: tuple[str, ...], groups: Mapping[str, str], contributions: Contributions
) -> tuple[Weight, ...]:
    """Of each group of features: the mean size of its features' sum, so that two that cancel out
    count for nothing. Features of no group are "other".
    """
    if not len(contributions.values):
        return ()
    sums: dict[str, Numbers] = {}
    for at, name in enumerate(names):
        group = groups.get(name, "other")
        sums[group] = sums.get(group, 0) + contributions.values[:, at]
    means = {group: float(np.abs(column).mean()) for group, column in sums.items()}
    whole = sum(means.values()) or 1.0
    found = [Weight(group, mean, mean / whole) for group, mean in means.items()]
    return tuple(sorted(found, key=lambda one: (-one.mean, one.name)))


def _direction(values: Numbers, added: Numbers) -> int:
    """The sign of the rank correlation, 0 where it is below 0.2 in size or nothing varies."""
    known = np.isfinite(values)
    values, added = values[known], added[known]
    if len(values) < 3 or np.ptp(values) == 0 or np.ptp(added) == 0:
        return 0
    correlation = float(np.corrcoef(_ranks(values), _ranks(added))[0, 1])
    return 0 if abs(correlation) < 0.2 else 1 if correlation > 0 else -1


def _ranks(values: Numbers) -> Numbers:
    """Ranks, equal values sharing their mean."""
    _, at, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[at]
