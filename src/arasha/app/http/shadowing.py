"""The shadow of a running service: a second policy that follows the log and only counts.

In: a policy, from the command line or by the people who write policies. Out: how often it would
have acted as the one in force did, and how often not. It reads what is durable, in its own time;
nothing it says reaches a payer. One at a time; a new one takes the place of the last. That people
begin and end it are acts (cases/acts.py): by these it goes on after a start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.app.http.desk import Desk
from arasha.engine.live_shadow import LiveShadow
from arasha.engine.live_start import prepare
from arasha.errors import ArashaError
from arasha.events.decisions import ACTIONS
from arasha.policy.definition import Policy

PAUSE_S: Final = 0.5
"""How long it rests when it has caught up, seconds."""


@dataclass(slots=True)
class Shade:
    """What follows now. ``counts`` int64[4, 4]: payments by the action in force (row) and its own;
    ``by`` None: the command line's. ``ready``: its windows are full, and it counts.
    """

    policy: Policy
    by: str | None
    since_ms: int
    ready: bool = False
    counts: NDArray[np.int64] = field(
        default_factory=lambda: np.zeros((len(ACTIONS), len(ACTIONS)), np.int64)
    )

    @property
    def payments(self) -> int:
        """Payments that both have judged."""
        return int(self.counts.sum())

    @property
    def stronger(self) -> int:
        """Those on which it would act more strongly."""
        return int(np.triu(self.counts, 1).sum())

    @property
    def milder(self) -> int:
        """Those on which it would act less strongly."""
        return int(np.tril(self.counts, -1).sum())


class Shadowing:
    """The shadow of one service."""

    def __init__(self, desk: Desk, directory: Path) -> None:
        self._desk, self._directory = desk, directory
        self._wanted = asyncio.Event()
        self._shade: Shade | None = None
        self._shadow: LiveShadow | None = None

    @property
    def shade(self) -> Shade | None:
        """What follows; None where nothing does."""
        return self._shade

    @property
    def behind(self) -> int:
        """Entries that it has yet to judge."""
        return 0 if self._shadow is None else self._shadow.behind

    def follow(self, policy: Policy, by: str | None) -> None:
        """Let this policy follow from here on."""
        self._shade = Shade(policy, by, self._desk.clock().wall_ms)
        self._wanted.set()
        self._desk.journal.say("shadow", result="follows", policy=policy.hash)

    def end(self) -> None:
        """Let nothing follow."""
        self._shade = None
        self._wanted.set()
        self._desk.journal.say("shadow", result="ended")

    async def run(self, begin: Callable[[], Awaitable[tuple[Policy, str | None] | None]]) -> None:
        """Follow, until cancelled. ``begin`` finds what to begin with, and who wanted it; what it
        raises is said.
        """
        try:
            found = await begin()
            if found is not None and self._shade is None:
                self.follow(*found)
        except (ArashaError, OSError) as error:
            self._desk.journal.fault("shadow", error)
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            self.close()
            shade = self._shade
            if shade is None:
                continue
            try:
                await self._along(shade)
            except (ArashaError, OSError) as error:
                self._desk.journal.fault("shadow", error)
                if self._shade is shade:
                    self._shade = None

    async def _along(self, shade: Shade) -> None:
        """Follow with this one, until another is wanted."""
        prepared = await asyncio.to_thread(prepare, self._directory, shade.policy)
        shadow = self._shadow = await asyncio.to_thread(
            LiveShadow, self._directory, prepared
        )  # fmt: skip
        shade.ready = True
        while self._shade is shade:
            counts = await asyncio.to_thread(shadow.step)
            shade.counts += counts
            for action, own in np.argwhere(counts).tolist():
                self._desk.figures.shadowed(action, own, int(counts[action, own]))
            if not shadow.behind:
                await asyncio.sleep(PAUSE_S)

    def close(self) -> None:
        """Close the log that it reads."""
        if self._shadow is not None:
            self._shadow.close()
            self._shadow = None
