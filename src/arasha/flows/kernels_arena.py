"""The arena's kernels: payments take their places between accounts, and leave them in order.

Below arena.py. In: the columns of a batch in the order of the log, the arena's arrays. Out: rows
with links. A payment's row is 48 bytes, as six words of 64 bits or twelve of 32::

    32 bits | payer | payee | next by payer | next into payee | before into payee | out of payee
    64 bits | amount 50, status 4, way out 4 | known_at 44, digest 20 | seq 40, digest 24

``out of payee`` is the newest payment by the payee when it was paid: the payment after that one is
the first by which the money can have gone on. A link is an ordinal (mod 2**31), NONE at the end;
one that points behind the oldest payment held points to nothing. An account's record is 40 bytes::

    64 bits | token | token | newest by, newest into | oldest by, oldest into |
            | currency 16, bank 16, payments held 32 with the way out in the top 4 |
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.events.kernels import inlined, kernel
from arasha.flows.bare import bare, bare_arena

NONE: Final = -1
ORDINALS: Final = 2**31 - 1
"""Mask of ordinals."""

PAYER, PAYEE, NEXT_BY, NEXT_INTO, BEFORE_INTO, OUT_OF_PAYEE = range(6)
"""Words of 32 bits of a row."""

AMOUNT, TIME, PLACE = 3, 4, 5
"""Words of 64 bits of a row: amount and marks, known_at, seq; the digest shares the last two."""

ROW_WORDS: Final = 6
ACCOUNT_WORDS: Final = 5

TOKEN_LOW, TOKEN_HIGH, OF_ACCOUNT = 0, 1, 4
"""Words of 64 bits of an account."""

NEWEST_BY, NEWEST_INTO, OLDEST_BY, OLDEST_INTO = 4, 5, 6, 7
"""Words of 32 bits of an account."""

AMOUNT_BITS: Final = 50
STATUS_SHIFT, WAY_SHIFT = 50, 54
MOVED, REJECTED, RETURN = 0, 1, 2
"""Status of a payment: it moved money, it did not, it is the return of an earlier one."""

HEAD, TAIL, MASK, ACCOUNTS, FREE, TABLE_MASK, INDEX_MASK, TABLE_USED, NAMES_BANKS = range(9)
"""Words of ``about``: oldest and next ordinal, places - 1, accounts ever made, first free account,
places - 1 of the table of accounts and of the index of digests, accounts in the table, 1 once any
payment named its payee's bank."""

ABOUT_WORDS: Final = 9

REAP_BUDGET: Final = 8
"""Payments let go at most per payment that comes."""

_AMOUNTS: Final = 2**50 - 1
_LOW_20, _LOW_24, _LOW_44 = 2**20 - 1, 2**24 - 1, 2**44 - 1
_MIX_A, _MIX_B = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_U31, _U29 = np.uint64(31), np.uint64(29)


@inlined
def age_of(ordinal, about):  # type: ignore[no-untyped-def]  # compiled
    """How many payments held are older; beyond those held if it is not held."""
    return (ordinal - about[HEAD]) & ORDINALS


@inlined
def is_held(ordinal, about):  # type: ignore[no-untyped-def]  # compiled
    """Whether the payment of an ordinal is still there."""
    return ordinal >= 0 and age_of(ordinal, about) < ((about[TAIL] - about[HEAD]) & ORDINALS)


@inlined
def amount_of(word):  # type: ignore[no-untyped-def]  # compiled
    """Minor units."""
    return word & _AMOUNTS


@inlined
def status_of(word):  # type: ignore[no-untyped-def]  # compiled
    """MOVED, REJECTED or RETURN."""
    return (word >> STATUS_SHIFT) & 15


@inlined
def way_of(word):  # type: ignore[no-untyped-def]  # compiled
    """The way out of the network by which the payment goes, 0 if none."""
    return (word >> WAY_SHIFT) & 15


@inlined
def time_of(word):  # type: ignore[no-untyped-def]  # compiled
    """known_at, ms."""
    return (word >> 20) & _LOW_44


@inlined
def _mixed(low, high, third):  # type: ignore[no-untyped-def]  # compiled
    a = (np.uint64(low) ^ np.uint64(third)) * _MIX_A
    a = (a ^ (a >> _U31)) + np.uint64(high)
    a = a * _MIX_B
    return np.int64((a ^ (a >> _U29)) & np.uint64(2**62 - 1))


@inlined
def find_account(table, accounts, about, low, high, currency):  # type: ignore[no-untyped-def]  # compiled
    """The account of a token in a currency, NONE if there is none."""
    at = _mixed(low, high, currency) & about[TABLE_MASK]
    while table[at] != 0:
        found = np.int64(table[at]) - 1
        record = accounts[found]
        if (
            record[TOKEN_LOW] == low
            and record[TOKEN_HIGH] == high
            and (record[OF_ACCOUNT] & 0xFFFF) == currency
        ):
            return found
        at = (at + 1) & about[TABLE_MASK]
    return NONE


@inlined
def _account(table, accounts, accounts_32, about, low, high, currency):  # type: ignore[no-untyped-def]  # compiled
    """The account of a token in a currency, made if there is none."""
    found = find_account(table, accounts, about, low, high, currency)
    if found != NONE:
        return found
    found = about[FREE]
    if found != NONE:
        about[FREE] = accounts[found, TOKEN_LOW]
    else:
        found = about[ACCOUNTS]
        about[ACCOUNTS] += 1
    accounts[found, TOKEN_LOW], accounts[found, TOKEN_HIGH] = low, high
    accounts[found, OF_ACCOUNT] = currency
    for word in range(NEWEST_BY, OLDEST_INTO + 1):
        accounts_32[found, word] = NONE
    at = _mixed(low, high, currency) & about[TABLE_MASK]
    while table[at] != 0:
        at = (at + 1) & about[TABLE_MASK]
    table[at] = found + 1
    about[TABLE_USED] += 1
    return found


@inlined
def _digest(row):  # type: ignore[no-untyped-def]  # compiled
    """The 44 bits that a row keeps of its payment's digest."""
    return ((row[TIME] & _LOW_20) << 24) | (row[PLACE] & _LOW_24)


@inlined
def digest_44(low, high):  # type: ignore[no-untyped-def]  # compiled
    """The 44 bits kept of a digest of 16 bytes."""
    return _mixed(low, high, 0) & _LOW_44


@inlined
def find_payment(index, rows, about, kept):  # type: ignore[no-untyped-def]  # compiled
    """The ordinal of the payment with those bits of its digest, NONE if it is not held."""
    at = _mixed(kept, 0, 1) & about[INDEX_MASK]
    while index[at] != 0:
        ordinal = np.int64(index[at]) - 1
        if _digest(rows[ordinal & about[MASK]]) == kept:
            return ordinal
        at = (at + 1) & about[INDEX_MASK]
    return NONE


@inlined
def _enter_index(index, about, kept, ordinal):  # type: ignore[no-untyped-def]  # compiled
    at = _mixed(kept, 0, 1) & about[INDEX_MASK]
    while index[at] != 0:
        at = (at + 1) & about[INDEX_MASK]
    index[at] = ordinal + 1


@kernel
def _leave_index(index, rows, about, kept, ordinal):  # type: ignore[no-untyped-def]  # compiled
    """Take a payment out of the index; the index closes up behind."""
    mask = about[INDEX_MASK]
    hole = _mixed(kept, 0, 1) & mask
    while index[hole] != ordinal + 1:
        if index[hole] == 0:
            return  # a return: it is not in the index
        hole = (hole + 1) & mask
    at = hole
    while True:
        at = (at + 1) & mask
        if index[at] == 0:
            break
        other = np.int64(index[at]) - 1
        home = _mixed(_digest(rows[other & about[MASK]]), 0, 1) & mask
        if ((at - home) & mask) >= ((at - hole) & mask):
            index[hole] = index[at]
            hole = at
    index[hole] = 0


@kernel
def _leave_table(table, accounts, about, account):  # type: ignore[no-untyped-def]  # compiled
    """Forget an account that no payment held is of: its token, too."""
    mask, record = about[TABLE_MASK], accounts[account]
    currency = record[OF_ACCOUNT] & 0xFFFF
    hole = _mixed(record[TOKEN_LOW], record[TOKEN_HIGH], currency) & mask
    while table[hole] != account + 1:
        hole = (hole + 1) & mask
    at = hole
    while True:
        at = (at + 1) & mask
        if table[at] == 0:
            break
        other = accounts[np.int64(table[at]) - 1]
        home = _mixed(other[TOKEN_LOW], other[TOKEN_HIGH], other[OF_ACCOUNT] & 0xFFFF) & mask
        if ((at - home) & mask) >= ((at - hole) & mask):
            table[hole] = table[at]
            hole = at
    table[hole] = 0
    about[TABLE_USED] -= 1
    record[:] = 0
    record[TOKEN_LOW] = about[FREE]
    about[FREE] = account


@inlined
def _count(accounts, account, by):  # type: ignore[no-untyped-def]  # compiled
    """One more payment held of an account, or one less; how many."""
    accounts[account, OF_ACCOUNT] += by << 32
    return (accounts[account, OF_ACCOUNT] >> 32) & 0xFFFFFFF


@kernel
def reap(arrays, about):  # type: ignore[no-untyped-def]  # compiled
    """The oldest payment goes; an account whose last it was goes with it."""
    rows, rows_32, accounts, accounts_32, table, index = arrays
    ordinal = about[HEAD]
    place = ordinal & about[MASK]
    row, links = rows[place], rows_32[place]
    if status_of(row[AMOUNT]) != RETURN:
        _leave_index(index, rows, about, _digest(row), ordinal)
    payer, payee = np.int64(links[PAYER]), np.int64(links[PAYEE])
    accounts_32[payer, OLDEST_BY] = links[NEXT_BY]
    if links[NEXT_BY] == NONE:
        accounts_32[payer, NEWEST_BY] = NONE
    accounts_32[payee, OLDEST_INTO] = links[NEXT_INTO]
    if links[NEXT_INTO] == NONE:
        accounts_32[payee, NEWEST_INTO] = NONE
    row[:] = 0
    about[HEAD] = (ordinal + 1) & ORDINALS
    if _count(accounts, payer, -1) == 0:
        _leave_table(table, accounts, about, payer)
    if _count(accounts, payee, -1) == 0:
        _leave_table(table, accounts, about, payee)


@inlined
def _join(arrays, about, payer, payee, amount, time, seq, kept):  # type: ignore[no-untyped-def]  # compiled
    """A payment between two accounts takes the next place; its ordinal."""
    rows, rows_32, accounts, accounts_32, _, _ = arrays
    ordinal = about[TAIL]
    place = ordinal & about[MASK]
    row, links = rows[place], rows_32[place]
    links[PAYER], links[PAYEE] = payer, payee
    links[NEXT_BY] = links[NEXT_INTO] = NONE
    links[BEFORE_INTO] = accounts_32[payee, NEWEST_INTO]
    links[OUT_OF_PAYEE] = accounts_32[payee, NEWEST_BY]
    row[AMOUNT] = amount
    row[TIME] = (time << 20) | (kept >> 24)
    row[PLACE] = (seq << 24) | (kept & _LOW_24)
    before = np.int64(accounts_32[payer, NEWEST_BY])
    if before == NONE:
        accounts_32[payer, OLDEST_BY] = ordinal
    else:
        rows_32[before & about[MASK], NEXT_BY] = ordinal
    accounts_32[payer, NEWEST_BY] = ordinal
    before = np.int64(accounts_32[payee, NEWEST_INTO])
    if before == NONE:
        accounts_32[payee, OLDEST_INTO] = ordinal
    else:
        rows_32[before & about[MASK], NEXT_INTO] = ordinal
    accounts_32[payee, NEWEST_INTO] = ordinal
    _count(accounts, payer, 1)
    _count(accounts, payee, 1)
    about[TAIL] = (ordinal + 1) & ORDINALS
    return ordinal


@kernel
def _conclude(arrays, about, fact, kept, amount, time, seq):  # type: ignore[no-untyped-def]  # compiled
    """An outcome: a rejected payment moved nothing, a returned one is followed by one back."""
    rows, rows_32, _, _, _, index = arrays
    ordinal = find_payment(index, rows, about, kept)
    if ordinal == NONE:
        return
    row = rows[ordinal & about[MASK]]
    if fact == REJECTED:
        row[AMOUNT] |= np.int64(REJECTED) << STATUS_SHIFT
        return
    whole = amount_of(row[AMOUNT])
    back = whole if amount <= 0 or amount > whole else amount
    links = rows_32[ordinal & about[MASK]]
    word = back | (np.int64(RETURN) << STATUS_SHIFT)
    _join(arrays, about, np.int64(links[PAYEE]), np.int64(links[PAYER]), word, time, seq, kept)


@kernel
def take_in(arrays_, about_, sort_, ids_, numbers_, keep_ms):  # type: ignore[no-untyped-def]  # compiled
    """Payments and outcomes join, in order; what is older than ``keep_ms`` goes.

    ``sort`` int64[n]: 0 a payment, REJECTED or RETURN an outcome, else nothing. ``ids`` int64
    [n, 6]: payer's and payee's token, digest of the payment. ``numbers`` int64[n, 7]: amount,
    currency, known_at, seq, way out, the banks' numbers (0: unknown).
    """
    arrays, about = bare_arena(arrays_), bare(about_)
    sort, ids, numbers = bare(sort_), bare(ids_), bare(numbers_)
    rows, _, accounts, accounts_32, table, index = arrays
    for i in range(len(sort)):
        amount, currency, time, seq = numbers[i, 0], numbers[i, 1], numbers[i, 2], numbers[i, 3]
        way, payer_bank, payee_bank = numbers[i, 4], numbers[i, 5], numbers[i, 6]
        if sort[i] == 0:
            payer = _account(table, accounts, accounts_32, about, ids[i, 0], ids[i, 1], currency)
            payee = _account(table, accounts, accounts_32, about, ids[i, 2], ids[i, 3], currency)
            if payer_bank > 0:
                accounts[payer, OF_ACCOUNT] &= ~(np.int64(0xFFFF) << 16)
                accounts[payer, OF_ACCOUNT] |= payer_bank << 16
            if payee_bank > 0:
                about[NAMES_BANKS] = 1
                accounts[payee, OF_ACCOUNT] &= ~(np.int64(0xFFFF) << 16)
                accounts[payee, OF_ACCOUNT] |= payee_bank << 16
            kept = digest_44(ids[i, 4], ids[i, 5])
            word = amount | (way << WAY_SHIFT)
            ordinal = _join(arrays, about, payer, payee, word, time, seq, kept)
            _enter_index(index, about, kept, ordinal)
        elif sort[i] == REJECTED or sort[i] == RETURN:
            kept = digest_44(ids[i, 4], ids[i, 5])
            _conclude(arrays, about, sort[i], kept, amount, time, seq)
        for _ in range(REAP_BUDGET):
            if about[HEAD] == about[TAIL]:
                break
            if time_of(rows[about[HEAD] & about[MASK], TIME]) > time - keep_ms:
                break
            reap(arrays, about)


@kernel
def rehash(rows: NDArray[np.int64], about: NDArray[np.int64], index: NDArray[np.int32]) -> None:
    """Enter all payments held into an empty index."""
    ordinal = about[HEAD]
    while ordinal != about[TAIL]:
        row = rows[ordinal & about[MASK]]
        if status_of(row[AMOUNT]) != RETURN:
            _enter_index(index, about, _digest(row), ordinal)
        ordinal = (ordinal + 1) & ORDINALS


@kernel
def retable(
    accounts: NDArray[np.int64], about: NDArray[np.int64], table: NDArray[np.int32]
) -> None:
    """Enter all accounts into an empty table."""
    for account in range(about[ACCOUNTS]):
        record = accounts[account]
        if (record[OF_ACCOUNT] >> 32) & 0xFFFFFFF != 0:
            at = _mixed(record[TOKEN_LOW], record[TOKEN_HIGH], record[OF_ACCOUNT] & 0xFFFF)
            at &= about[TABLE_MASK]
            while table[at] != 0:
                at = (at + 1) & about[TABLE_MASK]
            table[at] = account + 1


# What is compiled into this file from others: afed4588ee42556d.
