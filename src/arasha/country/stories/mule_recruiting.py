"""A student, or somebody short of money, is paid for an account.

The account is one that has been in use, or is opened for it at another bank and left alone for some
days; the ring adds its device, or the owner pays as told. A fee comes first. Sources: Prosecutor
General of Kazakhstan, July 2025 (over 6,000 mules known); press on students and on accounts left
dormant before use; prices 5,000 to 40,000 RUB (Bank of Russia, 2024). Shares: assumed.
"""

from __future__ import annotations

from arasha.country.plots import asked
from arasha.country.script import EVENING, Script, Stage, Story

STORY = Story("mule_recruiting", "mule", EVENING)


def play(stage: Stage) -> Script:
    """A talk, an account, a fee; the ring uses it from some days later on."""
    p, chance, ring = stage.parameter, stage.chance, stage.ring()
    index, account = ring.world.somebody(chance)
    person = stage.seen(index)
    if chance.happens(p("call_share")):
        phone = yield from ring.phone(stage)
        yield stage.call(phone.number, person.number, minutes=2 + chance.exponential(6))
        yield stage.wait(hours=chance.exponential(20))
    if chance.happens(p("opened_share")):
        opened = yield stage.open_account(person, chance.below(stage.society.banks))
        account = opened.account
    mule = ring.own(stage, index, account, in_days=chance.exponential(p("dormant_days")))
    if mule.device >= 0:
        yield stage.account_change(account, "device_added", device=mule.device)
    payer = ring.mule(stage, account)
    fee = asked(chance.lognormal(p("fee_kzt"), 0.5))
    if stage.balance(payer.account) > fee:
        yield stage.pay(
            payer.account, account, fee, by=stage.seen(payer.person), device=payer.device,
            laundering=True, role="fee",
        )  # fmt: skip
