"""Checkpoints: the head of a log as one text that is signed (C2SP tlog-checkpoint, version 1).

Where on the path: beside *shown*. In: the log's name, its size and its Merkle root. Out: the text
of a note, and back::

    centre.example/record                             origin: which log
    48                                                size, in decimal
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=      root, base64
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final, Self

from arasha.errors import InputError
from arasha.log.merkle import HASH_BYTES
from arasha.log.notes import unbase64

MAX_SIZE: Final = (1 << 63) - 1
"""Most leaves that a checkpoint may claim."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """``size`` entries of the log ``origin`` have the Merkle root ``root``.

    ``extensions`` are further lines, which we never write and keep as they are found.

    >>> Checkpoint.parse(Checkpoint("a.example/log", 7, bytes(32)).text).size
    7
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text of the note."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode())
        return "".join(f"{line}\n" for line in (*lines, *self.extensions))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The checkpoint of a note's text. Raises InputError for any other text."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() or not all(lines):
            raise _no_checkpoint("other lines")
        origin, size, root, *extensions = lines
        count = decimal(size)
        if count is None or count > MAX_SIZE:
            raise _no_checkpoint("a size that is no number")
        try:
            digest = unbase64(root)
        except ValueError as error:
            raise _no_checkpoint("a root that is no base64") from error
        if len(digest) != HASH_BYTES:
            raise _no_checkpoint(f"a root of {len(digest)} bytes")
        return cls(origin, count, digest, tuple(extensions))

    def __str__(self) -> str:
        """As it is said to people."""
        return f"{self.size:,} entries of {self.origin}"


def decimal(text: str) -> int | None:
    """A number written in ASCII digits without zeros in front; None for anything else."""
    if not (text.isascii() and text.isdigit()) or len(text) > 19:
        return None
    return None if text != "0" and text.startswith("0") else int(text)


def _no_checkpoint(found: str) -> InputError:
    return InputError("this note is no checkpoint", found=found,
                      expected="three lines: the log's origin, its size, its root")  # fmt: skip
