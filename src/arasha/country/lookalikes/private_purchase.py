"""Something is bought from a private seller, known or busy, and paid before it comes.

Looks like: marketplace advance, from which only the ending differs; some buyers quarrel and report
an honest seller, who goes on selling. Source: assumed.
"""

from __future__ import annotations

from arasha.country.plots import asked, reach, stranger
from arasha.country.script import EVENING, Lookalike, Person, Script, Stage

LOOKALIKE = Lookalike("private_purchase", EVENING)


def play(stage: Stage) -> Script:
    """Perhaps a call by the buyer, the price, perhaps the delivery."""
    p, chance = stage.parameter, stage.chance
    price = asked(chance.lognormal(p("price_kzt"), p("price_spread")))
    buyer = stage.person(min_balance=price)
    seller = None if buyer is None else _seller(stage, buyer)
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
    if paid.moved and chance.happens(p("quarrel_share")):
        yield stage.wait(hours=2 + chance.exponential(p("quarrel_hours")))
        believed = chance.happens(p("believed_share"))
        yield stage.report(paid, typology="marketplace", attested=believed)


def _seller(stage: Stage, buyer: Person) -> Person | None:
    """Somebody who sells often, or a stranger who sells this once."""
    sellers = stage.society.sellers
    if len(sellers) == 0 or not stage.chance.happens(stage.parameter("busy_seller_share")):
        return stranger(stage, buyer)
    spot = stage.chance.uniform() * stage.chance.uniform()
    seller = stage.seen(int(sellers[int(spot * len(sellers))]))
    return seller if seller.index != buyer.index else None
