"""A frame: up to 4096 entries of one month as the log stores them, sealed and opened here.

Where on the path: the inner half of *kept*, without any file. In: kinds, times and plaintext
bodies. Out: a ``Stored`` row for the database; and back. One entry's plain header, 32 bytes, all
little-endian::

    0        8           16       20       24     25      26        28       32
    +--------+-----------+--------+--------+------+-------+---------+--------+
    | seq    | known_at  | period | length | kind | class | version | zero   |
    | u64    | i64 ms    | u32    | u32    | u8   | u8    | u16     | u32    |
    +--------+-----------+--------+--------+------+-------+---------+--------+

Per class (facts, acts) the bodies of the frame are laid end to end and encrypted by one call of
AES-256-GCM-SIV, which keeps lengths, so an entry has its own slice of the ciphertext::

    facts  nonce 12 | slice of entry 0 | slice of entry 2 | ... | tag 16
    acts   nonce 12 | slice of entry 1 | slice of entry 3 | ... | tag 16

    leaf of an entry = SHA-256(0x00 | header | slice)        never over plaintext
    associated data  = class u8 | the frame's headers
    seal             = SHA-256(first_seq | count | period | headers | leaves | root | nonces, tags)
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from numpy.typing import NDArray

from arasha.errors import LogDamaged
from arasha.events.body import Bodies, offsets_of
from arasha.events.kernels import brief, kernel
from arasha.log import merkle
from arasha.log.keys import FIRST_ACT_KIND, Retention, period_of

ENTRIES_PER_FRAME: Final = 4096
"""Most entries of one frame."""

HEADER: Final = np.dtype(
    [
        ("seq", "<u8"), ("known_at", "<i8"), ("period", "<u4"), ("length", "<u4"), ("kind", "u1"),
        ("class", "u1"), ("version", "<u2"), ("zero", "<u4"),
    ]
)  # fmt: skip
HEADER_BYTES: Final = 32
HEADER_VERSION: Final = 1
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16

assert HEADER.itemsize == HEADER_BYTES

_SEALED_NUMBERS: Final = struct.Struct("<QIIII")

CipherOf = Callable[[Retention, int], AESGCMSIV]


@dataclass(frozen=True, slots=True)
class Stored:
    """One row of the table ``frames``; ``facts`` and ``acts`` are None where there are none."""

    first_seq: int
    count: int
    period: int
    facts_count: int
    headers: bytes
    leaves: bytes
    root: bytes
    seal: bytes
    facts: bytes | None
    acts: bytes | None

    def sealed(self, retention: Retention) -> bytes | None:
        """Nonce, ciphertext and tag of that class, if the frame has entries of it."""
        return self.facts if retention is Retention.FACTS else self.acts

    def header_rows(self) -> NDArray[np.void]:
        """The headers as records, as many as there are whole ones."""
        whole = len(self.headers) // HEADER_BYTES * HEADER_BYTES
        return np.frombuffer(self.headers[:whole], HEADER)

    def expected_seal(self) -> bytes:
        """What ``seal`` must be for the other columns."""
        return _seal_of(self.first_seq, self.count, self.period, self.facts_count, self.headers,
                        self.leaves, self.root, self.facts, self.acts)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frame:
    """Entries ``first_seq`` .. ``first_seq + n - 1`` as read back.

    ``kinds`` uint8[n], ``known_at`` int64[n] ms, ``bodies`` n plaintexts, ``leaves`` n hashes end
    to end, ``readable`` bool[n]: false where the period's key is gone (the body is then empty).
    """

    first_seq: int
    kinds: NDArray[np.uint8]
    known_at: NDArray[np.int64]
    bodies: Bodies
    readable: NDArray[np.bool_]
    leaves: bytes

    def __len__(self) -> int:
        return len(self.kinds)

    def slice(self, start: int, stop: int) -> Frame:
        """The entries at rows ``start`` up to ``stop`` of this frame."""
        if (start, stop) == (0, len(self)):
            return self
        size = merkle.HASH_BYTES
        return Frame(
            self.first_seq + start,
            self.kinds[start:stop],
            self.known_at[start:stop],
            self.bodies.slice(start, stop),
            self.readable[start:stop],
            self.leaves[size * start : size * stop],
        )


@dataclass(frozen=True, slots=True)
class Sealed:
    """One entry as the tree knows it: ``header`` 32 bytes and its slice of the ciphertext."""

    header: bytes
    ciphertext: bytes

    @property
    def leaf(self) -> bytes:
        """Its leaf hash."""
        return merkle.leaf_hash(self.header + self.ciphertext)


def sealed_entry(stored: Stored, seq: int) -> Sealed:
    """The entry of that frame, still closed: header and ciphertext, which need no key."""
    row = seq - stored.first_seq
    rows = stored.header_rows()
    of_class = rows["class"] == rows["class"][row]
    lengths = rows["length"].astype(np.int64)
    start = int(lengths[:row][of_class[:row]].sum())
    body = _slices(stored.sealed(Retention(int(rows["class"][row])))).tobytes()
    header = stored.headers[HEADER_BYTES * row : HEADER_BYTES * (row + 1)]
    return Sealed(header, body[start : start + int(lengths[row])])


def cuts(known_at: NDArray[np.int64]) -> list[tuple[int, int]]:
    """How a commit is cut into frames: each of one month and of at most ENTRIES_PER_FRAME."""
    n = len(known_at)
    ends = [n]
    if n and period_of(int(known_at[0])) != period_of(int(known_at[-1])):
        months = known_at.astype("datetime64[ms]").astype("datetime64[M]")
        ends = [*(np.flatnonzero(months[1:] != months[:-1]) + 1).tolist(), n]
    frames: list[tuple[int, int]] = []
    start = 0
    for end in ends:
        frames += [
            (a, min(a + ENTRIES_PER_FRAME, end)) for a in range(start, end, ENTRIES_PER_FRAME)
        ]
        start = end
    return frames


def seal(
    first_seq: int,
    kinds: NDArray[np.uint8],
    known_at: NDArray[np.int64],
    bodies: Bodies,
    frontier: merkle.Frontier,
    cipher: CipherOf,
) -> tuple[Stored, merkle.Frontier]:
    """Encrypt and hash one frame's entries; returns the row and the tree after it."""
    n, period = len(kinds), period_of(int(known_at[0]))
    acts = kinds >= FIRST_ACT_KIND
    lengths = bodies.offsets[1:] - bodies.offsets[:-1]
    rows = np.zeros(n, HEADER)
    rows["seq"] = np.arange(first_seq, first_seq + n)
    rows["known_at"] = known_at
    rows["period"] = period
    rows["length"] = lengths
    rows["kind"] = kinds
    rows["class"] = acts
    rows["version"] = HEADER_VERSION
    headers = rows.tobytes()
    acts_bytes = int(lengths[acts].sum())
    facts_plain = np.empty(len(bodies.data) - acts_bytes, np.uint8)
    acts_plain = np.empty(acts_bytes, np.uint8)
    _split(bodies.offsets, bodies.data, acts, facts_plain, acts_plain)
    facts_count = int(n - acts.sum())
    sealed: list[bytes | None] = [None, None]
    for retention, plain, count in (
        (Retention.FACTS, facts_plain, facts_count),
        (Retention.ACTS, acts_plain, n - facts_count),
    ):
        if count:
            nonce = os.urandom(NONCE_BYTES)
            associated = _associated(retention, headers)
            key = cipher(retention, period)
            sealed[retention] = nonce + key.encrypt(nonce, plain.tobytes(), associated)
    leaves = leaf_hashes(headers, lengths, acts, sealed[0], sealed[1])
    after = frontier.extended(leaves)
    root = after.root()
    mark = _seal_of(first_seq, n, period, facts_count, headers, leaves, root, *sealed)
    return Stored(first_seq, n, period, facts_count, headers, leaves, root, mark, *sealed), after


def leaf_hashes(
    headers: bytes,
    lengths: NDArray[np.int64],
    acts: NDArray[np.bool_],
    facts_sealed: bytes | None,
    acts_sealed: bytes | None,
) -> bytes:
    """The leaves of entries with those headers, ciphertext lengths and classes, end to end.

    Where a ciphertext is shorter than its headers say, the missing bytes count as zeros.
    """
    offsets = offsets_of(lengths + (1 + HEADER_BYTES))
    inputs = np.zeros(int(offsets[-1]), np.uint8)
    _lay_out_leaves(
        np.frombuffer(headers, np.uint8), acts, offsets, _slices(facts_sealed),
        _slices(acts_sealed), inputs,
    )  # fmt: skip
    return merkle.leaf_hashes(inputs.tobytes(), offsets.tolist())


def opened(stored: Stored, retention: Retention, cipher: CipherOf) -> NDArray[np.uint8]:
    """The plaintext bodies of one class of the frame, end to end.

    Raises KeyDestroyed when its key is gone, LogDamaged when the ciphertext is not authentic.
    """
    sealed = stored.sealed(retention)
    if sealed is None:
        return np.zeros(0, np.uint8)
    associated = _associated(retention, stored.headers)
    try:
        plain = cipher(retention, stored.period).decrypt(
            sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], associated
        )
    except (InvalidTag, ValueError) as error:
        raise LogDamaged(
            "entries of the log are not what was written",
            expected=f"authentic {retention.word} from entry {stored.first_seq} on",
            found="a ciphertext, tag or header that was changed",
            hint="arasha log verify DIR names the first entry",
        ) from error
    return np.frombuffer(plain, np.uint8)


def open_frame(stored: Stored, plain: dict[Retention, NDArray[np.uint8] | None]) -> Frame:
    """The frame from its row and the opened plaintexts; None stands for a destroyed key."""
    rows = stored.header_rows()
    acts = rows["class"] == Retention.ACTS
    readable = np.where(acts, plain[Retention.ACTS] is not None, plain[Retention.FACTS] is not None)
    offsets = offsets_of(np.where(readable, rows["length"], 0).astype(np.int64))
    data = np.empty(int(offsets[-1]), np.uint8)
    nothing = np.zeros(0, np.uint8)
    facts, made = plain[Retention.FACTS], plain[Retention.ACTS]
    _join(offsets, acts, nothing if facts is None else facts, nothing if made is None else made,
          data)  # fmt: skip
    return Frame(
        stored.first_seq,
        rows["kind"].copy(),
        rows["known_at"].astype(np.int64),
        Bodies(offsets, data),
        readable,
        stored.leaves,
    )


def _associated(retention: Retention, headers: bytes) -> bytes:
    return bytes([retention]) + headers


def _slices(sealed: bytes | None) -> NDArray[np.uint8]:
    """The ciphertext without nonce and tag."""
    if sealed is None or len(sealed) < NONCE_BYTES + TAG_BYTES:
        return np.zeros(0, np.uint8)
    return np.frombuffer(sealed, np.uint8)[NONCE_BYTES:-TAG_BYTES]


def _seal_of(
    first_seq: int,
    count: int,
    period: int,
    facts_count: int,
    headers: bytes,
    leaves: bytes,
    root: bytes,
    facts: bytes | None,
    acts: bytes | None,
) -> bytes:
    mark = sha256(_SEALED_NUMBERS.pack(first_seq, count, period, facts_count, len(headers)))
    for part in (headers, leaves, root):
        mark.update(part)
    for sealed in (facts, acts):
        mark.update(b"-" if sealed is None else sealed[:NONCE_BYTES] + sealed[-TAG_BYTES:])
    return mark.digest()


@brief
def _split(
    offsets: NDArray[np.int64],
    data: NDArray[np.uint8],
    acts: NDArray[np.bool_],
    facts_out: NDArray[np.uint8],
    acts_out: NDArray[np.uint8],
) -> None:
    facts_at = acts_at = 0
    for i in range(len(acts)):
        if acts[i]:
            for k in range(offsets[i], offsets[i + 1]):
                acts_out[acts_at] = data[k]
                acts_at += 1
        else:
            for k in range(offsets[i], offsets[i + 1]):
                facts_out[facts_at] = data[k]
                facts_at += 1


@kernel
def _join(
    offsets: NDArray[np.int64],
    acts: NDArray[np.bool_],
    facts_data: NDArray[np.uint8],
    acts_data: NDArray[np.uint8],
    out: NDArray[np.uint8],
) -> None:
    facts_at = acts_at = 0
    for i in range(len(acts)):
        if acts[i]:
            for k in range(offsets[i], offsets[i + 1]):
                out[k] = acts_data[acts_at]
                acts_at += 1
        else:
            for k in range(offsets[i], offsets[i + 1]):
                out[k] = facts_data[facts_at]
                facts_at += 1


@brief
def _lay_out_leaves(
    headers: NDArray[np.uint8],
    acts: NDArray[np.bool_],
    offsets: NDArray[np.int64],
    facts_data: NDArray[np.uint8],
    acts_data: NDArray[np.uint8],
    out: NDArray[np.uint8],
) -> None:
    facts_at = acts_at = 0
    for i in range(len(acts)):
        at = offsets[i] + 1
        for k in range(HEADER_BYTES):
            out[at + k] = headers[HEADER_BYTES * i + k]
        at += HEADER_BYTES
        length = offsets[i + 1] - at
        if acts[i]:
            for k in range(min(length, len(acts_data) - acts_at)):
                out[at + k] = acts_data[acts_at + k]
            acts_at += length
        else:
            for k in range(min(length, len(facts_data) - facts_at)):
                out[at + k] = facts_data[facts_at + k]
            facts_at += length
