"""What a rehearsal found: what each way of judging stopped, what it cost, and how sure we are.

The last step of ``arasha rehearse``. In: a tally per run (a country of one seed), by who judged.
Out: tables for the terminal and plain data for JSON. Every figure is a mean over runs with the 95 %
interval of Student's t; what cannot be measured yet says ``notyet`` and is null in JSON, never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Final

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from arasha.reports import figures
from arasha.reports.proportions import Z95, Interval

NOT_YET: Final = "notyet"
"""What stands where a part of the centre does not exist yet."""

FALSE_ALARMS_PER_HIT: Final = 5
"""Good payments bothered per fraud found at which the centre is set against the banks alone."""

MIN_RUNS: Final = 2
"""Fewest runs that have an interval."""

_T95: Final = (
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281, 2.2010, 2.1788,
    2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860, 2.0796, 2.0739, 2.0687, 2.0639,
    2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423,
)  # fmt: skip
"""97.5th percentiles of Student's t with 1 to 30 degrees of freedom."""


@dataclass(frozen=True, slots=True)
class Tally:
    """One way of judging in one run, after the warm-up; money in minor units.

    ``stolen``: frauds that moved; ``stopped``: frauds tried that did not. ``hits`` and
    ``false_alarms``: frauds and good payments acted on (payments that move stolen money on are
    neither). ``bothered``: people with such a good payment. None: cannot be measured yet.
    """

    stolen: int
    stopped: int
    victims: int
    frauds: int
    hits: int
    goods: int
    false_alarms: int
    people: int
    bothered: int
    held: int | None = None
    returned: int | None = None
    hold_minutes: float | None = None


@dataclass(frozen=True, slots=True)
class Uplift:
    """The banks alone and the centre beside them over one world that nobody touched.

    Of ``frauds`` payments with ``money`` at stake, what each finds at the threshold that gives
    `FALSE_ALARMS_PER_HIT`.
    """

    frauds: int
    money: int
    banks_found: int
    banks_money: int
    centre_found: int
    centre_money: int

    @property
    def found(self) -> float | None:
        """How many more frauds the centre finds, as a share of what the banks find."""
        return self.centre_found / self.banks_found - 1 if self.banks_found else None

    @property
    def saved(self) -> float | None:
        """How much more money is in them."""
        return self.centre_money / self.banks_money - 1 if self.banks_money else None


@dataclass(frozen=True, slots=True)
class Run:
    """A country of one seed under one set of parameters, once for each way of judging."""

    parameters: str
    seed: int
    arms: dict[str, Tally]
    uplift: Uplift


@dataclass(frozen=True, slots=True)
class ParameterSet:
    """A set of the country's parameters."""

    name: str
    version: str
    hash: str


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One policy in countries of several seeds, under each set of parameters."""

    policy: str
    policy_hash: str
    people: int
    days: int
    warm_up_days: int
    sets: tuple[ParameterSet, ...]
    runs: tuple[Run, ...]

    def of(self, parameters: str) -> list[Run]:
        """The runs under a set of parameters, by seed."""
        return sorted((r for r in self.runs if r.parameters == parameters), key=lambda r: r.seed)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over runs and its 95 % interval; None without a value in every run, or of one run."""

    mean: float | None
    interval: Interval | None = None


def estimate(values: Sequence[float | None]) -> Estimate:
    """Mean and Student's interval.

    >>> one = estimate([1.0, 2.0, 3.0])
    >>> one.mean, round(one.interval.low, 2), round(one.interval.high, 2)
    (2.0, -0.48, 4.48)
    """
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return Estimate(None)
    n = len(known)
    mean = sum(known) / n
    if n < MIN_RUNS:
        return Estimate(mean)
    deviation = sqrt(sum((value - mean) ** 2 for value in known) / (n - 1))
    half = t95(n - 1) * deviation / sqrt(n)
    return Estimate(mean, Interval(mean - half, mean + half))


def t95(freedom: int) -> float:
    """The 97.5th percentile of Student's t. Beyond the table by the first terms of its expansion in
    1 / freedom (Abramowitz and Stegun 26.7.5).

    >>> round(t95(9), 3), round(t95(100), 3)
    (2.262, 1.984)
    """
    if freedom <= len(_T95):
        return _T95[freedom - 1]
    second = (5 * Z95**5 + 16 * Z95**3 + 3 * Z95) / (96 * freedom**2)
    return Z95 + (Z95**3 + Z95) / (4 * freedom) + second


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of the table: its names for JSON and for people, its value, how that is written."""

    key: str
    name: str
    of: Callable[[Tally], float | None]
    write: Callable[[float], str]
    fewer_is_better: bool = True


def _millions(minor: float) -> str:
    return f"{minor / 100e6:,.1f}"


def _plain(value: float) -> str:
    return f"{value:,.1f}"


def _per_10_000(part: int, whole: int) -> float | None:
    return 10_000 * part / whole if whole else None


FIGURES: Final = (
    Figure("stolen_minor", "stolen, m KZT", lambda t: t.stolen, _millions),
    Figure("stopped_minor", "stopped before, m KZT", lambda t: t.stopped, _millions, False),
    Figure("held_minor", "held after, m KZT", lambda t: t.held, _millions, False),
    Figure("returned_minor", "returned, m KZT", lambda t: t.returned, _millions, False),
    Figure("victims", "victims", lambda t: t.victims, _plain),
    Figure(
        "goods_per_10000", "good payments bothered per 10,000",
        lambda t: _per_10_000(t.false_alarms, t.goods), _plain,
    ),
    Figure(
        "people_per_10000", "people bothered per 10,000",
        lambda t: _per_10_000(t.bothered, t.people), _plain,
    ),
    Figure(
        "false_alarms_per_hit", "false alarms per hit",
        lambda t: t.false_alarms / t.hits if t.hits else None, _plain,
    ),
    Figure("hold_minutes", "minutes from report to hold", lambda t: t.hold_minutes, _plain),
)  # fmt: skip
"""The rows, in order."""

_UNMEASURED: Final = ("held_minor", "returned_minor", "hold_minutes")


def lines(rehearsal: Rehearsal, against: Rehearsal | None = None) -> list[RenderableType]:
    """What to print: a table for each set of parameters, and what the other policy changes."""
    shown: list[RenderableType] = [Text(_headline(rehearsal))]
    for one in rehearsal.sets:
        shown += ["", _table(rehearsal, one), Text(_uplift_line(rehearsal.of(one.name)))]
        if against is not None:
            shown += ["", _changes(rehearsal, against, one)]
    return shown


def document(rehearsal: Rehearsal, against: Rehearsal | None = None) -> dict[str, object]:
    """The same as plain data, every run included."""
    told: dict[str, object] = {
        "policy": rehearsal.policy,
        "policy_hash": rehearsal.policy_hash,
        "people": rehearsal.people,
        "days": rehearsal.days,
        "warm_up_days": rehearsal.warm_up_days,
        "false_alarms_per_hit_of_uplift": FALSE_ALARMS_PER_HIT,
        "notyet": list(_UNMEASURED),
        "sets": [_set_object(rehearsal, one) for one in rehearsal.sets],
    }
    if against is not None:
        told["against"] = document(against)
        told["changes"] = {
            one.name: {
                arm: {
                    figure.key: _estimate_object(_change(rehearsal, against, one.name, arm, figure))
                    for figure in FIGURES
                }
                for arm in _arms(rehearsal.of(one.name))
            }
            for one in rehearsal.sets
        }
    return told


def _set_object(rehearsal: Rehearsal, one: ParameterSet) -> dict[str, object]:
    runs = rehearsal.of(one.name)
    return {
        **asdict(one),
        "arms": {
            arm: {f.key: _estimate_object(of_arm(runs, arm, f)) for f in FIGURES}
            for arm in _arms(runs)
        },
        "uplift": {
            "found": _estimate_object(estimate([run.uplift.found for run in runs])),
            "money": _estimate_object(estimate([run.uplift.saved for run in runs])),
        },
        "runs": [asdict(run) for run in runs],
    }


def _estimate_object(one: Estimate) -> dict[str, object]:
    interval = None if one.interval is None else [one.interval.low, one.interval.high]
    return {"mean": one.mean, "interval_95": interval}


def of_arm(runs: Sequence[Run], arm: str, figure: Figure) -> Estimate:
    """A figure of one way of judging over the runs."""
    return estimate([figure.of(run.arms[arm]) for run in runs])


def _arms(runs: Sequence[Run]) -> list[str]:
    return list(runs[0].arms) if runs else []


def _headline(one: Rehearsal) -> str:
    seeds = len({run.seed for run in one.runs})
    return (
        f"{one.policy} ({one.policy_hash[:12]}): {figures.count(seeds)} countries of "
        f"{figures.count(one.people)} people, {one.days} days after {one.warm_up_days} of warm-up; "
        "means with 95 % intervals"
    )


def _table(rehearsal: Rehearsal, one: ParameterSet) -> Table:
    runs = rehearsal.of(one.name)
    title = f"parameters: {one.name}, version {one.version} ({one.hash[:12]})"
    table = Table(title=Text(title), title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    for arm in _arms(runs):
        table.add_column(Text(arm), justify="right")
    for figure in FIGURES:
        cells = [_cell(of_arm(runs, arm, figure), figure) for arm in _arms(runs)]
        table.add_row(figure.name, *map(Text, cells))
    return table


def _cell(one: Estimate, figure: Figure) -> str:
    if one.mean is None:
        return NOT_YET if figure.key in _UNMEASURED else figures.NOTHING
    if one.interval is None:
        return figure.write(one.mean)
    low, high = figure.write(one.interval.low), figure.write(one.interval.high)
    return f"{figure.write(one.mean)}  [{low}, {high}]".replace("-", figures.MINUS)


def _uplift_line(runs: Sequence[Run]) -> str:
    found = estimate([run.uplift.found for run in runs])
    money = estimate([run.uplift.saved for run in runs])
    return (
        f"at {FALSE_ALARMS_PER_HIT} false alarms per hit the centre beside the banks finds "
        f"{_share(found)} frauds than the banks alone, {_share(money)} money "
        "(a national pilot: +40% money)"
    )


def _share(one: Estimate) -> str:
    if one.mean is None:
        return f"{figures.NOTHING} more"
    if one.interval is None:
        return f"{_signed(one.mean)} more"
    return f"{_signed(one.mean)} [{_signed(one.interval.low)}, {_signed(one.interval.high)}] more"


def _signed(share: float) -> str:
    return f"{100 * share:+.0f}%".replace("-", figures.MINUS)


def _change(
    ours: Rehearsal, theirs: Rehearsal, parameters: str, arm: str, figure: Figure
) -> Estimate:
    """By how much ours is above theirs, run by run."""
    other = {run.seed: run for run in theirs.of(parameters)}
    differences: list[float | None] = []
    for run in ours.of(parameters):
        one, two = figure.of(run.arms[arm]), figure.of(other[run.seed].arms[arm])
        differences.append(None if one is None or two is None else one - two)
    return estimate(differences)


def _changes(ours: Rehearsal, theirs: Rehearsal, one: ParameterSet) -> Table:
    title = (
        f"{ours.policy} ({ours.policy_hash[:8]}) less {theirs.policy} ({theirs.policy_hash[:8]})"
    )
    table = Table(title=Text(title), title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    arms = _arms(ours.of(one.name))
    for arm in arms:
        table.add_column(Text(arm), justify="right")
    for figure in FIGURES:
        cells = [_cell(_change(ours, theirs, one.name, arm, figure), figure) for arm in arms]
        table.add_row(figure.name, *map(Text, cells))
    return table
