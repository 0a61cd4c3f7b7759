"""A public record, checked from outside: whether every tile is what the signed root says.

Where on the path: beside *shown*, for whoever has no log. In: a way to fetch the record's files,
and the keys that somebody trusts. Out: the checkpoint and who vouches for it, or the first thing
that does not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from arasha.errors import InputError, Place
from arasha.log.merkle import HASH_BYTES, Frontier
from arasha.log.notes import Note
from arasha.log.publish import CHECKPOINT_FILE
from arasha.log.signing import Opened, Verifier, opened
from arasha.log.tiles import HEIGHT, Tile, Tiles, tiles_of

Fetch = Callable[[str], bytes]
"""A file of the record by its path. Raises InputError where there is none."""


def inspect(fetch: Fetch, log: Sequence[Verifier], witnesses: Sequence[Verifier] = ()) -> Opened:
    """Check signatures and every tile of the record; who vouches for which checkpoint.

    Reads 32 bytes an entry, a tile at a time. Raises InputError, naming the first file that is
    wrong.
    """
    found = opened(Note.parse(fetch(CHECKPOINT_FILE)), log, witnesses)
    checkpoint = found.checkpoint
    leaves = bytearray()
    frontier = Frontier()
    for tile in tiles_of(checkpoint.size):
        if tile.level == 0:
            hashes = _hashes(fetch, tile)
            frontier = frontier.extended(hashes)
            leaves += hashes
    if frontier.root() != checkpoint.root:
        raise InputError(
            "the record's leaves do not lead to the root that was signed",
            expected=checkpoint.root.hex(), found=frontier.root().hex(),
            hint="a tile was changed since, or the log signed what it does not show",
        )  # fmt: skip
    tiles = Tiles(lambda low, high: bytes(leaves[low * HASH_BYTES : high * HASH_BYTES]))
    tiles.grow(checkpoint.size)
    for tile in tiles_of(checkpoint.size):
        if tile.level and _hashes(fetch, tile) != tiles.tile(tile):
            raise InputError(
                "a tile is not what the leaves below it say", where=Place(tile.path),
                expected=f"hashes of {1 << HEIGHT * tile.level} leaves each", found="others",
            )  # fmt: skip
    return found


def _hashes(fetch: Fetch, tile: Tile) -> bytes:
    data = fetch(tile.path)
    if len(data) != tile.width * HASH_BYTES:
        raise InputError("a tile has another length", where=Place(tile.path),
                         expected=f"{tile.width * HASH_BYTES} bytes",
                         found=f"{len(data)} bytes")  # fmt: skip
    return data
