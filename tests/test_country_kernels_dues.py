"""What comes by the month and the year."""

from __future__ import annotations

import numpy as np

from arasha.country.happenings import PURPOSES, Happenings
from arasha.country.society import AccountKind, BusinessKind, Status
from arasha.events.schema import Kind
from country_people import days, society


def of_purpose(happened: tuple[Happenings, ...], purpose: str) -> list[Happenings]:
    """Payments that say a purpose, by day."""
    place = PURPOSES.index(purpose)
    return [one.take((one.kind == Kind.PAYMENT) & (one.purpose == place)) for one in happened]


def test_pensions_come_once_a_month_from_the_state() -> None:
    """Over 31 days nearly every pensioner gets one, from one account."""
    own, happened = days(35)
    paid = of_purpose(happened[:31], "PENS")
    payees = np.concatenate([one.second for one in paid])
    pensioners = own.people.account[own.people.status == Status.PENSIONER]
    assert len(set(payees.tolist())) > 0.95 * len(pensioners)
    assert set(payees.tolist()) <= set(pensioners.tolist())
    payers = {int(payer) for one in paid for payer in one.first}
    assert 1 == len(payers)
    assert own.accounts.kind[payers.pop()] == AccountKind.GOVERNMENT


def test_rent_goes_to_the_landlord_once_a_month() -> None:
    """In January's first ten days or February's each tenant pays the rent that was agreed."""
    own, happened = days(35)
    tenants = np.flatnonzero(own.people.landlord >= 0)
    paid = dict.fromkeys(tenants.tolist(), 0)
    for one in happened[:31]:
        owners = own.accounts.owner[one.first]
        rows = np.flatnonzero((one.kind == Kind.PAYMENT) & (one.second >= 0))
        for row in rows[np.isin(owners[rows], tenants)].tolist():
            tenant = int(owners[row])
            same = one.second[row] == own.people.landlord[tenant]
            if same and one.amount[row] == own.people.rent[tenant]:
                paid[tenant] += 1
    counts = np.array(list(paid.values()))
    assert (counts == 1).mean() > 0.9


def test_allowances_come_weekly_within_the_household() -> None:
    """Who is at home gets the week's money from the one who earns, on the same weekday."""
    own, happened = days(14)
    found = 0
    for person in np.flatnonzero(own.people.status == Status.HOME)[:40].tolist():
        giver = own.people.account[own.people.supporter[person]]
        given = [
            number
            for number, one in enumerate(happened)
            if ((one.first == giver) & (one.second == own.people.account[person])
                & (one.amount == own.people.allowance[person])
                & (one.kind == Kind.PAYMENT)).any()
        ]  # fmt: skip
        found += any(number + 7 in given for number in given)
    assert 40 == found


def test_birthdays_and_weddings_gather_gifts() -> None:
    """Some days somebody is given money by five or more of those who know them."""
    own, happened = days(35)
    gathered = 0
    for one in happened:
        people = (one.kind == Kind.PAYMENT) & (own.accounts.kind[one.first] == AccountKind.PERSON)
        private = people & (own.accounts.kind[one.second] == AccountKind.PERSON)
        payees, counts = np.unique(one.second[private], return_counts=True)
        for payee in payees[counts >= 5].tolist():
            givers = own.accounts.owner[one.first[private & (one.second == payee)]]
            host = int(own.accounts.owner[payee])
            gathered += sum(own.know_each_other(host, int(giver)) for giver in givers) >= 5
    assert gathered > 3


def test_bills_and_fees_go_where_they_belong() -> None:
    """Utility bills to utilities, operators' or not; loans to the person's own bank."""
    own, happened = days(35)
    bills = np.concatenate([one.second for one in of_purpose(happened, "UBIL")])
    kinds = set(own.businesses.kind[own.accounts.owner[bills]].tolist())
    assert {BusinessKind.UTILITY, BusinessKind.TELECOM} == kinds
    repaid = of_purpose(happened, "LOAN")
    for one in repaid:
        to_bank = own.accounts.kind[one.second] == AccountKind.BANK
        banks = own.accounts.bank[one.second[to_bank]]
        assert (banks == own.accounts.bank[one.first[to_bank]]).all()
    assert sum(map(len, repaid)) > 0.6 * int((society().people.loan > 0).sum())
