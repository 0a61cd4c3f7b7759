"""A digit mistyped: money goes to a stranger, is asked for, and comes back, or is reported.

Looks like: the wrong payment of those who abuse the recall; its reports are false alarms about an
honest account. Source: assumed; mistaken transfers are the second ground of Pix returns (press).
"""

from __future__ import annotations

from arasha.country.plots import asked, stranger
from arasha.country.script import DAYTIME, Lookalike, Script, Stage

LOOKALIKE = Lookalike("wrong_transfer", DAYTIME)


def play(stage: Stage) -> Script:
    """The payment, a call, the money back; or a report to the bank."""
    p, chance = stage.parameter, stage.chance
    amount = asked(chance.lognormal(p("sum_kzt"), 1.0))
    payer = stage.person(min_balance=amount)
    payee = None if payer is None else stranger(stage, payer)
    if payer is None or payee is None:
        return
    paid = yield stage.pay(payer.account, payee.account, amount, by=payer, role="mistyped")
    if not paid.moved:
        return
    yield stage.wait(minutes=1 + chance.exponential(p("pause_minutes")))
    yield stage.call(payer.number, payee.number, minutes=1 + chance.exponential(3))
    yield stage.wait(minutes=1 + chance.exponential(p("pause_minutes")))
    if chance.happens(p("comes_back_share")):
        yield stage.pay(payee.account, payer.account, amount, by=payee, role="given back")
    else:
        yield stage.report(paid, attested=chance.happens(p("believed_share")))
