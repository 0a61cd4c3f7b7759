"""128-bit sums are those of Python's integers, modulo 2**128."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from arasha.features.wide import add_wide, multiply, spread, take_wide, wide_float

U = np.uint64
MASK = 2**64 - 1
WORDS = st.one_of(st.integers(0, MASK), st.sampled_from((0, 1, MASK, 2**32, 2**63, 2**64 - 2**32)))


def number(words: NDArray[np.int64]) -> int:
    """What the two words hold."""
    low, high = (int(word) & MASK for word in words)
    return high << 64 | low


@given(st.lists(st.tuples(WORDS, WORDS), max_size=12))
def test_what_goes_in_comes_out(numbers: list[tuple[int, int]]) -> None:
    """Carries and borrows reach the high word, even when its own addend is zero."""
    words, expected = np.zeros(2, np.int64), 0
    for high, low in numbers:
        add_wide(words.ctypes.data, U(high), U(low))
        expected = (expected + (high << 64 | low)) % 2**128
        assert expected == number(words)
    for high, low in numbers:
        take_wide(words.ctypes.data, U(high), U(low))
        expected = (expected - (high << 64 | low)) % 2**128
        assert expected == number(words)
    assert 0 == expected


def test_a_carry_and_a_borrow_alone() -> None:
    """A sum that passes 2**64, and comes back."""
    words = np.array([-1, 0], np.int64)
    add_wide(words.ctypes.data, U(0), U(1))
    assert [0, 1] == words.tolist()
    take_wide(words.ctypes.data, U(0), U(1))
    assert [-1, 0] == words.tolist()


@given(WORDS, WORDS)
def test_products_are_whole(a: int, b: int) -> None:
    """All 128 bits."""
    high, low = multiply(U(a), U(b))
    assert a * b == int(high) << 64 | int(low)


@given(WORDS, WORDS)
def test_a_wide_number_is_nearly_its_float(high: int, low: int) -> None:
    """Exact to the rounding of two floats; exactly the nearest when the high word is zero."""
    found = wide_float(U(high), U(low))
    assert math.isclose(found, float(high << 64 | low), rel_tol=2**-52)
    assert float(low) == wide_float(U(0), U(low))


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=30))
def test_the_deviation_of_any_values(values: list[int]) -> None:
    """The population's, from exact sums."""
    n, total, squares = len(values), sum(values), sum(v * v for v in values)
    expected = math.sqrt(Fraction(n * squares - total * total, n * n))
    words = (total >> 64, total & MASK, squares >> 64, squares & MASK)
    assert math.isclose(expected, spread(U(n), *map(U, words)), rel_tol=1e-15)


@given(
    st.sampled_from((1, 2, 3, 10, 1000, 10**6 + 1, 2**28)),
    st.floats(0, 1),
    st.integers(0, 10**15),
    st.one_of(st.integers(0, 3), st.integers(0, 10**15)),
)
def test_the_deviation_keeps_its_digits(n: int, share: float, base: int, apart: int) -> None:
    """Of n values, some equal to ``base`` and a share of them larger: however many and however
    close they are, the deviation is right to a few units in the last place.
    """
    upper, k = min(base + apart, 10**15), round(share * n)
    total, squares = base * (n - k) + upper * k, base**2 * (n - k) + upper**2 * k
    expected = math.sqrt(Fraction(n * squares - total * total, n * n))
    words = (total >> 64, total & MASK, squares >> 64, squares & MASK)
    found = spread(U(n), *map(U, words))
    assert math.isclose(expected, found, rel_tol=1e-15)


def test_of_a_million_values_one_is_larger() -> None:
    """Sums of floats would lose it: 999,999 fives and a six, and the other way round."""
    n = 10**6
    expected = math.sqrt(Fraction(n - 1, n * n))
    for total, squares in ((5 * n + 1, 25 * n + 11), (6 * n - 1, 36 * n - 11)):
        found = spread(U(n), U(0), U(total), U(0), U(squares))
        assert math.isclose(expected, found, rel_tol=1e-15)
