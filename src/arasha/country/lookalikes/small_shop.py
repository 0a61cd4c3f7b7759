"""Somebody begins to sell from home, paid on a private account.

Strangers pay all day, the wholesaler is paid in the evening. Looks like: a young mule account with
fan-in that keeps nothing. Source: assumed; mobile transfers to sellers' private accounts are common
in Kazakhstan (press on their taxation).
"""

from __future__ import annotations

from arasha.country.plots import asked, stranger
from arasha.country.script import DAYTIME, Lookalike, Script, Stage

LOOKALIKE = Lookalike("small_shop", DAYTIME)


def play(stage: Stage) -> Script:
    """Some days of customers; each evening most of it goes to a wholesaler."""
    p, chance = stage.parameter, stage.chance
    owner = stage.person()
    wholesaler = None if owner is None else stranger(stage, owner)
    if owner is None or wholesaler is None:
        return
    account = owner.account
    if chance.happens(p("young_account_share")):
        opened = yield stage.open_account(owner, chance.below(stage.society.banks))
        account = opened.account
    for _ in range(2 + chance.poisson(p("days"))):
        taken = 0
        for _ in range(1 + chance.poisson(p("customers_a_day"))):
            price = asked(chance.lognormal(p("price_kzt"), 0.9))
            customer = stage.person(min_balance=price)
            if customer is not None and customer.index != owner.index:
                paid = yield stage.pay(
                    customer.account, account, price, by=customer, role="purchase"
                )
                taken += paid.amount * paid.moved
            yield stage.wait(minutes=3 + chance.exponential(p("pause_minutes")))
        yield stage.until(19 + 3 * chance.uniform())
        if taken:
            onward = int(taken * (0.5 + 0.45 * chance.uniform()))
            yield stage.pay(account, wholesaler.account, onward, by=owner, role="onward")
        yield stage.until(9.5 + 2 * chance.uniform())
