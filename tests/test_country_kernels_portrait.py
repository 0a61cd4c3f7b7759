"""Which group a payment is of."""

from __future__ import annotations

import pytest

from arasha.country.kernels_portrait import group_of
from arasha.country.portrait import GROUPS
from arasha.country.society import AccountKind
from arasha.events.schema import CHANNELS

PERSON, BUSINESS, ABROAD = AccountKind.PERSON, AccountKind.BUSINESS, AccountKind.ABROAD


@pytest.mark.parametrize(
    ("channel", "payer", "payee", "group"),
    [
        ("pos", PERSON, BUSINESS, "purchases"),
        ("card", PERSON, BUSINESS, "purchases"),
        ("mobile", PERSON, PERSON, "transfers between people"),
        ("web", PERSON, ABROAD, "transfers between people"),
        ("mobile", PERSON, BUSINESS, "bills, fees, gifts to charities"),
        ("atm", PERSON, AccountKind.ATM, "cash machines"),
        ("api", BUSINESS, PERSON, "pay, pensions, loans"),
        ("web", BUSINESS, BUSINESS, "pay, pensions, loans"),
    ],
)
def test_groups(channel: str, payer: AccountKind, payee: AccountKind, group: str) -> None:
    """By channel and by whose the accounts are."""
    assert group == GROUPS[group_of(CHANNELS.index(channel), payer, payee)]
