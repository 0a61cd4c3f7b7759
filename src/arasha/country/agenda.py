"""What is still to be done, each thing at its time: the diary of banks, officers and held people.

In: steps with the instant at which they are due. Out: the steps, run in order of time; of the same
instant, in the order in which they were put down. A step may put down others.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush

Step = Callable[[int], object]
"""Something to do; it is told the instant at which it is done. What comes of it is nobody's: who
acts too late is refused, and that is that."""


class Agenda:
    """The steps that are due later."""

    def __init__(self) -> None:
        self._due: list[tuple[int, int, Step]] = []
        self._order = 0

    def put(self, at_ms: int, step: Step) -> None:
        """Have it done then."""
        heappush(self._due, (at_ms, self._order, step))
        self._order += 1

    @property
    def next_ms(self) -> int | None:
        """When the next step is due; None where there is none."""
        return self._due[0][0] if self._due else None

    def run(self, until_ms: int) -> None:
        """Do all that is due before that instant."""
        while self._due and self._due[0][0] < until_ms:
            at_ms, _, step = heappop(self._due)
            step(at_ms)
