"""A new phone and a new number at once, and everything must be set up and paid anew.

Looks like: SIM swap and takeover: a changed SIM, a new device, a new password, a payment to a
stranger within hours. Source: assumed.
"""

from __future__ import annotations

from arasha.country.plots import asked, at_most, parts_of, stranger
from arasha.country.script import DAYTIME, Lookalike, Script, Stage

LOOKALIKE = Lookalike("new_phone_and_number", DAYTIME)


def play(stage: Stage) -> Script:
    """SIM, device, password; then purchases and transfers from the new phone."""
    p, chance = stage.parameter, stage.chance
    person = stage.person()
    if person is None:
        return
    device, number = stage.new_device(), person.number
    if chance.happens(p("new_number_share")):
        number = stage.new_number()
        yield stage.sim_change(number, "activated", device)
        yield stage.account_change(person.account, "number_changed", number=number)
    else:
        change = "ported_in" if chance.happens(0.3) else "swapped"
        yield stage.sim_change(number, change, device)
    yield stage.wait(minutes=10 + chance.lognormal(p("pause_minutes"), 1.2))
    if chance.happens(p("reset_share")):
        yield stage.account_change(person.account, "credentials_reset", device=device)
    yield stage.account_change(person.account, "device_added", number=number, device=device)
    for _ in range(1 + chance.poisson(p("more_payments"))):
        yield stage.wait(minutes=2 + chance.exponential(p("pause_minutes")))
        payee = stranger(stage, person) if chance.happens(p("stranger_share")) else None
        payee = payee or stage.contact(person)
        amount = at_most(stage, person, asked(chance.lognormal(p("sum_kzt"), 1.1)))
        if payee is None or not amount:
            continue
        for part in parts_of(stage, amount, 1 + chance.poisson(0.3)):
            yield stage.pay(
                person.account, payee.account, part, by=person, device=device, number=number,
                role="from the new phone",
            )  # fmt: skip
