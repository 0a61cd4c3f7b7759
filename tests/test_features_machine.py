"""The machine's steps at the edges of int64 and float64, and its own logarithm."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arasha.features.machine import OPERATIONS, natural_log, run
from arasha.features.registers import empty_registers

MOST, LEAST = 2**63 - 1, -(2**63)
ULPS = 4

# operation, operands, result; ? is missing, M the largest int64, L the smallest
WHOLE = """
add_int         M 1     ?
add_int         M 0     M
add_int         L -1    ?
add_int         L M     -1
add_int         ? 1     ?
subtract_int    L 1     ?
subtract_int    0 L     ?
subtract_int    -1 L    M
subtract_int    M -1    ?
multiply_int    M 1     M
multiply_int    M 2     ?
multiply_int    L 1     L
multiply_int    L -1    ?
multiply_int    -1 L    ?
multiply_int    0 L     0
multiply_int    3037000499 3037000499      9223372030926249001
multiply_int    3037000500 3037000500      ?
multiply_int    4294967296 4294967296      ?
multiply_int    4294967296 -2147483648     L
multiply_int    4294967296 2147483648      ?
modulo_int      7 3     1
modulo_int      -7 3    2
modulo_int      7 -3    -2
modulo_int      -7 -3   -1
modulo_int      7 0     ?
modulo_int      L -1    0
modulo_int      L 1     0
modulo_int      M L     -1
negative_int    L       ?
negative_int    M       -9223372036854775807
abs_int         L       ?
abs_int         -5      5
minimum_int     L M     L
maximum_int     L M     M
maximum_int     ? M     ?
less_int        L M     1
less_int        M M     0
at_most_int     M M     1
equal_int       L L     1
unequal_int     L M     1
unequal_int     L ?     ?
hour            0       0
hour            -1      23
hour            3599999 0
hour            3600000 1
hour            -86400000 0
hour            -86400001 23
weekday         0       3
weekday         -1      2
weekday         345600000 0
weekday         345599999 6
weekday         -259200000 0
weekday         -259200001 6
known           ?       0
known           L       1
not             1       0
not             ?       ?
"""
REAL = """
add_float       1e308 1e308         ?
add_float       1e308 -1e308        0.0
subtract_float  -1.7e308 1e308      ?
multiply_float  1e200 1e200         ?
multiply_float  1e-200 1e-200       0.0
divide_float    1.0 0.0             ?
divide_float    -1.0 0.0            ?
divide_float    0.0 0.0             ?
divide_float    1e308 1e-10         ?
divide_float    1.0 3.0             0.3333333333333333
modulo_float    7.5 2.0             1.5
modulo_float    -7.5 2.0            0.5
modulo_float    7.5 -2.0            -0.5
modulo_float    -7.5 -2.0           -1.5
modulo_float    1.0 0.0             ?
modulo_float    1e308 3.0           2.0
modulo_float    ? 3.0               ?
negative_float  0.5                 -0.5
abs_float       -0.5                0.5
minimum_float   0.5 -1e308          -1e308
maximum_float   0.5 ?               ?
log             1.0                 0.0
log             0.0                 ?
log             -0.0                ?
log             -1.0                ?
log             ?                   ?
"""
ORDERS = """
less_float      1.0 1.0     0
less_float      -0.0 0.0    0
less_float      5e-324 1.0  1
at_most_float   0.0 -0.0    1
equal_float     0.0 -0.0    1
equal_float     0.1 0.30000000000000004     0
unequal_float   1.0 ?       ?
unequal_float   1.0 2.0     1
"""


def rows(table: str) -> list[list[str]]:
    """The lines of a table as words."""
    return [line.split() for line in table.strip().splitlines()]


def step(operation: str, operands: list[int | float | None], *, real: bool) -> int | float | None:
    """What one step makes of its operands; ``real``: of a float register."""
    registers = empty_registers(len(operands) + 1, 1)
    for at, operand in enumerate(operands):
        registers.ints[at] = 0
        if isinstance(operand, float):
            registers.floats[at] = operand
        elif operand is not None:
            registers.ints[at] = operand
        registers.known[at] = operand is not None
    words = [OPERATIONS.index(operation), len(operands), *range(len(operands))]
    steps = np.array([[*words, 0, 0][:5]], np.int32)
    run(steps, np.zeros(0, np.int64), registers.ints, registers.known)
    if not registers.known[-1, 0]:
        return None
    found: int | float = (registers.floats if real else registers.ints)[-1, 0].item()
    return found


def whole(word: str) -> int | None:
    """A number of the table."""
    return {"?": None, "M": MOST, "L": LEAST}[word] if word in "?ML" else int(word)


def real(word: str) -> float | None:
    """The same of floats."""
    return None if word == "?" else float(word)


@pytest.mark.parametrize("row", rows(WHOLE), ids=" ".join)
def test_whole_numbers_overflow_into_the_missing(row: list[str]) -> None:
    """Nothing wraps around; ``%`` has Python's sign; hours and days begin at midnight before
    1970, too.
    """
    operation, *operands, expected = row
    assert whole(expected) == step(operation, [whole(word) for word in operands], real=False)


@pytest.mark.parametrize("row", rows(REAL), ids=" ".join)
def test_floats_that_are_not_finite_are_missing(row: list[str]) -> None:
    """Division by zero, overflow, the logarithm of nothing."""
    operation, *operands, expected = row
    assert real(expected) == step(operation, [real(word) for word in operands], real=True)


@pytest.mark.parametrize("row", rows(ORDERS), ids=" ".join)
def test_floats_are_in_order(row: list[str]) -> None:
    """Comparisons give truths; zero has no sign."""
    operation, *operands, expected = row
    assert whole(expected) == step(operation, [real(word) for word in operands], real=False)


def test_an_int_becomes_the_nearest_float() -> None:
    """Ties to even, as everywhere."""
    for number in (0, -1, 2**53 + 1, 2**53 + 3, MOST, LEAST, 2**62 + 255):
        assert float(number) == step("to_float", [number], real=True)


INT64 = st.one_of(
    st.integers(LEAST, MOST), st.sampled_from((0, 1, -1, MOST, LEAST, 2**32, -(2**31), 2**62))
)


@given(INT64, INT64)
def test_whole_arithmetic_is_that_of_integers(x: int, y: int) -> None:
    """Or missing, exactly when the true result is no int64."""
    results = {"add": x + y, "subtract": x - y, "multiply": x * y}
    for name, result in results.items():
        expected = result if LEAST <= result <= MOST else None
        assert expected == step(f"{name}_int", [x, y], real=False)


@settings(max_examples=300)
@given(st.floats(min_value=5e-324, max_value=1.7976931348623157e308))
def test_the_logarithm_is_near(x: float) -> None:
    """Within a few units in the last place of the C library's, from subnormals to the largest."""
    expected = math.log(x)
    assert abs(natural_log(x) - expected) <= ULPS * math.ulp(expected)


@given(st.integers(-(2**54), 2**54), st.integers(0, 52))
def test_the_logarithm_is_near_around_one(n: int, shift: int) -> None:
    """Where it goes through zero the digits are few, and all of them hold."""
    x = 1.0 + math.ldexp(n, -54 - shift)
    if x > 0:
        assert abs(natural_log(x) - math.log(x)) <= ULPS * math.ulp(math.log(x))


@pytest.mark.parametrize(
    "x",
    [
        5e-324, 2.2250738585072014e-308, 2.225073858507201e-308, 1.7976931348623157e308,
        1.0, math.nextafter(1, 0), math.nextafter(1, 2), math.sqrt(0.5),
        math.nextafter(math.sqrt(0.5), 0), math.sqrt(2), 2.0, math.e, 0.1, 1e15, 1e-15,
    ],
)  # fmt: skip
def test_the_logarithm_at_its_seams(x: float) -> None:
    """Powers of two, the edges of the series' range, the smallest and the largest."""
    assert abs(natural_log(x) - math.log(x)) <= ULPS * math.ulp(math.log(x))


def test_the_logarithm_never_falls_as_its_argument_grows() -> None:
    """Across the seams between powers of two as well."""
    x = np.sort(np.random.default_rng(2).lognormal(0, 200, 20_000))
    x = x[(x > 0) & np.isfinite(x)]
    logs = np.array([natural_log(one) for one in x.tolist()])
    assert (np.diff(logs) >= 0).all()


def test_known_bits() -> None:
    """Every machine gives these: the answers are part of what a log replays to."""
    bits = [float.hex(natural_log(x)) for x in (2.0, 3.0, 10.0, 0.7, 1e300)]
    assert [
        "0x1.62e42fefa39efp-1", "0x1.193ea7aad030bp+0", "0x1.26bb1bbb55516p+1",
        "-0x1.6d3c324e13f50p-2", "0x1.5963447f87fb5p+9",
    ] == bits  # fmt: skip
