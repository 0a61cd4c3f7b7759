"""``/v1/cases``: the queue, a case, and what is done to it. ``/v1/requests``: two people."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

from arasha.app.http import problems
from arasha.app.http.acting import Acting, Answer, Collection, Special, Verb, reply
from arasha.app.http.attachments import ATTACHMENTS, Documents, named_in
from arasha.app.http.connection import Request
from arasha.app.http.money import money_shown, standing
from arasha.app.http.office import refused
from arasha.app.http.packs import EVIDENCE, Packs
from arasha.app.http.problems import Problem
from arasha.app.http.shown import Json, Shown, case_shown, in_queue, request_shown
from arasha.cases.acts import (
    Actor,
    CaseAttached,
    CaseChecked,
    CaseClosed,
    CaseEscalated,
    CaseLeft,
    CaseMerged,
    CaseNoted,
    CaseSnoozed,
    CaseSplit,
    CaseTaken,
    PartyViewed,
    RequestApproved,
    RequestDeclined,
    RequestEdited,
)
from arasha.cases.attachments import MAX_BYTES
from arasha.cases.queue import queue
from arasha.cases.refusals import Refusal
from arasha.cases.roles import VIEWS, may
from arasha.cases.state import State
from arasha.log.log import Log

MAX_LISTED: Final = 200
"""Cases of the queue that are told at once, the next ones first."""


class Cases(Collection):
    """The cases."""

    listed = True
    name = "cases"
    verbs: ClassVar[Mapping[str, Verb]] = {
        "take": Verb(CaseTaken, "case"),
        "leave": Verb(CaseLeft, "case"),
        "note": Verb(CaseNoted, "case"),
        "attach": Verb(CaseAttached, "case"),
        "close": Verb(CaseClosed, "case"),
        "snooze": Verb(CaseSnoozed, "case"),
        "merge": Verb(CaseMerged, "case"),
        "split": Verb(CaseSplit, "case"),
        "escalate": Verb(CaseEscalated, "case"),
        "check": Verb(CaseChecked, "case"),
        "view": Verb(PartyViewed, "through"),
    }

    def __init__(self, acting: Acting, directory: Path) -> None:
        super().__init__(acting)
        self.documents = Documents(acting.desk, acting.office, directory)
        self.packs = Packs(acting.office, acting.recording, self.documents, directory)

    def special(self, path: str) -> Special | None:
        """``evidence`` is an act whose hash the service makes, and it gives more than a place;
        ``attachments`` takes bytes.
        """
        name, _, word = path.rpartition("/")
        if not name:
            return None
        if word == ATTACHMENTS:
            return partial(self.documents.attach, name)
        return partial(self.packs.make, name) if word == EVIDENCE else None

    def reading(self, path: str) -> Special | None:
        """One document of a case."""
        named = named_in(path)
        if named is None:
            return None

        async def shown(actor: Actor, _: Request) -> Answer:
            return await self.documents.show(*named, actor)

        return shown

    def most_bytes(self, path: str) -> int:
        """A document may be larger than an act."""
        return MAX_BYTES if path.endswith(f"/{ATTACHMENTS}") else super().most_bytes(path)

    def close(self) -> None:
        """Close what is open beside the log."""
        self.documents.close()

    def has_acts(self) -> bool:
        """Whether something was done to documents beside the service that is no entry yet."""
        return self.documents.has_acts()

    def keep_acts(self, log: Log, now_ms: int) -> int:
        """Make it one; in the writing thread."""
        return self.documents.keep_acts(log, now_ms)

    async def show_all(self, actor: Actor) -> Answer:
        """The queue, the next case first; no party is named in it."""
        if not may(actor, VIEWS["the queue"]):
            return refused(Refusal.NOT_FOR_THIS_ROLE)

        def look(state: State, now_ms: int) -> list[object]:
            if state.law is None:
                return []
            return [in_queue(state, case) for case in queue(state, now_ms)[:MAX_LISTED]]

        found = await self.acting.office.read(look)
        return found if isinstance(found, Problem) else reply({"cases": found})

    async def show(self, actor: Actor, name: str) -> Answer:
        """A case."""

        def look(state: State, _: int) -> Shown | None:
            case = state.cases.get(name)
            return None if case is None else case_shown(state, case)

        async def money() -> Json | Problem:
            found = await self.acting.office.follow(
                lambda state: standing(state, state.cases[name].reports)
            )
            return found if isinstance(found, Problem) else {"money": money_shown(found)}

        return await self.viewed(actor, name, "a case", look, money)


class Requests(Collection):
    """What one person asks others to agree to."""

    listed = True
    name = "requests"
    verbs: ClassVar[Mapping[str, Verb]] = {
        "approve": Verb(RequestApproved, "request"),
        "edit": Verb(RequestEdited, "request"),
        "decline": Verb(RequestDeclined, "request"),
    }

    async def show_all(self, actor: Actor) -> Answer:
        """Those that are open."""
        if not may(actor, VIEWS["a request for a second person"]):
            return refused(Refusal.NOT_FOR_THIS_ROLE)
        found = await self.acting.office.read(
            lambda state, _: [request_shown(state.requests[name]) for name in state.open_requests]
        )
        return found if isinstance(found, Problem) else reply({"requests": found})

    async def show(self, actor: Actor, name: str) -> Answer:
        """One of them, with the hash that an approval is bound to."""
        if not may(actor, VIEWS["a request for a second person"]):
            return refused(Refusal.NOT_FOR_THIS_ROLE)
        found = await self.acting.office.read(lambda state, _: state.requests.get(name))
        if found is None:
            return Problem(problems.NOT_FOUND)
        return found if isinstance(found, Problem) else reply(request_shown(found))
