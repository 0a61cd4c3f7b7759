"""Chance for one thread of a story: a stream of draws that a seed and a path name.

In: the country's seed and a path of numbers and words ("stories", 17, "safe_account"). Out: the
same draws on every machine, whatever else was drawn before or beside. The compiled kernels of
kernels_chance.py draw from the same numbers, many at once.

>>> chance = Chance(1, "example")
>>> chance.below(6), chance.below(6), Chance(1, "example").below(6)
(0, 1, 0)
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final, TypeVar

import numpy as np

from arasha.country import kernels_chance as kernels
from arasha.features.machine import natural_log

T = TypeVar("T")

_MASK: Final = (1 << 64) - 1
_GOLDEN: Final = int(kernels.GOLDEN)
_UNIT: Final = 2.0**-53


def key_of(seed: int, *path: int | str) -> int:
    """The 64-bit key of a path; equal for equal paths, unrelated for others."""
    key = _mixed(seed & _MASK, 0x41726173)
    for part in path:
        word = part if isinstance(part, int) else _number_of(part)
        key = _mixed(key ^ _mixed(word & _MASK, 1), 2)
    return key


class Chance:
    """A stream of draws. ``branch`` makes another one, which draws from this do not disturb."""

    __slots__ = ("_counter", "_key")

    def __init__(self, seed: int, *path: int | str) -> None:
        self._key = key_of(seed, *path)
        self._counter = 0

    def branch(self, *path: int | str) -> Chance:
        """The stream of a longer path; the same however much was drawn from this one."""
        return Chance(self._key, *path)

    def uniform(self) -> float:
        """A number from [0, 1)."""
        self._counter += 1
        return (_mixed(self._key, self._counter) >> 11) * _UNIT

    def below(self, n: int) -> int:
        """A whole number from [0, n)."""
        assert n > 0
        return int(self.uniform() * n)

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both possible."""
        return low + self.below(high - low + 1)

    def happens(self, share: float) -> bool:
        """True in that share of draws."""
        return self.uniform() < share

    def choose(self, some: Sequence[T]) -> T:
        """One of them, each as likely."""
        return some[self.below(len(some))]

    def weighted(self, weights: Sequence[float]) -> int:
        """The place of one of the weights, each as likely as it weighs."""
        whole = 0.0
        for weight in weights:  # not sum(): newer Pythons round it differently
            whole += weight
        left = self.uniform() * whole
        for place, weight in enumerate(weights):
            left -= weight
            if left < 0.0:
                return place
        return len(weights) - 1

    def normal(self) -> float:
        """A draw from the standard normal law."""
        return float(kernels.normal_quantile(self.uniform()))

    def lognormal(self, median: float, spread: float) -> float:
        """A lognormal draw: half are below the median, the tail is long."""
        return median * float(kernels.exponential_of(spread * self.normal()))

    def exponential(self, mean: float) -> float:
        """The wait for what happens once in ``mean``, whatever the time since it last did."""
        return -mean * float(natural_log(1.0 - self.uniform()))

    def poisson(self, mean: float) -> int:
        """How often what happens ``mean`` times on average happens."""
        self._counter += 1
        return int(kernels.poisson(np.uint64(self._key), np.uint64(self._counter), mean))

    def shuffled(self, some: Sequence[T]) -> list[T]:
        """All of them, each order as likely."""
        left = list(some)
        for last in range(len(left) - 1, 0, -1):
            place = self.below(last + 1)
            left[last], left[place] = left[place], left[last]
        return left


def _mixed(key: int, counter: int) -> int:
    """As kernels_chance.mixed, for one."""
    z = (key + (counter + 1) * _GOLDEN) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def _number_of(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")
