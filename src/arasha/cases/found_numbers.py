"""What was found among an operator's numbers, as acts of the centre.

In: a watch over a log (gateways/watch.py). Out: a `NumbersFound` for each group, with what was seen
of each of its numbers, so that the case stays whole when the calls are gone. A group of more
numbers than an act can name becomes several that each begin with the same number: one case.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from arasha.cases.acts import MAX_TARGETS, NumbersFound, NumberSigns, NumberTies
from arasha.gateways.finding import Group
from arasha.gateways.habits import Signs
from arasha.gateways.watch import Watch

GROUPS_MOST: Final = 1_000
"""Groups that are told at once, the largest first."""


def numbers_found(watch: Watch, place: int) -> list[NumbersFound]:
    """What there is to find as of the last fact; ``place``: entries looked at."""
    groups = watch.found()[:GROUPS_MOST]
    activated_ms = watch.activated_ms() if groups else {}
    return [act for group in groups for act in _acts(watch, group, place, activated_ms)]


def _acts(
    watch: Watch, group: Group, place: int, activated_ms: dict[bytes, int]
) -> Iterator[NumbersFound]:
    signs = list(_signs(watch, watch.signs(group), activated_ms))
    own, tied = signs[: len(group.numbers)], signs[len(group.numbers) :]
    ties = NumberTies(*group.ties)
    first = signs[:1]
    room = MAX_TARGETS - 1
    for at in range(0, max(len(own), len(tied)), room):
        numbers, others = own[at : at + room], tied[at : at + room]
        again = first if at else []
        if own:
            numbers = again + numbers
        else:
            others = again + others
        yield NumbersFound(place, group.pattern, tuple(numbers), tuple(others), ties)


def _signs(watch: Watch, seen: Signs, activated_ms: dict[bytes, int]) -> Iterator[NumberSigns]:
    for at, row in enumerate(seen.rows.tolist()):
        token = watch.habits.token(row)
        yield NumberSigns(
            token.hex(), int(seen.calls[at]), int(seen.callees[at]), int(seen.taken[at]),
            int(seen.long[at]), int(seen.at_night[at]), int(seen.received[at]),
            bool(seen.ours[at]), activated_ms.get(token),
        )  # fmt: skip
