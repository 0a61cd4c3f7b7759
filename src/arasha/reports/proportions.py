"""Shares and how sure we are of them.

Below every figure of a backtest: counts come in, a share and its 95 % interval go out. A share of
nothing is ``None``, never 0: a rule that found no fraud among no fraud has no recall.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

Z95: Final = 1.959963984540054
"""The 97.5th percentile of the normal distribution: two-sided 95 %."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed interval of shares (or of differences of shares)."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its 95 % interval, None where it has none."""

    value: float | None
    interval: Interval | None = None


def share(part: int, whole: int) -> float | None:
    """``part / whole``, or None of nothing.

    >>> share(1, 4), share(0, 0)
    (0.25, None)
    """
    return part / whole if whole else None


def wilson(part: int, whole: int) -> Interval | None:
    """Wilson's score interval of a share, 95 %; None of nothing.

    It stays inside 0..1 and is honest for few cases and for shares near 0 and 1, where the usual
    ``p ± 1.96 s`` is not (E. B. Wilson, JASA 22, 1927, 209–212).

    >>> interval = wilson(8, 10)
    >>> round(interval.low, 3), round(interval.high, 3)
    (0.49, 0.943)
    """
    if whole == 0:
        return None
    p = part / whole
    spread = Z95 * Z95 / whole
    centre = (p + spread / 2) / (1 + spread)
    half = Z95 * sqrt(p * (1 - p) / whole + spread / (4 * whole)) / (1 + spread)
    low = 0.0 if part == 0 else max(0.0, centre - half)
    high = 1.0 if part == whole else min(1.0, centre + half)
    return Interval(low, high)


def paired_difference(both: int, first: int, second: int, neither: int) -> Interval | None:
    """The 95 % interval of ``p(second) - p(first)`` when the same cases were judged twice.

    ``first`` and ``second`` count the cases only that one hit. Two policies on one file agree on
    most payments, so an interval that took them for independent would be far too wide. (R. G.
    Newcombe, Statistics in Medicine 17, 1998, 2635–2650, method 10.) None of no cases.

    >>> interval = paired_difference(both=1, first=1, second=7, neither=12)
    >>> round(interval.low, 3), round(interval.high, 3)
    (0.026, 0.507)
    """
    n = both + first + second + neither
    one, two = wilson(both + first, n), wilson(both + second, n)
    if one is None or two is None:
        return None
    p1, p2 = (both + first) / n, (both + second) / n
    phi = _correlation(both, first, second, neither)
    below, above = p2 - two.low, one.high - p1
    low = p2 - p1 - sqrt(max(0.0, below**2 - 2 * phi * below * above + above**2))
    below, above = p1 - one.low, two.high - p2
    high = p2 - p1 + sqrt(max(0.0, below**2 - 2 * phi * below * above + above**2))
    return Interval(max(-1.0, low), min(1.0, high))


def _correlation(both: int, first: int, second: int, neither: int) -> float:
    """Newcombe's phi, with his continuity correction when it is positive."""
    margins = (both + first) * (second + neither) * (both + second) * (first + neither)
    if margins == 0:
        return 0.0
    cross = float(both * neither - first * second)
    if cross > 0:
        cross = max(cross - (both + first + second + neither) / 2, 0.0)
    return cross / sqrt(margins)
