"""What the page of a backtest says, before it is laid out.

Measures come in; tiles, charts and tables of finished words go out, which templates/backtest.html
only arranges (and escapes). Every chart has the table with its numbers beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from arasha.reports import charts, figures, tables
from arasha.reports.measures import Comparison, Example, Hits, Measures
from arasha.reports.tables import Table

MAX_DRAWN_CURRENCIES: Final = 3


@dataclass(frozen=True, slots=True)
class Tile:
    """One headline figure: its name, the figure, lines on what it is of, how it changed."""

    name: str
    figure: str
    notes: tuple[str, ...]
    change: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with its caption and the same numbers as a table; either may be missing."""

    heading: str
    caption: str
    chart: Markup | None
    table: Table | None
    half: bool = False
    open_table: bool = False


def render(measures: Measures, comparison: Comparison | None = None) -> str:
    """The whole page, one HTML document that asks for nothing from anywhere."""
    environment = Environment(
        loader=PackageLoader("arasha.reports"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("backtest.html").render(
        title=_title(measures, comparison),
        subtitle=_subtitle(measures),
        notes=_notes(measures),
        tiles=_tiles(measures, comparison),
        figures=_figures(measures, comparison),
    )


def _title(measures: Measures, comparison: Comparison | None) -> str:
    against = "" if comparison is None else f" against {comparison.before.label}"
    return f"{measures.label}{against}"


def _subtitle(one: Measures) -> str:
    if one.first_at_ms is None or one.last_at_ms is None:
        return "No payments."
    first, last = (
        figures.moment(at, one.utc_offset_ms).partition(" ")[0]
        for at in (one.first_at_ms, one.last_at_ms)
    )
    return (
        f"{figures.count(one.total.payments)} payments, {first} to {last} "
        f"({figures.offset(one.utc_offset_ms)}): {figures.count(one.total.frauds)} frauds, "
        f"{figures.count(one.total.goods)} good, {figures.count(one.total.unknown)} not settled."
    )


def _notes(one: Measures) -> list[str]:
    notes = []
    if one.total.frauds == 0:
        notes.append("No payment of this file is known to be fraud: there is no recall.")
    elif one.total.frauds < 100:
        notes.append("Fewer than 100 frauds: read the intervals, not the shares alone.")
    if one.late:
        notes.append(
            f"{figures.count(one.late)} payments came late, after others that happened later."
        )
    silent = [hits.name for hits in one.rules if hits.hit.payments == 0]
    if silent:
        notes.append(f"Never fired: {', '.join(silent)}.")
    return notes


def _tiles(one: Measures, comparison: Comparison | None) -> list[Tile]:
    old = None if comparison is None else comparison.before
    found = one.bothered
    tiles = [
        Tile(
            "Frauds found",
            f"{figures.count(found.hit.frauds)} of {figures.count(found.of.frauds)}",
            (f"recall {figures.percent(found.recall)}", figures.interval(found.recall_interval)),
            _points_change(found, None if old is None else old.bothered, "recall"),
        ),
        Tile(
            "Good bothered",
            figures.count(found.hit.goods),
            (f"{figures.ratio(found.good_per_10_000)} of 10,000", "good payments"),
            _count_change(found.hit.goods, None if old is None else old.bothered.hit.goods),
        ),
        Tile(
            "Good per fraud found",
            figures.ratio(found.good_per_fraud),
            (
                f"precision {figures.percent(found.precision)}",
                figures.interval(found.precision_interval),
            ),
            _points_change(found, None if old is None else old.bothered, "precision"),
        ),
        Tile(
            "Payers bothered",
            figures.count(found.hit.payers),
            ("distinct good payers,", f"of {figures.count(found.of.payers)}"),
            _count_change(found.hit.payers, None if old is None else old.bothered.hit.payers),
        ),
        Tile(
            "Alerts a day",
            figures.ratio(one.alerts_per_day),
            ("payments bothered,", f"over {figures.count(len(one.days))} days"),
            _count_change(one.alerts_per_day, None if old is None else old.alerts_per_day),
        ),
    ]
    return _money_tiles(one, old) + tiles


def _money_tiles(one: Measures, old: Measures | None) -> list[Tile]:
    tiles = []
    for currency in one.currencies[:1]:
        stopped = one.stopped.hit.fraud_money.get(currency, 0)
        whole = one.total.fraud_money.get(currency, 0)
        recall = one.stopped.money_recall(currency)
        before = None if old is None else old.stopped.money_recall(currency)
        change = None if recall is None or before is None else recall - before
        tiles.append(
            Tile(
                "Fraud money stopped",
                figures.money_short(stopped, currency),
                (f"{figures.percent(recall)} of", figures.money_short(whole, currency)),
                "" if change is None else figures.points(change),
            )
        )
    return tiles


def _points_change(new: Hits, old: Hits | None, name: str) -> str:
    if old is None:
        return ""
    now, then = getattr(new, name), getattr(old, name)
    return "" if now is None or then is None else f"{name} {figures.points(now - then)}"


def _count_change(new: float | None, old: float | None) -> str:
    return "" if new is None or old is None else figures.signed(new - old)


def _figures(one: Measures, comparison: Comparison | None) -> list[Figure]:
    policies: Sequence[Measures] = (one,) if comparison is None else (comparison.before, one)
    of_one = "" if comparison is None else f" Shown for {one.label}."
    shown = [
        Figure(
            "In all",
            "Stopped means at least " + one.stop_at.name.lower() + "; bothered means any action.",
            None,
            tables.overall(one) if comparison is None else tables.side_by_side(comparison),
            open_table=True,
        )
    ]
    if comparison is not None:
        shown += _change_figures(comparison)
    for currency in one.currencies[:MAX_DRAWN_CURRENCIES]:
        name = figures.currency_code(currency)
        shown.append(
            Figure(
                f"Money, {name}",
                "Both bars have one scale: what was saved, and what it cost the honest.",
                charts.money(policies, currency),
                tables.money(policies, currency),
            )
        )
    shown += [
        Figure(
            "Precision and recall",
            "Marks are what the policy decided, with 95% intervals; the line is the score alone, "
            "were each score the threshold.",
            charts.precision_recall(policies),
            tables.curve(one),
            half=True,
        ),
        Figure(
            "Around the clock",
            f"By hour of the day, {figures.offset(one.utc_offset_ms)}.{of_one}",
            charts.hours(one),
            tables.hours(one),
            half=True,
        ),
        Figure(
            "Day by day",
            f"The two strips have scales of their own.{of_one}",
            charts.days(one),
            tables.days(one),
        ),
        Figure(
            "Rules",
            "A rule hits when it fires, whatever was then decided. Bars are 95% intervals; "
            f"“alone” counts hits on which no other rule fired.{of_one}",
            charts.rules(one) if one.rules else None,
            tables.rules(one),
            open_table=True,
        ),
        Figure(
            "Overlap of the rules",
            f"Payments both rules hit, in percent of those either hit.{of_one}",
            charts.overlap(one) if one.rules else None,
            tables.overlap(one),
        ),
        Figure("By amount", f"{of_one}".strip(), None, tables.bands(one), open_table=True),
    ]
    if comparison is not None:
        return shown + _example_figures(one, _changed_examples(comparison))
    return shown + _example_figures(
        one,
        (("Frauds missed", one.missed), ("Good payments stopped", one.stopped_goods)),
    )


def _change_figures(comparison: Comparison) -> list[Figure]:
    recall = figures.points_interval(comparison.recall_difference)
    good = figures.points_interval(comparison.good_share_difference)
    return [
        Figure(
            "What changes",
            "Payments on which only one of the two acts. For the same payments judged twice, the "
            f"95% interval of the difference is {recall} of recall, and {good} of the share of "
            "good payments bothered.",
            None,
            tables.changes(comparison),
            open_table=True,
        ),
        Figure(
            "From action to action",
            f"Rows: what {comparison.before.label} decided. Columns: what {comparison.after.label} "
            "decides.",
            None,
            tables.transitions(comparison),
            open_table=True,
        ),
        Figure(
            "Rules compared",
            "Rules are the same if their names are.",
            None,
            tables.rule_changes(comparison),
            open_table=True,
        ),
    ]


def _changed_examples(comparison: Comparison) -> Sequence[tuple[str, tuple[Example, ...]]]:
    examples = comparison.examples
    return (
        ("Frauds newly found", examples.newly_found),
        ("Frauds newly missed", examples.newly_missed),
        ("Good payments newly bothered", examples.newly_bothered),
        ("Good payments no longer bothered", examples.no_longer_bothered),
    )


def _example_figures(
    one: Measures, sorts: Sequence[tuple[str, tuple[Example, ...]]]
) -> list[Figure]:
    where = f"The largest ones. Times are {figures.offset(one.utc_offset_ms)}; payer and payee are "
    return [
        Figure(
            heading,
            where + "the beginnings of their tokens.",
            None,
            tables.examples(some, one.utc_offset_ms),
            open_table=True,
        )
        for heading, some in sorts
    ]
