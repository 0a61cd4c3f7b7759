"""Sums of 128 bits are whole numbers, whatever passes between their words."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from arasha.events.kernels import kernel
from arasha.features.wide import add_wide, multiply, take_wide

WORDS = st.integers(0, 2**64 - 1)


@kernel
def _add_and_take(words: NDArray[np.int64], a: np.uint64, b: np.uint64) -> None:
    at = words.ctypes.data
    high, low = multiply(a, b)
    add_wide(at, high, low)
    add_wide(at, np.uint64(0), a)
    take_wide(at, np.uint64(0), b)


@given(WORDS, WORDS)
def test_products_and_sums_are_exact(a: int, b: int) -> None:
    """The sum is a * b + a - b, modulo 2**128."""
    words = np.zeros(3, np.int64)
    _add_and_take(words, np.uint64(a), np.uint64(b))
    low, high, beside = words.view(np.uint64).tolist()
    assert ((a * b + a - b) % 2**128, 0) == (low + (high << 64), beside)
