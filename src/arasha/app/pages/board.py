"""How many cases stand how, at this moment: for all who watch the queue, looked up once.

In: who reads. Out: counters that are at most `FRESH_S` old, however many watch. The writing thread
is asked once in that time, and not at all while nobody watches.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from arasha.app.http.office import Office
from arasha.app.http.problems import Problem
from arasha.cases.waiting import Counters, Waiting

FRESH_S: Final = 1.0
"""How old counters may be that are told, seconds."""

MAX_EACH: Final = 6
"""Streams of one person at once: so many windows watch; in a further one the counters stand."""


@dataclass(slots=True)
class Board:
    """The counters of one service. Only for the event loop."""

    office: Office
    waiting: Waiting
    _found: Counters | None = None
    _found_s: float = float("-inf")
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _readers: Counter[str] = field(default_factory=Counter)

    async def counters(self) -> Counters | None:
        """The counters; None while there is nobody to ask."""
        clock: Callable[[], float] = asyncio.get_running_loop().time
        async with self._turn:
            if clock() - self._found_s >= FRESH_S:
                found = await self.office.read(self.waiting.counters)
                self._found = None if isinstance(found, Problem) else found
                self._found_s = clock()
            return self._found

    def sits_down(self, person: str) -> bool:
        """Somebody watches; False where they do so in too many windows."""
        if self._readers[person] >= MAX_EACH:
            return False
        self._readers[person] += 1
        return True

    def gets_up(self, person: str) -> None:
        """They watch no longer."""
        self._readers[person] -= 1
        if not self._readers[person]:
            del self._readers[person]
