"""The kernels of ordinary life: a block of people by itself."""

from __future__ import annotations

import numpy as np

from arasha.country import habits, kernels_habits
from arasha.country.calendar import day_of
from arasha.country.happenings import PURPOSES
from arasha.country.society import AccountKind
from arasha.events.schema import CHANNELS, Kind
from country_people import days, society


def made(first: int, last: int, room: int) -> tuple[int, np.ndarray]:
    """(rows needed, rows) of some people on the first day."""
    one = society()
    rows = np.zeros(room, habits.Raw)
    today = day_of(0, one.parameters)
    tables = habits.tables(one, today)
    used = kernels_habits.block(rows, first, last, np.uint64(1), np.uint64(2), *tables)
    return used, rows


def test_people_are_made_alike_in_any_block() -> None:
    """What a person does is the same whoever else is in the block."""
    used, rows = made(0, 100, 2_000)
    front, before = made(0, 40, 2_000)
    back, after = made(40, 100, 2_000)
    assert used == front + back
    assert rows[:used].tobytes() == before[:front].tobytes() + after[:back].tobytes()


def test_a_full_block_says_how_much_it_needs() -> None:
    """Nothing is written beyond the room, and the rows that fit are the first ones."""
    used, rows = made(0, 100, 2_000)
    again, few = made(0, 100, 10)
    assert used == again
    assert rows[:10].tobytes() == few.tobytes()


def test_wealth_follows_what_is_left_of_an_income() -> None:
    """Of two people with the same tastes, who has more left pays larger amounts."""
    one = society()
    people, _, today = habits.tables(one, day_of(0, one.parameters))
    factors = [kernels_habits.wealth_of(person, np.uint64(9), people, today)
               for person in range(len(one.people))]  # fmt: skip
    left = (one.people.income - one.people.burden) / one.people.activity
    order = np.argsort(left)
    assert np.mean(np.array(factors)[order[:400]]) < np.mean(np.array(factors)[order[-400:]]) / 3
    assert 0.0 < min(factors) <= max(factors) <= 25.0


def test_cash_comes_in_thousands_from_cash_machines() -> None:
    """Withdrawals go to machines, in whole thousands of tenge, and say what they are."""
    own, happened = days(7)
    atm = CHANNELS.index("atm")
    for one in happened:
        cash = one.take((one.kind == Kind.PAYMENT) & (one.code == atm))
        assert len(cash) > 20
        assert (own.accounts.kind[cash.second] == AccountKind.ATM).all()
        assert (cash.amount % 100_000 == 0).all()
        assert (cash.purpose == PURPOSES.index("CASH")).all()
        assert (cash.device == -1).all()
