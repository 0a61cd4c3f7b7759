"""Who lives in the country: people, their accounts, numbers and devices, and the businesses.

Tables of columns, indexed by int32: ``society.people.income[person]``,
``society.accounts.bank[account]``. Accounts, numbers and devices can be opened while the country
runs; their columns then have room to spare, and only the first ``count`` rows mean something.

In: a seed, a number of people, parameters (founding.py does the drawing). Out: a Society, which
habits, stories and the loop read and which they may add to. There is no column for what must not
be known of a person: origin, belief, health, place.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from arasha.country.parameters import Parameters

NONE: Final = -1
"""No employer, landlord, account, …"""

NO_BANK: Final = 255
"""The bank of accounts abroad, and the operator of numbers abroad."""

AGE_BANDS: Final = ("16-24", "25-34", "35-44", "45-54", "55-64", "65+")
"""Words for ``people.age``."""

Bytes = NDArray[np.uint8]
Indices = NDArray[np.int32]
Ints = NDArray[np.int64]
Reals = NDArray[np.float32]


class Status(IntEnum):
    """What a person lives on."""

    EMPLOYED = 0
    PENSIONER = 1
    STUDENT = 2
    SELLER = 3  # a small trade or service, paid on the private account
    BENEFIT = 4
    HOME = 5  # on what the household has


class AccountKind(IntEnum):
    """Whose account it is."""

    PERSON = 0
    BUSINESS = 1
    ATM = 2
    ABROAD = 3
    CRYPTO = 4
    GOVERNMENT = 5
    BANK = 6


class NumberKind(IntEnum):
    """Whose number it is."""

    PERSON = 0
    BUSINESS = 1
    ABROAD = 2


class BusinessKind(IntEnum):
    """What a business does. Businesses of a kind stand together, the most popular first."""

    EMPLOYER = 0
    SHOP = 1
    UTILITY = 2
    SCHOOL = 3
    CLINIC = 4
    FUEL = 5
    CAFE = 6
    TAXI = 7
    DELIVERY = 8
    CHARITY = 9
    ONLINE = 10
    ATM = 11
    BANK = 12
    TELECOM = 13
    CRYPTO = 14
    GOVERNMENT = 15


@dataclass(slots=True)
class People:
    """One row a person of 16 or more. Household members stand side by side."""

    age: Bytes  # place in AGE_BANDS
    status: Bytes  # Status
    household: Indices
    children: Bytes  # children of school age in the household; on its first member only
    employer: Indices  # business, or NONE
    payday: Bytes  # day of the month on which salary, pension, scholarship or benefit comes
    income: Ints  # tiyn a month
    account: Indices  # main account
    second_account: Indices  # or NONE
    number: Indices
    second_number: Indices  # or NONE
    device: Indices
    device_since_ms: Ints
    credentials_since_ms: Ints  # when credentials for banking were last set
    activity: Reals  # 1 is the mean; a heavy tail
    caution: Reals  # from [0, 1)
    rhythm: NDArray[np.int16]  # minutes by which the person's day is later than the usual one
    landlord: Indices  # account that gets the household's rent, on its first member; or NONE
    rent: Ints  # tiyn a month
    loan: Ints  # tiyn repaid a month, 0 none
    supporter: Indices  # who in the household gives the person money weekly, or NONE
    allowance: Ints  # tiyn a week from the supporter
    burden: Ints  # tiyn a month that is spoken for: rent, loan, allowances given, bills, fees
    abroad: Indices  # account abroad of a relative, or NONE
    contact_start: Ints  # [n + 1]
    contacts: Indices  # people; closest first: household, relatives, colleagues, friends

    def __len__(self) -> int:
        return len(self.age)

    def contacts_of(self, person: int) -> Indices:
        """The people whom a person knows, closest first."""
        return self.contacts[self.contact_start[person] : self.contact_start[person + 1]]


@dataclass(slots=True)
class Accounts:
    """One row an account; ``count`` of them."""

    count: int
    kind: Bytes  # AccountKind
    owner: Indices  # person (PERSON), business (BUSINESS, ATM, …) or NONE
    bank: Bytes
    opened_ms: Ints
    number: Indices  # the number that the bank knows, or NONE
    balance: Ints  # tiyn on the first day, or when opened
    protected: Bytes  # 1: pension, benefit or scholarship comes here

    def __len__(self) -> int:
        return self.count


@dataclass(slots=True)
class Numbers:
    """One row a phone number; ``count`` of them."""

    count: int
    kind: Bytes  # NumberKind
    owner: Indices  # person, business or NONE
    operator: Bytes
    activated_ms: Ints

    def __len__(self) -> int:
        return self.count


@dataclass(slots=True)
class Devices:
    """One row a device; ``count`` of them."""

    count: int
    owner: Indices  # the person whose it is at first, or NONE

    def __len__(self) -> int:
        return self.count


@dataclass(slots=True)
class Businesses:
    """One row a business; ``first[kind]`` … ``first[kind + 1]`` are of one kind."""

    kind: Bytes
    account: Indices
    number: Indices
    payday: Bytes  # employers: day of the month
    advance: Bytes  # employers: 1 pays in two parts
    first: Ints  # [kinds + 1]

    def __len__(self) -> int:
        return len(self.kind)

    def of(self, kind: BusinessKind) -> range:
        """The businesses of a kind, the most popular first."""
        return range(int(self.first[kind]), int(self.first[kind + 1]))


@dataclass(slots=True)
class Society:
    """The whole of it. ``start_ms`` is midnight, local time, of the first day."""

    seed: int
    parameters: Parameters
    start_ms: int
    people: People
    accounts: Accounts
    numbers: Numbers
    devices: Devices
    businesses: Businesses
    sellers: Indices  # people paid for goods and services on a private account, popular first
    landlords: Indices  # people
    couriers: Indices  # people
    drivers: Indices  # people
    abroad_numbers: Indices  # numbers of relatives and firms abroad
    abroad_accounts: Indices

    @staticmethod
    def make(seed: int, people: int, parameters: Parameters) -> Society:
        """Found a country; the same for the same arguments, on any machine."""
        from arasha.country.founding import found

        return found(seed, people, parameters)

    @property
    def banks(self) -> int:
        """How many banks there are; a bank is its place, from 0."""
        return self.parameters.whole("banks.count")

    @property
    def operators(self) -> int:
        """How many operators there are."""
        return self.parameters.whole("operators.count")

    def open_account(
        self, owner: int, bank: int, at_ms: int, kind: AccountKind = AccountKind.PERSON,
        *, number: int = NONE, balance: int = 0,
    ) -> int:  # fmt: skip
        """A new account; a person's is known to the bank by the person's number."""
        if number == NONE and kind == AccountKind.PERSON and owner != NONE:
            number = int(self.people.number[owner])
        at = _room(self.accounts)
        row = self.accounts
        row.kind[at], row.owner[at], row.bank[at], row.opened_ms[at] = kind, owner, bank, at_ms
        row.number[at], row.balance[at], row.protected[at] = number, balance, 0
        return at

    def new_number(
        self, owner: int, operator: int, at_ms: int, kind: NumberKind = NumberKind.PERSON
    ) -> int:
        """A new number of an operator."""
        at = _room(self.numbers)
        row = self.numbers
        row.kind[at], row.owner[at], row.operator[at] = kind, owner, operator
        row.activated_ms[at] = at_ms
        return at

    def new_device(self, owner: int = NONE) -> int:
        """A device that nobody has seen."""
        at = _room(self.devices)
        self.devices.owner[at] = owner
        return at

    def person_of_account(self, account: int) -> int:
        """Whose private account it is, NONE for others."""
        if self.accounts.kind[account] != AccountKind.PERSON:
            return NONE
        return int(self.accounts.owner[account])

    def person_of_number(self, number: int) -> int:
        """Whose private number it is, NONE for others."""
        if self.numbers.kind[number] != NumberKind.PERSON:
            return NONE
        return int(self.numbers.owner[number])

    def know_each_other(self, one: int, other: int) -> bool:
        """Whether two people are contacts."""
        return bool((self.people.contacts_of(one) == other).any())


Table = Accounts | Numbers | Devices

_SPARE: Final = 8


def with_room(columns: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The columns with an eighth more rows (zeros) behind them."""
    n = len(next(iter(columns.values())))
    return {
        name: np.concatenate([column, np.zeros(n // _SPARE + 1024, column.dtype)])
        for name, column in columns.items()
    }


def make_room(table: Table, rows: int) -> int:
    """Make the next ``rows`` rows part of the table, all to be filled; the first of them."""
    first = table.count
    names = [f.name for f in fields(table) if f.name != "count"]
    while first + rows > len(table.owner):
        for name, column in with_room({name: getattr(table, name) for name in names}).items():
            setattr(table, name, column)
    table.count = first + rows
    return first


def _room(table: Table) -> int:
    return make_room(table, 1)
