"""What operators found among their numbers in whole countries: what in time, and whom wrongly.

The last step of ``arasha rehearse-gateways``. In: a tally per country. Out: tables for the terminal
and plain data for JSON. Counts of campaigns have Wilson's 95 % interval, for there are few.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Final

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from arasha.reports import figures
from arasha.reports.proportions import share, wilson

FOUND_WITHIN_MS: Final = 3_600_000
"""How long after its first call a campaign may be found, ms."""

MOST_CARDS: Final = 4
"""Cards of a box at one operator from which on they are not told apart."""


@dataclass(frozen=True, slots=True)
class GatewayCountry:
    """A set of the country's parameters."""

    name: str
    version: str
    hash: str


@dataclass(frozen=True, slots=True)
class Campaigns:
    """How many began, how many of these had a number that was a subject within FOUND_WITHIN_MS; and
    of all their numbers, how many were subjects in the end, or named at all.
    """

    begun: int = 0
    found: int = 0
    numbers: int = 0
    subjects: int = 0
    named: int = 0


@dataclass(frozen=True, slots=True)
class Named:
    """Good numbers of one class: how many, how many were subjects (an operator that believes
    everything would cut them off), how many only stood in a case; ``patterns``: as what.
    """

    numbers: int
    subjects: int
    only_named: int
    patterns: dict[str, int]


@dataclass(frozen=True, slots=True)
class GatewayRun:
    """One country. ``straw``: subjects among a planted person's numbers past the law's limit;
    ``shares``: boxes as one operator sees them, by how many of a box's cards it has (MOST_CARDS:
    as many or more).
    """

    parameters: str
    seed: int
    spread: bool
    boxes: Campaigns
    one_ring: Campaigns
    straw: int
    good: dict[str, Named]
    shares: dict[int, Campaigns] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GatewayRehearsal:
    """Countries of several seeds, under each set of parameters."""

    people: int
    days: int
    warm_up_days: int
    sets: tuple[GatewayCountry, ...]
    runs: tuple[GatewayRun, ...]

    def of(self, parameters: str, *, spread: bool) -> list[GatewayRun]:
        """The runs under a set of parameters, with boxes as they are or spread."""
        return [r for r in self.runs if r.parameters == parameters and r.spread == spread]


def together(some: Sequence[Campaigns]) -> Campaigns:
    """Several counts as one.

    >>> together([Campaigns(1, 1, 5, 4, 5), Campaigns(2, 0, 3, 0, 0)])
    Campaigns(begun=3, found=1, numbers=8, subjects=4, named=5)
    """
    return Campaigns(*(sum(getattr(one, f.name) for one in some) for f in fields(Campaigns)))


def lines(rehearsal: GatewayRehearsal) -> list[RenderableType]:
    """What to print: what was found in time, and which good numbers were named."""
    seeds = len({run.seed for run in rehearsal.runs})
    shown: list[RenderableType] = [
        Text(
            f"{figures.count(seeds)} countries of {figures.count(rehearsal.people)} people, "
            f"{rehearsal.days} days after {rehearsal.warm_up_days} of warm-up"
        )
    ]
    for one in rehearsal.sets:
        shown += ["", _found_table(rehearsal, one), "", _good_table(rehearsal, one)]
    return shown


def document(rehearsal: GatewayRehearsal) -> dict[str, object]:
    """The same as plain data, every run included."""
    return asdict(rehearsal)


def good_of(runs: Sequence[GatewayRun]) -> dict[str, Named]:
    """Good numbers by class over all runs."""
    found: dict[str, Named] = {}
    for name in dict.fromkeys(name for run in runs for name in run.good):
        parts = [run.good[name] for run in runs if name in run.good]
        patterns: dict[str, int] = {}
        for part in parts:
            for pattern, count in part.patterns.items():
                patterns[pattern] = patterns.get(pattern, 0) + count
        found[name] = Named(
            sum(part.numbers for part in parts), sum(part.subjects for part in parts),
            sum(part.only_named for part in parts), patterns,
        )  # fmt: skip
    return found


def _found_table(rehearsal: GatewayRehearsal, one: GatewayCountry) -> Table:
    title = f"parameters: {one.name}, version {one.version} ({one.hash[:12]})"
    table = Table(title=Text(title), title_justify="left", box=None, pad_edge=False)
    for head in ("", "begun", "found within 1 h", "numbers", "subjects", "named"):
        table.add_column(head, justify="left" if not head else "right")
    plain, spread = (rehearsal.of(one.name, spread=spread) for spread in (False, True))
    for name, runs in (
        ("SIM boxes, one device", plain), ("SIM boxes, spread over devices", spread),
    ):  # fmt: skip
        _add(table, name, [run.boxes for run in runs])
        for cards in range(1, MOST_CARDS + 1):
            _add(table, _at_one(cards), [run.shares.get(cards, Campaigns()) for run in runs])
    _add(table, "one ring from abroad", [run.one_ring for run in plain])
    straw = sum(run.straw for run in plain)
    table.add_row("past the limit of 10 numbers", "", "", figures.count(4 * len(plain)),
                  figures.count(straw), "")  # fmt: skip
    return table


def _at_one(cards: int) -> str:
    more = " or more" if cards == MOST_CARDS else ""
    return f"  to an operator with {cards} of the cards{more}"


def _add(table: Table, name: str, some: Sequence[Campaigns]) -> None:
    """A row, where anything began."""
    whole = together(some)
    if whole.begun:
        counts = map(figures.count, (whole.numbers, whole.subjects, whole.named))
        table.add_row(name, figures.count(whole.begun), _within(whole), *counts)


def _good_table(rehearsal: GatewayRehearsal, one: GatewayCountry) -> Table:
    table = Table(box=None, pad_edge=False)
    for head in ("good numbers of", "numbers", "subjects", "only named", "as"):
        table.add_column(head, justify="left" if head in ("good numbers of", "as") else "right")
    runs = rehearsal.of(one.name, spread=False) + rehearsal.of(one.name, spread=True)
    for name, named in good_of(runs).items():
        said = ", ".join(f"{count} {word}" for word, count in sorted(named.patterns.items()))
        table.add_row(name, figures.count(named.numbers), figures.count(named.subjects),
                      figures.count(named.only_named), said)  # fmt: skip
    return table


def _within(some: Campaigns) -> str:
    interval = wilson(some.found, some.begun)
    text = f"{some.found}, {figures.percent(share(some.found, some.begun))}"
    if interval is None:
        return text
    return f"{text} [{100 * interval.low:.0f}, {100 * interval.high:.0f}]"
