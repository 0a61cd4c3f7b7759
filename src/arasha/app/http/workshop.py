"""Where policies are made: drafts, trials, the shadow, and the way into force, of one service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from arasha.app.http.drafts import Drafts
from arasha.app.http.office import Office
from arasha.app.http.problems import Problem
from arasha.app.http.publishing import Publishing
from arasha.app.http.shadowing import Shadowing
from arasha.app.http.trials import Trials
from arasha.cases.acts import Actor, ShadowBegun, ShadowEnded
from arasha.cases.projection import Done
from arasha.cases.refusals import Refusal
from arasha.engine.drift import Drift
from arasha.policy.definition import Policy

AGAIN_S: Final = 1.0
"""How long to wait before the state is asked for again, seconds: a standby has none."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """``beside`` is the service's own policy file; ``drift`` what is counted of the model."""

    office: Office
    publishing: Publishing
    drafts: Drafts
    trials: Trials
    shadowing: Shadowing
    drift: Callable[[], Drift | None]
    beside: Path | None

    async def begin_shadow(self, actor: Actor, policy: Policy) -> Done | Refusal | Problem:
        """Have a policy follow, once it is on record who wanted that."""
        done = await self.office.do(actor, ShadowBegun(policy.hash))
        if isinstance(done, Done):
            self.shadowing.follow(policy, actor.name)
        return done

    async def end_shadow(self, actor: Actor) -> Done | Refusal | Problem | None:
        """Have nothing follow, once it is on record who wanted that; None where nothing did."""
        shade = self.shadowing.shade
        if shade is None:
            return None
        done = await self.office.do(actor, ShadowEnded(shade.policy.hash))
        if isinstance(done, Done) and self.shadowing.shade is shade:
            self.shadowing.end()
        return done

    async def shadow_to_begin_with(self) -> tuple[Policy, str | None] | None:
        """The draft that people had put in the shadow before this start, once the log's state is
        known here. Raises PolicyError.
        """
        while isinstance(known := await self.office.read(lambda state, _: state.shadowed), Problem):
            await asyncio.sleep(AGAIN_S)
        if known is None or known.policy is None:
            return None
        found = await asyncio.to_thread(self.drafts.one, known.policy)
        if found is None:
            return None
        return await asyncio.to_thread(self.publishing.loaded, found[1]), known.by
