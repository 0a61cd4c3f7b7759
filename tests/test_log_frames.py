"""A frame by itself: its bytes, its cuts, what is hashed."""

from __future__ import annotations

import os
from hashlib import sha256

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from hypothesis import given
from hypothesis import strategies as st

from arasha.errors import LogDamaged
from arasha.events.body import bodies_from
from arasha.log import frames
from arasha.log.keys import Retention, period_of
from arasha.log.merkle import Frontier
from log_samples import APRIL_MS, DAY_MS

KEYS = {retention: AESGCMSIV(os.urandom(32)) for retention in Retention}


def cipher(retention: Retention, period: int) -> AESGCMSIV:
    return KEYS[retention]


def sealed() -> frames.Stored:
    kinds = np.array([1, 32, 9], np.uint8)
    times = np.array([APRIL_MS, APRIL_MS, APRIL_MS + 1])
    bodies = bodies_from([b"payment", b"decision", b"label"])
    stored, after = frames.seal(5, kinds, times, bodies, Frontier(), cipher)
    assert (3, stored.root) == (after.size, after.root())
    return stored


def test_headers_are_the_ones_drawn() -> None:
    """Byte for byte."""
    assert (
        (6).to_bytes(8, "little") + APRIL_MS.to_bytes(8, "little")
        + period_of(APRIL_MS).to_bytes(4, "little") + (8).to_bytes(4, "little")
        + b"\x20\x01\x01\x00" + bytes(4)
    ) == sealed().headers[32:64]  # fmt: skip


def test_a_leaf_covers_header_and_ciphertext() -> None:
    """SHA-256 of 0, the header, the entry's slice of its class's ciphertext; never plaintext."""
    stored = sealed()
    assert stored.facts is not None
    assert stored.acts is not None
    label = stored.facts[12 + 7 : 12 + 7 + 5]
    decision = stored.acts[12 : 12 + 8]
    assert sha256(b"\0" + stored.headers[64:] + label).digest() == stored.leaves[64:]
    assert sha256(b"\0" + stored.headers[32:64] + decision).digest() == stored.leaves[32:64]
    assert b"label" != label


def test_a_frame_opens() -> None:
    """Bodies in order; a class without its key leaves empty ones and says so."""
    stored = sealed()
    plain = {r: frames.opened(stored, r, cipher) for r in Retention}
    frame = frames.open_frame(stored, dict(plain))
    assert [b"payment", b"decision", b"label"] == [frame.bodies[i] for i in range(3)]
    frame = frames.open_frame(stored, {**plain, Retention.FACTS: None})
    assert [b"", b"decision", b""] == [frame.bodies[i] for i in range(3)]
    assert [False, True, False] == frame.readable.tolist()


def test_a_frame_of_one_kind_has_one_ciphertext() -> None:
    """No acts, no column for them."""
    kinds, times = np.array([1], np.uint8), np.array([APRIL_MS])
    stored, _ = frames.seal(0, kinds, times, bodies_from([b"x"]), Frontier(), cipher)
    assert stored.acts is None
    assert [] == frames.opened(stored, Retention.ACTS, cipher).tolist()


def test_equal_bodies_have_different_ciphertexts() -> None:
    """The nonce is random: nobody can tell that two entries say the same."""
    assert sealed().leaves != sealed().leaves


def test_bodies_are_bound_to_their_headers() -> None:
    """A ciphertext under other headers, or of the other class, is not opened."""
    from dataclasses import replace

    stored = sealed()
    other = replace(stored, headers=stored.headers[:-1] + b"\1")
    with pytest.raises(LogDamaged, match="not what was written"):
        frames.opened(other, Retention.FACTS, cipher)
    KEYS[Retention.ACTS], kept = KEYS[Retention.FACTS], KEYS[Retention.ACTS]
    try:
        with pytest.raises(LogDamaged):
            frames.opened(replace(stored, acts=stored.facts), Retention.ACTS, cipher)
    finally:
        KEYS[Retention.ACTS] = kept


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 5000)), max_size=5))
def test_cuts_are_by_month_and_by_size(steps: list[tuple[int, int]]) -> None:
    """Frames follow each other without a gap, none over its limit, each of one month."""
    days = np.cumsum([days for days, _ in steps], dtype=np.int64)
    times = np.repeat(APRIL_MS + days * DAY_MS, [n for _, n in steps])
    cuts = frames.cuts(times)
    assert [0, *[b for _, b in cuts]] == [*[a for a, _ in cuts], len(times)]
    for a, b in cuts:
        assert 0 < b - a <= frames.ENTRIES_PER_FRAME
        assert period_of(int(times[a])) == period_of(int(times[b - 1]))
