"""The tables say what the figures say."""

from __future__ import annotations

from arasha.reports import tables
from arasha.reports.backtest import compare, measure
from arasha.reports.tables import Cell, Table
from reports_samples import USD, Row, judgements


def row(table: Table, name: str) -> dict[str, Cell]:
    (found,) = [cells for cells in table.rows if cells[0].words == name]
    return dict(zip(table.columns, found, strict=True))


def test_a_rule_is_told_with_its_intervals_and_both_moneys() -> None:
    """A second currency stands below the first; what is not there is 0 of that currency."""
    some: list[Row] = [
        {"truth": 1, "rules": [0], "amount": 150_000},
        {"truth": 0, "rules": [0, 1], "amount": 100},
        {"truth": 1, "amount": 500, "currency": USD},
    ]
    told = row(tables.rules(measure(judgements(some), ("one", "two"))), "one")
    assert Cell("50.0%", "9.5–90.5%") == told["precision"]
    assert Cell("50.0%", "9.5–90.5%") == told["recall"]
    assert Cell("1", "") == told["frauds alone"]
    assert Cell("1,500 KZT", "0 USD") == told["money of frauds"]


def test_both_policies_stand_side_by_side_with_which_is_better() -> None:
    """More frauds found is better, more good payments bothered is worse."""
    old = judgements([{"truth": 1}, {"truth": 0}, {"truth": 0, "action": 1}])
    new = judgements(
        [{"truth": 1, "action": 2}, {"truth": 0, "action": 1}, {"truth": 0, "action": 1}]
    )
    table = tables.side_by_side(
        compare((old, measure(old, (), label="old")), (new, measure(new, (), label="new")))
    )
    found = row(table, "recall, found")
    assert ("0%", "100%", Cell("+100.00 pp", "better")) == (
        found["old"].words, found["new"].words, found["difference"],
    )  # fmt: skip
    assert Cell("+1", "worse") == row(table, "good payments bothered")["difference"]
    assert Cell("+2", "") == row(table, "payments bothered")["difference"]
    assert Cell("–") == row(table, "bothered per fraud found")["difference"]


def test_a_rule_that_is_new_or_gone_is_said_to_be() -> None:
    """Its other side is missing, not 0."""
    judged = judgements([{"truth": 1, "rules": [0]}])
    table = tables.rule_changes(
        compare((judged, measure(judged, ("gone",))), (judged, measure(judged, ("new",))))
    )
    assert ("no longer a rule", "–") == (
        row(table, "gone")["rule"].note, row(table, "gone")["hits after"].words,
    )  # fmt: skip
    assert ("new rule", "–") == (
        row(table, "new")["rule"].note, row(table, "new")["hits before"].words,
    )  # fmt: skip
