"""The body of an entry that keeps a fact: few bytes, canonical, packed and read by kernels.

Where on the path: between *happened* and *kept*. In: a batch of facts as columns. Out: ``Bodies``,
the plaintext bodies the log encrypts; and back. The same fact always packs to the same bytes, so
two bodies are equal exactly when the two facts say the same::

    u8 version | u8 kind | u32 numbers present | u32 symbols present |
    present numbers, i64 each | present symbols, 16 bytes each | u8 length of id | id, ASCII

Bit *i* of a mask stands for the *i*-th name of ``NUMBER_COLUMNS`` or ``SYMBOL_COLUMNS``; a value
that is unknown takes no room. All integers are little-endian.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.errors import LogDamaged, LogVersionError
from arasha.events.columns import Facts
from arasha.events.kernels import brief, kernel
from arasha.events.schema import MISSING, NUMBER_COLUMNS, SYMBOL_COLUMNS

Bytes = NDArray[np.uint8]
Offsets = NDArray[np.int64]

BODY_VERSION: Final = 1
"""Version of the layout above, the first byte of every fact's body."""

_FIXED: Final = 10  # bytes before the numbers
_MASK_BITS: Final = 32
_SENDER: Final = SYMBOL_COLUMNS.index("sender")

assert len(NUMBER_COLUMNS) <= _MASK_BITS
assert len(SYMBOL_COLUMNS) <= _MASK_BITS
_LIMITS: Final = (1 << len(NUMBER_COLUMNS)) - 1, (1 << len(SYMBOL_COLUMNS)) - 1
"""The largest masks. The kernel is told them with each call: machine code kept on disk would know
no column that came since.
"""


@dataclass(frozen=True, slots=True)
class Bodies:
    """n bodies end to end: body i is ``data[offsets[i]:offsets[i + 1]]``.

    ``offsets`` int64[n + 1] starts at 0 and never falls; ``data`` uint8[offsets[n]].
    """

    offsets: Offsets
    data: Bytes

    def __post_init__(self) -> None:
        assert len(self.offsets) >= 1
        assert self.offsets[0] == 0
        assert self.offsets[-1] == len(self.data)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> bytes:
        """The body of that row."""
        return self.data[self.offsets[row] : self.offsets[row + 1]].tobytes()

    def take(self, rows: NDArray[np.intp]) -> Bodies:
        """The bodies at those rows, in that order."""
        picked = rows.astype(np.int64)
        offsets = offsets_of(np.diff(self.offsets)[picked])
        data = np.empty(int(offsets[-1]), np.uint8)
        _gather(self.offsets, self.data, picked, offsets, data)
        return Bodies(offsets, data)

    def slice(self, start: int, stop: int) -> Bodies:
        """Rows ``start`` up to ``stop``, sharing the data."""
        first, last = self.offsets[start], self.offsets[stop]
        return Bodies(self.offsets[start : stop + 1] - first, self.data[first:last])


def offsets_of(lengths: NDArray[np.int64]) -> Offsets:
    """int64[n + 1] offsets of parts with those lengths, laid end to end."""
    offsets = np.zeros(len(lengths) + 1, np.int64)
    lengths.cumsum(out=offsets[1:])
    return offsets


def bodies_from(parts: Sequence[bytes]) -> Bodies:
    """The given bodies, in order."""
    lengths = np.fromiter(map(len, parts), np.int64, len(parts))
    return Bodies(offsets_of(lengths), np.frombuffer(b"".join(parts), np.uint8))


def concatenate_bodies(parts: Sequence[Bodies]) -> Bodies:
    """The bodies of all parts, in order."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return Bodies(np.zeros(1, np.int64), np.zeros(0, np.uint8))
    starts = accumulate((len(part.data) for part in parts), initial=0)
    offsets = [part.offsets[1:] + start for part, start in zip(parts, starts, strict=False)]
    return Bodies(
        np.concatenate((np.zeros(1, np.int64), *offsets)),
        np.concatenate([part.data for part in parts]),
    )


def woven(
    first: Bodies, first_at: NDArray[np.int64], second: Bodies, second_at: NDArray[np.int64]
) -> Bodies:
    """Both, each body at its place; the places are 0 … n - 1, each once.

    >>> some, others = bodies_from([b"a", b"c"]), bodies_from([b"b"])
    >>> woven(some, np.array([0, 2]), others, np.array([1])).data.tobytes()
    b'abc'
    """
    lengths = np.empty(len(first) + len(second), np.int64)
    lengths[first_at] = first.offsets[1:] - first.offsets[:-1]
    lengths[second_at] = second.offsets[1:] - second.offsets[:-1]
    offsets = offsets_of(lengths)
    data = np.empty(len(first.data) + len(second.data), np.uint8)
    _lay(first.offsets, first.data, first_at, offsets, data)
    _lay(second.offsets, second.data, second_at, offsets, data)
    return Bodies(offsets, data)


def pack_facts(facts: Facts) -> Bodies:
    """The bodies of the facts, in order. Ids are ASCII of 1 to 255 characters (the door's check).

    >>> bodies = pack_facts(Facts(np.array([1], np.uint8), ["p-1"]))
    >>> bodies[0].endswith(b"p-1")
    True
    """
    n = len(facts)
    number_names, number_bits = _present(NUMBER_COLUMNS, frozenset(facts.numbers))
    symbol_names, symbol_bits = _present(SYMBOL_COLUMNS, frozenset(facts.symbols))
    numbers = np.empty((len(number_names), n), np.int64)
    for i, name in enumerate(number_names):
        numbers[i] = facts.numbers[name]
    symbols = np.empty((len(symbol_names), n, 2), np.uint64)
    for i, name in enumerate(symbol_names):
        symbols[i] = facts.symbols[name]
    ids = id_bodies(facts.ids)
    masks = np.zeros((n, 2), np.uint32)
    offsets = np.zeros(n + 1, np.int64)
    _measure(numbers, symbols, number_bits, symbol_bits, ids.offsets, masks, offsets)
    data = np.empty(int(offsets[n]), np.uint8)
    _pack(facts.kinds, numbers, symbols, ids.offsets, ids.data, masks, number_bits, symbol_bits,
          offsets, data)  # fmt: skip
    return Bodies(offsets, data)


@lru_cache(maxsize=256)
def _present(
    columns: tuple[str, ...], names: frozenset[str]
) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The columns that are there, in order, and their bits; batches come in few shapes."""
    present = tuple(name for name in columns if name in names)
    return present, np.array([columns.index(name) for name in present], np.int64)


def id_bodies(ids: Sequence[str]) -> Bodies:
    """The ids as ASCII bytes, end to end."""
    text = "".join(ids)
    assert text.isascii(), "ids are ASCII: the door refuses others"
    lengths = list(map(len, ids))
    assert not lengths or 1 <= min(lengths) <= max(lengths) <= 255
    return Bodies(
        offsets_of(np.array(lengths, np.int64)), np.frombuffer(text.encode("ascii"), np.uint8)
    )


def unpack_facts(kinds: NDArray[np.uint8], bodies: Bodies) -> Facts:
    """The facts of those bodies; ``kinds`` uint8[n] are those of the entries' headers.

    Raises LogVersionError for a body of another version and LogDamaged for one that contradicts
    itself or its header.
    """
    n = len(bodies)
    assert len(kinds) == n
    seen = np.zeros(2, np.uint32)
    id_starts = np.zeros(n, np.int64)
    _refuse(_inspect(kinds, bodies.offsets, bodies.data, _LIMITS, seen, id_starts), bodies)
    number_bits = np.array([i for i in range(len(NUMBER_COLUMNS)) if seen[0] >> i & 1], np.int64)
    symbol_bits = np.array([i for i in range(len(SYMBOL_COLUMNS)) if seen[1] >> i & 1], np.int64)
    numbers = np.full((len(number_bits), n), MISSING, np.int64)
    symbols = np.zeros((len(symbol_bits), n, 2), np.uint64)
    _unpack(bodies.offsets, bodies.data, number_bits, symbol_bits, numbers, symbols)
    text = bodies.data.tobytes()
    ends = bodies.offsets[1:].tolist()
    return Facts(
        kinds,
        [text[a:b].decode("ascii") for a, b in zip(id_starts.tolist(), ends, strict=True)],
        {NUMBER_COLUMNS[bit]: numbers[i] for i, bit in enumerate(number_bits.tolist())},
        {SYMBOL_COLUMNS[bit]: symbols[i] for i, bit in enumerate(symbol_bits.tolist())},
    )


def sender_and_id(kinds: NDArray[np.uint8], bodies: Bodies) -> tuple[NDArray[np.uint64], Bodies]:
    """Of each fact body its sender uint64[n, 2] and its id, without reading the other columns.

    Raises as ``unpack_facts`` does.
    """
    n = len(bodies)
    id_starts = np.zeros(n, np.int64)
    seen = np.zeros(2, np.uint32)
    _refuse(_inspect(kinds, bodies.offsets, bodies.data, _LIMITS, seen, id_starts), bodies)
    senders = np.zeros((1, n, 2), np.uint64)
    none = np.zeros((0, n), np.int64)
    _unpack(bodies.offsets, bodies.data, np.zeros(0, np.int64), np.array([_SENDER], np.int64),
            none, senders)  # fmt: skip
    offsets = offsets_of(bodies.offsets[1:] - id_starts)
    ids = np.empty(int(offsets[-1]), np.uint8)
    _copy_spans(bodies.data, id_starts, offsets, ids)
    return senders[0], Bodies(offsets, ids)


def _refuse(row: int, bodies: Bodies) -> None:
    """Raise for the first body that cannot be read; -1 stands for none."""
    if row < 0:
        return
    body = bodies[row]
    if body and body[0] != BODY_VERSION:
        raise LogVersionError(
            "a fact's body is in another version of the format",
            expected=f"version {BODY_VERSION}",
            found=f"version {body[0]}",
            hint="open this log with the release of Arasha that wrote it",
        )
    raise LogDamaged(
        "a fact's body contradicts itself or its header",
        expected="a body as events/body.py draws it",
        found=f"{len(body)} bytes starting {body[:8].hex()}",
        hint="arasha log verify DIR names the entry",
    )


@brief
def _lay(offsets: Offsets, data: Bytes, places: NDArray[np.int64], to: Offsets, out: Bytes) -> None:
    """Copy each body to where its place begins."""
    for i in range(len(places)):
        at = to[places[i]]
        for byte in range(offsets[i], offsets[i + 1]):
            out[at] = data[byte]
            at += 1


@kernel
def _gather(
    offsets: Offsets, data: Bytes, rows: NDArray[np.int64], to: Offsets, out: Bytes
) -> None:
    for i in range(len(rows)):
        start = offsets[rows[i]]
        for j in range(to[i + 1] - to[i]):
            out[to[i] + j] = data[start + j]


@kernel
def _copy_spans(data: Bytes, starts: NDArray[np.int64], to: Offsets, out: Bytes) -> None:
    for i in range(len(starts)):
        for j in range(to[i + 1] - to[i]):
            out[to[i] + j] = data[starts[i] + j]


@brief
def _measure(
    numbers: NDArray[np.int64],
    symbols: NDArray[np.uint64],
    number_bits: NDArray[np.int64],
    symbol_bits: NDArray[np.int64],
    id_offsets: Offsets,
    masks: NDArray[np.uint32],
    offsets: Offsets,
) -> None:
    n = masks.shape[0]
    sizes = offsets[1:]
    for column in range(numbers.shape[0]):
        bit = np.uint32(1 << number_bits[column])
        for i in range(n):
            if numbers[column, i] != MISSING:
                masks[i, 0] |= bit
                sizes[i] += 8
    for column in range(symbols.shape[0]):
        bit = np.uint32(1 << symbol_bits[column])
        for i in range(n):
            if symbols[column, i, 0] != 0 or symbols[column, i, 1] != 0:
                masks[i, 1] |= bit
                sizes[i] += 16
    total = 0
    for i in range(n):
        total += sizes[i] + _FIXED + 1 + id_offsets[i + 1] - id_offsets[i]
        sizes[i] = total


@kernel
def _put(value: np.uint64, width: int, out: Bytes, at: int) -> int:
    """Write the low ``width`` bytes, little-endian; returns where the next value goes."""
    for k in range(width):
        out[at + k] = np.uint8((value >> np.uint64(8 * k)) & np.uint64(0xFF))
    return at + width


@kernel
def _get(data: Bytes, at: int, width: int) -> np.uint64:
    value = np.uint64(0)
    for k in range(width):
        value |= np.uint64(data[at + k]) << np.uint64(8 * k)
    return value


@brief
def _pack(
    kinds: NDArray[np.uint8],
    numbers: NDArray[np.int64],
    symbols: NDArray[np.uint64],
    id_offsets: Offsets,
    ids: Bytes,
    masks: NDArray[np.uint32],
    number_bits: NDArray[np.int64],
    symbol_bits: NDArray[np.int64],
    offsets: Offsets,
    out: Bytes,
) -> None:
    for i in range(len(kinds)):
        at = offsets[i]
        out[at] = BODY_VERSION
        out[at + 1] = kinds[i]
        at = _put(np.uint64(masks[i, 0]), 4, out, at + 2)
        at = _put(np.uint64(masks[i, 1]), 4, out, at)
        for column in range(numbers.shape[0]):
            if masks[i, 0] >> np.uint32(number_bits[column]) & np.uint32(1):
                at = _put(np.uint64(numbers[column, i]), 8, out, at)
        for column in range(symbols.shape[0]):
            if masks[i, 1] >> np.uint32(symbol_bits[column]) & np.uint32(1):
                at = _put(symbols[column, i, 0], 8, out, at)
                at = _put(symbols[column, i, 1], 8, out, at)
        length = id_offsets[i + 1] - id_offsets[i]
        out[at] = np.uint8(length)
        for k in range(length):
            out[at + 1 + k] = ids[id_offsets[i] + k]


@kernel
def _ones(mask: np.int64) -> int:
    count = 0
    while mask:
        mask &= mask - 1
        count += 1
    return count


@kernel
def _inspect(
    kinds: NDArray[np.uint8],
    offsets: Offsets,
    data: Bytes,
    limits: tuple[int, int],
    seen: NDArray[np.uint32],
    id_starts: NDArray[np.int64],
) -> int:
    """The first row whose body cannot be read, or -1; fills the masks seen and where ids start."""
    number_limit, symbol_limit = limits
    for i in range(len(kinds)):
        at, end = offsets[i], offsets[i + 1]
        if end - at < _FIXED + 2 or data[at] != BODY_VERSION or data[at + 1] != kinds[i]:
            return i
        numbers = np.int64(_get(data, at + 2, 4))
        symbols = np.int64(_get(data, at + 6, 4))
        if numbers > number_limit or symbols > symbol_limit:
            return i
        start = at + _FIXED + 8 * _ones(numbers) + 16 * _ones(symbols)
        if start >= end or start + 1 + data[start] != end:
            return i
        seen[0] |= np.uint32(numbers)
        seen[1] |= np.uint32(symbols)
        id_starts[i] = start + 1
    return -1


@kernel
def _unpack(
    offsets: Offsets,
    data: Bytes,
    number_bits: NDArray[np.int64],
    symbol_bits: NDArray[np.int64],
    numbers: NDArray[np.int64],
    symbols: NDArray[np.uint64],
) -> None:
    for i in range(len(offsets) - 1):
        at = offsets[i]
        number_mask = np.int64(_get(data, at + 2, 4))
        symbol_mask = np.int64(_get(data, at + 6, 4))
        at += _FIXED
        for column in range(len(number_bits)):
            bit = number_bits[column]
            if number_mask >> bit & 1:
                before = _ones(number_mask & ((1 << bit) - 1))
                numbers[column, i] = np.int64(_get(data, at + 8 * before, 8))
        at += 8 * _ones(number_mask)
        for column in range(len(symbol_bits)):
            bit = symbol_bits[column]
            if symbol_mask >> bit & 1:
                where = at + 16 * _ones(symbol_mask & ((1 << bit) - 1))
                symbols[column, i, 0] = _get(data, where, 8)
                symbols[column, i, 1] = _get(data, where + 8, 8)
