"""A flat: earnest money to a stranger, and days later the price.

Looks like: safe account with savings, a day that outweighs the month. Source: assumed.
"""

from __future__ import annotations

from arasha.country.plots import afford, asked, parts_of, reach, savings, stranger
from arasha.country.script import OFFICE_HOURS, Lookalike, Script, Stage

LOOKALIKE = Lookalike("flat_purchase", OFFICE_HOURS)


def play(stage: Stage) -> Script:
    """Calls, earnest money by phone, then the price, by phone in parts or at a branch."""
    p, chance = stage.parameter, stage.chance
    earnest = asked(chance.lognormal(p("earnest_kzt"), 0.6))
    buyer = stage.person(min_balance=earnest // 4)
    seller = None if buyer is None else stranger(stage, buyer)
    if buyer is None or seller is None:
        return
    yield from reach(stage, buyer.number, seller.number, minutes=4 + chance.exponential(8))
    yield stage.wait(hours=3 + chance.exponential(30))
    yield from afford(stage, buyer, earnest, savings_share=p("savings_share"))
    paid = yield stage.pay(buyer.account, seller.account, earnest, by=buyer, role="earnest")
    if not paid.moved:
        return
    yield stage.wait(days=2 + chance.exponential(8))
    yield stage.until(10 + 6 * chance.uniform())
    price = asked(chance.lognormal(p("price_kzt"), 0.5))
    yield from savings(stage, buyer, price)
    branch = chance.happens(p("branch_share"))
    pieces = 1 if branch else 2 + chance.poisson(2.0)
    if not branch:
        yield stage.account_change(buyer.account, "limit_raised")
    for part in parts_of(stage, price, pieces):
        yield stage.pay(
            buyer.account, seller.account, part, by=buyer, role="price",
            channel="branch" if branch else "mobile",
        )  # fmt: skip
        yield stage.wait(minutes=1 + chance.exponential(6))
