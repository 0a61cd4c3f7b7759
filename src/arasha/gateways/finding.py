"""Finding: which numbers look like a SIM box, a call centre, straw SIMs, and which hang with them.

In: the habits of numbers and the activations of cards, as of now. Out: groups of numbers, each of
one pattern. What each pattern asks for stands in `Limits`; nothing is learned, so a person can say
of each number why it is here. Of a pattern there are two kinds:

    subjects    sim_box, one_ring, call_centre, bulk_activation   the number's own calls show it
                over_the_limit                                    the law's count of cards does
    questions   spoofing, never_receives                          nobody is a subject: in the first
                                                                  the numbers are the victims'

Who only hangs together with subjects is *tied*: by a device, by a sale (one dealer, minutes apart)
or by calling whom they call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from arasha.gateways.cards import Activations, Cards
from arasha.gateways.groups import by_sale, by_value, member_of, sums, united
from arasha.gateways.habits import DAY_MS, Habits, Signs

Pattern = Literal[
    "sim_box",
    "one_ring",
    "call_centre",
    "bulk_activation",
    "over_the_limit",
    "spoofing",
    "never_receives",
]
_SUBJECT_PATTERNS: Final[tuple[Pattern, ...]] = (
    "sim_box", "one_ring", "call_centre", "bulk_activation", "over_the_limit",
)  # fmt: skip
_SHARED_MOST: Final = 512
"""A device that more numbers use ties nobody: it is a test bench, or no device at all."""

Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]
Counts = NDArray[np.int64] | NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Limits:
    """From what on something is one. Shares are of calls; chosen on simulated countries of seeds
    101 to 103 and 202 to 204 (docs/decisions/0027-*.md).

    ``one_sided``: of calls at most so many come back; ``strange``: so many go to different
    numbers; ``taken``: fewer are taken, also as far as chance goes; ``sure``: how far that is, as
    the quantile of the normal distribution (2.58: one in two hundred). Where ``box_many`` numbers
    call from one device it is enough that at most ``box_taken`` are.
    """

    one_sided: float = 0.1
    strange: float = 0.8
    taken: float = 0.5
    sure: float = 2.58
    box_numbers: int = 2
    box_calls: int = 8
    box_many: int = 3
    box_taken: float = 0.6
    sale_gap_ms: int = 10 * 60_000
    sale_numbers: int = 3
    sale_calls: int = 12
    centre_calls: int = 25
    ring_calls: int = 20
    ring_taken: float = 0.1
    spoofed_numbers: int = 5
    silent_calls: int = 60
    young_ms: int = 7 * DAY_MS
    met_calls: int = 5
    met_share: float = 0.5


@dataclass(frozen=True, slots=True)
class Group:
    """Numbers of one pattern and those tied to them, as rows of the table of habits; ``ties`` are
    how many numbers hang in it by device, sale, holder and callees.
    """

    pattern: Pattern
    numbers: Rows
    tied: Rows
    ties: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Looked:
    """What was seen of every number that is worth a look or was activated, by place."""

    signs: Signs
    device: NDArray[np.int64]
    sale: NDArray[np.int64]
    holder: NDArray[np.int64]
    past_the_limit: Mask
    young: Mask
    rules: Limits


def find(
    habits: Habits, cards: Cards, now_ms: int, *, per_holder: int, limits: Limits | None = None
) -> list[Group]:
    """What there is to find as of now, the largest first. ``per_holder``: how many numbers the law
    lets one person have.
    """
    rules = limits or Limits()
    activations = cards.standing(now_ms)
    over = _over_the_limit(activations, per_holder)
    looked = _look(habits, activations, over, now_ms, rules)
    if not len(looked.signs.rows):
        return []
    shows = _shows(looked, tells=habits.tells_outcomes)
    subject = np.logical_or.reduce([shows[name] for name in _SUBJECT_PATTERNS])
    found = _hung_together(looked, shows, subject)
    found += _questions(looked, subject)
    for group in found:
        habits.hunt(group.numbers)
    return sorted(found, key=lambda one: -len(one.numbers) - len(one.tied))


def _look(
    habits: Habits, activations: Activations, over: Mask, now_ms: int, rules: Limits
) -> _Looked:
    rows = habits.rows_of(activations.tokens, _around(by_value(activations.holder), over))
    known = np.flatnonzero(rows >= 0)
    rows, activations, over = rows[known], activations.take(known), over[known]
    sales = by_sale(activations, rules.sale_gap_ms)
    holders = by_value(activations.holder)
    worth = habits.worth_a_look(
        sharing=rules.box_numbers, busy_calls=rules.ring_calls,
        answered_back=1.0, met_calls=rules.met_calls,
    )  # fmt: skip
    signs = habits.signs(np.union1d(worth, rows))
    at = np.searchsorted(signs.rows, rows)
    n = len(signs.rows)
    sale, holder = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    activated_ms, past = np.zeros(n, np.int64), np.zeros(n, np.bool_)
    sale[at], holder[at], activated_ms[at], past[at] = sales, holders, activations.at_ms, over
    young = activated_ms > now_ms - rules.young_ms
    return _Looked(signs, by_value(signs.device), sale, holder, past, young, rules)


def _shows(looked: _Looked, *, tells: bool) -> dict[Pattern, Mask]:
    """By pattern, which numbers show it themselves. Where the operator does not tell which calls
    were taken (``tells``), nothing rests on that.
    """
    signs, rules = looked.signs, looked.rules
    one_sided = signs.received <= rules.one_sided * signs.calls
    strange = one_sided & (signs.callees >= rules.strange * signs.calls)

    calling = signs.calls > 0
    boxes = _gateways(looked, looked.device, rules.box_numbers, rules.box_calls)
    sold = _gateways(looked, looked.sale, rules.sale_numbers, rules.sale_calls)
    if tells:
        of = sums(looked.device, calling, signs)
        many = (of.numbers >= rules.box_many) & (of.taken <= rules.box_taken * of.calls)
        boxes &= many | _rarely(of.taken, of.calls, rules)
    of = sums(looked.sale, calling, signs)
    sold &= _rarely(of.taken, of.calls, rules) & tells
    return {
        "sim_box": calling & member_of(looked.device, boxes),
        "one_ring": (signs.calls >= rules.ring_calls) & ~signs.ours & tells
        & (signs.taken <= rules.ring_taken * signs.calls) & (2 * signs.foreign > signs.calls)
        & (signs.callees >= rules.strange * signs.calls),
        "call_centre": strange & (signs.calls >= rules.centre_calls) & looked.young & tells
        & _rarely(signs.taken, signs.calls, rules),
        "bulk_activation": strange & calling & member_of(looked.sale, sold),
        "over_the_limit": looked.past_the_limit,
    }  # fmt: skip


def _gateways(looked: _Looked, groups: NDArray[np.int64], numbers: int, calls: int) -> Mask:
    """Which groups call as gateways do: several numbers, to strangers, and hardly anybody calls
    them.
    """
    signs, rules = looked.signs, looked.rules
    of = sums(groups, signs.calls > 0, signs)
    together = sums(groups, np.ones(len(signs.rows), np.bool_), signs)
    found: Mask = (
        (of.numbers >= numbers)
        & (of.numbers <= _SHARED_MOST)
        & (of.calls >= calls)
        & (together.received <= rules.one_sided * of.calls)
        & (of.callees >= rules.strange * of.calls)
    )
    return found


def _rarely(taken: Counts, calls: Counts, rules: Limits) -> Mask:
    """Where fewer calls are taken than ``rules.taken`` says, and not by chance: the upper end of
    Wilson's interval lies below it (Wilson, JASA 22, 1927). Ten calls in vain can be anybody's.
    """
    n, square = np.maximum(calls, 1), rules.sure**2
    share = taken / n
    spread = rules.sure * np.sqrt(share * (1 - share) / n + square / (4 * n * n))
    few: Mask = (share + square / (2 * n) + spread) / (1 + square / n) < rules.taken
    return few


def _over_the_limit(activations: Activations, per_holder: int) -> Mask:
    """The numbers of a holder behind those that the law allows, in the order of activation."""
    over = np.zeros(len(activations), np.bool_)
    held = np.flatnonzero(activations.holder != 0)
    order = held[np.lexsort((activations.at_ms[held], activations.holder[held]))]
    holders = activations.holder[order]
    _, first, counts = np.unique(holders, return_index=True, return_counts=True)
    nth = np.arange(len(order)) - np.repeat(first, counts)
    over[order[nth >= per_holder]] = True
    return over


def _hung_together(looked: _Looked, shows: dict[Pattern, Mask], subject: Mask) -> list[Group]:
    """Subjects as groups, with those tied to them."""
    signs, rules = looked.signs, looked.rules
    ties = {
        "device": _around(looked.device, shows["sim_box"]),
        "sale": _around(looked.sale, shows["bulk_activation"] | shows["sim_box"])
        & (signs.received <= rules.one_sided * np.maximum(signs.calls, 1)),
        "holder": _around(looked.holder, shows["over_the_limit"]),
    }
    met = (
        (signs.met >= rules.met_calls) & (signs.met >= rules.met_share * signs.calls)
        & (signs.received <= rules.one_sided * signs.calls)
    )  # fmt: skip
    there = subject | met | ties["device"] | ties["sale"] | ties["holder"]
    places = np.flatnonzero(there)
    pairs = [
        _chained(by[places], ties[name][places])
        for name, by in (
            ("device", looked.device), ("sale", looked.sale), ("holder", looked.holder),
        )
    ]  # fmt: skip
    heads = united(np.concatenate(pairs), len(places))
    found = []
    for head in np.unique(heads).tolist():
        members = places[heads == head]
        own = members[subject[members]]
        if not len(own):
            continue
        pattern = next(name for name in _SUBJECT_PATTERNS if shows[name][own].any())
        tied = members[~subject[members]]
        device, sale, holder = (
            int(ties[name][members].sum()) for name in ("device", "sale", "holder")
        )
        hang = device, sale, holder, int(met[members].sum())
        found.append(Group(pattern, signs.rows[own], signs.rows[tied], hang))
    return found + _met_alone(looked, met & ~subject, heads, places, subject)


def _met_alone(
    looked: _Looked, met: Mask, heads: NDArray[np.int64], places: Rows, subject: Mask
) -> list[Group]:
    """Numbers that call whom found ones called, and hang by nothing else: a question together."""
    in_groups = np.isin(heads, heads[subject[places]])
    alone = np.setdiff1d(np.flatnonzero(met), places[in_groups])
    if not len(alone):
        return []
    none = np.zeros(0, np.int64)
    return [Group("call_centre", none, looked.signs.rows[alone], (0, 0, 0, len(alone)))]


def _questions(looked: _Looked, subject: Mask) -> list[Group]:
    """Groups without a subject."""
    signs, rules, none = looked.signs, looked.rules, np.zeros(0, np.int64)
    spoofed = signs.ours & (signs.foreign > 0) & ~subject
    silent = (
        (signs.received == 0) & (signs.calls >= rules.silent_calls) & signs.ours & ~subject
        & looked.young & (signs.callees >= rules.strange * signs.calls)
    )  # fmt: skip
    found = []
    if int(spoofed.sum()) >= rules.spoofed_numbers:
        found.append(Group("spoofing", none, signs.rows[spoofed], (0, 0, 0, 0)))
    found += [
        Group("never_receives", none, np.array([row]), (0, 0, 0, 0))
        for row in signs.rows[silent].tolist()
    ]
    return found


def _around(groups: NDArray[np.int64], some: Mask) -> Mask:
    """All that are in a group with one of these."""
    chosen = np.zeros(int(groups.max(initial=-1)) + 1, np.bool_)
    chosen[groups[some & (groups >= 0)]] = True
    return member_of(groups, chosen)


def _chained(groups: NDArray[np.int64], some: Mask) -> NDArray[np.int64]:
    """int64[k, 2]: each of these that is in a group, tied to the one before it there."""
    at = np.flatnonzero(some & (groups >= 0))
    at = at[np.argsort(groups[at], kind="stable")]
    same = groups[at][1:] == groups[at][:-1]
    return np.stack((at[:-1][same], at[1:][same]), 1)
