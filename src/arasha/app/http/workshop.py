"""Where policies are made: drafts, trials, the shadow, and the way into force, of one service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from arasha.app.http.drafts import Drafts
from arasha.app.http.publishing import Publishing
from arasha.app.http.shadowing import Shadowing
from arasha.app.http.trials import Trials
from arasha.engine.drift import Drift
from arasha.policy.definition import Policy


@dataclass(frozen=True, slots=True)
class Workshop:
    """``beside`` is the service's own policy file; ``drift`` what is counted of the model."""

    publishing: Publishing
    drafts: Drafts
    trials: Trials
    shadowing: Shadowing
    drift: Callable[[], Drift | None]
    beside: Path | None

    def shadow_to_begin_with(self) -> tuple[Policy, str | None] | None:
        """The draft that people had put in the shadow before this start. It blocks. Raises
        PolicyError.
        """
        remembered = self.shadowing.remembered()
        found = None if remembered is None else self.drafts.one(remembered.policy)
        if remembered is None or found is None:
            return None
        return self.publishing.loaded(found[1]), remembered.by
