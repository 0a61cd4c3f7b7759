"""The figures of a backtest for the terminal.

Measures come in, rich renderables go out: one table of what was found and what it cost, one of the
rules, and with two policies what changed. The page (page.py) has the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from arasha.reports import figures, tables
from arasha.reports.measures import Comparison, Hits, Measures, Money

MAX_LISTED_RULES: Final = 40
"""Rules of the table in the terminal; the page has all."""


def lines(measures: Measures, comparison: Comparison | None = None) -> list[RenderableType]:
    """What to print, in order. Strings of policies and files are printed as they are, never read
    as markup.
    """
    if comparison is not None:
        return [
            _grid(_headline(measures)),
            _table(tables.side_by_side(comparison)),
            _table(tables.changes(comparison)),
            _table(tables.rule_changes(comparison)),
        ]
    shown: list[RenderableType] = [_grid(_headline(measures)), _grid(_figures(measures))]
    if measures.rules:
        shown.append(_rules(measures))
    return shown


def hits(measures: Measures) -> list[RenderableType]:
    """What to print of a file in which nobody has settled anything: what was hit, and no shares."""
    total = measures.total.payments
    rows = [(measures.label, f"{figures.count(total)} payments, none settled")]
    for one in (*measures.actions, *measures.rules[:MAX_LISTED_RULES]):
        share = figures.percent(one.hit_share)
        rows.append((one.name, f"{figures.count(one.hit.payments)}  {share} of all"))
    return [_grid(rows)]


def _headline(one: Measures) -> list[tuple[str, str]]:
    total = one.total
    return [
        (
            one.label,
            (
                f"{figures.count(total.payments)} payments: {figures.count(total.frauds)} frauds, "
                f"{figures.count(total.goods)} good, {figures.count(total.unknown)} not settled"
            ),
        )
    ]


def _figures(one: Measures) -> list[tuple[str, str]]:
    found, stopped = one.bothered, one.stopped
    return [
        (
            "frauds found",
            (
                f"{figures.count(found.hit.frauds)} of {figures.count(found.of.frauds)}  "
                f"recall {_spread(found.recall, figures.interval(found.recall_interval))}"
            ),
        ),
        (
            "frauds stopped",
            (
                f"{figures.count(stopped.hit.frauds)} of {figures.count(stopped.of.frauds)}  "
                f"recall {_spread(stopped.recall, figures.interval(stopped.recall_interval))}"
            ),
        ),
        ("precision", _spread(found.precision, figures.interval(found.precision_interval))),
        (
            "good payments bothered",
            (
                f"{figures.count(found.hit.goods)}  "
                f"{figures.ratio(found.good_per_10_000)} of 10,000, "
                f"{figures.ratio(found.good_per_fraud)} per fraud found"
            ),
        ),
        ("good payers bothered", f"{figures.count(found.hit.payers)} distinct"),
        ("alerts a day", figures.ratio(one.alerts_per_day)),
        ("money of frauds stopped", _amounts(stopped.hit.fraud_money, stopped.of.fraud_money, one)),
        ("money of frauds missed", _amounts(found.missed_money, found.of.fraud_money, one)),
        ("good money stopped", _amounts(stopped.hit.good_money, stopped.of.good_money, one)),
        ("good money bothered", _amounts(found.hit.good_money, found.of.good_money, one)),
    ]


def _spread(value: float | None, interval: str) -> str:
    return figures.NOTHING if value is None else f"{figures.percent(value)} ({interval})"


def _amounts(amounts: Money, of: Money, one: Measures) -> str:
    return ", ".join(figures.moneys(amounts, of, one.currencies))


def _grid(rows: Sequence[tuple[str, str]]) -> RichTable:
    grid = RichTable.grid(padding=(0, 2))
    for name, value in rows:
        grid.add_row(Text(name, "dim"), Text(value))
    return grid


def _rules(one: Measures) -> RichTable:
    listed = sorted(one.rules, key=lambda hits: -hits.hit.payments)[:MAX_LISTED_RULES]
    left_out = len(one.rules) - len(listed)
    return _rich(
        ("rule", "hits", "frauds", "good", "precision", "recall", "good per fraud", "payers"),
        [_rule(hits) for hits in listed],
        f"{left_out} more rules on the page" if left_out else "",
    )


def _rule(hits: Hits) -> tuple[str, ...]:
    return (
        hits.name,
        figures.count(hits.hit.payments),
        figures.count(hits.hit.frauds),
        figures.count(hits.hit.goods),
        figures.percent(hits.precision),
        figures.percent(hits.recall),
        figures.ratio(hits.good_per_fraud),
        figures.count(hits.hit.payers),
    )


def _table(table: tables.Table) -> RichTable:
    rows = [
        tuple(f"{cell.words}  {cell.note}".rstrip() for cell in row) for row in table.rows
    ]  # fmt: skip
    return _rich(table.columns, rows, "")


def _rich(columns: Sequence[str], rows: Sequence[tuple[str, ...]], caption: str) -> RichTable:
    table = RichTable(box=None, pad_edge=False, header_style="dim", caption=caption or None)
    for at, column in enumerate(columns):
        table.add_column(Text(column), justify="right" if at else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(words) for words in row))
    return table
