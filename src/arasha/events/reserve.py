"""Memory that grows where it lies: addresses reserved at once, pages taken as they are written.

A state that doubles an array copies all of it between two payments: 90 ms for a quarter of a
million of them (measured), a second for millions. So the arrays of a state have from the beginning
the addresses of all they may ever hold; the system gives memory to what is written, and takes it
back from what was let go. In small pages: a large one is filled with zeros while somebody waits,
5 ms on a virtual machine (measured), and a table that was just begun is written all over at once.
"""

from __future__ import annotations

import mmap
from typing import Final

import numpy as np
from numpy.typing import NDArray

_NO_RESERVE: Final = 0x4000  # Linux: what was never written counts nowhere; not in 3.11's mmap
_WORD: Final = 8

GRAIN_WORDS: Final = (2 << 20) // _WORD
"""Words whose memory is given back together: a multiple of every page's size."""


class Reserve:
    """``words`` int64 words, zero until written; fewer, down to ``least``, where the system lends
    no more addresses. Raises MemoryError below.
    """

    __slots__ = ("_lent", "words")

    def __init__(self, words: int, least: int) -> None:
        self._lent = _lent(words, least)
        self.words: NDArray[np.int64] = np.frombuffer(self._lent, np.int64)
        self._lent.madvise(mmap.MADV_NOHUGEPAGE)

    def give_back(self, first: int, stop: int) -> None:
        """Give back the memory of words ``first`` up to ``stop`` by whole grains, with what stands
        before ``first`` in its grain and without the last, unfinished one. They read as zero again.
        """
        start, end = (at // GRAIN_WORDS * GRAIN_WORDS * _WORD for at in (first, stop))
        if end > start:
            self._lent.madvise(mmap.MADV_DONTNEED, start, end - start)


def zeros(words: int) -> NDArray[np.int64]:
    """int64[words] of zeros of which nothing is in memory until it is written; what the system's
    own library gives is at times memory that was used before, and then all of it is written first.
    """
    return Reserve(words, words).words if words else np.zeros(0, np.int64)


def _lent(words: int, least: int) -> mmap.mmap:
    while True:
        try:
            return mmap.mmap(
                -1, words * _WORD, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NO_RESERVE
            )
        except OSError as error:
            if words <= least:
                raise MemoryError(f"{words * _WORD:,} bytes of addresses") from error
            words = max(least, words // 2)
