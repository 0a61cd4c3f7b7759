"""What only the country knows of payments and accounts, for those who act in its name.

In: slices as they were lived. Out: of a payment by its serial, when it was made, by whom to whom,
whether its money moved, what it was in truth; of a token, the account. Staff of a bank know of a
payment of their own customer whether it moved; the truth is known to nobody in the country, but
what an officer finds hangs on it, by stated shares.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arasha.country.facts import Reader
from arasha.country.happenings import FRAUD
from arasha.country.kernels_life import HELD, MOVED, RELEASED
from arasha.country.loop import Happened
from arasha.country.society import Society


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment as it was; ``amount`` in tiyn."""

    serial: int
    time_ms: int
    payer: int
    payee: int
    amount: int
    moved: bool
    is_fraud: bool


@dataclass(frozen=True, slots=True)
class _Slice:
    serials: NDArray[np.int64]
    time_ms: NDArray[np.int64]
    parties: NDArray[np.int32]
    amount: NDArray[np.int64]
    truth: NDArray[np.uint8]
    became: NDArray[np.uint8]


class Known:
    """Payments since it was made, and all accounts; ``has_part``: whether thieves use one."""

    def __init__(self, society: Society, reader: Reader, has_part: Callable[[int], bool]) -> None:
        self.has_part = has_part
        self._society, self._reader = society, reader
        self._slices: list[_Slice] = []
        self._firsts: list[int] = []
        self._concluded: dict[int, int] = {}
        self._accounts: dict[str, int] = {}
        self._tokens: list[str] = []

    def take(self, happened: Happened) -> None:
        """Know the payments of another slice, and what became of those held before."""
        self._concluded |= {one.paid.serial: one.became for one in happened.concluded}
        rows, at = happened.rows, happened.payments
        if len(at):
            parties = np.stack((rows.first[at], rows.second[at]), 1)
            self._firsts.append(int(rows.serial[at[0]]))
            self._slices.append(_Slice(
                rows.serial[at], rows.time_ms[at], parties, rows.amount[at], rows.truth[at],
                happened.became,
            ))  # fmt: skip

    def payment(self, serial: int) -> Payment | None:
        """The payment, if it was made since."""
        place = bisect_right(self._firsts, serial) - 1
        if place < 0:
            return None
        some = self._slices[place]
        at = int(np.searchsorted(some.serials, serial))
        if at == len(some.serials) or some.serials[at] != serial:
            return None
        became = int(some.became[at])
        if became == HELD:
            became = self._concluded.get(serial, HELD)
        return Payment(
            serial, int(some.time_ms[at]), int(some.parties[at, 0]), int(some.parties[at, 1]),
            int(some.amount[at]), became in (MOVED, RELEASED), bool(some.truth[at] & FRAUD),
        )  # fmt: skip

    def token(self, account: int) -> str:
        """The account's token in facts."""
        self._read()
        return self._tokens[account]

    def account(self, token: str) -> int:
        """The account of a token."""
        self._read()
        return self._accounts[token]

    def _read(self) -> None:
        first, last = len(self._tokens), len(self._society.accounts)
        if first < last:
            fresh = self._reader.account_tokens(first, last)
            self._accounts |= dict(zip(fresh, range(first, last), strict=True))
            self._tokens += fresh
