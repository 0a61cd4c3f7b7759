"""A daughter or a shop's technician helps from afar: the app sees that somebody else guide.

Looks like: remote access. Source: assumed.
"""

from __future__ import annotations

from arasha.country.plots import asked, at_most, stranger
from arasha.country.script import EVENING, Lookalike, Script, Stage

LOOKALIKE = Lookalike("remote_help", EVENING)


def play(stage: Stage) -> Script:
    """A call with somebody known, the phone is shared, one or two payments are made."""
    p, chance = stage.parameter, stage.chance
    person = stage.person(min_balance=asked(p("least_balance_kzt")))
    if person is None:
        return
    guide = stage.contact(person) if chance.happens(p("known_share")) else stage.person()
    if guide is not None:
        minutes = chance.lognormal(p("talk_minutes"), 0.7)
        yield stage.call(guide.number, person.number, minutes=minutes)
    yield stage.wait(minutes=4 + chance.exponential(p("pause_minutes")))
    for _ in range(1 + chance.poisson(p("more_payments"))):
        payee = stranger(stage, person)
        if payee is None:
            return
        amount = at_most(stage, person, asked(chance.lognormal(p("sum_kzt"), 1.1)))
        if not amount:
            return
        yield stage.pay(
            person.account, payee.account, amount, by=person, remote_access=True, role="with help"
        )
        yield stage.wait(minutes=1 + chance.exponential(10))
