"""A class collects for a gift: parents who hardly know the collector, nearly equal sums, one day.

Looks like: fan-in on a private account, then nothing is kept. Source: assumed.
"""

from __future__ import annotations

from arasha.country.plots import account_of, asked
from arasha.country.script import EVENING, Lookalike, Script, Stage
from arasha.country.society import BusinessKind

LOOKALIKE = Lookalike("class_gift", EVENING)


def play(stage: Stage) -> Script:
    """A dozen or two payments, then a shop is paid."""
    p, chance = stage.parameter, stage.chance
    collector = stage.person()
    if collector is None:
        return
    share, there = asked(chance.lognormal(p("share_kzt"), 0.5)), 0
    for _ in range(6 + chance.poisson(p("parents"))):
        parent = stage.person(min_balance=share)
        if parent is None or parent.index == collector.index:
            continue
        paid = yield stage.pay(
            parent.account, collector.account, share, by=parent, purpose="GIFT", role="gift"
        )
        there += share * paid.moved
        yield stage.wait(minutes=1 + chance.exponential(p("pause_minutes")))
    yield stage.wait(hours=1 + chance.exponential(20))
    if there:
        shop = account_of(stage, BusinessKind.ONLINE)
        yield stage.pay(collector.account, shop, int(there * 0.95), by=collector, role="onward")
