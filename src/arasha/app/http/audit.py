"""``/v1/audit``: the audit of the running centre, for its auditor (auditing.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from arasha.app.http.acting import Answer, Collection, Verb, reply
from arasha.app.http.office import refused
from arasha.app.http.problems import Problem
from arasha.cases.acts import Actor
from arasha.cases.refusals import Refusal
from arasha.cases.roles import VIEWS, may


class Audits(Collection):
    """The audit: who held money for how long on what ground, and which law was broken."""

    name = "audit"
    listed = True
    shown = False
    verbs: ClassVar[Mapping[str, Verb]] = {}

    async def show_all(self, actor: Actor) -> Answer:
        """The audit as of now; one at a time."""
        if not may(actor, VIEWS["the audit"]):
            return refused(Refusal.NOT_FOR_THIS_ROLE)
        found = await self.acting.auditing.made()
        return found if isinstance(found, Problem) else reply(found)
