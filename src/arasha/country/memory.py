"""What the world remembers of accounts and numbers: balances, devices, calls, who is familiar.

In: a Society. Out: the columns that kernels_life.py reads and writes, with a row for every account
and number, also for those opened while the country runs (``grow``).
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from arasha.country.happenings import NONE
from arasha.country.kernels_life import (
    LAST_CALLERS,
    LAST_PAYEES,
    LAST_STRANGERS,
    LONG_AGO_MS,
    AccountMemory,
    Acquaintances,
    NumberMemory,
)
from arasha.country.society import AccountKind, NumberKind, Society

_SPARE: Final = 8  # an eighth more rows than needed, so that growing is rare
_ASKED: Final = (AccountKind.PERSON, AccountKind.ABROAD, AccountKind.CRYPTO)

Memory = TypeVar("Memory", AccountMemory, NumberMemory)


class Memories:
    """The memory of a country; ``accounts`` and ``numbers`` have room to spare behind their end."""

    def __init__(self, society: Society) -> None:
        self._society = society
        self.known = Acquaintances(society.people.contact_start, society.people.contacts)
        self.accounts = _accounts(society, 0)
        self.numbers = _numbers(society, 0)
        self._count = (len(society.accounts), len(society.numbers))
        self.total = self.money()

    def grow(self) -> None:
        """Have a row for everything that was opened since. New accounts are empty."""
        accounts, numbers = len(self._society.accounts), len(self._society.numbers)
        if accounts > self._count[0]:
            fresh = _accounts(self._society, self._count[0])
            assert not fresh.balance.any(), "money out of nothing"
            self.accounts = _laid(self.accounts, fresh, self._count[0])
        if numbers > self._count[1]:
            self.numbers = _laid(
                self.numbers, _numbers(self._society, self._count[1]), self._count[1]
            )
        self._count = accounts, numbers

    def renumber(self) -> None:
        """The banks learn at night which numbers changed during the day."""
        rows = slice(0, self._count[0])
        self.accounts.number[rows] = self._society.accounts.number[rows]

    def money(self) -> int:
        """All the money there is, in tiyn: it never changes."""
        return int(self.accounts.balance.sum()) + int(self.accounts.reserved.sum())


def _laid(memory: Memory, fresh: Memory, at: int) -> Memory:
    """The memory with fresh rows from ``at`` on, moved to a larger place where need be."""
    columns: list[NDArray[Any]] = []
    old: NDArray[Any]
    new: NDArray[Any]
    for old, new in zip(memory, fresh, strict=True):  # type: ignore[assignment]  # object
        end = at + len(new)
        column = old
        if end > len(old):
            column = np.zeros((end + end // _SPARE, *old.shape[1:]), old.dtype)
            column[:at] = old[:at]
        column[at:end] = new
        columns.append(column)
    return type(memory)._make(columns)


def _accounts(society: Society, first: int) -> AccountMemory:
    rows = slice(first, len(society.accounts))
    kind, owner = society.accounts.kind[rows], society.accounts.owner[rows]
    private = kind == AccountKind.PERSON
    person = np.where(private, owner, NONE).astype(np.int32)
    theirs, people = person >= 0, society.people
    devices = _filled((len(kind), 2), NONE, np.int32)
    device_ms = _filled(len(kind), LONG_AGO_MS, np.int64)
    credentials_ms = society.accounts.opened_ms[rows].copy()
    if first == 0:
        devices[theirs, 0] = people.device[person[theirs]]
        device_ms[theirs] = people.device_since_ms[person[theirs]]
        credentials_ms[theirs] = people.credentials_since_ms[person[theirs]]
    return AccountMemory(
        private=private.astype(np.uint8),
        asked=np.isin(kind, np.array(_ASKED, np.uint8)).astype(np.uint8),
        person=person,
        bank=society.accounts.bank[rows].copy(),
        number=society.accounts.number[rows].copy(),
        balance=society.accounts.balance[rows].copy(),
        reserved=np.zeros(len(kind), np.int64),
        payees=_filled((len(kind), LAST_PAYEES), NONE, np.int32),
        payees_next=np.zeros(len(kind), np.uint8),
        devices=devices,
        device_ms=device_ms,
        credentials_ms=credentials_ms,
    )


def _numbers(society: Society, first: int) -> NumberMemory:
    rows = slice(first, len(society.numbers))
    kind, owner = society.numbers.kind[rows], society.numbers.owner[rows]
    n = len(kind)
    return NumberMemory(
        person=np.where(kind == NumberKind.PERSON, owner, NONE).astype(np.int32),
        call_starts=np.zeros(n, np.int64),
        call_ends=_filled(n, LONG_AGO_MS, np.int64),
        call_strange=np.zeros(n, np.uint8),
        callers=_filled((n, LAST_CALLERS), NONE, np.int32),
        callers_day=np.zeros((n, LAST_CALLERS), np.int32),
        callers_next=np.zeros(n, np.uint8),
        strangers_ms=_filled((n, LAST_STRANGERS), LONG_AGO_MS, np.int64),
        stranger=_filled(n, NONE, np.int32),
        sim_ms=_filled(n, LONG_AGO_MS, np.int64),
    )


def _filled(shape: int | tuple[int, ...], value: int, dtype: Any) -> NDArray[Any]:
    return np.full(shape, value, dtype)
