"""Looking back with a draft, in a process of its own: one at a time, behind all that is live.

In: the hash of a draft, or of the policy in force. Out: how far it has come, and in the end its
figures under that hash (drafts.py). The process takes a core only where the service leaves one, is
ended when its time is over, and is ended with the service.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from arasha.app.http.drafts import Drafts
from arasha.app.http.gateways import lines_of
from arasha.app.http.journal import Journal
from arasha.engine.lookback import MAX_DAYS
from arasha.reports.lookback import Figures

LONGEST_S: Final = 600.0
"""How long one may last, seconds; then it is ended."""

MAX_FAILED: Final = 64
"""Hashes of which it is remembered that it failed."""

LayOut = Callable[[str, Path], Path]
"""Writes a text as a policy's file, with its model, into a folder."""


@dataclass(slots=True)
class Trial:
    """One that runs: with which policy, over how many days, since when, for whom."""

    policy: str
    days: int
    by: str
    begun_ms: int
    done: int = 0
    of: int = 0

    @property
    def percent(self) -> int:
        """How far it is, whole hundredths."""
        return 100 * self.done // self.of if self.of else 0


class Trials:
    """The trials of one service."""

    def __init__(
        self, directory: Path, drafts: Drafts, lay_out: LayOut, journal: Journal,
        now_ms: Callable[[], int],
    ) -> None:  # fmt: skip
        self._directory, self._drafts, self._lay_out = directory, drafts, lay_out
        self._journal, self._now_ms = journal, now_ms
        self._task: asyncio.Task[None] | None = None
        self._running: Trial | None = None
        self.failed: dict[str, str] = {}
        """Why the last trial with a policy came to nothing, by its hash."""

    @property
    def running(self) -> Trial | None:
        """The one that runs."""
        return self._running

    def begin(self, policy: str, toml: str | None, days: int, by: str) -> bool:
        """Begin; False while another one runs. Without a text: the policy in force, that hash."""
        assert 0 < days <= MAX_DAYS
        if self._running is not None:
            return False
        self._running = Trial(policy, days, by, self._now_ms())
        self.failed.pop(policy, None)
        self._task = asyncio.create_task(self._run(self._running, toml))
        return True

    async def close(self) -> None:
        """End what runs."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._running = None  # one that had not begun yet has not said so

    async def _run(self, trial: Trial, toml: str | None) -> None:
        said = "its process has ended"
        try:
            said = await asyncio.wait_for(self._looked(trial, toml), LONGEST_S)
        except TimeoutError:
            said = f"it took longer than {LONGEST_S:g} s"
        except (OSError, ValueError, msgspec.DecodeError) as error:
            self._journal.fault("trial", error)
        finally:
            self._running = None
            if said:
                while len(self.failed) >= MAX_FAILED:
                    del self.failed[next(iter(self.failed))]
                self.failed[trial.policy] = said
            self._journal.say("trial", policy=trial.policy, days=trial.days, result=said or "done")

    async def _looked(self, trial: Trial, toml: str | None) -> str:
        """Why it came to nothing; empty where its figures are kept."""
        with tempfile.TemporaryDirectory(prefix="arasha-draft-") as folder:
            words = ["policy", "backtest", str(self._directory), "--days", str(trial.days)]
            if toml is not None:
                path = await asyncio.to_thread(self._lay_out, toml, Path(folder))
                words += ["--policy", str(path)]
            said: dict[str, Any] = {}
            async with aclosing(lines_of(*words, "--json", "--progress")) as lines:
                async for line in lines:
                    said = msgspec.json.decode(line, type=dict[str, Any])
                    if "done" in said:
                        trial.done, trial.of = int(said["done"]), int(said["of"])
        if "error" in said:
            return str(said["error"].get("what", "it failed"))
        if "now" not in said:
            return "its process has ended"
        await asyncio.to_thread(
            self._drafts.found, trial.policy, msgspec.convert(said, type=Figures)
        )
        return ""
