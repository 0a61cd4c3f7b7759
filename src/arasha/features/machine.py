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
from numba import carray  # type: ignore[attr-defined]  # documented; numba lists no exports

from arasha.events.kernels import inlined, kernel
from arasha.features.memory import pointer

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
_HOUR_MS: Final = 3_600_000
_FLOAT_MAX: Final = 1.7976931348623157e308


@kernel
def natural_log(value: float) -> float:
    """Natural logarithm of a positive finite number, within 2 units in the last place.

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
def _product_fits(x, y, z):  # type: ignore[no-untyped-def]  # compiled
    """Whether z = x·y (wrapped) is the true product."""
    near = float(x) * float(y)
    if -9.2e18 < near < 9.2e18:
        return True
    if x == 0 or (x == -1 and y == _INT_MIN) or (y == -1 and x == _INT_MIN):
        return x == 0
    return z // x == y


# One loop per operation: z, x, y are registers, zk, xk, yk whether they are known.


@kernel
def _whole(op, z, zk, x, xk, y, yk):  # type: ignore[no-untyped-def]  # noqa: C901 - a loop an operation
    """Operations on two int64 registers."""
    n = len(z)
    for j in range(n):
        zk[j] = xk[j] & yk[j]
    if op == 12:
        for j in range(n):
            z[j] = x[j] + y[j]
            zk[j] &= np.uint8(((x[j] ^ z[j]) & (y[j] ^ z[j])) >= 0)
    elif op == 13:
        for j in range(n):
            z[j] = x[j] - y[j]
            zk[j] &= np.uint8(((x[j] ^ y[j]) & (x[j] ^ z[j])) >= 0)
    elif op == 14:
        for j in range(n):
            z[j] = x[j] * y[j]
            zk[j] &= np.uint8(_product_fits(x[j], y[j], z[j]))
    elif op == 15:
        for j in range(n):
            zk[j] &= np.uint8(y[j] != 0)
            z[j] = 0 if y[j] == 0 or y[j] == -1 else x[j] % y[j]
    elif op == 18:
        for j in range(n):
            z[j] = min(x[j], y[j])
    elif op == 19:
        for j in range(n):
            z[j] = max(x[j], y[j])
    elif op == 20:
        for j in range(n):
            z[j] = np.int64(x[j] < y[j])
    elif op == 21:
        for j in range(n):
            z[j] = np.int64(x[j] <= y[j])
    elif op == 22:
        for j in range(n):
            z[j] = np.int64(x[j] == y[j])
    else:
        for j in range(n):
            z[j] = np.int64(x[j] != y[j])


@kernel
def _real(op, z, zk, x, xk, y, yk):  # type: ignore[no-untyped-def]  # noqa: C901 - a loop an operation
    """Arithmetic on two float64 registers; what is not finite is missing (so is x / 0)."""
    n = len(z)
    if op == 24:
        for j in range(n):
            z[j] = x[j] + y[j]
    elif op == 25:
        for j in range(n):
            z[j] = x[j] - y[j]
    elif op == 26:
        for j in range(n):
            z[j] = x[j] * y[j]
    elif op == 27:
        for j in range(n):
            z[j] = x[j] / y[j]
    elif op == 28:
        for j in range(n):
            z[j] = x[j] % y[j] if y[j] != 0.0 else np.nan
    elif op == 31:
        for j in range(n):
            z[j] = min(x[j], y[j])
    else:
        for j in range(n):
            z[j] = max(x[j], y[j])
    for j in range(n):
        zk[j] = xk[j] & yk[j] & np.uint8(abs(z[j]) <= _FLOAT_MAX)


@kernel
def _order(op, z, zk, x, xk, y, yk):  # type: ignore[no-untyped-def]  # compiled
    """Comparisons of two float64 registers."""
    n = len(z)
    for j in range(n):
        zk[j] = xk[j] & yk[j]
    if op == 33:
        for j in range(n):
            z[j] = np.int64(x[j] < y[j])
    elif op == 34:
        for j in range(n):
            z[j] = np.int64(x[j] <= y[j])
    elif op == 35:
        for j in range(n):
            z[j] = np.int64(x[j] == y[j])
    else:
        for j in range(n):
            z[j] = np.int64(x[j] != y[j])


@kernel
def _logic(op, z, zk, x, xk, y, yk):  # type: ignore[no-untyped-def]  # compiled
    """Kleene's and (decisive value 0) and or (1); coalesce."""
    n = len(z)
    if op == 8:
        for j in range(n):
            z[j] = x[j] if xk[j] == 1 else y[j]
            zk[j] = xk[j] | yk[j]
        return
    decisive = op - 5
    for j in range(n):
        by_x = np.int64(xk[j]) & np.int64(x[j] == decisive)
        by_y = np.int64(yk[j]) & np.int64(y[j] == decisive)
        decided = by_x | by_y
        z[j] = decisive if decided == 1 else 1 - decisive
        zk[j] = np.uint8(decided) | (xk[j] & yk[j])


@kernel
def _one_whole(op, z, zk, x, xk):  # type: ignore[no-untyped-def]  # compiled
    """Operations on one int64 register."""
    n = len(z)
    for j in range(n):
        zk[j] = xk[j]
    if op == 4:
        for j in range(n):
            z[j] = 1 - x[j]
    elif op == 9:
        for j in range(n):
            z[j] = (x[j] % _DAY_MS) // _HOUR_MS
    elif op == 10:
        for j in range(n):
            z[j] = (x[j] // _DAY_MS + 3) % 7  # 1970-01-01 was a Thursday
    else:
        for j in range(n):
            z[j] = -x[j] if op == 16 or x[j] < 0 else x[j]
            zk[j] &= np.uint8(x[j] != _INT_MIN)


@kernel
def _one_real(op, z, zk, x, xk):  # type: ignore[no-untyped-def]  # compiled
    """Operations on one float64 register."""
    n = len(z)
    for j in range(n):
        zk[j] = xk[j]
    if op == 11:
        for j in range(n):
            if xk[j] == 1 and x[j] > 0.0:
                z[j] = natural_log(x[j])
            else:
                z[j] = 0.0
                zk[j] = 0
    elif op == 29:
        for j in range(n):
            z[j] = -x[j]
    else:
        for j in range(n):
            z[j] = abs(x[j])


@kernel
def _pick(z, zk, c, ck, x, xk, y, yk):  # type: ignore[no-untyped-def]  # compiled
    """Register x where c is true, else y; missing where c is."""
    for j in range(len(z)):
        if c[j] == 1:
            z[j] = x[j]
            zk[j] = xk[j] & ck[j]
        else:
            z[j] = y[j]
            zk[j] = yk[j] & ck[j]


@kernel
def _fill(op, z, zk, real, x, xk, constant):  # type: ignore[no-untyped-def]  # compiled
    """Constants, the missing value, int64 to float64, and whether a register is known."""
    for j in range(len(z)):
        if op == 0:
            z[j] = constant
            zk[j] = 1
        elif op == 1:
            z[j] = 0
            zk[j] = 0
        elif op == 2:
            real[j] = float(x[j])
            zk[j] = xk[j]
        else:
            z[j] = xk[j]
            zk[j] = 1


@inlined
def _ints_of(address, register, rows):  # type: ignore[no-untyped-def]  # compiled
    """A register as int64, one for each row."""
    return carray(pointer(address + register * rows * 8), (rows,), np.int64)


@inlined
def _floats_of(address, register, rows):  # type: ignore[no-untyped-def]  # compiled
    """A register as float64, one for each row."""
    return carray(pointer(address + register * rows * 8), (rows,), np.float64)


@inlined
def _marks_of(address, register, rows):  # type: ignore[no-untyped-def]  # compiled
    """Whether a register is known, as uint8, one for each row."""
    return carray(pointer(address + register * rows), (rows,), np.uint8)


@kernel
def run(steps, constants, ints, known):  # type: ignore[no-untyped-def]  # compiled
    """Run every step over every row, in place; ``ints`` and the floats are the same memory.

    A view of an array would be counted (NumPy's, at each of six a step: 84 ns of a step's 95 for
    one row), so registers are addressed.
    """
    rows = ints.shape[1]
    values, marks = ints.ctypes.data, known.ctypes.data
    for k in range(len(steps)):
        op, d, a, b, c = steps[k, 0], steps[k, 1], steps[k, 2], steps[k, 3], steps[k, 4]
        z, zk = _ints_of(values, d, rows), _marks_of(marks, d, rows)
        x, xk = _ints_of(values, a, rows), _marks_of(marks, a, rows)
        y, yk = _ints_of(values, b, rows), _marks_of(marks, b, rows)
        u, v, w = (
            _floats_of(values, d, rows),
            _floats_of(values, a, rows),
            _floats_of(values, b, rows),
        )
        if op == 0:
            _fill(op, z, zk, u, z, zk, constants[a])
        elif op <= 3:
            _fill(op, z, zk, u, x, xk, 0)
        elif op == 7:
            _pick(z, zk, x, xk, y, yk, _ints_of(values, c, rows), _marks_of(marks, c, rows))
        elif op == 5 or op == 6 or op == 8:
            _logic(op, z, zk, x, xk, y, yk)
        elif op == 11 or op == 29 or op == 30:
            _one_real(op, u, zk, v, xk)
        elif op == 4 or op == 9 or op == 10 or op == 16 or op == 17:
            _one_whole(op, z, zk, x, xk)
        elif op < 24:
            _whole(op, z, zk, x, xk, y, yk)
        elif op < 33:
            _real(op, u, zk, v, xk, w, yk)
        else:
            _order(op, z, zk, v, xk, w, yk)


# What is compiled into this file from others: 2ea3dd7a65329dca.
