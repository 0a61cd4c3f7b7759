"""Money to a hospital, a doctor or a nurse at night.

A call from a number never seen, fear, a large payment to somebody new within the hour. Looks like:
relative in trouble. Source: assumed.
"""

from __future__ import annotations

from arasha.country.plots import afford, asked, at_most, business, stranger
from arasha.country.script import NIGHT, Lookalike, Script, Stage
from arasha.country.society import BusinessKind

LOOKALIKE = Lookalike("hospital_at_night", NIGHT)


def play(stage: Stage) -> Script:
    """The clinic calls, relatives call, somebody is paid."""
    p, chance = stage.parameter, stage.chance
    bill = asked(chance.lognormal(p("bill_kzt"), p("bill_spread")))
    payer = stage.person(min_balance=bill // 4)
    doctor = None if payer is None else stranger(stage, payer)
    if payer is None or doctor is None:
        return
    clinic = business(stage, BusinessKind.CLINIC)
    businesses = stage.society.businesses
    caller = int(businesses.number[clinic]) if chance.happens(0.5) else doctor.number
    yield stage.call(caller, payer.number, minutes=2 + chance.exponential(p("talk_minutes")))
    yield stage.wait(minutes=2 + chance.exponential(p("pause_minutes")))
    yield from afford(stage, payer, bill, savings_share=p("savings_share"))
    amount = at_most(stage, payer, bill)
    if not amount:
        return
    private = chance.happens(p("private_share"))
    account = doctor.account if private else int(businesses.account[clinic])
    yield stage.pay(
        payer.account, account, amount, by=payer,
        purpose="HSPC" if not private else "", role="bill",
    )  # fmt: skip
