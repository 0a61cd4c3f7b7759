"""Who among some accounts paid whom: the ties that a person looks at, not a trace of money.

In: an arena, accounts, a span of time. Out: for each pair that a payment ties, how many there were
and how much. Payments that were rejected moved nothing and tie nobody.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np

from arasha.flows import kernels_back as kernels
from arasha.flows.arena import Arena
from arasha.flows.kernels_arena import AMOUNT, MASK, PAYER, amount_of

LOOKS_MOST: Final = 500
"""Payments into one account that are looked at, the newest."""


@dataclass(frozen=True, slots=True)
class Between:
    """Payments of one account to another, both by the arena's numbers."""

    payer: int
    payee: int
    payments: int
    amount_minor: int


def paid_between(
    arena: Arena, accounts: Collection[int], since_ms: int, until_ms: int
) -> list[Between]:
    """Each pair of these accounts between which money moved in [since_ms, until_ms], in the order
    of their numbers.
    """
    found: dict[tuple[int, int], tuple[int, int]] = {}
    memory, about = tuple(arena.arrays), arena.about
    out = np.empty(LOOKS_MOST, np.int64)
    for payee in accounts:
        count, _, _ = kernels.came_before(
            memory, about, payee, len(arena), since_ms, until_ms, LOOKS_MOST, out
        )
        for ordinal in out[:count].tolist():
            place = ordinal & int(about[MASK])
            payer = int(arena.arrays.rows_32[place, PAYER])
            if payer in accounts:
                payments, minor = found.get((payer, payee), (0, 0))
                moved = int(amount_of(int(arena.arrays.rows[place, AMOUNT])))
                found[payer, payee] = payments + 1, minor + moved
    return [Between(*pair, *found[pair]) for pair in sorted(found)]
