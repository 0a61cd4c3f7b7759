"""The payments that a seat has seen, to follow money with: caught up with when somebody looks.

In: batches of facts as a seat sees them. Out: the arena (flows/arena.py) with all of them in it.
Reports are rare and slices many; taken in together a thousand batches cost what ten do.
"""

from __future__ import annotations

from typing import Final

from arasha.events.columns import Facts, concatenate
from arasha.flows.arena import Arena

AT_ONCE: Final = 1 << 14
"""Facts that wait at most."""


class PaymentsSeen:
    """What one seat has seen."""

    def __init__(self) -> None:
        self._arena = Arena()
        self._waiting: list[Facts] = []
        self._rows = 0

    def see(self, facts: Facts) -> None:
        """Another batch, in order."""
        self._waiting.append(facts)
        self._rows += len(facts)
        if self._rows >= AT_ONCE:
            self._catch_up()

    @property
    def arena(self) -> Arena:
        """The arena with everything in it."""
        self._catch_up()
        return self._arena

    def copy(self) -> PaymentsSeen:
        """Another that has seen the same."""
        other = PaymentsSeen()
        other._arena.restore(self.arena.save())
        return other

    def _catch_up(self) -> None:
        if self._waiting:
            facts = concatenate(self._waiting)
            self._waiting, self._rows = [], 0
            self._arena.observe(facts, facts.number("happened_at"))
