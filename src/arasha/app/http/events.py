"""``POST /v1/events``: many facts of any kind as NDJSON, and an answer a line.

In: a body of lines, each a fact. Out: as many lines, in order: the decision about a payment, the
place of another fact, or the problem with that line; a bad line stops no other. Lines go to the
writing thread in groups, a few at a time; where the queue is full or the participant's rate is
reached the stream waits a while, which slows its sender down and nobody else.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from arasha.app.http import problems
from arasha.app.http.answers import decision, kept
from arasha.app.http.connection import Request
from arasha.app.http.desk import Desk
from arasha.app.http.door import Guest
from arasha.app.http.pauses import Pauses
from arasha.app.http.problems import Problem, line_of
from arasha.engine.live import Answer, Ask, Fate
from arasha.vault.rows import Row

MAX_BYTES: Final = 8 << 20
"""Largest body, bytes: some 20,000 payments."""

GROUP: Final = 128
"""Lines that are kept together."""

AHEAD: Final = 8
"""Groups of one request that may be on their way at once."""

PATIENCE_S: Final = 5.0
"""How long a group waits for its turn or its rate, seconds, before its lines are told to wait."""

DEADLINE_NS: Final = 60_000_000_000
"""Nobody waits for a line as for a payment: it is judged, if it takes a minute."""

_NDJSON: Final = (b"application/x-ndjson", b"application/ndjson", b"application/jsonl")
_PAUSE_S: Final = 0.005


@dataclass(slots=True)
class _Group:
    """Lines on their way: what is already known of each, and the facts among them."""

    answers: list[bytes] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)  # of each fact: place, line number
    rows: list[Row] = field(default_factory=list)
    ask: Ask | None = None
    kept: asyncio.Future[None] | None = None


class Events:
    """The route."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def __call__(self, request: Request) -> None:
        """Take the lines."""
        desk = self._desk
        guest = desk.door.guest(request)
        if isinstance(guest, Problem):
            return desk.tell(request, guest)
        if (request.head.media or _NDJSON[0]) not in _NDJSON:
            problem = Problem(problems.WRONG_MEDIA, expected="Content-Type: application/x-ndjson")
            return desk.tell(request, problem, by=guest.participant.name)
        if not request.body.strip():
            problem = Problem(problems.MALFORMED, expected="a fact a line, at least one")
            return desk.tell(request, problem, by=guest.participant.name)
        if request.connection.begin(request, _NDJSON[0]):
            desk.figures.replied(request.route, 200)
            await _Lines(desk, guest, request).answer()
            if desk.spans is not None:
                desk.spans.answered(request, 200)
        return None


class _Lines:
    """The lines of one request."""

    def __init__(self, desk: Desk, guest: Guest, request: Request) -> None:
        self._desk, self._guest, self._request = desk, guest, request
        self._ahead: deque[_Group] = deque()

    async def answer(self) -> None:
        """Have all of them kept, and answer them in order; nobody else is held up for long."""
        for group in self._groups(self._request.body):
            problem = await self._taken(group)
            if problem is not None:
                for place, number in group.places:
                    group.answers[place] = line_of(problem, number)
            self._ahead.append(group)
            if len(self._ahead) >= AHEAD and not await self._told():
                return  # the client is gone; what was submitted is kept all the same
            await asyncio.sleep(0)  # a body of thousands of lines is no stop for others
        while self._ahead:
            if not await self._told():
                return
        self._request.connection.end(self._request)

    def _groups(self, body: bytes) -> Iterator[_Group]:
        group, door, guest = _Group(), self._desk.door, self._guest
        for number, line in enumerate(body.split(b"\n"), 1):
            stripped = line.strip()
            if not stripped:
                continue
            row = door.fact(guest, stripped, number)
            if isinstance(row, Problem):
                group.answers.append(line_of(row, number))
            else:
                group.places.append((len(group.answers), number))
                group.rows.append(row)
                group.answers.append(b"")
            if len(group.answers) >= GROUP:
                yield group
                group = _Group()
        if group.answers:
            yield group

    async def _taken(self, group: _Group) -> Problem | None:
        """Put the facts of a group into the queue when the participant's rate and the queue let
        them; why not, when that takes too long. Answers of groups ahead are told meanwhile.
        """
        desk, guest, facts = self._desk, self._guest, len(group.rows)
        if not facts:
            return None
        until_s = desk.loop.time() + PATIENCE_S
        counted = min(facts, guest.participant.burst)
        while (wait_s := desk.door.wait_s(guest, counted)) > 0:
            if desk.loop.time() + wait_s > until_s:
                return desk.door.limited(guest, counted)
            await self._rest(wait_s)
        while not desk.live.has_room(facts, patient=True):
            stopping = desk.live.stopping or desk.live.standby
            if stopping or desk.loop.time() > until_s:
                return desk.busy()
            await self._rest(_PAUSE_S)
        group.ask = Ask(group.rows, desk.clock().steady_ns + DEADLINE_NS)
        group.kept = desk.submit(group.ask)
        return desk.busy() if group.kept is None else None

    async def _rest(self, seconds: float) -> None:
        """Let time pass, by telling what is ready if there is something ahead."""
        if not self._ahead:
            await asyncio.sleep(seconds)
        elif (kept := self._ahead[0].kept) is None or kept.done():
            await self._told()
        else:
            await asyncio.wait((kept,), timeout=seconds)

    async def _told(self) -> bool:
        """Write the answers of the first group when they are there; False when nobody reads."""
        group = self._ahead.popleft()
        if group.kept is not None:
            await group.kept
            assert group.ask is not None
            if group.ask.fault is None:
                for (place, number), row, answer in zip(
                    group.places, group.rows, group.ask.answers, strict=True
                ):
                    group.answers[place] = _line(row.id, number, answer, self._desk.pauses)
            else:
                for place, number in group.places:
                    group.answers[place] = line_of(self._desk.busy(), number)
        group.answers.append(b"")
        return await self._request.connection.write_chunk(b"\n".join(group.answers))


def _line(fact: str, number: int, answer: Answer, pauses: Pauses) -> bytes:
    if answer.fate is Fate.CONFLICT:
        problem = Problem(problems.CONFLICT, pointer="#/id",
                          expected="the same content as before, or a new id")  # fmt: skip
        return line_of(problem, number)
    if answer.fate is Fate.EXPIRED:
        return line_of(Problem(problems.TOO_LATE), number)
    if answer.verdict is None:
        return kept(fact, answer.seq, answer.known_at_ms)
    pause = pauses.bytes_of(answer.seq, answer.known_at_ms, answer.verdict)
    return decision(fact, answer.seq, answer.known_at_ms, answer.verdict, pause)
