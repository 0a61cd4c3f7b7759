"""A whole file of payments, from Parquet to explained decisions, durable on disk."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Final

from arasha.app.bench.policies import rules_alone
from arasha.app.bench.results import Result
from arasha.app.bench.sizes import Sizes
from arasha.app.bench.traffic import handbook, handbook_name, house_file
from arasha.engine.replay import BATCH, replay
from arasha.events.mapping import load_mapping

POLICY: Final = "policies/instant-payments.toml"
"""The policy of all benchmarks of the engine but the windows'; its rules alone (policies.py)."""

_WARM_UP: Final = 20_000


def replayed(sizes: Sizes) -> list[Result]:
    """``arasha replay`` of the handbook with the default policy, but for its start."""
    policy = rules_alone(house_file(POLICY))
    mapping = load_mapping(house_file("mappings/handbook.toml"))
    rates, megabytes, decisions = [], 0.0, 0
    with tempfile.TemporaryDirectory(prefix="arasha-bench-") as folder:
        few, file = Path(folder) / "few.parquet", Path(folder) / "payments.parquet"
        handbook(_WARM_UP).write_parquet(few)
        handbook(sizes.replay_payments).write_parquet(file)
        replay(few, policy, mapping, Path(folder) / "warm-up")
        for turn in range(sizes.replay_rounds):
            out = Path(folder) / f"out-{turn}"
            start = time.perf_counter()
            done = replay(file, policy, mapping, out)
            decisions = len(done.judgements.seq)
            rates.append(decisions / (time.perf_counter() - start))
            megabytes = sum(f.stat().st_size for f in out.rglob("*") if f.is_file()) / 1e6
    return [
        Result(
            "replay_speed", median(rates), "payments/s", "at_least", 100_000,
            note=f"{decisions:,} payments ({handbook_name()}) and their labels, Parquet to durable "
            f"decisions, {POLICY} without its model, commits of {BATCH:,}, "
            f"median of {sizes.replay_rounds}",
            beside={"slowest_payments_per_s": min(rates), "written_mb": megabytes},
        )
    ]  # fmt: skip
