"""Walks through the flow of money: what stands behind an account, as of just before a payment.

In: an account's record and the ring of payments. Out: one whole number, or nothing. Every walk goes
from new to old, so that it only meets money that could have been passed on, and stops after a
stated number of payments looked at: a hub with a million payments costs what an account with forty
does. ``testing/naive.py`` shares the constants and defines each answer.

A payment's row holds the records of both parties and two links. Together they are the account
graph turned inside out: from any payment a walk steps to what could have fed it, without a look at
a record, and never forward in time::

    row   | ... | payer 4 | payee 4 | into payee 4 | into payer 4 | [by payer 4]
                                      └ the payment before    └ the newest payment into the payer
                                        into the same payee     when it paid

    newest into A ──▶ [ C pays A ] ──into payee──▶ [ B pays A ] ──into payee──▶ ...
                            └──into payer──▶ [ D pays C ] ...

Two turn round, by the link to the payment before of the same payer: ``shared_payees`` goes from
what the payer paid to all that these payees received, ``payees_of_payees`` to all they paid. The
newest payment into an account and by it stand in its record.

A link to a payment that left the ring is an end: no row is touched when an old one goes. 16 bytes a
payment (20 with these two) and 32 an account and currency, for policies that walk; nothing
for others.

The window kernel (kernels.py) calls these.
"""

from __future__ import annotations

from typing import Final

from arasha.events.kernels import inlined, kernel
from arasha.features.memory import get32, get64, put8, put32, put64

WALK_EDGES: Final = 32
"""Payments into one account a walk looks at, the newest ones."""

CYCLE_STEPS: Final = 512
"""Payments one search for a cycle looks at; it ends without an answer then."""

CYCLE_HOPS: Final = 6
"""Payments of the longest cycle, the judged one among them."""

MATCH_STEPS: Final = 64
"""Newest payments into an account among which an outgoing one looks for the money it passes on."""

SLOTS: Final = 2048
"""Places of the table of accounts met; WALK_EDGES * (WALK_EDGES + 1) accounts fill half of it."""

SCRATCH_WORDS: Final = 1 + 3 * SLOTS + 2 * (CYCLE_STEPS + 1)
"""Words of memory for walks: the walk's number, the table, the queue. Holds nothing to be saved."""

_QUEUE: Final = (1 + 3 * SLOTS) * 8
_ORDINALS: Final = 2**31 - 1
_LOW: Final = 0xFFFFFFFF
_MIX: Final = 0x9E3779B1


@inlined
def _meet(scratch, walk, name):  # type: ignore[no-untyped-def]  # compiled
    """The address of what this walk noted of a name, and whether it did; else a free place."""
    slot = ((name * _MIX) >> 12) & (SLOTS - 1)
    while True:
        at = scratch + 8 + slot * 24
        if get64(at) != walk:
            return at, False
        if get64(at + 8) == name:
            return at, True
        slot = (slot + 1) & (SLOTS - 1)


@inlined
def _note(at, walk, name, value):  # type: ignore[no-untyped-def]  # compiled
    """Write down a name and what this walk knows of it."""
    put64(at, walk)
    put64(at + 8, name)
    put64(at + 16, value)


@inlined
def _row(ordinal, ring, cutoff):  # type: ignore[no-untyped-def]  # compiled
    """The address of a payment's row, or 0 if it left the ring or the window."""
    r, mask, size, head, held = ring
    if ordinal < 0 or ((ordinal - head) & _ORDINALS) >= held:
        return 0
    e = r + (ordinal & mask) * size
    return e if get64(e) > cutoff else 0


@kernel
def _cycle(scratch, ring, at, cutoff, start, goal):  # type: ignore[no-untyped-def]  # compiled
    """Payments of the shortest cycle; 0 if none was found. Breadth first, newest first."""
    walk = get64(scratch) + 1
    put64(scratch, walk)
    head = ring[3]
    entry = end = scratch + _QUEUE
    put64(end, start)
    put64(end + 8, 1)
    end += 16
    steps = 0
    while entry < end:
        ordinal, hops = get64(entry), get64(entry + 8)
        entry += 16
        for _ in range(WALK_EDGES):
            e = _row(ordinal, ring, cutoff)
            if e == 0:
                break
            steps += 1
            if steps > CYCLE_STEPS:
                return 0
            payer = get32(e + at) & _LOW
            if payer == goal:
                return hops + 1
            if hops + 1 < CYCLE_HOPS:
                age = (ordinal - head) & _ORDINALS
                note, met = _meet(scratch, walk, payer)
                if not met or get64(note + 16) < age:
                    _note(note, walk, payer, age)
                    put64(end, get32(e + at + 12))
                    put64(end + 8, hops + 1)
                    end += 16
            ordinal = get32(e + at + 8)
    return 0


@kernel
def _sources_of_sources(scratch, ring, at, cutoff, start):  # type: ignore[no-untyped-def]  # compiled
    """Distinct accounts that paid those that then paid the account."""
    walk = get64(scratch) + 1
    put64(scratch, walk)
    found = 0
    ordinal = start
    for _ in range(WALK_EDGES):
        e = _row(ordinal, ring, cutoff)
        if e == 0:
            break
        source = get32(e + at) & _LOW
        note, met = _meet(scratch, walk, 2 * source)
        if not met:
            _note(note, walk, 2 * source, 0)
            behind = get32(e + at + 12)
            for _ in range(WALK_EDGES):
                earlier = _row(behind, ring, cutoff)
                if earlier == 0:
                    break
                name = 2 * (get32(earlier + at) & _LOW) + 1
                note, met = _meet(scratch, walk, name)
                if not met:
                    _note(note, walk, name, 0)
                    found += 1
                behind = get32(earlier + at + 8)
        ordinal = get32(e + at + 8)
    return found


@kernel
def _scatter_gather(scratch, ring, at, cutoff, start, payer, gathered):  # type: ignore[no-untyped-def]  # compiled
    """Most accounts, the payer among them, between one source and the payee.

    What is noted of a source: (the account last counted) * 2**12 + accounts counted.
    """
    walk = get64(scratch) + 1
    put64(scratch, walk)
    most = 0
    ordinal = start
    for _ in range(WALK_EDGES):
        e = _row(ordinal, ring, cutoff)
        if e == 0:
            break
        name = 2 * (get32(e + at) & _LOW)
        note, met = _meet(scratch, walk, name)
        if not met:
            _note(note, walk, name, 1)
            most = 1
        ordinal = get32(e + at + 8)
    if most == 0:
        return 0
    ordinal = gathered
    note, met = _meet(scratch, walk, 2 * payer + 1)
    _note(note, walk, 2 * payer + 1, 0)
    for turn in range(1, WALK_EDGES + 1):
        e = _row(ordinal, ring, cutoff)
        if e == 0:
            break
        through = 2 * (get32(e + at) & _LOW) + 1
        note, met = _meet(scratch, walk, through)
        if not met:
            _note(note, walk, through, 0)
            behind = get32(e + at + 12)
            for _ in range(WALK_EDGES):
                earlier = _row(behind, ring, cutoff)
                if earlier == 0:
                    break
                note, met = _meet(scratch, walk, 2 * (get32(earlier + at) & _LOW))
                if met:
                    value = get64(note + 16)
                    if value >> 12 != turn:
                        count = (value & 4095) + 1
                        put64(note + 16, (turn << 12) + count)
                        most = max(most, count)
                behind = get32(earlier + at + 8)
        ordinal = get32(e + at + 8)
    return most


@kernel
def _shared_payees(scratch, ring, at, cutoff, walked, into_payee, pool):  # type: ignore[no-untyped-def]  # compiled
    """Other payers of the payee that paid somebody the payer paid, too; not the payee.

    What is noted of another payer: whether it is counted.
    """
    paid_by, payer, payee = walked
    walk = get64(scratch) + 1
    put64(scratch, walk)
    ordinal = into_payee
    for _ in range(WALK_EDGES):
        e = _row(ordinal, ring, cutoff)
        if e == 0:
            break
        name = get32(e + at) & _LOW
        note, met = _meet(scratch, walk, 2 * name)
        if not met and name != payer:
            _note(note, walk, 2 * name, 0)
        ordinal = get32(e + at + 8)
    found = 0
    ordinal = paid_by
    for _ in range(WALK_EDGES):
        e = _row(ordinal, ring, cutoff)
        if e == 0:
            break
        shared = get32(e + at + 4) & _LOW
        note, met = _meet(scratch, walk, 2 * shared + 1)
        if not met and shared != payee:
            _note(note, walk, 2 * shared + 1, 0)
            into = get32(pool + shared * 8 + 24)
            for _ in range(WALK_EDGES):
                other = _row(into, ring, cutoff)
                if other == 0:
                    break
                note, met = _meet(scratch, walk, 2 * (get32(other + at) & _LOW))
                if met and get64(note + 16) == 0:
                    put64(note + 16, 1)
                    found += 1
                into = get32(other + at + 8)
        ordinal = get32(e + at + 16)
    return found


@kernel
def _payees_of_payees(scratch, ring, at, cutoff, account, start, pool):  # type: ignore[no-untyped-def]  # compiled
    """Distinct accounts, but for itself, paid by those the account paid."""
    walk = get64(scratch) + 1
    put64(scratch, walk)
    note, met = _meet(scratch, walk, 2 * account + 1)
    _note(note, walk, 2 * account + 1, 0)
    found = 0
    ordinal = start
    for _ in range(WALK_EDGES):
        e = _row(ordinal, ring, cutoff)
        if e == 0:
            break
        through = get32(e + at + 4) & _LOW
        note, met = _meet(scratch, walk, 2 * through)
        if not met:
            _note(note, walk, 2 * through, 0)
            onward = get32(pool + through * 8 + 28)
            for _ in range(WALK_EDGES):
                other = _row(onward, ring, cutoff)
                if other == 0:
                    break
                name = 2 * (get32(other + at + 4) & _LOW) + 1
                note, met = _meet(scratch, walk, name)
                if not met:
                    _note(note, walk, name, 0)
                    found += 1
                onward = get32(other + at + 16)
        ordinal = get32(e + at + 16)
    return found


@kernel
def answer_walks(p, flow, scratch, ring, payer, payee, pool, now, out):  # type: ignore[no-untyped-def]  # compiled
    """Every walk for one judged payment; records that are not there are addresses below 0."""
    values_at, known_at, n, column = out
    at = get64(flow + 16)
    into_payer = get32(payer + 24) if payer >= 0 else -1
    into_payee = get32(payee + 24) if payee >= 0 else -1
    w = p + get64(flow + 40) * 8
    for _ in range(get64(flow + 48)):
        code, cutoff = get64(w), now - get64(w + 16)
        found, missing = 0, 0
        if code == 11:
            start = into_payer if get64(w + 8) == 0 else into_payee
            if start >= 0:
                found = _sources_of_sources(scratch, ring, at, cutoff, start)
        elif code == 12:
            if into_payer >= 0 and payee >= 0:
                found = _cycle(scratch, ring, at, cutoff, into_payer, (payee - pool) >> 3)
            missing = 1 if found == 0 else 0
        elif code == 14:
            if payer >= 0 and into_payee >= 0:
                walked = (get32(payer + 28), (payer - pool) >> 3, (payee - pool) >> 3)
                found = _shared_payees(scratch, ring, at, cutoff, walked, into_payee, pool)
        elif code == 15:
            account = payer if get64(w + 8) == 0 else payee
            if account >= 0:
                start, place = get32(account + 28), (account - pool) >> 3
                found = _payees_of_payees(scratch, ring, at, cutoff, place, start, pool)
        elif into_payer >= 0:
            place = (payer - pool) >> 3
            found = _scatter_gather(scratch, ring, at, cutoff, into_payer, place, into_payee)
        place = get64(w + 24) * n + column
        put64(values_at + place * 8, found)
        put8(known_at + place, 1 - missing)
        w += 32


@kernel
def forget_walks(p, flow, n, known):  # type: ignore[no-untyped-def]  # compiled
    """Every walk of a payment whose own accounts are unknown is missing."""
    values_at, known_at, rows, column = known
    w = p + get64(flow + 40) * 8
    for _ in range(n):
        place = get64(w + 24) * rows + column
        put64(values_at + place * 8, 0)
        put8(known_at + place, 0)
        w += 32


@inlined
def link_payment(at, e, ordinal, payer, payee, pool, paid_by):  # type: ignore[no-untyped-def]  # compiled
    """A payment's row learns its parties and what came before; it is the newest into its payee.

    ``paid_by`` 1: it is the newest of its payer, too.
    """
    put32(e + at, (payer - pool) >> 3)
    put32(e + at + 4, (payee - pool) >> 3)
    put32(e + at + 8, get32(payee + 24))
    put32(e + at + 12, get32(payer + 24))
    put32(payee + 24, ordinal)
    if paid_by == 1:
        put32(e + at + 16, get32(payer + 28))
        put32(payer + 28, ordinal)
    put32(payer + 16, get32(payer + 16) + 1)
    put32(payee + 16, get32(payee + 16) + 1)


# What is compiled into this file from others: 2ea3dd7a65329dca.
