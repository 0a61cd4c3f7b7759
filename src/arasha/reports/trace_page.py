"""What the page of a trace says, before it is laid out: the money's way, its accounts, its bounds.

In: a trace. Out: one HTML document that asks for nothing from anywhere. It names accounts by the
beginnings of their tokens and nobody by name.
"""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from arasha.flows.traced import Trace
from arasha.reports import figures, trace_tables
from arasha.reports.page import Figure, Tile
from arasha.reports.trace_chart import Rule, way_of_money

RULES: tuple[Rule, ...] = ("fifo", "lifo", "haircut")


def write_page(out: Path, trace: Trace, title: str, rule: Rule = "fifo") -> Path:
    """Write the page; folders are made if they are not there."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(render(trace, title, rule), encoding="utf-8")
    return out


def render(trace: Trace, title: str, rule: Rule = "fifo") -> str:
    """The whole page."""
    environment = Environment(
        loader=PackageLoader("arasha.reports"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("trace.html").render(
        title=title,
        subtitle=_subtitle(trace),
        notes=notes(trace),
        tiles=_tiles(trace, rule),
        figures=_figures(trace, rule),
    )


def notes(trace: Trace) -> list[str]:
    """What cut the trace, in sentences."""
    table = trace_tables.bounds(trace)
    return [
        f"Cut by the bound “{row[0].words}” ({row[1].words}): {row[2].words}."
        for row in table.rows
        if row[2].words != "did not cut"
    ]


def _subtitle(trace: Trace) -> str:
    if not trace.payments:
        return "No payment to follow."
    banks = {one.bank for one in trace.accounts if one.bank}
    reported = sum(1 for one in trace.payments if one.disputed)
    return (
        f"{figures.count(reported)} reported payments, "
        f"{figures.money(trace.disputed.most, trace.currency)}; "
        f"{figures.count(len(trace.accounts))} accounts at {figures.count(len(banks))} banks, "
        f"{figures.count(len(trace.payments))} payments, "
        f"{figures.moment(trace.payments[0].at_ms)} to "
        f"{figures.moment(max(one.at_ms for one in trace.payments))} (UTC)."
    )


def _tiles(trace: Trace, rule: Rule) -> list[Tile]:
    whole = max(1, getattr(trace.disputed, rule))
    tiles = []
    for words, name in trace_tables.PARTS:
        split = trace.total(name)
        value = getattr(split, rule)
        tiles.append(
            Tile(
                words.capitalize(), figures.money_short(value, trace.currency),
                (f"{figures.percent(value / whole)} by {rule.upper()}",
                 f"whatever the rule: {trace_tables.span(split, trace.currency)}"),
            )
        )  # fmt: skip
    return tiles


def _figures(trace: Trace, rule: Rule) -> list[Figure]:
    return [
        Figure(
            "The way of the money",
            f"By {rule.upper()}, in layers of payments from the victim. A bar is as high as what "
            "came; the full part of it is still there.",
            way_of_money(trace, rule), trace_tables.payments(trace),
        ),
        Figure(
            "Where it is",
            "FIFO, LIFO and haircut each account for all of it, were the accounts empty before. "
            "Least and most hold whatever the rule and whatever was there before.",
            None, trace_tables.totals(trace), open_table=True,
        ),
        Figure(
            "Accounts",
            "By FIFO; below it, from least to most. Only its bank knows what an account holds: it "
            "can hold no more than that, and nobody should hold more than the most.",
            None, trace_tables.accounts(trace), open_table=True,
        ),
        Figure("Bounds", "", None, trace_tables.bounds(trace), open_table=True),
    ]  # fmt: skip
