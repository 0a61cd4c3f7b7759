"""Two texts beside each other: what stands in one and not in the other, line by line.

In: the text in force, another. Out: the lines that differ, each with a few around it. Texts that
are too long to be compared are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

MAX_LINES: Final = 6_000
"""Lines of a text beyond which nothing is compared."""

AROUND: Final = 2
"""Lines that are shown around what differs."""


@dataclass(frozen=True, slots=True)
class Line:
    """``sort``: ``gone``, ``new``, ``same``, or ``gap`` for lines that are left out."""

    sort: Literal["gone", "new", "same", "gap"]
    number: int
    text: str


def differing(before: str, after: str) -> list[Line] | None:
    """The differing lines; empty where there are none, None where the texts are too long."""
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > MAX_LINES:
        return None
    found: list[Line] = []
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) > 2_000)
    for group in matcher.get_grouped_opcodes(AROUND):
        if found:
            found.append(Line("gap", 0, ""))
        for tag, a, b, c, d in group:
            if tag == "equal":
                found += [Line("same", at + 1, new[at]) for at in range(c, d)]
                continue
            found += [Line("gone", at + 1, old[at]) for at in range(a, b)]
            found += [Line("new", at + 1, new[at]) for at in range(c, d)]
    return found
