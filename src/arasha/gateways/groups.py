"""Groups: numbers that share a device, or were activated at one dealer one after the other.

In: what was seen of numbers, and the activations that stand. Out: for each number its group, and
what a group's numbers come to together. A group is a place from 0; -1 is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arasha.gateways.cards import Activations

Groups = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sums:
    """What the numbers of each group come to: how many they are, and what was seen of all."""

    numbers: NDArray[np.float64]
    calls: NDArray[np.float64]
    received: NDArray[np.float64]
    callees: NDArray[np.float64]
    taken: NDArray[np.float64]


def by_value(values: NDArray[np.uint64]) -> Groups:
    """Those of the same value are of one group; 0 is none."""
    found = np.full(len(values), -1, np.int64)
    known = values != 0
    found[known] = np.unique(values[known], return_inverse=True)[1]
    return found


def by_sale(activations: Activations, gap_ms: int) -> Groups:
    """Activations at one dealer, of one block, each within ``gap_ms`` of the one before it."""
    found = np.full(len(activations), -1, np.int64)
    known = np.flatnonzero(activations.dealer != 0)
    some = activations.take(known)
    order = known[np.lexsort((some.at_ms, some.block, some.dealer))]
    if len(order):
        some = activations.take(order)
        begins = (some.dealer[1:] != some.dealer[:-1]) | (some.block[1:] != some.block[:-1])
        begins |= np.diff(some.at_ms) > gap_ms
        found[order] = np.concatenate(([0], np.cumsum(begins)))
    return found


def sums(groups: Groups, some: NDArray[np.bool_], signs: Any) -> Sums:
    """The sums over those of the numbers that are ``some``; ``signs`` as `Habits.signs` gives."""
    size = int(groups.max(initial=-1)) + 1
    chosen = some & (groups >= 0)
    at = groups[chosen]

    def total(column: NDArray[np.int64] | None) -> NDArray[np.float64]:
        weights = None if column is None else column[chosen].astype(np.float64)
        return np.bincount(at, weights, minlength=size).astype(np.float64)

    return Sums(
        total(None), total(signs.calls), total(signs.received), total(signs.callees),
        total(signs.taken),
    )  # fmt: skip


def member_of(groups: Groups, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each number's group is one of those chosen."""
    if not len(chosen):
        return np.zeros(len(groups), np.bool_)
    members: NDArray[np.bool_] = (groups >= 0) & chosen[groups]
    return members


def united(pairs: NDArray[np.int64], size: int) -> Groups:
    """The group of each of ``size`` places, where the two of every pair are of one."""
    parents = list(range(size))

    def head(one: int) -> int:
        while parents[one] != one:
            parents[one] = parents[parents[one]]
            one = parents[one]
        return one

    for one, other in pairs.tolist():
        first, second = sorted((head(one), head(other)))
        parents[second] = first
    return np.array([head(one) for one in range(size)], np.int64)
