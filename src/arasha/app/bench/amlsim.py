"""Accounts in fan-in laundering (AMLSim): what the flow of money adds to ordinary windows.

Learnt on the transfers of steps below 75, where a transfer is bad if its payer is bad by then;
judged are the accounts that pay from step 75 on and whose first bad step is 75 or later or never,
each by its worst transfer. Collecting accounts are left out on both sides: the sample does not say
when they turned bad.

The sample gives itself away twice. Every laundering transfer is below 6 and every other one 100 or
more, so no feature of either side rests on amounts; and laundering alone pays the same account
several times in one step, so the same is measured again on a sample whose repeats are merged.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arasha.app.bench.amlgentex import SEEDS, average_precision
from arasha.app.bench.results import Result
from arasha.app.bench.sizes import QUICK, Sizes
from arasha.app.bench.transfers import amlsim, table

METRICS: Final = ("amlsim_flow_gain",)
"""The figures, in the order they are reported."""

FIRST_JUDGED_STEP: Final = 75

_SPANS: Final = (1, 3, 7, 14, 30, 60)
_ROLES: Final = {
    "out": ("payer_account", "payee_account"),
    "in": ("{payee_account: payer_account}", "payer_account"),
    "got": ("payee_account", "payer_account"),
    "gave": ("{payer_account: payee_account}", "payee_account"),
}
_ROUNDS, _QUICK_ROUNDS = 200, 60
_MODEL: Final[dict[str, Any]] = {
    "objective": "binary", "learning_rate": 0.05, "num_leaves": 15, "min_child_samples": 50,
    "feature_fraction": 0.5, "lambda_l2": 10, "deterministic": True, "force_col_wise": True,
    "num_threads": 2, "verbose": -1,
}  # fmt: skip


def ordinary() -> dict[str, str]:
    """Counts, distinct parties and ages over windows of both parties and the pair."""
    features = {}
    for role, (by, other) in _ROLES.items():
        for days in _SPANS:
            window = f'by={by}, window="{days}d"'
            features[f"{role}_count_{days}"] = f"count(payment, {window})"
            features[f"{role}_distinct_{days}"] = f"distinct(payment.{other}, {window})"
        for age in ("first", "last"):
            features[f"{role}_{age}"] = f'{age}(payment, by={by}, window="150d")'
    for days in _SPANS:
        by = "(payer_account, payee_account)"
        features[f"pair_count_{days}"] = f'count(payment, by={by}, window="{days}d")'
    return features


def flows() -> dict[str, str]:
    """The walks: sources of sources, cycles, scatter-gather, shared payees."""
    features = {}
    for days in _SPANS:
        span = f'window="{days}d"'
        features[f"cycle_{days}"] = f"cycle_length(payment, {span})"
        features[f"gathered_{days}"] = f"scatter_gather(payment, {span})"
        features[f"shared_{days}"] = f"shared_payees(payment, {span})"
        for who, by in (("payer", "{payee_account: payer_account}"), ("payee", "payee_account")):
            features[f"{who}_far_sources_{days}"] = f"sources_of_sources(payment, by={by}, {span})"
    return features


def measure(sizes: Sizes) -> Iterator[list[Result]]:
    """Average precision with flow features over that without; quick: one seed, fewer trees."""
    frame, nodes = amlsim()
    seeds = SEEDS[:1] if sizes is QUICK else SEEDS
    rounds = _QUICK_ROUNDS if sizes is QUICK else _ROUNDS
    accounts = _accounts(frame, nodes)
    with_, without, judged = _compare(frame, accounts, seeds, rounds)
    merged, merged_without, _ = _compare(one_a_step(frame), accounts, seeds, rounds)
    yield [
        Result(
            METRICS[0], float(np.mean(with_) / np.mean(without)), "times", "at_least", 1.5,
            note=f"average precision over {judged:,} accounts, {len(seeds)} seeds, "
            f"{rounds} trees; "
            f"{len(ordinary())} ordinary features without amounts, and {len(flows())} of the flow "
            "of money; merged: transfers between the same accounts in one step are one",
            beside={
                "with": float(np.mean(with_)), "without": float(np.mean(without)),
                "deviation_with": float(np.std(with_)),
                "deviation_without": float(np.std(without)),
                "merged_with": float(np.mean(merged)),
                "merged_without": float(np.mean(merged_without)),
            },
        )
    ]  # fmt: skip


def one_a_step(frame: pl.DataFrame) -> pl.DataFrame:
    """The transfers, those between the same accounts in one step as one, where the first stood."""
    pair = frame.group_by("step", "src", "dst", maintain_order=True)
    return pair.agg(pl.col("amount").sum())


def _accounts(
    frame: pl.DataFrame, nodes: pl.DataFrame
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """By account: the first bad step, -1 if there is none; whether it collects."""
    place = nodes["nodeid"].to_numpy()
    size = int(max(place.max(), frame["src"].to_numpy().max())) + 1
    since, collects = np.full(size, -1), np.zeros(size, np.bool_)
    since[place] = nodes["fraudStep"].to_numpy()
    collects[place] = (nodes["isFraud"].cast(int).to_numpy() == 1) & (since[place] < 0)
    return since, collects


def _compare(
    frame: pl.DataFrame,
    accounts: tuple[NDArray[np.int64], NDArray[np.bool_]],
    seeds: tuple[int, ...],
    rounds: int,
) -> tuple[list[float], list[float], int]:
    """Of each seed, average precision with flow features, and without; the accounts judged."""
    import lightgbm

    step, payer = frame["step"].to_numpy(), frame["src"].to_numpy()
    since, collects = accounts
    bad = (since[payer] >= 0) & (since[payer] <= step)
    learned = ~collects[payer] & (step < FIRST_JUDGED_STEP)
    judged = ~collects[payer] & (step >= FIRST_JUDGED_STEP)
    judged &= (since[payer] < 0) | (since[payer] >= FIRST_JUDGED_STEP)
    values = table(frame, ordinary() | flows())
    found: tuple[list[float], list[float]] = [], []
    for seed in seeds:
        for some, columns in zip(found, (values, values[:, : len(ordinary())]), strict=True):
            data = lightgbm.Dataset(columns[learned], bad[learned].astype(np.int8))
            model = lightgbm.train({**_MODEL, "seed": seed}, data, rounds)
            scores = np.asarray(model.predict(columns[judged]), np.float64)
            some.append(_of_accounts(payer[judged], scores, since))
    return *found, len(np.unique(payer[judged]))


def _of_accounts(
    payer: NDArray[np.int64], scores: NDArray[np.float64], since: NDArray[np.int64]
) -> float:
    """Average precision of accounts, each by its highest score."""
    accounts, place = np.unique(payer, return_inverse=True)
    worst = np.zeros(len(accounts))
    np.maximum.at(worst, place, scores)
    return average_precision(since[accounts] >= 0, worst, np.ones(len(accounts)))
