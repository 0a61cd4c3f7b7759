"""``POST /v1/payments``: one payment in, its verdict out, when it is durable and in time.

The quickest way through the service: nothing here waits, and no task is made. A payment goes into
the queue; when its commit is durable the reply is written, unless its time was over before.
"""

from __future__ import annotations

from asyncio import TimerHandle
from typing import Final

from arasha.app.http import problems
from arasha.app.http.answers import decided, encode
from arasha.app.http.connection import Header, Reply, Request
from arasha.app.http.desk import Desk
from arasha.app.http.door import Guest
from arasha.app.http.problems import Problem, of_reject
from arasha.engine.live import Ask, Fate, Job
from arasha.events.json import decode
from arasha.events.records import PaymentReceived
from arasha.events.rejects import Reject

REPEATED: Final[Header] = (b"idempotent-replay", b"true")
"""Stands in a reply to what had been asked before."""

_JSON: Final = (b"application/json", b"application/json; charset=utf-8")


def is_json(request: Request) -> Problem | None:
    """Why the body is not what the route reads; a body without a type is taken for JSON."""
    media = request.header(b"content-type")
    if media is None or media in _JSON or media.partition(b";")[0].strip().lower() == _JSON[0]:
        return None
    return Problem(problems.WRONG_MEDIA, expected="Content-Type: application/json")


class Payments:
    """The route."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def __call__(self, request: Request) -> None:
        """Take a payment."""
        desk = self._desk
        if not desk.live.has_room():  # first of all: turning away must cost next to nothing
            return desk.tell(request, desk.busy())
        guest = desk.door.guest(request)
        if isinstance(guest, Problem):
            return desk.tell(request, guest)
        problem = self._taken(request, guest)
        if problem is not None:
            desk.tell(request, problem, by=guest.participant.name)
        return None

    def _taken(self, request: Request, guest: Guest) -> Problem | None:
        """None when the payment is in the queue, else why not."""
        desk = self._desk
        problem = (
            is_json(request) or desk.door.may_send(guest, "payment") or desk.door.limited(guest)
        )
        if problem is not None:
            return problem
        record = decode(request.body)
        if isinstance(record, Reject):
            return of_reject(record)
        if not isinstance(record, PaymentReceived):
            return Problem(problems.REFUSED, pointer="#/fact", expected="payment",
                           reason="unknown_category", found="another fact")  # fmt: skip
        deadline_ms = guest.participant.deadline_ms
        waiting = _Waiting(desk, request, guest, record.id)
        rows = desk.door.rows(guest, [record])
        ask = Ask(rows, request.arrived_ns + deadline_ms * 1_000_000, waiting.done)
        if not desk.live.submit(ask):
            return desk.busy()
        waiting.timer = desk.loop.call_later(deadline_ms / 1000, waiting.late)
        return None


class _Waiting:
    """A payment whose verdict is on its way."""

    __slots__ = ("_desk", "_guest", "_id", "_request", "timer")

    def __init__(self, desk: Desk, request: Request, guest: Guest, payment: str) -> None:
        self._desk, self._guest, self._id = desk, guest, payment
        self._request: Request | None = request
        self.timer: TimerHandle | None = None

    def done(self, work: Ask | Job) -> None:
        """Its commit is durable, or has failed."""
        assert isinstance(work, Ask)
        request, self._request = self._request, None
        if self.timer is not None:
            self.timer.cancel()
        if request is None:  # its time was over, and it was said
            return self._desk.told_too_late(work)
        desk = self._desk
        desk.figures.verdict((desk.clock().steady_ns - request.arrived_ns) / 1e9)
        problem = self._problem(work)
        if problem is not None:
            return desk.tell(request, problem, by=self._guest.participant.name)
        [answer] = work.answers
        assert answer.verdict is not None
        told = decided(self._id, answer.seq, answer.known_at_ms, answer.verdict)
        again = (REPEATED,) if answer.fate is Fate.REPEATED else ()
        return desk.answer(request, Reply(200, encode(told), headers=again))

    def late(self) -> None:
        """Its time is over. What becomes of it now is told to who asks with the same id again."""
        request, self._request = self._request, None
        if request is not None:
            self._desk.tell(request, _too_late(), by=self._guest.participant.name)

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
