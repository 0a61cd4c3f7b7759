"""The oracle of looking back and of ties by flow, in plain loops over every payment.

In: all payments in order. Out: what ``flows/back.py`` and ``flows/rings.py`` must say of them. A
payment that did not move money, or went to its own payer, is nowhere counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from arasha.flows.back import FED_PERCENT
from arasha.flows.bounds import Bounds
from arasha.flows.kernels_rings import SHARE_PERCENT
from arasha.testing.naive_trace import Transfer


class Arrival(NamedTuple):
    """A payment by its place; see flows/back.py."""

    place: int
    hops: int
    fed: int
    first: bool


def look_back(
    transfers: Sequence[Transfer],
    watched: Mapping[int, tuple[int, int]],
    on_trace: set[int],
    bounds: Bounds,
) -> set[Arrival]:
    """``watched``: since when and until when each account of the trace is; ``on_trace``: places."""
    found: set[Arrival] = set()
    queue = [(a, t[0] - bounds.hop_window_ms, t[1], len(transfers), 1) for a, t in watched.items()]
    asked, known = set(watched), set(on_trace)
    for account, since, until, before, hops in queue:  # grows as we go
        for place in reversed(range(before)):
            one = transfers[place]
            inside = since <= one.at_ms <= until and _counts(one) and one.payee == account
            if not inside or place in known or one.payer in watched:
                continue
            if one.amount < bounds.least_amount_minor:
                continue
            earlier = transfers[:place]
            fed = sum(
                t.amount for t in earlier
                if _counts(t) and t.payee == one.payer
                and t.at_ms >= one.at_ms - bounds.hop_window_ms
            )  # fmt: skip
            first = not any(t.payer == one.payer and t.payee == account for t in earlier)
            found.add(Arrival(place, hops, fed, first))
            known.add(place)
            is_fed = 100 * fed >= FED_PERCENT * one.amount
            if is_fed and hops < bounds.hops_most and one.payer not in asked:
                asked.add(one.payer)
                window = one.at_ms - bounds.hop_window_ms, one.at_ms
                queue.append((one.payer, *window, place, hops + 1))
    return found


def flow_ties(
    transfers: Sequence[Transfer], quick_ms: int, least_amount: int
) -> set[tuple[int, int]]:
    """(payer, payee) of first payments that both passed on quickly; the newest money goes first."""
    left = [one.amount for one in transfers]
    fed = [0] * len(transfers)
    for place, one in enumerate(transfers):
        wanted = one.amount if _counts(one) else 0
        for earlier in reversed(range(place)):
            before = transfers[earlier]
            quick = before.at_ms >= one.at_ms - quick_ms
            if quick and _counts(before) and before.payee == one.payer:
                taken = min(wanted, left[earlier])
                left[earlier] -= taken
                wanted -= taken
        fed[place] = one.amount - wanted if _counts(one) else 0
    ties = set()
    for place, one in enumerate(transfers):
        large = one.amount >= least_amount and one.way == 0
        is_fed = 100 * fed[place] >= SHARE_PERCENT * one.amount
        passed = 100 * (one.amount - left[place]) >= SHARE_PERCENT * one.amount
        met = any((t.payer, t.payee) == (one.payer, one.payee) for t in transfers[:place])
        if large and is_fed and passed and not met:
            ties.add((one.payer, one.payee))
    return ties


def _counts(one: Transfer) -> bool:
    return one.moved and one.payer != one.payee
