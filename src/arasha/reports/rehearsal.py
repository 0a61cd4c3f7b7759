"""What a rehearsal found: what each way of judging stopped, what it cost, and how sure we are.

The last step of ``arasha rehearse``. In: a tally per run (a country of one seed), by who judged.
Out: tables for the terminal and plain data for JSON. Every figure is a ratio of sums over all runs
(of money: its sum by the number of runs) with the 95 % interval of jackknife.py. What came back
after a report has tables of its own (recovered.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from arasha.reports import figures, recovered
from arasha.reports.jackknife import Sums, jackknife
from arasha.reports.proportions import Estimate
from arasha.reports.recovered import Recovered, estimate_object

FALSE_ALARMS_PER_HIT: Final = 5
"""Good payments bothered per fraud found at which the centre is set against the banks alone."""


@dataclass(frozen=True, slots=True)
class Tally:
    """One way of judging in one run, after the warm-up; money in minor units.

    ``stolen``: frauds that moved; ``stopped``: frauds tried that did not. ``hits`` and
    ``false_alarms``: frauds and good payments acted on (payments that move stolen money on are
    neither). ``bothered``: people with such a good payment. ``held`` and ``returned`` of what was
    stolen; ``hold_minutes`` from report to hold, all ``holds`` together.
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
    held: int = 0
    returned: int = 0
    holds: int = 0
    hold_minutes: float = 0.0


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


@dataclass(frozen=True, slots=True)
class Run:
    """A country of one seed under one set of parameters, once for each way of judging."""

    parameters: str
    seed: int
    arms: dict[str, Tally]
    uplift: Uplift
    recovered: dict[str, Recovered] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParameterSet:
    """A set of the country's parameters; ``after_hash`` is of those for what follows a report."""

    name: str
    version: str
    hash: str
    after_hash: str


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One policy in countries of several seeds, under each set of parameters."""

    policy: str
    policy_hash: str
    people: int
    days: int
    warm_up_days: int
    after_days: int
    law: str
    law_hash: str
    allocations: tuple[str, str]
    sets: tuple[ParameterSet, ...]
    runs: tuple[Run, ...]

    def of(self, parameters: str) -> list[Run]:
        """The runs under a set of parameters, by seed."""
        return sorted((r for r in self.runs if r.parameters == parameters), key=lambda r: r.seed)


@dataclass(frozen=True, slots=True)
class Lift:
    """How much more than the banks alone the centre beside them finds, over all runs.

    ``more`` is centre / banks - 1, both sums over the runs of what is found ``of`` all there was;
    ``lacks`` says why it has no value or no interval, and is empty where it has both.
    """

    more: Estimate
    centre: int
    banks: int
    of: int
    lacks: str = ""


def lift(found: Sequence[tuple[int, int, int]]) -> Lift:
    """From what centre and banks found of how much, run by run; the interval by `jackknife`.

    >>> lift([(12, 10, 20), (9, 6, 11), (5, 0, 5)]).more.value
    0.625
    """
    centre, banks, of = (sum(column) for column in zip(*found, strict=True)) if found else (0, 0, 0)
    more = jackknife([(float(one[0]), float(one[1])) for one in found], _more)
    lacks = ""
    if more.value is None:
        lacks = "the banks alone find nothing in any country"
    elif more.interval is None:
        lacks = "the banks alone find something in one country only, so there is no interval"
    return Lift(more, centre, banks, of, lacks)


def _more(sums: Sums) -> float | None:
    centre, banks = sums
    return centre / banks - 1 if banks else None


def lift_of_frauds(runs: Sequence[Run]) -> Lift:
    """More frauds."""
    each = [run.uplift for run in runs]
    return lift([(one.centre_found, one.banks_found, one.frauds) for one in each])


def lift_of_money(runs: Sequence[Run]) -> Lift:
    """More money in them, in minor units."""
    each = [run.uplift for run in runs]
    return lift([(one.centre_money, one.banks_money, one.money) for one in each])


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of the table: its names for JSON and for people, what it is of what, how it is written.

    ``whole`` is 1 where the figure is a mean over countries.
    """

    key: str
    name: str
    part: Callable[[Tally], float]
    write: Callable[[float], str]
    whole: Callable[[Tally], float] = lambda _: 1


def _millions(minor: float) -> str:
    return f"{minor / 100e6:,.1f}"


def _plain(value: float) -> str:
    return f"{value:,.1f}"


FIGURES: Final = (
    Figure("stolen_minor", "stolen, m KZT", lambda t: t.stolen, _millions),
    Figure("stopped_minor", "stopped before, m KZT", lambda t: t.stopped, _millions),
    Figure("held_minor", "held after, m KZT", lambda t: t.held, _millions),
    Figure("returned_minor", "returned, m KZT", lambda t: t.returned, _millions),
    Figure("victims", "victims", lambda t: t.victims, _plain),
    Figure(
        "goods_per_10000", "good payments bothered per 10,000",
        lambda t: 10_000 * t.false_alarms, _plain, lambda t: t.goods,
    ),
    Figure(
        "people_per_10000", "people bothered per 10,000",
        lambda t: 10_000 * t.bothered, _plain, lambda t: t.people,
    ),
    Figure(
        "false_alarms_per_hit", "false alarms per hit",
        lambda t: t.false_alarms, _plain, lambda t: t.hits,
    ),
    Figure(
        "hold_minutes", "minutes from report to hold", lambda t: t.hold_minutes, _plain,
        lambda t: t.holds,
    ),
)  # fmt: skip
"""The rows, in order."""


def lines(rehearsal: Rehearsal, against: Rehearsal | None = None) -> list[RenderableType]:
    """What to print: a table for each set of parameters, and what the other policy changes."""
    shown: list[RenderableType] = [Text(_headline(rehearsal))]
    for one in rehearsal.sets:
        shown += ["", _table(rehearsal, one), Text(_uplift_line(rehearsal.of(one.name)))]
        shown += _recovered(rehearsal, one)
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
        "after_days": rehearsal.after_days,
        "law": rehearsal.law,
        "law_hash": rehearsal.law_hash,
        "allocations": list(rehearsal.allocations),
        "false_alarms_per_hit_of_uplift": FALSE_ALARMS_PER_HIT,
        "sets": [_set_object(rehearsal, one) for one in rehearsal.sets],
    }
    if against is not None:
        told["against"] = document(against)
        told["changes"] = {
            one.name: {
                arm: {
                    figure.key: estimate_object(_change(rehearsal, against, one.name, arm, figure))
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
            arm: {f.key: estimate_object(of_arm(runs, arm, f)) for f in FIGURES}
            for arm in _arms(runs)
        },
        "uplift": {
            "found": _lift_object(lift_of_frauds(runs)),
            "money": _lift_object(lift_of_money(runs)),
        },
        "recovered": {
            arm: recovered.document([run.recovered[arm] for run in runs])
            for arm in _recovering(runs)
        },
        "runs": [asdict(run) for run in runs],
    }


def _lift_object(one: Lift) -> dict[str, object]:
    counted = {"centre": one.centre, "banks": one.banks, "of": one.of}
    return {**estimate_object(one.more), **counted, "lacks": one.lacks or None}


def of_arm(runs: Sequence[Run], arm: str, figure: Figure) -> Estimate:
    """A figure of one way of judging over the runs."""
    return jackknife([_sums(figure, run.arms[arm]) for run in runs], _ratio)


def _sums(figure: Figure, tally: Tally) -> Sums:
    return figure.part(tally), figure.whole(tally)


def _ratio(sums: Sums) -> float | None:
    """Of part and whole; of two such pairs, the first ratio less the second."""
    part, whole, *other = sums
    if not whole:
        return None
    if not other:
        return part / whole
    less = _ratio(tuple(other))
    return None if less is None else part / whole - less


def _arms(runs: Sequence[Run]) -> list[str]:
    return list(runs[0].arms) if runs else []


def _recovering(runs: Sequence[Run]) -> list[str]:
    """The ways of judging in which somebody follows the money."""
    return list(runs[0].recovered) if runs else []


def _recovered(rehearsal: Rehearsal, one: ParameterSet) -> list[RenderableType]:
    """What came back, for each way in which somebody follows the money."""
    runs = rehearsal.of(one.name)
    shown: list[RenderableType] = []
    for arm in _recovering(runs):
        some = [run.recovered[arm] for run in runs]
        shown += ["", Text(f"{one.name}, {arm}: what came back", style="bold"), ""]
        shown += recovered.tables(some, rehearsal.allocations)
    return [*shown, Text(recovered.PUBLISHED)] if shown else []


def _headline(one: Rehearsal) -> str:
    seeds = len({run.seed for run in one.runs})
    return (
        f"{one.policy} ({one.policy_hash[:12]}): {figures.count(seeds)} countries of "
        f"{figures.count(one.people)} people, {one.days} days after {one.warm_up_days} of warm-up, "
        f"{one.after_days} more for reports, holds and returns under {one.law} "
        f"({one.law_hash[:12]}); figures over all of them with 95 % intervals"
    )


def _table(rehearsal: Rehearsal, one: ParameterSet) -> Table:
    runs = rehearsal.of(one.name)
    title = (
        f"parameters: {one.name}, version {one.version} ({one.hash[:12]}), after a report "
        f"{one.after_hash[:12]}"
    )
    table = Table(title=Text(title), title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    for arm in _arms(runs):
        table.add_column(Text(arm), justify="right")
    for figure in FIGURES:
        cells = [_cell(of_arm(runs, arm, figure), figure) for arm in _arms(runs)]
        table.add_row(figure.name, *map(Text, cells))
    return table


def _cell(one: Estimate, figure: Figure) -> str:
    if one.value is None:
        return figures.NOTHING
    if one.interval is None:
        return figure.write(one.value)
    low, high = figure.write(one.interval.low), figure.write(one.interval.high)
    return f"{figure.write(one.value)}  [{low}, {high}]".replace("-", figures.MINUS)


def _uplift_line(runs: Sequence[Run]) -> str:
    frauds, money = lift_of_frauds(runs), lift_of_money(runs)
    found = f"{figures.count(frauds.centre)} and {figures.count(frauds.banks)}"
    saved = f"{_millions(money.centre)} and {_millions(money.banks)}"
    lacks = "; ".join(dict.fromkeys(one for one in (frauds.lacks, money.lacks) if one))
    return (
        f"at {FALSE_ALARMS_PER_HIT} false alarms per hit the centre beside the banks finds "
        f"{_share(frauds)} frauds than the banks alone ({found} of {figures.count(frauds.of)}) "
        f"and {_share(money)} money ({saved} of {_millions(money.of)} m KZT)"
        f"{f': {lacks}' if lacks else ''}; a national pilot: +40% money"
    )


def _share(one: Lift) -> str:
    more = one.more
    if more.value is None:
        return f"{figures.NOTHING} more"
    if more.interval is None:
        return f"{_signed(more.value)} more"
    between = f"[{_signed(more.interval.low)}, {_signed(more.interval.high)}]"
    return f"{_signed(more.value)} {between} more"


def _signed(share: float) -> str:
    return f"{100 * share:+.0f}%".replace("-", figures.MINUS)


def _change(
    ours: Rehearsal, theirs: Rehearsal, parameters: str, arm: str, figure: Figure
) -> Estimate:
    """By how much ours is above theirs, each country left out of both at once."""
    other = {run.seed: run for run in theirs.of(parameters)}
    pairs = [
        (*_sums(figure, run.arms[arm]), *_sums(figure, other[run.seed].arms[arm]))
        for run in ours.of(parameters)
    ]
    return jackknife(pairs, _ratio)


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
