"""Chance, compiled: numbers that depend on a key and a counter and on nothing else.

In: a key (64 bits, made from the seed and a path, see chance.py) and the number of the draw. Out:
the same draw on every machine and in any order. The mixing is the finaliser of SplitMix64 (Steele,
Lea, Flood 2014) over key + counter × the golden ratio. What is not a bit operation is + − × ÷ and
√, which IEEE 754 fixes to the last bit; no library's exp, log or sin.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from arasha.events.kernels import inlined, kernel
from arasha.features.machine import natural_log

GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
"""2⁶⁴ divided by the golden ratio, odd."""

_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_UNIT: Final = 2.0**-53
_LN2: Final = 0.6931471805599453
_LN2_HIGH: Final = 6.93147180369123816490e-01
_LN2_LOW: Final = 1.90821492927058770002e-10
_EXP_TERMS: Final = 13
_CENTRAL: Final = 0.02425  # below and above it the tails of the normal quantile begin
_POISSON_EXACT: Final = 30.0

# Below: the rational approximation of the normal quantile by P. J. Acklam (2003), relative error
# under 1.15e-9.
_A0, _A1, _A2 = -3.969683028665376e01, 2.209460984245205e02, -2.759285104469687e02
_A3, _A4, _A5 = 1.383577518672690e02, -3.066479806614716e01, 2.506628277459239e00
_B0, _B1, _B2 = -5.447609879822406e01, 1.615858368580409e02, -1.556989798598866e02
_B3, _B4 = 6.680131188771972e01, -1.328068155288572e01
_C0, _C1, _C2 = -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e00
_C3, _C4, _C5 = -2.549732539343734e00, 4.374664141464968e00, 2.938163982698783e00
_D0, _D1, _D2, _D3 = (
    7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e00, 3.754408661907416e00,
)  # fmt: skip


@inlined
def mixed(key, counter):  # type: ignore[no-untyped-def]  # compiled
    """64 bits from two numbers of 64 bits."""
    z = np.uint64(key) + (np.uint64(counter) + np.uint64(1)) * GOLDEN
    z = (z ^ (z >> _S30)) * _FIRST
    z = (z ^ (z >> _S27)) * _SECOND
    return z ^ (z >> _S31)


@inlined
def unit(key, counter):  # type: ignore[no-untyped-def]  # compiled
    """A number from [0, 1), a multiple of 2⁻⁵³."""
    return np.float64(mixed(key, counter) >> _S11) * _UNIT


@inlined
def below(key, counter, n):  # type: ignore[no-untyped-def]  # compiled
    """A whole number from [0, n), n < 2³¹."""
    return np.int64(unit(key, counter) * np.float64(n))


@kernel
def exponential_of(x):  # type: ignore[no-untyped-def]  # compiled
    """The exponential of x, within a few units in the last place; 0 far below, 1e300 far above.

    x = k·ln 2 + r with |r| ≤ ½ ln 2; eʳ by its series, then times 2ᵏ, which is exact.
    """
    if x < -690.0:
        return 0.0
    if x > 690.0:
        return 1e300
    k = math.floor(x / _LN2 + 0.5)
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    series = 1.0
    for n in range(_EXP_TERMS, 0, -1):
        series = 1.0 + r * series / n
    return math.ldexp(series, int(k))


@kernel
def normal_quantile(u):  # type: ignore[no-untyped-def]  # compiled
    """The standard normal's quantile at u from (0, 1)."""
    if u < _CENTRAL:
        q = math.sqrt(-2.0 * natural_log(max(u, 1e-300)))
        high = ((((_C0 * q + _C1) * q + _C2) * q + _C3) * q + _C4) * q + _C5
        return high / ((((_D0 * q + _D1) * q + _D2) * q + _D3) * q + 1.0)
    if u > 1.0 - _CENTRAL:
        q = math.sqrt(-2.0 * natural_log(max(1.0 - u, 1e-300)))
        high = ((((_C0 * q + _C1) * q + _C2) * q + _C3) * q + _C4) * q + _C5
        return -high / ((((_D0 * q + _D1) * q + _D2) * q + _D3) * q + 1.0)
    q = u - 0.5
    r = q * q
    high = (((((_A0 * r + _A1) * r + _A2) * r + _A3) * r + _A4) * r + _A5) * q
    return high / (((((_B0 * r + _B1) * r + _B2) * r + _B3) * r + _B4) * r + 1.0)


@kernel
def normal(key, counter):  # type: ignore[no-untyped-def]  # compiled
    """A standard normal draw."""
    return normal_quantile(unit(key, counter))


@kernel
def lognormal(key, counter, median, spread):  # type: ignore[no-untyped-def]  # compiled
    """A lognormal draw: median · e^(spread · normal)."""
    return median * exponential_of(spread * normal_quantile(unit(key, counter)))


@kernel
def exponential(key, counter, mean):  # type: ignore[no-untyped-def]  # compiled
    """An exponential draw: the wait for what happens once in ``mean``."""
    return -mean * natural_log(1.0 - unit(key, counter))


@kernel
def pareto(key, counter, least, shape):  # type: ignore[no-untyped-def]  # compiled
    """A Pareto draw, at least ``least``: the smaller the shape, the heavier the tail."""
    return least * exponential_of(-natural_log(1.0 - unit(key, counter)) / shape)


@kernel
def poisson(key, counter, mean):  # type: ignore[no-untyped-def]  # compiled
    """How often what happens ``mean`` times on average happens; above 30 by the normal law."""
    u = unit(key, counter)
    if mean <= 0.0:
        return 0
    if mean > _POISSON_EXACT:
        return max(0, math.floor(mean + math.sqrt(mean) * normal_quantile(u) + 0.5))
    share = exponential_of(-mean)
    reached, count = share, 0
    while u >= reached and count < 200:
        count += 1
        share *= mean / count
        reached += share
    return count


# What is compiled into this file from others: cf75614b7a137bca.
