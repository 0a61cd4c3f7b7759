"""Askings: how often banks asked an operator about a number of late, and how often they still may.

In: the answers in an operator's log, and those on their way to it. Out: whether one more may be
given. A bank asks about a payment; so payments are counted, of all banks together, and within one
payment the answers to each signal. Who has no payment cannot watch a person by asking, nor find an
exact time by asking for it from ever nearer::

    number  ->  payment (bank and id, as one digest)  ->  when last, answers by signal
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.events.columns import Facts, Symbols
from arasha.events.schema import SIGNALS, Kind

MAX_ASKED_24H: Final = 24
"""Payments about whose payer, one number, all banks together may ask in 24 hours: beyond it nobody
is told. Who needs more is watching.
"""

MAX_OF_A_BANK: Final = 16
"""Of those, payments of one bank: none uses up what the others need to ask about the same person,
by fault or by will.
"""

MAX_OF_A_SIGNAL: Final = 8
"""Answers to one signal that a payment may have, of all its routes and with its repetitions."""

_OPERATORS_ASK: Final = SIGNALS.index("origination")
"""What operators ask each other about a call: it is no bank's asking."""

_UNKNOWN: Final = bytes(16)
"""The symbol of no payment."""

_DAY_MS: Final = 24 * 3_600_000
_NOTHING: Final = [0] * len(SIGNALS)


@dataclass(slots=True)
class _Asked:
    """What one payment of a bank was told of a number."""

    bank: bytes
    last_ms: int
    answers: list[int] = field(default_factory=_NOTHING.copy)  # of each signal
    on_their_way: list[int] = field(default_factory=_NOTHING.copy)


class Askings:
    """The askings of 24 hours. Used by one thread."""

    def __init__(self) -> None:
        self._numbers: OrderedDict[bytes, dict[bytes, _Asked]] = OrderedDict()  # lately asked: last

    def take(self, facts: Facts, known_at: NDArray[np.int64]) -> None:
        """Count the answers among these facts of the log."""
        signals = facts.number("signal")
        rows = np.flatnonzero((facts.kinds == Kind.SIGNAL) & (signals != _OPERATORS_ASK))
        if not len(rows):
            return
        numbers, payments, banks = (
            _symbols(facts.symbol(name)[rows]) for name in ("number", "payment", "sender")
        )
        for number, payment, bank, at_ms, signal in zip(
            numbers, payments, banks, known_at[rows].tolist(), signals[rows].tolist(), strict=True
        ):
            if payment == _UNKNOWN:  # one that names no payment is told apart by its time
                payment = at_ms.to_bytes(len(_UNKNOWN), "little")  # noqa: PLW2901 - its name
            asked = self._asked(number, bank, payment, at_ms)
            if asked.on_their_way[signal]:
                asked.on_their_way[signal] -= 1  # counted when it was allowed
            else:
                asked.answers[signal] += 1

    def asked_24h(self, number: bytes, now_ms: int) -> int:
        """Payments about which the number was asked about."""
        return sum(one.last_ms > now_ms - _DAY_MS for one in self._numbers.get(number, {}).values())

    def allow(
        self, number: bytes, bank: bytes, payment: bytes, signals: tuple[int, ...], now_ms: int
    ) -> str | None:
        """Count answers to these signals that are about to be kept, or say why there may be none,
        as what there may be. One that is not kept after all counts like one that was.
        """
        self._forget(now_ms)
        of = self._numbers.get(number, {})
        before = of.get(payment)
        if before is None or before.last_ms <= now_ms - _DAY_MS:
            now = [one for one in of.values() if one.last_ms > now_ms - _DAY_MS]
            if len(now) >= MAX_ASKED_24H:
                return f"at most {MAX_ASKED_24H} payments a number and day"
            if sum(one.bank == bank for one in now) >= MAX_OF_A_BANK:
                return f"at most {MAX_OF_A_BANK} payments of one bank a number and day"
        elif any(before.answers[signal] >= MAX_OF_A_SIGNAL for signal in signals):
            return f"at most {MAX_OF_A_SIGNAL} answers to a signal about one payment"
        asked = self._asked(number, bank, payment, now_ms)
        for signal in signals:
            asked.answers[signal] += 1
            asked.on_their_way[signal] += 1
        return None

    def _asked(self, number: bytes, bank: bytes, payment: bytes, at_ms: int) -> _Asked:
        """That payment's, as of now; what is over of that number is let go of."""
        of = self._numbers.get(number)
        if of is None:
            of = self._numbers[number] = {}
        else:
            self._numbers.move_to_end(number)
        for over in [one for one, it in of.items() if it.last_ms <= at_ms - _DAY_MS]:
            del of[over]
        asked = of.get(payment)
        if asked is None:
            asked = of[payment] = _Asked(bank, at_ms)
        asked.last_ms = max(asked.last_ms, at_ms)
        return asked

    def _forget(self, now_ms: int) -> None:
        """Let go of numbers that nobody asked about for a day."""
        while self._numbers:
            number, of = next(iter(self._numbers.items()))
            if any(one.last_ms > now_ms - _DAY_MS for one in of.values()):
                break
            del self._numbers[number]


def _symbols(column: Symbols) -> list[bytes]:
    """Each row's 16 bytes."""
    data = np.ascontiguousarray(column).tobytes()
    return [data[at : at + 16] for at in range(0, len(data), 16)]
