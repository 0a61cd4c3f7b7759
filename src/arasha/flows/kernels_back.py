"""Below back.py and trace.py: the payments into an account before a moment, newest first, and those
by an account from a moment on, oldest first, along its chains.
"""

from __future__ import annotations

import numpy as np

from arasha.events.kernels import kernel
from arasha.flows.kernels_arena import (
    AMOUNT,
    BEFORE_INTO,
    MASK,
    NEWEST_INTO,
    NEXT_BY,
    NONE,
    OLDEST_BY,
    PAYER,
    REJECTED,
    TIME,
    age_of,
    amount_of,
    is_held,
    status_of,
    time_of,
)


@kernel
def came_before(arena, about, account, before, from_ms, until_ms, looks, out):  # type: ignore[no-untyped-def]  # compiled
    """(found, sum, looks left) of what moved into an account from others in [from_ms, until_ms].

    Only payments with an age below ``before`` count. ``out`` int64[n] takes ordinals, as many as
    fit; ``looks`` payments are looked at, at most: 0 are left when the account has more.
    """
    rows, rows_32 = arena[0], arena[1]
    ordinal = arena[3][account, NEWEST_INTO]
    found, total = 0, 0
    while is_held(ordinal, about) and looks > 0:
        looks -= 1
        place = ordinal & about[MASK]
        at = time_of(rows[place, TIME])
        if at < from_ms:
            return found, total, looks + 1
        word = rows[place, AMOUNT]
        moved = status_of(word) != REJECTED and rows_32[place, PAYER] != account
        if at <= until_ms and age_of(ordinal, about) < before and moved:
            if found < len(out):
                out[found] = ordinal
            found += 1
            total += amount_of(word)
        ordinal = rows_32[place, BEFORE_INTO]
    return found, total, looks if not is_held(ordinal, about) else 0


@kernel
def paid_from(arena, about, account, from_ms, until_ms, out):  # type: ignore[no-untyped-def]  # compiled
    """How many payments an account made in [from_ms, until_ms]; ``out`` takes the first of them."""
    rows, rows_32 = arena[0], arena[1]
    ordinal = np.int64(arena[3][account, OLDEST_BY])
    found = 0
    while ordinal != NONE and found < len(out):
        place = ordinal & about[MASK]
        at = time_of(rows[place, TIME])
        if at > until_ms:
            break
        if at >= from_ms:
            out[found] = ordinal
            found += 1
        ordinal = np.int64(rows_32[place, NEXT_BY])
    return found


@kernel
def met_before(arena, about, ordinal, looks):  # type: ignore[no-untyped-def]  # compiled
    """Whether the payer of a payment is known to have paid its payee before."""
    rows_32 = arena[1]
    payer = rows_32[ordinal & about[MASK], PAYER]
    age = age_of(ordinal, about)
    for _ in range(looks):
        before = rows_32[ordinal & about[MASK], BEFORE_INTO]
        if not is_held(before, about) or age_of(before, about) >= age:
            return False
        if rows_32[before & about[MASK], PAYER] == payer:
            return True
        ordinal = before
    return False


@kernel
def payers_of(arena, about, account, from_ms, looks, out):  # type: ignore[no-untyped-def]  # compiled
    """How many accounts paid into one since ``from_ms``; ``out`` takes them, and no more are told
    apart than it has room for. ``looks`` payments are looked at, the newest first.
    """
    rows, rows_32 = arena[0], arena[1]
    ordinal = arena[3][account, NEWEST_INTO]
    found = 0
    while is_held(ordinal, about) and looks > 0 and found < len(out):
        looks -= 1
        place = ordinal & about[MASK]
        if time_of(rows[place, TIME]) < from_ms:
            break
        payer = rows_32[place, PAYER]
        known = status_of(rows[place, AMOUNT]) == REJECTED
        for k in range(found):
            if out[k] == payer:
                known = True
        if not known:
            out[found] = payer
            found += 1
        ordinal = rows_32[place, BEFORE_INTO]
    return found


# What is compiled into this file from others: c9911b5052eae7c7.
