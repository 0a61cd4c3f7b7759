"""The window kernel: exact sliding windows as linked chains through one event arena.

In: the columns of a batch in the order of the log, the program of a plan, the memory of a state.
Out: for each judged row, each window's answer as of just before it; then the row joins its own
chains.

Each kind of fact has a ring of event rows; a row's number is its ordinal (mod 2**31), its place
ordinal & mask. A key's record holds, per window, the ordinal of the oldest event inside
(``tail``) and what the window counts. Time only goes forward, so a window advances by following the
chain from its tail; each event enters and leaves a window once, whatever the size of the window. A
row leaves the ring (it is *reaped*) once no window of its kind can hold it, after every pointer to
it moved on.

::

    key record            ring of events of one kind (oldest first)
    tail ─────────────▶ [ a ]──next──▶ [ b ]──next──▶ [ c ] ◀───────── newest
                         └── in window ─────────────────┘

``distinct`` counts an event when no earlier event of the same value is inside, and uncounts a
leaving one when no later is: the chain by (key, value) tells both. ``max`` keeps, of a chain, the
events not followed by a larger one, linked both ways; each window has a pointer (``front``) to its
first.

Inside, memory is addresses (memory.py says why): ``p`` is the program's, ``b`` a key record's,
``e`` an event row's, ``r`` the ring's first row's. Offsets are those of plan.py.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arasha.events.kernels import inlined, kernel
from arasha.features.memory import get8, get32, get64, prefetch, put8, put32, put64, put_float
from arasha.features.plan import KIND_WORDS, KINDS
from arasha.features.records import (
    NONE,
    POOL,
    SCRATCH,
    SLOT_MASK,
    SLOTS,
    create,
    find,
    fingerprint,
    remove,
)
from arasha.features.walks import MATCH_STEPS, answer_walks, forget_walks, link_payment
from arasha.features.wide import add_wide, multiply, spread, take_wide, wide_float

ABSENT: Final = -2
"""In a link: the event is not in this chain. On a stack: it was popped."""

ORDINALS: Final = 2**31 - 1
"""Mask of ordinals; more events than this are never held at once."""

REAP_BUDGET: Final = 8
"""Events reaped at most per fact, so that one fact after a long silence costs no pause."""

LOOK_AHEAD: Final = 3
"""Rows between the steps in which what a later row needs is fetched into the cache."""

CACHE_LINE: Final = 64
"""Bytes fetched at once."""

HEAD, TAIL, MASK, ROWS = range(4)
"""Columns of ``rings``: oldest ordinal held, next ordinal, places - 1, address of the rows."""

KIND_BYTES: Final = KIND_WORDS * 8
LOOKED_UP, ADVANCED = 1, 2
"""What is known of a fact's own key before it joins: its record, and that its windows are brought
to this moment."""

_MISSING: Final = -(2**63)
_LOW: Final = 0xFFFFFFFF
_U0, _U32 = np.uint64(0), np.uint64(32)


class Batch(NamedTuple):
    """The columns the kernel reads. ``judged`` says which output column a fact is answered in."""

    kinds: NDArray[np.uint8]  # [n]
    known_at: NDArray[np.int64]  # [n]
    judged: NDArray[np.int64]  # [n], -1 = not judged
    numbers: NDArray[np.int64]  # [columns, n]
    symbols: NDArray[np.uint64]  # [columns, n, 2]
    passes: NDArray[np.uint8]  # [filters, n]


# Windows


@inlined
def _enter(p, w, b, r, mask, size, e, ordinal):  # type: ignore[no-untyped-def]  # compiled
    """An event comes into a window, but for its fronts, which ``_push`` moves."""
    tail_at = b + get64(w + 8)
    tail = get32(tail_at)
    at = p + get64(w + 16) * 8
    for _ in range(get64(w + 24)):
        add_wide(b + get64(at + 8), _U0, np.uint64(get64(e + get64(at))))
        at += 16
    at = p + get64(w + 32) * 8
    for _ in range(get64(w + 40)):
        value = np.uint64(get64(e + get64(at)))
        high, low = multiply(value, value)
        add_wide(b + get64(at + 8), high, low)
        at += 16
    at = p + get64(w + 48) * 8
    for _ in range(get64(w + 56)):
        before = get32(e + get64(at + 16))
        inside = False
        if before >= 0 and tail >= 0:
            inside = get64(r + (before & mask) * size) >= get64(r + (tail & mask) * size)
        if not inside:
            counter = b + get64(at)
            put32(counter, get32(counter) + 1)
        at += 24
    if tail < 0:
        put32(tail_at, ordinal)
    put32(tail_at + 4, get32(tail_at + 4) + 1)


@inlined
def _leave(p, w, b, r, mask, size, e, edge, delayed):  # type: ignore[no-untyped-def]  # compiled
    """The oldest event of a window goes out of it."""
    at = p + get64(w + 16) * 8
    for _ in range(get64(w + 24)):
        take_wide(b + get64(at + 8), _U0, np.uint64(get64(e + get64(at))))
        at += 16
    at = p + get64(w + 32) * 8
    for _ in range(get64(w + 40)):
        value = np.uint64(get64(e + get64(at)))
        high, low = multiply(value, value)
        take_wide(b + get64(at + 8), high, low)
        at += 16
    at = p + get64(w + 48) * 8
    for _ in range(get64(w + 56)):
        later = get32(e + get64(at + 8))
        inside = later >= 0
        if inside and delayed:
            inside = get64(r + (later & mask) * size) <= edge
        if not inside:
            counter = b + get64(at)
            put32(counter, get32(counter) - 1)
        at += 24
    counter = b + get64(w + 8) + 4
    put32(counter, get32(counter) - 1)


@kernel
def _push(p, c, b, r, mask, size, e, ordinal, below):  # type: ignore[no-untyped-def]  # compiled
    """An event that came in goes on the chain's stacks of largest (or smallest) values."""
    s = p + get64(c + 72) * 8
    for _ in range(get64(c + 80)):
        sign, value_at, older, newer = get64(s), get64(s + 8), get64(s + 16), get64(s + 24)
        value = get64(e + value_at) * sign
        top = below
        while top >= 0:
            row = r + (top & mask) * size
            if get64(row + value_at) * sign > value:
                break
            put32(row + newer, ABSENT)
            top = get32(row + older)
        put32(e + older, top)
        put32(e + newer, NONE)
        if top >= 0:
            put32(r + (top & mask) * size + newer, ordinal)
        fronts = p + get64(s + 32) * 8
        for f in range(get64(s + 40)):
            at = b + get64(fronts + f * 8)
            front = get32(at)
            if front < 0 or value >= get64(r + (front & mask) * size + value_at) * sign:
                put32(at, ordinal)
        s += 48


@kernel
def _let_in(p, c, b, r, mask, size, edge):  # type: ignore[no-untyped-def]  # compiled
    """Events of a delayed chain whose time has come enter its windows. The first still waiting."""
    waiting = get32(b + get64(c + 40))
    while waiting >= 0:
        e = r + (waiting & mask) * size
        if get64(e) > edge:
            break
        w = p + get64(c + 56) * 8
        for _ in range(get64(c + 64)):
            _enter(p, w, b, r, mask, size, e, waiting)
            w += 80
        last = b + get64(c + 48)
        _push(p, c, b, r, mask, size, e, waiting, get32(last))
        put32(last, waiting)
        waiting = get32(e + get64(c + 16))
    put32(b + get64(c + 40), waiting)
    return waiting


@kernel
def _advance(p, c, b, r, mask, size, now):  # type: ignore[no-untyped-def]  # compiled
    """Bring all windows of one chain of one key to the time ``now``."""
    edge = now - get64(c + 8)
    delayed = get64(c + 40) >= 0
    waiting = NONE
    if delayed:
        waiting = _let_in(p, c, b, r, mask, size, edge)
    next_at = get64(c + 16)
    w = p + get64(c + 56) * 8
    for _ in range(get64(c + 64)):
        tail_at = b + get64(w + 8)
        tail = get32(tail_at)
        if tail >= 0:
            cutoff = edge - get64(w)
            e = r + (tail & mask) * size
            if get64(e) <= cutoff:
                while True:
                    _leave(p, w, b, r, mask, size, e, edge, delayed)
                    tail = get32(e + next_at)
                    if tail < 0 or (delayed and tail == waiting):
                        tail = NONE
                        break
                    e = r + (tail & mask) * size
                    if get64(e) > cutoff:
                        break
                put32(tail_at, tail)
                _move_fronts(p, w, b, r, mask, size, cutoff)
        w += 80


@inlined
def _move_fronts(p, w, b, r, mask, size, cutoff):  # type: ignore[no-untyped-def]  # compiled
    """A window's largest values that left it give way to the next on their stacks."""
    at = p + get64(w + 64) * 8
    for _ in range(get64(w + 72)):
        front_at = b + get64(at)
        front = get32(front_at)
        while front >= 0:
            row = r + (front & mask) * size
            if get64(row) > cutoff:
                break
            front = get32(row + get64(at + 8))
        put32(front_at, front)
        at += 16


@inlined
def _answer(f, b, r, mask, size, now):  # type: ignore[no-untyped-def]  # compiled
    """One window's answer for one judged row, as (known, int, float)."""
    code = get64(f)
    tail_at = b + get64(f + 8)
    count = get32(tail_at + 4)
    if code == 0:
        return True, count, 0.0
    if code == 9:
        return True, 1 if count > 0 else 0, 0.0
    first = b + get64(f + 24)
    if code == 6:
        return True, get32(first), 0.0
    if code == 1:  # held at the largest int64 should it ever pass it
        low, high = get64(first), get64(first + 8)
        return True, low if high == 0 and low >= 0 else 2**63 - 1, 0.0
    if count == 0:
        return False, 0, 0.0
    if code == 2:
        high, low = np.uint64(get64(first + 8)), np.uint64(get64(first))
        return True, 0, wide_float(high, low) / float(count)
    if code == 5:
        second = b + get64(f + 32)
        deviation = spread(
            np.uint64(count), np.uint64(get64(first + 8)), np.uint64(get64(first)),
            np.uint64(get64(second + 8)), np.uint64(get64(second)),
        )  # fmt: skip
        return True, 0, deviation
    if code == 10:
        second = b + get64(f + 32)
        came = wide_float(np.uint64(get64(first + 8)), np.uint64(get64(first)))
        left = wide_float(np.uint64(get64(second + 8)), np.uint64(get64(second)))
        return came > 0.0, 0, left / came
    if code == 3 or code == 4:
        return True, get64(r + (get32(first) & mask) * size + get64(f + 40)), 0.0
    where = tail_at if code == 7 else b + get64(f + 16)
    return True, now - get64(r + (get32(where) & mask) * size), 0.0


@kernel
def _answer_all(p, a, b, r, mask, size, now, out):  # type: ignore[no-untyped-def]  # compiled
    """Every window of one access for one judged row; ``b`` NONE: no such key."""
    f = p + get64(a + 56) * 8
    values_at, known_at, n, column = out
    for _ in range(get64(a + 64)):
        code = get64(f)
        place = get64(f + 48) * n + column
        if b == NONE:
            put64(values_at + place * 8, 0)
            put8(known_at + place, 1 if code <= 1 or code == 6 or code == 9 else 0)
        else:
            found, whole, real = _answer(f, b, r, mask, size, now)
            if code == 2 or code == 5 or code == 10:
                put_float(values_at + place * 8, real)
            else:
                put64(values_at + place * 8, whole)
            put8(known_at + place, 1 if found else 0)
        f += 56


# Events


@inlined
def _link(p, c, b, r, mask, size, e, ordinal):  # type: ignore[no-untyped-def]  # compiled
    """Hang the event at the newest end of a chain; the one that was there before, or NONE."""
    newest_at = b + get64(c + 32)
    newest = get32(newest_at)
    if newest >= 0:
        put32(r + (newest & mask) * size + get64(c + 16), ordinal)
    put32(e + get64(c + 16), NONE)
    if get64(c + 24) >= 0:
        put32(e + get64(c + 24), newest)
    enter = get64(c + 40)
    if enter >= 0 and get32(b + enter) < 0:
        put32(b + enter, ordinal)
    put32(newest_at, ordinal)
    return newest


@kernel
def _reap(p, k, keys, ring, now):  # type: ignore[no-untyped-def]  # compiled
    """The oldest event of a kind leaves the ring: every pointer to it moves on first."""
    ordinal, mask, r = get64(ring), get64(ring + MASK * 8), get64(ring + ROWS * 8)
    size = get64(k)
    e = r + (ordinal & mask) * size
    pool = get64(keys + POOL * 8)
    # All windows before any link: a distinct window asks the chain of equal values what was before.
    g = p + get64(k + 16) * 8
    for _ in range(get64(k + 24)):
        place = get32(e + get64(g + 8)) & _LOW
        if place != _LOW:
            c = p + get64(g + 16) * 8
            for _ in range(get64(g + 24)):
                if get32(e + get64(c + 16)) != ABSENT:
                    _advance(p, c, pool + place * 8, r, mask, size, now)
                c += 88
        g += 48
    g = p + get64(k + 16) * 8
    for _ in range(get64(k + 24)):
        place = get32(e + get64(g + 8)) & _LOW
        if place != _LOW:
            b = pool + place * 8
            c = p + get64(g + 16) * 8
            for _ in range(get64(g + 24)):
                later = get32(e + get64(c + 16))
                if later != ABSENT:
                    if get64(c + 24) >= 0 and later >= 0:
                        put32(r + (later & mask) * size + get64(c + 24), NONE)
                    s = p + get64(c + 72) * 8
                    for _ in range(get64(c + 80)):
                        newer = get32(e + get64(s + 24))
                        if newer >= 0:
                            put32(r + (newer & mask) * size + get64(s + 16), NONE)
                        s += 48
                    if get32(b + get64(c + 48)) == ordinal:
                        put32(b + get64(c + 48), NONE)
                    if get32(b + get64(c + 32)) == ordinal:
                        put32(b + get64(c + 32), NONE)
                c += 88
            put32(b + 16, get32(b + 16) - 1)
            if get32(b + 16) == 0:
                group = get64(b + 16) >> 32
                remove(keys, group, b, get64(g))
        g += 48
    if get64(k + 48) != 0:
        _unlink(p, p + get64(k + 48) * 8, keys, e, ordinal)
    put64(ring, (ordinal + 1) & ORDINALS)


# The flow of money (walks.py)


@kernel
def _unlink(p, flow, keys, e, ordinal):  # type: ignore[no-untyped-def]  # compiled
    """A payment that is reaped no longer stands for its accounts."""
    at = get64(flow + 16)
    for _ in range(2):
        place = get32(e + at) & _LOW
        if place != _LOW:
            b = get64(keys + POOL * 8) + place * 8
            if get32(b + 24) == ordinal:
                put32(b + 24, NONE)
            if get32(b + 28) == ordinal:
                put32(b + 28, NONE)
            put32(b + 16, get32(b + 16) - 1)
            if get32(b + 16) == 0:
                remove(keys, get64(flow), b, get64(p + get64(flow + 8) * 8))
        at += 4


@kernel
def _look_up_accounts(p, flow, keys, found, columns):  # type: ignore[no-untyped-def]  # compiled
    """Find both accounts of a fact: the payer's place in ``found``, then the payee's."""
    at = found + get64(flow) * 32
    for role in range(2):
        known, low, high = fingerprint(p, get64(flow), get64(flow + 24 + role * 8), 2, columns)
        put64(at + role * 32, find(keys, low, high) if known else NONE)
        put64(at + role * 32 + 8, LOOKED_UP if known else 0)
        put64(at + role * 32 + 16, low)
        put64(at + role * 32 + 24, high)


@kernel
def _walk(p, flow, keys, ring, size, found, columns, now, out):  # type: ignore[no-untyped-def]  # compiled
    """Answer every walk for one judged row."""
    _look_up_accounts(p, flow, keys, found, columns)
    at = found + get64(flow) * 32
    if get64(at + 8) == 0 or get64(at + 40) == 0:
        forget_walks(p, flow, get64(flow + 48), out)
        return
    head = get64(ring)
    held = (get64(ring + TAIL * 8) - head) & ORDINALS
    rows = (get64(ring + ROWS * 8), get64(ring + MASK * 8), size, head, held)
    answer_walks(
        p, flow, get64(keys + SCRATCH * 8), rows, get64(at), get64(at + 32),
        get64(keys + POOL * 8), now, out,
    )  # fmt: skip


@kernel
def _join_flow(p, flow, keys, found, columns, e, ordinal):  # type: ignore[no-untyped-def]  # compiled
    """A payment takes its place in the flow between two accounts, made if need be."""
    at = found + get64(flow) * 32
    if get64(at + 8) == 0:
        _look_up_accounts(p, flow, keys, found, columns)
    links = get64(flow + 16)
    if get64(at + 8) == 0 or get64(at + 40) == 0:
        put32(e + links, NONE)
        put32(e + links + 4, NONE)
        return
    for role in range(2):
        low, high = get64(at + role * 32 + 16), get64(at + role * 32 + 24)
        if role == 1 and low == get64(at + 16) and high == get64(at + 24):
            put64(at + 32, get64(at))
        elif get64(at + role * 32) == NONE:
            b = create(p, keys, get64(flow), get64(flow + 8), low, high)
            put32(b + 20, get64(flow))
            put32(b + 24, NONE)
            put32(b + 28, NONE)
            put64(at + role * 32, b)
    pool = get64(keys + POOL * 8)
    link_payment(links, e, ordinal, get64(at), get64(at + 32), pool, get64(flow + 56))


@kernel
def _match(p, k, keys, r, mask, size, columns, e, now):  # type: ignore[no-untyped-def]  # compiled
    """A payment out takes from what its payer received, the newest first."""
    m = p + get64(k + 56) * 8
    for _ in range(get64(k + 64)):
        passed = get64(m + 24)
        put64(e + passed, 0)
        known, low, high = fingerprint(p, get64(m), get64(m + 8), 2, columns)
        b = find(keys, low, high) if known else NONE
        if b != NONE:
            value = get64(m + 32)
            left, cutoff = get64(e + value), now - get64(m + 16)
            earlier = get32(b + get64(m + 40))
            for _ in range(MATCH_STEPS):
                if earlier < 0 or left <= 0:
                    break
                row = r + (earlier & mask) * size
                if get64(row) <= cutoff:
                    break
                taken = min(left, get64(row + value) - get64(row + passed))
                if taken > 0:
                    left -= taken
                    put64(row + passed, get64(row + passed) + taken)
                    for j in range(get64(m + 64)):
                        add_wide(b + get64(p + (get64(m + 56) + j) * 8), _U0, np.uint64(taken))
                earlier = get32(row + get64(m + 48))
        m += 72


@inlined
def _passes(c, columns):  # type: ignore[no-untyped-def]  # compiled
    """Whether a chain's filter lets the fact in."""
    _, _, passes, n, row = columns
    filter_ = get64(c)
    return filter_ < 0 or get8(passes + filter_ * n + row) == 1


@kernel
def _file(p, g, group, keys, found, columns):  # type: ignore[no-untyped-def]  # compiled
    """The record a fact is filed under in a group, made if need be; NONE if no chain takes it."""
    passing = False
    c = p + get64(g + 16) * 8
    for _ in range(get64(g + 24)):
        if _passes(c, columns):
            passing = True
            break
        c += 88
    if not passing:
        return NONE
    at = found + group * 32
    b = get64(at)
    if b == NONE:
        low, high = get64(at + 16), get64(at + 24)
        if get64(at + 8) == 0:
            known, low, high = fingerprint(p, group, get64(g + 32), get64(g + 40), columns)
            if not known:
                return NONE
            b = find(keys, low, high)
        if b == NONE:
            b = create(p, keys, group, (g - p) >> 3, low, high)
            put32(b + 20, group)
    put32(b + 16, get32(b + 16) + 1)
    return b


@kernel
def _join(p, k, keys, ring, first_group, found, columns, now):  # type: ignore[no-untyped-def]  # compiled
    """A fact becomes an event: a row in its kind's ring, in each chain whose filter it passes."""
    ordinal, mask, r = get64(ring + TAIL * 8), get64(ring + MASK * 8), get64(ring + ROWS * 8)
    size = get64(k)
    e = r + (ordinal & mask) * size
    put64(e, now)
    numbers, _, _, n, row = columns
    at = p + get64(k + 32) * 8
    for _ in range(get64(k + 40)):
        put64(e + get64(at + 8), get64(numbers + (get64(at) * n + row) * 8))
        at += 16
    if get64(k + 64) > 0:
        _match(p, k, keys, r, mask, size, columns, e, now)
    pool = get64(keys + POOL * 8)
    groups = get64(k + 24)
    # Windows move on, then links, then windows take in: a distinct window that moves on must not
    # find the event in the chain of equal values yet, and must find it there when it takes it in.
    g = p + get64(k + 16) * 8
    for i in range(groups):
        b = _file(p, g, first_group + i, keys, found, columns)
        put32(e + get64(g + 8), NONE if b == NONE else (b - pool) >> 3)
        c = p + get64(g + 16) * 8
        for _ in range(get64(g + 24)):
            if b == NONE or not _passes(c, columns):
                put32(e + get64(c + 16), ABSENT)
            else:
                put32(e + get64(c + 16), NONE)
                if get64(c + 40) < 0 and get64(c + 64) > 0:
                    _advance(p, c, b, r, mask, size, now)
            c += 88
        g += 48
    g = p + get64(k + 16) * 8
    for _ in range(groups):
        place = get32(e + get64(g + 8)) & _LOW
        if place != _LOW:
            b = pool + place * 8
            c = p + get64(g + 16) * 8
            for _ in range(get64(g + 24)):
                if get32(e + get64(c + 16)) != ABSENT:
                    below = _link(p, c, b, r, mask, size, e, ordinal)
                    if get64(c + 80) > 0 and get64(c + 40) < 0:
                        _push(p, c, b, r, mask, size, e, ordinal, below)
                c += 88
        g += 48
    g = p + get64(k + 16) * 8
    for _ in range(groups):
        place = get32(e + get64(g + 8)) & _LOW
        if place != _LOW:
            b = pool + place * 8
            c = p + get64(g + 16) * 8
            for _ in range(get64(g + 24)):
                if get64(c + 40) < 0 and get64(c + 64) > 0 and get32(e + get64(c + 16)) != ABSENT:
                    w = p + get64(c + 56) * 8
                    for _ in range(get64(c + 64)):
                        _enter(p, w, b, r, mask, size, e, ordinal)
                        w += 80
                c += 88
        g += 48
    if get64(k + 48) != 0:
        _join_flow(p, p + get64(k + 48) * 8, keys, found, columns, e, ordinal)
    put64(ring + TAIL * 8, (ordinal + 1) & ORDINALS)


@kernel
def _look(p, a, keys, rings, found, columns, now, out):  # type: ignore[no-untyped-def]  # compiled
    """Answer every window of one access for one judged row."""
    group = get64(a)
    complete, low, high = fingerprint(p, group, get64(a + 16), get64(a + 24), columns)
    if not complete:
        values_at, known_at, n, column = out
        f = p + get64(a + 56) * 8
        for _ in range(get64(a + 64)):
            place = get64(f + 48) * n + column
            put64(values_at + place * 8, 0)
            put8(known_at + place, 0)
            f += 56
        return
    ring = rings + get64(a + 32) * 32
    # A kind of which no event is held has no keys: spares a miss for each rare kind of fact.
    b = find(keys, low, high) if get64(ring) != get64(ring + TAIL * 8) else NONE
    if get64(a + 72) == 1:
        at = found + group * 32
        put64(at, b)
        put64(at + 8, LOOKED_UP)
        put64(at + 16, low)
        put64(at + 24, high)
    mask, r = get64(ring + MASK * 8), get64(ring + ROWS * 8)
    size = get64(p + get64(a + 32) * KIND_BYTES)
    if b != NONE:
        chains = p + get64(a + 40) * 8
        for i in range(get64(a + 48)):
            _advance(p, p + get64(chains + i * 8) * 8, b, r, mask, size, now)
        if get64(a + 72) == 1 and get64(a + 48) == get64(p + get64(a + 8) * 8 + 24):
            put64(found + group * 32 + 8, ADVANCED)
    _answer_all(p, a, b, r, mask, size, now, out)


@inlined
def _ask_for_windows(p, a, b, ring):  # type: ignore[no-untyped-def]  # compiled
    """Have the newest event and the oldest of each window of an access's first chain fetched."""
    mask, r = get64(ring + MASK * 8), get64(ring + ROWS * 8)
    size = get64(p + get64(a + 32) * KIND_BYTES)
    c = p + get64(p + get64(a + 40) * 8) * 8
    newest = get32(b + get64(c + 32))
    if newest >= 0:
        prefetch(r + (newest & mask) * size)
    w = p + get64(c + 56) * 8
    for _ in range(get64(c + 64)):
        tail = get32(b + get64(w + 8))
        if tail >= 0:
            prefetch(r + (tail & mask) * size)
        w += 80


@kernel
def _ask_for(p, accesses_at, accesses, keys, rings, columns, step):  # type: ignore[no-untyped-def]  # compiled
    """Have what a later row will look up fetched, in steps: its slots, its records, its events.

    Each step reads only what the one before it asked for; none changes anything.
    """
    pool, slots, mask = get64(keys + POOL * 8), get64(keys + SLOTS * 8), get64(keys + SLOT_MASK * 8)
    a = p + accesses_at * 8
    for _ in range(accesses):
        ring = rings + get64(a + 32) * 32
        complete = False
        if get64(ring) != get64(ring + TAIL * 8):
            complete, low, _ = fingerprint(p, get64(a), get64(a + 16), get64(a + 24), columns)
        if complete:
            slot_at = slots + ((low & _LOW) & mask) * 8
            if step == 0:
                prefetch(slot_at)
            elif get64(slot_at) != 0:
                b = pool + ((get64(slot_at) & _LOW) - 1) * 8
                if step == 1:
                    for offset in range(0, get64(p + get64(a + 8) * 8), CACHE_LINE):
                        prefetch(b + offset)
                elif get64(b) == low:
                    _ask_for_windows(p, a, b, ring)
        a += 80


@kernel
def observe(
    program: NDArray[np.int64],
    accesses_at: int,
    accesses: int,
    groups: int,
    first_groups: NDArray[np.int64],
    keys_: NDArray[np.int64],
    rings_: NDArray[np.int64],
    batch: Batch,
    ints: NDArray[np.int64],
    known: NDArray[np.uint8],
) -> None:
    """Answer and add each fact of a batch, in order.

    ``ints`` [outputs, judged rows] takes int64 and float64 values; ``known`` uint8 is of the same
    shape. The memory has room for the batch (state.py sees to it). Helpers are handed addresses and
    small tuples of them, never arrays: an array is seven words to pass.
    """
    p, keys, rings = program.ctypes.data, keys_.ctypes.data, rings_.ctypes.data
    numbers, symbols = batch.numbers.ctypes.data, batch.symbols.ctypes.data
    passes, n = batch.passes.ctypes.data, len(batch.kinds)
    values_at, known_at, judged_rows = ints.ctypes.data, known.ctypes.data, ints.shape[1]
    found_ = np.zeros((groups + 2, 4), np.int64)
    found = found_.ctypes.data
    for row in range(n):
        kind = np.int64(batch.kinds[row])
        now = batch.known_at[row]
        column = batch.judged[row]
        columns = (numbers, symbols, passes, n, row)
        for step in range(3):
            later = row + LOOK_AHEAD * (3 - step)
            if later < n:
                ahead = (numbers, symbols, passes, n, later)
                _ask_for(p, accesses_at, accesses, keys, rings, ahead, step)
        k = p + kind * KIND_BYTES
        for g in range(groups):
            put64(found + g * 32, NONE)
            put64(found + g * 32 + 8, 0)
        if column >= 0:
            out = (values_at, known_at, judged_rows, column)
            a = p + accesses_at * 8
            for _ in range(accesses):
                _look(p, a, keys, rings, found, columns, now, out)
                a += 80
            if get64(k + 48) != 0:
                flow = p + get64(k + 48) * 8
                _walk(p, flow, keys, rings + kind * 32, get64(k), found, columns, now, out)
        if kind < KINDS and get64(k) > 0:
            ring = rings + kind * 32
            _join(p, k, keys, ring, first_groups[kind], found, columns, now)
            limit = now - get64(k + 8)
            for _ in range(REAP_BUDGET):
                oldest = get64(ring)
                e = get64(ring + ROWS * 8) + (oldest & get64(ring + MASK * 8)) * get64(k)
                if get64(e) > limit:
                    break
                _reap(p, k, keys, ring, now)
    found_[0, 0] = NONE  # the array must outlive the addresses taken from it


@kernel
def settle(program, keys_, rings_, now):  # type: ignore[no-untyped-def]  # compiled
    """Reap every event that no window can hold from ``now`` on."""
    p, keys, rings = program.ctypes.data, keys_.ctypes.data, rings_.ctypes.data
    for kind in range(len(rings_)):
        k, ring = p + kind * KIND_BYTES, rings + kind * 32
        while get64(k) > 0 and get64(ring) != get64(ring + TAIL * 8):
            oldest = get64(ring) & get64(ring + MASK * 8)
            if get64(get64(ring + ROWS * 8) + oldest * get64(k)) > now - get64(k + 8):
                break
            _reap(p, k, keys, ring, now)


# What is compiled into this file from others: 3000958e6f9a1008.
