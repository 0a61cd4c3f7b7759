"""A supplier's invoice with another account on it.

Thieves in a mailbox change the account on a real invoice; the firm pays on the day it is due, with
nothing unusual about the hour, the device or the amount, and learns of it when the supplier asks.
Sources: 34,000 USD typically lost (press, 2020), 127,000 USD on average (FBI's centre, 2022);
found when the supplier reminds. Amounts here are those of small firms: assumed.
"""

from __future__ import annotations

from arasha.country.happenings import NONE
from arasha.country.plots import asked, business
from arasha.country.script import OFFICE_HOURS, Script, Stage, Story
from arasha.country.society import BusinessKind

STORY = Story("invoice_redirected", "invoice", OFFICE_HOURS)


def play(stage: Stage) -> Script:
    """One invoice, sometimes the next one, too."""
    p, chance = stage.parameter, stage.chance
    firm = business(stage, BusinessKind.EMPLOYER)
    account = int(stage.society.businesses.account[firm])
    ring = stage.ring()
    mule = ring.mule(stage)
    for _ in range(1 + chance.poisson(p("more_invoices"))):
        due = asked(chance.lognormal(p("invoice_kzt"), p("invoice_spread")))
        paid = yield stage.pay(
            account, mule.account, due, device=NONE, channel="api", purpose="SUPP", fraud=True,
            number=int(stage.society.businesses.number[firm]), role="stolen",
        )  # fmt: skip
        if not paid.moved:
            return
        stage.launder(ring, paid)
        yield stage.wait(days=2 + chance.exponential(p("next_invoice_days")))
        yield stage.until(10 + 7 * chance.uniform())
