from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arasha.country.loop import Life
from arasha.country.parameters import load_recovery
from arasha.country.recovery import Held, Recovery
from arasha.events.schema import OUTCOMES, Kind
from country_lives import days_of, life_of
from country_plays import NOTHING


def quiet_life(**changed: float) -> Life:
    """A country in which nothing happens of itself."""
    life = life_of()
    parameters = load_recovery().changed(**changed)
    return Life(life.society, life.society.parameters, 1, told=[], after_reports=parameters)


def unprotected() -> Life:
    """One in which banks leave nothing free."""
    return quiet_life(holding__protected_months=0)


def answered(life: Life, orders: int) -> tuple[Held, ...]:
    """The answers of all banks, two days later."""
    for day in range(2):
        for _ in life.day(day, NOTHING):
            pass
    answers = life.recovery.answers()
    assert orders == len(answers)
    return answers


def test_a_hold_takes_what_is_there_after_the_banks_delay() -> None:
    """Banks answer after a while: the amount asked for, or what is left of the balance."""
    life = unprotected()
    recovery: Recovery = life.recovery
    start, total = life.society.start_ms, life.memories.money()
    there = [life.balance(account) for account in range(3)]
    orders = [
        recovery.hold(account, amount, start)
        for account, amount in ((0, 1_000), (1, there[1] + 5_000), (2, there[2]))
    ]
    assert () == recovery.answers()
    held = {one.order: one for one in answered(life, 3)}
    assert [min(1_000, there[0]), there[1], there[2]] == [held[r].amount for r in orders]
    assert ["none", "balance", "none"] == [held[r].short for r in orders]
    assert all(start < one.at_ms for one in held.values())
    assert [there[0] - held[orders[0]].amount, 0, 0] == [life.balance(a) for a in range(3)]
    assert total == life.memories.money()
    assert () == recovery.answers()


def test_what_a_pensioner_lives_on_stays_free() -> None:
    """Of an account to which a pension comes months of income are left, and the bank says so."""
    life = quiet_life(holding__protected_months=2)
    accounts, people = life.society.accounts, life.society.people
    account = next(
        one
        for one in range(len(accounts))
        if accounts.protected[one] and life.balance(one) > 2 * people.income[accounts.owner[one]]
    )
    free, there = int(2 * people.income[accounts.owner[account]]), life.balance(account)
    life.recovery.hold(account, there, life.society.start_ms)
    [held] = answered(life, 1)
    assert (there - free, "protected") == (held.amount, held.short)
    assert free == life.balance(account)


def test_held_money_goes_back_to_the_victim_and_is_told() -> None:
    """A return moves what is held and becomes an outcome of the payment; money is conserved."""
    life = unprotected()
    recovery: Recovery = life.recovery
    there, victim = life.balance(0), life.balance(1)
    total = life.memories.money()
    recovery.hold(0, there, life.society.start_ms)
    answered(life, 1)
    at_ms = life.society.start_ms + 2 * 86_400_000
    recovery.return_(0, there, 1, at_ms + 5, payment=42)
    assert (0, victim + there) == (life.balance(0), life.balance(1))
    assert total == life.memories.money()
    rows = next(iter(life.day(2, NOTHING))).rows
    assert [Kind.OUTCOME] == rows.kind.tolist()
    assert (OUTCOMES.index("returned"), 42, 1, 0, there) == (
        rows.code[0], rows.payment[0], rows.first[0], rows.second[0], rows.amount[0]
    )  # fmt: skip
    with pytest.raises(AssertionError, match="more than is held"):
        recovery.return_(0, 1, 1, at_ms)


def test_released_money_is_the_owners_again() -> None:
    """A release undoes a hold, in parts if need be."""
    life = unprotected()
    there = life.balance(0)
    life.recovery.hold(0, there, life.society.start_ms)
    answered(life, 1)
    life.recovery.release(0, there - 100)
    assert (there - 100, {0: 100}) == (life.balance(0), life.recovery.held)
    life.recovery.release(0, 100)
    assert there == life.balance(0)
    assert life.memories.total == life.memories.money()


def test_a_bank_abroad_holds_nothing() -> None:
    """Money abroad is gone."""
    life = quiet_life()
    order = life.recovery.hold(int(life.society.abroad_accounts[0]), 1_000, life.society.start_ms)
    assert [(order, 0)] == [(one.order, one.amount) for one in answered(life, 1)]


def test_held_money_cannot_be_spent_while_life_goes_on() -> None:
    """With everything of everybody held, the sum stays and no private account is overdrawn."""
    life = life_of(seed=4)
    for account in range(100):
        life.recovery.hold(account, 10**12, life.society.start_ms)
    days_of(life, 2)
    held = life.recovery.answers()
    assert 100 == len(held)
    accounts = life.memories.accounts
    assert sum(one.amount for one in held) == int(accounts.reserved.sum())
    assert life.memories.total == life.memories.money()
    assert 0 <= int(accounts.balance[accounts.private == 1].min())


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 10**8)), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 10**7)), max_size=30),
)
def test_pots_never_give_more_than_they_hold(
    orders: list[tuple[int, int]], moves: list[tuple[int, int, int]]
) -> None:
    """Whatever is held, returned and released, in any order, no tiyn appears or is lost."""
    life = quiet_life()
    for account, amount in orders:
        life.recovery.hold(account, amount, life.society.start_ms)
    answered(life, len(orders))
    for account, to, amount in moves:
        part = min(amount, life.recovery.held.get(account, 0))
        if to == account:
            life.recovery.release(account, part)
        else:
            life.recovery.return_(account, part, to, life.society.start_ms)
        assert life.memories.total == life.memories.money()
    reserved = life.memories.accounts.reserved
    assert all(int(reserved[one]) == held for one, held in life.recovery.held.items())
