"""Kernels of the table of habits: finding a row, and counting bits."""

from __future__ import annotations

import numpy as np

from arasha.gateways import kernels_habits as kernels


def test_a_row_is_found_again_and_none_is_made_beyond_the_room() -> None:
    """Random tokens, more of them than there is room for."""
    chance = np.random.default_rng(3)
    tokens = chance.integers(1, 2**63, (40, 2)).astype(np.uint64)
    index, held = np.full(64, -1, np.int32), np.zeros((30, 2), np.uint64)
    about, out = np.zeros(4, np.int64), np.empty(40, np.int64)
    every = np.ones(40, np.bool_)
    kernels.rows_of(index, held, about, tokens, every, out)
    assert [*range(30), *[-1] * 10] == out.tolist()
    kernels.rows_of(index, held, about, tokens[::-1].copy(), ~every, out)
    assert [*[-1] * 10, *range(29, -1, -1)] == out.tolist()
    kernels.reindex(index, held, 20)
    about[kernels.ROWS] = 20
    kernels.rows_of(index, held, about, tokens, ~every, out)
    assert [*range(20), *[-1] * 20] == out.tolist()


def test_bits_of_both_generations_are_counted_once() -> None:
    """As Python counts them."""
    chance = np.random.default_rng(4)
    bits = chance.integers(0, 2**63, (2, 5, kernels.WORDS)).astype(np.uint64)
    out = np.empty(5, np.int64)
    kernels.bits_set(bits, np.arange(5), out)
    both = bits[0] | bits[1]
    assert [sum(int(word).bit_count() for word in row) for row in both] == out.tolist()
