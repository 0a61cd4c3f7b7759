"""What a benchmark says: one result per promise, each with the number that it must reach.

In: measured values. Out: the JSON object of DESIGN's contract, or a table for people.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

Bound = Literal["at_least", "at_most"]

_SIGNIFICANT: Final = 4


@dataclass(frozen=True, slots=True)
class Result:
    """One row. ``value`` in ``unit`` is to be ``bound`` the number ``reach``; None: not measured.

    ``peer`` is who ran beside it on the same data and ``ratio`` how many times the peer's figure
    ours is; ``note`` says sizes and conditions; ``beside`` holds further figures by name, with
    their units last.
    """

    metric: str
    value: float | None
    unit: str
    bound: Bound
    reach: float
    peer: str | None = None
    ratio: float | None = None
    note: str = ""
    beside: Mapping[str, float | None] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        """Whether the promise is kept; what was not measured is not."""
        if self.value is None:
            return False
        return self.value >= self.reach if self.bound == "at_least" else self.value <= self.reach

    def as_object(self) -> dict[str, Any]:
        """The result as JSON holds it; figures are rounded to four significant digits."""
        return {
            "metric": self.metric,
            "value": _rounded(self.value),
            "unit": self.unit,
            "peer": self.peer,
            "ratio": _rounded(self.ratio),
            "reach": self.reach,
            self.bound: True,
            "met": self.met,
            "note": self.note,
            "beside": {name: _rounded(value) for name, value in self.beside.items()},
        }


@dataclass(frozen=True, slots=True)
class Report:
    """One run of one benchmark: ``machine`` as machine.describe gives it, ``commit`` or None."""

    bench: str
    quick: bool
    machine: dict[str, Any]
    commit: str | None
    results: tuple[Result, ...]

    def as_object(self) -> dict[str, Any]:
        """The whole run as one JSON object."""
        return {
            "bench": self.bench,
            "quick": self.quick,
            "machine": self.machine,
            "commit": self.commit,
            "results": [result.as_object() for result in self.results],
        }


def print_table(report: Report) -> None:
    """The run as a table on standard output, in colour on a terminal; notes stand below it."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console()
    title = f"arasha bench {report.bench}{' --quick' if report.quick else ''}"
    table = Table(title=title, box=box.SIMPLE, pad_edge=False)
    for name, right in (("", True), ("metric", False), ("value", True), ("reach", True),
                        ("met", False)):  # fmt: skip
        table.add_column(name, justify="right" if right else "left", no_wrap=True)
    for place, result in enumerate(report.results, 1):
        sign = "≥" if result.bound == "at_least" else "≤"
        table.add_row(
            str(place), result.metric, f"{_shown(result.value)} {result.unit}",
            f"{sign} {_shown(result.reach)}",
            "[green]yes[/]" if result.met else "[red]no[/]",
        )  # fmt: skip
    console.print(table)
    for place, result in enumerate(report.results, 1):
        more = ", ".join(f"{name} {_shown(value)}" for name, value in result.beside.items())
        console.print(f"{place}. {result.note}{'; ' if more else ''}{more}", highlight=False)
    console.print(json.dumps(report.machine, ensure_ascii=False), highlight=False)


def percentile(nanoseconds: NDArray[np.int64], percent: float) -> float:
    """That percentile of durations, in microseconds."""
    return float(np.percentile(nanoseconds, percent)) / 1000


def _rounded(value: float | None) -> float | int | None:
    if value is None:
        return None
    rounded = float(f"{value:.{_SIGNIFICANT}g}")
    return int(rounded) if rounded.is_integer() else rounded


def _shown(value: float | None) -> str:
    rounded = _rounded(value)
    return "-" if rounded is None else f"{rounded:,}"
