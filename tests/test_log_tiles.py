"""The tiles of a log against the definition in C2SP tlog-tiles, and proofs made from them."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arasha.log import merkle
from arasha.log.tiles import WIDTH, Tile, Tiles, tiles_of
from test_log_merkle import naive_path, naive_root, naive_subproof, reader

LEAVES = [sha256(b"\0" + str(i).encode()).digest() for i in range(2_600)]
BORDERS = st.sampled_from(
    [0, 1, 2, 255, 256, 257, 511, 512, 513, 767, 768, 1023, 1024, 1025, 2047, 2048, 2049, 2559,
     2560, 2561]
)  # fmt: skip
SIZES = st.one_of(BORDERS, st.integers(0, len(LEAVES)))


def grown(*sizes: int, leaves: merkle.Leaves | None = None) -> Tiles:
    """Tiles that grew in those steps."""
    tiles = Tiles(leaves or reader(LEAVES))
    for size in sizes:
        tiles.grow(size)
    return tiles


@settings(deadline=None)
@given(st.lists(SIZES, min_size=1, max_size=4).map(sorted))
def test_a_tree_is_the_same_however_it_grew(sizes: list[int]) -> None:
    """Every tile has the hashes of its definition; every root is that of the plain tree."""
    tiles = grown(*sizes)
    size = sizes[-1]
    for tile in tiles_of(size):
        step = WIDTH**tile.level
        first = tile.index * WIDTH
        hashes = [
            naive_root(LEAVES[i * step : (i + 1) * step]) for i in range(first, first + tile.width)
        ]
        assert b"".join(hashes) == tiles.tile(tile)
    for earlier in sizes:
        assert naive_root(LEAVES[:earlier]) == tiles.root(earlier)


@settings(deadline=None)
@given(SIZES, SIZES, st.data())
def test_proofs_from_tiles_are_those_of_the_definition(a: int, b: int, data: st.DataObject) -> None:
    """Inclusion and consistency, of sizes on both sides of every border."""
    old, new = sorted((a, b))
    tiles = grown(new)
    consistency = tiles.consistency_proof(old, new)
    if old:
        assert naive_subproof(old, LEAVES[:new], whole=True) == list(consistency)
    assert merkle.check_consistency(old, new, tiles.root(old), tiles.root(new), consistency)
    if old:
        index = data.draw(st.one_of(st.integers(0, old - 1), st.sampled_from([0, old - 1])))
        proof = tiles.inclusion_proof(index, old)
        assert naive_path(index, LEAVES[:old]) == list(proof)
        assert merkle.check_inclusion(LEAVES[index], index, old, proof, tiles.root(old))
        assert not merkle.check_inclusion(LEAVES[index], index, old, proof, tiles.root(old)[::-1])


def test_the_examples_of_the_specification() -> None:
    """70,000 leaves, 256 leaves, and how an index is written."""
    listed = list(tiles_of(70_000))
    full = [tile for tile in listed if tile.width == WIDTH]
    assert [273, 1] == [sum(tile.level == level for tile in full) for level in (0, 1)]
    assert [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)] == [
        tile for tile in listed if tile.width < WIDTH
    ]
    assert [Tile(0, 0, WIDTH), Tile(1, 0, 1)] == list(tiles_of(256))
    assert "tile/0/x001/x234/067" == Tile(0, 1234067, WIDTH).path
    assert "tile/1/000.p/7" == Tile(1, 0, 7).path
    assert [] == list(tiles_of(0))


def test_a_level_above_the_first_is_whole() -> None:
    """65,537 leaves have one tile of level 1 and the beginning of level 2."""
    leaves = b"".join(sha256(bytes([i % 256, i // 256 % 256])).digest() for i in range(65_537))
    tiles = grown(300, 65_000, 65_537, leaves=lambda low, high: leaves[low * 32 : high * 32])
    plain = merkle.Frontier().extended(leaves)
    assert plain.root() == tiles.root()
    assert merkle.Frontier().extended(tiles.tile(Tile(1, 0, WIDTH))).root() == tiles.tile(
        Tile(2, 0, 1)
    )
    proof = tiles.inclusion_proof(65_536, 65_537)
    assert merkle.check_inclusion(leaves[-32:], 65_536, 65_537, proof, plain.root())


@given(st.integers(0, 63), st.integers(0, 10**18), st.integers(1, WIDTH))
def test_a_path_names_its_tile(level: int, index: int, width: int) -> None:
    """Each tile has one path."""
    tile = Tile(level, index, width)
    assert tile == Tile.of_path(tile.path)


@pytest.mark.parametrize(
    "path",
    [
        "tile/00/000", "tile/64/000", "tile/0/0", "tile/0/0000", "tile/0/001/002",
        "tile/0/x000/001", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01",
        "tile/0/../../keys",
        "tile/0/000/", "tile/entries/000", "checkpoint", "tile/-1/000", "tile/0/x001", "tile/0/٠٠٠",
    ],
)  # fmt: skip
def test_other_paths_name_nothing(path: str) -> None:
    """Other spellings, other widths, anything that leaves the directory."""
    assert Tile.of_path(path) is None


def test_only_new_full_tiles_are_listed() -> None:
    """``but_of`` leaves out what was full before, and nothing else."""
    old, new = 70_000, 140_000
    left = set(tiles_of(new, but_of=old))
    gone = set(tiles_of(new)) - left
    assert {tile for tile in tiles_of(old) if tile.width == WIDTH} == gone
