"""``arasha bench engine``: what the path from a fact to its decision costs.

In: sizes. Out: one result per promise, in the order of docs/benchmarks.md. Each group of results
comes from a process of its own, so that none inherits another's memory, cores or threads.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Final

from arasha.app.bench.first import first
from arasha.app.bench.held import held, hub
from arasha.app.bench.replayed import replayed
from arasha.app.bench.results import Result
from arasha.app.bench.single import single
from arasha.app.bench.sizes import Sizes
from arasha.app.bench.windows import windows

GROUPS: Final[tuple[Callable[[Sizes], list[Result]], ...]] = (
    windows, replayed, single, held, hub, first,
)  # fmt: skip

METRICS: Final = (
    "window_kernel_speed",
    "window_kernel_against_polars",
    "replay_speed",
    "decide_one_p50",
    "decide_one_p99",
    "decide_one_durable_p99",
    "memory_per_event",
    "time_of_more_held",
    "time_of_a_hub",
    "restore",
    "first_decision_ever",
    "first_decision",
)
"""The promises, in the order they are reported."""


def measure(sizes: Sizes) -> Iterator[list[Result]]:
    """The results of each group, as they come."""
    fresh = multiprocessing.get_context("spawn")
    for group in GROUPS:
        with ProcessPoolExecutor(1, mp_context=fresh) as processes:
            yield processes.submit(group, sizes).result()


def in_order(results: list[Result]) -> tuple[Result, ...]:
    """The results in the order of METRICS."""
    return tuple(sorted(results, key=lambda result: METRICS.index(result.metric)))
