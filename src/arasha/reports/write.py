"""A backtest written down: JSON and Parquet for machines, one HTML page for people.

Figures come in, files go out, each whole or not at all. The layout of the files is described in
docs/reference/backtest.md; money is in minor units by alphabetic currency code.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from arasha.reports import figures
from arasha.reports.measures import (
    Comparison,
    Example,
    Hits,
    Measures,
    Money,
    Slice,
    Tally,
    Verdict,
)
from arasha.reports.page import render
from arasha.reports.proportions import Interval

FORMAT_VERSION: Final = 1

Json = dict[str, object]

_MONEY: Final = pa.list_(pa.struct({"currency": pa.string(), "minor": pa.decimal128(38, 0)}))
_NUMBER: Final = pa.float64()
_RULES: Final = pa.schema(
    {
        "policy": pa.string(), "part": pa.string(), "name": pa.string(), "hits": pa.int64(),
        "frauds": pa.int64(), "goods": pa.int64(), "unknown": pa.int64(), "payers": pa.int64(),
        "alone_frauds": pa.int64(), "alone_goods": pa.int64(), "hit_share": _NUMBER,
        "precision": _NUMBER, "precision_low": _NUMBER, "precision_high": _NUMBER,
        "recall": _NUMBER, "recall_low": _NUMBER, "recall_high": _NUMBER,
        "good_per_fraud": _NUMBER, "good_per_10_000": _NUMBER, "fraud_money": _MONEY,
        "missed_money": _MONEY, "good_money": _MONEY, "unknown_money": _MONEY,
    }
)  # fmt: skip
_OVERLAP: Final = pa.schema(
    {
        "policy": pa.string(), "rule": pa.string(), "other": pa.string(), "both": pa.int64(),
        "jaccard": _NUMBER,
    }
)  # fmt: skip
_EXAMPLES: Final = pa.schema(
    {
        "sort": pa.string(), "seq": pa.int64(), "id": pa.string(),
        "happened_at": pa.timestamp("ms", "UTC"), "amount_minor": pa.int64(),
        "currency": pa.string(), "payer": pa.string(), "payee": pa.string(),
        "truth": pa.string(), "action": pa.string(), "score": pa.int64(),
        "rules": pa.list_(pa.string()), "before_action": pa.string(),
        "before_score": pa.int64(), "before_rules": pa.list_(pa.string()),
    }
)  # fmt: skip


def write(
    out_dir: Path, measures: Measures, comparison: Comparison | None = None
) -> tuple[Path, ...]:
    """Write backtest.json, backtest.parquet, overlap.parquet, examples.parquet and backtest.html.

    ``comparison.after`` is ``measures``. The directory is made if it is not there; files of an
    earlier backtest are replaced. Returns the paths written, the page last.
    """
    assert comparison is None or comparison.after is measures
    out_dir.mkdir(parents=True, exist_ok=True)
    policies = [measures] if comparison is None else [comparison.before, measures]
    written = [_replace(out_dir / "backtest.json", _encode(document(measures, comparison)))]
    for name, schema, rows in (
        ("backtest", _RULES, _hits_rows(policies)),
        ("overlap", _OVERLAP, _overlap_rows(policies)),
        ("examples", _EXAMPLES, _example_rows(measures, comparison)),
    ):
        table = pa.Table.from_pylist(list(rows), schema=schema)
        part = out_dir / f"{name}.parquet.part"
        pq.write_table(table, part)
        written.append(part.replace(out_dir / f"{name}.parquet"))
    written.append(_replace(out_dir / "backtest.html", render(measures, comparison).encode()))
    return tuple(written)


def document(measures: Measures, comparison: Comparison | None = None) -> Json:
    """The same figures as plain data, ready for JSON; a share of nothing is null."""
    return {
        "format": "arasha-backtest",
        "version": FORMAT_VERSION,
        "measures": _measures(measures),
        "comparison": None if comparison is None else _comparison(comparison),
    }


def _encode(data: Json) -> bytes:
    # not msgspec: a sum of money can be larger than 64 bits
    return json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1).encode() + b"\n"


def _replace(path: Path, data: bytes) -> Path:
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    return part.replace(path)


def _measures(one: Measures) -> Json:
    return {
        "policy": one.label,
        "stop_at": one.stop_at.name.lower(),
        "utc_offset_ms": one.utc_offset_ms,
        "first_at_ms": one.first_at_ms,
        "last_at_ms": one.last_at_ms,
        "late": one.late,
        "alerts_per_day": one.alerts_per_day,
        "currencies": [figures.currency_code(currency) for currency in one.currencies],
        "total": _tally(one.total),
        "bothered": _hits(one.bothered),
        "stopped": _hits(one.stopped),
        "levels": [_hits(hits) for hits in one.levels],
        "actions": [_hits(hits) for hits in one.actions],
        "rules": [_hits(hits) for hits in one.rules],
        "overlap": [list(row) for row in one.overlap],
        "days": [{"day": figures.day(day.at), **_slice(day)} for day in one.days],
        "hours": [{"hour": hour.at, **_slice(hour)} for hour in one.hours],
        "bands": [
            {
                "currency": figures.currency_code(band.currency),
                "from_minor": band.from_minor,
                "below_minor": band.below_minor,
                "total": _tally(band.total),
                "bothered": _hits(band.bothered),
                "stopped": _hits(band.stopped),
            }
            for band in one.bands
        ],
        "curve": [{"score": point.score, **_hits(point.hits)} for point in one.curve],
        "examples": {
            "missed": [_example(each) for each in one.missed],
            "stopped_goods": [_example(each) for each in one.stopped_goods],
        },
    }


def _comparison(one: Comparison) -> Json:
    return {
        "before": _measures(one.before),
        "newly_hit": _tally(one.newly_hit),
        "newly_missed": _tally(one.newly_missed),
        "newly_stopped": _tally(one.newly_stopped),
        "no_longer_stopped": _tally(one.no_longer_stopped),
        "recall_difference_95": _interval(one.recall_difference),
        "good_share_difference_95": _interval(one.good_share_difference),
        "transitions": [
            {
                "before": move.before.name.lower(),
                "after": move.after.name.lower(),
                "payments": move.payments,
                "frauds": move.frauds,
                "goods": move.goods,
            }
            for move in one.transitions
        ],
        "rules": [
            {
                "name": change.name,
                "before": None if change.before is None else _hits(change.before),
                "after": None if change.after is None else _hits(change.after),
                "newly_hit": _tally(change.newly_hit),
                "newly_missed": _tally(change.newly_missed),
            }
            for change in one.rules
        ],
        "examples": {
            name: [_example(each) for each in getattr(one.examples, name)] for name in _CHANGED
        },
    }


_CHANGED: Final = ("newly_found", "newly_missed", "newly_bothered", "no_longer_bothered")


def _tally(tally: Tally) -> Json:
    return {
        "payments": tally.payments,
        "frauds": tally.frauds,
        "goods": tally.goods,
        "unknown": tally.unknown,
        "payers": tally.payers,
        "fraud_money_minor": _money(tally.fraud_money),
        "good_money_minor": _money(tally.good_money),
        "unknown_money_minor": _money(tally.unknown_money),
    }


def _hits(hits: Hits) -> Json:
    return {
        "name": hits.name,
        **_tally(hits.hit),
        "missed_money_minor": _money(hits.missed_money),
        "hit_share": hits.hit_share,
        "precision": hits.precision,
        "precision_95": _interval(hits.precision_interval),
        "recall": hits.recall,
        "recall_95": _interval(hits.recall_interval),
        "good_per_fraud": hits.good_per_fraud,
        "good_per_10_000": hits.good_per_10_000,
        "alone": None if hits.alone is None else _tally(hits.alone),
    }


def _money(amounts: Money) -> dict[str, int]:
    return {figures.currency_code(currency): minor for currency, minor in amounts.items()}


def _interval(one: Interval | None) -> list[float] | None:
    return None if one is None else [one.low, one.high]


def _slice(one: Slice) -> Json:
    return {
        "payments": one.payments,
        "bothered": one.bothered,
        "frauds": one.frauds,
        "frauds_found": one.frauds_found,
        "goods": one.goods,
        "goods_bothered": one.goods_bothered,
    }


def _example(one: Example) -> Json:
    return {
        "seq": one.seq,
        "id": one.id,
        "happened_at_ms": one.happened_at_ms,
        "amount_minor": one.amount_minor,
        "currency": figures.currency_code(one.currency),
        "payer": one.payer,
        "payee": one.payee,
        "truth": one.truth,
        **_verdict(one.verdict),
        "before": None if one.before is None else _verdict(one.before),
    }


def _verdict(verdict: Verdict) -> Json:
    return {
        "action": verdict.action.name.lower(),
        "score": verdict.score,
        "rules": list(verdict.rules),
    }


def _hits_rows(policies: Sequence[Measures]) -> Iterator[Json]:
    for one in policies:
        parts = (("level", one.levels), ("action", one.actions), ("rule", one.rules))
        for part, hits in ((part, hits) for part, listed in parts for hits in listed):
            precision, recall = hits.precision_interval, hits.recall_interval
            yield {
                "policy": one.label,
                "part": part,
                "name": hits.name,
                "hits": hits.hit.payments,
                "frauds": hits.hit.frauds,
                "goods": hits.hit.goods,
                "unknown": hits.hit.unknown,
                "payers": hits.hit.payers,
                "alone_frauds": None if hits.alone is None else hits.alone.frauds,
                "alone_goods": None if hits.alone is None else hits.alone.goods,
                "hit_share": hits.hit_share,
                "precision": hits.precision,
                "precision_low": None if precision is None else precision.low,
                "precision_high": None if precision is None else precision.high,
                "recall": hits.recall,
                "recall_low": None if recall is None else recall.low,
                "recall_high": None if recall is None else recall.high,
                "good_per_fraud": hits.good_per_fraud,
                "good_per_10_000": hits.good_per_10_000,
                "fraud_money": _listed(hits.hit.fraud_money),
                "missed_money": _listed(hits.missed_money),
                "good_money": _listed(hits.hit.good_money),
                "unknown_money": _listed(hits.hit.unknown_money),
            }


def _listed(amounts: Money) -> list[Json]:
    return [{"currency": code, "minor": Decimal(minor)} for code, minor in _money(amounts).items()]


def _overlap_rows(policies: Sequence[Measures]) -> Iterator[Json]:
    for one in policies:
        for i, rule in enumerate(one.rules):
            for j in range(i + 1, len(one.rules)):
                yield {
                    "policy": one.label,
                    "rule": rule.name,
                    "other": one.rules[j].name,
                    "both": one.overlap[i][j],
                    "jaccard": one.jaccard(i, j),
                }


def _example_rows(measures: Measures, comparison: Comparison | None) -> Iterator[Json]:
    sorts = [("missed", measures.missed), ("stopped_goods", measures.stopped_goods)]
    if comparison is not None:
        sorts += [(name, getattr(comparison.examples, name)) for name in _CHANGED]
    for sort, some in sorts:
        for one in some:
            row = {"sort": sort, **_example(one)}
            row["happened_at"] = row.pop("happened_at_ms")
            before = one.before
            row["before_action"] = None if before is None else before.action.name.lower()
            row["before_score"] = None if before is None else before.score
            row["before_rules"] = None if before is None else list(before.rules)
            del row["before"]
            yield row
