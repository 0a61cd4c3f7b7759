"""Somebody buys and sells coins from person to person: growing sums, strangers, profits back.

Looks like: an investment platform as a payer, a mule as a payee. Source: assumed; trading from
person to person is common where exchanges are few (press).
"""

from __future__ import annotations

from arasha.country.plots import account_of, afford, asked, at_most, stranger
from arasha.country.script import EVENING, Lookalike, Script, Stage
from arasha.country.society import BusinessKind

LOOKALIKE = Lookalike("coin_trader", EVENING)


def play(stage: Stage) -> Script:
    """Stakes to strangers or an exchange, some of them growing, and sales to strangers."""
    p, chance = stage.parameter, stage.chance
    stake = chance.lognormal(p("first_stake_kzt"), 0.8)
    trader = stage.person(min_balance=asked(stake))
    if trader is None:
        return
    for _ in range(2 + chance.poisson(p("more_stakes"))):
        other = stranger(stage, trader)
        if other is None:
            return
        if chance.happens(p("sale_share")):
            price = at_most(stage, other, asked(stake))
            if price:
                yield stage.pay(other.account, trader.account, price, by=other, role="sale")
        else:
            yield from afford(
                stage, trader, asked(stake), savings_share=p("savings_share"),
                loan_share=p("loan_share"),
            )  # fmt: skip
            exchange = account_of(stage, BusinessKind.CRYPTO)
            account = exchange if chance.happens(p("exchange_share")) else other.account
            yield stage.pay(trader.account, account, asked(stake), by=trader, role="stake")
        stake *= chance.lognormal(p("growth"), 0.5)
        yield stage.wait(days=chance.exponential(p("pause_days")))
