"""Accounts in fan-in laundering (AMLSim): what the flow of money adds to ordinary windows.

Learnt on the transfers of steps below 75, where a transfer is bad if its payer is bad by then;
judged are the accounts that pay from step 75 on and whose first bad step is 75 or later or never,
each by its worst transfer. Collecting accounts are left out on both sides: the sample does not say
when they turned bad.

No feature of either side rests on amounts: every laundering transfer of the sample is below 6 and
every other one 100 or more, so amounts alone find all and teach nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
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
_ROUNDS: Final = 200
_MODEL: Final[dict[str, Any]] = {
    "objective": "binary", "learning_rate": 0.05, "num_leaves": 15, "min_child_samples": 50,
    "feature_fraction": 0.5, "lambda_l2": 10, "deterministic": True, "force_row_wise": True,
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
    """The walks: sources of sources, cycles, scatter-gather."""
    features = {}
    for days in _SPANS:
        span = f'window="{days}d"'
        features[f"cycle_{days}"] = f"cycle_length(payment, {span})"
        features[f"gathered_{days}"] = f"scatter_gather(payment, {span})"
        for who, by in (("payer", "{payee_account: payer_account}"), ("payee", "payee_account")):
            features[f"{who}_far_sources_{days}"] = f"sources_of_sources(payment, by={by}, {span})"
    return features


def measure(sizes: Sizes) -> Iterator[list[Result]]:
    """Average precision with flow features over that without; quick: one seed."""
    import lightgbm

    frame, nodes = amlsim()
    step, payer = frame["step"].to_numpy(), frame["src"].to_numpy()
    size = int(max(nodes["nodeid"].max(), payer.max())) + 1
    since, named = np.full(size, -1), np.zeros(size, np.bool_)
    since[nodes["nodeid"].to_numpy()] = nodes["fraudStep"].to_numpy()
    named[nodes["nodeid"].to_numpy()] = nodes["isFraud"].cast(int).to_numpy() == 1
    eligible = ~(named & (since < 0))[payer]
    bad = (since[payer] >= 0) & (since[payer] <= step)
    learned = eligible & (step < FIRST_JUDGED_STEP)
    judged = eligible & (step >= FIRST_JUDGED_STEP)
    judged &= (since[payer] < 0) | (since[payer] >= FIRST_JUDGED_STEP)
    without = list(ordinary())
    values = table(frame, ordinary() | flows())
    found: dict[str, list[float]] = {"with": [], "without": []}
    for seed in SEEDS[:1] if sizes is QUICK else SEEDS:
        for name, columns in (("with", values), ("without", values[:, : len(without)])):
            data = lightgbm.Dataset(columns[learned], bad[learned].astype(np.int8))
            model = lightgbm.train({**_MODEL, "seed": seed}, data, _ROUNDS)
            scores = np.asarray(model.predict(columns[judged]), np.float64)
            found[name].append(_of_accounts(payer[judged], scores, since))
    with_, without_ = float(np.mean(found["with"])), float(np.mean(found["without"]))
    yield [
        Result(
            METRICS[0], with_ / without_, "times", "at_least", 1.5,
            note=f"average precision over {len(np.unique(payer[judged])):,} accounts, "
            f"{len(found['with'])} seeds; {len(without)} ordinary features without amounts, and "
            f"{len(flows())} of the flow of money",
            beside={"with": with_, "without": without_,
                    "deviation_with": float(np.std(found["with"])),
                    "deviation_without": float(np.std(found["without"]))},
        )
    ]  # fmt: skip


def _of_accounts(
    payer: NDArray[np.int64], scores: NDArray[np.float64], since: NDArray[np.int64]
) -> float:
    """Average precision of accounts, each by its highest score."""
    accounts, place = np.unique(payer, return_inverse=True)
    worst = np.zeros(len(accounts))
    np.maximum.at(worst, place, scores)
    return average_precision(since[accounts] >= 0, worst, np.ones(len(accounts)))
