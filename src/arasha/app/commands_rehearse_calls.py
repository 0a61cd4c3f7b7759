"""``arasha rehearse-calls``: what a policy over calls would do in whole countries.

In: a policy, how large a rehearsal. Out: a table for each set of the country's parameters. The work
is done by country/rehearse_calls.py; nothing is written to disk.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from arasha.app import terminal
from arasha.app.commands_rehearse import Days, People, Seeds, Workers
from arasha.app.options import AsJson

if TYPE_CHECKING:
    from arasha.country.rehearse import Size
    from arasha.country.rehearse_calls import CallJob
    from arasha.reports.calls import R, Rehearsal

CallPolicy = Annotated[
    Path | None, Parameter(help="A policy that judges calls; by default the one that is shipped.")
]
CallWarmUp = Annotated[
    int,
    Parameter(
        help="Days before these, which are judged but not measured: numbers become known.",
        validator=Number(gte=0, lte=366),
    ),
]


def rehearse_calls(
    *,
    policy: CallPolicy = None,
    seeds: Seeds = 10,
    people: People = 20_000,
    days: Days = 14,
    warm_up: CallWarmUp = 4,
    workers: Workers = 2,
    json: AsJson = False,
) -> None:
    """Try a policy over calls: each operator judges the calls of its own numbers, before they ring.

    Nobody acts on it, so that all is seen that each number would have done. Figures are over all
    seeds, with 95 % intervals, under the standard and the shifted parameters.
    """
    from arasha.country.rehearse import Size
    from arasha.country.rehearse_calls import run
    from arasha.reports.calls import document, lines

    size = Size(people, days, warm_up)
    done = rehearsed(run, policy, seeds, size, workers, quiet=json)
    if json:
        terminal.say_json(document(done))
    else:
        terminal.show(lines(done))


def rehearsed(
    lived: Callable[[CallJob], R], policy: Path | None, seeds: int, size: Size, workers: int, *,
    quiet: bool,
) -> Rehearsal[R]:  # fmt: skip
    """What came of so many countries under each set of parameters, with a bar while they live."""
    from arasha.app.shipped import calls_policy
    from arasha.country.parameters import SETS
    from arasha.country.rehearse import FIRST_SEED
    from arasha.country.rehearse_calls import rehearse

    with terminal.progress("Rehearsing", len(SETS) * seeds, quiet=quiet) as advance:
        return rehearse(
            lived, policy or calls_policy(), range(FIRST_SEED, FIRST_SEED + seeds), size,
            workers=workers, on_done=advance,
        )  # fmt: skip
