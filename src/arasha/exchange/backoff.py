"""How long whoever guesses must wait.

In: for whom it failed: a login, or an address. Out: seconds until the next try is looked at. A few
failures are a person's; after ``free`` of them each doubles the wait, up to ``longest_s``, and
after `FORGET_S` without one all is forgotten. So nobody is shut out for long by another who knows
their login, and who guesses has some hundred tries a day.

It stands in memory, bounded: a start forgets it, and no failure costs a write.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FREE: Final = 5
"""Failures of a login in a row that cost no wait."""

LONGEST_S: Final = 900.0
"""Longest wait of a login, seconds."""

FORGET_S: Final = 3_600.0
"""After how long without a failure all of them are forgotten, seconds."""

MAX_KEPT: Final = 10_000
"""Logins or addresses whose failures are remembered; beyond it the one that waits the least is
forgotten."""

_DOUBLED: Final = 16  # beyond it every bound is reached


@dataclass(slots=True)
class _Failures:
    count: int
    last_s: float
    free_at_s: float


class Backoff:
    """The failures of one kind of key. Times are of a clock that never goes back, seconds."""

    def __init__(
        self, free: int = FREE, longest_s: float = LONGEST_S, most: int = MAX_KEPT
    ) -> None:
        self._free, self._longest_s, self._most = free, longest_s, most
        self._of: dict[str, _Failures] = {}

    def wait_s(self, key: str, now_s: float) -> float:
        """Seconds until a try of this one is looked at; 0 now.

        >>> tries = Backoff()
        >>> for _ in range(6):
        ...     tries.failed("aigul", 10.0)
        >>> tries.wait_s("aigul", 10.0), tries.wait_s("aigul", 12.0), tries.wait_s("b", 10.0)
        (2.0, 0.0, 0.0)
        """
        found = self._of.get(key)
        if found is None:
            return 0.0
        if now_s - found.last_s >= FORGET_S:
            del self._of[key]
            return 0.0
        return max(0.0, found.free_at_s - now_s)

    def failed(self, key: str, now_s: float) -> None:
        """It was not the right one."""
        found = self._of.get(key)
        if found is None or now_s - found.last_s >= FORGET_S:
            self._make_room(now_s)
            found = self._of[key] = _Failures(0, now_s, now_s)
        found.count, found.last_s = found.count + 1, now_s
        over = found.count - self._free
        wait_s = 0.0 if over < 0 else min(self._longest_s, 2.0 ** min(over, _DOUBLED))
        found.free_at_s = now_s + wait_s

    def passed(self, key: str) -> None:
        """It was: what failed before is forgotten."""
        self._of.pop(key, None)

    def _make_room(self, now_s: float) -> None:
        if len(self._of) < self._most:
            return
        for key in [k for k, one in self._of.items() if now_s - one.last_s >= FORGET_S]:
            del self._of[key]
        if len(self._of) >= self._most:
            del self._of[min(self._of, key=lambda key: self._of[key].free_at_s)]
