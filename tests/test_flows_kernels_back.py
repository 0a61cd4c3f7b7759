"""Payments into an account before a moment are found newest first, within the looks."""

from __future__ import annotations

import numpy as np

from arasha.flows.kernels_back import came_before, met_before
from arasha.testing.naive_trace import Transfer
from flows_samples import TENGE, arena_of, token


def test_what_came_is_found_and_looks_are_counted() -> None:
    """Ordinals and sum within the time; no looks left when the account has more."""
    arena = arena_of([Transfer(n, 9, n, 1 + n) for n in range(8)])
    account = arena.account_of(token(9), TENGE)
    memory, out = tuple(arena.arrays), np.zeros(8, np.int64)

    assert (3, 4 + 5 + 6, 5) == came_before(memory, arena.about, account, 6, 3, 7, 10, out)
    assert [5, 4, 3] == out[:3].tolist()
    assert (2, 8 + 7, 0) == came_before(memory, arena.about, account, 8, 0, 7, 2, out)


def test_a_payer_met_before_is_known() -> None:
    """Also with others between; not beyond the looks."""
    arena = arena_of([Transfer(p, 9, at, 1) for at, p in enumerate((1, 2, 3, 1))])
    memory = tuple(arena.arrays)

    assert met_before(memory, arena.about, 3, 10)
    assert not met_before(memory, arena.about, 2, 10)
    assert not met_before(memory, arena.about, 3, 2)
