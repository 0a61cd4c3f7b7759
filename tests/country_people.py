"""Small societies and their ordinary days, made once for the tests that read them."""

from __future__ import annotations

from functools import cache

from arasha.country.habits import ordinary_day
from arasha.country.happenings import Happenings
from arasha.country.parameters import Parameters, load
from arasha.country.society import Society


@cache
def parameters() -> Parameters:
    """The standard set."""
    return load("standard")


@cache
def society(people: int = 4_000, seed: int = 1) -> Society:
    """A society that nobody changes."""
    return Society.make(seed, people, parameters())


@cache
def days(count: int, people: int = 4_000, seed: int = 1) -> tuple[Society, tuple[Happenings, ...]]:
    """A society of its own and its first ordinary days."""
    own = Society.make(seed, people, parameters())
    return own, tuple(ordinary_day(own, day) for day in range(count))
