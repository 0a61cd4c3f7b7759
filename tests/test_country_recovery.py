from __future__ import annotations

import pytest

from arasha.country.loop import Life
from arasha.country.recovery import Held, Recovery
from arasha.events.schema import OUTCOMES, Kind
from country_lives import days_of, life_of
from country_plays import NOTHING


def quiet_life() -> Life:
    """A country in which nothing happens of itself."""
    life = life_of()
    return Life(life.society, life.society.parameters, 1, told=[])


def answered(life: Life, requests: int) -> tuple[Held, ...]:
    """The answers of all banks, two days later."""
    for day in range(2):
        for _ in life.day(day, NOTHING):
            pass
    answers = life.recovery.answers()
    assert requests == len(answers)
    return answers


def test_a_hold_takes_what_is_there_after_the_banks_delay() -> None:
    """Banks answer after a while: the amount asked for, or what is left of the balance."""
    life = quiet_life()
    recovery: Recovery = life.recovery
    start, total = life.society.start_ms, life.memories.money()
    there = [life.balance(account) for account in range(3)]
    requests = [
        recovery.hold(account, amount, start)
        for account, amount in ((0, 1_000), (1, there[1] + 5_000), (2, there[2]))
    ]
    assert () == recovery.answers()
    held = {one.request: one for one in answered(life, 3)}
    assert [min(1_000, there[0]), there[1], there[2]] == [held[r].amount for r in requests]
    assert all(start < one.at_ms for one in held.values())
    assert [there[0] - held[requests[0]].amount, 0, 0] == [life.balance(a) for a in range(3)]
    assert total == life.memories.money()
    assert () == recovery.answers()


def test_held_money_goes_back_to_the_victim_and_is_told() -> None:
    """A return moves what is held and becomes an outcome of the payment; money is conserved."""
    life = quiet_life()
    recovery: Recovery = life.recovery
    there, victim = life.balance(0), life.balance(1)
    total = life.memories.money()
    request = recovery.hold(0, there, life.society.start_ms)
    answered(life, 1)
    at_ms = life.society.start_ms + 2 * 86_400_000
    assert there == recovery.return_(request, 1, at_ms + 5, payment=42)
    assert (0, victim + there) == (life.balance(0), life.balance(1))
    assert total == life.memories.money()
    rows = next(iter(life.day(2, NOTHING))).rows
    assert [Kind.OUTCOME] == rows.kind.tolist()
    assert (OUTCOMES.index("returned"), 42, 1, 0, there) == (
        rows.code[0], rows.payment[0], rows.first[0], rows.second[0], rows.amount[0]
    )  # fmt: skip
    with pytest.raises(KeyError):
        recovery.return_(request, 1, at_ms)


def test_released_money_is_the_owners_again() -> None:
    """A release undoes a hold."""
    life = quiet_life()
    there = life.balance(0)
    request = life.recovery.hold(0, there, life.society.start_ms)
    answered(life, 1)
    assert there == life.recovery.release(request)
    assert there == life.balance(0)
    assert life.memories.total == life.memories.money()


def test_a_bank_abroad_holds_nothing() -> None:
    """Money abroad is gone."""
    life = quiet_life()
    request = life.recovery.hold(int(life.society.abroad_accounts[0]), 1_000, life.society.start_ms)
    assert [(request, 0)] == [(one.request, one.amount) for one in answered(life, 1)]


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
