"""An advance for goods that do not exist.

A cheap phone, a rented flat, tyres: the buyer finds an advertisement, perhaps calls, and pays a
deposit or the whole price to a private account; sometimes a "delivery" is asked for afterwards.
Sources: second commonest in Kostanay, 2025; 156,516 cases of 549 GBP on average in 2023, two
thirds of all (UK Finance, Annual Fraud Report 2024). Prices in KZT: assumed.
"""

from __future__ import annotations

from arasha.country.plots import asked, reach, take
from arasha.country.script import EVENING, Script, Stage, Story

STORY = Story("marketplace", "marketplace", EVENING)


def play(stage: Stage) -> Script:
    """Perhaps a short call by the buyer, one payment, perhaps a second one."""
    p, chance = stage.parameter, stage.chance
    price = asked(chance.lognormal(p("price_kzt"), p("price_spread")))
    victim = stage.victim(min_balance=price)
    if victim is None:
        return
    ring = stage.ring()
    if chance.happens(p("call_share")):
        phone = yield from ring.phone(stage)
        minutes = chance.lognormal(p("talk_minutes"), 0.7)
        yield from reach(stage, victim.number, phone.number, minutes=minutes, in_vain=0.4)
        yield stage.wait(minutes=chance.exponential(p("pause_minutes")))
    moved = yield from take(stage, ring, victim, price)
    if moved and chance.happens(p("delivery_share")):
        yield stage.wait(hours=chance.exponential(9))
        yield from take(stage, ring, victim, asked(price / 100 * 0.15 * (0.5 + chance.uniform())))
