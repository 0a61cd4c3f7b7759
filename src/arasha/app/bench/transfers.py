"""The laundering benchmarks' data and tables: transfers between accounts, features of each.

In: the folder ARASHA_DATA names, else ``shared/data`` beside the repository. Out: frames, facts
with symbols at random as the door would have made them, and the point-in-time table of any
features, filled by the state of the live path (policy/judge.py).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arasha.app.bench.traffic import Symbols
from arasha.errors import UsageError
from arasha.events.columns import Facts, concatenate
from arasha.events.schema import PAYMENT, Kind
from arasha.features.expressions import Expression, ValueType
from arasha.features.language import Scope, parse
from arasha.policy.definition import Policy, Thresholds
from arasha.policy.judge import Judge

DAY_MS: Final = 86_400_000

_START_MS: Final = 1_672_531_200_000  # 2023-01-01 UTC
_KRONA: Final = 752
_ROOT: Final = Path(__file__).resolve().parents[4]


def data_file(name: str) -> Path:
    """A file of the third-party data. Raises UsageError where it is absent."""
    for folder in (os.environ.get("ARASHA_DATA"), _ROOT.parent / "shared" / "data"):
        if folder is not None and (Path(folder) / name).is_file():
            return Path(folder) / name
    raise UsageError(
        f"no {name}", expected="the file in the folder that ARASHA_DATA names",
        hint="docs/benchmarks.md says where it comes from",
    )  # fmt: skip


def amlgentex() -> pl.DataFrame:
    """Transfers that moved money: ``step`` (day), ``src``, ``dst``, banks, ``amount``, truth."""
    frame = pl.read_parquet(data_file("amlgentex-a.parquet"))
    return frame.filter((pl.col("amount") * 100).round() > 0)


def amlsim() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Transfers as ``step``, ``src``, ``dst``, ``amount``, and accounts as ``nodes.csv`` has."""
    frame = pl.read_csv(data_file("amlsim-20k-fanin200/transactions.csv")).select(
        step=pl.col("time"), src=pl.col("sourceNodeId"), dst=pl.col("targetNodeId"),
        amount=pl.col("value"),
    )  # fmt: skip
    return frame, pl.read_csv(data_file("amlsim-20k-fanin200/nodes.csv"))


def transfers(frame: pl.DataFrame) -> tuple[Facts, NDArray[np.int64]]:
    """The rows as payments in one currency, each at the start of its day, in their order."""
    n = len(frame)
    times = _START_MS + frame["step"].to_numpy().astype(np.int64) * DAY_MS
    amount = (frame["amount"] * 100).round().cast(pl.Int64).to_numpy()
    numbers = {"happened_at": times, "amount": amount, "currency": np.full(n, _KRONA, np.int64)}
    symbols = {
        "payer_account": _symbols(frame["src"].to_numpy()),
        "payee_account": _symbols(frame["dst"].to_numpy()),
    }
    if "src_bank" in frame.columns:
        named = sorted(set(frame["src_bank"]) | set(frame["dst_bank"]))
        banks = {bank: place for place, bank in enumerate(named)}
        for name, column in (("payer_bank", "src_bank"), ("payee_bank", "dst_bank")):
            symbols[name] = _symbols(frame[column].replace_strict(banks).to_numpy())
    kinds = np.full(n, Kind.PAYMENT, np.uint8)
    return Facts(kinds, [f"t{i}" for i in range(n)], numbers, symbols), times


def labels(frame: pl.DataFrame, late_days: int) -> tuple[Facts, NDArray[np.int64]]:
    """Of each transfer that was laundering the label that says so, known that many days later."""
    every, times = transfers(frame)
    rows = np.flatnonzero(frame["is_laundering"].to_numpy() == 1)
    facts, n = every.take(rows), len(rows)
    numbers = {**facts.numbers, "fraud": np.ones(n, np.int64)}
    symbols = {**facts.symbols, "payment": _symbols(np.arange(n))}
    kinds, ids = np.full(n, Kind.LABEL, np.uint8), [f"l{i}" for i in range(n)]
    return Facts(kinds, ids, numbers, symbols), times[rows] + late_days * DAY_MS


def _symbols(ids: NDArray[np.integer]) -> Symbols:
    whole = ids.astype(np.uint64) + np.uint64(1)
    return np.stack([whole * np.uint64(0x9E3779B97F4A7C15), whole], axis=1)


def policy_of(texts: Mapping[str, str]) -> Policy:
    """A policy of these features alone. Raises AssertionError for a text that is wrong."""
    features: dict[str, Expression] = {}
    types: dict[str, ValueType | None] = {}
    for name, text in texts.items():
        expression = parse(text, Scope(PAYMENT, types))
        assert not isinstance(expression, tuple), (name, expression)
        features[name], types[name] = expression, expression.type
    return Policy(
        name="bench", judges=PAYMENT, mapping=None, utc_offset_ms=0, features=features,
        feature_texts={}, keep=(), rules=(), thresholds=Thresholds(), source=Path("bench.toml"),
    )  # fmt: skip


def table(
    frame: pl.DataFrame, texts: Mapping[str, str], label_days: int | None = None
) -> NDArray[np.float32]:
    """float32[n, features]: what each was just before each transfer, NaN where missing.

    ``label_days``: labels are facts, too, known that many days after the transfer; None: never.
    """
    judge = Judge(policy_of(texts))
    facts, known_at = transfers(frame)
    if label_days is not None:
        told, told_at = labels(frame, label_days)
        times = np.concatenate((told_at, known_at))  # a day's labels are known as the day begins
        order = np.argsort(times, kind="stable")
        facts, known_at = concatenate((told, facts)).take(order), times[order]
    made = np.empty((len(frame), len(texts)), np.float32)
    at = 0
    for payments, registers in judge.watch(judge.fresh_state(), facts, known_at):
        rows = slice(at, at + len(payments))
        for place, name in enumerate(texts):
            register, form = judge.program.outputs[name], judge.program.types[name].form
            values = (registers.floats if form == "float" else registers.ints)[register]
            made[rows, place] = np.where(registers.known[register] == 1, values, np.nan)
        at = rows.stop
    return made
