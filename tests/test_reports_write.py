"""The files of a backtest agree with each other and with the figures."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from arasha.engine.judgements import none
from arasha.reports.backtest import compare, measure
from arasha.reports.write import document, write
from reports_samples import KZT, RULES, judgements, month

FILES = [
    "backtest.json",
    "backtest.parquet",
    "overlap.parquet",
    "examples.parquet",
    "backtest.html",
]


def test_json_parquet_and_page_say_the_same(tmp_path: Path) -> None:
    """Rule by rule, to the last minor unit."""
    measures = measure(month(8_000), RULES, label="one")
    assert FILES == [path.name for path in write(tmp_path, measures)]
    assert sorted(FILES) == sorted(path.name for path in tmp_path.iterdir())
    told = json.loads((tmp_path / "backtest.json").read_text())["measures"]
    table = pl.read_parquet(tmp_path / "backtest.parquet")
    rules = table.filter(part="rule").to_dicts()
    page = (tmp_path / "backtest.html").read_text()
    assert len(RULES) == len(rules) == len(told["rules"])
    for hits, from_json, row in zip(measures.rules, told["rules"], rules, strict=True):
        assert hits.name == from_json["name"] == row["name"]
        assert hits.hit.payments == from_json["payments"] == row["hits"]
        assert hits.hit.payers == from_json["payers"] == row["payers"]
        assert hits.precision == from_json["precision"] == row["precision"]
        assert hits.recall == from_json["recall"] == row["recall"]
        assert hits.alone is not None
        assert hits.alone.frauds == from_json["alone"]["frauds"] == row["alone_frauds"]
        money = {part["currency"]: int(part["minor"]) for part in row["fraud_money"]}
        assert from_json["fraud_money_minor"] == money
        assert f">{hits.hit.payments:,}<" in page


def test_two_policies_are_written_side_by_side(tmp_path: Path) -> None:
    """Both in every file, with what only one of them hits."""
    old, new = month(8_000), month(8_000, strict=True)
    before, after = measure(old, RULES, label="before"), measure(new, RULES, label="after")
    comparison = compare((old, before), (new, after))
    write(tmp_path, after, comparison)
    told = json.loads((tmp_path / "backtest.json").read_text())
    assert "after" == told["measures"]["policy"]
    assert "before" == told["comparison"]["before"]["policy"]
    assert comparison.newly_hit.frauds == told["comparison"]["newly_hit"]["frauds"]
    assert 16 == len(told["comparison"]["transitions"])
    assert ["before", "after"] == (
        pl.read_parquet(tmp_path / "backtest.parquet")["policy"]
        .unique(maintain_order=True)
        .to_list()
    )
    overlap = pl.read_parquet(tmp_path / "overlap.parquet")
    assert 2 * len(RULES) * (len(RULES) - 1) // 2 == len(overlap)
    shown = pl.read_parquet(tmp_path / "examples.parquet").filter(sort="newly_found").to_dicts()
    expected = [(one.seq, one.id, one.payer) for one in comparison.examples.newly_found]
    assert expected == [(row["seq"], row["id"], row["payer"]) for row in shown]
    assert {"allow"} == {row["before_action"] for row in shown}


def test_nothing_is_written_as_null_not_as_zero(tmp_path: Path) -> None:
    """An empty file is a backtest without shares."""
    write(tmp_path, measure(none(), ("a",)))
    rule = json.loads((tmp_path / "backtest.json").read_text())["measures"]["rules"][0]
    assert (0, None, None, None) == (
        rule["payments"], rule["precision"], rule["recall"], rule["recall_95"],
    )  # fmt: skip
    row = pl.read_parquet(tmp_path / "backtest.parquet").filter(part="rule").to_dicts()[0]
    assert (None, None) == (row["precision"], row["recall"])


def test_a_second_backtest_replaces_the_first_and_is_the_same(tmp_path: Path) -> None:
    """The same measures give the same bytes."""
    measures = measure(month(2_000), RULES)
    first = [path.read_bytes() for path in write(tmp_path, measures)]
    assert first == [path.read_bytes() for path in write(tmp_path, measures)]


def test_sums_beyond_64_bits_survive(tmp_path: Path) -> None:
    """Twenty thousand of the largest payments are more than an int64 holds."""
    n = 20_000
    measures = measure(judgements([{"truth": 1, "amount": 10**15, "action": 2}] * n), ())
    assert {KZT: n * 10**15} == measures.stopped.hit.fraud_money
    write(tmp_path, measures)
    told = json.loads((tmp_path / "backtest.json").read_text())
    assert {"KZT": n * 10**15} == told["measures"]["total"]["fraud_money_minor"]
    row = pl.read_parquet(tmp_path / "backtest.parquet").to_dicts()[0]
    assert n * 10**15 == int(row["fraud_money"][0]["minor"])


def test_the_document_is_plain_data() -> None:
    """JSON can hold it without help, and no whole token is in it."""
    judged = month(3_000)
    text = json.dumps(document(measure(judged, RULES)), allow_nan=False)
    whole = [token.astype("<u8").tobytes().hex() for token in judged.payer[:500]]
    assert not any(token in text for token in whole)
