"""The records of keys: found by fingerprint, made for a new key, forgotten with its last event.

Below the window kernel. In: the columns of a fact, the parts of a key. Out: the address of the
key's record.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.events.kernels import inlined, kernel
from arasha.features.memory import get64, put32, put64

NONE: Final = -1
"""End of a chain; no event; no key."""

KEYS_USED, RECORDS_TOP, POOL, SLOTS, SLOT_MASK, FREE, SCRATCH, OLD_SLOTS, OLD_MASK, MOVED = range(
    10
)
"""Words of ``keys``: records in use; bytes of the pool ever used; addresses of the pool, of the key
table, its mask, the address of the first free record of each group; that of the walks' memory; of
the smaller key table that is being left its address, its mask (-1: there is none) and how many of
its slots have moved."""

KEY_WORDS: Final = 10

_GONE: Final = -1  # no slot: no record's place is so large
_MISSING: Final = -(2**63)
_LOW: Final = 0xFFFFFFFF
_U0, _U32 = np.uint64(0), np.uint64(32)
_MIX_A, _MIX_B = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_MIX_C, _MIX_D = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@inlined
def fingerprint(p, group, parts, n_parts, columns):  # type: ignore[no-untyped-def]  # compiled
    """(known, low, high): 128 bits of a key; known False when a part is unknown."""
    numbers, symbols, _, n, row = columns
    low = np.uint64(group + 1) * _MIX_A
    high = np.uint64(group + 1) * _MIX_B
    for k in range(n_parts):
        part = p + (parts + 2 * k) * 8
        place = get64(part + 8) * n + row
        if get64(part) == 1:
            a = np.uint64(get64(symbols + place * 16))
            b = np.uint64(get64(symbols + place * 16 + 8))
            if a == _U0 and b == _U0:
                return False, 0, 0
        else:
            number = get64(numbers + place * 8)
            if number == _MISSING:
                return False, 0, 0
            a = np.uint64(number)
            b = _U0
        low = (low ^ a) * _MIX_C
        low ^= low >> _U32
        high = ((high ^ b) + (low * _MIX_D)) * _MIX_A
        high ^= high >> np.uint64(29)
    low = (low ^ (low >> np.uint64(31))) * _MIX_D
    low ^= low >> np.uint64(33)
    return True, np.int64(low), np.int64(high)


@kernel
def _find_old(keys, low, high):  # type: ignore[no-untyped-def]  # compiled
    """The same in the table that is being left. A slot that moved, or was left, is GONE there."""
    pool, slots = get64(keys + POOL * 8), get64(keys + OLD_SLOTS * 8)
    mask = get64(keys + OLD_MASK * 8)
    tag = low & _LOW
    place = tag & mask
    while True:
        slot = get64(slots + place * 8)
        if slot == 0:
            return NONE
        if slot != _GONE and (slot >> 32) & _LOW == tag:
            b = pool + ((slot & _LOW) - 1) * 8
            if get64(b) == low and get64(b + 8) == high:
                return b
        place = (place + 1) & mask


@inlined
def find(keys, low, high):  # type: ignore[no-untyped-def]  # compiled
    """The address of a key's record, or NONE. A slot is (tag << 32) | (record's place + 1)."""
    pool, slots, mask = get64(keys + POOL * 8), get64(keys + SLOTS * 8), get64(keys + SLOT_MASK * 8)
    tag = low & _LOW
    place = tag & mask
    while True:
        slot = get64(slots + place * 8)
        if slot == 0:
            return _find_old(keys, low, high) if get64(keys + OLD_MASK * 8) >= 0 else NONE
        if (slot >> 32) & _LOW == tag:
            b = pool + ((slot & _LOW) - 1) * 8
            if get64(b) == low and get64(b + 8) == high:
                return b
        place = (place + 1) & mask


@inlined
def _put_slot(keys, slot):  # type: ignore[no-untyped-def]  # compiled
    """Put a slot that is not in the key table into it."""
    slots, mask = get64(keys + SLOTS * 8), get64(keys + SLOT_MASK * 8)
    place = ((slot >> 32) & _LOW) & mask
    while get64(slots + place * 8) != 0:
        place = (place + 1) & mask
    put64(slots + place * 8, slot)


@kernel
def create(p, keys, group, group_at, low, high):  # type: ignore[no-untyped-def]  # compiled
    """A fresh record for a key that has none."""
    g = p + group_at * 8
    size = get64(g)
    free = get64(keys + FREE * 8) + group * 8
    place = get64(free)
    if place != NONE:
        put64(free, get64(get64(keys + POOL * 8) + place * 8))
    else:
        top = get64(keys + RECORDS_TOP * 8)
        place = top >> 3
        put64(keys + RECORDS_TOP * 8, top + size)
    b = get64(keys + POOL * 8) + place * 8
    put64(b, low)
    put64(b + 8, high)
    for at in range(16, size, 8):
        put64(b + at, 0)
    for k in range(get64(g + 24)):
        c = p + (get64(g + 16) + 11 * k) * 8
        put32(b + get64(c + 32), NONE)
        put32(b + get64(c + 48), NONE)
        if get64(c + 40) >= 0:
            put32(b + get64(c + 40), NONE)
        for j in range(get64(c + 64)):
            w = p + (get64(c + 56) + 10 * j) * 8
            put32(b + get64(w + 8), NONE)
            for i in range(get64(w + 72)):
                put32(b + get64(p + (get64(w + 64) + 2 * i) * 8), NONE)
    _put_slot(keys, ((low & _LOW) << 32) | (place + 1))
    put64(keys, get64(keys) + 1)
    return b


@inlined
def _close_up(keys, tag, record):  # type: ignore[no-untyped-def]  # compiled
    """Take a record's slot out of the key table, which closes up behind; False: it has none."""
    slots, mask = get64(keys + SLOTS * 8), get64(keys + SLOT_MASK * 8)
    hole = tag & mask
    while (get64(slots + hole * 8) & _LOW) != record:
        if get64(slots + hole * 8) == 0:
            return False
        hole = (hole + 1) & mask
    at = hole
    while True:
        at = (at + 1) & mask
        slot = get64(slots + at * 8)
        if slot == 0:
            break
        home = ((slot >> 32) & _LOW) & mask
        if ((at - home) & mask) >= ((at - hole) & mask):
            put64(slots + hole * 8, slot)
            hole = at
    put64(slots + hole * 8, 0)
    return True


@kernel
def _leave_out(keys, tag, record):  # type: ignore[no-untyped-def]  # compiled
    """Have a record's slot not move from the table that is being left."""
    slots, mask = get64(keys + OLD_SLOTS * 8), get64(keys + OLD_MASK * 8)
    place = tag & mask
    while (get64(slots + place * 8) & _LOW) != record:
        place = (place + 1) & mask
    put64(slots + place * 8, _GONE)


@kernel
def remove(keys, group, b, size):  # type: ignore[no-untyped-def]  # compiled
    """Forget a key that no event is filed under, and what it held."""
    place = (b - get64(keys + POOL * 8)) >> 3
    if not _close_up(keys, get64(b) & _LOW, place + 1):
        _leave_out(keys, get64(b) & _LOW, place + 1)
    for at in range(0, size, 8):
        put64(b + at, 0)
    free = get64(keys + FREE * 8) + group * 8
    put64(b, get64(free))
    put64(free, place)
    put64(keys, get64(keys) - 1)


@kernel
def move_slots(keys_: NDArray[np.int64], count: int) -> bool:
    """Move the next ``count`` slots of the table that is being left; whether none is left."""
    keys = keys_.ctypes.data
    old, size = get64(keys + OLD_SLOTS * 8), get64(keys + OLD_MASK * 8) + 1
    moved = get64(keys + MOVED * 8)
    stop = min(size, moved + count)
    while moved < stop:
        slot = get64(old + moved * 8)
        if slot != 0 and slot != _GONE:
            _put_slot(keys, slot)
            put64(old + moved * 8, _GONE)
        moved += 1
    put64(keys + MOVED * 8, moved)
    return bool(moved == size)


# What is compiled into this file from others: 2ea3dd7a65329dca.
