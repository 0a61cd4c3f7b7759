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
    """How long the event loop has been at the requests that came together."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._began_ns: int | None = None

    def since_ns(self, now_ns: int) -> int:
        """Nanoseconds since the first of them; what is scheduled runs when all were read."""
        if self._began_ns is None:
            self._began_ns = now_ns
            self._loop.call_soon(self._over)
        return now_ns - self._began_ns

    def _over(self) -> None:
        self._began_ns = None
