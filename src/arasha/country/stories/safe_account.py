"""Coached transfer to a "safe account" during a long call.

Callers who pass for the bank's or the police's staff say that money is in danger and stay on the
line, by phone or by messenger, until it has been paid to the account they name; deposits are broken
for it. Sources: the Ministry of the Interior of Kazakhstan, March 2024 (calls from abroad and by
messenger; "insurance" accounts; deposits); a mean loss of 5,634 GBP a case (Santander, press) and
2.0 payments a case of all such frauds (UK Finance, first half of 2025). Minutes: FIELD, calls (over
ten), otherwise assumed.
"""

from __future__ import annotations

from arasha.country.plots import asked, savings, take, talked_into
from arasha.country.script import OFFICE_HOURS, Script, Stage, Story

STORY = Story("safe_account", "safe_account", OFFICE_HOURS)


def play(stage: Stage) -> Script:
    """A long talk, then the balance in one or more parts."""
    p, chance = stage.parameter, stage.chance
    victim = stage.victim(min_balance=asked(p("least_balance_kzt")), careless=True)
    if victim is None:
        return
    ring = stage.ring()
    yield from talked_into(
        stage, ring, victim, minutes=chance.lognormal(p("talk_minutes"), p("talk_spread")),
        messenger_share=p("messenger_share"),
    )  # fmt: skip
    yield stage.wait(minutes=4 + chance.exponential(p("persuasion_minutes")))
    if chance.happens(p("savings_share")):
        yield from savings(stage, victim, asked(chance.lognormal(p("savings_kzt"), 0.9)))
    if chance.happens(p("limit_share")):
        yield stage.account_change(victim.account, "limit_raised")
    wanted = stage.part_of_balance(victim, chance.lognormal(p("part_of_balance"), 0.5))
    yield from take(stage, ring, victim, wanted, parts=1 + chance.poisson(p("more_parts")))
