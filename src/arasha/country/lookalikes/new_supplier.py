"""A firm pays a supplier for the first time, or on a new account, or a craftsman's private one.

Looks like: an invoice redirected. Source: assumed.
"""

from __future__ import annotations

from arasha.country.plots import asked, business
from arasha.country.script import OFFICE_HOURS, Lookalike, Script, Stage
from arasha.country.society import BusinessKind

LOOKALIKE = Lookalike("new_supplier", OFFICE_HOURS)


def play(stage: Stage) -> Script:
    """An invoice, sometimes the next ones."""
    p, chance = stage.parameter, stage.chance
    firm = business(stage, BusinessKind.EMPLOYER)
    businesses = stage.society.businesses
    if chance.happens(p("private_share")):
        person = stage.person()
        if person is None:
            return
        account = person.account
        if chance.happens(p("young_account_share")):
            opened = yield stage.open_account(person, chance.below(stage.society.banks))
            account = opened.account
    else:
        account = int(businesses.account[business(stage, BusinessKind.EMPLOYER)])
    if account == businesses.account[firm]:
        return
    for _ in range(1 + chance.poisson(p("more_invoices"))):
        due = asked(chance.lognormal(p("invoice_kzt"), p("invoice_spread")))
        yield stage.pay(
            int(businesses.account[firm]), account, due, channel="api", purpose="SUPP",
            number=int(businesses.number[firm]), role="invoice",
        )  # fmt: skip
        yield stage.wait(days=2 + chance.exponential(p("next_invoice_days")))
        yield stage.until(10 + 7 * chance.uniform())
