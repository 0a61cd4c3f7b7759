"""A loan in the victim's name, then a transfer.

The victim is talked into a loan "to use up the limit before the thieves do", or thieves with a code
take it; the money goes on to a mule. Sources: police of Mangistau, October 2025 (most cases are
loans); a young woman borrowed 7 million KZT in a day and paid an "insurance agent" (press, 2025);
loans above 150 monthly units (589,800 KZT) are paid out after 24 hours in Kazakhstan since 2025.
"""

from __future__ import annotations

from arasha.country.plots import asked, borrow, take, talked_into
from arasha.country.script import OFFICE_HOURS, Script, Stage, Story

STORY = Story("loan_in_name", "loan", OFFICE_HOURS)


def play(stage: Stage) -> Script:
    """A talk, one or two loans, and most of them goes on; large ones a day later."""
    p, chance = stage.parameter, stage.chance
    victim = stage.victim(careless=True)
    if victim is None:
        return
    ring = stage.ring()
    yield from talked_into(
        stage, ring, victim, minutes=chance.lognormal(p("talk_minutes"), 0.6),
        messenger_share=p("messenger_share"),
    )  # fmt: skip
    yield stage.wait(minutes=5 + chance.exponential(p("persuasion_minutes")))
    by_thief = chance.happens(p("thief_share"))
    device = ring.device(stage) if by_thief else victim.device
    if by_thief:
        yield stage.takeover(victim, device)
    for _ in range(1 + chance.poisson(p("more_loans"))):
        loan = asked(chance.lognormal(p("loan_kzt"), p("loan_spread")))
        if loan > asked(p("cooling_above_kzt")):
            yield stage.wait(hours=24 + chance.exponential(6))
        lent = yield from borrow(stage, victim, loan)
        if not lent.moved:
            return
        yield stage.wait(minutes=1 + chance.exponential(p("pause_minutes")))
        wanted = int(loan * (1.0 - 0.4 * chance.uniform() * chance.uniform())) // 100_000 * 100_000
        parts = 1 + chance.poisson(p("more_parts"))
        yield from take(stage, ring, victim, max(wanted, 100_000), parts=parts, device=device)
