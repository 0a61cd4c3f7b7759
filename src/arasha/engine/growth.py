"""Growth: the facts by which a log has grown, for those who keep something beside it.

In: what each commit decided, as it is made; the log. Out: the facts since the last asking, in
order. What was handed over is still in memory, so the log need not be read, opened and unpacked
again, which costs as much as keeping it did; what was not (acts between, a start, a standby, more
than is held) is read from the log. Either way it is the same. For the writing thread alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.engine.again import stretches
from arasha.engine.decide import Decided
from arasha.events.columns import Facts, concatenate
from arasha.events.reference import digests_of
from arasha.log.log import Log

HELD_FACTS: Final = 32_768
"""Facts that are held for whoever asks; with more, the log is read."""

Some = tuple[Facts, NDArray[np.int64], NDArray[np.uint64]]
"""Facts, when each was known, ms, and their names (events/reference.py)."""


class Growth:
    """What one log has grown by since it was last asked."""

    def __init__(self, log: Log, at: int) -> None:
        """``at``: the first entry that is new."""
        self._log, self._at = log, at
        self._handed: deque[tuple[int, int, Some]] = (
            deque()
        )  # first entry, and that behind the last
        self._facts = 0

    def hand(self, decided: Decided) -> None:
        """A commit was made; its entries are the last of the log."""
        if not len(decided.facts):
            return
        names = decided.admission.digests[decided.admission.fresh]
        self._handed.append(
            (int(decided.seq[0]), self._log.size, (decided.facts, decided.known_at, names))
        )
        self._facts += len(decided.facts)
        if self._facts > HELD_FACTS:
            self._handed.clear()
            self._facts = 0

    def new(self) -> Iterator[Some]:
        """The facts since the last asking; what is not taken from it counts as new still.

        What many small commits handed over comes together: taking facts in has a price each time.
        """
        while self._handed:
            yield from self._read(self._handed[0][0])
            together: list[Some] = []
            while self._handed and self._handed[0][0] <= self._at:
                first, stop, some = self._handed.popleft()
                self._facts -= len(some[0])
                if first == self._at:
                    self._at = stop
                    together.append(some)
            if together:
                facts, known_at, names = zip(*together, strict=True)
                yield concatenate(facts), np.concatenate(known_at), np.concatenate(names)
        yield from self._read(self._log.size)

    def _read(self, stop: int) -> Iterator[Some]:
        """Those up to that entry that nobody handed over."""
        if self._at >= stop:
            return
        for facts, known_at, _ in stretches(self._log, stop, start=self._at):
            if len(facts):
                yield facts, known_at, digests_of(facts)
        self._at = stop
