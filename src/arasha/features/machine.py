"""The machine that runs a program: one step at a time, each over all rows of a batch.

In: steps, constants, registers whose inputs are filled. Out: every register. A step reads up to
three registers and writes one; values are int64 (booleans 0 and 1, floats by their bits) with a
``known`` byte each. Integer overflow and floats that are not finite become missing. The natural
logarithm is computed here, from + − × ÷ alone, so that every machine gives the same bits.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from arasha.events.kernels import kernel

OPERATIONS: Final = (
    "constant", "missing", "to_float", "known", "not", "and", "or", "choice", "coalesce",
    "hour", "weekday", "log",
    "add_int", "subtract_int", "multiply_int", "modulo_int", "negative_int", "abs_int",
    "minimum_int", "maximum_int", "less_int", "at_most_int", "equal_int", "unequal_int",
    "add_float", "subtract_float", "multiply_float", "divide_float", "modulo_float",
    "negative_float", "abs_float", "minimum_float", "maximum_float", "less_float",
    "at_most_float", "equal_float", "unequal_float",
)  # fmt: skip
"""Names of the operations; a step holds the place of its own in this tuple."""

_INT_MIN: Final = -(2**63)
_LN2_HIGH: Final = 6.93147180369123816490e-01  # ln 2 with 32 low bits zero, so that k·high is exact
_LN2_LOW: Final = 1.90821492927058770002e-10
_SQRT_HALF: Final = 0.7071067811865476
_DAY_MS: Final = 86_400_000


@kernel
def natural_log(value: float) -> float:
    """ln of a positive finite number, within 2 units in the last place.

    value = m·2**k with m in [√½, √2); ln m = 2·artanh(s), s = (m − 1)/(m + 1), by its series: s² is
    below 0.0295, so eleven terms leave less than 1e-17.
    """
    mantissa, exponent = math.frexp(value)
    k = np.int64(exponent)
    if mantissa < _SQRT_HALF:
        mantissa *= 2.0
        k -= 1
    s = (mantissa - 1.0) / (mantissa + 1.0)
    square = s * s
    series = 1.0 / 23.0
    for odd in range(21, 1, -2):
        series = series * square + 1.0 / float(odd)
    ln_mantissa = 2.0 * s + 2.0 * s * square * series
    return k * _LN2_HIGH + (ln_mantissa + k * _LN2_LOW)


@kernel
def _whole(op, x, y):  # type: ignore[no-untyped-def]  # compiled
    """(known, result) of an operation on two known int64."""
    if op == 12:
        z = x + y
        return not ((x >= 0) == (y >= 0) and (z >= 0) != (x >= 0)), z
    if op == 13:
        z = x - y
        return not ((x >= 0) != (y >= 0) and (z >= 0) != (x >= 0)), z
    if op == 14:
        z = x * y
        fits = True
        if x != 0:
            fits = not (x == -1 and y == _INT_MIN) and not (y == -1 and x == _INT_MIN)
            if fits:
                fits = z // x == y
        return fits, z
    if op == 15:
        if y == 0:
            return False, 0
        return True, 0 if y == -1 else x % y
    if op == 18:
        return True, min(x, y)
    if op == 19:
        return True, max(x, y)
    if op == 20:
        return True, np.int64(x < y)
    if op == 21:
        return True, np.int64(x <= y)
    if op == 22:
        return True, np.int64(x == y)
    return True, np.int64(x != y)


@kernel
def _real(op, x, y):  # type: ignore[no-untyped-def]  # compiled
    """(known, result) of an arithmetic operation on two known floats."""
    if op == 24:
        z = x + y
    elif op == 25:
        z = x - y
    elif op == 26:
        z = x * y
    elif op == 27:
        if y == 0.0:
            return False, 0.0
        z = x / y
    elif op == 28:
        if y == 0.0:
            return False, 0.0
        z = x % y
    elif op == 31:
        z = min(x, y)
    else:
        z = max(x, y)
    return np.isfinite(z), z


@kernel
def _order(op, x, y):  # type: ignore[no-untyped-def]  # compiled
    if op == 33:
        return np.int64(x < y)
    if op == 34:
        return np.int64(x <= y)
    if op == 35:
        return np.int64(x == y)
    return np.int64(x != y)


@kernel
def _one(op, ints, floats, known, d, a, j):  # type: ignore[no-untyped-def]  # compiled
    """An operation on one register."""
    if op == 3:
        ints[d, j] = known[a, j]
        known[d, j] = 1
        return
    known[d, j] = known[a, j]
    ints[d, j] = 0
    if known[a, j] == 0:
        return
    value = ints[a, j]
    if op == 2:
        floats[d, j] = float(value)
    elif op == 4:
        ints[d, j] = 1 - value
    elif op == 9:
        ints[d, j] = (value % _DAY_MS) // 3_600_000
    elif op == 10:
        ints[d, j] = (value // _DAY_MS + 3) % 7  # 1970-01-01 was a Thursday
    elif op == 11:
        if floats[a, j] > 0.0:
            floats[d, j] = natural_log(floats[a, j])
        else:
            known[d, j] = 0
    elif op == 16 or op == 17:
        if value == _INT_MIN:
            known[d, j] = 0
        else:
            ints[d, j] = -value if op == 16 or value < 0 else value
    elif op == 29:
        floats[d, j] = -floats[a, j]
    else:
        floats[d, j] = abs(floats[a, j])


@kernel
def _two(op, ints, floats, known, d, a, b, j):  # type: ignore[no-untyped-def]  # compiled
    """An operation on two registers."""
    if op == 5 or op == 6:  # Kleene: the decisive value wins over missing
        decisive = op - 5
        if (known[a, j] == 1 and ints[a, j] == decisive) or (
            known[b, j] == 1 and ints[b, j] == decisive
        ):
            ints[d, j] = decisive
            known[d, j] = 1
        else:
            ints[d, j] = 1 - decisive
            known[d, j] = known[a, j] & known[b, j]
        return
    if op == 8:
        source = a if known[a, j] == 1 else b
        ints[d, j] = ints[source, j]
        known[d, j] = known[source, j]
        return
    ints[d, j] = 0
    known[d, j] = 0
    if known[a, j] == 0 or known[b, j] == 0:
        return
    if op < 24:
        fits, whole = _whole(op, ints[a, j], ints[b, j])
        ints[d, j] = whole
        known[d, j] = np.uint8(fits)
    elif op < 33:
        fits, real = _real(op, floats[a, j], floats[b, j])
        floats[d, j] = real
        known[d, j] = np.uint8(fits)
    else:
        ints[d, j] = _order(op, floats[a, j], floats[b, j])
        known[d, j] = 1


@kernel
def run(steps, constants, ints, floats, known):  # type: ignore[no-untyped-def]  # compiled
    """Run every step over every row, in place."""
    rows = ints.shape[1]
    for k in range(len(steps)):
        op, d, a, b, c = steps[k, 0], steps[k, 1], steps[k, 2], steps[k, 3], steps[k, 4]
        if op == 0:
            for j in range(rows):
                ints[d, j] = constants[a]
                known[d, j] = 1
        elif op == 1:
            for j in range(rows):
                ints[d, j] = 0
                known[d, j] = 0
        elif op == 7:
            for j in range(rows):
                source = b if ints[a, j] == 1 else c
                ints[d, j] = ints[source, j]
                known[d, j] = known[source, j] & known[a, j]
        elif op == 2 or op == 3 or op == 4 or (9 <= op and op <= 11) or op == 16 or op == 17:
            for j in range(rows):
                _one(op, ints, floats, known, d, a, j)
        elif op == 29 or op == 30:
            for j in range(rows):
                _one(op, ints, floats, known, d, a, j)
        else:
            for j in range(rows):
                _two(op, ints, floats, known, d, a, b, j)
