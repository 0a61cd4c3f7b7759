"""What a policy over calls found in whole countries: whom it met, whom it missed, whom it bothered.

The last step of ``arasha rehearse-calls``. In: a tally per country. Out: tables for the terminal
and plain data for JSON. A share is a ratio of sums over all countries with the 95 % interval of
jackknife.py; a count of SIM boxes has Wilson's, for there are few of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final, Generic, Literal, Protocol, TypeAlias, TypeVar

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from arasha.reports import figures
from arasha.reports.jackknife import jackknife
from arasha.reports.proportions import Estimate, Interval, share, wilson

FIRST_CALLS: Final = 20
"""Calls of a number before which nobody is asked to know it."""

FOUND_WITHIN_MS: Final = 3_600_000
"""How long after its first call a SIM box may be found, ms."""

BOXES: Final = "SIM boxes, known numbers"
ONE_RING: Final = "one ring from abroad, known numbers"
NEW_NUMBERS: Final = "call fraud, first 20 calls of a number"
COACHED: Final = "coached calls, first 20 calls of a number"
COACHED_KNOWN: Final = "coached calls, known numbers"
FRAUD: Final = (BOXES, ONE_RING, COACHED_KNOWN, NEW_NUMBERS, COACHED)
"""Classes of calls by thieves' numbers; a number is known after its first FIRST_CALLS calls."""

KNOWN: Final = (BOXES, ONE_RING, COACHED_KNOWN)

LEAST_FRAUD_TOUCHED: Final = 0.85
"""Share of the calls of known fraudulent numbers that is to be marked or refused."""

MOST_GOOD_TOUCHED: Final = 0.001
"""Share of good calls that may be."""

LEAST_BOXES_FOUND: Final = 0.95
"""Share of SIM boxes to be found within FOUND_WITHIN_MS, with no honest number cut off."""


@dataclass(frozen=True, slots=True)
class CallCountry:
    """A set of the country's parameters, as far as calls hang on it."""

    name: str
    version: str
    hash: str


@dataclass(frozen=True, slots=True)
class Group:
    """Calls of one class: how many, how many of them were marked, and how many refused."""

    calls: int = 0
    marked: int = 0
    refused: int = 0

    @property
    def touched(self) -> int:
        """Marked or refused."""
        return self.marked + self.refused


@dataclass(frozen=True, slots=True)
class CallRun:
    """One country under one set of parameters, after the warm-up.

    ``groups`` are calls by class: those of `FRAUD`, and good calls by who makes them. Of ``boxes``
    that began, so many were ``found`` within FOUND_WITHIN_MS; ``cut_off`` are honest numbers with a
    call that was refused, ``numbers`` all honest ones that called.
    """

    parameters: str
    seed: int
    groups: dict[str, Group]
    boxes: int
    found: int
    cut_off: int
    numbers: int

    def good(self) -> Group:
        """All good calls together."""
        return together([one for name, one in self.groups.items() if name not in FRAUD])

    def known(self) -> Group:
        """All calls by thieves' numbers that had called before."""
        return together([one for name, one in self.groups.items() if name in KNOWN])


class Run(Protocol):
    """What became of one country."""

    @property
    def parameters(self) -> str:
        """The set of parameters it lived under."""

    @property
    def seed(self) -> int:
        """What it was made from."""


R = TypeVar("R", bound=Run)


@dataclass(frozen=True)  # with slots no generic one can be made by its full name
class Rehearsal(Generic[R]):
    """One policy over calls in countries of several seeds, under each set of parameters."""

    policy: str
    policy_hash: str
    people: int
    days: int
    warm_up_days: int
    sets: tuple[CallCountry, ...]
    runs: tuple[R, ...]

    def of(self, parameters: str) -> list[R]:
        """The runs under a set of parameters, by seed."""
        return sorted((r for r in self.runs if r.parameters == parameters), key=lambda r: r.seed)

    def heading(self, about: str) -> Text:
        """What was rehearsed where; ``about`` what is told of it."""
        seeds = len({run.seed for run in self.runs})
        return Text(
            f"{self.policy} ({self.policy_hash[:12]}): {figures.count(seeds)} countries of "
            f"{figures.count(self.people)} people, {self.days} days after {self.warm_up_days} of "
            f"warm-up; {about}"
        )

    def head(self) -> dict[str, object]:
        """The same as plain data."""
        return {
            "policy": self.policy, "policy_hash": self.policy_hash, "people": self.people,
            "days": self.days, "warm_up_days": self.warm_up_days,
        }  # fmt: skip


CallRehearsal: TypeAlias = Rehearsal[CallRun]


@dataclass(frozen=True, slots=True)
class Reach:
    """A figure that is to be reached, over all countries of a set; of nothing there is none."""

    what: str
    value: float | None
    bound: Literal["at_least", "at_most"]
    reach: float

    @property
    def met(self) -> bool:
        """Whether it is; what is not there is not reached."""
        if self.value is None:
            return False
        return self.value >= self.reach if self.bound == "at_least" else self.value <= self.reach

    def as_object(self) -> dict[str, object]:
        """As a benchmark says it."""
        return {"metric": self.what, "value": self.value, self.bound: True, "reach": self.reach,
                "met": self.met}  # fmt: skip


def reaches(runs: Sequence[CallRun]) -> list[Reach]:
    """What is to be reached, and whether it is."""
    boxes, found = sum(run.boxes for run in runs), sum(run.found for run in runs)
    return [
        Reach("calls of known fraudulent numbers touched",
              touched([run.known() for run in runs]).value, "at_least", LEAST_FRAUD_TOUCHED),
        Reach("good calls touched", touched([run.good() for run in runs]).value, "at_most",
              MOST_GOOD_TOUCHED),
        Reach(f"SIM boxes found within {FOUND_WITHIN_MS // 60_000} min", share(found, boxes),
              "at_least", LEAST_BOXES_FOUND),
        Reach("honest numbers with a refused call", float(sum(run.cut_off for run in runs)),
              "at_most", 0),
    ]  # fmt: skip


def together(groups: Sequence[Group]) -> Group:
    """Several classes as one."""
    return Group(
        sum(one.calls for one in groups), sum(one.marked for one in groups),
        sum(one.refused for one in groups),
    )  # fmt: skip


def touched(groups: Sequence[Group]) -> Estimate:
    """The share of calls marked or refused, over countries.

    >>> touched([Group(100, 1, 1), Group(300, 1, 1)]).value
    0.01
    """
    return jackknife(
        [(float(one.touched), float(one.calls)) for one in groups],
        lambda sums: sums[0] / sums[1] if sums[1] else None,
    )


def lines(rehearsal: CallRehearsal) -> list[RenderableType]:
    """What to print: a table of classes, and what it comes to, for each set of parameters."""
    shown: list[RenderableType] = [rehearsal.heading("each operator judges its own calls")]
    for one in rehearsal.sets:
        runs = rehearsal.of(one.name)
        shown += ["", _table(runs, one)]
        shown += [Text(line) for line in _sums(runs)]
    return shown


def document(rehearsal: CallRehearsal) -> dict[str, object]:
    """The same as plain data, every run included."""
    return {
        **rehearsal.head(),
        "sets": [_set_object(rehearsal.of(one.name), one) for one in rehearsal.sets],
    }


def _set_object(runs: list[CallRun], one: CallCountry) -> dict[str, object]:
    boxes, found = sum(run.boxes for run in runs), sum(run.found for run in runs)
    return {
        **asdict(one),
        "classes": {
            name: {
                **asdict(together([run.groups.get(name, Group()) for run in runs])),
                "touched": _object(_of_class(runs, name)),
            }
            for name in _classes(runs)
        },
        "known_fraud_touched": _object(touched([run.known() for run in runs])),
        "good_touched": _object(touched([run.good() for run in runs])),
        "boxes": boxes,
        "boxes_found": _object(Estimate(share(found, boxes), wilson(found, boxes))),
        "cut_off": sum(run.cut_off for run in runs),
        "reaches": [one.as_object() for one in reaches(runs)],
        "runs": [asdict(run) for run in runs],
    }


def _object(one: Estimate) -> dict[str, object]:
    interval = None if one.interval is None else [one.interval.low, one.interval.high]
    return {"value": one.value, "interval_95": interval}


def _classes(runs: Sequence[CallRun]) -> list[str]:
    """The classes there are: fraud first, then the others by name."""
    there = {name for run in runs for name in run.groups}
    return [*(name for name in FRAUD if name in there), *sorted(there - set(FRAUD))]


def _of_class(runs: Sequence[CallRun], name: str) -> Estimate:
    return touched([run.groups.get(name, Group()) for run in runs])


def _table(runs: list[CallRun], one: CallCountry) -> Table:
    title = f"parameters: {one.name}, version {one.version} ({one.hash[:12]})"
    table = Table(title=Text(title), title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    for head in ("calls", "marked", "refused", "touched"):
        table.add_column(head, justify="right")
    for name in _classes(runs):
        whole = together([run.groups.get(name, Group()) for run in runs])
        counts = map(figures.count, (whole.calls, whole.marked, whole.refused))
        table.add_row(name, *counts, _percent(_of_class(runs, name)))
    return table


def _sums(runs: list[CallRun]) -> list[str]:
    boxes, found = sum(run.boxes for run in runs), sum(run.found for run in runs)
    within = Estimate(share(found, boxes), wilson(found, boxes))
    cut, numbers = sum(run.cut_off for run in runs), sum(run.numbers for run in runs)
    known, good = (touched([of(run) for run in runs]) for of in (CallRun.known, CallRun.good))
    coached = together([run.groups.get(COACHED_KNOWN, Group()) for run in runs])
    few = together([run.groups.get(COACHED, Group()) for run in runs])
    said = (
        _percent(known), _percent(good), f"{found} of {boxes}, {_percent(within)}",
        f"{figures.count(cut)} of {figures.count(numbers)}",
    )  # fmt: skip
    left = (
        f"coached calls after a number's first {FIRST_CALLS}: {figures.count(coached.touched)} of "
        f"{figures.count(coached.calls)} touched; before that, {figures.count(few.touched)} of "
        f"{figures.count(few.calls)}: a number that works few victims is left to the bank's signal"
    )
    told = zip(reaches(runs), said, strict=True)
    return [*(f"{one.what}: {text} {_reach(one)}" for one, text in told), left]


def _reach(one: Reach) -> str:
    sign = "≥" if one.bound == "at_least" else "≤"
    number = f"{one.reach:g}" if one.reach in (0, 1) else f"{100 * one.reach:g}%"
    return f"({sign} {number}: {'met' if one.met else 'not met'})"


def _percent(one: Estimate) -> str:
    if one.interval is None:
        return figures.percent(one.value)
    low, high = max(0.0, one.interval.low), min(1.0, one.interval.high)
    return f"{figures.percent(one.value)} {_between(Interval(low, high))}"


def _between(interval: Interval) -> str:
    return f"[{100 * interval.low:.2f}, {100 * interval.high:.2f}]"
