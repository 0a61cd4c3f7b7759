"""A courier's day: dozens of short calls to strangers, and some pay on the courier's own account.

Looks like: a call centre's number, parcel codes, fan-in. Source: assumed; hard negatives of FIELD.
"""

from __future__ import annotations

from arasha.country.plots import asked
from arasha.country.script import Hours, Lookalike, Script, Stage

_MORNING: Hours = (0.0,) * 8 + (1.0,) * 3 + (0.0,) * 13

LOOKALIKE = Lookalike("courier_calls", _MORNING)


def play(stage: Stage) -> Script:
    """Door after door: a call, now and then a transfer for what was brought."""
    p, chance, couriers = stage.parameter, stage.chance, stage.society.couriers
    if not len(couriers):
        return
    courier = stage.seen(int(couriers[chance.below(len(couriers))]))
    number = courier.number
    if chance.happens(p("new_number_share")):
        number = stage.new_number()
        yield stage.sim_change(number, "activated", courier.device)
    for _ in range(10 + chance.poisson(p("doors"))):
        customer = stage.person()
        if customer is None or customer.index == courier.index:
            continue
        answered = chance.happens(p("answered_share"))
        yield stage.call(
            number, customer.number, minutes=0.3 + chance.exponential(0.7), answered=answered
        )
        yield stage.wait(minutes=2 + chance.exponential(p("pause_minutes")))
        price = asked(chance.lognormal(p("price_kzt"), 0.9))
        if answered and chance.happens(p("pays_share")) and stage.balance(customer) > price:
            yield stage.pay(
                customer.account, courier.account, price, by=customer, purpose="GDDS",
                role="delivery",
            )  # fmt: skip
