"""The tree of log/merkle.py against the recursive definition of RFC 6962."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.log import merkle

SIZES = st.integers(0, 200)


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, 2.1.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(m: int, leaves: list[bytes], *, whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, 2.1.2."""
    n = len(leaves)
    if m == n:
        return [] if whole else [naive_root(leaves)]
    k = 1
    while k * 2 < n:
        k *= 2
    if m <= k:
        return [*naive_subproof(m, leaves[:k], whole=whole), naive_root(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], whole=False), naive_root(leaves[:k])]


def made(size: int) -> list[bytes]:
    return [sha256(b"\0" + str(i).encode()).digest() for i in range(size)]


def reader(leaves: list[bytes]) -> merkle.Leaves:
    return lambda low, high: b"".join(leaves[low:high])


@given(st.lists(st.integers(0, 70), max_size=6))
def test_the_root_does_not_depend_on_how_the_leaves_came(batches: list[int]) -> None:
    """Any sequence of batches gives the recursive definition's root after each of them."""
    leaves = made(sum(batches))
    frontier = merkle.Frontier()
    for batch in batches:
        added = b"".join(leaves[frontier.size : frontier.size + batch])
        frontier = frontier.extended(added)
        assert naive_root(leaves[: frontier.size]) == frontier.root()
        assert frontier == merkle.Frontier.unpack(frontier.size, frontier.pack())


@given(st.data())
def test_inclusion_proofs_are_the_definitions_and_convince(data: st.DataObject) -> None:
    """A proof equals PATH, is accepted, and is refused for another leaf, place, size or root."""
    size = data.draw(st.integers(1, 130))
    index = data.draw(st.integers(0, size - 1))
    leaves = made(size)
    root = naive_root(leaves)
    proof = merkle.inclusion_proof(reader(leaves), index, size)
    assert naive_path(index, leaves) == list(proof)
    assert merkle.check_inclusion(leaves[index], index, size, proof, root)
    other = sha256(b"other").digest()
    assert not merkle.check_inclusion(other, index, size, proof, root)
    assert not merkle.check_inclusion(leaves[index], index, size, proof, other)
    assert not merkle.check_inclusion(leaves[index], index, size, (*proof, other), root)
    assert not merkle.check_inclusion(leaves[index], size, size, proof, root)
    if size > 1:
        assert not merkle.check_inclusion(leaves[index], index, size, proof[:-1], root)
        wrong = (index + 1) % size
        assert not merkle.check_inclusion(leaves[index], wrong, size, proof, root)


@given(st.data())
def test_consistency_proofs_are_the_definitions_and_convince(data: st.DataObject) -> None:
    """A proof equals PROOF of the RFC, is accepted, and is refused for any other root."""
    new = data.draw(st.integers(1, 130))
    old = data.draw(st.integers(1, new))
    leaves = made(new)
    old_root, new_root = naive_root(leaves[:old]), naive_root(leaves)
    proof = merkle.consistency_proof(reader(leaves), old, new)
    assert naive_subproof(old, leaves, whole=True) == list(proof)
    assert merkle.check_consistency(old, new, old_root, new_root, proof)
    other = sha256(b"other").digest()
    assert not merkle.check_consistency(old, new, other, new_root, proof)
    assert not merkle.check_consistency(old, new, old_root, other, proof)
    assert not merkle.check_consistency(old, new, old_root, new_root, (*proof, other))
    if proof:
        assert not merkle.check_consistency(old, new, old_root, new_root, proof[1:])


def test_every_tree_begins_with_the_empty_one() -> None:
    """From size 0 the proof is empty, and the old root must be that of no leaves."""
    leaves = made(5)
    assert () == merkle.consistency_proof(reader(leaves), 0, 5)
    assert merkle.check_consistency(0, 5, naive_root([]), naive_root(leaves), ())
    assert not merkle.check_consistency(0, 5, leaves[0], naive_root(leaves), ())


def test_peaks_that_do_not_fit_the_size_are_refused() -> None:
    """A frontier is not made from a wrong number of bytes."""
    with pytest.raises(ValueError, match="cannot be the 2 peaks of 5"):
        merkle.Frontier.unpack(5, b"\0" * 32)
