"""Followed back: who else paid into the accounts of a trace, and may be a victim, too.

In: an arena and a trace. Out: payments that came to the trace's accounts from outside it shortly
before or while they were watched, and, where such a payment had itself just been fed by others,
what fed it. Each is a question for a person who can ask the payer, never a ground to hold: an
account used by thieves mostly has an ordinary life, too.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from arasha.flows import kernels_back as kernels
from arasha.flows.arena import Arena
from arasha.flows.kernels_arena import (
    AMOUNT,
    HEAD,
    MASK,
    ORDINALS,
    PAYEE,
    PAYER,
    PLACE,
    TIME,
    amount_of,
    time_of,
)
from arasha.flows.traced import Money, Trace

FED_PERCENT: Final = 80
"""A payment was fed by others if so much of it had come to its payer within the hop window; money
went through an account if so much of it was passed on."""

LOOKS_MOST: Final = 5_000
"""Payments into one account looked at; of one that has more, the newest."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A payment from outside a trace to an account on it, or to one that fed it.

    ``hops`` payments before the trace's account, 1: straight into it. ``fed_minor``: what had come
    to the payer within the hop window before. ``first``: the payer is not known to have paid this
    payee before. ``through``: the payee passed on what came to it, as a mule does and a shop does
    not. ``origin``: nothing fed it, so its payer may be a victim.
    """

    ordinal: int
    seq: int
    at_ms: int
    amount_minor: int
    payer: str
    payee: str
    hops: int
    fed_minor: int
    first: bool
    through: bool

    @property
    def origin(self) -> bool:
        """Whether the payment is where its money came from, as far as the arena knows."""
        return 100 * self.fed_minor < FED_PERCENT * self.amount_minor

    def as_object(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "seq": self.seq, "at_ms": self.at_ms, "amount_minor": self.amount_minor,
            "payer": self.payer, "payee": self.payee, "hops": self.hops,
            "fed_minor": self.fed_minor,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The arrivals of a trace in the order they were found, by hops and then newest first.
    ``cut``: some account had more payments than were looked at, or there were more arrivals.
    """

    arrivals: tuple[Arrival, ...]
    cut: bool

    @property
    def likely(self) -> list[Arrival]:
        """Those to ask first: first payments, fed by nothing, to accounts that money went through;
        the largest first.
        """
        some = [one for one in self.arrivals if one.origin and one.first and one.through]
        return sorted(some, key=lambda one: (-one.amount_minor, one.ordinal))


def look_back(arena: Arena, trace: Trace) -> Arrivals:
    """Who else paid into the accounts of a trace, by the trace's own bounds."""
    bounds = trace.bounds
    through = {one.number for one in trace.accounts if _went_through(one.money)}
    window, known = bounds.hop_window_ms, {one.ordinal for one in trace.payments}
    on_trace = {one.number for one in trace.accounts}
    found: list[Arrival] = []
    queue = deque(
        (one.number, one.since_ms - window, one.until_ms, len(arena), 1) for one in trace.accounts
    )
    asked, cut = set(on_trace), False
    out = np.empty(LOOKS_MOST, np.int64)
    memory, about = tuple(arena.arrays), arena.about
    while queue:
        account, from_ms, until_ms, before, hops = queue.popleft()
        count, _, left = kernels.came_before(
            memory, about, account, before, from_ms, until_ms, LOOKS_MOST, out
        )
        cut = cut or left == 0
        for ordinal in out[:count].tolist():
            is_through = hops > 1 or account in through
            payer, arrival = _arrival(arena, ordinal, hops, window, through=is_through)
            if ordinal in known or payer in on_trace:
                continue
            if arrival.amount_minor < bounds.least_amount_minor:
                continue
            if len(found) == bounds.payments_most:
                return Arrivals(tuple(found), cut=True)
            found.append(arrival)
            known.add(ordinal)
            if not arrival.origin and hops < bounds.hops_most and payer not in asked:
                asked.add(payer)
                age = (ordinal - int(about[HEAD])) & ORDINALS
                at = arrival.at_ms
                queue.append((payer, at - window, at, age, hops + 1))
    return Arrivals(tuple(found), cut)


def is_first(arena: Arena, ordinal: int) -> bool:
    """Whether the payer of a payment is not known to have paid its payee before."""
    return not kernels.met_before(tuple(arena.arrays), arena.about, ordinal, LOOKS_MOST)


def _went_through(money: Money) -> bool:
    """Whether an account passed on, or out, nearly all that came: by FIFO."""
    return 100 * (money.passed.fifo + money.left.fifo) >= FED_PERCENT * money.received.fifo


def _arrival(
    arena: Arena, ordinal: int, hops: int, window: int, *, through: bool
) -> tuple[int, Arrival]:
    about, memory = arena.about, tuple(arena.arrays)
    place = ordinal & int(about[MASK])
    row, links = arena.arrays.rows[place], arena.arrays.rows_32[place]
    payer, at = int(links[PAYER]), int(time_of(int(row[TIME])))
    age = (ordinal - int(about[HEAD])) & ORDINALS
    _, fed, _ = kernels.came_before(
        memory, about, payer, age, at - window, at, LOOKS_MOST, np.empty(0, np.int64)
    )
    return payer, Arrival(
        ordinal,
        int(row[PLACE]) >> 24,
        at,
        int(amount_of(int(row[AMOUNT]))),
        arena.token_of(payer).hex(),
        arena.token_of(int(links[PAYEE])).hex(),
        hops,
        int(fed),
        is_first(arena, ordinal),
        through,
    )
