"""Audits of the running centre, made beside its work: for ``/v1/audit`` and for the console.

The log is read beside its writer, in a thread, one audit at a time; the holds that the centre works
with are taken from it between two acts. In: a word to begin. Out: the last audit, as plain data in
which no party is named.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from arasha.app.http import problems
from arasha.app.http.desk import Desk
from arasha.app.http.office import Office
from arasha.app.http.problems import Problem
from arasha.cases.records import Hold
from arasha.log.log import Log
from arasha.reports.audit import audit
from arasha.reports.audit_tables import as_object

MAX_LISTED: Final = 1_000
"""Holds, listings, reveals and views that are told, the last ones; ``arasha audit`` has all."""

AGAIN_S: Final = 5
"""When to come again while an audit is being made, seconds."""


class Stopping(Exception):
    """The service stops: the audit is of no use to anybody. Stays in this module."""


class Auditing:
    """The audits of one service. ``last`` is the last one made; ``has_failed``: the last that was
    begun was not finished.
    """

    def __init__(self, desk: Desk, office: Office, directory: Path) -> None:
        self._desk, self._office, self._directory = desk, office, directory
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self.last: Mapping[str, Any] | None = None
        self.has_failed = False

    @property
    def is_busy(self) -> bool:
        """Whether one is being made."""
        return self._turn.locked() or self._task is not None

    async def made(self) -> Mapping[str, Any] | Problem:
        """An audit as of now."""
        if self._turn.locked():
            return Problem(problems.TOO_MANY, "an audit is being made", retry_after_s=AGAIN_S)
        async with self._turn:
            known = await self._office.within(
                lambda writer: (writer.log.size, dict(writer.state.holds))
            )
            if isinstance(known, Problem):
                return known
            try:
                self.last = await asyncio.to_thread(self._audited, *known)
            except Stopping:
                return self._desk.busy()
            return self.last

    def begin(self) -> None:
        """Have one made, without waiting for it; nothing where one is being made."""
        if not self.is_busy:
            self._task = asyncio.create_task(self._begun())

    async def _begun(self) -> None:
        try:
            self.has_failed = isinstance(await self.made(), Problem)
        except Exception as error:  # noqa: BLE001 - said in the journal, and on the page
            self.has_failed = True
            self._desk.journal.fault("audit", error)
        finally:
            self._task = None

    def _audited(self, size: int, holds: Mapping[str, Hold]) -> dict[str, Any]:
        with Log.open(self._directory, writable=False) as log:
            found = audit(log, stop=size, live=holds, on_progress=self._go_on)
        return as_object(found, with_parties=False, most=MAX_LISTED)

    def _go_on(self, _: int) -> None:
        if self._desk.stopped.is_set():
            raise Stopping
