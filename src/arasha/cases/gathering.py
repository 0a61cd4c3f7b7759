"""Which accounts hang together, found in a log: rings, as acts of the centre.

In: a log and the state of the desk. Out: a `RingFound` for each ring, the same for the same log.
Devices, numbers and the flow of money tie accounts (flows/rings.py); a settled label that stands,
or an attested report that does, confirms one of them. Rings that nothing confirms come first: what
a ring has lost is let go before another takes it up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from arasha.cases.acts import MAX_TARGETS, RingFound, Ties
from arasha.cases.state import State
from arasha.events.body import unpack_facts
from arasha.events.columns import Facts
from arasha.events.schema import Kind
from arasha.flows.arena import Arena
from arasha.flows.kernels_arena import MASK, PAYEE
from arasha.flows.rings import Ring, Uses, rings
from arasha.log.keys import Retention
from arasha.log.log import Log

LEAST_AMOUNT_MINOR: Final = 2_000_000
"""Smallest payment that ties two accounts by flow, minor units: 20,000.00."""

RINGS_MOST: Final = 1_000
"""Rings that are told at once: those with something confirmed, then the largest."""

KEEP_MS: Final = 80 * 86_400_000
"""How far back payments are looked at, ms."""


@dataclass(slots=True)
class Labels:
    """What was settled of payments, the latest word of each; ``payees`` where they are named."""

    fraud: dict[bytes, bool] = field(default_factory=dict)
    payees: dict[bytes, bytes] = field(default_factory=dict)

    def observe(self, facts: Facts) -> None:
        """Take in the labels of a batch."""
        rows = np.flatnonzero(facts.kinds == Kind.LABEL)
        if not len(rows):
            return
        payments, payees = facts.symbol("payment")[rows], facts.symbol("payee_account")[rows]
        fraud = facts.number("fraud")[rows] == 1
        for row, is_fraud in enumerate(fraud.tolist()):
            name = payments[row].tobytes()
            self.fraud[name] = is_fraud
            if payees[row].any():
                self.payees[name] = payees[row].tobytes()


def rings_of(
    log: Log,
    state: State,
    *,
    least_amount_minor: int = LEAST_AMOUNT_MINOR,
    keep_ms: int = KEEP_MS,
    on_progress: Callable[[int], None] | None = None,
) -> list[RingFound]:
    """Every ring of at most ``MAX_TARGETS`` accounts among the payments of the last ``keep_ms``."""
    arena = Arena(keep_ms=keep_ms)
    uses, labels = Uses(arena), Labels()
    for frame in log.read(missing="skip", classes=(Retention.FACTS,)):
        rows = np.flatnonzero((frame.kinds < Kind.DECISION) & frame.readable)
        facts = unpack_facts(frame.kinds[rows], frame.bodies.take(rows))
        arena.observe(facts, frame.known_at[rows], frame.first_seq + rows.astype(np.int64))
        uses.observe(facts)
        labels.observe(facts)
        if on_progress is not None:
            on_progress(len(frame))
    labelled = labelled_in(arena, labels)
    confirmed = labelled | reported_in(arena, state)
    found = rings(arena, uses, confirmed, least_amount_minor=least_amount_minor)
    told = [
        _act(arena, ring, labelled, log.size) for ring in found if len(ring.accounts) <= MAX_TARGETS
    ]
    sure = [one for one in told if one.confirmed][:RINGS_MOST]
    asked = [one for one in told if not one.confirmed][: RINGS_MOST - len(sure)]
    return [*asked, *sure]


def labelled_in(arena: Arena, labels: Labels) -> set[int]:
    """The accounts, by the arena's numbers, that took what is settled to be stolen."""
    found: set[int] = set()
    for payment, is_fraud in labels.fraud.items():
        if not is_fraud:
            continue
        ordinal = arena.ordinal_of(np.frombuffer(payment, np.uint64)) if any(payment) else None
        if ordinal is not None:
            found.add(int(arena.arrays.rows_32[ordinal & int(arena.about[MASK]), PAYEE]))
        elif payment in labels.payees:
            found.update(arena.accounts_of(np.frombuffer(labels.payees[payment], np.uint64)))
    return found


def reported_in(arena: Arena, state: State) -> set[int]:
    """Those that took what a report says to be stolen which stands, and its bank stands for it."""
    found: set[int] = set()
    for report in state.reports.values():
        if report.attested and report.status == "open":
            token = np.frombuffer(bytes.fromhex(report.payee), np.uint64)
            held = arena.accounts_of(token)
            found.update(one for one in held if arena.currency_of(one) == report.currency)
    return found


def _act(arena: Arena, ring: Ring, labelled: set[int], place: int) -> RingFound:
    """A ring as an act. A case is of one currency: of several, that of most of its accounts."""
    sure = set(ring.confirmed)
    currencies = [arena.currency_of(one) for one in ring.accounts]
    currency = max(sorted(set(currencies)), key=currencies.count)
    tokens = {
        one: arena.token_of(one).hex()
        for one in ring.accounts
        if arena.currency_of(one) == currency
    }
    flow, device, number = ring.ties
    return RingFound(
        place,
        currency,
        tuple(sorted(token for one, token in tokens.items() if one in sure)),
        tuple(sorted(token for one, token in tokens.items() if one not in sure)),
        Ties(flow, device, number),
        tuple(sorted(token for one, token in tokens.items() if one in labelled)),
    )
