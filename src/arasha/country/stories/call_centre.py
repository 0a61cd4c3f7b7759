"""A SIM box: a box of SIMs calls hundreds of strangers a day; a few of them pay.

Numbers activated one after another in one device, calls that come from elsewhere and look domestic,
few of them taken, hardly any coming back. Sources: Murynets et al., "Analysis and detection of
SIMbox fraud in mobility networks", INFOCOM 2014 (static, far more outgoing calls than others make);
88 boxes seized in Kazakhstan (FIELD). Calls a day and who pays: assumed.
"""

from __future__ import annotations

from functools import partial

from arasha.country.plots import asked, at_most, take
from arasha.country.script import OFFICE_HOURS, Person, Script, Stage, Story
from arasha.country.underworld import Ring

STORY = Story("call_centre", "other", OFFICE_HOURS)


def play(stage: Stage) -> Script:
    """Some days of calls; each day a few victims, each a play of its own."""
    p, chance, ring = stage.parameter, stage.chance, stage.ring()
    box, numbers = stage.new_device(), []
    for _ in range(chance.between(4, 12)):
        numbers.append(stage.new_number())
        yield stage.sim_change(numbers[-1], "activated", box)
        yield stage.wait(minutes=chance.exponential(3))
    for _ in range(chance.between(1, 3)):
        for _ in range(chance.between(2, 5)):
            called = [stage.person() for _ in range(chance.poisson(p("calls_a_spell")))]
            yield stage.calls(
                numbers, [one.number for one in called if one is not None], every_seconds=40,
                answered_share=p("answered_share"), minutes=0.8, device=box,
            )  # fmt: skip
            if chance.happens(p("victim_a_spell")):
                victim = stage.victim(min_balance=asked(p("least_balance_kzt")), careless=True)
                if victim is not None:
                    number = chance.choose(numbers)
                    stage.spawn(partial(_talked_over, ring=ring, victim=victim, number=number))
            yield stage.wait(hours=0.5 + chance.exponential(1.0))
        yield stage.until(9.5 + chance.uniform())


def _talked_over(stage: Stage, ring: Ring, victim: Person, number: int) -> Script:
    """One of those called listens for longer, and pays what is asked."""
    p, chance = stage.parameter, stage.chance
    yield stage.wait(minutes=chance.exponential(30))
    yield stage.call(number, victim.number, minutes=chance.lognormal(p("talk_minutes"), 0.6))
    yield stage.wait(minutes=3 + chance.exponential(10))
    wanted = at_most(stage, victim, asked(chance.lognormal(p("asked_kzt"), 1.0)))
    yield from take(stage, ring, victim, wanted, parts=1 + chance.poisson(p("more_parts")))
