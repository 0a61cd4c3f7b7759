"""Laundering between six banks (AMLGentex): what the shared view is worth over each bank's own.

The protocol of docs/benchmarks.md: learn on the transfers of days 28 to 111, judge those of days
112 to 167, mean of the seeds, of each the mean log odds of some models; features from all earlier
transfers, none from labels, no ids. The isolated view: each bank's state takes in the transfers it
sends or receives and nothing else, and its models learn from the transfers its own customers make;
all banks' scores are judged together. The gain's interval is that of a bootstrap by laundering
group; genuine transfers stay as they are. Beside the shared view stands one whose state is told of
laundering, too, 28 days late.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arasha.app.bench.amlgentex_features import QUICK_SPANS, SPANS, labelled, recipe
from arasha.app.bench.results import Result
from arasha.app.bench.sizes import QUICK, Sizes
from arasha.app.bench.transfers import amlgentex, table

METRICS: Final = ("amlgentex_average_precision", "amlgentex_recall", "amlgentex_gain")
"""The figures, in the order they are reported."""

SEEDS: Final = (1, 2, 3, 4, 5)
FIRST_DAY, FIRST_JUDGED_DAY = 28, 112
LABEL_DAYS: Final = 28

# Chosen on days 60 to 111, learning on those before
_MODEL: Final[dict[str, Any]] = {
    "objective": "binary", "extra_trees": True, "learning_rate": 0.03, "num_leaves": 8,
    "min_child_samples": 20, "feature_fraction": 0.3, "lambda_l2": 10, "max_bin": 63,
    "pos_bagging_fraction": 0.9, "neg_bagging_fraction": 0.25, "bagging_freq": 1,
    "deterministic": True, "force_col_wise": True, "num_threads": 2, "verbose": -1,
}  # fmt: skip

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Transfers:
    """The transfers' days, truth, laundering group (-1 none) and sending bank."""

    day: NDArray[np.int64]
    bad: NDArray[np.bool_]
    group: NDArray[np.int64]
    bank: NDArray[np.str_]

    @property
    def learned(self) -> NDArray[np.bool_]:
        return (self.day >= FIRST_DAY) & (self.day < FIRST_JUDGED_DAY)

    @property
    def judged(self) -> NDArray[np.bool_]:
        return self.day >= FIRST_JUDGED_DAY


@dataclass(frozen=True, slots=True)
class _Effort:
    """How much a run does: seeds, models a seed, windows' days, a model's trees, resamples.

    ``late``: models a seed of the figure with late labels, which stands beside the others.
    """

    seeds: tuple[int, ...]
    models: int
    late: int
    spans: tuple[int, ...]
    trees: int
    resamples: int


_FULL: Final = _Effort(SEEDS, 3, 1, SPANS, 700, 200)
_QUICK: Final = _Effort(SEEDS[:1], 1, 1, QUICK_SPANS, 100, 50)


@dataclass(frozen=True, slots=True)
class _Scores:
    """Of each seed, what was said of the judged transfers."""

    shared: list[Floats]
    isolated: list[Floats]
    labelled: list[Floats]


def measure(sizes: Sizes) -> Iterator[list[Result]]:
    """All figures; quick: one seed, fewer windows, trees and resamples."""
    effort = _QUICK if sizes is QUICK else _FULL
    frame, features = amlgentex(), recipe(effort.spans)
    told = _Transfers(
        frame["step"].to_numpy().astype(np.int64), frame["is_laundering"].to_numpy() == 1,
        frame["alert_id"].to_numpy().astype(np.int64), frame["src_bank"].to_numpy(),
    )  # fmt: skip
    shared, own = table(frame, features), _own_views(frame, features)
    found = np.hstack([shared, table(frame, labelled(), LABEL_DAYS)])
    everybody = np.ones(len(frame), np.bool_)
    runs = [range(100 * seed, 100 * seed + effort.models) for seed in effort.seeds]
    late = [seeds[: effort.late] for seeds in runs]
    scores = _Scores(
        _scores(shared, told, everybody, runs, effort.trees),
        _isolated(own, told, runs, effort.trees),
        _scores(found, told, everybody, late, effort.trees),
    )
    yield _results(told, scores, effort, len(features))


def _own_views(frame: pl.DataFrame, features: dict[str, str]) -> NDArray[np.float32]:
    """Of each transfer, the features as its sending bank alone can know them."""
    own = np.full((len(frame), len(features)), np.nan, np.float32)
    source, target = frame["src_bank"].to_numpy(), frame["dst_bank"].to_numpy()
    for bank in sorted(set(source)):
        seen = (source == bank) | (target == bank)
        made = table(frame.filter(pl.Series(seen)), features)
        sent = source == bank
        own[sent] = made[sent[seen]]
    return own


def _scores(
    values: NDArray[np.float32], told: _Transfers, rows: NDArray[np.bool_],
    runs: list[range], trees: int,
) -> list[Floats]:  # fmt: skip
    """Of each run, mean log odds of some rows' judged ones, by a model a seed, of the learned."""
    import lightgbm

    learned, judged = told.learned & rows, told.judged & rows
    data = lightgbm.Dataset(values[learned], told.bad[learned].astype(np.int8))
    to_judge = values[judged]

    def log_odds(seed: int) -> Floats:
        model = lightgbm.train({**_MODEL, "seed": seed}, data, trees)
        return np.asarray(model.predict(to_judge, raw_score=True), np.float64)

    return [np.mean([log_odds(seed) for seed in seeds], axis=0) for seeds in runs]


def _isolated(
    own: NDArray[np.float32], told: _Transfers, runs: list[range], trees: int
) -> list[Floats]:
    scores = np.zeros((len(runs), len(told.day)))
    for bank in sorted(set(told.bank)):
        rows = told.bank == bank
        scores[:, told.judged & rows] = _scores(own, told, rows, runs, trees)
    return list(scores[:, told.judged])


def average_precision(bad: NDArray[np.bool_], scores: Floats, weights: Floats) -> float:
    """The area under precision over recall, as a sum over thresholds; ties are one threshold."""
    order = np.argsort(-scores, kind="stable")
    bad, scores, weights = bad[order], scores[order], weights[order]
    ends = np.append(scores[1:] != scores[:-1], True)
    hits = np.cumsum(weights * bad)[ends]
    all_ = np.cumsum(weights)[ends]
    gains = np.diff(hits, prepend=0.0)
    return float((gains * hits / np.maximum(all_, 1e-300)).sum() / hits[-1])


def recall(bad: NDArray[np.bool_], scores: Floats, false_alarms: float) -> float:
    """The share of the bad above the threshold that this share of the good passes."""
    return float((scores[bad] > np.quantile(scores[~bad], 1 - false_alarms)).mean())


def _results(told: _Transfers, scores: _Scores, effort: _Effort, features: int) -> list[Result]:
    bad = told.bad[told.judged]
    late = _begun_late(told)
    shared, isolated = _average(bad, scores.shared), _average(bad, scores.isolated)
    found = [recall(bad, one, 0.01) for one in scores.shared]
    low, high = _gain_interval(bad, told.group[told.judged], scores, effort.resamples)
    note = (
        f"{features} features, {effort.trees} trees a model, {len(effort.seeds)} seeds of "
        f"{effort.models} models; {int(bad.sum())} of {len(bad):,} bad, in groups begun "
        f"after day {FIRST_JUDGED_DAY - 1} {int((bad & late).sum())}"
    )
    return [
        Result(
            METRICS[0], float(np.mean(shared)), "", "at_least", 0.76, note=f"{note}; shared view",
            beside={
                "deviation": float(np.std(shared)),
                "isolated": float(np.mean(isolated)),
                "labels_28_days_late": float(np.mean(_average(bad, scores.labelled))),
                "groups_begun_after_day_111": float(
                    np.mean(_average(bad[late], [one[late] for one in scores.shared]))
                ),
                "groups_begun_after_day_111_isolated": float(
                    np.mean(_average(bad[late], [one[late] for one in scores.isolated]))
                ),
            },
        ),
        Result(
            METRICS[1], float(np.mean(found)), "", "at_least", 0.82,
            note="recall at 1 % false alarms, shared view",
            beside={
                "deviation": float(np.std(found)),
                "isolated": float(np.mean([recall(bad, one, 0.01) for one in scores.isolated])),
                "labels_28_days_late": float(
                    np.mean([recall(bad, one, 0.01) for one in scores.labelled])
                ),
                "groups_begun_after_day_111": float(
                    np.mean([recall(bad[late], one[late], 0.01) for one in scores.shared])
                ),
            },
        ),
        Result(
            METRICS[2], float(np.mean(shared) - np.mean(isolated)), "", "at_least", 0.0,
            note="average precision, shared less isolated view; "
            f"95 % interval of {effort.resamples} resamples by group",
            beside={"low": low, "high": high},
        ),
    ]  # fmt: skip


def _begun_late(told: _Transfers) -> NDArray[np.bool_]:
    """Of the judged transfers, the good ones and those of groups that began while judged."""
    firsts = {
        int(one): int(told.day[told.group == one].min()) for one in np.unique(told.group[told.bad])
    }
    group = told.group[told.judged].tolist()
    return np.array([one < 0 or firsts[one] >= FIRST_JUDGED_DAY for one in group])


def _average(bad: NDArray[np.bool_], scores: list[Floats]) -> list[float]:
    return [average_precision(bad, one, np.ones(len(bad))) for one in scores]


def _gain_interval(
    bad: NDArray[np.bool_], group: NDArray[np.int64], scores: _Scores, resamples: int
) -> tuple[float, float]:
    """95 % of the gain in average precision when laundering groups are drawn again."""
    chance = np.random.default_rng(7)
    names, place = np.unique(group[bad], return_inverse=True)
    gains = []
    for _ in range(resamples):
        drawn = np.bincount(chance.integers(0, len(names), len(names)), minlength=len(names))
        weights = np.ones(len(bad))
        weights[bad] = drawn[place]
        gains.append(
            np.mean([average_precision(bad, one, weights) for one in scores.shared])
            - np.mean([average_precision(bad, one, weights) for one in scores.isolated])
        )
    low, high = np.percentile(gains, (2.5, 97.5))
    return float(low), float(high)
