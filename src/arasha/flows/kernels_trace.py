"""The walk of a trace: payments in the order of the log, along the chains of watched accounts.

Below trace.py. In: the arena's arrays, the reported payments, bounds. Out: the stays of accounts
with their money by every rule, the payments that carry disputed money. Each watched account has a
place in the chain of what it is paid and in that of what it pays; a heap gives the account whose
next payment is the earliest. So no payment is looked at that no watched account takes part in, and
each once, however many accounts there are.
"""

from __future__ import annotations

from typing import Final

from arasha.events.kernels import inlined, kernel
from arasha.flows.bare import bare, bare_arena
from arasha.flows.kernels_arena import (
    AMOUNT,
    MASK,
    NAMES_BANKS,
    NEXT_BY,
    NEXT_INTO,
    OF_ACCOUNT,
    OLDEST_BY,
    OUT_OF_PAYEE,
    PAYEE,
    PAYER,
    REJECTED,
    TIME,
    age_of,
    amount_of,
    is_held,
    status_of,
    time_of,
    way_of,
)
from arasha.flows.kernels_money import (
    ACCOUNT,
    CAP,
    ENDED,
    FIFO,
    FIFO_HEAD,
    FIFO_TAIL,
    FIRST,
    HAIRCUT,
    HOP,
    IN_AT,
    KNOWN,
    LIFO,
    LIFO_TOP,
    LOOKED,
    MORE,
    MOST,
    NONE,
    OUT_AT,
    PASSED,
    RULES,
    SINCE,
    TOLD,
    UNFOLLOWED,
    UNTIL,
    add_clean,
    dispute,
    pay_out,
    receive,
)
from arasha.flows.ways_out import ABROAD

STAYS, PAYMENTS, WAITING, LOOKS, SMALL, CROWDED, FAR, UNLISTED, OUT_OF_LOOKS = range(3, 12)
"""Words of ``work`` after those of kernels_money.py: stays, payments listed, entries of the heap,
payments looked at; payments not followed as too small, as the list was full, as too far; payments
followed but not listed, as the list was full; whether the looks ran out."""

WORK_WORDS: Final = 12

WATCHED, BY_WINDOW, BY_LOOKS = 0, 1, 2
"""Why a stay ended: not yet, its window did, it had too many payments."""

LISTED_WORDS: Final = 6 + RULES
"""A listed payment: ordinal, stay it left (NONE: none), stay it came to (NONE), hop, bucket,
disputed by a report; then what it carries by each rule."""

SLOT_BITS: Final = 20
"""An entry of the heap: age of a payment, then so many bits for the stay."""

KNOWN_MOST: Final = 2**60
"""An account through which more is known to have gone is left, as one with too many payments."""

LEAST_AMOUNT, PAYMENTS_MOST, WINDOW, HOPS_MOST, LOOKS_OF_ACCOUNT, LOOKS_MOST = range(6)
"""Words of ``bounds``."""

_SLOTS_BITS: Final = (1 << SLOT_BITS) - 1


@inlined
def _wait(heap, work, key):  # type: ignore[no-untyped-def]  # compiled
    at = work[WAITING]
    work[WAITING] += 1
    while at > 0 and heap[(at - 1) >> 1] > key:
        heap[at] = heap[(at - 1) >> 1]
        at = (at - 1) >> 1
    heap[at] = key


@inlined
def _next_waiting(heap, work):  # type: ignore[no-untyped-def]  # compiled
    first = heap[0]
    work[WAITING] -= 1
    size = work[WAITING]
    last, at = heap[size], 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and heap[below + 1] < heap[below]:
            below += 1
        if heap[below] >= last:
            break
        heap[at] = heap[below]
        at = below
    heap[at] = last
    return first


@inlined
def _next_age(stays, slot, about):  # type: ignore[no-untyped-def]  # compiled
    """The age of the next payment of a watched account, NONE if it has no more."""
    age = NONE
    if stays[slot, IN_AT] != NONE:
        age = age_of(stays[slot, IN_AT], about)
    if stays[slot, OUT_AT] != NONE:
        other = age_of(stays[slot, OUT_AT], about)
        if age == NONE or other < age:
            age = other
    return age


@inlined
def _slot(places, stays, account):  # type: ignore[no-untyped-def]  # compiled
    """Where the last stay of an account is noted, or a free place."""
    at = (account * 0x9E3779B1 >> 12) & (len(places) - 1)
    while places[at] != NONE and stays[places[at], ACCOUNT] != account:
        at = (at + 1) & (len(places) - 1)
    return at


@inlined
def _watched(places, stays, account, now):  # type: ignore[no-untyped-def]  # compiled
    """The stay in which an account is watched at a time, or NONE; one whose time is up ends."""
    found = places[_slot(places, stays, account)]
    if found == NONE or stays[found, ENDED] != WATCHED:
        return NONE
    if now > stays[found, UNTIL]:
        stays[found, ENDED] = BY_WINDOW
        stays[found, MORE] = 1 if stays[found, OUT_AT] != NONE else 0
        return NONE
    return found


@kernel
def _begin(arena, about, walk, account, ordinal, hop, now, openings):  # type: ignore[no-untyped-def]  # compiled
    """An account is watched from the payment ``ordinal`` into it."""
    _, rows_32, _, accounts_32, _, _ = arena
    stays, _, places, _, fifo, lifo, _, work, _, _ = walk
    new = work[STAYS]
    work[STAYS] += 1
    slot = _slot(places, stays, account)
    first_stay = places[slot] == NONE
    stay = stays[new]
    stay[:] = 0
    stay[ACCOUNT], stay[HOP], stay[SINCE], stay[FIRST] = account, hop, now, ordinal
    stay[FIFO_HEAD] = stay[FIFO_TAIL] = stay[LIFO_TOP] = NONE
    links = rows_32[ordinal & about[MASK]]
    stay[IN_AT] = links[NEXT_INTO]
    before = links[OUT_OF_PAYEE]
    if is_held(before, about):
        stay[OUT_AT] = rows_32[before & about[MASK], NEXT_BY]
    else:
        stay[OUT_AT] = accounts_32[account, OLDEST_BY]
    places[slot] = new
    if first_stay:
        for k in range(len(openings)):
            if openings[k, 0] == account:
                stay[TOLD] = 1
                if openings[k, 1] > 0:
                    add_clean(stays, new, fifo, lifo, work, openings[k, 1])
    return new


@inlined
def _way(arena, about, word, payer, payee):  # type: ignore[no-untyped-def]  # compiled
    """The way out that a payment takes, 0 if none: its own, or that of its payee."""
    way = way_of(word)
    if way == 0:
        way = (arena[2][payee, OF_ACCOUNT] >> 60) & 7
    if way == 0 and about[NAMES_BANKS] == 1 and (arena[2][payee, OF_ACCOUNT] >> 16) & 0xFFFF == 0:
        way = ABROAD if (arena[2][payer, OF_ACCOUNT] >> 16) & 0xFFFF != 0 else 0
    return way


@inlined
def _list(listed, work, ordinal, payer, payee, hop, bucket, disputed, carried):  # type: ignore[no-untyped-def]  # compiled
    entry = listed[work[PAYMENTS]]
    work[PAYMENTS] += 1
    entry[0], entry[1], entry[2], entry[3] = ordinal, payer, payee, hop
    entry[4], entry[5] = bucket, disputed
    for rule in range(RULES):
        entry[6 + rule] = carried[rule]


@inlined
def _bucket_of(work, bounds, way, watched, by_rule, large, hop):  # type: ignore[no-untyped-def]  # compiled
    """Where the disputed money of a payment is counted; a bound that cuts here is noted.

    Bounds keep a trace from reaching new accounts; what goes on among those it has is always
    counted, and so is what leaves the network from them.
    """
    if watched and way == 0:
        return PASSED
    if hop > bounds[HOPS_MOST]:
        work[FAR] += 1 if large else 0
        return UNFOLLOWED
    if way > 0:
        return PASSED + way
    if not large:
        work[SMALL] += 1 if by_rule > 0 else 0
        return UNFOLLOWED
    if work[PAYMENTS] >= bounds[PAYMENTS_MOST]:
        work[CROWDED] += 1
        return UNFOLLOWED
    return PASSED


@inlined
def _transfer(arena, about, walk, bounds, openings, ordinal, payer, payee, disputed):  # type: ignore[no-untyped-def]  # compiled
    """A payment moves money: between watched accounts, out of them, to a new one. The new stay.

    ``payer`` and ``payee`` are stays or NONE.
    """
    rows, rows_32, _, _, _, _ = arena
    stays, money, _, listed, fifo, lifo, created, work, carried, runs = walk
    place = ordinal & about[MASK]
    amount = amount_of(rows[place, AMOUNT])
    if payer == NONE and disputed == 0:
        add_clean(stays, payee, fifo, lifo, work, amount)
        return NONE
    carried[:] = 0
    hop = 1
    if payer != NONE:
        pay_out(stays, payer, money, fifo, lifo, work, amount, carried, runs)
        for rule in range(RULES):  # what the account gives, before the report adds to it
            carried[RULES + rule] = carried[rule]
        if disputed == 0:
            hop = stays[payer, HOP] + 1
    if disputed > 0:
        dispute(fifo, lifo, work, created[0], amount, min(disputed, amount), carried, runs)
    by_rule = max(carried[FIFO], carried[LIFO], carried[HAIRCUT])
    large = disputed > 0 or by_rule >= bounds[LEAST_AMOUNT]
    way = _way(arena, about, rows[place, AMOUNT], rows_32[place, PAYER], rows_32[place, PAYEE])
    bucket = _bucket_of(work, bounds, way, payee != NONE, by_rule, large, hop)
    for rule in range(RULES):
        if payer != NONE:
            money[payer, rule, bucket] += carried[RULES + rule]
        if bucket != PASSED:  # a reported payment that went straight out, or nowhere we followed
            created[bucket, rule] += carried[rule] - carried[RULES + rule]
    new, came_to = NONE, NONE
    if bucket == PASSED:
        came_to = payee
        if payee == NONE:
            account, now = rows_32[place, PAYEE], time_of(rows[place, TIME])
            new = _begin(arena, about, walk, account, ordinal, hop, now, openings)
            came_to = new
        receive(stays, came_to, money, fifo, lifo, work[CAP], amount, carried, runs)
        if carried[MOST] > 0:
            until = time_of(rows[place, TIME]) + bounds[WINDOW]
            stays[came_to, UNTIL] = max(stays[came_to, UNTIL], until)
            stays[came_to, HOP] = min(stays[came_to, HOP], hop)
    if large and bucket != UNFOLLOWED:
        if work[PAYMENTS] < bounds[PAYMENTS_MOST]:
            _list(listed, work, ordinal, payer, came_to, hop, bucket, disputed, carried)
        else:
            work[UNLISTED] += 1
    return new


@inlined
def _step(arena, about, walk, bounds, openings, ordinal, disputed):  # type: ignore[no-untyped-def]  # compiled
    """One payment is looked at by all whom it concerns; then they wait for their next."""
    rows, rows_32, _, _, _, _ = arena
    stays, _, places, _, _, _, _, work, _, _ = walk
    place = ordinal & about[MASK]
    now = time_of(rows[place, TIME])
    payer = _watched(places, stays, rows_32[place, PAYER], now)
    payee = _watched(places, stays, rows_32[place, PAYEE], now)
    work[LOOKS] += 1
    new = NONE
    concerned = payer != NONE or payee != NONE or disputed > 0
    to_another = rows_32[place, PAYER] != rows_32[place, PAYEE]
    if concerned and to_another and status_of(rows[place, AMOUNT]) != REJECTED:
        new = _transfer(arena, about, walk, bounds, openings, ordinal, payer, payee, disputed)
    if payer != NONE:
        stays[payer, OUT_AT] = rows_32[place, NEXT_BY]
        stays[payer, LOOKED] += 1
    if payee != NONE:
        stays[payee, IN_AT] = rows_32[place, NEXT_INTO]
        stays[payee, LOOKED] += 1 if payee != payer else 0
    return payer, payee, new


@kernel
def follow(arena_, about_, walk_, heap_, reported_, bounds_, openings_):  # type: ignore[no-untyped-def]  # compiled
    """Follow reported payments int64[n, 2] (ordinal, disputed), sorted by age, each once."""
    arena = bare_arena(arena_)
    stays, money, places, listed, fifo, lifo, created, work, carried, runs = walk_
    walk = (
        bare(stays),
        bare(money),
        bare(places),
        bare(listed),
        (bare(fifo[0]), bare(fifo[1])),
        (bare(lifo[0]), bare(lifo[1])),
        bare(created),
        bare(work),
        bare(carried),
        bare(runs),
    )
    rows, stays, work = arena[0], walk[0], walk[7]
    about, heap, reported = bare(about_), bare(heap_), bare(reported_)
    bounds, openings = bare(bounds_), bare(openings_)
    at = 0
    while at < len(reported) or work[WAITING] > 0:
        if work[LOOKS] >= bounds[LOOKS_MOST]:
            work[OUT_OF_LOOKS] = 1
            break
        disputed = 0
        ordinal = NONE
        if at < len(reported):
            ordinal, disputed = reported[at, 0], reported[at, 1]
        if work[WAITING] > 0 and (
            ordinal == NONE or (heap[0] >> SLOT_BITS) < age_of(ordinal, about)
        ):
            key = _next_waiting(heap, work)
            slot, age = key & _SLOTS_BITS, key >> SLOT_BITS
            if stays[slot, ENDED] != WATCHED or _next_age(stays, slot, about) != age:
                continue
            out_next = stays[slot, OUT_AT]
            in_next = stays[slot, IN_AT]
            ordinal, disputed = out_next, 0
            if out_next == NONE or age_of(out_next, about) != age:
                ordinal = in_next
            if time_of(rows[ordinal & about[MASK], TIME]) > stays[slot, UNTIL]:
                stays[slot, ENDED] = BY_WINDOW
                stays[slot, MORE] = 1 if out_next != NONE else 0
                continue
        else:
            at += 1
        payer, payee, new = _step(arena, about, walk, bounds, openings, ordinal, disputed)
        for slot in (payer, payee, new):
            if slot == NONE or stays[slot, ENDED] != WATCHED:
                continue
            too_many = stays[slot, LOOKED] >= bounds[LOOKS_OF_ACCOUNT]
            age = _next_age(stays, slot, about)
            if age != NONE and (too_many or stays[slot, KNOWN] > KNOWN_MOST):
                stays[slot, ENDED] = BY_LOOKS
                stays[slot, MORE] = 1
            elif age != NONE:
                _wait(heap, work, (age << SLOT_BITS) | slot)


# What is compiled into this file from others: 05346a487eca9b2b.
