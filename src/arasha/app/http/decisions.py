"""``GET /v1/decisions/{id}``: what was decided about a payment, once more.

A participant asks for what it sent itself, by its own id; the centre may say whose payment it
means. The answer has the bytes of the first one.
"""

from __future__ import annotations

import re
from typing import Final

from arasha.app.http import problems
from arasha.app.http.answers import decision, kept
from arasha.app.http.connection import Reply, Request
from arasha.app.http.desk import Desk
from arasha.app.http.door import Guest
from arasha.app.http.pauses import Pauses
from arasha.app.http.problems import Problem
from arasha.engine.live import Job
from arasha.engine.recall import Recalled
from arasha.events.symbols import CODE_PATTERN, ID_PATTERN

PREFIX: Final = "/v1/decisions/"

_ID: Final = re.compile(ID_PATTERN)
_CODE: Final = re.compile(CODE_PATTERN)


class Decisions:
    """The route."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def __call__(self, request: Request) -> None:
        """Look it up."""
        await self._desk.answer_guest(request, self._found)

    async def _found(self, request: Request, guest: Guest) -> Reply | Problem:
        desk = self._desk
        problem = desk.door.may_read(guest, "decisions") or desk.door.limited(guest)
        if problem is not None:
            return problem
        fact_id = request.path.removeprefix(PREFIX)
        asked = request.asked("sender")
        sender = guest.participant.name if asked is None else asked
        if not _ID.fullmatch(fact_id) or not _CODE.fullmatch(sender):
            return Problem(problems.NOT_FOUND)
        if sender != guest.participant.name and not desk.door.overlooks(guest):
            return Problem(problems.FORBIDDEN, "a participant reads what it sent itself")
        job = Job(lambda: desk.live.find(sender, fact_id))
        done = desk.submit(job)
        if done is None:
            return desk.busy()
        await done
        if job.fault is not None:
            return desk.busy()
        if job.result is None:
            return Problem(problems.NOT_FOUND, "no fact is known by this id")
        assert isinstance(job.result, Recalled)
        return Reply(200, told(job.result, desk.pauses))


def told(found: Recalled, pauses: Pauses | None = None) -> bytes:
    """A fact of the log with its decision, as its sender was told; without ``pauses``, as where
    there is no law.
    """
    if found.verdict is None:
        return kept(found.id, found.seq, found.known_at_ms)
    pauses = pauses or Pauses()
    pause = pauses.bytes_of(found.seq, found.known_at_ms, found.verdict)
    return decision(found.id, found.seq, found.known_at_ms, found.verdict, pause)
