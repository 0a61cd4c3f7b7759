"""The society's tables, and how they grow."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from arasha.country.society import (
    NO_BANK,
    NONE,
    AccountKind,
    Businesses,
    BusinessKind,
    NumberKind,
    People,
    Society,
    make_room,
)
from country_people import parameters, society

FORBIDDEN = (
    "ethnic", "nation", "religio", "faith", "language", "politic", "party", "health", "ill",
    "disab", "birth", "place", "city", "region", "address", "street", "gender", "sex", "face",
    "name",
)  # fmt: skip


def test_no_column_holds_what_must_not_be_known() -> None:
    """Of a person the country keeps nothing about origin, belief, health or place."""
    kept = [f.name for table in (People, Businesses, Society) for f in fields(table)]
    assert [] == [name for name in kept for word in FORBIDDEN if word in name]


def test_what_is_opened_has_its_own_row() -> None:
    """New accounts, numbers and devices come behind all others and are found again."""
    own = Society.make(5, 200, parameters())
    before = len(own.accounts), len(own.numbers), len(own.devices)
    account = own.open_account(7, 2, 1_000)
    crypto = own.open_account(NONE, 1, 1_000, AccountKind.CRYPTO, balance=500)
    number = own.new_number(7, 1, 2_000)
    abroad = own.new_number(NONE, NO_BANK, 2_000, NumberKind.ABROAD)
    device = own.new_device(7)
    assert before == (account, number, device)
    assert (account + 1, number + 1) == (crypto, abroad)
    assert (7, 2, 7) == (own.person_of_account(account), own.accounts.bank[account],
                         own.person_of_number(number))  # fmt: skip
    assert own.people.number[7] == own.accounts.number[account]
    assert (NONE, NONE) == (own.person_of_account(crypto), own.person_of_number(abroad))
    assert 500 == own.accounts.balance[crypto]


def test_a_table_grows_beyond_its_room() -> None:
    """Rows are kept when the columns have to be made longer."""
    own = Society.make(5, 200, parameters())
    bank = own.accounts.bank[: len(own.accounts)].copy()
    rows = 3 * len(own.accounts.bank)
    first = make_room(own.accounts, rows)
    assert len(bank) == first
    assert first + rows == len(own.accounts)
    assert len(own.accounts.bank) >= len(own.accounts)
    assert bank.tolist() == own.accounts.bank[:first].tolist()


def test_businesses_of_a_kind_stand_together() -> None:
    """Every business is in the range of its kind; each bank has one of its own, at itself."""
    some = society().businesses
    assert len(some) == sum(len(some.of(kind)) for kind in BusinessKind)
    assert all((some.kind[list(some.of(kind))] == kind).all() for kind in BusinessKind)
    banks = society().accounts.bank[some.account[list(some.of(BusinessKind.BANK))]]
    assert list(range(society().banks)) == banks.tolist()


def test_contacts_are_mutual() -> None:
    """Who knows somebody is known by them; nobody is their own contact or listed twice."""
    people = society().people
    owner = np.repeat(np.arange(len(people)), np.diff(people.contact_start))
    pairs = set(zip(owner.tolist(), people.contacts.tolist(), strict=True))
    assert len(people.contacts) == len(pairs)
    assert all((other, one) in pairs and one != other for one, other in pairs)
    one, other = next(iter(pairs))
    assert society().know_each_other(one, other)
    assert not society().know_each_other(one, one)
