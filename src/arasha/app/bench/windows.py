"""The window kernel alone, beside Polars and DuckDB computing the same windows in bulk.

24 aggregates over the handbook's payments: count and sum of the amount over six spans, by payer and
currency and by payee and currency. A window of ours holds what happened in (t - w, t] before this
entry. Polars' and DuckDB's windows know times only, not places; so they are given times in
microseconds that tell equal ones apart by their order, spans half a millisecond short of w, and
subtract the payment itself. The results are the same, and a sample of them is compared.

Ours has one core, a peer has all of them, and the payments have one currency, which the peers are
spared; ours files under it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arasha.app.bench.machine import one_core
from arasha.app.bench.results import Result
from arasha.app.bench.sizes import Sizes
from arasha.app.bench.traffic import handbook, handbook_facts, handbook_name, minor_units
from arasha.events.columns import Facts
from arasha.events.schema import PAYMENT
from arasha.features.expressions import KeyPart, ValueType, Window
from arasha.features.plan import Plan, draw
from arasha.features.registers import empty_registers
from arasha.features.state import State

BATCH: Final = 4096
"""Payments of one call of the kernel."""

COMPARED: Final = 5_000
"""Payments whose 24 answers are compared with Polars'."""

DUCKDB_SECONDS_MAX: Final = 60.0

_HOUR_MS: Final = 3_600_000
_SPANS_MS: Final = tuple(hours * _HOUR_MS for hours in (1, 6, 24, 168, 720, 2160))
_KEYS: Final = ("payer", "payee")

Answers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Rates:
    """Payments a second of every round."""

    ours: list[float]
    polars: list[float]


def windows(sizes: Sizes) -> list[Result]:
    """The kernel's speed, and its ratio to Polars' on the same payments, in turns."""
    frame = handbook(sizes.window_payments)
    facts, known_at = handbook_facts(frame)
    plan, peer_frame, n = draw(_windows()), _peer_frame(frame), len(frame)
    way, other_rate = _fastest(peer_frame)
    sample = np.sort(np.random.default_rng(3).choice(n, min(n, COMPARED), replace=False))
    expected = _by_over(peer_frame)[sample].to_numpy().T
    assert np.array_equal(_answers(plan, facts, known_at, sample), expected)
    rates = _Rates([], [])
    for _ in range(sizes.window_rounds):
        with one_core():
            rates.ours.append(n / _seconds(lambda: _observe(plan, facts, known_at)))
        rates.polars.append(n / _seconds(lambda: _POLARS[way](peer_frame)))
    ours, polars = median(rates.ours), median(rates.polars)
    duckdb, duckdb_note = _duckdb_rate(peer_frame)
    size = (
        f"{n:,} payments ({handbook_name()}), 24 aggregates, median of {sizes.window_rounds} rounds"
    )
    name = f"Polars {pl.__version__}"
    return [
        Result(
            "window_kernel_speed", ours, "payments/s", "at_least", 1_000_000,
            note=f"{size}; one core, batches of {BATCH}",
            beside={
                "slowest_payments_per_s": min(rates.ours),
                "fastest_payments_per_s": max(rates.ours),
            },
        ),
        Result(
            "window_kernel_against_polars", ours / polars, "×", "at_least", 1.0,
            name, ours / polars,
            f"{size}; ours on one core, Polars on {pl.thread_pool_size()}, in turns; its {way}, "
            f"the faster way of two; {duckdb_note}",
            {
                "polars_payments_per_s": polars,
                "polars_fastest_payments_per_s": max(rates.polars),
                "polars_other_way_payments_per_s": other_rate,
                "duckdb_payments_per_s": duckdb,
            },
        ),
    ]  # fmt: skip


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


# Ours


def _windows() -> list[Window]:
    payer, payee, currency, amount = (
        field
        for name in ("payer_account", "payee_account", "currency", "amount")
        if (field := PAYMENT.field(name)) is not None
    )
    whole = ValueType("int")
    wanted = []
    for party in (payer, payee):
        by = (KeyPart(party, party), KeyPart(currency, currency))
        for span in _SPANS_MS:
            wanted.append(Window("count", PAYMENT, None, by, None, span, 0, whole))
            wanted.append(Window("sum", PAYMENT, amount, by, None, span, 0, whole))
    return wanted


def _observe(plan: Plan, facts: Facts, known_at: NDArray[np.int64]) -> State:
    state, filters = State(plan), np.zeros((0, BATCH), np.uint8)
    room = empty_registers(len(plan.windows), BATCH)
    columns = np.arange(BATCH)
    for start in range(0, len(facts), BATCH):
        stretch = slice(start, min(start + BATCH, len(facts)))
        n = stretch.stop - start
        answers = room if n == BATCH else empty_registers(len(plan.windows), n)
        state.observe(facts.take(stretch), known_at[stretch], columns[:n], filters[:, :n], answers)
    return state


def _answers(
    plan: Plan, facts: Facts, known_at: NDArray[np.int64], rows: NDArray[np.int64]
) -> Answers:
    """int64[24, rows]: our answers for some payments, in the order of ``_windows``."""
    state, found = State(plan), []
    for start in range(0, len(facts), BATCH):
        part = facts.take(slice(start, start + BATCH))
        n = len(part)
        answers = empty_registers(len(plan.windows), n)
        none = np.zeros((0, n), np.uint8)
        state.observe(part, known_at[start : start + n], np.arange(n), none, answers)
        found.append(answers.ints[:, rows[(rows >= start) & (rows < start + n)] - start])
    return np.concatenate(found, axis=1)


# Peers


def _peer_frame(frame: pl.DataFrame) -> pl.DataFrame:
    """Time in microseconds, equal ones told apart by their order; keys; amounts; a one to sum."""
    time_ms = frame["TX_DATETIME"].dt.epoch("ms").to_numpy()
    place = np.arange(len(time_ms)) - np.searchsorted(time_ms, time_ms)
    assert place.max() < 500  # half a millisecond
    return pl.DataFrame(
        {
            "time": pl.Series(time_ms * 1000 + place).cast(pl.Datetime("us")),
            "payer": frame["CUSTOMER_ID"],
            "payee": frame["TERMINAL_ID"],
            "amount": minor_units(frame),
            "one": np.ones(len(frame), np.int64),
        }
    )


def _period_us(span_ms: int) -> int:
    """Holds all of (t - span, t] and nothing of t - span: places stay below half a millisecond."""
    return span_ms * 1000 - 500


def _period(span_ms: int) -> str:
    return f"{_period_us(span_ms)}us"


def _by_over(frame: pl.DataFrame) -> pl.DataFrame:
    """24 columns in the order of ``_windows``, rows in order."""
    return frame.select(
        (
            pl.col(column).rolling_sum_by("time", _period(span_ms), closed="right").over(key)
            - pl.col(column)
        ).alias(f"{column} {key} {span_ms}")
        for key in _KEYS
        for span_ms in _SPANS_MS
        for column in ("one", "amount")
    )


def _by_rolling(frame: pl.DataFrame) -> list[pl.DataFrame]:
    """Rows come out by key; putting them back in order is spared."""
    return [
        frame.rolling("time", period=_period(span_ms), closed="right", group_by=key).agg(
            pl.len() - 1, pl.col("amount").sum() - pl.col("amount").last()
        )
        for key in _KEYS
        for span_ms in _SPANS_MS
    ]


_POLARS: Final[dict[str, Callable[[pl.DataFrame], object]]] = {
    "rolling_sum_by(...).over(key)": _by_over,
    "rolling(group_by=key).agg(...)": _by_rolling,
}


def _fastest(frame: pl.DataFrame) -> tuple[str, float]:
    """The faster way, and the other's payments a second."""
    rates = {name: len(frame) / _seconds(partial(way, frame)) for name, way in _POLARS.items()}
    return max(rates, key=rates.__getitem__), min(rates.values())


def _duckdb_rate(frame: pl.DataFrame) -> tuple[float | None, str]:
    """DuckDB's payments a second over the same windows, once; None when it is not
    there or takes too long.
    """
    try:
        import duckdb
    except ImportError:
        return None, "DuckDB is not installed"
    columns = ", ".join(
        f"sum({column}) OVER {key}_{span_ms} - {column} AS {column}_{key}_{span_ms}"
        for key in _KEYS
        for span_ms in _SPANS_MS
        for column in ("one", "amount")
    )
    spans = ", ".join(
        f"{key}_{span_ms} AS (PARTITION BY {key} ORDER BY time RANGE BETWEEN "
        f"{_period_us(span_ms) - 1} PRECEDING AND CURRENT ROW)"
        for key in _KEYS
        for span_ms in _SPANS_MS
    )
    payments = frame.with_columns(pl.col("time").to_physical()).to_arrow()
    with duckdb.connect() as connection:
        connection.register("payments", payments)
        limit = threading.Timer(DUCKDB_SECONDS_MAX, connection.interrupt)
        limit.start()
        try:
            query = f"CREATE TABLE answers AS SELECT {columns} FROM payments WINDOW {spans}"
            seconds = _seconds(lambda: connection.execute(query))
        except duckdb.InterruptException:
            return None, f"DuckDB {duckdb.__version__} took over {DUCKDB_SECONDS_MAX:.0f} s"
        finally:
            limit.cancel()
    return len(frame) / seconds, f"DuckDB {duckdb.__version__} with RANGE windows, once"
