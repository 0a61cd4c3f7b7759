r"""The Merkle tree over the entries (RFC 6962, section 2.1): roots, proofs, and their checks.

Where on the path: every entry *kept* becomes a leaf. In: leaf hashes, in order of ``seq``. Out: the
root that stands for all of them, and short proofs that one entry is in it (inclusion) or that a
later root only added to an earlier one (consistency). Whoever noted a root can check both without
the log. Seven leaves::

            root            a leaf's hash       SHA-256(0x00 || header || ciphertext)
           /    \            a node's hash       SHA-256(0x01 || left || right)
          *      *          of no leaves        SHA-256("")
         / \    / \
        *   *  *   6        the frontier of size 7 is its three full subtrees: of 4, of 2, of 1
       / \ / \ / \
       0 1 2 3 4 5
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from itertools import pairwise
from typing import Final

import numpy as np

HASH_BYTES: Final = 32

_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"
_EMPTY: Final = sha256(b"").digest()

Leaves = Callable[[int, int], bytes]
"""The leaf hashes from one index up to another, end to end."""

Subtree = Callable[[int, int], bytes]
"""The root over the leaves from one index up to another, as a proof asks for them."""


@dataclass(frozen=True, slots=True)
class Frontier:
    r"""All a tree needs to know to go on: its size and its full subtrees' roots.

    ``peaks`` holds the root of the full subtree of 2^h leaves at each h where bit h of ``size`` is
    one. Adding leaves gives a new frontier; the old one stays true.

    >>> Frontier().extended(b"\0" * 32).root() == b"\0" * 32
    True
    """

    size: int = 0
    peaks: dict[int, bytes] = field(default_factory=dict)

    def extended(self, leaves: bytes) -> Frontier:
        """The frontier after those leaf hashes, hashed level by level."""
        added, rest = divmod(len(leaves), HASH_BYTES)
        assert rest == 0
        peaks: dict[int, bytes] = {}
        level, height = leaves, 0
        if not level:
            return self
        while level or height < self.size.bit_length():
            if not level:  # nothing more to carry: the peaks above stay as they are
                peaks |= {h: peak for h, peak in self.peaks.items() if h >= height}
                break
            nodes = self.peaks[height] + level if self.size >> height & 1 else level
            if len(nodes) // HASH_BYTES % 2:
                peaks[height] = nodes[-HASH_BYTES:]
                nodes = nodes[:-HASH_BYTES]
            level = _parents(nodes)
            height += 1
        return Frontier(self.size + added, peaks)

    def root(self) -> bytes:
        """The root of the tree, 32 bytes."""
        root = b""
        for height in sorted(self.peaks):
            peak = self.peaks[height]
            root = _node(peak, root) if root else peak
        return root or _EMPTY

    def pack(self) -> bytes:
        """The peaks, lowest first, end to end; ``unpack`` needs the size besides."""
        return b"".join(self.peaks[height] for height in sorted(self.peaks))

    @staticmethod
    def unpack(size: int, packed: bytes) -> Frontier:
        """The frontier of that size from its packed peaks; ValueError if they do not fit it."""
        heights = [height for height in range(size.bit_length()) if size >> height & 1]
        if len(packed) != HASH_BYTES * len(heights):
            raise ValueError(f"{len(packed)} bytes cannot be the {len(heights)} peaks of {size}")
        return Frontier(
            size,
            {h: packed[i * HASH_BYTES : (i + 1) * HASH_BYTES] for i, h in enumerate(heights)},
        )


def inclusion_proof(leaves: Leaves, index: int, size: int) -> tuple[bytes, ...]:
    """The path of leaf ``index`` in the tree of ``size`` leaves, lowest first (RFC 6962, 2.1.1).

    Needs 0 <= index < size. Reads every leaf once; `inclusion_path` asks for whole subtrees.
    """
    return inclusion_path(partial(_subtree, leaves), index, size)


def inclusion_path(subtree: Subtree, index: int, size: int) -> tuple[bytes, ...]:
    """The same path from roots of subtrees that are known already."""
    assert 0 <= index < size
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(subtree(middle, high))
            high = middle
        else:
            path.append(subtree(low, middle))
            low = middle
    return tuple(reversed(path))


def consistency_proof(leaves: Leaves, old: int, new: int) -> tuple[bytes, ...]:
    """That the tree of ``new`` leaves begins with that of ``old`` (RFC 6962, 2.1.2).

    Needs 0 <= old <= new; the proof is empty when old is 0 or equals new. Reads every leaf once;
    `consistency_path` asks for whole subtrees.
    """
    return consistency_path(partial(_subtree, leaves), old, new)


def consistency_path(subtree: Subtree, old: int, new: int) -> tuple[bytes, ...]:
    """The same proof from roots of subtrees that are known already."""
    assert 0 <= old <= new
    if old in (0, new):
        return ()
    path: list[bytes] = []
    low, high, whole = 0, new, True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(subtree(middle, high))
            high = middle
        else:
            path.append(subtree(low, middle))
            low, whole = middle, False
    if not whole:
        path.append(subtree(low, high))
    return tuple(reversed(path))


def check_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether the proof shows that ``leaf`` is leaf ``index`` of the tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes(leaf, root, *proof):
        return False
    at, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = _node(sibling, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = _node(found, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def check_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the proof shows that the new tree begins with the old (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= new or not _are_hashes(old_root, new_root, *proof):
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == _EMPTY
    steps = list(proof) if old & (old - 1) else [old_root, *proof]
    if not steps:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first, second = _node(sibling, first), _node(sibling, second)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            second = _node(second, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


def raised(nodes: bytes, levels: int) -> bytes:
    """The nodes so many levels above these, end to end; as many must be below each of them."""
    assert len(nodes) % (HASH_BYTES << levels) == 0
    for _ in range(levels):
        nodes = _parents(nodes)
    return nodes


def leaf_hash(entry: bytes) -> bytes:
    """The leaf of an entry: its header, then its ciphertext (log/frames.py)."""
    return sha256(_LEAF + entry).digest()


def leaf_hashes(inputs: bytes, offsets: Sequence[int]) -> bytes:
    """SHA-256 of each span of ``inputs``, end to end; a span starts with the byte 0x00."""
    return b"".join([sha256(inputs[a:b]).digest() for a, b in pairwise(offsets)])


_PAIR: Final = 1 + 2 * HASH_BYTES
_CHUNK: Final = 1 << 16  # leaves hashed at a time when a whole subtree is asked for


def _parents(nodes: bytes) -> bytes:
    """The hashes of an even number of nodes, pair by pair."""
    count = len(nodes) // (2 * HASH_BYTES)
    if count < 8:  # below this the array costs more than it saves
        return b"".join(
            [sha256(_NODE + nodes[a : a + 64]).digest() for a in range(0, 64 * count, 64)]
        )
    pairs = np.ones((count, _PAIR), np.uint8)
    pairs[:, 1:] = np.frombuffer(nodes, np.uint8).reshape(count, 2 * HASH_BYTES)
    text = pairs.tobytes()
    return b"".join([sha256(text[a : a + _PAIR]).digest() for a in range(0, _PAIR * count, _PAIR)])


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(_NODE + left + right).digest()


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1


def _subtree(leaves: Leaves, low: int, high: int) -> bytes:
    frontier = Frontier()
    for start in range(low, high, _CHUNK):
        frontier = frontier.extended(leaves(start, min(start + _CHUNK, high)))
    return frontier.root()


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
