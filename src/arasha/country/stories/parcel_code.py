"""A "courier" or "post office" asks for a code, or for a small fee.

A call of a minute or two like every courier's; the code opens the account to a thief's device, or
the victim pays a fee for a parcel that there is not. Source: police of Mangistau, October 2025
("post office": a parcel or registered letter; "clinic": an appointment). Shares, sums: assumed.
"""

from __future__ import annotations

from arasha.country.plots import asked, at_most, reach, take
from arasha.country.script import DAYTIME, Script, Stage, Story

STORY = Story("parcel_code", "parcel_code", DAYTIME)


def play(stage: Stage) -> Script:
    """A short call; then a fee by the victim's hand, or a device that is not the victim's."""
    p, chance = stage.parameter, stage.chance
    victim = stage.victim(min_balance=asked(p("least_balance_kzt")), careless=True)
    if victim is None:
        return
    ring = stage.ring()
    phone = yield from ring.phone(stage)
    yield from reach(
        stage, phone.number, victim.number, minutes=chance.lognormal(p("talk_minutes"), 0.6),
        route=phone.route, in_vain=0.5,
    )  # fmt: skip
    yield stage.wait(minutes=1 + chance.exponential(p("pause_minutes")))
    if chance.happens(p("fee_share")):
        fee = asked(chance.lognormal(p("fee_kzt"), 0.6))
        yield from take(stage, ring, victim, at_most(stage, victim, fee))
        return
    device = ring.device(stage)
    change = "credentials_reset" if chance.happens(p("reset_share")) else "device_added"
    yield stage.account_change(victim.account, change, device=device)
    yield stage.wait(minutes=1 + chance.exponential(p("pause_minutes")))
    wanted = stage.part_of_balance(victim, chance.lognormal(p("part_of_balance"), 0.7))
    parts = 1 + chance.poisson(p("more_parts"))
    yield from take(stage, ring, victim, wanted, parts=parts, device=device)
