"""What the routes of one service share: the one who decides, the door, the figures, the journal.

In: work for the writing thread from the event loop. Out: the same work, done, in the event loop
again; and the replies to requests, counted and, where they refuse something, noted.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from time import sleep
from typing import TYPE_CHECKING, Final

from arasha.app.http import problems
from arasha.app.http.connection import Reply, Request, reply_of
from arasha.app.http.deadlines import Deadlines, Rounds
from arasha.app.http.door import Door, Guest
from arasha.app.http.figures import Figures
from arasha.app.http.journal import Journal
from arasha.app.http.late import Late
from arasha.app.http.pauses import Pauses
from arasha.app.http.problems import Problem
from arasha.engine.clock import Clock
from arasha.engine.live import Ask, Batch, Job, Live
from arasha.engine.live_start import Started

if TYPE_CHECKING:
    from arasha.app.http.spans import Spans

RETRY_AFTER_S: Final = 1
"""When to come again if the queue is full, seconds."""

SOCKET_NS: Final = 10_000_000
"""How long one of many payments may have waited in its socket, where no queue counts it, ns; beyond
it there is more than the event loop can read, and turning away is all that it takes on.
"""

ROUND_PAYMENTS: Final = 128
"""So many of those that came together are taken however late they are: after a pause of the machine
they are all in the next commit.
"""

_STOPPED: Final = Problem(problems.STOPPED, retry_after_s=RETRY_AFTER_S)
_STANDBY: Final = Problem(problems.STANDBY, retry_after_s=RETRY_AFTER_S)
_BUSY: Final = Problem(problems.BUSY, retry_after_s=RETRY_AFTER_S)

_LOST: Final = (problems.BUSY, problems.STOPPED, problems.TOO_MANY, problems.TOO_LATE)
"""With these a fact may be in no log."""

_BRINGING: Final = ("calls", "events")
"""Routes that bring calls. What `Desk.turned_away_ns` says is when one last turned any away."""

Done = Callable[[Ask | Job], None]
"""What waits for finished work; called in the event loop."""


class Desk:
    """One service, as its routes see it."""

    def __init__(
        self,
        started: Started,
        door: Door,
        figures: Figures,
        journal: Journal,
        clock: Callable[[], Clock],
        spans: Spans | None = None,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.door, self.figures, self.journal, self.clock = door, figures, journal, clock
        self.spans = spans
        self.pauses = Pauses()
        self.live = Live(
            started,
            clock=clock,
            deliver=self._deliver,
            on_batch=figures.batch if spans is None else self._batch,
            beforehand=door.keep_hidden,
        )
        self._rounds = Rounds(self.loop, lambda: clock().steady_ns)
        self.deadlines = Deadlines(self.loop, lambda: clock().steady_ns)
        self._finished: deque[tuple[Sequence[Ask | Job], int]] = deque()  # work, and since when
        self.handed_out_ns = 0
        self.turned_away_ns: int | None = None
        self.stopped = asyncio.Event()
        self.grown: set[asyncio.Event] = set()
        self._told_size = 0
        self.late = Late()
        self.refusing: dict[str, Callable[[Problem, Request], Reply]] = {}
        """By path, what words a problem where it is not told as problem details."""
        self.paging: Callable[[Problem, Request], Reply | None] | None = None
        """Makes a page of a problem, for who reads pages; None where that is not told as one."""
        self._prefix = secrets.token_hex(4)
        self._numbers = count(1)

    def welcome(self, request: Request, route: str) -> None:
        """Give a request its name: its own, if it is one, else a new one.

        Answers that are ready go out first: a round of those that are turned away may be long.
        """
        if self._finished:
            self._hand_out()
        request.request_id = request.head.request_id or f"{self._prefix}-{next(self._numbers):x}"
        request.route = route
        request.arrived_ns = self.clock().steady_ns

    def has_room(self, request: Request) -> bool:
        """Whether a payment would be taken now."""
        now_ns = request.arrived_ns
        in_time = self._rounds.waited_ns(now_ns) <= SOCKET_NS or self._rounds.read <= ROUND_PAYMENTS
        return in_time and self.live.has_room(now_ns=now_ns)

    def answer(self, request: Request, reply: Reply) -> None:
        """Reply, and count it."""
        self.figures.replied(request.route, reply.status)
        request.reply(reply)
        if self.spans is not None:
            self.spans.answered(request, reply.status)

    def _batch(self, batch: Batch) -> None:
        """A commit was made; in the writing thread, and only where spans are wanted."""
        self.figures.batch(batch)
        assert self.spans is not None
        if batch.committed_ns:
            self.spans.committed(batch)

    def tell(self, request: Request, problem: Problem, *, by: str | None = None) -> None:
        """Reply with a problem, and note it. ``by`` is the participant's name."""
        now_s = self.clock().wall_ms / 1000
        if problem.kind in _LOST and request.route in _BRINGING:
            self.turned_away_ns = request.arrived_ns
        self.journal.refused(
            now_s, route=request.route, problem=problem.kind.name, reason=problem.reason,
            participant=by, request_id=request.request_id,
        )  # fmt: skip
        self.answer(request, self.worded(problem, request))

    def worded(self, problem: Problem, request: Request) -> Reply:
        """A problem as whoever asked reads it: a person a page, a program problem details."""
        refuse = self.refusing.get(request.path)
        if refuse is not None:
            return refuse(problem, request)
        page = None
        if self.paging is not None and request.accepts(b"text/html"):
            page = self.paging(problem, request)
        return page or reply_of(problem, request.request_id or None)

    async def answer_guest(
        self, request: Request, answering: Callable[[Request, Guest], Awaitable[Reply | Problem]]
    ) -> None:
        """Reply with what is answered to the participant that asks, if it is one."""
        guest = self.door.guest(request)
        if isinstance(guest, Problem):
            return self.tell(request, guest)
        reply = await answering(request, guest)
        if isinstance(reply, Problem):
            return self.tell(request, reply, by=guest.participant.name)
        return self.answer(request, reply)

    def told_too_late(self, work: Ask | Job) -> None:
        """What was noted as late is decided, or has failed. Verdicts whose sender was told that
        there are none in time: the log says so, and the sender hears of them (outgoing.py).
        """
        answers = work.answers if isinstance(work, Ask) and work.fault is None else ()
        self.late.decided([one.seq for one in answers if one.verdict is not None])

    def busy(self) -> Problem:
        """Why work was not taken."""
        if self.stopped.is_set() or self.live.stopping:
            return _STOPPED
        return _STANDBY if self.live.standby else _BUSY

    def submit(self, work: Ask | Job) -> asyncio.Future[None] | None:
        """Put work into the queue; the future is done when it is, None when it was not taken.

        The work's fault, if it has one, is not raised.
        """
        future: asyncio.Future[None] = self.loop.create_future()

        def wake(_: Ask | Job) -> None:
            if not future.done():
                future.set_result(None)

        work.waiter = wake
        return future if self.live.submit(work) else None

    def _deliver(self, works: Sequence[Ask | Job]) -> None:
        """In the writing thread: hand the work over to the event loop."""
        self._finished.append((works, self.clock().steady_ns))
        self.loop.call_soon_threadsafe(self._hand_out)
        sleep(0)  # Python's lock goes to the event loop now, not when this thread's turn is over

    def _hand_out(self) -> None:
        while self._finished:
            works, since_ns = self._finished.popleft()
            self.handed_out_ns = self.clock().steady_ns
            for work in works:
                assert callable(work.waiter)
                work.waiter(work)
            if isinstance(works[0], Ask):
                self.figures.handed_out((self.clock().steady_ns - since_ns) / 1e9)
            self._rounds.worked(self.handed_out_ns)
        if self.live.size != self._told_size:  # work that writes nothing wakes nobody
            self._told_size = self.live.size
            for event in self.grown:
                event.set()
        if self.live.fault is not None:
            self.stopped.set()
