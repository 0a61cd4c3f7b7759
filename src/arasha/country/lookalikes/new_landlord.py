"""A flat is rented: a month and a deposit to somebody met an hour ago.

Looks like: marketplace advance. Source: assumed.
"""

from __future__ import annotations

from arasha.country.plots import afford, asked, parts_of, reach, stranger
from arasha.country.script import DAYTIME, Lookalike, Script, Stage

LOOKALIKE = Lookalike("new_landlord", DAYTIME)


def play(stage: Stage) -> Script:
    """A call, a first payment, in one or two parts; the rent again a month later."""
    p, chance = stage.parameter, stage.chance
    rent = asked(chance.lognormal(p("rent_kzt"), 0.5))
    tenant = stage.person(min_balance=rent // 2)
    landlord = None if tenant is None else stranger(stage, tenant)
    if tenant is None or landlord is None:
        return
    yield from reach(stage, tenant.number, landlord.number, minutes=1 + chance.exponential(4))
    yield stage.wait(hours=0.3 + chance.exponential(6))
    first = int(rent * (1.0 + chance.uniform())) // 100_000 * 100_000
    yield from afford(stage, tenant, first, savings_share=p("savings_share"))
    for part in parts_of(stage, first, 1 + chance.poisson(0.4)):
        paid = yield stage.pay(
            tenant.account, landlord.account, part, by=tenant, purpose="RENT", role="rent"
        )
        if not paid.moved:
            return
        yield stage.wait(minutes=2 + chance.exponential(60))
    yield stage.wait(days=29)
    yield stage.pay(tenant.account, landlord.account, rent, by=tenant, purpose="RENT", role="rent")
