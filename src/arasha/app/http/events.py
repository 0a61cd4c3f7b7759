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
from arasha.app.http.answers import decided, encode, moment
from arasha.app.http.connection import Request
from arasha.app.http.desk import Desk
from arasha.app.http.door import Guest
from arasha.app.http.problems import Problem, line_of, of_reject
from arasha.client.messages import Kept
from arasha.engine.live import Answer, Ask, Fate
from arasha.events.json import decode
from arasha.events.records import Record
from arasha.events.rejects import Reject

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

    answers: list[bytes | None] = field(default_factory=list)
    facts: list[tuple[int, int, Record]] = field(default_factory=list)  # place, line number, record
    task: asyncio.Task[None] | None = None


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
        media = (request.header(b"content-type") or _NDJSON[0]).partition(b";")[0].strip().lower()
        if media not in _NDJSON:
            problem = Problem(problems.WRONG_MEDIA, expected="Content-Type: application/x-ndjson")
            return desk.tell(request, problem, by=guest.participant.name)
        if request.connection.begin(request, _NDJSON[0]):
            desk.figures.replied(request.route, 200)
            await _Lines(desk, guest).answer(request)
        return None


class _Lines:
    """The lines of one request."""

    def __init__(self, desk: Desk, guest: Guest) -> None:
        self._desk, self._guest = desk, guest
        self._turn = asyncio.Lock()

    async def answer(self, request: Request) -> None:
        """Have all of them kept, and answer them in order."""
        ahead: deque[_Group] = deque()
        try:
            for group in self._groups(request.body):
                group.task = asyncio.create_task(self._keep(group))
                ahead.append(group)
                await asyncio.sleep(0)  # a body of thousands of lines is no stop for others
                if len(ahead) >= AHEAD and not await self._told(request, ahead.popleft()):
                    return
            while ahead:
                if not await self._told(request, ahead.popleft()):
                    return
        finally:
            for group in ahead:  # the client is gone; what was submitted is kept all the same
                if group.task is not None:
                    group.task.cancel()
        request.connection.end(request)

    def _groups(self, body: bytes) -> Iterator[_Group]:
        group = _Group()
        for number, line in enumerate(body.split(b"\n"), 1):
            stripped = line.strip()
            if not stripped:
                continue
            record = decode(stripped, number)
            if isinstance(record, Reject):
                group.answers.append(line_of(of_reject(record, line=number)))
            elif problem := self._desk.door.may_send(
                self._guest, str(record.__struct_config__.tag)
            ):
                group.answers.append(line_of(problem, number))
            else:
                group.facts.append((len(group.answers), number, record))
                group.answers.append(None)
            if len(group.answers) >= GROUP:
                yield group
                group = _Group()
        if group.answers:
            yield group

    def _problem(self, record: Record | Reject, number: int) -> Problem | None:
        if isinstance(record, Reject):
            return of_reject(record, line=number)
        return self._desk.door.may_send(self._guest, str(record.__struct_config__.tag))

    async def _keep(self, group: _Group) -> None:
        """Have the facts of a group kept, and put down what became of each."""
        if not group.facts:
            return
        desk = self._desk
        ask = Ask([], desk.clock().steady_ns + DEADLINE_NS)
        async with self._turn:  # the next group must not overtake this one
            problem = await self._admitted(len(group.facts))
            if problem is None:
                kept = await self._submitted(ask, [record for _, _, record in group.facts])
        if problem is None:
            if kept is not None:
                await kept
            if kept is not None and ask.fault is None:
                for (place, number, record), answer in zip(group.facts, ask.answers, strict=True):
                    group.answers[place] = _line(record.id, number, answer)
                return
            problem = desk.busy()
        for place, number, _ in group.facts:
            group.answers[place] = line_of(problem, number)

    async def _admitted(self, facts: int) -> Problem | None:
        """Wait for the participant's rate to let the facts in; why not, when it takes too long."""
        desk, guest = self._desk, self._guest
        facts = min(facts, guest.participant.burst)
        waited_s = 0.0
        while (wait_s := desk.door.wait_s(guest, facts)) > 0:
            waited_s += wait_s
            if waited_s > PATIENCE_S:
                return desk.door.limited(guest, facts)
            await asyncio.sleep(wait_s)
        return None

    async def _submitted(self, ask: Ask, records: list[Record]) -> asyncio.Future[None] | None:
        desk = self._desk
        for _ in range(int(PATIENCE_S / _PAUSE_S)):
            if desk.live.has_room(len(records), patient=True):
                ask.rows = desk.door.rows(self._guest, records)
                return desk.submit(ask)
            if desk.live.stopping or desk.live.standby:
                return None
            await asyncio.sleep(_PAUSE_S)
        return None

    async def _told(self, request: Request, group: _Group) -> bool:
        """Write the answers of a group when they are there; False when nobody reads them."""
        assert group.task is not None
        await group.task
        lines = [answer for answer in group.answers if answer is not None]
        assert len(lines) == len(group.answers)
        return await request.connection.write_chunk(b"\n".join(lines) + b"\n")


def _line(fact: str, number: int, answer: Answer) -> bytes:
    if answer.fate is Fate.CONFLICT:
        problem = Problem(problems.CONFLICT, pointer="#/id",
                          expected="the same content as before, or a new id")  # fmt: skip
        return line_of(problem, number)
    if answer.fate is Fate.EXPIRED:
        return line_of(Problem(problems.TOO_LATE), number)
    if answer.verdict is None:
        return encode(Kept(fact, answer.seq, moment(answer.known_at_ms)))
    return encode(decided(fact, answer.seq, answer.known_at_ms, answer.verdict))
