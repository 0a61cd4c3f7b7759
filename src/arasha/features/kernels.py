"""The window kernel: exact sliding windows as linked chains through one event arena.

In: the columns of a batch in the order of the log, the tables of a plan, the store of a state. Out:
for each judged row, each window's answer as of just before it; then the row joins its own chains.

Each kind of fact has a ring of event rows; a row's number is its ordinal (mod 2**31), its place
ordinal & mask. A key's record holds, per window, the ordinal of the oldest event inside (``tail``)
and what the window counts. Time only goes forward, so a window advances by following the chain from
its tail; each event enters and leaves a window once, whatever the size of the window. A row leaves
the ring (it is *reaped*) once no window of its kind can hold it, after every pointer to it moved on.

::

    key record            ring of events of one kind (oldest first)
    tail ─────────────▶ [ a ]──next──▶ [ b ]──next──▶ [ c ] ◀───────── newest
                         └── in window ─────────────────┘

``distinct`` counts an event when no earlier event of the same value is inside, and uncounts a
leaving one when no later is: the chain by (key, value) tells both. ``max`` keeps, of a chain, the
events not followed by a larger one, linked both ways; each window has a pointer (``front``) to its
first. All helpers live in this file because compiled kernels are cached per file.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arasha.events.kernels import kernel
from arasha.features.plan import Tables

NONE: Final = -1
"""End of a chain; no event."""

ABSENT: Final = -2
"""In a link word: the event is not in this chain. On a stack: it was popped."""

ORDINALS: Final = 2**31 - 1
"""Mask of ordinals; more events than this are never held at once."""

REAP_BUDGET: Final = 8
"""Events reaped at most per fact, so that one fact after a long silence costs no pause."""

HEAD, TAIL, MASK = range(3)
"""Columns of ``Store.rings``: oldest ordinal held, next ordinal, places - 1."""

KEYS_USED, RECORDS_TOP = range(2)
"""Places in ``Store.counters``: records in use; first word of the pool never used."""

_MISSING: Final = np.int64(-(2**63))
_U0, _U1, _U32 = np.uint64(0), np.uint64(1), np.uint64(32)
_LOW: Final = np.uint64(0xFFFFFFFF)
_MIX_A, _MIX_B = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_MIX_C, _MIX_D = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


class Store(NamedTuple):
    """The memory of a state, changed in place by the kernel; grown only between calls."""

    rings: NDArray[np.int64]  # [KINDS, 3]
    events: tuple[NDArray[np.int32], ...]  # a flat ring for each kind
    pool: NDArray[np.int32]  # key records
    slots: NDArray[np.int64]  # hash table: (tag << 32) | (record + 1), 0 when free
    free: NDArray[np.int64]  # per group: first free record, -1
    counters: NDArray[np.int64]


class Batch(NamedTuple):
    """The columns the kernel reads. ``judged`` says which output row a fact is answered in."""

    kinds: NDArray[np.uint8]  # [n]
    known_at: NDArray[np.int64]  # [n]
    judged: NDArray[np.int64]  # [n], -1 = not judged
    numbers: NDArray[np.int64]  # [columns, n]
    symbols: NDArray[np.uint64]  # [columns, n, 2]
    passes: NDArray[np.uint8]  # [filters, n]


@kernel
def _fingerprint(group, tables, first, to, batch, row):  # type: ignore[no-untyped-def]  # compiled
    """(known, low, high): 128 bits of a key; known False when a part is unknown."""
    low = np.uint64(group + 1) * _MIX_A
    high = np.uint64(group + 1) * _MIX_B
    for p in range(first, to):
        column = tables.parts[p, 1]
        if tables.parts[p, 0] == 1:
            a = batch.symbols[column, row, 0]
            b = batch.symbols[column, row, 1]
            if a == _U0 and b == _U0:
                return False, _U0, _U0
        else:
            number = batch.numbers[column, row]
            if number == _MISSING:
                return False, _U0, _U0
            a = np.uint64(number)
            b = _U0
        low = (low ^ a) * _MIX_C
        low ^= low >> _U32
        high = ((high ^ b) + (low * _MIX_D)) * _MIX_A
        high ^= high >> np.uint64(29)
    low = (low ^ (low >> np.uint64(31))) * _MIX_D
    low ^= low >> np.uint64(33)
    return True, low, high


@kernel
def _find(store, pool64, low, high):  # type: ignore[no-untyped-def]  # compiled
    """The record of a key (its place in 64-bit words), or NONE."""
    slots = store.slots
    mask = np.int64(len(slots) - 1)
    tag = np.int64(low & _LOW)
    place = tag & mask
    while True:
        slot = slots[place]
        if slot == 0:
            return np.int64(NONE)
        if (slot >> 32) & np.int64(0xFFFFFFFF) == tag:
            record = (slot & np.int64(0xFFFFFFFF)) - 1
            if pool64[record] == np.int64(low) and pool64[record + 1] == np.int64(high):
                return record
        place = (place + 1) & mask


@kernel
def _create(store, pool64, tables, group, low, high):  # type: ignore[no-untyped-def]  # compiled
    """A fresh record for a key that has none."""
    words = tables.groups[group, 0]
    record = store.free[group]
    if record != NONE:
        store.free[group] = np.int64(pool64[record])
    else:
        record = store.counters[RECORDS_TOP]
        store.counters[RECORDS_TOP] = record + words // 2
    pool64[record] = np.int64(low)
    pool64[record + 1] = np.int64(high)
    base = 2 * record
    for w in range(base + 4, base + words):
        store.pool[w] = 0
    for c in range(tables.groups[group, 2], tables.groups[group, 3]):
        store.pool[base + tables.chains[c, 3]] = NONE
        store.pool[base + tables.chains[c, 5]] = NONE
        if tables.chains[c, 4] >= 0:
            store.pool[base + tables.chains[c, 4]] = NONE
        for w in range(tables.chains[c, 6], tables.chains[c, 7]):
            store.pool[base + tables.windows[w, 0]] = NONE
            for i in range(tables.windows[w, 2], tables.windows[w, 3]):
                if tables.items[i, 0] == 3:
                    store.pool[base + tables.items[i, 2]] = NONE
    mask = np.int64(len(store.slots) - 1)
    tag = np.int64(low & _LOW)
    place = tag & mask
    while store.slots[place] != 0:
        place = (place + 1) & mask
    store.slots[place] = (tag << 32) | (record + 1)
    store.counters[KEYS_USED] += 1
    return record


@kernel
def _remove(store, pool64, group, record):  # type: ignore[no-untyped-def]  # compiled
    """Forget a key that no event is filed under; its hash chain closes up behind it."""
    slots = store.slots
    mask = np.int64(len(slots) - 1)
    tag = np.int64(np.uint64(pool64[record]) & _LOW)
    place = tag & mask
    while (slots[place] & np.int64(0xFFFFFFFF)) != record + 1:
        place = (place + 1) & mask
    hole = place
    while True:
        place = (place + 1) & mask
        slot = slots[place]
        if slot == 0:
            break
        home = ((slot >> 32) & np.int64(0xFFFFFFFF)) & mask
        if ((place - home) & mask) >= ((place - hole) & mask):
            slots[hole] = slot
            hole = place
    slots[hole] = 0
    pool64[record] = store.free[group]
    store.free[group] = record
    store.counters[KEYS_USED] -= 1


@kernel
def _add_wide(pool64, at, high, low):  # type: ignore[no-untyped-def]  # compiled
    """A 128-bit sum in two words (low, high) takes another 128-bit number."""
    old = np.uint64(pool64[at])
    new = old + low
    carry = _U1 if new < old else _U0
    pool64[at] = np.int64(new)
    pool64[at + 1] = np.int64(np.uint64(pool64[at + 1]) + high + carry)


@kernel
def _take_wide(pool64, at, high, low):  # type: ignore[no-untyped-def]  # compiled
    """The reverse of ``_add_wide``."""
    old = np.uint64(pool64[at])
    borrow = _U1 if old < low else _U0
    pool64[at] = np.int64(old - low)
    pool64[at + 1] = np.int64(np.uint64(pool64[at + 1]) - high - borrow)


@kernel
def _multiply(a, b):  # type: ignore[no-untyped-def]  # compiled
    """uint64 × uint64 as (high, low)."""
    a_low, a_high = a & _LOW, a >> _U32
    b_low, b_high = b & _LOW, b >> _U32
    bottom = a_low * b_low
    middle = a_high * b_low + (bottom >> _U32)
    cross = a_low * b_high + (middle & _LOW)
    high = a_high * b_high + (middle >> _U32) + (cross >> _U32)
    return high, (cross << _U32) | (bottom & _LOW)


@kernel
def _enter(tables, pool, pool64, base, events, events64, at, when, w, mask, words):  # type: ignore[no-untyped-def]  # compiled
    """The event at word ``at`` (at time ``when``) comes into a window. Fronts are the stack's."""
    tail_word = base + tables.windows[w, 0]
    tail = pool[tail_word]
    for i in range(tables.windows[w, 2], tables.windows[w, 3]):
        what = tables.items[i, 0]
        word = base + tables.items[i, 2]
        if what == 0:
            value = np.uint64(events64[(at + tables.items[i, 1]) >> 1])
            _add_wide(pool64, word >> 1, _U0, value)
        elif what == 1:
            value = np.uint64(events64[(at + tables.items[i, 1]) >> 1])
            high, low = _multiply(value, value)
            _add_wide(pool64, word >> 1, high, low)
        elif what == 2:
            before = events[at + tables.items[i, 4]]
            inside = False
            if before >= 0 and tail >= 0:
                before_at = np.int64(before & mask) * words
                tail_at = np.int64(tail & mask) * words
                inside = events64[before_at >> 1] >= events64[tail_at >> 1]
            if not inside:
                pool[word] += 1
    pool[tail_word + 1] += 1
    return tail


@kernel
def _leave(tables, pool, pool64, base, events, events64, at, w, mask, words, edge, delayed):  # type: ignore[no-untyped-def]  # compiled
    """The event at word ``at`` goes out of a window; it is the window's oldest."""
    for i in range(tables.windows[w, 2], tables.windows[w, 3]):
        what = tables.items[i, 0]
        word = base + tables.items[i, 2]
        if what == 0:
            value = np.uint64(events64[(at + tables.items[i, 1]) >> 1])
            _take_wide(pool64, word >> 1, _U0, value)
        elif what == 1:
            value = np.uint64(events64[(at + tables.items[i, 1]) >> 1])
            high, low = _multiply(value, value)
            _take_wide(pool64, word >> 1, high, low)
        elif what == 2:
            later = events[at + tables.items[i, 3]]
            inside = later >= 0
            if inside and delayed:
                inside = events64[(np.int64(later & mask) * words) >> 1] <= edge
            if not inside:
                pool[word] -= 1
    pool[base + tables.windows[w, 0] + 1] -= 1


@kernel
def _push(tables, pool, base, chain, events, events64, ordinal, mask, words, below):  # type: ignore[no-untyped-def]  # compiled
    """An event that came in goes on the chain's stacks of largest (or smallest) values."""
    at = np.int64(ordinal & mask) * words
    for s in range(tables.chains[chain, 8], tables.chains[chain, 9]):
        sign = np.int64(tables.stacks[s, 0])
        value_word, older, newer = tables.stacks[s, 1], tables.stacks[s, 2], tables.stacks[s, 3]
        value = events64[(at + value_word) >> 1] * sign
        top = below
        while top >= 0:
            top_at = np.int64(top & mask) * words
            if events64[(top_at + value_word) >> 1] * sign > value:
                break
            events[top_at + newer] = ABSENT
            top = events[top_at + older]
        events[at + older] = top
        events[at + newer] = NONE
        if top >= 0:
            events[np.int64(top & mask) * words + newer] = ordinal
        for f in range(tables.stacks[s, 4], tables.stacks[s, 5]):
            word = base + tables.fronts[f]
            front = pool[word]
            if front < 0:
                pool[word] = ordinal
            else:
                front_at = np.int64(front & mask) * words
                if value >= events64[(front_at + value_word) >> 1] * sign:
                    pool[word] = ordinal


@kernel
def _advance(tables, pool, pool64, record, chain, events, events64, mask, words, now):  # type: ignore[no-untyped-def]  # compiled
    """Bring all windows of one chain of one key to the time ``now``."""
    base = 2 * record
    edge = now - tables.delays[chain]
    next_word = tables.chains[chain, 1]
    enter_word = tables.chains[chain, 4]
    delayed = enter_word >= 0
    waiting = np.int32(NONE)
    if delayed:
        waiting = pool[base + enter_word]
        while waiting >= 0:
            at = np.int64(waiting & mask) * words
            when = events64[at >> 1]
            if when > edge:
                break
            for w in range(tables.chains[chain, 6], tables.chains[chain, 7]):
                if _enter(tables, pool, pool64, base, events, events64, at, when, w, mask, words) < 0:
                    pool[base + tables.windows[w, 0]] = waiting
            below = pool[base + tables.chains[chain, 5]]
            _push(tables, pool, base, chain, events, events64, waiting, mask, words, below)
            pool[base + tables.chains[chain, 5]] = waiting
            waiting = events[at + next_word]
        pool[base + enter_word] = waiting
    for w in range(tables.chains[chain, 6], tables.chains[chain, 7]):
        cutoff = edge - tables.spans[w, 0]
        tail_word = base + tables.windows[w, 0]
        tail = pool[tail_word]
        if tail < 0:
            continue
        at = np.int64(tail & mask) * words
        if events64[at >> 1] > cutoff:
            continue
        while True:
            _leave(tables, pool, pool64, base, events, events64, at, w, mask, words, edge, delayed)
            tail = events[at + next_word]
            if tail < 0 or (delayed and tail == waiting):
                tail = np.int32(NONE)
                break
            at = np.int64(tail & mask) * words
            if events64[at >> 1] > cutoff:
                break
        pool[tail_word] = tail
        for i in range(tables.windows[w, 2], tables.windows[w, 3]):
            if tables.items[i, 0] == 3:
                word = base + tables.items[i, 2]
                front = pool[word]
                while front >= 0:
                    front_at = np.int64(front & mask) * words
                    if events64[front_at >> 1] > cutoff:
                        break
                    front = events[front_at + tables.items[i, 3]]
                pool[word] = front


@kernel
def _wide_float(high, low):  # type: ignore[no-untyped-def]  # compiled
    """An unsigned 128-bit number as a float."""
    return float(high) * 18446744073709551616.0 + float(low)


@kernel
def _spread(count, sum_high, sum_low, squares_high, squares_low):  # type: ignore[no-untyped-def]  # compiled
    """Population standard deviation from exact sums.

    With m = S // n and r = S - m·n, the sum of (x - m)² is S2 - m·(S + r), exact modulo 2**128;
    the variance is (that - r²/n) / n. Values are below 2**50, so nothing overflows.
    """
    n = np.uint64(count)
    top = (sum_high << _U32) | (sum_low >> _U32)
    quotient_top = top // n
    rest = ((top - quotient_top * n) << _U32) | (sum_low & _LOW)
    quotient_bottom = rest // n
    mean = (quotient_top << _U32) + quotient_bottom
    rest = rest - quotient_bottom * n
    factor_low = sum_low + rest
    factor_high = sum_high + (_U1 if factor_low < sum_low else _U0)
    product_high, product_low = _multiply(mean, factor_low)
    product_high += mean * factor_high
    low = squares_low - product_low
    high = squares_high - product_high - (_U1 if squares_low < product_low else _U0)
    deviation = _wide_float(high, low) - float(rest) * float(rest) / float(count)
    return np.sqrt(max(deviation, 0.0) / float(count))


@kernel
def _answer(tables, pool, pool64, record, f, events, events64, mask, words, now, ints, floats, known, row):  # type: ignore[no-untyped-def]  # compiled
    """Write one window's answer for one judged row; ``record`` NONE means no such key."""
    code, w, chain = tables.features[f, 0], tables.features[f, 1], tables.features[f, 2]
    output = tables.features[f, 6]
    base = 2 * record
    count = np.int64(0)
    if record != NONE:
        count = np.int64(pool[base + tables.windows[w, 1]])
    if code == 0 or code == 9:  # count, exists
        ints[output, row] = count if code == 0 else np.int64(count > 0)
        known[output, row] = 1
        return
    word = base + tables.features[f, 3]
    if code == 6:  # distinct
        ints[output, row] = np.int64(pool[word]) if count > 0 else np.int64(0)
        known[output, row] = 1
        return
    if count == 0:
        ints[output, row] = 0
        known[output, row] = np.uint8(code == 1)
        return
    known[output, row] = 1
    if code == 1:  # sum, held at the largest int64 should it ever pass it
        high, low = pool64[(word >> 1) + 1], pool64[word >> 1]
        ints[output, row] = np.int64(2**63 - 1) if high != 0 or low < 0 else low
    elif code == 2:  # mean
        high, low = np.uint64(pool64[(word >> 1) + 1]), np.uint64(pool64[word >> 1])
        floats[output, row] = _wide_float(high, low) / float(count)
    elif code == 3 or code == 4:  # min, max
        at = np.int64(pool[word] & mask) * words
        ints[output, row] = events64[(at + tables.features[f, 5]) >> 1]
    elif code == 5:  # std
        other = (base + tables.features[f, 4]) >> 1
        floats[output, row] = _spread(
            count,
            np.uint64(pool64[(word >> 1) + 1]), np.uint64(pool64[word >> 1]),
            np.uint64(pool64[other + 1]), np.uint64(pool64[other]),
        )  # fmt: skip
    else:  # first, last
        where = tables.windows[w, 0] if code == 7 else tables.chains[chain, 5]
        at = np.int64(pool[base + where] & mask) * words
        ints[output, row] = now - events64[at >> 1]


@kernel
def _reap(tables, store, pool64, kind, events, events64, now):  # type: ignore[no-untyped-def]  # compiled
    """The oldest event of a kind leaves the ring: every pointer to it moves on first."""
    pool = store.pool
    words, mask = tables.kind_words[kind, 0], store.rings[kind, MASK]
    ordinal = np.int32(store.rings[kind, HEAD])
    at = np.int64(ordinal & mask) * words
    for g in range(tables.kinds[kind, 0], tables.kinds[kind, 1]):
        record = np.int64(events[at + tables.groups[g, 1]])
        if record == NONE:
            continue
        base = 2 * record
        for c in range(tables.groups[g, 2], tables.groups[g, 3]):
            later = events[at + tables.chains[c, 1]]
            if later == ABSENT:
                continue
            _advance(tables, pool, pool64, record, c, events, events64, mask, words, now)
            previous_word = tables.chains[c, 2]
            if previous_word >= 0 and later >= 0:
                events[np.int64(later & mask) * words + previous_word] = NONE
            for s in range(tables.chains[c, 8], tables.chains[c, 9]):
                newer = events[at + tables.stacks[s, 3]]
                if newer >= 0:
                    events[np.int64(newer & mask) * words + tables.stacks[s, 2]] = NONE
            if pool[base + tables.chains[c, 5]] == ordinal:
                pool[base + tables.chains[c, 5]] = NONE
            if pool[base + tables.chains[c, 3]] == ordinal:
                pool[base + tables.chains[c, 3]] = NONE
        pool[base + 4] -= 1
        if pool[base + 4] == 0:
            _remove(store, pool64, g, record)
    store.rings[kind, HEAD] = (np.int64(ordinal) + 1) & ORDINALS


@kernel
def _join(tables, store, pool64, batch, row, kind, events, events64, now):  # type: ignore[no-untyped-def]  # compiled
    """A fact becomes an event: a row in its kind's ring, in each chain whose filter it passes."""
    pool = store.pool
    words, mask = tables.kind_words[kind, 0], store.rings[kind, MASK]
    ordinal = np.int32(store.rings[kind, TAIL])
    at = np.int64(ordinal & mask) * words
    events64[at >> 1] = now
    for v in range(tables.kinds[kind, 2], tables.kinds[kind, 3]):
        value = batch.numbers[tables.values[v, 0], row]
        events64[(at + tables.values[v, 1]) >> 1] = value
    for g in range(tables.kinds[kind, 0], tables.kinds[kind, 1]):
        known, low, high = _fingerprint(
            g, tables, tables.groups[g, 4], tables.groups[g, 5], batch, row
        )
        record = np.int64(NONE)
        passing = False
        if known:
            for c in range(tables.groups[g, 2], tables.groups[g, 3]):
                filter_ = tables.chains[c, 0]
                if filter_ < 0 or batch.passes[filter_, row] == 1:
                    passing = True
                    break
        if passing:
            record = _find(store, pool64, low, high)
            if record == NONE:
                record = _create(store, pool64, tables, g, low, high)
            pool[2 * record + 4] += 1
        events[at + tables.groups[g, 1]] = np.int32(record)
        for c in range(tables.groups[g, 2], tables.groups[g, 3]):
            filter_ = tables.chains[c, 0]
            if record == NONE or (filter_ >= 0 and batch.passes[filter_, row] != 1):
                events[at + tables.chains[c, 1]] = ABSENT
                continue
            _link(tables, pool, 2 * record, c, events, ordinal, mask, words)
    # Windows after links: a distinct window needs the (key, value) chain linked first.
    for g in range(tables.kinds[kind, 0], tables.kinds[kind, 1]):
        record = np.int64(events[at + tables.groups[g, 1]])
        if record == NONE:
            continue
        base = 2 * record
        for c in range(tables.groups[g, 2], tables.groups[g, 3]):
            if tables.chains[c, 4] >= 0 or events[at + tables.chains[c, 1]] == ABSENT:
                continue
            _advance(tables, pool, pool64, record, c, events, events64, mask, words, now)
            for w in range(tables.chains[c, 6], tables.chains[c, 7]):
                if _enter(tables, pool, pool64, base, events, events64, at, now, w, mask, words) < 0:
                    pool[base + tables.windows[w, 0]] = ordinal
            if tables.chains[c, 9] > tables.chains[c, 8]:
                # ``newest`` already is this event; the stack's top is the one before it.
                below = events[at + tables.stacks[tables.chains[c, 8], 2]]
                _push(tables, pool, base, c, events, events64, ordinal, mask, words, below)
    store.rings[kind, TAIL] = (np.int64(ordinal) + 1) & ORDINALS


@kernel
def _link(tables, pool, base, chain, events, ordinal, mask, words):  # type: ignore[no-untyped-def]  # compiled
    """Hang the event at the newest end of a chain."""
    at = np.int64(ordinal & mask) * words
    next_word, previous_word = tables.chains[chain, 1], tables.chains[chain, 2]
    newest_word = base + tables.chains[chain, 3]
    newest = pool[newest_word]
    if newest >= 0:
        events[np.int64(newest & mask) * words + next_word] = ordinal
    events[at + next_word] = NONE
    if previous_word >= 0:
        events[at + previous_word] = newest
    for s in range(tables.chains[chain, 8], tables.chains[chain, 9]):
        events[at + tables.stacks[s, 2]] = newest
        events[at + tables.stacks[s, 3]] = NONE
    enter_word = tables.chains[chain, 4]
    if enter_word >= 0 and pool[base + enter_word] < 0:
        pool[base + enter_word] = ordinal
    pool[newest_word] = ordinal


@kernel
def observe(tables: Tables, store: Store, batch: Batch, ints, floats, known) -> None:  # type: ignore[no-untyped-def]  # compiled
    """Answer and add each fact of a batch, in order.

    ``ints``/``floats`` are one block of memory [outputs, judged rows] seen as int64 and float64;
    ``known`` uint8 of the same shape. The store has room for the batch (state.py sees to it).
    """
    pool64 = store.pool.view(np.int64)
    for row in range(len(batch.kinds)):
        kind = np.int64(batch.kinds[row])
        now = batch.known_at[row]
        column = batch.judged[row]
        if column >= 0:
            for a in range(len(tables.accesses)):
                _look(tables, store, pool64, batch, row, a, now, ints, floats, known, column)
        if tables.kind_words[kind, 0] > 0:
            events = store.events[kind]
            events64 = events.view(np.int64)
            _join(tables, store, pool64, batch, row, kind, events, events64, now)
            words, mask = tables.kind_words[kind, 0], store.rings[kind, MASK]
            limit = now - tables.kind_words[kind, 1]
            for _ in range(REAP_BUDGET):
                oldest = store.rings[kind, HEAD]
                if events64[((oldest & mask) * words) >> 1] > limit:
                    break
                _reap(tables, store, pool64, kind, events, events64, now)


@kernel
def _look(tables, store, pool64, batch, row, a, now, ints, floats, known, column):  # type: ignore[no-untyped-def]  # compiled
    """Answer every window of one access for one judged row."""
    group = tables.accesses[a, 0]
    kind = tables.accesses[a, 7]
    complete, low, high = _fingerprint(
        group, tables, tables.accesses[a, 1], tables.accesses[a, 2], batch, row
    )
    first, to = tables.accesses[a, 5], tables.accesses[a, 6]
    if not complete:
        for f in range(first, to):
            known[tables.features[f, 6], column] = 0
            ints[tables.features[f, 6], column] = 0
        return
    events = store.events[kind]
    events64 = events.view(np.int64)
    words, mask = tables.kind_words[kind, 0], store.rings[kind, MASK]
    record = _find(store, pool64, low, high)
    if record != NONE:
        for c in range(tables.accesses[a, 3], tables.accesses[a, 4]):
            _advance(
                tables, store.pool, pool64, record, tables.advanced[c],
                events, events64, mask, words, now,
            )  # fmt: skip
    for f in range(first, to):
        _answer(
            tables, store.pool, pool64, record, f, events, events64, mask, words, now,
            ints, floats, known, column,
        )  # fmt: skip


@kernel
def rehash(old: NDArray[np.int64], new: NDArray[np.int64]) -> None:
    """Move every key of a table into a larger, empty one. Sizes are powers of two."""
    mask = np.int64(len(new) - 1)
    for slot in old:
        if slot != 0:
            place = (slot >> 32) & np.int64(0xFFFFFFFF) & mask
            while new[place] != 0:
                place = (place + 1) & mask
            new[place] = slot
