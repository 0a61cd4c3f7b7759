"""The oracle of tracing: what FIFO, LIFO, haircut and the interval mean, coin by coin.

In: every payment there was, in order; which are reported; bounds. Out: each account's disputed
money and where it is. An account is a list of coins, the oldest first, a coin being 1 (disputed)
or 0; so amounts must be small. FIFO pays from the front of the list, LIFO from the back. Nothing
here is quick, and every payment is looked at: ``flows/trace.py`` must say the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from typing import NamedTuple

from arasha.flows.bounds import Bounds

RULES = ("fifo", "lifo", "haircut", "least", "most", "poison")
PARTS = ("received", "there", "passed", "cash", "abroad", "crypto", "unfollowed")
_WAYS = ("passed", "cash", "abroad", "crypto")


class Transfer(NamedTuple):
    """A payment. ``way`` is a number of WAYS_OUT; one that did not move money was rejected."""

    payer: int
    payee: int
    at_ms: int
    amount: int
    way: int = 0
    moved: bool = True


Sums = dict[str, int]
Parts = dict[str, Sums]


def _nothing() -> Parts:
    return {part: dict.fromkeys(RULES, 0) for part in PARTS}


@dataclass(slots=True)
class Stay:
    """An account while it is watched."""

    hop: int
    until_ms: int
    told: bool
    fifo: list[int]
    lifo: list[int]
    looked: int = 0
    parts: Parts = field(default_factory=_nothing)
    watched: bool = True


@dataclass(slots=True)
class NaiveTrace:
    """Stays by account in the order they began; what payments carry by their place; cuts."""

    stays: list[tuple[int, Stay]] = field(default_factory=list)
    carried: dict[int, Sums] = field(default_factory=dict)
    outside: Parts = field(default_factory=_nothing)
    disputed: Sums = field(default_factory=lambda: dict.fromkeys(RULES, 0))
    cap: int = 0
    looks: int = 0
    cuts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(
            ("least_amount", "payments_most", "hops_most", "unlisted", "looks"), 0
        )
    )


def trace(
    transfers: Sequence[Transfer],
    reported: Mapping[int, int],
    bounds: Bounds,
    openings: Mapping[int, int],
) -> NaiveTrace:
    """Follow the payments at the places ``reported``, of each so much."""
    found = NaiveTrace()
    for place, one in enumerate(transfers):
        for _, stay in found.stays:
            if stay.watched and one.at_ms > stay.until_ms:
                stay.watched = False
        payer, payee = _watched(found, one.payer), _watched(found, one.payee)
        disputed = min(reported.get(place, 0), one.amount)
        if payer is None and payee is None and disputed == 0:
            continue
        if found.looks >= bounds.looks_most:
            found.cuts["looks"] = 1
            break
        found.looks += 1
        for stay in {id(s): s for s in (payer, payee) if s is not None}.values():
            stay.looked += 1
        if one.moved and one.payer != one.payee:
            _move(found, place, one, payer, payee, disputed, bounds, openings)
        later = transfers[place + 1 :]
        for account, stay in found.stays:
            has_more = any(account in (t.payer, t.payee) for t in later)
            if stay.watched and stay.looked >= bounds.looks_at_account_most and has_more:
                stay.watched = False
    return found


def _watched(found: NaiveTrace, account: int) -> Stay | None:
    return next((s for a, s in reversed(found.stays) if a == account and s.watched), None)


def _move(
    found: NaiveTrace,
    place: int,
    one: Transfer,
    payer: Stay | None,
    payee: Stay | None,
    disputed: int,
    bounds: Bounds,
    openings: Mapping[int, int],
) -> None:
    if payer is None and disputed == 0:
        assert payee is not None
        payee.fifo += [0] * one.amount
        payee.lifo += [0] * one.amount
        return
    given, fifo, lifo = _pay_out(payer, one.amount)
    carried, hop = dict(given), 1 if payer is None or disputed else payer.hop + 1
    if disputed:
        found.cap += max(0, disputed - given["least"])
        carried = {rule: max(given[rule], disputed) for rule in RULES}
        carried["poison"] = one.amount
        fifo, lifo = (
            [0] * (one.amount - carried[rule]) + [1] * carried[rule] for rule in ("fifo", "lifo")
        )
        for rule in RULES:
            found.disputed[rule] += carried[rule] - given[rule]
    by_rule = max(carried["fifo"], carried["lifo"], carried["haircut"])
    large = disputed > 0 or by_rule >= bounds.least_amount_minor
    room = len(found.carried) < bounds.payments_most
    part, cut = _where_to(one, payee, hop, bounds, large=large, room=room)
    if cut == "least_amount":
        found.cuts[cut] += by_rule > 0
    elif cut:
        found.cuts[cut] += large
    for rule in RULES:
        if payer is not None:
            payer.parts[part][rule] += given[rule]
        if part != "passed":
            found.outside[part][rule] += carried[rule] - given[rule]
    if part == "passed":
        if payee is None:
            payee = _begun(found, one.payee, hop, openings)
        _receive(payee, carried, fifo, lifo, found.cap)
        if carried["most"]:
            payee.until_ms = max(payee.until_ms, one.at_ms + bounds.hop_window_ms)
            payee.hop = min(payee.hop, hop)
    if large and part != "unfollowed":
        if room:
            found.carried[place] = carried
        else:
            found.cuts["unlisted"] += 1


def _where_to(
    one: Transfer, payee: Stay | None, hop: int, bounds: Bounds, *, large: bool, room: bool
) -> tuple[str, str]:
    """(part in which the money is counted, bound that cuts here)."""
    if one.way == 0 and payee is not None:
        return "passed", ""
    if hop > bounds.hops_most:
        return "unfollowed", "hops_most"
    if one.way:
        return _WAYS[one.way], ""
    if not large:
        return "unfollowed", "least_amount"
    if not room:
        return "unfollowed", "payments_most"
    return "passed", ""


def _begun(found: NaiveTrace, account: int, hop: int, openings: Mapping[int, int]) -> Stay:
    first = all(known != account for known, _ in found.stays)
    told = first and account in openings
    opening = [0] * (openings[account] if told else 0)
    stay = Stay(hop, 0, told, list(opening), list(opening))
    found.stays.append((account, stay))
    return stay


def _pay_out(stay: Stay | None, amount: int) -> tuple[Sums, list[int], list[int]]:
    """What a payment carries by each rule, and the coins that go with it."""
    carried = dict.fromkeys(RULES, 0)
    if stay is None:
        return carried, [], []
    there = {rule: stay.parts["there"][rule] for rule in RULES}
    missing = [0] * max(0, amount - len(stay.fifo))  # came unseen, just now
    stay.fifo += missing
    stay.lifo += missing
    balance = len(stay.fifo)
    fifo, stay.fifo = stay.fifo[:amount], stay.fifo[amount:]
    lifo, stay.lifo = stay.lifo[balance - amount :], stay.lifo[: balance - amount]
    carried["fifo"], carried["lifo"] = sum(fifo), sum(lifo)
    share = Fraction(amount * there["haircut"], balance)
    carried["haircut"] = floor(share + Fraction(1, 2))
    for rule in ("fifo", "lifo", "haircut"):
        stay.parts["there"][rule] -= carried[rule]
    # d disputed coins are there, least <= d <= most; k of them go. Of a balance that is known,
    # balance - d are not disputed: so amount - (balance - d) <= k, and k <= d, k <= amount.
    carried["most"] = min(amount, there["most"])
    left_most = there["most"]
    if stay.told:
        carried["least"] = max(0, amount - (balance - there["least"]))
        left_most = min(left_most, balance - amount)
    stay.parts["there"]["least"] = max(0, there["least"] - amount)
    stay.parts["there"]["most"] = left_most
    carried["poison"] = amount if stay.parts["received"]["poison"] else 0
    return carried, fifo, lifo


def _receive(stay: Stay, carried: Sums, fifo: list[int], lifo: list[int], cap: int) -> None:
    stay.fifo += fifo
    stay.lifo += lifo
    for rule in RULES:
        stay.parts["received"][rule] += carried[rule]
        stay.parts["there"][rule] += carried[rule]
    stay.parts["there"]["most"] = min(stay.parts["there"]["most"], cap)
