"""A code told by phone, and the account is taken over.

A short talk in which the victim reads out a code; a thief's device is added or the password is set
anew, and the thief pays, at once or when the victim sleeps. Source: police of Kostanay, 2025 (the
commonest kind: over 300 of 981 cases, "bank staff" who ask for a code); losses are 2.3 million KZT
a case over all kinds there. Times and parts: assumed.
"""

from __future__ import annotations

from arasha.country.plots import asked, take, talked_into
from arasha.country.script import DAYTIME, Script, Stage, Story

STORY = Story("code_by_phone", "account_takeover", DAYTIME)


def play(stage: Stage) -> Script:
    """A short talk, a new device, and the account is emptied from it, or from the victim's own."""
    p, chance = stage.parameter, stage.chance
    victim = stage.victim(min_balance=asked(p("least_balance_kzt")), careless=True)
    if victim is None:
        return
    ring = stage.ring()
    yield from talked_into(
        stage, ring, victim, minutes=chance.lognormal(p("talk_minutes"), 0.6),
        messenger_share=p("messenger_share"),
    )  # fmt: skip
    yield stage.wait(minutes=1 + chance.exponential(3))
    device = ring.device(stage)
    if chance.happens(p("reset_share")):
        yield stage.account_change(victim.account, "credentials_reset", device=device)
    yield stage.takeover(victim, device)
    if chance.happens(p("waits_for_night_share")):
        yield stage.until(1 + 4 * chance.uniform())
    else:
        yield stage.wait(minutes=1 + chance.exponential(p("pause_minutes")))
    wanted = stage.part_of_balance(victim, chance.lognormal(p("part_of_balance"), 0.6))
    parts = 1 + chance.poisson(p("more_parts"))
    yield from take(stage, ring, victim, wanted, parts=parts, device=device)
