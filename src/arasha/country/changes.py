"""What is new is given out: the phones, numbers and accounts that ordinary life asks for.

In: the happenings of a day, in which ``second`` of a SIM or account change names the person whose
it is. Out: the same rows with what was given in them and ``second`` cleared, and a society in which
the people have it. Rows are served in their order, so the indices do not depend on threads.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arasha.country.happenings import NONE, Happenings
from arasha.country.kernels_society import picks, units
from arasha.country.society import AccountKind, NumberKind, Society, make_room
from arasha.events.schema import ACCOUNT_CHANGES, SIM_CHANGES, Kind

_LOAN_MONTHS = 30

Rows = NDArray[np.intp]


def give_out(society: Society, happened: Happenings, key: int) -> None:
    """Serve the changes among the happenings, in place."""
    changes = np.flatnonzero(
        (happened.kind == Kind.SIM_CHANGE) | (happened.kind == Kind.ACCOUNT_CHANGE)
    )
    sims = changes[happened.kind[changes] == Kind.SIM_CHANGE]
    accounts = changes[happened.kind[changes] == Kind.ACCOUNT_CHANGE]

    def of(rows: Rows, codes: tuple[str, ...], code: str) -> Rows:
        return np.asarray(rows[happened.code[rows] == codes.index(code)])

    _phones(society, happened, of(accounts, ACCOUNT_CHANGES, "device_added"))
    _numbers(society, happened, of(sims, SIM_CHANGES, "activated"), key)
    _ports(society, happened, of(sims, SIM_CHANGES, "ported_in"), key)
    _accounts(society, happened, of(accounts, ACCOUNT_CHANGES, "opened"), key)
    reset = of(accounts, ACCOUNT_CHANGES, "credentials_reset")
    society.people.credentials_since_ms[happened.second[reset]] = happened.time_ms[reset]
    lent = of(accounts, ACCOUNT_CHANGES, "loan_disbursed")
    society.people.loan[happened.second[lent]] += happened.amount[lent] // _LOAN_MONTHS
    happened.amount[lent] = 0
    renumbered = of(accounts, ACCOUNT_CHANGES, "number_changed")
    happened.number[renumbered] = society.people.number[happened.second[renumbered]]
    happened.device[changes] = society.people.device[happened.second[changes]]
    happened.second[changes] = NONE


def _phones(society: Society, happened: Happenings, rows: Rows) -> None:
    people = happened.second[rows]
    first = make_room(society.devices, len(rows))
    devices = np.arange(first, first + len(rows), dtype=np.int32)
    society.devices.owner[devices] = people
    society.people.device[people] = devices
    society.people.device_since_ms[people] = happened.time_ms[rows]


def _numbers(society: Society, happened: Happenings, rows: Rows, key: int) -> None:
    """A new number takes the place of the old one, at the banks too."""
    people = happened.second[rows]
    first = make_room(society.numbers, len(rows))
    numbers = np.arange(first, first + len(rows), dtype=np.int32)
    shares = np.array(society.parameters.numbers("operators.shares"))
    society.numbers.kind[numbers] = NumberKind.PERSON
    society.numbers.owner[numbers] = people
    society.numbers.operator[numbers] = picks(np.uint64(key), len(rows), shares)
    society.numbers.activated_ms[numbers] = happened.time_ms[rows]
    society.people.number[people] = numbers
    society.accounts.number[society.people.account[people]] = numbers
    others = society.people.second_account[people]
    society.accounts.number[others[others != NONE]] = numbers[others != NONE]
    happened.first[rows] = numbers


def _ports(society: Society, happened: Happenings, rows: Rows, key: int) -> None:
    """The number moves to one of the other operators."""
    numbers = happened.first[rows]
    steps = (units(np.uint64(key ^ 1), len(rows)) * (society.operators - 1)).astype(np.uint8) + 1
    old = society.numbers.operator[numbers]
    society.numbers.operator[numbers] = (old + steps) % society.operators


def _accounts(society: Society, happened: Happenings, rows: Rows, key: int) -> None:
    people = happened.second[rows]
    first = make_room(society.accounts, len(rows))
    accounts = np.arange(first, first + len(rows), dtype=np.int32)
    shares = np.array(society.parameters.numbers("banks.shares"))
    table = society.accounts
    table.kind[accounts] = AccountKind.PERSON
    table.owner[accounts] = people
    table.bank[accounts] = picks(np.uint64(key ^ 2), len(rows), shares)
    table.opened_ms[accounts] = happened.time_ms[rows]
    table.number[accounts] = society.people.number[people]
    table.balance[accounts] = 0
    table.protected[accounts] = 0
    society.people.second_account[people] = accounts
    happened.first[rows] = accounts
