"""A relative truly in trouble: a crash, a tow truck, a lost purse abroad.

A call from a number never seen, by day or night, and money at once to somebody unknown. Looks like:
relative in trouble. Source: assumed.
"""

from __future__ import annotations

from arasha.country.plots import afford, asked, at_most, reach, stranger
from arasha.country.script import ANY_HOUR, Lookalike, Script, Stage

LOOKALIKE = Lookalike("rescue", ANY_HOUR)


def play(stage: Stage) -> Script:
    """A call, a hurried payment, a call with the relative."""
    p, chance = stage.parameter, stage.chance
    amount = asked(chance.lognormal(p("sum_kzt"), p("sum_spread")))
    payer = stage.person(min_balance=amount // 4)
    rescuer = None if payer is None else stranger(stage, payer)
    if payer is None or rescuer is None:
        return
    minutes = chance.lognormal(p("talk_minutes"), 0.7)
    if chance.happens(p("call_share")):
        yield from reach(stage, rescuer.number, payer.number, minutes=minutes, in_vain=0.5)
    yield stage.wait(minutes=2 + chance.exponential(p("pause_minutes")))
    yield from afford(stage, payer, amount, savings_share=p("savings_share"))
    amount = at_most(stage, payer, amount)
    if not amount:
        return
    yield stage.pay(payer.account, rescuer.account, amount, by=payer, role="help")
    relative = stage.contact(payer)
    if relative is not None:
        yield stage.call(payer.number, relative.number, minutes=1 + chance.exponential(6))
