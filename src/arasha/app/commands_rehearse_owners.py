"""``arasha rehearse-owners``: what asking the owners of numbers does, in whole countries.

In: a policy over calls, how large a rehearsal. Out: a table for each set of the country's
parameters. The work is done by country/rehearse_owners.py; nothing is written to disk.
"""

from __future__ import annotations

from arasha.app import terminal
from arasha.app.commands_rehearse import Days, People, Seeds, Workers
from arasha.app.commands_rehearse_calls import CallPolicy, CallWarmUp, rehearsed
from arasha.app.options import AsJson


def rehearse_owners(
    *,
    policy: CallPolicy = None,
    seeds: Seeds = 5,
    people: People = 6_000,
    days: Days = 7,
    warm_up: CallWarmUp = 4,
    workers: Workers = 2,
    json: AsJson = False,
) -> None:
    """Try "did you originate this call?": calls from abroad that bear a number of the country.

    Forged ones, callers who are abroad, calls that come a long way round, and some that were
    forwarded abroad and back are judged with no owner asked, with all, and with one down.
    """
    from arasha.country.rehearse import Size
    from arasha.country.rehearse_owners import run
    from arasha.reports.owners import document, lines

    size = Size(people, days, warm_up)
    done = rehearsed(run, policy, seeds, size, workers, quiet=json)
    if json:
        terminal.say_json(document(done))
    else:
        terminal.show(lines(done))
