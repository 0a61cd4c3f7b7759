"""The flow of money beside snapml's Graph Feature Preprocessor, on the same edges in one run.

Two measures. *Vertex*: statistics of both parties (fan, degree, mean, sum, least, largest,
deviation of the amounts in and out) and fan, over 20 days. *Patterns*: the same, and scatter-gather
and time-respecting cycles. The peer takes its default batches of 2,048 and its default features,
less those of its own (skew, kurtosis), on all cores; ours has one core. Ours are exact as of just
before each payment; the peer's are as of the end of the batch. The walks of ours are bounded
(features/walks.py), the peer's are not.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from statistics import median
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from arasha.app.bench.machine import one_core
from arasha.app.bench.results import Result
from arasha.app.bench.sizes import Sizes
from arasha.app.bench.transfers import amlgentex, policy_of, transfers
from arasha.events.columns import Facts
from arasha.policy.judge import Judge

BATCH: Final = 2048
"""Payments of one call, ours and the peer's."""

METRICS: Final = ("flows_vertex_against_snapml", "flows_patterns_against_snapml")
"""The promises, in the order they are reported."""

_REACH: Final = 4.0
_DAYS: Final = 20
_ROLES: Final = (
    ("payer_account", "payee_account"),
    ("{payee_account: payer_account}", "payer_account"),
    ("payee_account", "payer_account"),
    ("{payer_account: payee_account}", "payee_account"),
)
"""Payments out of and into the payer, into and out of the payee; whom they are with."""


def measure(sizes: Sizes) -> Iterator[list[Result]]:
    """Both measures, ours and the peer's in turns."""
    frame = amlgentex()
    if sizes.window_payments is not None:
        frame = frame.head(sizes.window_payments // 4)
    facts, known_at = transfers(frame)
    edges = np.column_stack(
        (
            np.arange(len(frame)), frame["src"].to_numpy(), frame["dst"].to_numpy(),
            frame["step"].to_numpy(), frame["amount"].to_numpy(),
        )
    ).astype(np.float64)  # fmt: skip
    for metric, patterns in zip(METRICS, (False, True), strict=True):
        yield [_compare(metric, facts, known_at, edges, sizes.window_rounds, patterns=patterns)]


def _compare(
    metric: str,
    facts: Facts,
    known_at: NDArray[np.int64],
    edges: NDArray[np.float64],
    rounds: int,
    *,
    patterns: bool,
) -> Result:
    features = _features(patterns=patterns)
    judge = Judge(policy_of(features))
    ours, peers, n = [], [], len(edges)
    _take_in(judge, facts.take(slice(0, BATCH)), known_at[:BATCH])  # compile, before the clock
    for _ in range(rounds):
        with one_core():
            start = time.perf_counter()
            _take_in(judge, facts, known_at)
            ours.append(n / (time.perf_counter() - start))
        start = time.perf_counter()
        known = _peer(edges, patterns=patterns)
        if not known:
            note = "snapml is not installed: pip install snapml"
            return Result(metric, None, "times snapml's speed", "at_least", _REACH, note=note)
        peers.append(n / (time.perf_counter() - start))
    ratio = median(ours) / median(peers)
    return Result(
        metric, ratio, "times snapml's speed", "at_least", _REACH, "snapml", ratio,
        f"{n:,} payments (amlgentex), {len(features)} features of ours on one core, batches of "
        f"{BATCH}, median of {rounds} rounds in turns",
        {"payments_per_s": median(ours), "snapml_payments_per_s": median(peers)},
    )  # fmt: skip


def _features(*, patterns: bool) -> dict[str, str]:
    features = {}
    for place, (by, other) in enumerate(_ROLES):
        window = f'by={by}, window="{_DAYS}d"'
        features[f"degree_{place}"] = f"count(payment, {window})"
        features[f"fan_{place}"] = f"distinct(payment.{other}, {window})"
        for name in ("sum", "mean", "min", "max", "std"):
            features[f"{name}_{place}"] = f"{name}(payment.amount, {window})"
    if patterns:
        features["scatter_gather_5d"] = 'scatter_gather(payment, window="5d")'
        features["cycle_length_20d"] = f'cycle_length(payment, window="{_DAYS}d")'
    return features


def _take_in(judge: Judge, facts: Facts, known_at: NDArray[np.int64]) -> None:
    state = judge.fresh_state()
    for start in range(0, len(facts), BATCH):
        stretch = slice(start, start + BATCH)
        for _ in judge.watch(state, facts.take(stretch), known_at[stretch]):
            pass


def _peer(edges: NDArray[np.float64], *, patterns: bool) -> bool:
    """Let the peer compute its features; whether it is there."""
    try:
        from snapml import GraphFeaturePreprocessor
    except ImportError:
        return False
    peer: Any = GraphFeaturePreprocessor()
    settings = peer.get_params()
    settings |= {
        "num_threads": os.cpu_count() or 1, "time_window": _DAYS, "vertex_stats_tw": _DAYS,
        "vertex_stats_cols": [4], "vertex_stats_feats": [0, 1, 2, 3, 4, 5, 6, 8],
        "fan": True, "fan_tw": 1, "scatter-gather": patterns, "scatter-gather_tw": 5,
        "temp-cycle": patterns, "temp-cycle_tw": _DAYS,
    }  # fmt: skip
    peer.set_params(settings)
    for start in range(0, len(edges), BATCH):
        peer.transform(np.ascontiguousarray(edges[start : start + BATCH]))
    return True
