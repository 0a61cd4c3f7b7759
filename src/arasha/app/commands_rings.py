"""``arasha rings``: which accounts of a centre hang together, and what confirms them.

In: the directory of a centre, which may be in use. Out: a table, or one JSON object with the acts
that the service makes of it. The work is cases/gathering.py's; accounts are tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from arasha.app import terminal
from arasha.app.options import AsJson, LogDirectory
from arasha.errors import UsageError

if TYPE_CHECKING:
    from arasha.cases.acts import RingFound

DAY_MS = 86_400_000
MAX_LISTED = 60
"""Rings that the terminal lists; JSON has all."""

LeastMinor = Annotated[
    int, Parameter(help="Least payment that ties by flow, minor units.", validator=Number(gte=1))
]
KeepDays = Annotated[
    int, Parameter(help="Days of payments looked at.", validator=Number(gte=1, lte=3_660))
]


def rings(
    directory: LogDirectory,
    /,
    *,
    least_minor: LeastMinor = 2_000_000,
    keep_days: KeepDays = 80,
    json: AsJson = False,
) -> None:
    """Find accounts tied by the flow of money, by devices and numbers; what confirms a ring.

    A ring that nothing confirms is a question for a person. `arasha serve` asks this once an hour.
    """
    import msgspec

    from arasha.app.tracing import is_log
    from arasha.cases.gathering import rings_of
    from arasha.cases.projection import rebuilt
    from arasha.log.log import Log

    if not is_log(directory):
        raise UsageError("there is no log here", expected="the directory of a centre",
                         found=str(directory))  # fmt: skip
    with (
        Log.open(directory, writable=False) as log,
        terminal.progress("Reading", log.size, quiet=json) as advance,
    ):
        found = rings_of(
            log, rebuilt(log).state, least_amount_minor=least_minor, keep_ms=keep_days * DAY_MS,
            on_progress=advance,
        )  # fmt: skip
        size = log.size
    if json:
        terminal.say_json({"size": size, "rings": msgspec.to_builtins(found)})
        return
    tell(found)


def tell(found: list[RingFound]) -> None:
    """The rings on the terminal, those with something confirmed first."""
    from arasha.reports.figures import currency_code
    from arasha.reports.tables import Cell, Table
    from arasha.reports.trace_text import as_rich

    rows = tuple(
        (
            Cell((*one.confirmed, *one.others)[0][:8]),
            Cell(f"{len(one.confirmed) + len(one.others):,}"),
            Cell(f"{one.ties.flow} flow, {one.ties.device} device, {one.ties.number} number"),
            Cell(f"{len(one.confirmed):,} confirmed" if one.confirmed else "a question"),
            Cell(currency_code(one.currency)),
        )
        for one in sorted(found, key=lambda one: not one.confirmed)
    )
    columns = ("first account", "accounts", "ties", "what it is", "currency")
    terminal.show([as_rich(Table("Rings", columns, rows, numbers=False), MAX_LISTED)])
    terminal.say(f"{len(found):,} rings")
