"""Whose number is it? Ranges by prefix, and the numbers that were ported out of them.

In: a number as it is written and its token. Out: the code of the operator that serves it, or None.
The table is a file of this installation, replaced as a whole, and mapped, not read: 10 bytes a
ported number, 200 MB for twenty million of them, of which a look-up touches three pages::

    one line of JSON: ranges, operators, who loaded it, when    padded to a page
    places      u32[65,537]   where the tokens with each first 16 bits begin
    tokens      u64[n]        the first 8 bytes of each ported number's token, ascending
    operators   u16[n]        who serves it

A ported number stands here as its token alone; a prefix names thousands of numbers, and nobody. Two
of twenty million numbers share 8 bytes once in 90,000 tables.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from arasha.errors import InputError, Place
from arasha.events.schema import PartyKind
from arasha.log.keys import cannot_write, sync_directory
from arasha.vault.tokens import canonical

NUMBERS_FILE: Final = "numbers.table"

MAX_PORTED: Final = 50_000_000
"""Ported numbers of one table."""

MAX_PREFIX_DIGITS: Final = 10
"""Longest prefix: behind +7 it leaves ten numbers. What names one number is a ported number."""

_PLACES: Final = (1 << 16) + 1
_PAGE: Final = 4_096
_MAX_HEAD_BYTES: Final = 64 << 20
MAX_OPERATORS: Final = 1 << 15
"""Operators that one table names."""

HOME: Final = -1
"""Stands for the operator to whom a number's range belongs: it was ported, and has come back."""


Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a file says: ``ranges`` prefix → place in ``operators``; ``tokens`` uint64[n] in any
    order, ``served_by`` int32[n]: places in ``operators``, or HOME.
    """

    operators: tuple[str, ...]
    ranges: Mapping[str, int]
    tokens: Words
    served_by: NDArray[np.int32]


class Loaded(msgspec.Struct, frozen=True):
    """What a table says of itself. ``at_ms`` since 1970 UTC; ``source`` the file's SHA-256."""

    version: int
    operators: tuple[str, ...]
    ranges: dict[str, int]
    ported: int
    at_ms: int
    by: str
    source: str
    sum: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """A table: ``ranges`` prefix with its plus → operator; ``tokens`` uint64[n] ascending, each
    once; ``served_by`` uint16[n], places in ``operators``.
    """

    operators: tuple[str, ...]
    ranges: Mapping[str, int]
    tokens: Words
    served_by: NDArray[np.uint16]
    places: NDArray[np.uint32]
    lengths: tuple[int, ...]
    loaded: Loaded | None = None

    @staticmethod
    def empty() -> Numbers:
        """A table in which nobody owns any number."""
        return _sorted((), {}, np.zeros(0, np.uint64), np.zeros(0, np.uint16))

    def owner_of(self, number: str, token: bytes) -> str | None:
        """The code of the operator that serves that number (in E.164), None where nobody does."""
        at = self._ported(token)
        if at is not None:
            return self.operators[at]
        for length in self.lengths:
            found = self.ranges.get(number[:length])
            if found is not None:
                return self.operators[found]
        return None

    def changed(self, changes: Changes) -> Numbers:
        """The same table after these changes; of a number that comes twice the last counts."""
        names = tuple(sorted({*self.operators, *changes.operators}))
        assert len(names) <= MAX_OPERATORS
        place = {name: at for at, name in enumerate(names)}
        ours = np.array([place[name] for name in self.operators], np.int32)
        theirs = np.array([place[name] for name in changes.operators], np.int32)
        ranges = {prefix: int(ours[at]) for prefix, at in self.ranges.items()}
        ranges |= {prefix: int(theirs[at]) for prefix, at in changes.ranges.items()}
        tokens = np.concatenate([self.tokens, changes.tokens])
        home = changes.served_by == HOME
        moved = np.full(len(home), HOME, np.int32)
        moved[~home] = theirs[changes.served_by[~home]]
        return _sorted(names, ranges, tokens, np.concatenate([ours[self.served_by], moved]))

    def _ported(self, token: bytes) -> int | None:
        word = int.from_bytes(token[:8], "big")
        first, last = int(self.places[word >> 48]), int(self.places[(word >> 48) + 1])
        at = first + int(np.searchsorted(self.tokens[first:last], np.uint64(word)))
        if at < last and int(self.tokens[at]) == word:
            return int(self.served_by[at])
        return None


def word_of(token: bytes) -> int:
    """How a table keeps a token: its first 8 bytes as one integer."""
    return int.from_bytes(token[:8], "big")


def prefix_of(text: str) -> str | None:
    """A prefix as the table keeps it, with its plus; None for what is none.

    >>> prefix_of("7 701"), prefix_of("+7701"), prefix_of("+77011234567"), prefix_of("x")
    ('+7701', '+7701', None, None)
    """
    plain = canonical(PartyKind.NUMBER, text)
    digits = plain[1:]
    fits = plain.startswith("+") and 1 <= len(digits) <= MAX_PREFIX_DIGITS and digits[0] != "0"
    return plain if fits else None


def save(path: Path, numbers: Numbers, *, at_ms: int, by: str, source: str) -> Loaded:
    """Write the table in the place of the one before it, durably, in one step.

    Raises LogFull and LogError for the disk's faults.
    """
    if len(numbers.tokens) > MAX_PORTED:
        raise InputError("more numbers are ported than a table holds", expected=f"{MAX_PORTED}",
                         found=str(len(numbers.tokens)), where=Place(str(path)))  # fmt: skip
    parts = [
        np.ascontiguousarray(numbers.places, "<u4").tobytes(),
        np.ascontiguousarray(numbers.tokens, "<u8").tobytes(),
        np.ascontiguousarray(numbers.served_by, "<u2").tobytes(),
    ]
    hashed = sha256()
    for part in parts:
        hashed.update(part)
    loaded = Loaded(1, numbers.operators, dict(numbers.ranges), len(numbers.tokens), at_ms, by,
                    source, hashed.hexdigest())  # fmt: skip
    head = msgspec.json.encode(loaded) + b"\n"
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        with unfinished.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(head + bytes(-len(head) % _PAGE))
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        sync_directory(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error
    return loaded


def load(path: Path, *, check: bool = False) -> Numbers:
    """The table in that file, mapped; ``check`` reads it all and compares its sum.

    Raises InputError for what is no table.
    """
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise _no_table(path, getattr(error, "strerror", None) or "an empty file") from error
    end = mapped.find(b"\n", 0, _MAX_HEAD_BYTES)
    try:
        loaded = msgspec.json.decode(mapped[: max(0, end)], type=Loaded)
    except msgspec.DecodeError as error:
        raise _no_table(path, "a head that is none") from error
    start = end + 1 + -(end + 1) % _PAGE
    n, known = loaded.ported, len(loaded.operators)
    whole = start + 4 * _PLACES + 10 * n
    beyond = any(not 0 <= at < known for at in loaded.ranges.values())
    if loaded.version != 1 or len(mapped) != whole or beyond:
        raise _no_table(path, f"{len(mapped)} bytes, version {loaded.version}", f"{whole} bytes")
    if check and sha256(memoryview(mapped)[start:]).hexdigest() != loaded.sum:
        raise _no_table(path, "bytes that differ from their sum")
    at = start + 4 * _PLACES
    return Numbers(
        loaded.operators, loaded.ranges, np.frombuffer(mapped, "<u8", n, at),
        np.frombuffer(mapped, "<u2", n, at + 8 * n),
        np.frombuffer(mapped, "<u4", _PLACES, start), _lengths(loaded.ranges), loaded,
    )  # fmt: skip


class Watched:
    """The table of a directory as it is now: another file in its place is taken up."""

    def __init__(self, directory: Path) -> None:
        """Without a file nobody owns any number, until there is one. Raises InputError."""
        self._path = directory / NUMBERS_FILE
        self._seen: tuple[int, int] | None = None
        self.numbers = Numbers.empty()
        self.look()

    def look(self) -> bool:
        """Take up another file; whether there was one. Raises InputError where it is no table: the
        one before it stays.
        """
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return False
        seen = status.st_ino, status.st_mtime_ns
        if seen == self._seen:
            return False
        self.numbers = load(self._path, check=True)
        self._seen = seen
        return True


def _sorted(
    names: tuple[str, ...], ranges: Mapping[str, int], tokens: Words, served_by: NDArray[Any]
) -> Numbers:
    """A table with its tokens in order; of those that are the same the last, unless it is HOME."""
    order = np.argsort(tokens, kind="stable")
    tokens, served_by = tokens[order], served_by[order]
    last = served_by != HOME
    last[:-1] &= tokens[1:] != tokens[:-1]
    tokens, served_by = tokens[last], served_by[last].astype(np.uint16)
    starts = np.arange(_PLACES - 1, dtype=np.uint64) << np.uint64(48)
    places = np.append(np.searchsorted(tokens, starts), len(tokens)).astype(np.uint32)
    return Numbers(names, ranges, tokens, served_by, places, _lengths(ranges))


def _lengths(ranges: Mapping[str, Any]) -> tuple[int, ...]:
    """How long prefixes are, the longest first."""
    return tuple(sorted({len(prefix) for prefix in ranges}, reverse=True))


def _no_table(path: Path, found: str, expected: str = "a table of `arasha numbers`") -> InputError:
    return InputError("this is no table of numbers", expected=expected, found=found,
                      where=Place(str(path)), hint="arasha numbers load makes it")  # fmt: skip
