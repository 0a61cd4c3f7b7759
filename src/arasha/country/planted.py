"""Planted: who buys many SIM cards honestly, beside a country, and who has more than the law lets.

The country has no shops, holders or sequences of numbers; this lays them beside it for one
operator, as facts with random tokens. Ordinary use is the same for all of them: calls to a few
contacts, most of them taken, and as many back. In: a seed and a span of time. Out: facts in time
order, and whose each number is. Counts: assumed, and hard on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.country.script import DAY_MS, HOUR_MS, MINUTE_MS
from arasha.events.columns import Facts
from arasha.events.schema import MISSING, SIM_CHANGES, Kind

COMPANY: Final = "a company's 200 cards"
FAMILY: Final = "a family's 8 numbers"
PROMOTION: Final = "a dealer's promotion"
REPAIRS: Final = "a repair shop's tests"
AGENCY: Final = "a new sales office"
STRAW: Final = "14 numbers of one person"
HONEST: Final = (COMPANY, FAMILY, PROMOTION, REPAIRS, AGENCY)

_ACTIVATED: Final = SIM_CHANGES.index("activated")
_CONTACTS: Final = 12


@dataclass(slots=True)
class Planted:
    """Facts and whose numbers they are about: the first half of a token → a class."""

    chance: np.random.Generator
    whose: dict[int, str] = field(default_factory=dict)
    rows: list[tuple[int, int, bytes, bytes, dict[str, bytes], int]] = field(default_factory=list)

    def token(self) -> bytes:
        """One that nobody has."""
        return self.chance.bytes(16)

    def activate(self, at_ms: int, whose: str, **ties: bytes) -> bytes:
        """A new number."""
        number = self.token()
        self.whose[int.from_bytes(number[:8], "little")] = whose
        self.rows.append((at_ms, int(Kind.SIM_CHANGE), number, bytes(16), ties, MISSING))
        return number

    def call(self, at_ms: int, caller: bytes, callee: bytes, device: bytes, *, taken: bool) -> None:
        """A call that has ended; ``device`` is all zero where the operator does not know it."""
        minutes = self.chance.exponential(2.0)
        duration = int(minutes * MINUTE_MS) + 1_000 if taken else 0
        ties = {"device": device} if any(device) else {}
        self.rows.append((at_ms, int(Kind.CALL), caller, callee, ties, duration))

    def use(self, number: bytes, device: bytes, first_ms: int, end_ms: int) -> None:
        """Ordinary use from then on: some calls a day, either way."""
        contacts = [self.token() for _ in range(_CONTACTS)]
        day_ms = first_ms
        while day_ms < end_ms:
            for _ in range(int(self.chance.poisson(5))):
                other = contacts[int(self.chance.integers(_CONTACTS))]
                at_ms = day_ms + int(self.chance.uniform(0, 12) * HOUR_MS)
                self.call(at_ms, number, other, device, taken=self.chance.random() < 0.75)
            for _ in range(int(self.chance.poisson(4))):
                other = contacts[int(self.chance.integers(_CONTACTS))]
                at_ms = day_ms + int(self.chance.uniform(0, 12) * HOUR_MS)
                self.call(at_ms, other, number, bytes(16), taken=self.chance.random() < 0.75)
            day_ms += DAY_MS

    def facts(self) -> Facts:
        """All of it, in the order of time."""
        rows = sorted(self.rows, key=lambda row: row[0])
        column = {
            name: _symbols([row[4].get(name, bytes(16)) for row in rows])
            for name in ("device", "dealer", "holder", "block")
        }
        kinds = np.array([row[1] for row in rows], np.uint8)
        first = _symbols([row[2] for row in rows])
        called = (kinds == Kind.CALL)[:, None]
        zero = np.zeros_like(first)
        duration = np.array([row[5] for row in rows], np.int64)
        return Facts(
            kinds, [f"planted-{at}" for at in range(len(rows))],
            {
                "happened_at": np.array([row[0] for row in rows], np.int64),
                "change": np.where(kinds == Kind.SIM_CHANGE, _ACTIVATED, MISSING),
                "duration": duration,
                "answered": np.where(kinds == Kind.CALL, (duration > 0).astype(np.int64), MISSING),
            },
            {
                "caller_number": np.where(called, first, zero),
                "callee_number": _symbols([row[3] for row in rows]),
                "number": np.where(called, zero, first),
                **column,
            },
        )  # fmt: skip


def plant(seed: int, start_ms: int, end_ms: int) -> Planted:
    """All of them, once each, within the first days of a span."""
    made = Planted(np.random.default_rng([seed, 7]))
    _company(made, start_ms + 9 * HOUR_MS, end_ms)
    _family(made, start_ms + 10 * HOUR_MS, end_ms)
    _promotion(made, start_ms + DAY_MS + 9 * HOUR_MS, end_ms)
    _repairs(made, start_ms + DAY_MS + 11 * HOUR_MS, end_ms)
    _agency(made, start_ms + 2 * DAY_MS + 9 * HOUR_MS, end_ms)
    _straw(made, start_ms + 2 * DAY_MS + 12 * HOUR_MS)
    return made


def _company(made: Planted, at_ms: int, end_ms: int) -> None:
    """200 cards in sequence at one dealer, half a minute apart, each in its worker's own device."""
    dealer, block = made.token(), made.token()
    for nth in range(200):
        device, when = made.token(), at_ms + nth * MINUTE_MS // 2
        number = made.activate(when, COMPANY, dealer=dealer, block=block, device=device)
        made.use(number, device, when + HOUR_MS, end_ms)


def _family(made: Planted, at_ms: int, end_ms: int) -> None:
    """Eight numbers of one person, in eight devices."""
    dealer, holder = made.token(), made.token()
    for nth in range(8):
        device, when = made.token(), at_ms + nth * 2 * MINUTE_MS
        number = made.activate(when, FAMILY, dealer=dealer, holder=holder, device=device)
        made.use(number, device, when + HOUR_MS, end_ms)


def _promotion(made: Planted, at_ms: int, end_ms: int) -> None:
    """300 people buy a card within some hours; many tell a dozen or two at once that they did."""
    dealer, blocks = made.token(), [made.token() for _ in range(3)]
    for nth in range(300):
        device, when = made.token(), at_ms + nth * MINUTE_MS
        number = made.activate(when, PROMOTION, dealer=dealer, holder=made.token(),
                               block=blocks[nth // 100], device=device)  # fmt: skip
        if made.chance.random() < 0.4:
            for tell in range(int(made.chance.integers(5, 25))):
                told, then = made.token(), when + (5 + 2 * tell) * MINUTE_MS
                taken = bool(made.chance.random() < 0.65)
                made.call(then, number, told, device, taken=taken)
                if not taken and made.chance.random() < 0.5:
                    made.call(then + 20 * MINUTE_MS, told, number, bytes(16), taken=True)
        made.use(number, device, when + 2 * HOUR_MS, end_ms)


def _repairs(made: Planted, at_ms: int, end_ms: int) -> None:
    """Customers' cards are tried in one device: each calls the shop, which takes it or hangs up."""
    device, shop = made.token(), made.token()
    for nth in range(16):
        when = at_ms + nth * 25 * MINUTE_MS
        number = made.activate(when - 3 * DAY_MS, REPAIRS, holder=made.token())
        made.use(number, made.token(), when - 3 * DAY_MS, when)
        made.call(when, number, shop, device, taken=bool(made.chance.random() < 0.3))
        made.use(number, made.token(), when + HOUR_MS, end_ms)


def _agency(made: Planted, at_ms: int, end_ms: int) -> None:
    """Six people sell by telephone: many strangers, half of them listen, some call back."""
    dealer, block = made.token(), made.token()
    for nth in range(6):
        device, when = made.token(), at_ms + nth * 3 * MINUTE_MS
        number = made.activate(when, AGENCY, dealer=dealer, block=block, device=device)
        day_ms = when + HOUR_MS
        while day_ms < end_ms:
            for call in range(40):
                then, other = day_ms + call * 10 * MINUTE_MS, made.token()
                made.call(then, number, other, device, taken=bool(made.chance.random() < 0.5))
                if made.chance.random() < 0.15:
                    made.call(then + HOUR_MS, other, number, bytes(16), taken=True)
            day_ms += DAY_MS


def _straw(made: Planted, at_ms: int) -> None:
    """One person gets fourteen numbers within some days, and nobody uses them yet."""
    holder = made.token()
    for nth in range(14):
        made.activate(at_ms + nth * 3 * HOUR_MS, STRAW, holder=holder, dealer=made.token())


def _symbols(tokens: list[bytes]) -> NDArray[np.uint64]:
    return np.frombuffer(b"".join(tokens), np.uint64).reshape(-1, 2).copy()
