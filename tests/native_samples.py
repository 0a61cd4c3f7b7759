"""Facts of all kinds in our own form, as a country or an export writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import polars as pl

from arasha.events.files import SourceBatch
from arasha.events.native import open_facts
from events_samples import tokens

START = datetime(2026, 1, 5, 4, tzinfo=UTC)

TYPES: dict[str, pl.DataType | type[pl.DataType]] = {
    "fact": pl.String, "id": pl.String, "sender": pl.String,
    "happened_at": pl.Datetime("ms", "UTC"), "payer_account": pl.String,
    "payee_account": pl.String, "amount": pl.String, "currency": pl.String,
    "payer_bank": pl.String, "channel": pl.String, "device": pl.String,
    "payer_number": pl.String, "active_call": pl.Boolean, "payment": pl.String,
    "outcome": pl.String, "fraud": pl.Boolean, "number": pl.String, "signal": pl.String,
    "answer": pl.String, "caller_number": pl.String, "callee_number": pl.String,
    "answered": pl.Boolean, "duration": pl.Int64, "account": pl.String, "change": pl.String,
    "attested": pl.Boolean, "typology": pl.String,
}  # fmt: skip
"""The columns of the samples; those of the schema that no sample uses are left out."""

PAYMENT: dict[str, object] = {
    "fact": "payment", "sender": "BANKKZKA", "payer_account": "KZ75125KZT1001300335",
    "payee_account": "KZ86125KZT5004100100", "amount": "1500.50", "currency": "KZT",
    "payer_bank": "BANKKZKA", "channel": "mobile", "payer_number": "+77011234567",
}  # fmt: skip


def frame(*rows: dict[str, object], minutes: int = 1) -> pl.DataFrame:
    """The rows, each a minute after the one before; an id and a time are made where none is."""
    whole = [
        {"id": f"f-{i}", "happened_at": START + timedelta(minutes=minutes * i), **row}
        for i, row in enumerate(rows, 1)
    ]
    return pl.DataFrame(whole, schema=TYPES)


def folder(parent: Path, *days: pl.DataFrame) -> Path:
    """A folder of facts, a file a day."""
    events = parent / "events"
    events.mkdir(parents=True, exist_ok=True)
    for i, day in enumerate(days):
        day.write_parquet(events / f"2026-01-{5 + i:02}.parquet", row_group_size=64)
    return parent


def read_facts(path: Path, size: int = 1000, **options: int) -> list[SourceBatch]:
    """All batches."""
    return list(open_facts(path, None, **options).batches(tokens(), size))


def busy(n: int, seed: int = 0) -> pl.DataFrame:
    """About n facts of all kinds, some of which are refused or repeated."""
    chance = Random(seed)
    rows: list[dict[str, object]] = []
    for i in range(n):
        payer, payee = (f"KZ{chance.randrange(12)}" for _ in range(2))
        rows.append({
            **PAYMENT, "id": f"p-{i}", "payer_account": payer, "payee_account": payee,
            "amount": f"{chance.randrange(1, 400_000) / 100:.2f}",
            "channel": chance.choice(("mobile", "web")),
            "happened_at": START + timedelta(hours=i),
        })  # fmt: skip
        after = {"sender": "BANKKZKA", "happened_at": START + timedelta(hours=i, minutes=5)}
        if chance.random() < 0.1:
            back = chance.randrange(i + 1)
            rows.append({
                **after, "fact": "label", "id": f"l-{i}", "payment": f"p-{back}",
                "fraud": chance.random() < 0.6, "payee_account": payee, "typology": "other",
            })  # fmt: skip
        match chance.randrange(12):
            case 0:
                rows.append({**PAYMENT, **after, "id": f"bad-{i}", "amount": "much"})
            case 1:
                rows.append(rows[chance.randrange(len(rows))])
            case 2:
                rows.append({**after, "fact": "report", "id": f"r-{i}", "payee_account": payee,
                             "attested": True})  # fmt: skip
            case 3:
                rows.append({**after, "fact": "call", "id": f"c-{i}", "answered": True,
                             "caller_number": "+77010000001", "callee_number": "+77010000002",
                             "duration": 60_000})  # fmt: skip
    return pl.DataFrame(rows, schema=TYPES)
