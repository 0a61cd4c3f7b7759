"""``POST /v1/payments``, ``/v1/calls``: one in, its verdict out, when it is durable and in time.

The quickest way through the service: nothing here waits, and no task is made. A payment (or, at an
operator, a call about to ring) goes into the queue; when its commit is durable the reply is
written, unless its time was over before.
"""

from __future__ import annotations

from typing import Final

from arasha.app.http import problems
from arasha.app.http.answers import decision
from arasha.app.http.connection import Reply, Request
from arasha.app.http.deadlines import TICK_S
from arasha.app.http.desk import Desk
from arasha.app.http.door import Guest
from arasha.app.http.heads import Header
from arasha.app.http.problems import Problem
from arasha.engine.live import Ask, Fate, Job
from arasha.events.schema import PAYMENT
from arasha.vault.rows import Row

REPEATED: Final[Header] = (b"idempotent-replay", b"true")
"""Stands in a reply to what had been asked before."""

_JSON: Final = b"application/json"
_TICK_NS: Final = round(TICK_S * 1e9)


def is_json(request: Request) -> Problem | None:
    """Why the body is not what the route reads; a body without a type is taken for JSON."""
    if request.head.media in (None, _JSON):
        return None
    return Problem(problems.WRONG_MEDIA, expected="Content-Type: application/json")


class Judging:
    """A route for facts of the kind that is judged, one at a time: ``fact`` is its word."""

    def __init__(self, desk: Desk, fact: str) -> None:
        self._desk, self._fact = desk, fact
        self._read = desk.door.payment if fact == PAYMENT.word else desk.door.call

    def __call__(self, request: Request) -> None:
        """Take one."""
        desk = self._desk
        if not desk.has_room(request):  # first of all: turning away must cost next to nothing
            return desk.tell(request, desk.busy())
        guest = desk.door.guest(request)
        if isinstance(guest, Problem):
            return desk.tell(request, guest)
        problem = self._taken(request, guest)
        if problem is not None:
            desk.tell(request, problem, by=guest.participant.name)
        return None

    def may_come(self, request: Request, guest: Guest) -> Problem | None:
        """Why one is not taken from this guest now; where it is, their rate has counted it."""
        door = self._desk.door
        return is_json(request) or door.may_send(guest, self._fact) or door.limited(guest)

    def _taken(self, request: Request, guest: Guest) -> Problem | None:
        """None when it is in the queue, else why not."""
        problem = self.may_come(request, guest)
        if problem is not None:
            return problem
        row = self._read(guest, request.body)
        return row if isinstance(row, Problem) else self.take(request, guest, row)

    def take(
        self, request: Request, guest: Guest, row: Row, now_ns: int | None = None
    ) -> Problem | None:
        """Put a fact that may come into the queue: None when it is there, else why not. ``now_ns``
        is for those that have come some time ago.
        """
        desk = self._desk
        limit_ms = guest.participant.deadline_ms
        waiting = _Waiting(desk, request, guest, row.id, request.arrived_ns + limit_ms * 1_000_000)
        if not desk.live.submit(Ask((row,), waiting.deadline_ns, waiting.done), request.arrived_ns):
            return desk.busy()
        if now_ns is not None:
            limit_ms = -((waiting.deadline_ns - now_ns) // _TICK_NS)  # a line of their own
        desk.deadlines.add(waiting, limit_ms)
        return None


class _Waiting:
    """A payment, or a call, whose verdict is on its way."""

    __slots__ = ("_desk", "_guest", "_id", "_request", "deadline_ns")

    def __init__(
        self, desk: Desk, request: Request, guest: Guest, fact_id: str, deadline_ns: int
    ) -> None:
        self._desk, self._guest, self._id = desk, guest, fact_id
        self._request: Request | None = request
        self.deadline_ns = deadline_ns

    @property
    def over(self) -> bool:
        """Whether it was answered."""
        return self._request is None

    def done(self, work: Ask | Job) -> None:
        """Its commit is durable, or has failed."""
        assert isinstance(work, Ask)
        request, self._request = self._request, None
        if request is None:  # its time was over, and it was said
            return self._desk.told_too_late(work)
        desk = self._desk
        desk.figures.verdict((desk.handed_out_ns - request.arrived_ns) / 1e9)
        problem = self._problem(work)
        if problem is not None:
            return desk.tell(request, problem, by=self._guest.participant.name)
        [answer] = work.answers
        assert answer.verdict is not None
        pause = desk.pauses.bytes_of(answer.seq, answer.known_at_ms, answer.verdict)
        body = decision(self._id, answer.seq, answer.known_at_ms, answer.verdict, pause)
        again = (REPEATED,) if answer.fate is Fate.REPEATED else ()
        return desk.answer(request, Reply(200, body, headers=again))

    def late(self) -> None:
        """Its time is over. What becomes of it now is told to who asks with the same id again."""
        request, self._request = self._request, None
        if request is not None:
            name = self._guest.participant.name
            self._desk.late.note(name, (self._id,))
            self._desk.tell(request, _too_late(), by=name)

    def _problem(self, work: Ask) -> Problem | None:
        if work.fault is not None:
            return self._desk.busy()
        match work.answers[0].fate:
            case Fate.CONFLICT:
                return Problem(problems.CONFLICT, pointer="#/id",
                               expected="the same content as before, or a new id")  # fmt: skip
            case Fate.EXPIRED:
                return _too_late()
            case _:
                return None


def _too_late() -> Problem:
    return Problem(problems.TOO_LATE, "ask again with the same id: there is one verdict, at most")
