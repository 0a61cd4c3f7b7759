"""What staff and officers need of the installation in which they work.

In the closed loop it is a `Casework` (casework.py); in the demonstration the centre's own log.
"""

from __future__ import annotations

from typing import Protocol

from arasha.cases.acts import Actor, AnyAct
from arasha.cases.law import Law
from arasha.cases.projection import Done
from arasha.cases.refusals import Refusal
from arasha.cases.state import State


class Work(Protocol):
    """One installation's acting part."""

    @property
    def name(self) -> str:
        """Whose it is."""

    @property
    def state(self) -> State:
        """As of the last act."""

    @property
    def law(self) -> Law:
        """The law in force."""

    def do(self, by: Actor, act: AnyAct, at_ms: int) -> Done | Refusal:
        """Have an act taken, or say by its name why not."""
