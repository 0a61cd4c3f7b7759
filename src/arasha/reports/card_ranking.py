"""How well a model puts frauds before good payments.

Scores and truths come in; the area under the ROC curve, average precision, recall at a share of
false alarms, and precision of the first k cards or accounts a day come out. Equal scores are one
threshold: no payment is taken before another that the model cannot tell from it, save among the
k of a day, where somebody must be looked at first (see ``precision_at``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from arasha.reports.card_columns import FRAUD, Integers, Mask, Numbers, Truth
from arasha.reports.proportions import Interval

REPLICATES: Final = 300
"""How often payers are drawn anew for an interval."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Frauds and good payments at or above each distinct score, from the highest down."""

    frauds: Numbers
    goods: Numbers
    threshold: Numbers

    @property
    def auc(self) -> float | None:
        """The chance that a fraud scores above a good payment, ties counting half."""
        if not len(self.frauds) or not (self.frauds[-1] and self.goods[-1]):
            return None
        x = np.concatenate([[0.0], self.goods])
        y = np.concatenate([[0.0], self.frauds])
        area = float(((x[1:] - x[:-1]) * (y[1:] + y[:-1])).sum()) / 2
        return area / float(self.frauds[-1] * self.goods[-1])

    @property
    def average_precision(self) -> float | None:
        """Precision at each threshold, weighted by the recall it adds."""
        if not len(self.frauds) or not self.frauds[-1]:
            return None
        both = self.frauds + self.goods
        precision = np.divide(self.frauds, both, out=np.zeros_like(both), where=both > 0)
        added = np.diff(self.frauds, prepend=0.0)
        return float((added * precision).sum() / self.frauds[-1])

    def at_false_alarms(self, most: float) -> int:
        """The place of the lowest threshold that bothers at most that share of the good
        payments; -1 if even the highest score bothers more.
        """
        if not len(self.goods):
            return -1
        return int(np.searchsorted(self.goods, most * self.goods[-1] + 1e-9, side="right")) - 1

    def recall_at(self, most: float) -> float | None:
        """The largest recall that bothers at most that share of the good payments."""
        if not len(self.frauds) or not (self.frauds[-1] and self.goods[-1]):
            return None
        at = self.at_false_alarms(most)
        return 0.0 if at < 0 else float(self.frauds[at] / self.frauds[-1])


@dataclass(frozen=True, slots=True)
class Order:
    """Payments in the order of their scores: what every curve over them shares."""

    rows: Integers
    fraud: Mask
    ends: Integers
    scores: Numbers

    @classmethod
    def of(cls, scores: Numbers, truth: Truth) -> Order:
        """Of settled payments: truth is 0 or 1."""
        rows = np.argsort(-scores, kind="stable")
        ordered = scores[rows]
        last = np.flatnonzero(ordered[1:] != ordered[:-1])
        ends = np.concatenate([last, [len(rows) - 1]]) if len(rows) else last
        return cls(rows, truth[rows] == FRAUD, ends, ordered[ends])

    def curve(self, weights: Numbers | None = None) -> Curve:
        """The curve, each payment counting ``weights`` times (float64[n], in the rows' own order
        before sorting), or once.
        """
        if weights is None:
            fraud = np.cumsum(self.fraud, dtype=np.float64)
            good = np.arange(1, len(self.rows) + 1, dtype=np.float64) - fraud
        else:
            ordered = weights[self.rows]
            fraud = np.cumsum(np.where(self.fraud, ordered, 0.0))
            good = np.cumsum(np.where(self.fraud, 0.0, ordered))
        return Curve(fraud[self.ends], good[self.ends], self.scores)


def spread(
    statistic: Callable[[Numbers], Sequence[float | None]],
    clusters: Integers,
    seed: int,
    replicates: int = REPLICATES,
) -> list[Interval | None]:
    """95 % intervals of statistics, drawing whole clusters anew, with replacement.

    ``clusters`` int64[n] from 0 up; ``statistic`` takes weights float64[n] (how often each
    payment was drawn). None where some draw has no value (it drew no fraud) once in ten times.
    The percentile bootstrap: B. Efron, R. Tibshirani, An Introduction to the Bootstrap, 1993, 13.3.
    """
    count = int(clusters.max()) + 1 if len(clusters) else 0
    if count < 2:
        return [None for _ in statistic(np.ones(len(clusters)))]
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(replicates):
        times = np.bincount(rng.integers(0, count, count), minlength=count)
        drawn.append(statistic(times[clusters].astype(np.float64)))
    return [_interval(column) for column in zip(*drawn, strict=True)]


def _interval(values: Sequence[float | None]) -> Interval | None:
    known = np.array([value for value in values if value is not None])
    if len(known) < 0.9 * len(values):
        return None
    low, high = np.quantile(known, (0.025, 0.975))
    return Interval(float(low), float(high))


@dataclass(frozen=True, slots=True)
class TopK:
    """Precision of the first k cards (or accounts) of each day; by day, and of a perfect ranking.

    ``found`` are those with a fraud among the k, and ``of_day`` those with a fraud that day and
    not found on an earlier one.
    """

    k: int
    precision: float | None
    ceiling: float | None
    found: tuple[int, ...]
    of_day: tuple[int, ...]


def precision_at(
    scores: Numbers,
    truth: Truth,
    keys: Integers,
    days: Integers,
    ks: Sequence[int],
) -> list[TopK]:
    """Each day the k keys with the highest score are looked at; those found leave later days.

    A key's score of a day is its highest, and it is a fraud's if one of its payments that day
    was. Precision is found / k, averaged over the days that had payments, also where a day has
    fewer than k keys. Equal scores are taken in the order of the keys. (The definition of
    "Reproducible Machine Learning for Credit Card Fraud Detection", chapter 4.) The ceiling is
    the most that any order could have found.
    """
    day_names, day = np.unique(days, return_inverse=True)
    width = int(keys.max()) + 1 if len(keys) else 1
    pairs, pair = np.unique(day * width + keys, return_inverse=True)
    best = np.full(len(pairs), -np.inf)
    np.maximum.at(best, pair, scores)
    bad = np.zeros(len(pairs), np.bool_)
    bad[pair[truth == FRAUD]] = True
    starts = np.searchsorted(pairs, np.arange(len(day_names) + 1) * width)
    by_day = [
        (pairs[a:b] % width, best[a:b], bad[a:b])
        for a, b in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)
    ]
    return [_top(by_day, k, width) for k in ks]


def _top(by_day: list[tuple[Integers, Numbers, Mask]], k: int, width: int) -> TopK:
    gone = np.zeros(width, np.bool_)
    found, of_day = [], []
    for keys, best, bad in by_day:
        here = np.flatnonzero(~gone[keys])
        first = here[np.argsort(-best[here], kind="stable")[:k]]
        hit = keys[first[bad[first]]]
        of_day.append(int(bad[here].sum()))
        found.append(len(hit))
        gone[hit] = True
    whole = k * len(by_day)
    most = _most([keys[bad].tolist() for keys, _, bad in by_day], k)
    return TopK(
        k,
        sum(found) / whole if whole else None,
        most / whole if whole else None,
        tuple(found),
        tuple(of_day),
    )


def _most(bad: list[list[int]], k: int) -> int:
    """The most keys that k a day can find, each once: a largest matching of keys to days.

    By augmenting paths (Ford and Fulkerson): a key without room moves others to their other days.
    Days that a failed search reached are full for good and leave.
    """
    days_of: dict[int, list[int]] = {}
    for day, keys in enumerate(bad):
        for key in keys:
            days_of.setdefault(key, []).append(day)
    taken: list[set[int]] = [set() for _ in bad]
    full_for_good: set[int] = set()
    matched = 0
    for key, days in days_of.items():
        came: dict[int, tuple[int, int]] = {}  # day -> (key that wants it, day it would leave)
        queue = [day for day in days if day not in full_for_good]
        came.update((day, (key, -1)) for day in queue)
        free = next((day for day in queue if len(taken[day]) < k), -1)
        at = 0
        while free < 0 and at < len(queue):
            leaving = queue[at]
            at += 1
            for other in taken[leaving]:
                for day in days_of[other]:
                    if day not in came and day not in full_for_good:
                        came[day] = (other, leaving)
                        queue.append(day)
                        if len(taken[day]) < k:
                            free = day
        if free < 0:
            full_for_good.update(came)
            continue
        matched += 1
        while free >= 0:
            mover, left = came[free]
            taken[free].add(mover)
            if left >= 0:
                taken[left].discard(mover)
            free = left
    return matched
