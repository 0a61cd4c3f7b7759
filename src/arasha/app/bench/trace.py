"""``arasha bench trace``: how fast money is followed, through how many payments, in which memory.

In: sizes. Out: the time of a trace with ten million payments held and with fifty, the arena's bytes
a payment, a trace through an account with a million payments, rings among a million accounts; the
same reports in DuckDB and rustworkx. Times are the processor's, but for that from a report to its
hold orders, in a running service (hold_orders.py).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np

from arasha.app.bench import hold_orders
from arasha.app.bench.machine import resident_bytes
from arasha.app.bench.results import Result, percentile
from arasha.app.bench.sizes import QUICK, Sizes
from arasha.app.bench.trace_peers import Took, duckdb_traces, rustworkx_traces
from arasha.app.bench.trace_traffic import Held, held, through_hub
from arasha.flows.bounds import MED_2
from arasha.flows.rings import rings
from arasha.flows.trace import Tracer

METRICS: Final = (
    "trace_p50", "trace_p99", "trace_of_more_held", "trace_arena_memory", "trace_through_hub",
    "rings_time", "rings_memory", hold_orders.METRIC,
)  # fmt: skip
"""The promises, in the order they are reported."""

RING_LEAST_MINOR: Final = 20_000_00
GIB: Final = 2**30


@dataclass(frozen=True, slots=True)
class TraceSizes:
    """Payments held, and many more; thefts among them; reports given to the peers; a hub; reports
    to a running service.
    """

    payments: int
    more: int
    thefts: int
    peer_reports: int
    hub: int
    reports: int


_FULL: Final = TraceSizes(10_000_000, 50_000_000, 1_000, 12, 1_000_000, 300)
_QUICK: Final = TraceSizes(700_000, 3_000_000, 100, 5, 200_000, 30)


@dataclass(frozen=True, slots=True)
class _Times:
    """What traces took, ns, and how many payments each listed and looked at."""

    nanoseconds: list[int]
    payments: list[int]
    looked_at: list[int]

    def percentile_ms(self, percent: float) -> float:
        return percentile(np.array(self.nanoseconds, np.int64), percent) / 1000


def measure(sizes: Sizes) -> Iterator[list[Result]]:
    """All figures; quick: with less held."""
    yield from results_of(_QUICK if sizes is QUICK else _FULL)


def results_of(sizes: TraceSizes) -> Iterator[list[Result]]:
    """The service and the hub first, then what holds more and more."""
    yield [hold_orders.hold_orders(sizes.reports)]
    yield [_hub(sizes)]
    _forget_peak()
    some = held(sizes.payments, sizes.thefts, with_uses=True, with_edges=True)
    few = _traced(some)
    yield _ring_results(some)
    yield _speed(some, few, sizes)
    bytes_a_payment = some.arena.bytes_used / len(some.arena)
    del some
    yield _more(sizes, few, bytes_a_payment)


def _traced(some: Held) -> _Times:
    tracer = Tracer(some.arena)
    for ordinal in some.reported[:3]:
        tracer.trace([ordinal])  # compiled or loaded, before the clock
    times = _Times([], [], [])
    for ordinal in some.reported:
        start = time.thread_time_ns()
        trace = tracer.trace([ordinal])
        times.nanoseconds.append(time.thread_time_ns() - start)
        times.payments.append(len(trace.payments))
        times.looked_at.append(trace.looked_at)
    return times


def _speed(some: Held, times: _Times, sizes: TraceSizes) -> list[Result]:
    chosen = some.reported[: sizes.peer_reports]
    assert some.edges is not None
    ours = median(times.nanoseconds[: len(chosen)]) / 1e6
    duck, rust = (peer(some.edges, chosen, MED_2) for peer in (duckdb_traces, rustworkx_traces))
    note = (
        f"{len(times.payments):,} reports, {len(some.arena):,} payments held, bounds of Pix MED "
        f"2.0; a trace lists {median(times.payments):.0f} payments (median), at most "
        f"{max(times.payments)}, and looks at {median(times.looked_at):.0f}, at most "
        f"{max(times.looked_at):,}; processor time, the result as objects included"
    )
    beside: dict[str, float | None] = {"ours_on_the_peers_reports_ms": ours}
    for name, took in (("duckdb", duck), ("rustworkx", rust)):
        beside |= _peer(name, took)
    peer_ms = beside["duckdb_ms"]
    return [
        Result(
            "trace_p50", times.percentile_ms(50), "ms", "at_most", 2.0, "duckdb",
            None if peer_ms is None else ours / peer_ms, note, beside,
        ),
        Result("trace_p99", times.percentile_ms(99), "ms", "at_most", 20.0, note=note),
    ]  # fmt: skip


def _peer(name: str, took: Took | None) -> dict[str, float | None]:
    if took is None:
        return {f"{name}_ms": None, f"{name}_payments": None}
    seconds, reached = took
    return {f"{name}_ms": median(seconds) * 1000, f"{name}_payments": float(median(reached))}


def _more(sizes: TraceSizes, few: _Times, bytes_a_payment: float) -> list[Result]:
    before = resident_bytes()
    many = held(sizes.more, sizes.thefts)
    after = resident_bytes()
    times = _traced(many)
    ratio = times.percentile_ms(50) / few.percentile_ms(50)
    counted = many.arena.bytes_used / len(many.arena)
    grown = None if before is None or after is None else (after - before) / len(many.arena)
    return [
        Result(
            "trace_of_more_held", ratio, "×", "at_most", 1.5,
            note=f"median trace with {len(many.arena):,} payments held against {sizes.payments:,}",
            beside={
                "p50_ms": times.percentile_ms(50), "p99_ms": times.percentile_ms(99),
                "p99_ratio": times.percentile_ms(99) / few.percentile_ms(99),
            },
        ),
        Result(
            "trace_arena_memory", max(counted, bytes_a_payment), "bytes a payment", "at_most", 64,
            note=f"rows, accounts and both tables, {many.arena.accounts:,} accounts of "
            f"{len(many.arena):,} payments, or with fewer held, the worse",
            beside={"with_fewer_held": bytes_a_payment, "with_more_held": counted,
                    "resident_growth": grown},
        ),
    ]  # fmt: skip


def _hub(sizes: TraceSizes) -> Result:
    worst, beside = 0.0, dict[str, float | None]()
    for name, days in (("in_a_day", 1.0), ("in_75_days", 75.0)):
        arena, ordinal = through_hub(sizes.hub, sizes.hub, days)
        tracer = Tracer(arena)
        tracer.trace([ordinal])
        took = []
        for _ in range(5):
            start = time.thread_time_ns()
            trace = tracer.trace([ordinal])
            took.append((time.thread_time_ns() - start) / 1e6)
        worst = max(worst, median(took))
        beside |= {
            f"{name}_ms": median(took), f"{name}_looked_at": float(trace.looked_at),
            f"{name}_cut": float(trace.cuts.looks_at_account),
        }  # fmt: skip
    return Result(
        "trace_through_hub", worst, "ms", "at_most", 50,
        note=f"a theft that goes through an account with {sizes.hub:,} payments, all within a day "
        f"or within 75, the worse; cut 1: it was left after {MED_2.looks_at_account_most:,} looks",
        beside=beside,
    )  # fmt: skip


def _ring_results(some: Held) -> list[Result]:
    start = time.process_time()
    found = rings(some.arena, some.uses, least_amount_minor=RING_LEAST_MINOR)
    seconds = time.process_time() - start
    peak = _peak_bytes()
    note = (
        f"{some.arena.accounts:,} accounts, {len(some.arena):,} payments: {len(found):,} rings, "
        f"the largest of {max((len(r.accounts) for r in found), default=0):,} accounts"
    )
    return [
        Result("rings_time", seconds, "s", "at_most", 60, note=note + "; processor time"),
        Result(
            "rings_memory", None if peak is None else peak / GIB, "GiB", "at_most", 4,
            note=note + "; the process's peak since the payments were read, all included",
        ),
    ]  # fmt: skip


def _forget_peak() -> None:
    """Have the system count the peak of memory from here, where it can be asked to."""
    path = Path("/proc/self/clear_refs")
    if path.exists():
        path.write_text("5", encoding="ascii")


def _peak_bytes() -> int | None:
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    [line] = [one for one in status.read_text(encoding="ascii").splitlines() if "VmHWM" in one]
    return int(line.split()[1]) * 1024
