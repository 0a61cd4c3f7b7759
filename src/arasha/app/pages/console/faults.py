"""What is wrong with a text, where it stands: each fault below its line, with the lines around it.

In: a text and the checker's diagnostics (policy/diagnostics.py). Out: faults with their lines, as
the page shows them in place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from arasha.errors import Diagnostic

AROUND: Final = 2
"""Lines that are shown ahead of a faulty one."""

MAX_SHOWN: Final = 100
"""Faults that are shown, the first."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. ``around`` are the lines ahead of its own, numbered; ``head``, ``marked`` and
    ``tail`` are its own line in three parts. ``start`` and ``end`` are characters of the text.
    """

    said: Diagnostic
    around: tuple[tuple[int, str], ...]
    head: str
    marked: str
    tail: str
    start: int
    end: int


def placed(text: str, found: Sequence[Diagnostic]) -> list[Fault]:
    """The faults in the order of the text."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    return [_placed(lines, starts, one) for one in found[:MAX_SHOWN]]


def _placed(lines: Sequence[str], starts: Sequence[int], one: Diagnostic) -> Fault:
    if not 0 < one.line <= len(lines):
        return Fault(one, (), "", "", "", 0, 0)
    line, at = lines[one.line - 1], one.column - 1
    first = max(0, one.line - 1 - AROUND)
    around = tuple((number + 1, lines[number]) for number in range(first, one.line - 1))
    start = starts[one.line - 1] + at
    end = at + max(1, one.length)
    return Fault(
        one, around, line[:at], line[at:end] or " ", line[end:], start, start + end - at
    )  # fmt: skip
