"""Hundreds give to one private account for an operation, and the money goes on whole.

Looks like: a mule with fan-in and pass-through, often on a young account. Source: assumed;
collections on private accounts are common in Kazakhstan (press).
"""

from __future__ import annotations

from arasha.country.plots import TIYN, account_of, asked
from arasha.country.script import EVENING, Lookalike, Script, Stage
from arasha.country.society import BusinessKind

LOOKALIKE = Lookalike("charity_drive", EVENING)


def play(stage: Stage) -> Script:
    """Gifts from strangers for some days; then a clinic, or an account abroad, is paid."""
    p, chance = stage.parameter, stage.chance
    collector = stage.person()
    if collector is None:
        return
    account = collector.account
    if chance.happens(p("young_account_share")):
        opened = yield stage.open_account(collector)
        account = opened.account
    left = chance.poisson(chance.lognormal(p("givers"), 0.8))
    there = 0
    while left > 0:
        several = min(left, 1 + chance.poisson(p("givers_at_once")))
        left -= several
        gifts = []
        for turn in range(several):
            giver = stage.person()
            gift = asked(chance.lognormal(p("gift_kzt"), 1.0))
            if giver is not None and giver.index != collector.index:
                gifts.append(
                    stage.pay(
                        giver.account, account, gift, by=giver, purpose="CHAR", role="gift",
                        after_seconds=turn * 90 * chance.uniform(),
                    )
                )  # fmt: skip
        if gifts:
            answer = yield stage.burst(*gifts)
            there += sum(paid.amount for paid in answer.parts if paid.moved)
        yield stage.wait(minutes=5 + chance.exponential(p("pause_minutes")))
    yield stage.wait(hours=chance.exponential(10))
    if there > 100_000 * TIYN and chance.happens(p("abroad_share")):
        accounts = stage.society.abroad_accounts
        target = int(accounts[chance.below(len(accounts))])
    else:
        target = account_of(stage, BusinessKind.CLINIC)
    if there:
        yield stage.pay(account, target, int(there * 0.98), by=collector, role="onward")
