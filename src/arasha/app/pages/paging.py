"""A long list, a page at a time; which page stands in the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

ROWS: Final = 50
"""Rows of one page."""

MAX_PAGE: Final = 100_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Paged(Generic[T]):
    """The rows of page ``number``, from 1, of ``total``."""

    rows: Sequence[T]
    number: int
    total: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // ROWS))


def number_of(asked: str | None) -> int:
    """The page that an address asks for; the first for what is no number.

    >>> number_of("3"), number_of("0"), number_of("x"), number_of(None)
    (3, 1, 1, 1)
    """
    text = asked or ""
    known = text.isascii() and text.isdigit() and len(text) < len(str(MAX_PAGE))
    return max(1, int(text)) if known else 1


def paged(some: Sequence[T], number: int) -> Paged[T]:
    """That page of them; the last one where there are not so many.

    >>> paged(range(120), 9).rows
    range(100, 120)
    """
    number = min(number, max(1, -(-len(some) // ROWS)))
    return Paged(some[(number - 1) * ROWS : number * ROWS], number, len(some))
