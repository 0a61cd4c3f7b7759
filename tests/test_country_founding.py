"""Founding a country: who lives in it, what they own, whom they know."""

from __future__ import annotations

from dataclasses import fields
from hashlib import sha256

import numpy as np
import pytest

from arasha.country.parameters import load
from arasha.country.society import AccountKind, BusinessKind, NumberKind, Society, Status
from arasha.errors import UsageError
from country_people import parameters, society


def digest(one: Society) -> str:
    """Of all columns, spare rows left out."""
    said = sha256()
    for table in (one.people, one.accounts, one.numbers, one.devices, one.businesses):
        count = getattr(table, "count", None)
        for f in fields(table):
            column = getattr(table, f.name)
            if isinstance(column, np.ndarray):
                said.update(column[:count].tobytes())
    return said.hexdigest()


def test_a_seed_is_a_country() -> None:
    """The same seed founds the same one, another seed or set another one."""
    assert digest(Society.make(3, 500, parameters())) == digest(Society.make(3, 500, parameters()))
    others = {
        digest(Society.make(seed, 500, load(name)))
        for seed in (3, 4)
        for name in ("standard", "shifted")  # type: ignore[attr-defined, unused-ignore]  # names
    }
    assert 4 == len(others)


@pytest.mark.parametrize("people", [99, 20_000_001])
def test_a_country_has_its_bounds(people: int) -> None:
    """Too few or too many people are refused."""
    with pytest.raises(UsageError):
        Society.make(1, people, parameters())


@pytest.mark.parametrize("people", [100, 1_000])
def test_small_countries_are_whole(people: int) -> None:
    """There is some of everything, however few people there are."""
    one = Society.make(2, people, parameters())
    assert all(len(one.businesses.of(kind)) for kind in BusinessKind)
    assert min(map(len, (one.sellers, one.landlords, one.couriers, one.drivers))) > 0


def test_shares_are_those_asked_for() -> None:
    """Banks and operators have their unequal shares, within five standard errors."""
    one = society(20_000)
    for column, name in (
        (one.accounts.bank[one.people.account], "banks.shares"),
        (one.numbers.operator[one.people.number], "operators.shares"),
        (one.people.age, "people.age_shares"),
    ):
        wanted = np.array(parameters().numbers(name))
        found = np.bincount(column, minlength=len(wanted)) / len(column)
        assert (abs(found - wanted) < 5 * np.sqrt(wanted / len(column))).all(), name


def test_what_people_live_on_fits_their_age_and_household() -> None:
    """Pensioners are old, students young; who is at home has somebody who earns."""
    people = society(20_000).people
    assert people.age[people.status == Status.PENSIONER].min() >= 3
    assert 0 == people.age[people.status == Status.STUDENT].max()
    at_home = people.status == Status.HOME
    assert at_home.any()
    assert (people.supporter[at_home] >= 0).all()
    supported = np.flatnonzero(people.supporter >= 0)
    assert (people.household[supported] == people.household[people.supporter[supported]]).all()
    assert ((people.employer >= 0) == (people.status == Status.EMPLOYED)).all()
    assert (people.income > 0).all()


def test_incomes_have_the_published_median() -> None:
    """The median salary is the parameter's, within 3 %; pensions their mean."""
    people = society(20_000).people
    median = float(np.median(people.income[people.status == Status.EMPLOYED])) / 100
    assert abs(median / parameters()["income.salary_median_kzt"] - 1) < 0.03
    pensions = float(people.income[people.status == Status.PENSIONER].mean()) / 100
    assert abs(pensions / 142_810 - 1) < 0.03


def test_activity_and_contacts_have_heavy_tails() -> None:
    """The mean activity is 1; a few do many times as much and know many times as many."""
    people = society(20_000).people
    assert abs(float(people.activity.mean()) - 1) < 0.001
    assert people.activity.max() > 10
    degrees = np.diff(people.contact_start)
    assert 12 < degrees.mean() < 22
    assert np.percentile(degrees, 99.5) > 5 * degrees.mean()


def test_contacts_are_clustered() -> None:
    """Two people known to the same person know each other far more often than strangers do."""
    one, known, pairs = society(), 0, 0
    for person in range(0, 4_000, 40):
        some = one.people.contacts_of(person)[:12]
        for place, first in enumerate(some.tolist()):
            for second in some[place + 1 :].tolist():
                pairs += 1
                known += one.know_each_other(first, second)
    assert known / pairs > 0.2


def test_accounts_and_numbers_belong_to_somebody() -> None:
    """Private ones point at their person, businesses' at their business, and back."""
    one = society()
    n = len(one.people)
    assert (one.accounts.owner[one.people.account] == np.arange(n)).all()
    assert (one.numbers.owner[one.people.number] == np.arange(n)).all()
    assert (one.accounts.number[one.people.account] == one.people.number).all()
    seconds = one.people.second_account >= 0
    assert (one.accounts.owner[one.people.second_account[seconds]] == np.flatnonzero(seconds)).all()
    firsts = one.accounts.bank[one.people.account[seconds]]
    assert (one.accounts.bank[one.people.second_account[seconds]] != firsts).all()
    some = one.businesses
    assert (one.accounts.owner[some.account] == np.arange(len(some))).all()
    assert (one.numbers.owner[some.number] == np.arange(len(some))).all()
    assert (one.accounts.number[some.account] == some.number).all()
    assert (one.numbers.kind[some.number] == NumberKind.BUSINESS).all()
    assert (one.accounts.kind[one.abroad_accounts] == AccountKind.ABROAD).all()
    assert (one.numbers.kind[one.abroad_numbers] == NumberKind.ABROAD).all()


def test_everything_is_older_than_the_first_day() -> None:
    """Accounts, numbers and devices were there before the country is watched."""
    one = society()
    times = (
        one.accounts.opened_ms[: len(one.accounts)],
        one.numbers.activated_ms[: len(one.numbers)],
        one.people.device_since_ms, one.people.credentials_since_ms,
    )  # fmt: skip
    assert all((column < one.start_ms).all() for column in times)
    assert (one.accounts.balance >= 0).all()


def test_tenants_pay_landlords_within_reason() -> None:
    """A share of households rents; nobody rents from themselves; rent is below the incomes."""
    people = society(20_000).people
    tenants = np.flatnonzero(people.landlord >= 0)
    households = len(np.unique(people.household))
    assert abs(len(tenants) / households - parameters()["people.tenant_share"]) < 0.02
    assert (people.landlord[tenants] != people.account[tenants]).all()
    assert (people.rent[tenants] > 0).all()
    assert 0 == people.rent[people.landlord < 0].sum()
