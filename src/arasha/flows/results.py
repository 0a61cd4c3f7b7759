"""From the arrays that a walk filled to the records that people and other rooms read.

Below trace.py. In: the walk's stays, money and listed payments, the arena. Out: a ``Trace``.
Several stays of one account are one account here: their money is added up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arasha.flows import kernels_trace as walk
from arasha.flows.arena import Arena
from arasha.flows.bounds import Bounds
from arasha.flows.kernels_arena import (
    AMOUNT,
    MASK,
    NONE,
    PAYEE,
    PAYER,
    PLACE,
    TIME,
    amount_of,
    time_of,
)
from arasha.flows.kernels_money import (
    ACCOUNT,
    BUCKETS,
    CAP,
    ENDED,
    HOP,
    KNOWN,
    MORE,
    MOST,
    OUT_CRYPTO,
    PASSED,
    POISON,
    RECEIVED,
    SINCE,
    THERE,
    TOLD,
    UNTIL,
)
from arasha.flows.traced import Account, Cuts, Money, Payment, Split, Trace

_NO_LIMIT = 2**62

Amounts = list[list[list[int]]]


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk filled: ``stays`` int64[n, STAY_WORDS], ``money`` int64[n, RULES, BUCKETS],
    ``listed`` int64[m, LISTED_WORDS], ``created`` int64[BUCKETS, RULES], ``work`` as in
    kernels_trace.py; ``reported_minor`` and ``currency`` of the reports.
    """

    stays: NDArray[np.int64]
    money: NDArray[np.int64]
    listed: NDArray[np.int64]
    created: NDArray[np.int64]
    work: NDArray[np.int64]
    reported_minor: int
    currency: int


def told(walked: Walked, arena: Arena, bounds: Bounds) -> Trace:
    """The trace of a walk."""
    money, stays, cap = walked.money, walked.stays, int(walked.work[CAP])
    np.maximum(stays[:, KNOWN], money[:, MOST, THERE], out=money[:, POISON, THERE])
    stays_of: dict[int, list[int]] = {}
    for at, account in enumerate(stays[:, ACCOUNT].tolist()):
        stays_of.setdefault(account, []).append(at)
    amounts: Amounts = money.transpose(0, 2, 1).tolist()
    rows = stays.tolist()
    tokens = _tokens(arena, stays[:, ACCOUNT])
    accounts = tuple(
        _account(arena, tokens[some[0]], [rows[at] for at in some],
                 amounts[some[0]] if len(some) == 1 else _summed(money, some), cap)
        for some in stays_of.values()
    )  # fmt: skip
    order = {account: at for at, account in enumerate(stays_of)}
    places = [order[row[ACCOUNT]] for row in rows]
    outside = [_split(by_rule, cap) for by_rule in walked.created.tolist()]
    return Trace(
        accounts,
        _payments(arena, walked.listed, places),
        outside[RECEIVED],
        Money(*outside),
        _cuts(walked),
        bounds,
        int(walked.work[walk.LOOKS]),
        walked.reported_minor,
        walked.currency,
    )


def _summed(money: NDArray[np.int64], some: Sequence[int]) -> list[list[int]]:
    summed: list[list[int]] = money[list(some)].sum(0).T.tolist()
    return summed


def _tokens(arena: Arena, accounts: NDArray[np.int64]) -> list[str]:
    """The tokens of accounts, 32 hexadecimal digits each."""
    text = arena.arrays.accounts[accounts, :2].tobytes().hex()
    return [text[at : at + 32] for at in range(0, len(text), 32)]


def _account(
    arena: Arena, token: str, stays: list[list[int]], amounts: list[list[int]], cap: int
) -> Account:
    number, came = stays[0][ACCOUNT], amounts[RECEIVED][MOST]
    splits = []
    for bucket in range(BUCKETS):
        most = came if bucket != THERE else _NO_LIMIT  # no more can go on than came
        if bucket == THERE or PASSED < bucket <= OUT_CRYPTO:
            most = min(most, cap)
        splits.append(_split(amounts[bucket], most))
    return Account(
        number,
        token,
        arena.bank_of(number),
        min(stay[HOP] for stay in stays),
        stays[0][SINCE],
        max(stay[UNTIL] for stay in stays),
        Money(*splits),
        told=bool(stays[0][TOLD]),
        cut_by_window=any(s[ENDED] == walk.BY_WINDOW and s[MORE] for s in stays),
        cut_by_looks=any(s[ENDED] == walk.BY_LOOKS for s in stays),
    )


def _payments(
    arena: Arena, listed: NDArray[np.int64], places: Sequence[int]
) -> tuple[Payment, ...]:
    at = listed[:, 0] & int(arena.about[MASK])
    rows, links = arena.arrays.rows[at], arena.arrays.rows_32[at]
    payers, payees = (_tokens(arena, links[:, word]) for word in (PAYER, PAYEE))
    words = (rows[:, PLACE] >> 24, time_of(rows[:, TIME]), amount_of(rows[:, AMOUNT]))
    seqs, times, amounts = (word.tolist() for word in words)
    payments = []
    for n, (ordinal, payer, payee, hop, bucket, disputed, *carried) in enumerate(listed.tolist()):
        payments.append(
            Payment(
                ordinal, seqs[n], times[n], amounts[n], payers[n], payees[n],
                None if payer == NONE else places[payer],
                None if payee == NONE else places[payee],
                hop, bucket - PASSED, disputed, Split(*carried),
            )
        )  # fmt: skip
    return tuple(payments)


def _cuts(walked: Walked) -> Cuts:
    work, stays = walked.work.tolist(), walked.stays
    by_window = (stays[:, ENDED] == walk.BY_WINDOW) & (stays[:, MORE] == 1)
    return Cuts(
        least_amount=work[walk.SMALL],
        payments_most=work[walk.CROWDED],
        unlisted=work[walk.UNLISTED],
        hops_most=work[walk.FAR],
        hop_window=int(by_window.sum()),
        looks_at_account=int((stays[:, ENDED] == walk.BY_LOOKS).sum()),
        looks=bool(work[walk.OUT_OF_LOOKS]),
    )


def _split(by_rule: Sequence[int], most: int) -> Split:
    fifo, lifo, haircut, least, at_most, poison = by_rule
    return Split(fifo, lifo, haircut, least, min(at_most, most), poison)
