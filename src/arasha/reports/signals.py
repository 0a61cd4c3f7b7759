"""What call signals are worth: coached transfers found with them and without, and in an outage.

The last step of ``arasha rehearse-signals``. In: a tally per country. Out: tables for the terminal
and plain data for JSON. The ways are compared at equal good payments bothered: each has the
threshold on its own scores that bothers as many. A share is a ratio of sums over all countries with
the 95 % interval of jackknife.py, a difference of shares that of the same countries left out of
both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from arasha.reports import figures
from arasha.reports.calls import CallCountry
from arasha.reports.jackknife import jackknife_of
from arasha.reports.proportions import Estimate

UNCONNECTED: Final = "no operator connected"
CONNECTED: Final = "operators connected"
SILENT: Final = "one operator silent"
ARMS: Final = (UNCONNECTED, CONNECTED, SILENT)

BOTHERED: Final = (10, 30, 100)
"""Good payments bothered, per 10,000, at which the ways are compared."""


@dataclass(frozen=True, slots=True)
class Judged:
    """By the policy as it stands: coached transfers acted on, and good payments acted on."""

    found: int
    bothered: int


@dataclass(frozen=True, slots=True)
class Outage:
    """The payments about which the silent operator was asked while it was: so many, ``coached`` of
    them, and what each way made of them. ``accused`` are good payments, of all that were measured,
    which were bothered with the operator silent and would not have been with its answer.
    """

    payments: int
    coached: int
    judged: dict[str, Judged]
    accused: int


@dataclass(frozen=True, slots=True)
class SignalRun:
    """One country under one set of parameters, after the warm-up.

    Of ``coached`` transfers ``on_call`` were made while the thieves talked; about ``asked`` of them
    a bank asked, and of ``told`` it was told that its payer is on a call with an unfamiliar number;
    the same of good payments. In ``not_known`` askings nothing was known of the number. ``found``
    are coached transfers, by way, at each of `BOTHERED`.
    """

    parameters: str
    seed: int
    good: int
    coached: int
    on_call: int
    asked: int
    told: int
    good_asked: int
    good_told: int
    not_known: int
    found: dict[str, tuple[float, ...]]
    judged: dict[str, Judged]
    outage: Outage


@dataclass(frozen=True, slots=True)
class SignalRehearsal:
    """One policy in countries of several seeds, under each set of parameters."""

    policy: str
    policy_hash: str
    people: int
    days: int
    warm_up_days: int
    silent_hours: int
    sets: tuple[CallCountry, ...]
    runs: tuple[SignalRun, ...]

    def of(self, parameters: str) -> list[SignalRun]:
        """The runs under a set of parameters, by seed."""
        return sorted((r for r in self.runs if r.parameters == parameters), key=lambda r: r.seed)


Part = Callable[[SignalRun], float]


def found(runs: Sequence[SignalRun], arm: str, place: int) -> Estimate:
    """The share of coached transfers that one way finds at BOTHERED[place]."""
    return _share(runs, lambda run: run.found[arm][place], lambda run: run.coached)


def gained(runs: Sequence[SignalRun], place: int) -> Estimate:
    """How much larger that share is with the operators connected than without."""
    return _share(
        runs, lambda run: run.found[CONNECTED][place] - run.found[UNCONNECTED][place],
        lambda run: run.coached,
    )  # fmt: skip


def lines(rehearsal: SignalRehearsal) -> list[RenderableType]:
    """What to print, for each set of parameters."""
    seeds = len({run.seed for run in rehearsal.runs})
    shown: list[RenderableType] = [
        Text(
            f"{rehearsal.policy} ({rehearsal.policy_hash[:12]}): {figures.count(seeds)} countries "
            f"of {figures.count(rehearsal.people)} people, {rehearsal.days} days after "
            f"{rehearsal.warm_up_days} of warm-up; each bank judges on its own data"
        )
    ]
    for one in rehearsal.sets:
        runs = rehearsal.of(one.name)
        shown += ["", _table(runs, one), *map(Text, _sums(runs, rehearsal.silent_hours))]
    return shown


def document(rehearsal: SignalRehearsal) -> dict[str, object]:
    """The same as plain data, every run included."""
    whole = asdict(rehearsal)
    del whole["runs"]
    return whole | {"sets": [_set_object(rehearsal.of(one.name), one) for one in rehearsal.sets]}


def _set_object(runs: list[SignalRun], one: CallCountry) -> dict[str, object]:
    return {
        **asdict(one),
        "at_equal_bother": [
            {
                "good_bothered_per_10_000": bothered,
                "found": {arm: _object(found(runs, arm, place)) for arm in ARMS},
                "gained": _object(gained(runs, place)),
            }
            for place, bothered in enumerate(BOTHERED)
        ],
        "by_policy": {
            arm: {
                "found": _object(_by_policy(runs, arm)),
                "good_bothered_per_10_000": _object(_bothered(runs, arm)),
            }
            for arm in ARMS
        },
        "runs": [asdict(run) for run in runs],
    }


def _object(one: Estimate) -> dict[str, object]:
    interval = None if one.interval is None else [one.interval.low, one.interval.high]
    return {"value": one.value, "interval_95": interval}


def _share(runs: Sequence[SignalRun], part: Part, whole: Part, times: float = 1.0) -> Estimate:
    def of(some: Sequence[SignalRun]) -> float | None:
        all_of_it = sum(map(whole, some))
        return times * sum(map(part, some)) / all_of_it if all_of_it else None

    return jackknife_of(runs, of)


def _by_policy(runs: Sequence[SignalRun], arm: str) -> Estimate:
    return _share(runs, lambda run: run.judged[arm].found, lambda run: run.coached)


def _bothered(runs: Sequence[SignalRun], arm: str) -> Estimate:
    return _share(runs, lambda run: run.judged[arm].bothered, lambda run: run.good, 10_000)


def _table(runs: list[SignalRun], one: CallCountry) -> Table:
    title = f"parameters: {one.name}, version {one.version} ({one.hash[:12]})"
    table = Table(title=Text(title), title_justify="left", box=None, pad_edge=False)
    table.add_column("coached transfers found")
    for arm in ARMS:
        table.add_column(arm, justify="right")
    table.add_column("gained by connecting", justify="right")
    for place, bothered in enumerate(BOTHERED):
        table.add_row(
            f"at {bothered} good payments bothered per 10,000",
            *(_percent(found(runs, arm, place)) for arm in ARMS), _percent(gained(runs, place)),
        )  # fmt: skip
    table.add_row("by the policy as it stands", *(_percent(_by_policy(runs, arm)) for arm in ARMS))
    table.add_row(
        "   and then good payments bothered per 10,000",
        *(_number(_bothered(runs, arm)) for arm in ARMS),
    )
    return table


def _sums(runs: list[SignalRun], silent_hours: int) -> list[str]:
    def total(of: Part) -> str:
        return figures.count(int(sum(map(of, runs))))

    def out(arm: str) -> str:
        hits, bothered = (
            total(lambda run: run.outage.judged[arm].found),
            total(lambda run: run.outage.judged[arm].bothered),
        )
        return f"{arm} {hits} found, {bothered} good bothered"

    transfers = (
        f"coached transfers: {total(lambda run: run.coached)}; made during the talk: "
        f"{total(lambda run: run.on_call)}; a bank asked about {total(lambda run: run.asked)} of "
        f"them and was told of an unfamiliar call for {total(lambda run: run.told)}"
    )
    payments = (
        f"good payments: {total(lambda run: run.good)}; a bank asked about "
        f"{total(lambda run: run.good_asked)} and was told of an unfamiliar call for "
        f"{total(lambda run: run.good_told)}; askings about a number nothing was known of: "
        f"{total(lambda run: run.not_known)}"
    )
    outage = (
        f"one of the operators silent for {silent_hours} h: "
        f"{total(lambda run: run.outage.payments)} payments judged without its answer, "
        f"{total(lambda run: run.outage.coached)} of them coached; "
    )
    accused = total(lambda run: run.outage.accused)
    return [
        transfers, payments, outage + "; ".join(out(arm) for arm in ARMS),
        f"good payments bothered that its answer would have spared: {accused}",
    ]  # fmt: skip


def _percent(one: Estimate) -> str:
    if one.interval is None:
        return figures.percent(one.value)
    low, high = 100 * one.interval.low, 100 * one.interval.high
    return f"{figures.percent(one.value)} [{low:.1f}, {high:.1f}]"


def _number(one: Estimate) -> str:
    if one.value is None or one.interval is None:
        return "–" if one.value is None else f"{one.value:.1f}"
    return f"{one.value:.1f} [{one.interval.low:.1f}, {one.interval.high:.1f}]"
