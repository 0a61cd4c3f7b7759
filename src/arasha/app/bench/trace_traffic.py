"""What ``arasha bench trace`` follows: a nation's ordinary payments, with thefts among them.

Out: an arena that holds them, and the ordinals of the payments that victims would report. A theft
goes from one ordinary account to another, and on from there: 95 in 100 of it in one to three parts,
each part again within an hour on average, over at most ten payments one behind the other, until it
has as many payments as it was to have (3 to 480, log-normal). Ordinary life goes on at all of these
accounts, and some are busy ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.app.bench.traffic import DAYS, Nation
from arasha.events.columns import Facts, concatenate
from arasha.events.schema import Kind
from arasha.flows.arena import Arena
from arasha.flows.rings import Uses

Ints = NDArray[np.int64]

LARGEST: Final = 480
"""Payments of the largest theft."""

HOPS: Final = 10
STOLEN_MINOR: Final = 1_000_000_00
KEEP_MS: Final = 10 * 365 * 86_400_000

_SEED: Final = 20_260_106
_DAY_MS: Final = 86_400_000
_HOUR_MS: Final = 3_600_000
_TENGE: Final = 398


@dataclass(frozen=True, slots=True)
class Thefts:
    """Payments of all thefts by time: payer and payee (accounts of the nation), ms, minor units;
    ``first`` marks the payments that victims report.
    """

    payers: Ints
    payees: Ints
    times: Ints
    amounts: Ints
    first: NDArray[np.bool_]

    @staticmethod
    def of(nation: Nation, thefts: int, start_ms: int) -> Thefts:
        """So many thefts among a nation's accounts, at any time but its last two days."""
        chance = np.random.default_rng(_SEED)
        rows = [row for _ in range(thefts) for row in _theft(chance, len(nation.symbols))]
        columns = np.array(rows, np.float64)
        times = start_ms + columns[:, 2].astype(np.int64)
        order = np.argsort(times, kind="stable")
        whole = columns[order].astype(np.int64)
        return Thefts(
            whole[:, 0], whole[:, 1], times[order], whole[:, 3], whole[:, 4].astype(np.bool_)
        )

    def between(self, nation: Nation, first: int, stop: int) -> Facts:
        """Those payments as facts."""
        n, part = stop - first, slice(first, stop)
        return Facts(
            np.full(n, Kind.PAYMENT, np.uint8), [""] * n,
            {"happened_at": self.times[part], "amount": self.amounts[part],
             "currency": np.full(n, _TENGE, np.int64)},
            {"payer_account": nation.symbols[self.payers[part]],
             "payee_account": nation.symbols[self.payees[part]]},
        )  # fmt: skip


def _theft(chance: np.random.Generator, accounts: int) -> Iterator[tuple[float, ...]]:
    """(payer, payee, ms since the start, amount, is the first) of one theft."""
    size = int(np.clip(chance.lognormal(3.2, 1.1), 3, LARGEST))
    at = chance.random() * (DAYS - 2) * _DAY_MS
    victim, mule = chance.integers(0, accounts, 2)
    waiting, made = [(mule, STOLEN_MINOR, at, 1)], 1
    yield victim, mule, at, STOLEN_MINOR, 1
    for account, amount, since, hop in waiting:  # grows as we go
        if hop >= HOPS:
            continue
        parts = int(chance.integers(1, 4))
        for _ in range(parts):
            if made >= size:
                return
            made += 1
            payee = int(chance.integers(0, accounts))
            when = since + chance.exponential(_HOUR_MS)
            part = int(amount * 0.95 / parts)
            waiting.append((payee, part, when, hop + 1))
            yield account, payee, when, part, 0


@dataclass(frozen=True, slots=True)
class Held:
    """An arena with a history, the devices used in it, and what is reported.

    ``edges`` int64[n, 4] (payer, payee, ms, minor units; accounts of the nation) if kept.
    """

    nation: Nation
    arena: Arena
    uses: Uses | None
    reported: list[int]
    edges: Ints | None


def held(payments: int, thefts: int, *, with_uses: bool = False, with_edges: bool = False) -> Held:
    """A nation's history of so many payments, and thefts among them."""
    nation = Nation.of(payments)
    arena = Arena(keep_ms=KEEP_MS)
    uses = Uses(arena) if with_uses else None
    planted = Thefts.of(nation, thefts, int(nation.times(0, 1)[0]))
    reported: list[int] = []
    edges: list[Ints] = []
    taken = 0
    chance = np.random.default_rng(_SEED)
    for facts, known_at in nation.history(payments):
        stop = int(np.searchsorted(planted.times, known_at[-1], side="right"))
        of_thefts = planted.between(nation, taken, stop)
        whole = concatenate([facts, of_thefts])
        times = np.concatenate((known_at, planted.times[taken:stop]))
        first = np.concatenate((np.zeros(len(facts), np.bool_), planted.first[taken:stop]))
        taken = stop
        order = np.argsort(times, kind="stable")
        before = len(arena)
        digests = chance.integers(1, 2**63, (len(order), 2), np.uint64)
        whole = whole.take(order)
        arena.observe(whole, times[order], digests=digests)
        reported += (before + np.flatnonzero(first[order])).tolist()
        if uses is not None:
            uses.observe(whole)
        if with_edges:
            edges.append(_edges(arena, before))
    return Held(nation, arena, uses, reported, np.concatenate(edges) if edges else None)


def _edges(arena: Arena, first: int) -> Ints:
    """int64[n, 4] of the payments from an ordinal on, with the arena's numbers of accounts."""
    from arasha.flows.kernels_arena import AMOUNT, AMOUNT_BITS, PAYEE, PAYER, TIME

    places = slice(first, len(arena))
    rows, links = arena.arrays.rows[places], arena.arrays.rows_32[places]
    return np.stack(
        (
            links[:, PAYER].astype(np.int64), links[:, PAYEE].astype(np.int64),
            (rows[:, TIME] >> 20) & (2**44 - 1), rows[:, AMOUNT] & (2**AMOUNT_BITS - 1),
        ), 1,
    )  # fmt: skip


def through_hub(ordinary: int, hub_payments: int, days: float) -> tuple[Arena, int]:
    """An arena where a theft goes through an account with so many payments in so many days.

    The hub is paid and pays in turn, by and to anybody. The victim's payment is followed by one
    into the hub, and an hour later by one of the same amount out of it. With the ordinal of the
    victim's payment.
    """
    nation = Nation.of(ordinary)
    arena = Arena(keep_ms=KEEP_MS)
    start = int(nation.times(0, 1)[0])
    hub, mule, end = 3, 4, 5
    chance = np.random.default_rng(_SEED)
    n = hub_payments
    others = chance.integers(6, len(nation.symbols), n)
    payers, payees = np.full(n, hub), others
    payers[::2], payees[::2] = others[::2], hub
    times = start + (np.arange(n) * (days * _DAY_MS / n)).astype(np.int64)
    amounts = np.minimum(chance.lognormal(13, 1.5, n), 1e12).astype(np.int64) + 1
    theft = start + np.array([1, 2, 3]) * _HOUR_MS + 1
    payers = np.concatenate((payers, [2, mule, hub]))
    payees = np.concatenate((payees, [mule, hub, end]))
    amounts = np.concatenate((amounts, np.full(3, STOLEN_MINOR)))
    times = np.concatenate((times, theft))
    first = np.zeros(n + 3, np.bool_)
    first[n] = True
    made = Thefts(payers, payees, times, amounts, first)
    whole = made.between(nation, 0, n + 3)
    life = [facts for facts, _ in nation.history(ordinary)]
    joined = concatenate([whole, *life])
    order = np.argsort(joined.number("happened_at"), kind="stable")
    digests = chance.integers(1, 2**63, (len(order), 2), np.uint64)
    arena.observe(joined.take(order), joined.number("happened_at")[order], digests=digests)
    return arena, int(np.flatnonzero(order == n)[0])
