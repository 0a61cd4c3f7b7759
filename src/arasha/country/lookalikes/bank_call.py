"""A long, real call with one's bank, and a payment to somebody new meanwhile or after it.

A loan is talked over, a deposit moved, an unknown transfer explained. Looks like: safe account, to
the minute. Source: assumed; hard negatives of FIELD (real banks' call centres).
"""

from __future__ import annotations

from arasha.country.plots import asked, borrow, business, reach, savings, stranger
from arasha.country.script import OFFICE_HOURS, Lookalike, Script, Stage
from arasha.country.society import BusinessKind

LOOKALIKE = Lookalike("bank_call", OFFICE_HOURS)


def play(stage: Stage) -> Script:
    """The bank (or a shop's or clinic's desk) calls or is called; then a payment."""
    p, chance = stage.parameter, stage.chance
    person = stage.person(min_balance=asked(p("least_balance_kzt")))
    payee = None if person is None else stranger(stage, person)
    if person is None or payee is None:
        return
    kinds = (BusinessKind.BANK, BusinessKind.TELECOM, BusinessKind.CLINIC, BusinessKind.ONLINE)
    kind = kinds[chance.weighted((0.6, 0.15, 0.1, 0.15))]
    desk = int(stage.society.businesses.number[business(stage, kind)])
    minutes = chance.lognormal(p("talk_minutes"), p("talk_spread"))
    if chance.happens(p("private_number_share")):  # a manager's own phone
        desk = payee.number
    if chance.happens(0.4):
        yield stage.call(person.number, desk, minutes=minutes)
    else:
        yield from reach(stage, desk, person.number, minutes=minutes, in_vain=0.8)
    yield stage.wait(minutes=4 + chance.exponential(p("pause_minutes")))
    drawn = chance.uniform()
    if drawn < p("loan_share"):
        yield from borrow(stage, person, asked(chance.lognormal(p("loan_kzt"), 0.7)))
    elif drawn < p("loan_share") + p("savings_share"):
        yield from savings(stage, person, asked(chance.lognormal(p("savings_kzt"), 0.9)))
    amount = stage.part_of_balance(person, chance.lognormal(p("part_of_balance"), 0.8))
    account = payee.account
    if chance.happens(p("own_new_account_share")):
        opened = yield stage.open_account(person, chance.below(stage.society.banks))
        account = opened.account
    yield stage.pay(person.account, account, amount, by=person, role="after the call")
