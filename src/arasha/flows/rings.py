"""Followed: rings, accounts that hang together by how they move money and by what they share.

In: the arena, the devices and numbers that accounts used, confirmed fraud. Out: rings with their
ties counted by kind. Two accounts are tied

- by *flow*: the first payment from one to the other was money that had just come to the one, and
  that the other passed on at once (at least 80 in 100 of it, each within ``QUICK_MS``);
- by a *device* or a *number* that few accounts use.

A ring has at least three accounts and a tie by flow. Resemblance makes nobody guilty: only a ring
with an account confirmed in fraud (a settled label, or a report that the victim's bank attests) is
*actionable*; any other is a question for a person, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.events.columns import Facts
from arasha.events.schema import Kind
from arasha.flows import kernels_rings as kernels
from arasha.flows.arena import Arena
from arasha.flows.kernels_arena import ACCOUNTS, MASK, NONE, PAYEE

QUICK_MS: Final = 6 * 3_600_000
"""Money that is passed on within so long was passed on quickly: 6 hours."""

SHARED_MOST: Final = 12
"""A device or number that more accounts use ties nobody: a till, a bank's own terminal."""

RING_LEAST: Final = 3
"""Accounts of the smallest ring."""

FLOW, DEVICE, NUMBER = range(3)
TIES: Final = ("flow", "device", "number")


@dataclass(frozen=True, slots=True)
class Ring:
    """Accounts (the arena's numbers, ascending) and ties between them, by kind as in TIES.

    ``confirmed`` are those of its accounts that are confirmed in fraud. Without one a ring is a
    question for a person, never a ground to act on.
    """

    accounts: tuple[int, ...]
    ties: tuple[int, int, int]
    confirmed: tuple[int, ...]

    @property
    def actionable(self) -> bool:
        """Whether there is a ground to act: an account confirmed in fraud."""
        return bool(self.confirmed)


class Uses:
    """The devices and numbers that accounts used, from the payments' own facts.

    Kept as pairs of an account and 64 bits of a token; a habit is kept once.
    """

    def __init__(self, arena: Arena) -> None:
        self._arena = arena
        self._last: dict[str, NDArray[np.int64]] = {}
        self._pairs: dict[str, list[NDArray[np.int64]]] = {"device": [], "payer_number": []}

    def observe(self, facts: Facts) -> None:
        """Take in payments that the arena has taken in already."""
        rows = np.flatnonzero(facts.kinds == Kind.PAYMENT)
        if not len(rows):
            return
        parties = np.ascontiguousarray(facts.symbol("payer_account")[rows]).view(np.int64)
        currencies = np.maximum(facts.number("currency")[rows], 0)
        arena, accounts = self._arena, len(self._arena.arrays.accounts)
        for name, pairs in self._pairs.items():
            if name not in facts.symbols:
                continue
            things = np.ascontiguousarray(facts.symbols[name][rows]).view(np.int64)
            last = self._last.get(name, np.zeros(0, np.int64))
            if len(last) < accounts:
                last = np.concatenate((last, np.zeros(accounts - len(last), np.int64)))
                self._last[name] = last
            out = np.empty((len(rows), 2), np.int64)
            found = kernels.uses(
                tuple(arena.arrays), arena.about, parties, currencies, things, last, out
            )
            pairs.append(out[:found].copy())

    def ties(self, name: str, most: int = SHARED_MOST) -> NDArray[np.int64]:
        """int64[n, 2]: accounts that share a device (or a number), each tied to the first."""
        parts = self._pairs[name]
        if not parts:
            return np.zeros((0, 2), np.int64)
        pairs = np.unique(np.concatenate(parts), axis=0)
        pairs = pairs[np.lexsort((pairs[:, 0], pairs[:, 1]))]
        _, first, count = np.unique(pairs[:, 1], return_index=True, return_counts=True)
        leaders = np.repeat(pairs[first, 0], count)
        shared = np.repeat((count > 1) & (count <= most), count) & (leaders != pairs[:, 0])
        return np.stack((leaders[shared], pairs[shared, 0]), 1)


def rings(
    arena: Arena,
    uses: Uses | None = None,
    confirmed: Iterable[int] = (),
    *,
    least_amount_minor: int,
    quick_ms: int = QUICK_MS,
) -> list[Ring]:
    """All rings among the accounts held, the one with most accounts first.

    ``least_amount_minor`` is the smallest payment that ties by flow: what people lend each other
    for a day should be below it.
    ``confirmed`` are accounts (the arena's numbers) that a settled label or an attested report
    names as having taken stolen money.
    """
    ties = [
        flow_ties(arena, quick_ms, least_amount_minor),
        uses.ties("device") if uses else np.zeros((0, 2), np.int64),
        uses.ties("payer_number") if uses else np.zeros((0, 2), np.int64),
    ]
    parents = np.arange(int(arena.about[ACCOUNTS]), dtype=np.int64)
    for some in ties:
        kernels.unite(parents, some)
    kernels.flatten(parents)
    counts = [np.bincount(parents[some[:, 0]], minlength=len(parents)) for some in ties]
    sizes = np.bincount(parents, minlength=len(parents))
    chosen = (sizes >= RING_LEAST) & (counts[FLOW] > 0)
    known = np.zeros(len(parents), np.bool_)
    known[list(confirmed)] = True
    members = np.flatnonzero(chosen[parents])
    members = members[np.argsort(parents[members], kind="stable")]
    heads, starts = np.unique(parents[members], return_index=True)
    found = []
    for head, some in zip(heads.tolist(), np.split(members, starts)[1:], strict=True):
        found.append(
            Ring(
                tuple(some.tolist()),
                (int(counts[FLOW][head]), int(counts[DEVICE][head]), int(counts[NUMBER][head])),
                tuple(some[known[some]].tolist()),
            )
        )
    return sorted(found, key=lambda ring: (-len(ring.accounts), ring.accounts))


def flow_ties(arena: Arena, quick_ms: int, least_amount_minor: int) -> NDArray[np.int64]:
    """int64[n, 2]: (payer, payee) of the payments that both passed on quickly, each pair once."""
    held = len(arena)
    left, fed = np.zeros(held, np.int64), np.zeros(held, np.int64)
    newest = np.full(int(arena.about[ACCOUNTS]), NONE, np.int64)
    memory = tuple(arena.arrays)
    kernels.match(memory, arena.about, quick_ms, left, fed, newest)
    room = np.empty((held // 4 + 16, 2), np.int64)
    found = kernels.relays(memory, arena.about, left, fed, least_amount_minor, room)
    if found > len(room):
        room = np.empty((found, 2), np.int64)
        kernels.relays(memory, arena.about, left, fed, least_amount_minor, room)
    return np.unique(room[:found], axis=0)


def confirmed_accounts(arena: Arena, facts: Facts) -> set[int]:
    """The accounts that labels of fraud and attested reports of a batch name as paid.

    What is not held any more confirms nothing here.
    """
    fraud = (facts.kinds == Kind.LABEL) & (facts.number("fraud") == 1)
    attested = (facts.kinds == Kind.REPORT) & (facts.number("attested") == 1)
    payments, payees = facts.symbol("payment"), facts.symbol("payee_account")
    found: set[int] = set()
    for row in np.flatnonzero(fraud | attested).tolist():
        ordinal = arena.ordinal_of(payments[row]) if payments[row].any() else None
        if ordinal is not None:
            place = ordinal & int(arena.about[MASK])
            found.add(int(arena.arrays.rows_32[place, PAYEE]))
        elif payees[row].any():
            found.update(arena.accounts_of(payees[row]))
    return found
