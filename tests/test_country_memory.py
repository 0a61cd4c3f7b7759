from __future__ import annotations

import numpy as np
import pytest

from arasha.country.kernels_life import AccountMemory, NumberMemory
from arasha.country.memory import Memories
from arasha.country.parameters import load
from arasha.country.society import AccountKind, Society


@pytest.fixture
def society() -> Society:
    """A small country."""
    return Society.make(1, 150, load())


def test_memory_begins_with_what_the_society_has(society: Society) -> None:
    """Balances, owners and devices are the society's; nothing is reserved; a copy is kept."""
    memories = Memories(society)
    count = len(society.accounts)
    assert np.array_equal(society.accounts.balance[:count], memories.accounts.balance)
    assert int(society.accounts.balance[:count].sum()) == memories.total == memories.money()
    private = society.accounts.kind[:count] == AccountKind.PERSON
    assert np.array_equal(private, memories.accounts.private == 1)
    assert np.array_equal(
        society.people.device, memories.accounts.devices[: len(society.people), 0]
    )
    memories.accounts.balance[0] += 1
    assert memories.total + 1 == memories.money()
    assert memories.total == int(society.accounts.balance[:count].sum())


def test_what_is_opened_later_gets_a_row(society: Society) -> None:
    """Growing keeps what is known and adds empty rows, again and again."""
    memories = Memories(society)
    memories.accounts.balance[0] = 77
    first = len(society.accounts)
    for nth in range(500):
        account = society.open_account(nth % 150, 1, society.start_ms)
        society.new_number(nth % 150, 0, society.start_ms)
        memories.grow()
        assert (0, 1, nth % 150) == (
            memories.accounts.balance[account], memories.accounts.private[account],
            memories.accounts.person[account],
        )  # fmt: skip
    assert first + 500 == len(society.accounts)
    assert 77 == memories.accounts.balance[0]
    for memory, count in (
        (memories.accounts, len(society.accounts)), (memories.numbers, len(society.numbers)),
    ):  # fmt: skip
        assert isinstance(memory, AccountMemory | NumberMemory)
        assert count <= min(len(column) for column in memory)


def test_a_new_account_brings_no_money(society: Society) -> None:
    """Opening an account with money on it is a broken invariant: money out of nothing."""
    memories = Memories(society)
    society.open_account(0, 1, society.start_ms, balance=5)
    with pytest.raises(AssertionError, match="out of nothing"):
        memories.grow()


def test_banks_learn_new_numbers(society: Society) -> None:
    """After a day the banks know the numbers that changed."""
    memories = Memories(society)
    number = society.new_number(0, 0, society.start_ms)
    society.accounts.number[0] = number
    memories.grow()
    assert number != memories.accounts.number[0]
    memories.renumber()
    assert number == memories.accounts.number[0]
