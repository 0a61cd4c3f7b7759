"""A platform that shows profits: several payments, each larger.

A first stake, a small "profit" paid back, then larger stakes over days to weeks, at the end from
savings and loans, to accounts that change. Sources: police of Pavlodar, 2024 (50,000 KZT at first,
5,000 came back, then up to a million at a time; 90 million in the worst case); 10,226 cases of
10,540 GBP on average in 2023 (UK Finance). Growth and pauses: assumed.
"""

from __future__ import annotations

from arasha.country.plots import afford, asked, take
from arasha.country.script import EVENING, Script, Stage, Story

STORY = Story("investment", "investment", EVENING)


def play(stage: Stage) -> Script:
    """Stakes that grow until nothing is left, trust is lost, or a payment is stopped."""
    p, chance = stage.parameter, stage.chance
    stake = chance.lognormal(p("first_stake_kzt"), 0.7)
    victim = stage.victim(min_balance=asked(stake))
    if victim is None:
        return
    ring = stage.ring()
    for turn in range(2 + chance.poisson(p("more_stakes"))):
        yield from afford(
            stage, victim, asked(stake), savings_share=p("savings_share"),
            loan_share=p("loan_share"),
        )  # fmt: skip
        moved = yield from take(stage, ring, victim, asked(stake))
        if not moved and not ring.adapts:
            return
        if turn == 0 and chance.happens(p("profit_share")):
            yield stage.wait(hours=5 + chance.exponential(30))
            mule = ring.mule(stage, victim.account)
            profit = asked(stake * (0.05 + 0.2 * chance.uniform()))
            yield stage.pay(
                mule.account, victim.account, profit, by=stage.seen(mule.person),
                laundering=True, role="profit",
            )  # fmt: skip
        stake *= chance.lognormal(p("growth"), 0.4)
        yield stage.wait(days=chance.exponential(p("pause_days")))
        if chance.happens(p("doubt_share")):
            return
