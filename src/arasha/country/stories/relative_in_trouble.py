"""A relative in trouble: a voice that weeps, a "police officer", money at once.

A call of a few minutes, from nowhere, by day or before dawn; the money goes to a mule within the
hour (much of it leaves in notes by courier, which a payment system never sees). Only the call's
metadata exists here, no voice. Sources: regional police of Russia and Belarus, 2023 to 2025 (night
and early morning; hundreds of thousands of roubles); shares and times: assumed.
"""

from __future__ import annotations

from arasha.country.plots import afford, asked, at_most, take, talked_into
from arasha.country.script import Hours, Script, Stage, Story

_HOURS: Hours = (0.6,) * 8 + (1.0,) * 12 + (0.8,) * 4

STORY = Story("relative_in_trouble", "relative_in_trouble", _HOURS)


def play(stage: Stage) -> Script:
    """A call, a hurried payment; often the victim rings the relative too late."""
    p, chance = stage.parameter, stage.chance
    ransom = asked(chance.lognormal(p("ransom_kzt"), p("ransom_spread")))
    victim = stage.victim(min_balance=ransom // 4, careless=True)
    if victim is None:
        return
    ring = stage.ring()
    yield from talked_into(
        stage, ring, victim, minutes=chance.lognormal(p("talk_minutes"), 0.6),
        messenger_share=p("messenger_share"),
    )  # fmt: skip
    yield stage.wait(minutes=3 + chance.exponential(p("pause_minutes")))
    yield from afford(stage, victim, ransom, savings_share=p("savings_share"))
    wanted = at_most(stage, victim, ransom)
    yield from take(stage, ring, victim, wanted, parts=1 + chance.poisson(p("more_parts")))
    relative = stage.contact(victim)
    if relative is not None and chance.happens(p("calls_relative_share")):
        yield stage.call(victim.number, relative.number, minutes=1 + chance.exponential(5))
