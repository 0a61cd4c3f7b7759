"""What asking owners does about forged numbers, and to whom else, in whole countries.

The last step of ``arasha rehearse-owners``. In: a tally per country. Out: tables for the terminal
and plain data for JSON. A share is a ratio of sums over all countries with the 95 % interval of
jackknife.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final, TypeAlias

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from arasha.reports import figures
from arasha.reports.calls import CallCountry, Group, Rehearsal, together
from arasha.reports.jackknife import jackknife
from arasha.reports.proportions import Estimate

UNCONNECTED: Final = "not connected"
CONNECTED: Final = "connected"
DOWN: Final = "one operator down"
WORLDS: Final = (UNCONNECTED, CONNECTED, DOWN)
"""The ways in which the same calls are judged."""

OTHERS: Final = "every other honest call"
"""Honest calls that do not come from abroad with a number of this country."""


@dataclass(frozen=True, slots=True)
class OwnerRun:
    """One country under one set of parameters, after the warm-up: by world, calls by their way."""

    parameters: str
    seed: int
    worlds: dict[str, dict[str, Group]]


OwnerRehearsal: TypeAlias = Rehearsal[OwnerRun]


def lines(rehearsal: OwnerRehearsal) -> list[RenderableType]:
    """What to print: a table of ways for each set of parameters."""
    shown: list[RenderableType] = [
        rehearsal.heading("calls from abroad with a number of the country")
    ]
    for one in rehearsal.sets:
        shown += ["", _table(rehearsal.of(one.name), one)]
    return shown


def document(rehearsal: OwnerRehearsal) -> dict[str, object]:
    """The same as plain data, every run included."""
    return {
        **rehearsal.head(),
        "sets": [
            {
                **asdict(one),
                "worlds": {
                    world: {
                        way: _object(rehearsal.of(one.name), world, way)
                        for way in _ways(rehearsal.of(one.name))
                    }
                    for world in WORLDS
                },
                "runs": [asdict(run) for run in rehearsal.of(one.name)],
            }
            for one in rehearsal.sets
        ],
    }


def _ways(runs: Sequence[OwnerRun]) -> list[str]:
    return list(runs[0].worlds[UNCONNECTED]) if runs else []


def _groups(runs: Sequence[OwnerRun], world: str, way: str) -> list[Group]:
    return [run.worlds[world].get(way, Group()) for run in runs]


def _refused(groups: Sequence[Group]) -> Estimate:
    """The share of calls refused, over countries."""
    return jackknife(
        [(float(one.refused), float(one.calls)) for one in groups],
        lambda sums: sums[0] / sums[1] if sums[1] else None,
    )


def _object(runs: Sequence[OwnerRun], world: str, way: str) -> dict[str, object]:
    groups = _groups(runs, world, way)
    refused = _refused(groups)
    interval = refused.interval
    return {
        **asdict(together(groups)),
        "refused_share": {
            "value": refused.value,
            "interval_95": None if interval is None else [interval.low, interval.high],
        },
    }


def _table(runs: list[OwnerRun], one: CallCountry) -> Table:
    title = f"parameters: {one.name}, version {one.version} ({one.hash[:12]})"
    table = Table(title=Text(title), title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    for head in ("calls", *WORLDS):
        table.add_column(head, justify="right")
    for way in _ways(runs):
        calls = together(_groups(runs, UNCONNECTED, way)).calls
        said = [_said(_groups(runs, world, way)) for world in WORLDS]
        table.add_row(way, figures.count(calls), *said)
    return table


def _said(groups: Sequence[Group]) -> str:
    """How many were refused, and how many only marked."""
    whole = together(groups)
    share = figures.percent(_refused(groups).value)
    return f"{share} refused, {figures.count(whole.marked)} marked"
