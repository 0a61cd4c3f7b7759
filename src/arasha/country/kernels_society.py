"""Who is in the country and who knows whom, drawn in bulk.

In: keys, sizes, groups of people. Out: arrays. Every draw is a function of a key and an index.
"""

from __future__ import annotations

import numpy as np

from arasha.country.kernels_chance import (
    exponential,
    exponential_of,
    lognormal,
    mixed,
    pareto,
    poisson,
    unit,
)
from arasha.events.kernels import kernel
from arasha.features.machine import natural_log


@kernel
def units(key, n):  # type: ignore[no-untyped-def]  # compiled
    """float64[n] from [0, 1)."""
    drawn = np.empty(n, np.float64)
    for i in range(n):
        drawn[i] = unit(key, np.uint64(i))
    return drawn


@kernel
def bits(key, n):  # type: ignore[no-untyped-def]  # compiled
    """uint64[n]."""
    drawn = np.empty(n, np.uint64)
    for i in range(n):
        drawn[i] = mixed(key, np.uint64(i))
    return drawn


@kernel
def lognormals(key, n, median, spread):  # type: ignore[no-untyped-def]  # compiled
    """float64[n] with that median and standard deviation of ln."""
    drawn = np.empty(n, np.float64)
    for i in range(n):
        drawn[i] = lognormal(key, np.uint64(i), median, spread)
    return drawn


@kernel
def paretos(key, n, least, shape):  # type: ignore[no-untyped-def]  # compiled
    """float64[n], at least ``least``, with a tail of that shape."""
    drawn = np.empty(n, np.float64)
    for i in range(n):
        drawn[i] = pareto(key, np.uint64(i), least, shape)
    return drawn


@kernel
def picks(key, n, shares):  # type: ignore[no-untyped-def]  # compiled
    """uint8[n]: places in ``shares``, each as likely as its share; the rest is the last."""
    drawn = np.empty(n, np.uint8)
    last = len(shares) - 1
    for i in range(n):
        left = unit(key, np.uint64(i))
        place = 0
        while place < last and left >= shares[place]:
            left -= shares[place]
            place += 1
        drawn[i] = place
    return drawn


@kernel
def cuts(key, n, least, most):  # type: ignore[no-untyped-def]  # compiled
    """int32[m + 1]: where n things in a row are cut into groups of ``least`` to ``most``."""
    starts = np.empty(n // least + 2, np.int32)
    starts[0] = 0
    groups, place = 0, 0
    while place < n:
        size = least + int(unit(key, np.uint64(groups)) * (most - least + 1))
        place = min(n, place + size)
        groups += 1
        starts[groups] = place
    return starts[: groups + 1].copy()


@kernel
def household_starts(key, people, shares):  # type: ignore[no-untyped-def]  # compiled
    """int32[h + 1]: where each household begins in the row of people; sizes 1 … len(shares)."""
    starts = np.empty(people + 1, np.int32)
    starts[0] = 0
    households, place = 0, 0
    while place < people:
        left = unit(key, np.uint64(households))
        size = 1
        while size < len(shares) and left >= shares[size - 1]:
            left -= shares[size - 1]
            size += 1
        place = min(people, place + size)
        households += 1
        starts[households] = place
    return starts[: households + 1].copy()


@kernel
def add_degrees(degree, members, starts):  # type: ignore[no-untyped-def]  # compiled
    """Each member of a group knows all others of it."""
    for g in range(len(starts) - 1):
        size = starts[g + 1] - starts[g]
        for place in range(starts[g], starts[g + 1]):
            degree[members[place]] += size - 1


@kernel
def add_contacts(contacts, start, end, members, starts):  # type: ignore[no-untyped-def]  # compiled
    """Write the others of each group behind what each member has so far; ``end`` moves on.

    Nobody is written twice or knows himself.
    """
    for g in range(len(starts) - 1):
        for one in range(starts[g], starts[g + 1]):
            person = members[one]
            first, last = start[person], end[person]
            for other in range(starts[g], starts[g + 1]):
                known = members[other]
                if known == person:
                    continue
                seen = False
                for place in range(first, last):
                    if contacts[place] == known:
                        seen = True
                        break
                if not seen:
                    contacts[last] = known
                    last += 1
            end[person] = last


@kernel
def compacted(contacts, start, end):  # type: ignore[no-untyped-def]  # compiled
    """(start int64[n + 1], contacts) without the gaps that left-out repetitions made."""
    n = len(start)
    packed_start = np.empty(n + 1, np.int64)
    place = 0
    for person in range(n):
        packed_start[person] = place
        for source in range(start[person], end[person]):
            contacts[place] = contacts[source]
            place += 1
    packed_start[n] = place
    return packed_start, contacts[:place].copy()


@kernel
def weighted(key, n, reached):  # type: ignore[no-untyped-def]  # compiled
    """int32[n]: places drawn by whole weights whose running sums are ``reached`` (int64)."""
    drawn = np.empty(n, np.int32)
    whole = reached[-1]
    for i in range(n):
        target = np.int64(unit(key, np.uint64(i)) * whole)
        drawn[i] = np.searchsorted(reached, target, side="right")
    return drawn


@kernel
def exponentials(key, n, mean):  # type: ignore[no-untyped-def]  # compiled
    """float64[n] with that mean."""
    drawn = np.empty(n, np.float64)
    for i in range(n):
        drawn[i] = exponential(key, np.uint64(i), mean)
    return drawn


@kernel
def poissons(key, n, mean):  # type: ignore[no-untyped-def]  # compiled
    """int32[n] with that mean."""
    drawn = np.empty(n, np.int32)
    for i in range(n):
        drawn[i] = poisson(key, np.uint64(i), mean)
    return drawn


@kernel
def sums(groups, values, count):  # type: ignore[no-untyped-def]  # compiled
    """int64[count]: the values added up by group; negative groups are left out."""
    total = np.zeros(count, np.int64)
    for i in range(len(groups)):
        if groups[i] >= 0:
            total[groups[i]] += values[i]
    return total


@kernel
def households_joined(households, starts, cut):  # type: ignore[no-untyped-def]  # compiled
    """(members, starts): the people of the households of each group, in a row."""
    members = np.empty(starts[-1], np.int32)
    bounds = np.empty(len(cut), np.int32)
    bounds[0] = 0
    place = 0
    for g in range(len(cut) - 1):
        for h in range(cut[g], cut[g + 1]):
            for person in range(starts[households[h]], starts[households[h] + 1]):
                members[place] = person
                place += 1
        bounds[g + 1] = place
    return members, bounds


@kernel
def team_cuts(employer, most):  # type: ignore[no-untyped-def]  # compiled
    """int32[m + 1]: where a row of employees, sorted by employer, is cut into teams."""
    n = len(employer)
    starts = np.empty(n + 1, np.int32)
    starts[0] = 0
    teams, size = 0, 0
    for i in range(n):
        if i > 0 and (employer[i] != employer[i - 1] or size == most):
            teams += 1
            starts[teams] = i
            size = 0
        size += 1
    teams += 1 if n > 0 else 0
    starts[teams] = n
    return starts[: teams + 1].copy()


@kernel
def earners(household, income, starts):  # type: ignore[no-untyped-def]  # compiled
    """int32[n]: who has the largest income in each person's household."""
    found = np.empty(len(household), np.int32)
    for h in range(len(starts) - 1):
        best = starts[h]
        for person in range(starts[h], starts[h + 1]):
            if income[person] > income[best]:
                best = person
        for person in range(starts[h], starts[h + 1]):
            found[person] = best
    return found


@kernel
def powers(values, usual, power):  # type: ignore[no-untyped-def]  # compiled
    """float64[n]: (value / usual) to that power; nothing counts as a hundredth of the usual."""
    found = np.empty(len(values), np.float64)
    for i in range(len(values)):
        found[i] = exponential_of(power * natural_log(max(values[i] / usual, 0.01)))
    return found


# What is compiled into this file from others: 7b92a6824233e5f4.
