"""A real loan for a repair, a wedding, a course, and most of it goes to a craftsman the same day.

Looks like: a loan in the victim's name. Source: assumed.
"""

from __future__ import annotations

from arasha.country.plots import asked, borrow, parts_of, reach, stranger
from arasha.country.script import DAYTIME, Lookalike, Script, Stage

LOOKALIKE = Lookalike("loan_for_repair", DAYTIME)


def play(stage: Stage) -> Script:
    """A call about the work, a loan, a payment or several."""
    p, chance = stage.parameter, stage.chance
    person = stage.person()
    craftsman = None if person is None else stranger(stage, person)
    if person is None or craftsman is None:
        return
    if chance.happens(p("call_share")):
        minutes = 2 + chance.exponential(p("talk_minutes"))
        yield from reach(stage, craftsman.number, person.number, minutes=minutes, in_vain=0.5)
        yield stage.wait(minutes=5 + chance.exponential(60))
    loan = asked(chance.lognormal(p("loan_kzt"), p("loan_spread")))
    if loan > asked(p("cooling_above_kzt")):
        yield stage.wait(hours=24 + chance.exponential(6))
    lent = yield from borrow(stage, person, loan)
    if not lent.moved:
        return
    yield stage.wait(minutes=3 + chance.lognormal(p("pause_minutes"), 1.3))
    spent = int(loan * (0.4 + 0.6 * chance.uniform())) // 100_000 * 100_000
    for part in parts_of(stage, max(spent, 100_000), 1 + chance.poisson(p("more_parts"))):
        paid = yield stage.pay(person.account, craftsman.account, part, by=person, role="craftsman")
        if not paid.moved:
            return
        yield stage.wait(minutes=1 + chance.exponential(20))
