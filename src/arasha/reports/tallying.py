"""Counting payments by group, exactly and in bulk.

Below ``backtest.measure``: the columns of a judged file are prepared once here; then any set of
(row, group) pairs — rules, actions, bands, scores — becomes one tally per group. Money is added
as two halves of 25 bits, each of which a float64 sum holds exactly up to 2^28 payments, so the
fast ``bincount`` gives exact integers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.engine.judgements import GOOD, Judgements
from arasha.events.schema import MAX_AMOUNT_MINOR
from arasha.reports.measures import Money, Tally

Integers = NDArray[np.int64]

HALF_BITS: Final = 25
MAX_PAIRS: Final = 2**28
"""Most (row, group) pairs one count may take: 53 bits of a float64 less the 25 of a half."""

assert MAX_AMOUNT_MINOR < 2 ** (2 * HALF_BITS)


@dataclass(frozen=True, slots=True)
class Tallying:
    """The columns that every count needs.

    ``truth`` int8[n] is 0 unknown, 1 good, 2 fraud; ``currency`` int16[n] and ``payer`` int32[n]
    are indices; ``low`` and ``high`` uint32[n] are the halves of the amount; ``currencies`` are the
    numeric codes, the one with most payments first.
    """

    truth: NDArray[np.int8]
    currency: NDArray[np.int16]
    currencies: tuple[int, ...]
    low: NDArray[np.uint32]
    high: NDArray[np.uint32]
    payer: NDArray[np.int32]
    payers: int

    def tallies(self, rows: Integers, groups: Integers, count: int) -> list[Tally]:
        """One tally for each group 0..count-1 of the pairs (rows[i], groups[i])."""
        assert len(rows) == len(groups) <= MAX_PAIRS
        truth = self.truth[rows]
        numbers = np.bincount(groups * 3 + truth, minlength=3 * count).reshape(count, 3)
        money = self._money(rows, groups, truth, count)
        good = truth == GOOD + 1
        payers = _distinct(groups[good], self.payer[rows[good]], count, self.payers)
        return [
            Tally(
                frauds=row[2],
                goods=row[1],
                unknown=row[0],
                fraud_money=money[group][2],
                good_money=money[group][1],
                unknown_money=money[group][0],
                payers=distinct,
            )
            for group, (row, distinct) in enumerate(
                zip(numbers.tolist(), payers.tolist(), strict=True)
            )
        ]

    def tally(self, mask: NDArray[np.bool_]) -> Tally:
        """The payments of the mask, bool[n], as one tally."""
        rows = np.flatnonzero(mask)
        return self.tallies(rows, np.zeros(len(rows), np.int64), 1)[0]

    def _money(
        self, rows: Integers, groups: Integers, truth: NDArray[np.int8], count: int
    ) -> list[list[Money]]:
        """For each group and truth the sums by currency, without currencies that do not occur."""
        width = len(self.currencies)
        cells = (groups * 3 + truth) * width + self.currency[rows]
        size = count * 3 * width
        shape = (count, 3, width)
        low = np.bincount(cells, self.low[rows], size).reshape(shape).tolist()
        high = np.bincount(cells, self.high[rows], size).reshape(shape).tolist()
        present = np.bincount(cells, minlength=size).reshape(shape).tolist()
        return [
            [
                {
                    code: int(low[g][t][c]) + (int(high[g][t][c]) << HALF_BITS)
                    for c, code in enumerate(self.currencies)
                    if present[g][t][c]
                }
                for t in range(3)
            ]
            for g in range(count)
        ]


def prepare(judgements: Judgements) -> Tallying:
    """The columns of these judgements, ready to be counted."""
    codes, currency = np.unique(judgements.currency, return_inverse=True)
    order = np.argsort(-np.bincount(currency, minlength=len(codes)), kind="stable")
    rank = np.empty(len(codes), np.int16)
    rank[order] = np.arange(len(codes), dtype=np.int16)
    payer, payers = _indices(judgements.payer)
    return Tallying(
        truth=judgements.truth + np.int8(1),
        currency=rank[currency],
        currencies=tuple(codes[order].tolist()),
        low=(judgements.amount_minor & (2**HALF_BITS - 1)).astype(np.uint32),
        high=(judgements.amount_minor >> HALF_BITS).astype(np.uint32),
        payer=payer,
        payers=payers,
    )


def _indices(tokens: NDArray[np.uint64]) -> tuple[NDArray[np.int32], int]:
    """An index for each token, equal for equal tokens, and how many there are."""
    if len(tokens) == 0:
        return np.zeros(0, np.int32), 0
    order = np.lexsort((tokens[:, 1], tokens[:, 0]))
    ordered = tokens[order]
    changes = np.zeros(len(tokens), np.int32)
    changes[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    indices = np.empty(len(tokens), np.int32)
    indices[order] = np.cumsum(changes, dtype=np.int32)
    return indices, int(changes.sum()) + 1


def _distinct(groups: Integers, values: NDArray[np.int32], count: int, size: int) -> Integers:
    """How many different values (0..size-1) each group has, int64[count]."""
    pairs = np.sort(groups * size + values)  # np.unique hashes and is far slower here
    if len(pairs) == 0:
        return np.zeros(count, np.int64)
    first = np.concatenate([[True], pairs[1:] != pairs[:-1]])
    return np.bincount(pairs[first] // size, minlength=count)
