"""The Merkle tree as tiles: files of 256 hashes that make any proof (C2SP tlog-tiles).

Where on the path: beside *shown*. In: the leaf hashes of a log that grows. Out: its tiles by level
and index; roots and proofs, from whole tiles instead of every leaf. Of a tree of 70,000 leaves::

    level 2                     one hash, so far                        tile/2/000.p/1
    level 1    256 hashes  | 17 hashes        each over 256 below       tile/1/000, 001.p/17
    level 0    256 leaves  | 256 leaves | … | 112 leaves                tile/0/000, … 273.p/112

Leaves are read from the log when they are asked for; the hashes above them, 1/255 as many, are held
in memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from arasha.log import merkle
from arasha.log.merkle import HASH_BYTES, Frontier, Leaves

WIDTH: Final = 256
"""Hashes of a full tile."""

HEIGHT: Final = 8
"""Levels of the tree that a tile spans."""

TOP_LEVEL: Final = 63
"""Highest level that a path may name."""

PREFIX: Final = "tile/"

_AT_ONCE: Final = 256  # tiles' leaves read at a time: 2 MiB
_PATH: Final = re.compile(r"tile/(0|[1-9][0-9]?)/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?")
_LONGEST_INDEX: Final = 7  # path elements: 10^21 tiles


@dataclass(frozen=True, slots=True)
class Tile:
    """Which tile: its level, its index there, and how many hashes of it (256: all)."""

    level: int
    index: int
    width: int

    @property
    def path(self) -> str:
        """Where it is served and lies, below the record's prefix.

        >>> Tile(0, 1234067, 256).path
        'tile/0/x001/x234/067'
        """
        digits = str(self.index)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        path = f"{PREFIX}{self.level}/" + "/".join([f"x{part}" for part in parts[:-1]] + parts[-1:])
        return path if self.width == WIDTH else f"{path}.p/{self.width}"

    @staticmethod
    def of_path(path: str) -> Tile | None:
        """The tile of a path; None where the path names none, or in another way than it must."""
        found = _PATH.fullmatch(path)
        if found is None or found[2].count("/") >= _LONGEST_INDEX:
            return None
        index = int(found[2].replace("x", "").replace("/", ""))
        tile = Tile(int(found[1]), index, int(found[3] or WIDTH))
        return tile if tile.level <= TOP_LEVEL and tile.path == path else None

    def is_of(self, size: int) -> bool:
        """Whether a tree of that size has all of its hashes."""
        return self.index * WIDTH + self.width <= size >> HEIGHT * self.level


def tiles_of(size: int, *, but_of: int = 0) -> Iterator[Tile]:
    """The tiles of a tree of that size, full ones and the partial one of each level.

    ``but_of``: without those full ones that a tree of that smaller size has already.
    """
    level = 0
    while hashes := size >> HEIGHT * level:
        full, rest = divmod(hashes, WIDTH)
        for index in range((but_of >> HEIGHT * level) // WIDTH, full):
            yield Tile(level, index, WIDTH)
        if rest:
            yield Tile(level, full, rest)
        level += 1


class Tiles:
    """The tiles of a log, as far as `grow` was told. Not for two threads at once."""

    def __init__(self, leaves: Leaves) -> None:
        self._leaves = leaves
        self._above: list[bytearray] = []  # hashes of levels 1, 2, …
        self.size = 0

    def grow(self, size: int) -> None:
        """Take in the leaves up to that size; each is read once here."""
        assert size >= self.size
        level = 0
        while size >> HEIGHT * (level + 1):
            if level == len(self._above):
                self._above.append(bytearray())
            above = self._above[level]
            full = size >> HEIGHT * (level + 1)
            for start in range(len(above) // HASH_BYTES, full, _AT_ONCE):
                stop = min(full, start + _AT_ONCE)
                above += merkle.raised(self._hashes(level, start * WIDTH, stop * WIDTH), HEIGHT)
            level += 1
        self.size = size

    def tile(self, tile: Tile) -> bytes:
        """The hashes of a tile that the tree has."""
        assert tile.is_of(self.size)
        start = tile.index * WIDTH
        return self._hashes(tile.level, start, start + tile.width)

    def root(self, size: int | None = None) -> bytes:
        """The root of the first ``size`` leaves, by default of all."""
        return self.subtree(0, self.size if size is None else size)

    def subtree(self, low: int, high: int) -> bytes:
        """The root over leaves ``low`` up to ``high``; ``low`` divides by the largest part's size.

        So do all that a proof asks for.
        """
        assert 0 <= low <= high <= self.size
        peaks: dict[int, bytes] = {}
        at = low
        for height in reversed(range((high - low).bit_length())):
            if (high - low) >> height & 1:
                assert at % (1 << height) == 0
                level, rest = divmod(height, HEIGHT)
                first = at >> HEIGHT * level
                peaks[height] = merkle.raised(self._hashes(level, first, first + (1 << rest)), rest)
                at += 1 << height
        return Frontier(high - low, peaks).root()

    def inclusion_proof(self, index: int, size: int) -> tuple[bytes, ...]:
        """That leaf ``index`` is in the tree of ``size`` leaves; see merkle.check_inclusion."""
        assert size <= self.size
        return merkle.inclusion_path(self.subtree, index, size)

    def consistency_proof(self, old: int, new: int) -> tuple[bytes, ...]:
        """That the tree of ``new`` begins with that of ``old``; see merkle.check_consistency."""
        assert new <= self.size
        return merkle.consistency_path(self.subtree, old, new)

    def _hashes(self, level: int, start: int, stop: int) -> bytes:
        if level == 0:
            hashes = self._leaves(start, stop)
        else:
            hashes = bytes(self._above[level - 1][start * HASH_BYTES : stop * HASH_BYTES])
        assert len(hashes) == (stop - start) * HASH_BYTES
        return hashes
