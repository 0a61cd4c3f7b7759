"""``arasha rehearse``: what a policy, or two, would do in a whole country whose truth is known.

In: a policy, perhaps the one in force, and how large a rehearsal. Out: a table for each set of the
country's parameters. The work is done by country/rehearse.py; nothing is written to disk.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from arasha.app import terminal
from arasha.app.options import AsJson, OwnLaw, OwnPolicy

Against = Annotated[
    Path | None, Parameter(help="The policy in force: --policy is set against it, seed by seed.")
]
Seeds = Annotated[
    int,
    Parameter(
        help="Countries under each set of parameters: seeds 1, 2, …",
        validator=Number(gte=1, lte=1000),
    ),
]
People = Annotated[
    int, Parameter(help="People of each country.", validator=Number(gte=100, lte=10_000_000))
]
Days = Annotated[int, Parameter(help="Days that are measured.", validator=Number(gte=1, lte=366))]
WarmUp = Annotated[
    int,
    Parameter(
        help="Days before these, which are judged but not measured: habits become known.",
        validator=Number(gte=0, lte=366),
    ),
]
After = Annotated[
    int,
    Parameter(
        help="Days after these, in which what was stolen is still reported, held and returned.",
        validator=Number(gte=0, lte=366),
    ),
]
Workers = Annotated[
    int,
    Parameter(help="Processes at once. They change no figure.", validator=Number(gte=1, lte=256)),
]


def rehearse(
    *,
    policy: OwnPolicy = None,
    against: Against = None,
    seeds: Seeds = 10,
    people: People = 6_000,
    days: Days = 14,
    warm_up: WarmUp = 21,
    after: After = 7,
    law: OwnLaw = None,
    workers: Workers = 2,
    json: AsJson = False,
) -> None:
    """Try a policy in a simulated country: with no centre, with each bank alone, with the centre.

    Each country runs once for each of the three, under the standard and the shifted parameters;
    what follows from a decision follows in that country alone. Reports are acted on under the law:
    money is followed, held and returned, by each bank at itself or by the centre at all of them.
    Figures are over all seeds, with 95 % intervals.
    """
    from arasha.app.shipped import default_law, default_policy
    from arasha.country.parameters import SETS
    from arasha.country.rehearse import FIRST_SEED, Size
    from arasha.country.rehearse import rehearse as rehearse_all
    from arasha.reports.rehearsal import document, lines

    ours = policy or default_policy()
    policies = [ours] if against is None else [ours, against]
    runs = len(policies) * len(SETS) * seeds
    with terminal.progress("Rehearsing", runs, quiet=json) as advance:
        done = rehearse_all(
            policies, law or default_law(), range(FIRST_SEED, FIRST_SEED + seeds),
            Size(people, days, warm_up, after), workers=workers, on_done=advance,
        )  # fmt: skip
    other = done[1] if against is not None else None
    if json:
        terminal.say_json(document(done[0], other))
    else:
        terminal.show(lines(done[0], other))
