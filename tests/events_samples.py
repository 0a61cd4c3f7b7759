"""Payments in a stranger's columns, good and bad, as the tests of the door read them."""

from __future__ import annotations

from collections import abc
from pathlib import Path

import polars as pl

from arasha.events.columns import Facts, concatenate
from arasha.events.files import SourceBatch, open_source
from arasha.events.mapping import Mapping, parse_mapping
from arasha.events.rejects import Reject
from arasha.vault.tokens import Tokens

TOKENS_KEY = bytes(range(32))

MAPPING = """
[mapping]
name = "sample"
fact = "payment"
sender = { constant = "BANKKZKA" }
id = { column = "ref" }

[fields]
happened_at = { column = "when", time = "iso" }
payer_account = { column = "from" }
payee_account = { column = "to" }
amount = { column = "sum" }
currency = { column = "ccy" }
channel = { column = "way", values = { APP = "mobile", NET = "web" } }
payer_number = { column = "phone" }

[labels]
column = "bad"
fraud = [1]
known_after = "2d"
"""

GOOD = {
    "ref": "p-1",
    "when": "2026-01-31T09:30:00+05:00",
    "from": "KZ75125KZT1001300335",
    "to": "KZ86125KZT5004100100",
    "sum": "1500.50",
    "ccy": "KZT",
    "way": "APP",
    "phone": "+77011234567",
    "bad": "0",
}


def tokens() -> Tokens:
    """Tokens under a key that is the same in all tests."""
    return Tokens(TOKENS_KEY)


def mapping(text: str = MAPPING) -> Mapping:
    """The mapping of the sample columns, or another."""
    return parse_mapping(text.encode(), Path("sample.toml"))


def rows(*changes: abc.Mapping[str, str | None]) -> pl.DataFrame:
    """The good row once per change, with that change; each has its own ref."""
    return pl.DataFrame(
        [{**GOOD, "ref": f"p-{i}", **change} for i, change in enumerate(changes, start=1)],
        schema=dict.fromkeys(GOOD, pl.String),
    )


def write(frame: pl.DataFrame, folder: Path, suffix: str) -> Path:
    """The frame as a Parquet or CSV file."""
    path = folder / f"payments.{suffix}"
    if suffix == "csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)
    return path


def read(path: Path, by: Mapping | None = None, size: int = 1000) -> list[SourceBatch]:
    """All batches of a file."""
    return list(open_source(path, by or mapping()).batches(tokens(), size))


def facts_of(batches: list[SourceBatch]) -> Facts:
    """The facts of all batches, in order."""
    return concatenate([batch.facts for batch in batches])


def rejects_of(batches: list[SourceBatch]) -> list[Reject]:
    """The rejects of all batches, in order."""
    return [reject for batch in batches for reject in batch.rejects]


def contents(facts: Facts) -> tuple[object, ...]:
    """Everything the facts say, comparable with ``==``; a column without a value says nothing."""
    return (
        facts.kinds.tolist(),
        list(facts.ids),
        {k: v.tolist() for k, v in facts.numbers.items() if (v != -(2**63)).any()},
        {k: v.tolist() for k, v in facts.symbols.items() if v.any()},
    )
