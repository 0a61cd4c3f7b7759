"""Examine: how well a model tells frauds apart in a country it has not seen, story by story.

In: a lesson (lessons.py) and a score for each of its rows. Out: average precision of all frauds and
of each story's, and what the best single threshold on any one feature would reach, which shows
whether anything gives frauds away by itself. Rows that were thinned out count by their weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.country.lessons import CENTRE, Lesson

FALSE_ALARMS_PER_HIT: Final = 5
"""Good payments bothered per fraud found at which the share found is told."""

_CUTS: Final = 32  # thresholds tried on a feature, spread over the values that frauds have

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Story:
    """One story's frauds among all good payments."""

    name: str
    frauds: int
    average_precision: float


@dataclass(frozen=True, slots=True)
class Stump:
    """The best single threshold on one feature, chosen with the truth in sight."""

    feature: str
    average_precision: float


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found at one kind of seat: ``"banks"`` or ``"centre"``.

    ``base_rate`` is what chance would reach; ``found`` the share of frauds found at
    `FALSE_ALARMS_PER_HIT`.
    """

    seat: str
    payments: int
    frauds: int
    base_rate: float
    average_precision: float
    found: float
    stories: tuple[Story, ...]
    stump: Stump


def examine(lesson: Lesson, score: Floats, thinned: int) -> tuple[Examination, ...]:
    """The examination of the banks' seats and of the centre's.

    ``score`` float64[n] rises with suspicion; of the lesson's good payments one in ``thinned`` is
    there. Rows of which the truth is not told are left out.
    """
    told = lesson.table.truth >= 0
    centre = lesson.seat == CENTRE
    return tuple(
        _examined(name, lesson, score, told & seats, thinned)
        for name, seats in (("banks", ~centre), ("centre", centre))
    )


def _examined(seat: str, lesson: Lesson, score: Floats, rows: Mask, thinned: int) -> Examination:
    fraud, play = lesson.table.truth[rows] == 1, lesson.play[rows]
    weights = np.where(fraud, 1.0, float(thinned))
    own, features = score[rows], lesson.table.features[rows]
    stories = [
        Story(
            name, int((fraud & (play == place)).sum()),
            average_precision(
                *(column[~fraud | (play == place)] for column in (fraud, own, weights))
            ),
        )
        for place, name in enumerate(lesson.plays)
        if (fraud & (play == place)).any()
    ]  # fmt: skip
    return Examination(
        seat, int(weights.sum()), int(fraud.sum()), float(fraud.sum() / weights.sum()),
        average_precision(fraud, own, weights), found_at(fraud, own, weights),
        tuple(sorted(stories, key=lambda one: -one.frauds)),
        best_stump(lesson.table.names, features, fraud, weights),
    )  # fmt: skip


def average_precision(bad: Mask, score: Floats, weights: Floats) -> float:
    """The area under precision over recall, as a sum over thresholds; ties are one threshold.

    >>> import numpy as np
    >>> bad, score = np.array([True, False, True]), np.array([3.0, 2.0, 1.0])
    >>> round(average_precision(bad, score, np.ones(3)), 4)
    0.8333
    """
    hits, all_ = _running(bad, score, weights)
    gains = np.diff(hits, prepend=0.0)
    return float((gains * hits / all_).sum() / hits[-1]) if len(hits) and hits[-1] else 0.0


def found_at(
    bad: Mask, score: Floats, weights: Floats, per_hit: float = FALSE_ALARMS_PER_HIT
) -> float:
    """The largest share of the bad at which no more than so many good ones are hit for each."""
    hits, all_ = _running(bad, score, weights)
    right = (all_ - hits) <= per_hit * hits
    return float(hits[right].max(initial=0.0) / hits[-1]) if len(hits) and hits[-1] else 0.0


def _running(bad: Mask, score: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """What is hit of the bad and of all, from the highest score down, at the end of each tie."""
    order = np.argsort(-score, kind="stable")
    bad, score, weights = bad[order], score[order], weights[order]
    ends = np.append(score[1:] != score[:-1], np.ones(min(1, len(score)), np.bool_))
    return np.cumsum(weights * bad)[ends], np.cumsum(weights)[ends]


def best_stump(names: tuple[str, ...], features: Floats, bad: Mask, weights: Floats) -> Stump:
    """The feature that does best alone: values from a threshold up, or down, or missing.

    Its average precision is that of two scores: precision of the better side times its recall, and
    the base rate for the rest.
    """
    best = Stump("", 0.0)
    for place, name in enumerate(names):
        column = features[:, place]
        known = column[bad & ~np.isnan(column)]
        sides = [np.isnan(column)]
        if len(known):
            for cut in np.unique(np.quantile(known, np.linspace(0, 1, _CUTS))).tolist():
                sides += [column >= cut, column <= cut]
        reached = max(_of_two(side, bad, weights) for side in sides)
        if reached > best.average_precision:
            best = Stump(name, reached)
    return best


def _of_two(side: Mask, bad: Mask, weights: Floats) -> float:
    hit, all_bad = float(weights[side & bad].sum()), float(weights[bad].sum())
    if not hit:
        return 0.0
    recall, precision = hit / all_bad, hit / float(weights[side].sum())
    return recall * precision + (1 - recall) * all_bad / float(weights.sum())
