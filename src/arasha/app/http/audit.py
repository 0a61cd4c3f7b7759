"""``/v1/audit``: the audit of the running centre, for its auditor.

The log is read beside its writer, in a thread; the holds that the centre works with are taken from
it between two acts. No party is named: whoever may look further asks for a hold by its id.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from arasha.app.http import problems
from arasha.app.http.acting import Acting, Answer, Collection, Verb, reply
from arasha.app.http.office import refused
from arasha.app.http.problems import Problem
from arasha.cases.acts import Actor
from arasha.cases.records import Hold
from arasha.cases.refusals import Refusal
from arasha.cases.roles import VIEWS, may
from arasha.log.log import Log
from arasha.reports.audit import audit
from arasha.reports.audit_tables import as_object

MAX_LISTED: Final = 1_000
"""Holds, listings, reveals and views that are told, the last ones; ``arasha audit`` has all."""

AGAIN_S: Final = 5
"""When to come again while an audit is being made, seconds."""


class Audits(Collection):
    """The audit: who held money for how long on what ground, and which law was broken."""

    name = "audit"
    listed = True
    shown = False
    verbs: ClassVar[Mapping[str, Verb]] = {}

    def __init__(self, acting: Acting, directory: Path) -> None:
        super().__init__(acting)
        self._directory = directory
        self._turn = asyncio.Lock()

    async def show_all(self, actor: Actor) -> Answer:
        """The audit as of now; one at a time."""
        if not may(actor, VIEWS["the audit"]):
            return refused(Refusal.NOT_FOR_THIS_ROLE)
        if self._turn.locked():
            return Problem(problems.TOO_MANY, "an audit is being made", retry_after_s=AGAIN_S)
        async with self._turn:
            known = await self.acting.office.within(
                lambda writer: (writer.log.size, dict(writer.state.holds))
            )
            if isinstance(known, Problem):
                return known
            return reply(await asyncio.to_thread(self._audited, *known))

    def _audited(self, size: int, holds: Mapping[str, Hold]) -> dict[str, Any]:
        with Log.open(self._directory, writable=False) as log:
            found = audit(log, stop=size, live=holds)
        return as_object(found, with_parties=False, most=MAX_LISTED)
