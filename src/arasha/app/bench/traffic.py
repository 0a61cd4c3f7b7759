"""What the benchmarks of the engine are fed: the handbook's card payments, and a made-up nation.

Out: frames and facts with symbols at random, as the door would have made them. The handbook's file
is looked for in the folder ARASHA_DATA names, else beside the repository; where it is absent, data
like it are made (testing/generated.py).

The nation: activity of payers and payees has a heavy tail (Pareto, shape 1.5 and 1.2); six in ten
payments go to one of the payer's eight contacts, the rest to whoever is popular. Each account has a
phone number and a device, one payment in ten is made from a second device; 85 in 100 are made on a
device at all. Times are evenly spaced over ``DAYS`` days, so that the widest window of the default
policy (90 days) holds them all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arasha.errors import UsageError
from arasha.events.columns import Facts
from arasha.events.schema import CHANNELS, Kind
from arasha.events.symbols import code_bytes, symbols_of

HANDBOOK_FILE: Final = "handbook-2018-04-01--2018-08-14.parquet"
"""The handbook's card payments; origin and terms stand in docs/benchmarks.md."""

DAYS: Final = 75
"""Length of a nation's history."""

PAYMENTS_OF_ACCOUNT: Final = 10
"""Payments an account makes in that time, on average."""

CHUNK: Final = 131_072
"""Payments generated at once."""

_ROOT: Final = Path(__file__).resolve().parents[4]
_SEED: Final = 20_260_101
_START_MS: Final = 1_767_225_600_000  # 2026-01-01 UTC
_DAY_MS: Final = 86_400_000
_TENGE, _DOLLAR = 398, 840
_CONTACTS: Final = 8
_NUMBER_BITS, _DEVICE_BITS, _SECOND_DEVICE_BITS = (
    np.uint64(bits) for bits in (0x5851F42D4C957F2D, 0x14057B7EF767814F, 0x2545F4914F6CDD1D)
)

Ints = NDArray[np.int64]
Symbols = NDArray[np.uint64]


def house_file(name: str) -> Path:
    """A policy or mapping of the repository. Raises UsageError away from it."""
    for folder in (Path.cwd(), _ROOT):
        if (folder / name).is_file():
            return folder / name
    raise UsageError(
        f"{name} is not here", expected="a checkout of the repository",
        hint="run the benchmark from its root",
    )  # fmt: skip


def handbook(payments: int | None) -> pl.DataFrame:
    """The first payments of the handbook, by time (None: all), or of data like it."""
    file = handbook_file()
    if file is not None:
        return pl.read_parquet(file, n_rows=payments)
    from arasha.testing.generated import handbook_like

    days = 136 if payments is None else min(136, payments // 9_000 + 2)
    made = handbook_like(1, 5_000, 10_000, days)
    return made if payments is None else made.head(payments)


def handbook_name() -> str:
    """What ``handbook`` gives, in words."""
    made_up = "made-up data like the handbook's (its file is not here)"
    return "the handbook's" if handbook_file() is not None else made_up


def handbook_file() -> Path | None:
    """The handbook's file, None where it is absent."""
    for place in (os.environ.get("ARASHA_DATA"), _ROOT.parent / "shared" / "data"):
        if place and (file := Path(place) / HANDBOOK_FILE).is_file():
            return file
    return None


def handbook_facts(frame: pl.DataFrame) -> tuple[Facts, Ints]:
    """(facts, known_at) of the handbook's payments, with symbols at random for its numbers."""
    chance = np.random.default_rng(_SEED)
    time_ms = frame["TX_DATETIME"].dt.epoch("ms").to_numpy().astype(np.int64)
    numbers = {
        "happened_at": time_ms,
        "amount": minor_units(frame).to_numpy(),
        "currency": np.full(len(frame), 978, np.int64),
    }
    symbols = {
        name: _symbols(chance, int(frame[column].max()) + 1)[  # type: ignore[arg-type]  # an int
            frame[column].to_numpy().astype(np.intp)
        ]
        for name, column in (("payer_account", "CUSTOMER_ID"), ("payee_account", "TERMINAL_ID"))
    }
    kinds = np.full(len(frame), Kind.PAYMENT, np.uint8)
    return Facts(kinds, [""] * len(frame), numbers, symbols), time_ms


def minor_units(frame: pl.DataFrame) -> pl.Series:
    """The handbook's amounts in cents, Int64."""
    return (frame["TX_AMOUNT"] * 100).round().cast(pl.Int64)


@dataclass(frozen=True, slots=True)
class Nation:
    """A population and how often each pays and is paid."""

    symbols: Symbols
    payer_share: NDArray[np.float64]  # cumulative
    payee_share: NDArray[np.float64]
    step_ms: float

    @staticmethod
    def of(payments: int) -> Nation:
        """A nation that makes so many payments in DAYS days."""
        chance = np.random.default_rng(_SEED)
        accounts = max(100, payments // PAYMENTS_OF_ACCOUNT)
        return Nation(
            _symbols(chance, accounts), _shares(chance, accounts, 1.5),
            _shares(chance, accounts, 1.2), DAYS * _DAY_MS / payments,
        )  # fmt: skip

    def history(self, payments: int, first: int = 0) -> Iterator[tuple[Facts, Ints]]:
        """Chunks of (facts, known_at), from the payment number ``first`` on."""
        for start in range(first, first + payments, CHUNK):
            count = min(CHUNK, first + payments - start)
            yield self.payments(start, self.times(start, count))

    def times(self, first: int, count: int) -> Ints:
        """When the payments from number ``first`` on happen, in ms."""
        return _START_MS + (np.arange(first, first + count) * self.step_ms).astype(np.int64)

    def payments(
        self, seed: int, times: Ints, *, payer: int | None = None, payee: int | None = None
    ) -> tuple[Facts, Ints]:
        """A payment at each time; all paid by the account ``payer`` or to ``payee`` if given."""
        chance = np.random.default_rng((_SEED, seed))
        n, accounts = len(times), len(self.symbols)
        payers = np.searchsorted(self.payer_share, chance.random(n))
        popular = np.searchsorted(self.payee_share, chance.random(n))
        if payer is not None:
            payers[:] = payer
        contact = payers * _CONTACTS + (chance.random(n) ** 2 * _CONTACTS).astype(np.int64)
        known = (contact * 2_654_435_761 + 12_345) % accounts
        payees = np.where(chance.random(n) < 0.6, known, popular)
        if payer is not None:
            payees = popular
        if payee is not None:
            payees[:] = payee
        payees = np.where(payees == payers, (payees + 1) % accounts, payees)
        return Facts(
            np.full(n, Kind.PAYMENT, np.uint8), [""] * n, _numbers(chance, times),
            self._parties(chance, payers, payees),
        ), times  # fmt: skip

    def _parties(
        self, chance: np.random.Generator, payers: Ints, payees: Ints
    ) -> dict[str, Symbols]:
        n = len(payers)
        own = self.symbols[payers]
        second = np.where(chance.random(n) < 0.1, _SECOND_DEVICE_BITS, np.uint64(0))
        device = own ^ _DEVICE_BITS ^ second[:, None]
        device[chance.random(n) < 0.15] = 0
        return {
            "sender": np.repeat(symbols_of([code_bytes("NATIONKZ")]), n, axis=0),
            "payer_account": own,
            "payee_account": self.symbols[payees],
            "payer_number": own ^ _NUMBER_BITS,
            "device": device,
        }


def _numbers(chance: np.random.Generator, times: Ints) -> dict[str, Ints]:
    n = len(times)
    marks = ("new_device", "remote_access", "active_call", "credentials_changed")
    likely = np.array([0.7, 0.1, 0.05, 0.05, 0.05, 0.05])
    channels = np.array([CHANNELS.index(c) for c in ("mobile", "web", "atm", "pos", "card", "api")])
    return {
        "happened_at": times,
        "amount": np.minimum(chance.lognormal(13, 1.5, n), 1e12).astype(np.int64) + 1,
        "currency": np.where(chance.random(n) < 0.97, _TENGE, _DOLLAR),
        "channel": channels[np.searchsorted(likely.cumsum()[:-1], chance.random(n))],
        **{mark: (chance.random(n) < 0.02).astype(np.int64) for mark in marks},
    }


def _symbols(chance: np.random.Generator, count: int) -> Symbols:
    return chance.integers(1, 2**63, (count, 2), np.uint64)


def _shares(chance: np.random.Generator, accounts: int, shape: float) -> NDArray[np.float64]:
    weights = chance.pareto(shape, accounts) + 1
    shares: NDArray[np.float64] = weights.cumsum() / weights.sum()
    shares[-1] = 1.0
    return shares
