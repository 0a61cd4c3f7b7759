"""Who sees what: each bank its own customers' side, the centre what passes between banks.

In: happenings in time order, with the banks of both parties. Out: for each viewer which of them it
is told of. What stays inside one bank, cards and cash, and every call, stay where they are::

    fact                       a bank sees it                    the centre sees it
    payment                    sent or received by a customer    a transfer between two banks
    outcome, warning,          of its own customer's payment     of a payment that it saw
    signal, report, label
    account change             of its own account                never
    call, SIM change           never; classes, when it asks      never; classes, with a payment
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.country.happenings import NONE, Happenings
from arasha.country.society import NO_BANK
from arasha.events.schema import CHANNELS, Kind

TRANSFERS: Final = ("mobile", "web", "branch", "api", "phone")
"""Channels of transfers; cards and cash go over other networks."""

Mask = NDArray[np.bool_]
Banks = NDArray[np.uint8]

_TRANSFER: Final = np.array([channel in TRANSFERS for channel in CHANNELS])
_ABOUT_PAYMENTS: Final = np.isin(
    np.arange(256), [Kind.OUTCOME, Kind.WARNING, Kind.SIGNAL, Kind.REPORT, Kind.LABEL]
)
_FIRST_PAYMENTS: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Parties:
    """The banks of the first and second account of n happenings, `NO_BANK` where there is none."""

    first: Banks
    second: Banks

    @staticmethod
    def of(some: Happenings, bank_of_account: Banks) -> Parties:
        """``bank_of_account`` uint8 by account. Of calls and SIM changes there is no bank."""
        accounts = (some.kind != Kind.CALL) & (some.kind != Kind.SIM_CHANGE)

        def banks(column: NDArray[np.int32]) -> Banks:
            there = accounts & (column != NONE)
            return np.where(there, bank_of_account[np.where(there, column, 0)], np.uint8(NO_BANK))

        return Parties(banks(some.first), banks(some.second))


def seen_by_bank(bank: int, some: Happenings, parties: Parties) -> Mask:
    """What a bank is told of: its customers' side of everything."""
    received = (parties.second == bank) & (some.kind == Kind.PAYMENT)
    seen: Mask = (parties.first == bank) | received
    return seen


def sent_by(bank: int, some: Happenings, parties: Parties) -> Mask:
    """The payments that a bank's own customers send: those it judges."""
    sent: Mask = (some.kind == Kind.PAYMENT) & (parties.first == bank)
    return sent


@dataclass(slots=True)
class CentreView:
    """What the centre is told of. It remembers which payments it saw, by serial."""

    _carried: Mask = field(default_factory=lambda: np.zeros(_FIRST_PAYMENTS, np.bool_))

    def seen(self, some: Happenings, parties: Parties) -> Mask:
        """Transfers between two banks, and what is said of them; to be asked once, in order."""
        between = (
            (parties.first != NO_BANK)
            & (parties.second != NO_BANK)
            & (parties.first != parties.second)
        )
        transfers: Mask = (some.kind == Kind.PAYMENT) & between & _TRANSFER[_channel(some)]
        self._remember(some.payment[transfers])
        about = _ABOUT_PAYMENTS[some.kind] & (some.payment >= 0)
        known = np.zeros(len(some), np.bool_)
        serials = some.payment[about]
        known[about] = (serials < len(self._carried)) & self._carried[
            np.minimum(serials, len(self._carried) - 1)
        ]
        return transfers | known

    def _remember(self, serials: NDArray[np.int64]) -> None:
        if not len(serials):
            return
        last = int(serials.max())
        while last >= len(self._carried):
            self._carried = np.concatenate((self._carried, np.zeros_like(self._carried)))
        self._carried[serials] = True


def _channel(some: Happenings) -> NDArray[np.uint8]:
    """The channels of payments, the first of all for other kinds."""
    return np.where(some.kind == Kind.PAYMENT, some.code, np.uint8(0))
