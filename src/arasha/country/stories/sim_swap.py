"""The victim's number is moved to a thief's SIM, then the account is taken over.

At a dealer's counter or by moving to another operator; codes by message now reach the thief, who
sets a new password and pays within minutes to hours, often before the phone's silence is noticed.
Sources: complaints to the FBI's centre (982 in 2024, 26 million USD; 2,026 in 2023): rare and
large; Russia's sign of a number changed within 48 hours (FIELD). Times, parts: assumed.
"""

from __future__ import annotations

from arasha.country.plots import asked, take
from arasha.country.script import EVENING, Script, Stage, Story

STORY = Story("sim_swap", "sim_swap", EVENING)


def play(stage: Stage) -> Script:
    """A swap, a new password, then payments from the thief's device."""
    p, chance = stage.parameter, stage.chance
    victim = stage.victim(min_balance=asked(p("least_balance_kzt")))
    if victim is None:
        return
    ring = stage.ring()
    device = ring.device(stage)
    change = "ported_in" if chance.happens(p("ported_share")) else "swapped"
    yield stage.sim_change(victim.number, change, device)
    yield stage.wait(minutes=5 + chance.lognormal(p("pause_minutes"), 1.2))
    if chance.happens(p("reset_share")):
        yield stage.account_change(victim.account, "credentials_reset", device=device)
    if chance.happens(p("device_added_share")):
        yield stage.takeover(victim, device)
    yield stage.wait(minutes=1 + chance.exponential(20))
    wanted = stage.part_of_balance(victim, chance.lognormal(p("part_of_balance"), 0.6))
    parts = 1 + chance.poisson(p("more_parts"))
    yield from take(stage, ring, victim, wanted, parts=parts, device=device)
