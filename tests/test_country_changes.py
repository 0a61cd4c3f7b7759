"""What is new is given out: phones, numbers, accounts."""

from __future__ import annotations

import numpy as np

from arasha.country.happenings import NONE, Happenings
from arasha.events.schema import ACCOUNT_CHANGES, SIM_CHANGES, Kind
from country_people import days, society


def changes(some: Happenings, kind: Kind, code: str) -> Happenings:
    """The rows of one change."""
    codes = SIM_CHANGES if kind == Kind.SIM_CHANGE else ACCOUNT_CHANGES
    return some.take((some.kind == kind) & (some.code == codes.index(code)))


def test_new_things_are_given_once_and_in_order() -> None:
    """New accounts, numbers and devices have rows behind those of the founding, in order of time;
    none is given twice.
    """
    own, happened = days(35)
    before = society()
    for kind, code, column, first, last in (
        (Kind.ACCOUNT_CHANGE, "opened", "first", len(before.accounts), len(own.accounts)),
        (Kind.SIM_CHANGE, "activated", "first", len(before.numbers), len(own.numbers)),
        (Kind.ACCOUNT_CHANGE, "device_added", "device", len(before.devices), len(own.devices)),
    ):
        given = np.concatenate([getattr(changes(one, kind, code), column) for one in happened])
        assert len(given) > 10
        assert list(range(first, last)) == given.tolist()


def test_rows_name_no_person() -> None:
    """The person whom the kernel named is no longer in the rows."""
    _, happened = days(35)
    for one in happened:
        rows = (one.kind == Kind.SIM_CHANGE) | (one.kind == Kind.ACCOUNT_CHANGE)
        assert (one.second[rows] == NONE).all()
        assert (one.amount[rows] == 0).all()
        assert (one.first[rows] != NONE).all()


def test_people_use_what_they_got() -> None:
    """From the next day on calls come from the new number and payments from the new device."""
    own, happened = days(35)
    numbers = changes(happened[3], Kind.SIM_CHANGE, "activated")
    assert (own.numbers.owner[numbers.first] >= 0).all()
    for number in numbers.first.tolist():
        person = int(own.numbers.owner[number])
        if int(own.people.number[person]) == number:  # not changed once more
            assert int(own.accounts.number[own.people.account[person]]) == number
            callers = np.concatenate([one.first[one.kind == Kind.CALL] for one in happened[4:]])
            assert person not in callers
    devices = changes(happened[3], Kind.ACCOUNT_CHANGE, "device_added").device
    used = np.unique(np.concatenate([one.device for one in happened[4:]]))
    assert set(devices.tolist()) & set(used.tolist())


def test_a_port_changes_the_operator_and_not_the_number() -> None:
    """Numbers that moved are with another operator than they were founded with."""
    own, happened = days(35)
    before = society()
    moved = np.concatenate([changes(one, Kind.SIM_CHANGE, "ported_in").first for one in happened])
    old = moved[moved < len(before.numbers)]
    assert len(old) > 5
    same = own.numbers.operator[old] == before.numbers.operator[old]
    assert same.mean() < 0.2  # only who moved twice may be back
    assert own.numbers.operator[: len(own.numbers)][old].max() < own.operators


def test_a_new_loan_is_paid_out_and_repaid() -> None:
    """The bank's money follows the note of the loan, and what is repaid a month grows."""
    own, happened = days(35)
    lent = [changes(one, Kind.ACCOUNT_CHANGE, "loan_disbursed") for one in happened]
    people = own.accounts.owner[np.concatenate([one.first for one in lent])]
    assert len(people) > 20
    assert (own.people.loan[people] > society().people.loan[people]).all()
    for one, notes in zip(happened, lent, strict=True):
        for account, at_ms in zip(notes.first.tolist(), notes.time_ms.tolist(), strict=True):
            paid = (one.kind == Kind.PAYMENT) & (one.second == account) & (one.time_ms >= at_ms)
            assert paid.any()
