"""A remote-access app is installed "for protection", and thieves pay from the victim's own phone.

The device is known, the number is known; only the bank's app may see that somebody else steers.
Sources: the Ministry of the Interior of Kazakhstan, March 2024; police of Bengaluru, 2019 (15,000
to 200,000 INR a case); press on loans taken in the same hour. Talk, parts: assumed.
"""

from __future__ import annotations

from arasha.country.plots import asked, borrow, take, talked_into
from arasha.country.script import OFFICE_HOURS, Script, Stage, Story

STORY = Story("remote_access", "remote_access", OFFICE_HOURS)


def play(stage: Stage) -> Script:
    """A talk, an app, payments in parts; now and then a loan first."""
    p, chance = stage.parameter, stage.chance
    victim = stage.victim(min_balance=asked(p("least_balance_kzt")), careless=True)
    if victim is None:
        return
    ring = stage.ring()
    yield from talked_into(
        stage, ring, victim, minutes=chance.lognormal(p("talk_minutes"), 0.6),
        messenger_share=p("messenger_share"),
    )  # fmt: skip
    yield stage.wait(minutes=6 + chance.exponential(p("pause_minutes")))
    if chance.happens(p("loan_share")):
        yield from borrow(stage, victim, asked(chance.lognormal(p("loan_kzt"), 0.7)))
    wanted = stage.part_of_balance(victim, chance.lognormal(p("part_of_balance"), 0.6))
    yield from take(
        stage, ring, victim, wanted, parts=1 + chance.poisson(p("more_parts")),
        remote_access=chance.happens(p("steered_share")),
    )  # fmt: skip
