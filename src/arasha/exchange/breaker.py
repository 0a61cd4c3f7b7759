"""A breaker: who does not answer is not asked for a while.

In: what became of each question, and the time on a clock that never goes back. Out: whether the
next one may be asked. An operator that is down then costs a call nothing, where each would else
wait for the whole of its time::

    closed ── FAILURES in a row ──▶ open for a while ──▶ one question on trial ──▶ closed
       ▲                              ▲                        │ not answered
       ╰── answered                   ╰──── twice as long ─────╯
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FAILURES: Final = 5
"""Questions in a row without an answer after which nobody asks."""

SHORTEST_S: Final = 1.0
"""How long it is first waited, seconds; each trial that fails doubles it."""

LONGEST_S: Final = 60.0
"""How long it is waited at most, seconds."""


@dataclass(slots=True)
class Breaker:
    """The breaker of one operator."""

    failures: int = 0
    wait_s: float = 0.0
    until_s: float = 0.0
    on_trial: bool = False

    @property
    def open(self) -> bool:
        """Whether it was given up for now, or is on trial."""
        return self.wait_s > 0

    def may_ask(self, now_s: float) -> bool:
        """Whether to ask; where it is open and its time is over, one question is let through.

        >>> breaker = Breaker()
        >>> for _ in range(FAILURES):
        ...     breaker.failed(10.0)
        >>> [breaker.may_ask(now_s) for now_s in (10.5, 11.0, 11.1)]
        [False, True, False]
        """
        if not self.open:
            return True
        if self.on_trial or now_s < self.until_s:
            return False
        self.on_trial = True
        return True

    def answered(self) -> None:
        """It answered: all is well."""
        self.failures, self.wait_s, self.on_trial = 0, 0.0, False

    def failed(self, now_s: float) -> None:
        """It did not. What was asked before it was given up, and fails later, changes nothing."""
        if self.open and not self.on_trial:
            return
        self.failures += 1
        if self.on_trial or self.failures >= FAILURES:
            self.wait_s = min(LONGEST_S, max(SHORTEST_S, 2 * self.wait_s))
            self.until_s, self.on_trial = now_s + self.wait_s, False
