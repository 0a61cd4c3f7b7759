"""``arasha rehearse-gateways``: what operators would find among their numbers in whole countries.

In: how large a rehearsal. Out: two tables for each set of the country's parameters. The work is
done by country/rehearse_gateways.py; nothing is written to disk.
"""

from __future__ import annotations

from arasha.app import terminal
from arasha.app.commands_rehearse import Days, People, Seeds, Workers
from arasha.app.commands_rehearse_calls import CallWarmUp
from arasha.app.options import AsJson


def rehearse_gateways(
    *,
    seeds: Seeds = 10,
    people: People = 20_000,
    days: Days = 14,
    warm_up: CallWarmUp = 4,
    workers: Workers = 2,
    json: AsJson = False,
) -> None:
    """Have each operator look for SIM boxes and straw SIMs among its own numbers.

    Nobody acts on it. Beside each country honest buyers of many SIM cards are laid: a company, a
    family, a dealer's promotion, a repair shop, a sales office; and a person past the law's limit.
    """
    from arasha.country.parameters import SETS
    from arasha.country.rehearse import FIRST_SEED, Size
    from arasha.country.rehearse_gateways import rehearse
    from arasha.reports.gateways import document, lines

    with terminal.progress("Rehearsing", 2 * len(SETS) * seeds, quiet=json) as advance:
        done = rehearse(
            range(FIRST_SEED, FIRST_SEED + seeds), Size(people, days, warm_up), workers=workers,
            on_done=lambda one: advance(2 * one),
        )  # fmt: skip
    if json:
        terminal.say_json(document(done))
    else:
        terminal.show(lines(done))
