"""``/v1/receipts/SEQ``: the receipt of any entry of the log, for the auditor: holds, releases,
appeals, reveals. It has the entry closed, header and ciphertext: nothing about a party is read in
it without a key. Whose act it was, or whom it held, has its receipts under that hold or appeal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from arasha.app.http import problems
from arasha.app.http.acting import Answer, Collection, Verb
from arasha.app.http.connection import Reply
from arasha.app.http.office import refused
from arasha.app.http.problems import Problem
from arasha.cases.acts import Actor
from arasha.cases.refusals import Refusal
from arasha.cases.roles import VIEWS, may
from arasha.log.checkpoint import MAX_SIZE, decimal


class Receipts(Collection):
    """The receipts of entries, by their place."""

    name = "receipts"
    media = "text/plain; charset=utf-8"
    verbs: ClassVar[Mapping[str, Verb]] = {}

    async def show(self, actor: Actor, name: str) -> Answer:
        """The receipt, as a text."""
        if not may(actor, VIEWS["the receipt of any entry"]):
            return refused(Refusal.NOT_FOR_THIS_ROLE)
        seq = decimal(name)
        if seq is None or seq > MAX_SIZE:
            return Problem(problems.NOT_FOUND, expected="an entry's place, from 0")
        found = await self.acting.recording.receipt(seq)
        if isinstance(found, Problem):
            return found
        return Reply(200, found.text.encode(), self.media.encode())
