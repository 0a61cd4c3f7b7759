"""What a model adds to the path: a whole file judged by one, and single payments with reasons.

The model is of the size the promises name: ``FEATURES`` features of the parties' habits, all of
them its inputs, and ``TREES`` trees of ``LEAVES`` leaves, grown on the handbook's first payments.
How well it finds fraud is of no interest here; how long it takes is.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Final

import lightgbm

from arasha.app.bench.results import Result, percentile
from arasha.app.bench.single import decide_each, history_of
from arasha.app.bench.sizes import Sizes
from arasha.app.bench.traffic import handbook, handbook_name, house_file
from arasha.engine.decide import Centre, decide
from arasha.engine.replay import BATCH, replay
from arasha.engine.table import payment_table
from arasha.engine.unkept import Unkept
from arasha.events.mapping import load_mapping
from arasha.policy import document
from arasha.policy.definition import Calibration, ModelPart, Policy, Thresholds
from arasha.policy.judge import Judge
from arasha.policy.model_file import digest_of, trees_in

METRICS: Final = ("model_replay_speed", "model_decide_one_p99")
"""The results, in order."""

FEATURES: Final = 60
TREES: Final = 100
LEAVES: Final = 31

_WINDOWS: Final = ("1h", "6h", "1d", "3d", "7d", "14d", "30d", "90d")
_PARTIES: Final = {"card": "payer_account", "terminal": "payee_account"}
_GROWN_ON: Final = 100_000
_MAPPING: Final = "mappings/handbook.toml"


def modelled(sizes: Sizes) -> list[Result]:
    """Replay with the model, durable; and one payment after the other, each with its reasons: for
    these every score is above allow, as only then it is asked what moved the model.
    """
    with tempfile.TemporaryDirectory(prefix="arasha-bench-") as folder:
        policy = grown(Path(folder))
        rates = _replays(policy, sizes, Path(folder))
    past = history_of(sizes.single_warm, sizes.durable_singles)
    judge = Judge(replace(policy, thresholds=Thresholds(warn=0, hold=None, block=None)))
    centre = Centre(Unkept(), judge, judge.fresh_state())
    for facts in past.batches:
        decide(centre, facts)
    singles = decide_each(centre, past.singles, reasons=True)
    note = (
        f"{{}} ({handbook_name()}), {len(policy.keep)} features, {TREES} trees of {LEAVES} leaves"
    )
    return [
        Result(
            METRICS[0], median(rates), "payments/s", "at_least", 60_000,
            note=note.format("payments and their labels, Parquet to durable decisions")
            + f", commits of {BATCH:,}, median of {len(rates)}",
            beside={"slowest_payments_per_s": min(rates)},
        ),
        Result(
            METRICS[1], percentile(singles, 99) / 1000, "ms", "at_most", 2,
            note=note.format(f"{len(singles):,} payments, one at a time, each with its reasons")
            + f"; {centre.state.events_held:,} events held",
            beside={"p50_ms": percentile(singles, 50) / 1000,
                    "p99_9_ms": percentile(singles, 99.9) / 1000},
        ),
    ]  # fmt: skip


def grown(folder: Path) -> Policy:
    """A policy whose model is of the promised size, grown on the handbook's first payments."""
    path = folder / "sixty.toml"
    path.write_text(text(), "utf-8")
    policy = document.load(path)
    file = folder / "grown-on.parquet"
    handbook(_GROWN_ON).write_parquet(file)
    table = payment_table(file, policy, load_mapping(house_file(_MAPPING)), policy.keep)
    data = lightgbm.Dataset(table.features, table.truth == 1, feature_name=list(table.names))
    trees = lightgbm.train(
        {"objective": "binary", "num_leaves": LEAVES, "min_child_samples": 5, "verbose": -1,
         "num_threads": 2, "seed": 0, "deterministic": True, "force_row_wise": True},
        data, TREES,
    )  # fmt: skip
    model = str(trees.model_to_string(num_iteration=-1))
    assert trees_in(model) == TREES
    part = ModelPart(
        "sixty.txt", digest_of(model.encode()), policy.keep, Calibration("platt"), None,
        model,
    )  # fmt: skip
    return replace(policy, model=part)


def text() -> str:
    """The policy's text: counts, sums, means and largest of either party, reports of the payee."""
    features = {}
    for party, key in _PARTIES.items():
        for window in _WINDOWS:
            by = f'by=({key}, currency), window="{window}"'
            features[f"{party}_count_{window}"] = f'count(payment, by={key}, window="{window}")'
            if window in _WINDOWS[1:]:
                features[f"{party}_sum_{window}"] = f"sum(payment.amount, {by})"
            features[f"{party}_mean_{window}"] = f"mean(payment.amount, {by})"
            if window in _WINDOWS[2:]:
                features[f"{party}_max_{window}"] = f"max(payment.amount, {by})"
    for window in ("7d", "30d"):
        features[f"terminal_frauds_{window}"] = (
            f'count(label, by=payee_account, window="{window}", where=fraud)'
        )
    assert len(features) == FEATURES, len(features)
    names = ", ".join(f'"{name}"' for name in features)
    lines = [
        "[policy]", 'name = "sixty"', 'judges = "payment"',
        f'mapping = "{house_file(_MAPPING).resolve()}"', 'utc_offset = "+00:00"',
        f"keep = [{names}]", "[features]",
        *(f"{name} = {{ expression = '{of}', group = \"amount_habit\" }}"
          for name, of in features.items()),
        "[thresholds]", "warn = 100", "hold = 500",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _replays(policy: Policy, sizes: Sizes, folder: Path) -> list[float]:
    """Payments a second of each round, after a first one that compiles what is not yet."""
    mapping, file, few = load_mapping(house_file(_MAPPING)), folder / "all.parquet", folder / "few"
    handbook(20_000).write_parquet(few)
    handbook(sizes.replay_payments).write_parquet(file)
    replay(few, policy, mapping, folder / "warm-up")
    rates = []
    for turn in range(sizes.replay_rounds):
        start = time.perf_counter()
        done = replay(file, policy, mapping, folder / f"out-{turn}")
        rates.append(len(done.judgements.seq) / (time.perf_counter() - start))
    return rates
