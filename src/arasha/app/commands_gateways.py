"""``arasha gateways``: which numbers of an operator look like SIM boxes, call centres, straw SIMs.

In: the directory of an operator, which may be in use. Out: a table, or a JSON object a look with
the acts that the service makes of it. The work is done by gateways/; numbers are tokens, and
nothing of what is derived from calls is written.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from arasha.app import terminal
from arasha.app.options import AsJson, LogDirectory
from arasha.errors import UsageError

if TYPE_CHECKING:
    from arasha.cases.acts import NumbersFound

MAX_LISTED = 60
"""Groups that the terminal lists; JSON has all."""

NO_LIMIT = 1 << 30
"""Numbers of one person where the log has no law that limits them."""

Every = Annotated[
    float | None,
    Parameter(help="Look again each so many seconds, for ever.", validator=Number(gte=1)),
]
Days = Annotated[
    int,
    Parameter(help="Days of the log that are read at the start.", validator=Number(gte=1, lte=31)),
]
MostNumbers = Annotated[
    int,
    Parameter(help="Numbers that are held at most; 200 bytes each.", validator=Number(gte=1_000)),
]


def gateways(
    directory: LogDirectory,
    /,
    *,
    every: Every = None,
    days: Days = 7,
    most_numbers: MostNumbers = 1 << 22,
    json: AsJson = False,
) -> None:
    """Find numbers that look like gateways or straw SIMs, and those that hang together with them.

    `arasha serve --role operator` runs this beside it and makes cases of what it says.
    """
    from arasha.app.tracing import is_log
    from arasha.cases.found_numbers import numbers_found
    from arasha.cases.projection import rebuilt
    from arasha.gateways.watch import Watch, back
    from arasha.log.log import Log

    if not is_log(directory):
        raise UsageError("there is no log here", expected="the directory of an operator",
                         found=str(directory))  # fmt: skip
    with Log.open(directory, writable=False) as log:
        law = rebuilt(log).state.law
        limit = NO_LIMIT if law is None or law.numbers is None else law.numbers.per_person
        watch = Watch.of(
            per_holder=limit, most_numbers=most_numbers,
            utc_offset_ms=0 if law is None else law.calendar.utc_offset_ms,
        )  # fmt: skip
        watch.at = back(log, days) if log.size else 0
        while True:
            with terminal.progress("Reading", log.size - watch.at, quiet=json) as advance:
                watch.catch_up(log, advance)
            tell(watch.at, len(watch.habits), watch.habits.uncounted,
                 numbers_found(watch, watch.at), json=json)  # fmt: skip
            if every is None:
                return
            sys.stdout.flush()
            time.sleep(every)
            log.refresh()


def tell(
    size: int, numbers: int, uncounted: int, found: Sequence[NumbersFound], *, json: bool
) -> None:
    """What one look found, the largest groups first."""
    import msgspec

    from arasha.reports.tables import Cell, Table
    from arasha.reports.trace_text import as_rich

    if json:
        said = msgspec.to_builtins(list(found))
        terminal.say_json({"size": size, "numbers": numbers, "uncounted": uncounted,
                           "found": said})  # fmt: skip
        return
    rows = tuple(
        (
            Cell(one.pattern),
            Cell((*one.numbers, *one.tied)[0].number[:8]),
            Cell(f"{len(one.numbers):,}"),
            Cell(f"{len(one.tied):,}"),
            Cell(f"{sum(sign.calls for sign in one.numbers):,}"),
            Cell(f"{sum(sign.received for sign in one.numbers):,}"),
        )
        for one in found
    )
    columns = ("looks like", "first number", "numbers", "tied", "calls", "calls to them")
    terminal.show([as_rich(Table("Numbers", columns, rows, numbers=False), MAX_LISTED)])
    terminal.say(f"{len(found):,} groups among {numbers:,} numbers")
