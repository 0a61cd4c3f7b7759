"""The country's page: rates, amounts, hours, who knows how many, beside published figures.

In: a portrait, what country.json says, what came of the stories. Out: one HTML document that asks
for nothing from anywhere, in the style of the backtest's page (reports/page.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape

from arasha.country import page_charts as charts
from arasha.country.parameters import Parameters, written
from arasha.country.portrait import (
    GROUPS,
    LENGTH_EDGES_S,
    SAMPLE,
    SIZE_EDGES_KZT,
    PlayCount,
    Portrait,
)
from arasha.country.society import AGE_BANDS, Status
from arasha.reports import figures
from arasha.reports.page import Figure, Tile
from arasha.reports.tables import Cell, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

TENGE: Final = 398

_PURCHASES, _TRANSFERS, _CASH = 0, 1, 3
_DEGREE_EDGES: Final = (0, 2, 5, 10, 15, 20, 30, 50, 100, 200)


@dataclass(frozen=True, slots=True)
class _Beside:
    """A figure of the country, the published one, and who published it, counting what."""

    name: str
    here: str
    published: str
    source: str


def render(portrait: Portrait, about: dict[str, Any], plays: Sequence[PlayCount]) -> str:
    """The whole page."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("arasha.country"), PackageLoader("arasha.reports")]),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("country.html").render(
        title=f"{figures.count(portrait.people)} people, {len(portrait.days)} days",
        subtitle=_subtitle(portrait, about),
        notes=_notes(portrait),
        tiles=_tiles(portrait, plays),
        figures=_figures(portrait, plays),
    )


def _subtitle(portrait: Portrait, about: dict[str, Any]) -> str:
    parameters = about["parameters"]
    first, last = portrait.days[0].date, portrait.days[-1].date
    return (
        f"Seed {about['seed']}, {first} to {last}. Parameters “{parameters['set']}”, version "
        f"{parameters['version']}, sha256 {parameters['sha256'][:16]}."
    )


def _notes(portrait: Portrait) -> list[str]:
    occasions: dict[str, None] = {}
    for day in portrait.days:
        occasions |= dict.fromkeys(day.occasions)
    said = ", ".join(one.replace("_", " ") for one in occasions)
    assumed = sum(one.source.startswith("assumed") for one in portrait.society.parameters)
    whole = len(portrait.society.parameters.table)
    often = (
        "Frauds are many times as frequent as reported ones, so that a small country has enough."
    )
    notes = [often, f"{assumed} of {whole} parameters are assumed; the others name their source."]
    return [f"Falls into these days: {said}.", *notes] if said else notes


def _tiles(portrait: Portrait, plays: Sequence[PlayCount]) -> list[Tile]:
    facts, days = portrait.facts, portrait.person_days
    stolen = sum(play.stolen_tiyn for play in plays)
    frauds = sum(play.stolen_payments for play in plays)
    return [
        Tile("Payments", figures.ratio(facts["payment"] / days), ("a person and day",)),
        Tile("Calls", figures.ratio(facts["call"] / days), ("made, a person and day",)),
        Tile("Facts", figures.count(sum(facts.values())), ("of all kinds",)),
        Tile("Stolen", figures.money_short(stolen, TENGE),
             (f"by {figures.count(frauds)} payments,",
              f"{figures.ratio(frauds * 10_000 / max(1, facts['payment']))} of 10,000")),
        Tile("Not moved", figures.percent(portrait.not_moved / max(1, facts["payment"])),
             ("of payments: no cover,", "stopped or refused")),
    ]  # fmt: skip


def _figures(portrait: Portrait, plays: Sequence[PlayCount]) -> list[Figure]:
    hours = [f"{hour:02d}" for hour in range(24)]
    kinds = ("working days", "free days")
    free = sum(day.free for day in portrait.days)
    divide = (max(1, len(portrait.days) - free), max(1, free))
    shown = [_beside_figure(portrait, plays)]
    for place, name in enumerate(("Payments", "Calls")):
        both = [
            [count / days for count in counts]
            for counts, days in zip(portrait.hours(place), divide, strict=True)
        ]
        shown.append(Figure(
            f"{name} around the clock",
            "By hour of the day, UTC+5; a mean day of each sort.",
            charts.two_lines(f"hours-{place}", hours, both, kinds, f"{name} by hour"),
            _table(f"{name} by hour", ("hour", *kinds), [
                (hour, *(figures.count(round(one[at])) for one in both))
                for at, hour in enumerate(hours)
            ]),
            half=True,
        ))  # fmt: skip
    return [
        *shown,
        _sizes_figure(portrait),
        _lengths_figure(portrait),
        _known_figure(portrait),
        _days_figure(portrait),
        _society_figure(portrait),
        _plays_figure(portrait, plays),
        _parameters_figure(portrait.society.parameters),
    ]


# --- beside published figures ---------------------------------------------------------------------


def _beside_figure(portrait: Portrait, plays: Sequence[PlayCount]) -> Figure:
    rows = [
        (one.name, one.here, one.published, Cell(one.source)) for one in _beside(portrait, plays)
    ]
    table = _table(
        "The country beside published figures", ("", "here", "published", "where, and of what"),
        rows, numbers=False,
    )  # fmt: skip
    return Figure("Beside published figures", "", None, table, open_table=True)


def _beside(portrait: Portrait, plays: Sequence[PlayCount]) -> list[_Beside]:
    groups = {name: (count, total) for name, count, total in portrait.groups()}
    cashless = [groups[GROUPS[at]] for at in (0, 1, 2)]
    count, total = sum(one[0] for one in cashless), sum(one[1] for one in cashless)
    cash, withdrawn = groups[GROUPS[_CASH]]
    days = portrait.person_days
    people = portrait.society.people
    salaries = people.income[people.status == Status.EMPLOYED]
    pensions = people.income[people.status == Status.PENSIONER]
    frauds = sum(play.plays for play in plays if play.is_fraud) * 100_000 / days
    lengths = portrait.lengths()
    answered = sum(lengths[1:])
    bank = "National Bank of Kazakhstan, payment instruments, July 2025"
    return [
        _Beside("Cashless payments a person and day", figures.ratio(count / days), "2.80",
                f"{bank}: 1,204.8 million by card in the month, over about 13.9 million people of "
                "16 and more; businesses' cards are in it"),
        _Beside("Mean cashless payment", _kzt(total, count), "13,500 KZT",
                f"{bank}; businesses' cards and transfers between own cards are in it"),
        _Beside("Cash withdrawals a person and day", f"{cash / days:.3f}", "0.047",
                f"{bank}: 20.2 million in the month"),
        _Beside("Mean withdrawal", _kzt(withdrawn, cash), "122,000 KZT",
                f"{bank}; businesses' cards are in it"),
        _Beside("Median wage", _median(salaries), "317,512 KZT",
                "Bureau of National Statistics of Kazakhstan, 2025 (zakon.kz, 9 October 2025)"),
        _Beside("Mean pension", _mean(pensions), "142,810 KZT",
                "Ministry of Labour of Kazakhstan, 1 October 2025 (inform.kz)"),
        _Beside("Calls made a person and day", figures.ratio(portrait.facts["call"] / days),
                "5 to 7", "Wang and others 2016, three operators of one country; before messengers "
                "took their share"),
        _Beside("Answered calls under a minute",
                figures.percent(sum(lengths[1:4]) / answered if answered else None), "most",
                "the same, on working days"),
        _Beside("Frauds begun, a 100,000 people and day", figures.ratio(frauds), "0.49 and 1.1",
                "registered online frauds, first half of 2025 (Prosecutor General, Astana Times); "
                "incidents at the anti-fraud centre up to January 2026: many are never reported"),
        _Beside("People known, mean and most", _known(portrait), "skewed",
                "Seshadri and others 2008, over a million users: partners are neither of a power "
                "law nor lognormal"),
    ]  # fmt: skip


def _known(portrait: Portrait) -> str:
    degrees = portrait.degrees()
    mean = int(degrees.sum()) / max(1, len(degrees))
    return f"{figures.ratio(mean)} and {figures.count(int(degrees.max()))}"


def _kzt(tiyn: int, count: int) -> str:
    return f"{figures.count(round(tiyn / 100 / count))} KZT" if count else figures.NOTHING


def _median(tiyn: NDArray[np.int64]) -> str:
    return _kzt(int(np.sort(tiyn)[len(tiyn) // 2]), 1) if len(tiyn) else figures.NOTHING


def _mean(tiyn: NDArray[np.int64]) -> str:
    return _kzt(int(tiyn.sum()), len(tiyn))


# --- charts with their tables ---------------------------------------------------------------------


def _sizes_figure(portrait: Portrait) -> Figure:
    labels = charts.ranges(SIZE_EDGES_KZT, figures.count)
    shown = [(GROUPS[at], portrait.sizes(at)) for at in (_PURCHASES, _TRANSFERS, _CASH)]
    shares = [(name, [count / max(1, sum(counts)) for count in counts]) for name, counts in shown]
    rows = [(name, figures.count(count), _kzt(total, count))
            for name, count, total in portrait.groups()]  # fmt: skip
    return Figure(
        "How much is paid",
        "Share of each group's payments by size, in tenge; the table has their counts and means.",
        charts.bars("sizes", labels, shares, "Sizes of payments"),
        _table("Payments by group", ("", "payments", "mean"), rows),
        open_table=True,
    )


def _lengths_figure(portrait: Portrait) -> Figure:
    labels = ["no answer", *charts.ranges(LENGTH_EDGES_S, charts.seconds)]
    counts = portrait.lengths()
    whole = max(1, sum(counts))
    return Figure(
        "How long is talked",
        "Share of all calls.",
        charts.bars(
            "lengths", labels, [("calls", [one / whole for one in counts])], "Lengths of calls",
            width=charts.HALF,
        ),
        _table("Calls by length", ("", "calls"),
               [(label, figures.count(one)) for label, one in zip(labels, counts, strict=True)]),
        half=True,
    )  # fmt: skip


def _known_figure(portrait: Portrait) -> Figure:
    series = [
        ("people known", portrait.degrees()),
        ("numbers called", portrait.called()),
        ("accounts paid", portrait.paid()),
    ]
    labels = charts.ranges(_DEGREE_EDGES[1:], figures.count)
    shares, rows = [], []
    for name, counts in series:
        cut = np.bincount(
            np.searchsorted(np.array(_DEGREE_EDGES[1:]), counts, side="right"),
            minlength=len(labels),
        )
        shares.append((name, [int(one) / max(1, len(counts)) for one in cut]))
        ordered = np.sort(counts)
        middle, top = (int(ordered[int(q * (len(ordered) - 1))]) for q in (0.5, 0.99))
        rows.append((name, figures.ratio(int(counts.sum()) / max(1, len(counts))),
                     *map(figures.count, (middle, top, int(ordered[-1])))))  # fmt: skip
    return Figure(
        "Among how many",
        f"Share of people by how many they know, and how many {figures.count(SAMPLE)} of them "
        "called and paid in these days.",
        charts.bars("known", labels, shares, "People by how many they know", width=charts.HALF),
        _table("Degrees", ("", "mean", "median", "99 of 100 below", "most"), rows),
        half=True,
    )


def _days_figure(portrait: Portrait) -> Figure:
    labels = [str(day.date) for day in portrait.days]
    payments, calls = ([int(day[at]) for day in portrait.daily] for at in (0, 1))
    rows = [
        (Cell(label, ", ".join(day.occasions).replace("_", " ")), figures.count(paid),
         figures.count(called), "free" if day.free else "")
        for label, day, paid, called in zip(labels, portrait.days, payments, calls, strict=True)
    ]  # fmt: skip
    return Figure(
        "Day by day",
        "Payments that moved, and calls. Paydays, weekends and feasts show.",
        charts.two_strips("days", labels, (("Payments", payments), ("Calls", calls))),
        _table("By day", ("day", "payments", "calls", ""), rows),
    )


def _society_figure(portrait: Portrait) -> Figure:
    society, n = portrait.society, max(1, portrait.people)
    ages = np.bincount(society.people.age, minlength=len(AGE_BANDS))
    statuses = np.bincount(society.people.status, minlength=len(Status))
    banks = np.bincount(society.accounts.bank[society.people.account], minlength=society.banks)
    carriers = np.bincount(
        society.numbers.operator[society.people.number], minlength=society.operators
    )
    payers = " and ".join(figures.percent(portrait.share_of_busiest(part)) for part in (0.01, 0.1))
    receivers = figures.percent(portrait.share_of_busiest(0.01, receiving=True))
    rows = [
        ("age", _shares(AGE_BANDS, ages, n)),
        ("living on", _shares([one.name.lower() for one in Status], statuses, n)),
        ("banks, main accounts", _shares([f"BANK-{c}" for c in "ABCDEF"], banks, n)),
        ("operators", _shares([f"OPERATOR-{c}" for c in "ABC"], carriers, n)),
        ("busiest 1% and 10% of payers make",
         f"{payers} of people's payments"),
        ("busiest 1% of receivers get",
         f"{receivers} of the payments to private accounts"),
    ]  # fmt: skip
    table = _table("Who lives here", ("", ""), rows, numbers=False)
    return Figure("Who lives here", "", None, table, open_table=True)


def _shares(names: Sequence[str], counts: NDArray[np.int64], whole: int) -> str:
    return ", ".join(
        f"{name} {figures.percent(int(count) / whole)}"
        for name, count in zip(names, counts, strict=False)
    )


def _plays_figure(portrait: Portrait, plays: Sequence[PlayCount]) -> Figure:
    days = portrait.person_days
    rows = [
        (play.name.replace("_", " "), "fraud" if play.is_fraud else "looks like it",
         figures.count(play.plays), figures.ratio(play.plays * 100_000 / days),
         figures.count(play.stolen_payments) if play.is_fraud else "",
         figures.money_short(play.stolen_tiyn, TENGE) if play.is_fraud else "")
        for play in sorted(plays, key=lambda play: (not play.is_fraud, -play.plays, play.name))
    ]  # fmt: skip
    return Figure(
        "Frauds, and what only looks like them",
        "Begun in these days; many begin and steal nothing.",
        None,
        _table(
            "Stories and lookalikes",
            ("", "", "begun", "a 100,000 people and day", "payments stolen", "stolen"), rows,
        ),
        open_table=True,
    )  # fmt: skip


def _parameters_figure(parameters: Parameters) -> Figure:
    rows = [(one.name, written(one.value), one.unit, Cell(one.source)) for one in parameters]
    return Figure(
        "Parameters",
        f"All {len(rows)} of the set “{parameters.name}”, with their units and sources.",
        None,
        _table("Parameters", ("name", "value", "unit", "source"), rows, numbers=False),
    )


def _table(
    caption: str, columns: tuple[str, ...], rows: Sequence[tuple[str | Cell, ...]],
    *, numbers: bool = True,
) -> Table:  # fmt: skip
    cells = tuple(
        tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in row) for row in rows
    )
    return Table(caption, columns, cells, numbers)
