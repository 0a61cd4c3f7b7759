"""``POST /v1/events``: many facts of any kind as NDJSON, and an answer a line.

In: a body of lines, each a fact. Out: as many lines, in order: the decision about a payment, the
place of another fact, or the problem with that line; a bad line stops no other. Lines go to the
writing thread in groups, one behind the other: while that thread decides a group nothing of the
next is read, because two threads that both compute take half as much again for a line as one after
the other. Where the queue is full or the participant's rate is reached the stream waits a while,
which slows its sender down and nobody else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
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

GROUP: Final = 1_024
"""Lines that are kept together, or as many as the participant may send at once."""

TURN: Final = 128
"""Lines that are read, or answered, before others have their turn in the event loop."""

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

    async def answer(self) -> None:
        """Have all of them kept, and answer them in order; nobody else is held up for long."""
        lines = _numbered(self._request.body)
        while (group := await self._read(lines)).answers:
            await self._keep(group)
            group.answers.append(b"")
            if not await self._request.connection.write_chunk(b"\n".join(group.answers)):
                return  # the client is gone; what was submitted is kept all the same
        self._request.connection.end(self._request)

    async def _read(self, lines: Iterator[tuple[int, bytes]]) -> _Group:
        """The next group of lines."""
        group, door, guest = _Group(), self._desk.door, self._guest
        for number, line in islice(lines, min(GROUP, guest.participant.burst)):
            row = door.fact(guest, line, number)
            if isinstance(row, Problem):
                group.answers.append(line_of(row, number))
            else:
                group.places.append((len(group.answers), number))
                group.rows.append(row)
                group.answers.append(b"")
            if len(group.answers) % TURN == 0:
                await asyncio.sleep(0)
        return group

    async def _keep(self, group: _Group) -> None:
        """Have the facts of a group kept, and note what became of each."""
        if not group.rows:
            return
        ask = Ask(group.rows, 0)
        problem = await self._room(len(group.rows))
        if problem is None:
            ask.deadline_ns = self._desk.clock().steady_ns + DEADLINE_NS
            kept = self._desk.submit(ask)
            if kept is not None:
                await kept
            problem = self._desk.busy() if kept is None or ask.fault is not None else None
        if problem is not None:
            self._desk.turned_away_ns = self._desk.clock().steady_ns
            for place, number in group.places:
                group.answers[place] = line_of(problem, number)
            return
        for (place, number), row, answer in zip(group.places, group.rows, ask.answers, strict=True):
            group.answers[place] = _line(row.id, number, answer, self._desk.pauses)
            if place % TURN == 0:
                await asyncio.sleep(0)

    async def _room(self, facts: int) -> Problem | None:
        """Wait until the participant's rate and the queue let so many facts in; why they do not,
        when that takes too long.
        """
        desk = self._desk
        until_s = desk.loop.time() + PATIENCE_S
        while (wait_s := desk.door.wait_s(self._guest, facts)) > 0:
            if desk.loop.time() + wait_s > until_s:
                return desk.door.limited(self._guest, facts)
            await asyncio.sleep(wait_s)
        while not desk.live.has_room(facts, patient=True):
            stopping = desk.live.stopping or desk.live.standby
            if stopping or desk.loop.time() > until_s:
                return desk.busy()
            await asyncio.sleep(_PAUSE_S)
        return None


def _numbered(body: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines that say something, with their numbers."""
    for number, line in enumerate(body.split(b"\n"), 1):
        stripped = line.strip()
        if stripped:
            yield number, stripped


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
