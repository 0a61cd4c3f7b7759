"""Ties between accounts, from one pass over all payments held, and what hangs together by them.

Below rings.py. In: the arena's arrays. Out: which payments were passed on quickly by payer and
payee alike, and the parts into which ties divide the accounts (union-find).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.events.kernels import kernel
from arasha.flows.bare import bare, bare_arena
from arasha.flows.kernels_arena import (
    AMOUNT,
    BEFORE_INTO,
    HEAD,
    MASK,
    NONE,
    ORDINALS,
    PAYEE,
    PAYER,
    REJECTED,
    TAIL,
    TIME,
    amount_of,
    find_account,
    status_of,
    time_of,
    way_of,
)

MATCH_STEPS: Final = 64
"""Newest payments into an account among which an outgoing one looks for the money it passes on."""

SHARE_PERCENT: Final = 80
"""A payment is passed on, or fed, if at least so much of it is."""

STRANGER_STEPS: Final = 256
"""Newest payments into an account among which an earlier one by the same payer is looked for."""

_MIX_A, _MIX_B = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_U31 = np.uint64(31)


@kernel
def match(arena_, about_, within_ms, left_, fed_, newest_):  # type: ignore[no-untyped-def]  # compiled
    """What of each payment held was passed on, and what fed it, the newest first.

    ``left`` and ``fed`` int64[payments held], by age: what of a payment its payee did not pass on
    within that time; what of it came to its payer within that time before. ``newest`` int64
    [accounts], NONE.
    """
    arena, about = bare_arena(arena_), bare(about_)
    left, fed, newest = bare(left_), bare(fed_), bare(newest_)
    rows, rows_32 = arena[0], arena[1]
    ordinal, age = about[HEAD], 0
    while ordinal != about[TAIL]:
        place = ordinal & about[MASK]
        word = rows[place, AMOUNT]
        amount = amount_of(word)
        payer, payee = rows_32[place, PAYER], rows_32[place, PAYEE]
        left[age] = amount
        if status_of(word) != REJECTED and payer != payee:
            since = time_of(rows[place, TIME]) - within_ms
            wanted, earlier = amount, newest[payer]
            for _ in range(MATCH_STEPS):
                if earlier == NONE or wanted == 0:
                    break
                other = earlier & about[MASK]
                if time_of(rows[other, TIME]) < since:
                    break
                at = (earlier - about[HEAD]) & ORDINALS
                from_another = rows_32[other, PAYER] != payer
                if from_another and status_of(rows[other, AMOUNT]) != REJECTED:
                    taken = min(wanted, left[at])
                    left[at] -= taken
                    wanted -= taken
                if at == 0:
                    break
                before = np.int64(rows_32[other, BEFORE_INTO])
                if before == NONE or ((before - about[HEAD]) & ORDINALS) >= at:
                    break
                earlier = before
            fed[age] = amount - wanted
            newest[payee] = ordinal
        ordinal = (ordinal + 1) & ORDINALS
        age += 1


@kernel
def _is_first(rows_32, about, place, age):  # type: ignore[no-untyped-def]  # compiled
    """Whether a payment is the first held from its payer to its payee.

    Whoever received STRANGER_STEPS payments since is no mule's next station but a till: no.
    """
    payer = rows_32[place, PAYER]
    for _ in range(STRANGER_STEPS):
        before = np.int64(rows_32[place, BEFORE_INTO])
        if before == NONE or ((before - about[HEAD]) & ORDINALS) >= age:
            return True
        age = (before - about[HEAD]) & ORDINALS
        place = before & about[MASK]
        if rows_32[place, PAYER] == payer:
            return False
    return False


@kernel
def relays(arena, about, left, fed, least_amount, out):  # type: ignore[no-untyped-def]  # compiled
    """Ties by quick flow: the payments that their payer and their payee both passed on.

    ``out`` int64[n, 2] takes (payer, payee); how many there are, of which so many as fit are
    written. Between accounts that knew each other nothing is a tie.
    """
    rows, rows_32 = arena[0], arena[1]
    found = 0
    for age in range(len(left)):
        place = (about[HEAD] + age) & ORDINALS & about[MASK]
        amount = amount_of(rows[place, AMOUNT])
        is_fed = 100 * fed[age] >= SHARE_PERCENT * amount
        passed = 100 * (amount - left[age]) >= SHARE_PERCENT * amount
        tie = amount >= least_amount and is_fed and passed and way_of(rows[place, AMOUNT]) == 0
        if tie and _is_first(rows_32, about, place, age):
            if found < len(out):
                out[found, 0], out[found, 1] = rows_32[place, PAYER], rows_32[place, PAYEE]
            found += 1
    return found


@kernel
def uses(arena_, about_, parties, currencies, things, last, out):  # type: ignore[no-untyped-def]  # compiled
    """Which accounts used which devices (or numbers): (account, 64 bits of the device) as new.

    ``parties`` and ``things`` int64[n, 2]; ``last`` int64[accounts] is what each account used
    last, so that a habit is written once. ``out`` int64[n, 2]; how many.
    """
    arena, about, found = bare_arena(arena_), bare(about_), 0
    for i in range(len(parties)):
        if things[i, 0] == 0 and things[i, 1] == 0:
            continue
        account = find_account(arena[4], arena[2], about, parties[i, 0], parties[i, 1],
                               currencies[i])  # fmt: skip
        if account == NONE:
            continue
        a = (np.uint64(things[i, 0]) * _MIX_A) ^ np.uint64(things[i, 1])
        a = (a ^ (a >> _U31)) * _MIX_B
        name = np.int64(a ^ (a >> _U31))
        if last[account] != name:
            last[account] = name
            out[found, 0], out[found, 1] = account, name
            found += 1
    return found


@kernel
def find(parents, one):  # type: ignore[no-untyped-def]  # compiled
    """The one that stands for all that hang together with it; ways become shorter."""
    while parents[one] != one:
        parents[one] = parents[parents[one]]
        one = parents[one]
    return one


@kernel
def unite(parents: NDArray[np.int64], ties: NDArray[np.int64]) -> None:
    """Accounts tied hang together; the smallest number stands for them, whatever the order."""
    for i in range(len(ties)):
        a, b = find(parents, ties[i, 0]), find(parents, ties[i, 1])
        if a < b:
            parents[b] = a
        elif b < a:
            parents[a] = b


@kernel
def flatten(parents: NDArray[np.int64]) -> None:
    """Each account points at the one that stands for it."""
    for one in range(len(parents)):
        parents[one] = find(parents, one)


# What is compiled into this file from others: c9911b5052eae7c7.
