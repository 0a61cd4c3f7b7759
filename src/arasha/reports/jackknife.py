"""A figure over several countries: sums first, then the ratio, with what hangs on any one of them.

Between runs (of a rehearsal, say) and their table. In: a few sums for each run. Out: an estimate
with its 95 % interval. The mean of each run's own ratio would be undone by one run that has nothing
below the line; a ratio of sums is there as soon as any run has something.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt
from typing import Final, TypeVar

from arasha.reports.proportions import Z95, Estimate, Interval

Sums = tuple[float, ...]

Run = TypeVar("Run")

MIN_RUNS: Final = 2
"""Fewest runs that have an interval."""

_T95: Final = (
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281, 2.2010, 2.1788,
    2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860, 2.0796, 2.0739, 2.0687, 2.0639,
    2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423,
)  # fmt: skip
"""97.5th percentiles of Student's t with 1 to 30 degrees of freedom."""


def jackknife(runs: Sequence[Sums], of: Callable[[Sums], float | None]) -> Estimate:
    """The value ``of`` the sums over all n runs, and its interval by leaving out a run at a time.

    ::

        v = of(all)      v[i] = of(all but run i)      m = mean of v[i]
        error² = (n - 1) / n · sum of (v[i] - m)²      interval = v ± t(n - 1) · error

    (J. W. Tukey, Annals of Mathematical Statistics 29, 1958, 614; B. Efron and R. J. Tibshirani, An
    Introduction to the Bootstrap, 1993, chapter 11.) ``of`` gives None where it divides by nothing.
    No value: of no runs, or where all sums together give none. No interval: of one run, or where
    the value hangs on one run so much that without it there is none. Of a mean it is Student's.

    >>> found = jackknife([(12, 10), (9, 6), (5, 0)], lambda sums: sums[0] / sums[1] - 1)
    >>> found.value, round(found.interval.low, 2), round(found.interval.high, 2)
    (0.625, -1.94, 3.19)
    """
    return jackknife_of(
        runs, lambda some: of(tuple(map(sum, zip(*some, strict=True)))) if some else None
    )


def jackknife_of(runs: Sequence[Run], of: Callable[[Sequence[Run]], float | None]) -> Estimate:
    """The same of runs that are more than sums: the value ``of`` several runs together.

    >>> from statistics import median
    >>> jackknife_of([[1.0, 2.0], [3.0], [8.0]], lambda some: median(sum(some, []))).value
    2.5
    """
    value = of(runs)
    n = len(runs)
    if value is None or n < MIN_RUNS:
        return Estimate(value)
    without = [of([*runs[:place], *runs[place + 1 :]]) for place in range(n)]
    known = [one for one in without if one is not None]
    if len(known) < n:
        return Estimate(value)
    middle = sum(known) / n
    half = t95(n - 1) * sqrt((n - 1) / n * sum((one - middle) ** 2 for one in known))
    return Estimate(value, Interval(value - half, value + half))


def t95(freedom: int) -> float:
    """The 97.5th percentile of Student's t. Beyond the table by the first terms of its expansion in
    1 / freedom (Abramowitz and Stegun 26.7.5).

    >>> round(t95(9), 3), round(t95(100), 3)
    (2.262, 1.984)
    """
    if freedom <= len(_T95):
        return _T95[freedom - 1]
    second = (5 * Z95**5 + 16 * Z95**3 + 3 * Z95) / (96 * freedom**2)
    return Z95 + (Z95**3 + Z95) / (4 * freedom) + second
