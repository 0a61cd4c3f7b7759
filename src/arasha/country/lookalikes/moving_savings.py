"""One's own money goes to one's own new account at another bank, for the better rate.

Most of a balance, after a deposit ended, in a few large parts, to an account opened minutes ago.
Looks like: safe account, more than anything else does. Source: assumed.
"""

from __future__ import annotations

from arasha.country.plots import asked, parts_of, savings
from arasha.country.script import DAYTIME, Lookalike, Script, Stage

LOOKALIKE = Lookalike("moving_savings", DAYTIME)


def play(stage: Stage) -> Script:
    """An account is opened, sometimes by phone with its bank, and filled."""
    p, chance = stage.parameter, stage.chance
    person = stage.person(min_balance=asked(p("least_balance_kzt")))
    if person is None:
        return
    opened = yield stage.open_account(person, chance.below(stage.society.banks))
    yield stage.wait(minutes=5 + chance.lognormal(p("pause_minutes"), 1.5))
    if chance.happens(p("savings_share")):
        yield from savings(stage, person, asked(chance.lognormal(p("savings_kzt"), 0.9)))
    if chance.happens(p("limit_share")):
        yield stage.account_change(person.account, "limit_raised")
    total = stage.part_of_balance(person, chance.lognormal(p("part_of_balance"), 0.4))
    for part in parts_of(stage, total, 1 + chance.poisson(p("more_parts"))):
        paid = yield stage.pay(person.account, opened.account, part, by=person, role="own money")
        if not paid.moved:
            return
        yield stage.wait(minutes=0.5 + chance.exponential(5))
