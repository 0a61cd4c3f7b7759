"""A car bought from a stranger: calls, a deposit broken or a loan, a large first payment.

The seller's account may be young, the limit is raised, the sum goes in parts, and the seller spends
it soon. Looks like: safe account, loan, pass-through. Source: assumed; prices are those of used
cars in Kazakhstan.
"""

from __future__ import annotations

from arasha.country.plots import afford, asked, parts_of, reach, stranger
from arasha.country.script import DAYTIME, Lookalike, Script, Stage

LOOKALIKE = Lookalike("car_purchase", DAYTIME)


def play(stage: Stage) -> Script:
    """Two talks, the money is found, the price is paid; the seller pays it on."""
    p, chance = stage.parameter, stage.chance
    buyer = stage.person(min_balance=asked(p("least_balance_kzt")))
    seller = None if buyer is None else stranger(stage, buyer)
    if buyer is None or seller is None:
        return
    account = seller.account
    if chance.happens(p("young_account_share")):
        opened = yield stage.open_account(seller)
        account = opened.account
    yield from reach(stage, buyer.number, seller.number, minutes=2 + chance.exponential(5))
    yield stage.wait(hours=1 + chance.exponential(20))
    price = asked(chance.lognormal(p("price_kzt"), p("price_spread")))
    yield from afford(
        stage, buyer, price, savings_share=p("savings_share"), loan_share=p("loan_share")
    )
    if chance.happens(p("limit_share")):
        yield stage.account_change(buyer.account, "limit_raised")
    if chance.happens(p("on_call_share")):
        yield stage.call(seller.number, buyer.number, minutes=5 + chance.exponential(15))
        yield stage.wait(minutes=2 + chance.exponential(4))
    for part in parts_of(stage, price, 1 + chance.poisson(p("more_parts"))):
        paid = yield stage.pay(buyer.account, account, part, by=buyer, role="price")
        if not paid.moved:
            return
        yield stage.wait(minutes=0.5 + chance.exponential(4))
    next_one = stranger(stage, seller)
    if next_one is not None and chance.happens(p("spent_at_once_share")):
        yield stage.wait(hours=chance.exponential(8))
        onward = int(price * (0.6 + 0.4 * chance.uniform())) // 100_000 * 100_000
        yield stage.pay(account, next_one.account, onward, by=seller, role="onward")
