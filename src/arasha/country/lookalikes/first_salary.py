"""A student's first job: a new account, money from strangers, spent within days.

Looks like: a student's mule account, opened lately, that receives from new payers and passes on.
Source: assumed.
"""

from __future__ import annotations

from arasha.country.plots import account_of, asked, stranger
from arasha.country.script import DAYTIME, Lookalike, Script, Stage
from arasha.country.society import BusinessKind, Status

LOOKALIKE = Lookalike("first_salary", DAYTIME)


def play(stage: Stage) -> Script:
    """An account is opened, wages come from a firm or from people; friends and shops get them."""
    p, chance = stage.parameter, stage.chance
    status = stage.society.people.status
    student = stage.person(fits=lambda one: status[one.index] == Status.STUDENT)
    if student is None:
        return
    opened = yield stage.open_account(student, chance.below(stage.society.banks))
    yield stage.wait(days=1 + chance.exponential(p("pause_days")))
    for _ in range(1 + chance.poisson(p("more_wages"))):
        wage = asked(chance.lognormal(p("wage_kzt"), 0.7))
        patron = stranger(stage, student)
        private = chance.happens(p("private_share"))
        if private and patron is not None and stage.balance(patron) >= wage:
            paid = yield stage.pay(patron.account, opened.account, wage, by=patron, role="wage")
        else:
            firm = account_of(stage, BusinessKind.EMPLOYER)
            paid = yield stage.pay(
                firm, opened.account, wage, channel="api", purpose="SALA", role="wage"
            )
        yield stage.wait(hours=1 + chance.exponential(30))
        friend = stage.contact(student) if chance.happens(0.6) else stranger(stage, student)
        if paid.moved and friend is not None:
            share = int(wage * (0.3 + 0.6 * chance.uniform())) // 100_000 * 100_000
            yield stage.pay(
                opened.account, friend.account, max(share, 100_000), by=student, role="spent"
            )
        yield stage.wait(days=chance.exponential(5))
