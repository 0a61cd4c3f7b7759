"""128-bit sums: exact where int64 and float64 are not."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from arasha.features.wide import add_wide, multiply, spread, take_wide, wide_float

WORDS = st.integers(0, 2**64 - 1)
VALUES = st.lists(st.integers(0, 10**15), min_size=1, max_size=30)
LOW = 2**64 - 1


def halves(number: int) -> tuple[np.uint64, np.uint64]:
    """A number below 2**128 as (high, low)."""
    return np.uint64(number >> 64), np.uint64(number & LOW)


@given(WORDS, WORDS)
def test_a_product_has_all_its_digits(a: int, b: int) -> None:
    """uint64 × uint64 is exact."""
    high, low = multiply(np.uint64(a), np.uint64(b))
    assert a * b == (int(high) << 64) + int(low)


@given(st.lists(st.integers(0, 2**120), min_size=1, max_size=20))
def test_what_was_added_can_be_taken_away(numbers: list[int]) -> None:
    """A sum is exact on the way up and back at nothing on the way down."""
    words = np.zeros(2, np.int64)
    at = words.ctypes.data
    for number in numbers:
        add_wide(at, *halves(number))
    low, high = (int(np.uint64(word & LOW)) for word in map(int, words))
    assert sum(numbers) == (high << 64) + low
    for number in numbers:
        take_wide(at, *halves(number))
    assert [0, 0] == words.tolist()


@given(VALUES)
def test_the_spread_keeps_its_digits(values: list[int]) -> None:
    """The population's standard deviation from exact sums, even of large values close together."""
    n, total, squares = len(values), sum(values), sum(v * v for v in values)
    expected = math.sqrt(Fraction(n * squares - total * total, n * n))
    found = spread(np.uint64(n), *halves(total), *halves(squares))
    assert math.isclose(expected, found, rel_tol=1e-12)


def test_a_wide_number_as_a_float() -> None:
    """High words count 2**64 each."""
    assert float(5 * 2**64 + 3) == wide_float(np.uint64(5), np.uint64(3))
