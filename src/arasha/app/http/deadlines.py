"""Whose time is over, and how late we are ourselves: one look at the clock for all who wait,
instead of a timer for each.

In: what waits, by when. Out: a word to those that still wait then, at most a tick later. All of one
participant's requests have the same time, so they end in the order in which they came.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

TICK_S: Final = 0.01
"""How often it is looked, seconds."""

SLEPT_NS: Final = 500_000
"""An event loop that did nothing for so long has slept: nobody was waiting for it, ns."""


class Waiting(Protocol):
    """Something that has until ``deadline_ns``; ``over`` when it waits no more."""

    @property
    def deadline_ns(self) -> int:
        """On the steady clock, ns."""

    @property
    def over(self) -> bool:
        """Whether it was answered."""

    def late(self) -> None:
        """Its time is over."""


class Deadlines:
    """Those of one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, steady_ns: Callable[[], int]) -> None:
        self._loop, self._steady_ns = loop, steady_ns
        self._lines: dict[int, deque[Waiting]] = {}
        self._ticking = False

    def add(self, waiting: Waiting, limit_ms: int) -> None:
        """One more; of those with the same limit each has a later deadline than the one before."""
        line = self._lines.get(limit_ms)
        if line is None:
            line = self._lines[limit_ms] = deque()
        line.append(waiting)
        if not self._ticking:
            self._ticking = True
            self._loop.call_later(TICK_S, self._tick)

    def _tick(self) -> None:
        now_ns = self._steady_ns()
        for limit_ms, line in list(self._lines.items()):
            while line and (line[0].over or line[0].deadline_ns <= now_ns):
                first = line.popleft()
                if not first.over:
                    first.late()
            if not line:
                del self._lines[limit_ms]
        self._ticking = bool(self._lines)
        if self._ticking:
            self._loop.call_later(TICK_S, self._tick)


class Rounds:
    """How long requests may have waited in their sockets before the event loop came to them.

    A round is what came together. Each request of it may have come when the loop last looked:
    while it read the round before, or wrote answers since, unless it has slept in between::

        | reads a round | writes answers | reads the next round ...  | sleeps | reads ...
          ╰─ a request may have come here ──────────▶ is read here
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, steady_ns: Callable[[], int]) -> None:
        self._loop, self._steady_ns = loop, steady_ns
        self._since_ns: int | None = None  # the first request of this round may have come then
        self._looked_ns = self._ended_ns = 0
        self.read = 0  # of this round

    def waited_ns(self, now_ns: int) -> int:
        """The longest that a request which is read now may have waited, nanoseconds."""
        if self._since_ns is None:
            slept = now_ns - self._ended_ns > SLEPT_NS
            self._since_ns = now_ns if slept else self._looked_ns
            self._looked_ns, self.read = now_ns, 0
            self._loop.call_soon(self._over)  # when all of the round were read
        self.read += 1
        return now_ns - self._since_ns

    def worked(self, since_ns: int) -> None:
        """The loop has done something else since then, and does not sleep yet."""
        if self._since_ns is not None:
            return  # in the midst of a round
        if since_ns - self._ended_ns > SLEPT_NS:
            self._looked_ns = since_ns
        self._ended_ns = self._steady_ns()

    def _over(self) -> None:
        self._since_ns = None
        self._ended_ns = self._steady_ns()
