"""Something used is bought from a private seller, paid before it comes.

Looks like: marketplace advance, from which only the ending differs. Source: assumed.
"""

from __future__ import annotations

from arasha.country.plots import asked, reach, stranger
from arasha.country.script import EVENING, Lookalike, Script, Stage

LOOKALIKE = Lookalike("private_purchase", EVENING)


def play(stage: Stage) -> Script:
    """Perhaps a call by the buyer, the price, perhaps the delivery."""
    p, chance = stage.parameter, stage.chance
    price = asked(chance.lognormal(p("price_kzt"), p("price_spread")))
    buyer = stage.person(min_balance=price)
    seller = None if buyer is None else stranger(stage, buyer)
    if buyer is None or seller is None:
        return
    if chance.happens(p("call_share")):
        minutes = chance.lognormal(p("talk_minutes"), 0.7)
        yield from reach(stage, buyer.number, seller.number, minutes=minutes, in_vain=0.4)
        yield stage.wait(minutes=chance.exponential(p("pause_minutes")))
    paid = yield stage.pay(buyer.account, seller.account, price, by=buyer, role="price")
    if paid.moved and chance.happens(p("delivery_share")):
        yield stage.wait(hours=chance.exponential(9))
        delivery = asked(price / 100 * 0.1 * (0.5 + chance.uniform()))
        yield stage.pay(buyer.account, seller.account, delivery, by=buyer, role="delivery")
