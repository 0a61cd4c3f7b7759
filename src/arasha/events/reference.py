"""The name of a fact among all senders: 16 bytes made of its sender and its id.

Where on the path: at *happened* it is what a label's or an outcome's ``payment`` field holds; at
*kept* it is the key by which the log knows that it was asked twice.
"""

from __future__ import annotations

from hashlib import blake2b
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.events.body import Bodies, id_bodies
from arasha.events.columns import Facts
from arasha.events.kernels import brief, kernel

_DIGEST_BYTES: Final = 16
_SENDER_BYTES: Final = 16


def digest16(sender: str, fact_id: str) -> bytes:
    """BLAKE2b-128 of ``sender``, a zero byte and ``fact_id``: the same for the same pair only.

    >>> digest16("BANKKZKA", "p-1").hex()
    'd6213e8b12f0e9040c30227fb2a270c8'
    """
    text = sender.encode("ascii") + b"\0" + fact_id.encode("ascii")
    return blake2b(text, digest_size=_DIGEST_BYTES).digest()


def digests_of(facts: Facts) -> NDArray[np.uint64]:
    """uint64[n, 2]: ``digest16`` of each fact's sender and id, as symbols."""
    return digests(facts.symbol("sender"), id_bodies(facts.ids))


def digests(senders: NDArray[np.uint64], ids: Bodies) -> NDArray[np.uint64]:
    """uint64[n, 2] of senders uint64[n, 2] (plain codes padded with zeros) and their ids."""
    n = len(ids)
    sender_bytes = np.ascontiguousarray(senders).view(np.uint8).reshape(n, _SENDER_BYTES)
    offsets = np.zeros(n + 1, np.int64)
    _measure(sender_bytes, ids.offsets, offsets)
    buffer = np.empty(int(offsets[-1]), np.uint8)
    _lay_out(sender_bytes, ids.offsets, ids.data, offsets, buffer)
    text = buffer.tobytes()
    at = offsets.tolist()
    parts = [blake2b(text[a:b], digest_size=_DIGEST_BYTES).digest() for a, b in pairwise(at)]
    return np.frombuffer(b"".join(parts), np.uint64).reshape(n, 2).copy()


@kernel
def _sender_length(sender: NDArray[np.uint8]) -> int:
    length = _SENDER_BYTES
    while length > 0 and sender[length - 1] == 0:
        length -= 1
    return length


@brief
def _measure(
    senders: NDArray[np.uint8], id_offsets: NDArray[np.int64], offsets: NDArray[np.int64]
) -> None:
    for i in range(len(senders)):
        length = _sender_length(senders[i]) + 1 + id_offsets[i + 1] - id_offsets[i]
        offsets[i + 1] = offsets[i] + length


@brief
def _lay_out(
    senders: NDArray[np.uint8],
    id_offsets: NDArray[np.int64],
    ids: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    out: NDArray[np.uint8],
) -> None:
    for i in range(len(senders)):
        at = offsets[i]
        length = _sender_length(senders[i])
        for k in range(length):
            out[at + k] = senders[i, k]
        out[at + length] = 0
        at += length + 1
        for k in range(id_offsets[i + 1] - id_offsets[i]):
            out[at + k] = ids[id_offsets[i] + k]
