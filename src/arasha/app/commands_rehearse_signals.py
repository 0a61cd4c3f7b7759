"""``arasha rehearse-signals``: what operators' answers about calls are worth to the banks.

In: a policy over payments, how large a rehearsal. Out: a table for each set of the country's
parameters. The work is done by country/rehearse_signals.py; nothing is written to disk.
"""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from arasha.app import terminal
from arasha.app.commands_rehearse import Days, People, Seeds, WarmUp, Workers
from arasha.app.options import AsJson, OwnPolicy

SilentHours = Annotated[
    int,
    Parameter(
        help="How long one operator answers nothing, from the first measured day on.",
        validator=Number(gte=0, lte=366 * 24),
    ),
]


def rehearse_signals(
    *,
    policy: OwnPolicy = None,
    seeds: Seeds = 10,
    people: People = 6_000,
    days: Days = 14,
    warm_up: WarmUp = 7,
    silent_hours: SilentHours = 72,
    workers: Workers = 2,
    json: AsJson = False,
) -> None:
    """Try a policy over payments with no operator connected, with all, and with one silent.

    Banks ask about payments as the country says; each operator answers in classes, by the calls of
    its own numbers. Nobody acts on what is found. Coached transfers found are compared at equal
    good payments bothered, over all seeds, with 95 % intervals, under both sets of parameters.
    """
    from arasha.app.shipped import default_policy
    from arasha.country.parameters import SETS
    from arasha.country.rehearse import FIRST_SEED, Size
    from arasha.country.rehearse_signals import rehearse
    from arasha.reports.signals import document, lines

    with terminal.progress("Rehearsing", len(SETS) * seeds, quiet=json) as advance:
        done = rehearse(
            policy or default_policy(), range(FIRST_SEED, FIRST_SEED + seeds),
            Size(people, days, warm_up), silent_hours, workers=workers, on_done=advance,
        )  # fmt: skip
    if json:
        terminal.say_json(document(done))
    else:
        terminal.show(lines(done))
