"""People who work together give one of them money to send home.

Several payments come in, the whole goes abroad or to a relative's card within the hour. Looks like:
fan-in, pass-through, abroad. Source: assumed.
"""

from __future__ import annotations

from arasha.country.plots import TIYN, asked, stranger
from arasha.country.script import EVENING, Lookalike, Script, Stage

LOOKALIKE = Lookalike("sending_home", EVENING)


def play(stage: Stage) -> Script:
    """Some give, one sends."""
    p, chance = stage.parameter, stage.chance
    sender = stage.person()
    if sender is None:
        return
    there = 0
    for _ in range(1 + chance.poisson(p("givers"))):
        giver = stage.contact(sender) if chance.happens(0.7) else stage.person()
        share = asked(chance.lognormal(p("share_kzt"), 0.7))
        if giver is None or giver.index == sender.index or stage.balance(giver) < share:
            continue
        paid = yield stage.pay(giver.account, sender.account, share, by=giver, role="share")
        there += paid.amount * paid.moved
        yield stage.wait(minutes=1 + chance.exponential(p("pause_minutes")))
    own = stage.part_of_balance(sender, 0.3 * chance.uniform())
    total = there + own
    target = stranger(stage, sender)
    if total < 1_000 * TIYN or target is None:
        return
    accounts = stage.society.abroad_accounts
    abroad = int(accounts[chance.below(len(accounts))])
    account = abroad if chance.happens(p("abroad_share")) else target.account
    yield stage.wait(minutes=2 + chance.exponential(40))
    yield stage.pay(sender.account, account, total, by=sender, role="onward")
