"""Kernels of the table of habits: one row a number, found by its token, counted up call by call.

A row's place is looked up in an open-addressed index (-1: free). Callees are counted by a bitmap of
256 bits a generation: of n bits set about -256 ln(1 - n/256) different numbers were called.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from arasha.events.kernels import kernel
from arasha.events.schema import CALL_CHANGES, CALL_ROUTES, Kind

Table: TypeAlias = tuple[NDArray[Any], ...]

CALLS, RECEIVED, ANSWERED, ENDED, TOLD, LONG, AT_NIGHT, FOREIGN, MET, REPORTED = range(10)
COUNTS: Final = 10
"""Columns of the counts. ANSWERED and ENDED are of what became of calls, TOLD of calls that came
with it; MET are calls to numbers that found ones call, too."""

WORDS: Final = 4
"""64-bit words of a bitmap of callees."""

ROWS, NOW, UNCOUNTED, OUTCOMES = range(4)
"""Places of ``about``: rows in use, the generation that counts, calls of numbers for which there
was no room, calls of which it is known that somebody took them."""

LONG_MS: Final = 10 * 60_000
"""A talk of so long is a long one, ms."""

_NIGHT_ENDS_MS: Final = 6 * 3_600_000
_DAY_MS: Final = 24 * 3_600_000
_CALL, _CHANGE, _SIM, _REPORT = (
    int(Kind.CALL), int(Kind.CALL_CHANGE), int(Kind.SIM_CHANGE), int(Kind.REPORT),
)  # fmt: skip
_ANSWERED, _ENDED = CALL_CHANGES.index("answered"), CALL_CHANGES.index("ended")
_FOREIGN: Final = CALL_ROUTES.index("foreign")
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)


@kernel
def hashed(low: np.uint64, high: np.uint64) -> np.uint64:
    """A token as one number: tokens are random, so little is to be mixed."""
    mixed = (low ^ (high >> np.uint64(7))) * _MIX
    return mixed ^ (mixed >> np.uint64(29))


@kernel
def row_of(
    index: NDArray[np.int32], tokens: NDArray[np.uint64], about: NDArray[np.int64],
    low: np.uint64, high: np.uint64, add: bool,  # noqa: FBT001 - kernels take no keywords
) -> np.int64:  # fmt: skip
    """The row of a token; -1 where there is none, or no room for one more."""
    mask = np.int64(len(index) - 1)
    at = np.int64(hashed(low, high) & np.uint64(mask))
    while index[at] >= 0:
        row = np.int64(index[at])
        if tokens[row, 0] == low and tokens[row, 1] == high:
            return row
        at = (at + 1) & mask
    if not add or about[ROWS] >= len(tokens):
        return np.int64(-1)
    row = np.int64(about[ROWS])
    about[ROWS] += 1
    index[at] = row
    tokens[row, 0], tokens[row, 1] = low, high
    return row


@kernel
def rows_of(
    index: NDArray[np.int32], tokens: NDArray[np.uint64], about: NDArray[np.int64],
    wanted: NDArray[np.uint64], add: NDArray[np.bool_], out: NDArray[np.int64],
) -> None:  # fmt: skip
    """The row of each token; -1 where it has none and is not to be added, or there is no room."""
    for i in range(len(wanted)):
        out[i] = row_of(index, tokens, about, wanted[i, 0], wanted[i, 1], add[i])


@kernel
def reindex(index: NDArray[np.int32], tokens: NDArray[np.uint64], rows: int) -> None:
    """Make the index anew for the first rows."""
    index[:] = -1
    mask = np.int64(len(index) - 1)
    for row in range(rows):
        at = np.int64(hashed(tokens[row, 0], tokens[row, 1]) & np.uint64(mask))
        while index[at] >= 0:
            at = (at + 1) & mask
        index[at] = row


@kernel
def _is_in(seen: NDArray[np.uint64], value: np.uint64) -> bool:
    mask = np.int64(len(seen) - 1)
    at = np.int64(value & np.uint64(mask))
    while seen[at] != np.uint64(0):
        if seen[at] == value:
            return True
        at = (at + 1) & mask
    return False


@kernel
def _put_in(seen: NDArray[np.uint64], held: NDArray[np.int64], value: np.uint64) -> None:
    mask = np.int64(len(seen) - 1)
    if 2 * held[0] > mask:
        return
    at = np.int64(value & np.uint64(mask))
    while seen[at] != np.uint64(0):
        if seen[at] == value:
            return
        at = (at + 1) & mask
    seen[at] = value
    held[0] += 1


@kernel
def observe(
    index: NDArray[np.int32],
    tokens: NDArray[np.uint64],
    about: NDArray[np.int64],
    counts: NDArray[np.int32],
    bits: NDArray[np.uint64],
    device: NDArray[np.uint64],
    first_ms: NDArray[np.int64],
    ours: NDArray[np.bool_],
    hunted: NDArray[np.bool_],
    called: NDArray[np.uint64],
    called_held: NDArray[np.int64],
    kinds: NDArray[np.uint8],
    at_ms: NDArray[np.int64],
    callers: NDArray[np.uint64],
    callees: NDArray[np.uint64],
    numbers: NDArray[np.uint64],
    devices: NDArray[np.uint64],
    answered: NDArray[np.int64],
    duration: NDArray[np.int64],
    change: NDArray[np.int64],
    route: NDArray[np.int64],
    offset_ms: int,
) -> None:
    """Take in facts: the first eleven are the table, of the others each row is a fact."""
    now = about[NOW]
    for i in range(len(kinds)):
        kind = kinds[i]
        if kind in (_SIM, _REPORT):
            low, high = numbers[i, 0], numbers[i, 1]
        else:
            low, high = callers[i, 0], callers[i, 1]
        if low == np.uint64(0) and high == np.uint64(0):
            continue
        before = about[ROWS]
        row = row_of(index, tokens, about, low, high, kind in (_CALL, _SIM))
        if row < 0:
            if kind == _CALL:
                about[UNCOUNTED] += 1
            continue
        if about[ROWS] > before:
            first_ms[row] = at_ms[i]
        count = counts[now, row]
        if kind == _REPORT:
            count[REPORTED] += 1
        elif kind == _SIM:
            ours[row] = True
            if devices[i, 0] != np.uint64(0):
                device[row] = devices[i, 0]
        elif kind == _CHANGE:
            if change[i] == _ANSWERED:
                count[ANSWERED] += 1
                about[OUTCOMES] += 1
            elif change[i] == _ENDED:
                count[ENDED] += 1
                if duration[i] >= LONG_MS:
                    count[LONG] += 1
        else:
            count[CALLS] += 1
            if answered[i] == 1:
                count[TOLD] += 1
                about[OUTCOMES] += 1
                if duration[i] >= LONG_MS:
                    count[LONG] += 1
            if (at_ms[i] + offset_ms) % _DAY_MS < _NIGHT_ENDS_MS:
                count[AT_NIGHT] += 1
            if devices[i, 0] != np.uint64(0):
                ours[row] = True
                device[row] = devices[i, 0]
            elif route[i] == _FOREIGN:
                count[FOREIGN] += 1
            callee = hashed(callees[i, 0], callees[i, 1])
            bits[now, row, np.int64((callee >> np.uint64(6)) & np.uint64(3))] |= np.uint64(1) << (
                callee & np.uint64(63)
            )
            if callee != np.uint64(0):
                if hunted[row]:
                    _put_in(called[now], called_held[now : now + 1], callee)
                elif _is_in(called[0], callee) or _is_in(called[1], callee):
                    count[MET] += 1
            other = row_of(index, tokens, about, callees[i, 0], callees[i, 1], True)
            if other >= 0:
                if about[ROWS] > before and first_ms[other] == 0:
                    first_ms[other] = at_ms[i]
                counts[now, other, RECEIVED] += 1


@kernel
def bits_set(bits: NDArray[np.uint64], rows: NDArray[np.int64], out: NDArray[np.int64]) -> None:
    """How many bits each row's bitmaps have together."""
    one, two, four = np.uint64(1), np.uint64(2), np.uint64(4)
    for i in range(len(rows)):
        found = np.uint64(0)
        for word in range(WORDS):
            x = bits[0, rows[i], word] | bits[1, rows[i], word]
            x = x - ((x >> one) & np.uint64(0x5555555555555555))
            x = (x & np.uint64(0x3333333333333333)) + ((x >> two) & np.uint64(0x3333333333333333))
            x = (x + (x >> four)) & np.uint64(0x0F0F0F0F0F0F0F0F)
            found += (x * np.uint64(0x0101010101010101)) >> np.uint64(56)
        out[i] = np.int64(found)
