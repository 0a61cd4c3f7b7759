"""128-bit sums for the windows: exact whatever the number of payments.

A sum is two words of memory, low then high; numbers are uint64 pairs (high, low). Compiled kernels
are cached by the file they stand in: after a change here, touch kernels.py too.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from arasha.events.kernels import inlined, kernel
from arasha.features.memory import get64, put64

_U0, _U1, _U32 = np.uint64(0), np.uint64(1), np.uint64(32)
_ULOW: Final = np.uint64(0xFFFFFFFF)


@inlined
def add_wide(at, high, low):  # type: ignore[no-untyped-def]  # compiled
    """The sum at an address takes a number in."""
    old = np.uint64(get64(at))
    new = old + low
    put64(at, np.int64(new))
    carry = _U1 if new < old else _U0
    if high + carry != _U0:  # all but never for a sum: its high word stays untouched
        put64(at + 8, np.int64(np.uint64(get64(at + 8)) + high + carry))


@inlined
def take_wide(at, high, low):  # type: ignore[no-untyped-def]  # compiled
    """The sum at an address gives a number back."""
    old = np.uint64(get64(at))
    put64(at, np.int64(old - low))
    borrow = _U1 if old < low else _U0
    if high + borrow != _U0:
        put64(at + 8, np.int64(np.uint64(get64(at + 8)) - high - borrow))


@inlined
def multiply(a, b):  # type: ignore[no-untyped-def]  # compiled
    """uint64 × uint64 as (high, low)."""
    a_low, a_high = a & _ULOW, a >> _U32
    b_low, b_high = b & _ULOW, b >> _U32
    bottom = a_low * b_low
    middle = a_high * b_low + (bottom >> _U32)
    cross = a_low * b_high + (middle & _ULOW)
    high = a_high * b_high + (middle >> _U32) + (cross >> _U32)
    return high, (cross << _U32) | (bottom & _ULOW)


@kernel
def wide_float(high, low):  # type: ignore[no-untyped-def]  # compiled
    """A 128-bit number as a float."""
    return float(high) * 18446744073709551616.0 + float(low)


@kernel
def spread(n, sum_high, sum_low, squares_high, squares_low):  # type: ignore[no-untyped-def]  # compiled
    """Population standard deviation from exact sums of n values.

    With m the integer nearest to S/n and r = S - m·n, the sum of (x - m)² is S2 - m·(S + r), exact
    modulo 2**128; the variance is (that - r²/n) / n. As 2·|r| is at most n, r²/n is at most half of
    that sum, so the difference keeps its digits. Values are below 2**50, so nothing overflows.
    """
    top = (sum_high << _U32) | (sum_low >> _U32)
    quotient = top // n
    rest = ((top - quotient * n) << _U32) | (sum_low & _ULOW)
    mean = (quotient << _U32) + rest // n
    rest = rest - (rest // n) * n
    factor_low = sum_low + rest
    factor_high = sum_high + (_U1 if factor_low < sum_low else _U0)
    if rest > n - rest:  # the next integer is nearer, and r = rest - n
        mean += _U1
        factor_high -= _U1 if factor_low < n else _U0
        factor_low -= n
        rest = n - rest
    product_high, product_low = multiply(mean, factor_low)
    product_high += mean * factor_high
    low = squares_low - product_low
    high = squares_high - product_high - (_U1 if squares_low < product_low else _U0)
    deviation = wide_float(high, low) - float(rest) * float(rest) / float(n)
    return np.sqrt(max(deviation, 0.0) / float(n))


# What is compiled into this file from others: 2ea3dd7a65329dca.
