"""What came back after it was stolen: found, held, returned, and who was held without a part.

Beside the table of a rehearsal (rehearsal.py). In: what one way of judging recovered in each run.
Out: tables for the terminal and plain data for JSON, with 95 % intervals over the runs, set beside
what national schemes have published. Shares are ratios of sums over all runs, medians are over all
holds of all runs (jackknife.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from arasha.reports import figures
from arasha.reports.jackknife import jackknife_of
from arasha.reports.proportions import Estimate, Interval

MINUTES: Final = (10, 60, 360)
"""Ends of the classes of minutes from theft to report; a report at an end is in the next."""

CLASSES: Final = ("0-10", "10-60", "60-360", "more", "never reported")
"""Minutes from theft to report."""

PUBLISHED: Final = (
    "published: Brazil's first scheme returned 8% of what was asked back, India holds about 41% of "
    "reported loss; nobody publishes how many were held without a part"
)
"""What there is to compare with (Banco Central do Brasil on MED 1; press on India's CFCFRMS)."""


@dataclass(frozen=True, slots=True)
class Class:
    """Thefts of one class, in minor units. ``found``: what banks were asked to hold at thieves'
    accounts; ``held`` there; ``returned`` by the law's rule of allocation, ``returned_other`` by
    the other one.
    """

    thefts: int = 0
    stolen: int = 0
    found: int = 0
    held: int = 0
    returned: int = 0
    returned_other: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What a rule of tracing would have had banks hold, in sum: accounts, those without a part, and
    the money there at that moment, of thieves and of the others.
    """

    accounts: int = 0
    no_part: int = 0
    money: int = 0
    no_part_money: int = 0


@dataclass(frozen=True, slots=True)
class Recovered:
    """One way of judging in one run.

    ``held`` and ``no_part``: people and firms of whom something was held, and those among them
    without a part in any fraud, ``no_part_claimed`` on a false claim that their payer's bank stood
    for, the others by a trace; ``release_hours`` of each hold of theirs that ended in a release or
    by itself, ``for_good``: holds of theirs whose money went to somebody else. ``asked_back`` and
    ``came_back``: money of all recalls, false claims among them. ``hold_minutes`` from report to
    hold, and ``ground_minutes`` from when the victim's bank stood for it, one for each hold.
    """

    classes: tuple[Class, ...]
    rules: dict[str, Asked]
    held: int
    no_part: int
    no_part_claimed: int
    no_part_money: int
    release_hours: tuple[float, ...]
    for_good: int
    appeals: int
    upheld: int
    no_part_appeals: int
    no_part_upheld: int
    asked_back: int
    came_back: int
    hold_minutes: tuple[float, ...]
    ground_minutes: tuple[float, ...]

    @property
    def all(self) -> Class:
        """All classes together."""
        return summed(self.classes)


def class_of(minutes: float | None) -> int:
    """The place in `CLASSES` of a theft that was reported so much later; None: never.

    >>> class_of(3), class_of(10), class_of(5_000), class_of(None)
    (0, 1, 3, 4)
    """
    if minutes is None:
        return len(MINUTES) + 1
    return sum(minutes >= end for end in MINUTES)


def summed(classes: Sequence[Class]) -> Class:
    """Several classes as one."""
    return Class(*(
        sum(getattr(one, name) for one in classes) for name in Class.__dataclass_fields__
    ))  # fmt: skip


def quantile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that ``share`` of all values do not exceed; None of none.

    >>> quantile([3.0, 1.0, 2.0, 9.0], 0.5), quantile([], 0.5)
    (2.0, None)
    """
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None


Of = Callable[[Sequence[Recovered]], float | None]


@dataclass(frozen=True, slots=True)
class Row:
    """A figure over all runs: its names for JSON and for people, how it is worked out, written."""

    key: str
    name: str
    of: Of
    write: Callable[[float], str]


def _ratio(part: Callable[[Recovered], float], whole: Callable[[Recovered], float]) -> Of:
    def of(runs: Sequence[Recovered]) -> float | None:
        below = sum(whole(one) for one in runs)
        return sum(part(one) for one in runs) / below if below else None

    return of


def _quantile(values: Callable[[Recovered], Sequence[float]], share: float) -> Of:
    return lambda runs: quantile([value for one in runs for value in values(one)], share)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def _plain(value: float) -> str:
    return f"{value:,.1f}"


def _millions(minor: float) -> str:
    return f"{minor / 100e6:,.1f}"


def _reported(one: Recovered) -> Class:
    return summed(one.classes[:-1])


ROWS: Final = (
    Row("held_of_reported", "held, of what was reported stolen",
        _ratio(lambda r: _reported(r).held, lambda r: _reported(r).stolen), _percent),
    Row("returned_of_asked", "returned, of what was asked back",
        _ratio(lambda r: r.came_back, lambda r: r.asked_back), _percent),
    Row("hold_minutes_median", "minutes from report to hold, median",
        _quantile(lambda r: r.hold_minutes, 0.5), _plain),
    Row("ground_minutes_median", "minutes from the bank's word to hold, median",
        _quantile(lambda r: r.ground_minutes, 0.5), _plain),
    Row("held_owners", "people and firms held, a country",
        _ratio(lambda r: r.held, lambda _: 1), _plain),
    Row("no_part_owners", "of them without a part",
        _ratio(lambda r: r.no_part, lambda _: 1), _plain),
    Row("no_part_claimed", "of these on a false claim that a bank stood for",
        _ratio(lambda r: r.no_part_claimed, lambda _: 1), _plain),
    Row("no_part_share", "share without a part (aim: under 5%)",
        _ratio(lambda r: r.no_part, lambda r: r.held), _percent),
    Row("no_part_traced_share", "the same by traces of true reports alone",
        _ratio(lambda r: r.no_part - r.no_part_claimed, lambda r: r.held - r.no_part_claimed),
        _percent),
    Row("no_part_minor", "held of them, m KZT", _ratio(lambda r: r.no_part_money, lambda _: 1),
        _millions),
    Row("release_hours_median", "hours until they were free, median",
        _quantile(lambda r: r.release_hours, 0.5), _plain),
    Row("release_hours_p95", "95th percentile", _quantile(lambda r: r.release_hours, 0.95),
        _plain),
    Row("for_good", "holds of theirs whose money went to somebody else",
        _ratio(lambda r: r.for_good, lambda _: 1), _plain),
    Row("appeals", "appeals", _ratio(lambda r: r.appeals, lambda _: 1), _plain),
    Row("appeals_upheld", "upheld", _ratio(lambda r: r.upheld, lambda r: r.appeals), _percent),
    Row("no_part_upheld", "upheld, of those without a part",
        _ratio(lambda r: r.no_part_upheld, lambda r: r.no_part_appeals), _percent),
)  # fmt: skip
"""The figures, in order; of counts and money the mean over countries."""


def tables(runs: Sequence[Recovered], allocations: tuple[str, str]) -> list[RenderableType]:
    """What to print for one way of judging. ``allocations``: the law's rule, and the other."""
    return [_by_class(runs, allocations), "", _by_row(runs), "", _by_rule(runs)]


def document(runs: Sequence[Recovered]) -> dict[str, object]:
    """The same as plain data."""

    def objects(rows: Sequence[Row]) -> dict[str, object]:
        return {row.key: estimate_object(_estimate(runs, row)) for row in rows}

    return {
        **objects(ROWS),
        "classes": {name: objects(_class_rows(at)) for at, name in enumerate((*CLASSES, "all"))},
        "rules": {rule: objects(_rule_rows(rule)) for rule in _rules(runs)},
    }


def estimate_object(one: Estimate) -> dict[str, object]:
    """A value and its interval as JSON has them."""
    interval = None if one.interval is None else [one.interval.low, one.interval.high]
    return {"value": one.value, "interval_95": interval}


def written(one: Estimate, write: Callable[[float], str]) -> str:
    """A value with its interval, or a dash."""
    if one.value is None:
        return figures.NOTHING
    if one.interval is None:
        return write(one.value)
    low, high = write(one.interval.low), write(one.interval.high)
    return f"{write(one.value)} [{low}, {high}]".replace("-", figures.MINUS)


def _estimate(runs: Sequence[Recovered], row: Row) -> Estimate:
    """A figure over all runs; the interval of a share ends where shares do."""
    one = jackknife_of(runs, row.of)
    if row.write is not _percent or one.interval is None:
        return one
    return Estimate(one.value, Interval(max(0.0, one.interval.low), min(1.0, one.interval.high)))


def _at(run: Recovered, place: int) -> Class:
    return run.all if place == len(CLASSES) else run.classes[place]


def _class_rows(at: int) -> list[Row]:
    def share(name: str) -> Row:
        of = _ratio(lambda r: getattr(_at(r, at), name), lambda r: _at(r, at).stolen)
        return Row(name, name, of, _percent)

    stolen = _ratio(lambda r: _at(r, at).stolen, lambda _: 1)
    shares = [share(name) for name in ("found", "held", "returned", "returned_other")]
    return [Row("stolen_minor", "stolen, m KZT", stolen, _millions), *shares]


def _rule_rows(rule: str) -> list[Row]:
    def mean(name: str) -> Of:
        return _ratio(lambda r: getattr(r.rules[rule], name), lambda _: 1)

    share = _ratio(lambda r: r.rules[rule].no_part, lambda r: r.rules[rule].accounts)
    return [
        Row("accounts", "accounts asked at", mean("accounts"), _plain),
        Row("no_part_share", "without a part", share, _percent),
        Row("money_minor", "there, thieves', m KZT", mean("money"), _millions),
        Row("no_part_money_minor", "there, others', m KZT", mean("no_part_money"), _millions),
    ]


def _rules(runs: Sequence[Recovered]) -> list[str]:
    return list(runs[0].rules) if runs else []


def _by_class(runs: Sequence[Recovered], allocations: tuple[str, str]) -> Table:
    table = _table("minutes from theft to report", "stolen, m KZT", "found", "held",
                   *(f"returned, {one.replace('_', ' ')}" for one in allocations))  # fmt: skip
    for at, name in enumerate((*CLASSES, "all")):
        cells = [written(_estimate(runs, row), row.write) for row in _class_rows(at)]
        table.add_row(name, *map(Text, cells))
    return table


def _by_row(runs: Sequence[Recovered]) -> Table:
    table = _table("after a report", "")
    for row in ROWS:
        table.add_row(row.name, Text(written(_estimate(runs, row), row.write)))
    return table


def _by_rule(runs: Sequence[Recovered]) -> Table:
    table = _table("followed by", *(row.name for row in _rule_rows("")))
    for rule in _rules(runs):
        cells = [written(_estimate(runs, row), row.write) for row in _rule_rows(rule)]
        table.add_row(rule, *map(Text, cells))
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first)
    for name in others:
        table.add_column(Text(name), justify="right")
    return table
