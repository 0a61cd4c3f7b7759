"""Thieves turn the recall against honest people.

Either a buyer has the goods and reports the payment for them as fraud, or money comes "by mistake",
a caller begs for it back on another account, and then the first payment is recalled as well.
Sources: Febraban's warning and shops of Rua 25 de Março, 2025 (abuse of Pix's special return);
FIELD (Brazil). Shares and sums: assumed.
"""

from __future__ import annotations

from arasha.country.plots import asked, at_most, reach, take
from arasha.country.script import DAYTIME, Script, Stage, Story
from arasha.country.underworld import Ring

STORY = Story("recall_abuse", "other", DAYTIME)


def play(stage: Stage) -> Script:
    """Goods paid for and the payment recalled, or the wrong payment."""
    ring = stage.ring()
    mule = ring.mule(stage)
    wanted = asked(stage.chance.lognormal(stage.parameter("sum_kzt"), 0.8))
    if stage.balance(mule.account) < wanted:
        return
    if stage.chance.happens(stage.parameter("goods_share")):
        yield from _goods(stage, mule.account, mule.person, wanted)
    else:
        yield from _by_mistake(stage, ring, mule.account, mule.person, wanted)


def _goods(stage: Stage, account: int, person: int, price: int) -> Script:
    """A seller on a private account hands over the goods and is then accused."""
    sellers, buyer = stage.society.sellers, stage.seen(person)
    seller = stage.seen(int(sellers[stage.chance.below(len(sellers))]))
    if seller.account == account:
        return
    paid = yield stage.pay(account, seller.account, price, by=buyer, role="goods")
    if paid.moved:
        yield stage.wait(hours=1 + stage.chance.exponential(stage.parameter("report_hours")))
        attested = stage.chance.happens(stage.parameter("believed_share"))
        yield stage.report(paid, typology="marketplace", attested=attested)


def _by_mistake(stage: Stage, ring: Ring, account: int, person: int, wrong: int) -> Script:
    """Somebody gives the "wrong" money back to another account and loses it a second time."""
    p, thief = stage.parameter, stage.seen(person)
    victim = stage.victim(careless=True)
    if victim is None or victim.account == account:
        return
    paid = yield stage.pay(account, victim.account, wrong, by=thief, laundering=True, role="bait")
    if not paid.moved:
        return
    phone = yield from ring.phone(stage)
    minutes = 2 + stage.chance.exponential(4)
    yield from reach(stage, phone.number, victim.number, minutes=minutes, route=phone.route)
    yield stage.wait(minutes=3 + stage.chance.exponential(p("pause_minutes")))
    yield from take(stage, ring, victim, at_most(stage, victim, wrong))
    yield stage.wait(hours=stage.chance.exponential(p("report_hours")))
    yield stage.report(paid, attested=stage.chance.happens(p("believed_share")))
