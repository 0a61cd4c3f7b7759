"""Laundering between six banks (AMLGentex): what the shared view is worth over each bank's own.

The protocol of docs/benchmarks.md: learn on the transfers of days 28 to 111, judge those of days
112 to 167, mean of the seeds; features from all earlier transfers, none from labels, no ids. The
isolated view: each bank's state takes in the transfers it sends or receives and nothing else, and
its model learns from the transfers its own customers make; all banks' scores are judged together.
The gain's interval is that of a bootstrap by laundering group; genuine transfers stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arasha.app.bench.results import Result
from arasha.app.bench.sizes import QUICK, Sizes
from arasha.app.bench.transfers import amlgentex, table

METRICS: Final = ("amlgentex_average_precision", "amlgentex_recall", "amlgentex_gain")
"""The figures, in the order they are reported."""

SEEDS: Final = (1, 2, 3, 4, 5)
FIRST_DAY, FIRST_JUDGED_DAY = 28, 112
RESAMPLES: Final = 200

_ROLES: Final = {
    "out": ("payer_account", "payee_account"),
    "in": ("{payee_account: payer_account}", "payer_account"),
    "got": ("payee_account", "payer_account"),
    "gave": ("{payer_account: payee_account}", "payee_account"),
}
_SPANS: Final = (1, 3, 7, 14, 28, 56, 168)
_ROUNDS: Final = 600
# Chosen on days 88 to 111, learning on those before
_MODEL: Final[dict[str, Any]] = {
    "objective": "binary", "extra_trees": True, "learning_rate": 0.03, "num_leaves": 31,
    "min_child_samples": 20,
    "feature_fraction": 0.3, "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 10,
    "deterministic": True, "force_row_wise": True, "num_threads": 2, "verbose": -1,
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


def measure(sizes: Sizes) -> Iterator[list[Result]]:
    """All figures; quick: one seed."""
    frame = amlgentex()
    told = _Transfers(
        frame["step"].to_numpy().astype(np.int64), frame["is_laundering"].to_numpy() == 1,
        frame["alert_id"].to_numpy().astype(np.int64), frame["src_bank"].to_numpy(),
    )  # fmt: skip
    features = recipe()
    seeds = SEEDS[:1] if sizes is QUICK else SEEDS
    shared = table(frame, features)
    own = _own_views(frame, features)
    with_all = [_scores(shared, told, np.ones(len(frame), np.bool_), seed) for seed in seeds]
    isolated = [_isolated(own, told, seed) for seed in seeds]
    yield _results(told, with_all, isolated, len(features))


def recipe() -> dict[str, str]:
    """Features by name: ordinary windows of both parties and of the pair, the flow of money."""
    features = {"amount_": "amount", "between_banks": "payer_bank != payee_bank"}
    for role, (by, other) in _ROLES.items():
        for days in _SPANS:
            features |= _of_role(role, by, other, days)
        for days in (3, 7, 14, 28):  # whom the account met in these days for the first time
            known = f'window="{168 - days}d", delay="{days}d"'
            features[f"{role}_new_{days}"] = (
                f"{role}_distinct_168 - distinct(payment.{other}, by={by}, {known})"
            )
        for age in ("first", "last"):
            features[f"{role}_{age}"] = f'{age}(payment, by={by}, window="168d")'
        for bank in ("payer_bank", "payee_bank"):
            features[f"{role}_{bank}s"] = f'distinct(payment.{bank}, by={by}, window="28d")'
    crossed = "{payee_account: payer_account, payer_account: payee_account}"
    for pair, by in (("pair", "(payer_account, payee_account)"), ("back", crossed)):
        for days in (1, 7, 28, 168):
            features[f"{pair}_count_{days}"] = f'count(payment, by={by}, window="{days}d")'
        features[f"{pair}_last"] = f'last(payment, by={by}, window="168d")'
        features[f"{pair}_ratio"] = f'amount / mean(payment.amount, by={by}, window="168d")'
    for days in (1, 3, 7, 28):
        for who, out, into in (("payer", "out", "in"), ("payee", "gave", "got")):
            features[f"{who}_through_{days}"] = f"{out}_sum_{days} / {into}_sum_{days}"
    return features | _flows()


def _of_role(role: str, by: str, other: str, days: int) -> dict[str, str]:
    window = f'by={by}, window="{days}d"'
    features = {
        f"{role}_count_{days}": f"count(payment, {window})",
        f"{role}_sum_{days}": f"sum(payment.amount, {window})",
        f"{role}_distinct_{days}": f"distinct(payment.{other}, {window})",
        f"{role}_ratio_{days}": f"amount / mean(payment.amount, {window})",
        f"{role}_share_{days}": f"amount / sum(payment.amount, {window})",
    }
    if days >= 7:
        for name in ("mean", "std", "min", "max"):
            features[f"{role}_{name}_{days}"] = f"{name}(payment.amount, {window})"
        features[f"{role}_off_{days}"] = f"(amount - {role}_mean_{days}) / {role}_std_{days}"
    return features


def _flows() -> dict[str, str]:
    features = {}
    for days in (7, 14, 28, 56, 168):
        span = f'window="{days}d"'
        features[f"cycle_{days}"] = f"cycle_length(payment, {span})"
        features[f"gathered_{days}"] = f"scatter_gather(payment, {span})"
        for who, by in (("payer", "{payee_account: payer_account}"), ("payee", "payee_account")):
            features[f"{who}_far_sources_{days}"] = f"sources_of_sources(payment, by={by}, {span})"
            for within in ("1h", "3d", "7d"):
                features[f"{who}_passed_{within}_{days}"] = (
                    f'pass_through(payment.amount, by={by}, {span}, within="{within}")'
                )
    return features


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
    values: NDArray[np.float32], told: _Transfers, rows: NDArray[np.bool_], seed: int
) -> Floats:
    """What a model that learns from some rows says of the judged ones among them."""
    import lightgbm

    learned, judged = told.learned & rows, told.judged & rows
    data = lightgbm.Dataset(values[learned], told.bad[learned].astype(np.int8))
    model = lightgbm.train({**_MODEL, "seed": seed}, data, _ROUNDS)
    return np.asarray(model.predict(values[judged]), np.float64)


def _isolated(own: NDArray[np.float32], told: _Transfers, seed: int) -> Floats:
    scores = np.zeros(len(told.day))
    for bank in sorted(set(told.bank)):
        rows = told.bank == bank
        scores[told.judged & rows] = _scores(own, told, rows, seed)
    return scores[told.judged]


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


def _results(
    told: _Transfers, shared: list[Floats], isolated: list[Floats], features: int
) -> list[Result]:
    bad, group = told.bad[told.judged], told.group[told.judged]
    ones = np.ones(len(bad))
    ap = [average_precision(bad, scores, ones) for scores in shared]
    ap_own = [average_precision(bad, scores, ones) for scores in isolated]
    found = [recall(bad, scores, 0.01) for scores in shared]
    found_own = [recall(bad, scores, 0.01) for scores in isolated]
    low, high = _gain_interval(bad, group, shared, isolated)
    firsts = {int(one): int(told.day[told.group == one].min()) for one in np.unique(group)}
    late = np.array([one < 0 or firsts[one] >= FIRST_JUDGED_DAY for one in group.tolist()])
    ap_late = [average_precision(bad[late], scores[late], ones[late]) for scores in shared]
    gain = float(np.mean(ap) - np.mean(ap_own))
    note = f"{features} features, {len(shared)} seeds, {int(bad.sum())} of {len(bad):,} bad"
    return [
        Result(
            METRICS[0], float(np.mean(ap)), "", "at_least", 0.76, note=f"{note}; shared view",
            beside={"deviation": float(np.std(ap)), "isolated": float(np.mean(ap_own)),
                    "groups_begun_after_day_112": float(np.mean(ap_late))},
        ),
        Result(
            METRICS[1], float(np.mean(found)), "", "at_least", 0.82,
            note=f"{note}; recall at 1 % false alarms, shared view",
            beside={"deviation": float(np.std(found)), "isolated": float(np.mean(found_own))},
        ),
        Result(
            METRICS[2], gain, "", "at_least", 0.0,
            note=f"shared less isolated view; 95 % interval of {RESAMPLES} resamples by group",
            beside={"low": low, "high": high},
        ),
    ]  # fmt: skip


def _gain_interval(
    bad: NDArray[np.bool_], group: NDArray[np.int64], shared: list[Floats], isolated: list[Floats]
) -> tuple[float, float]:
    """95 % of the gain in average precision when laundering groups are drawn again."""
    chance = np.random.default_rng(7)
    names, place = np.unique(group[bad], return_inverse=True)
    gains = []
    for _ in range(RESAMPLES):
        drawn = np.bincount(chance.integers(0, len(names), len(names)), minlength=len(names))
        weights = np.ones(len(bad))
        weights[bad] = drawn[place]
        gains.append(
            np.mean([average_precision(bad, scores, weights) for scores in shared])
            - np.mean([average_precision(bad, scores, weights) for scores in isolated])
        )
    low, high = np.percentile(gains, (2.5, 97.5))
    return float(low), float(high)
