"""``GET /v1/stream``: decisions as they are made, as server-sent events.

In: who listens, and the last event they have. Out: every decision about a payment that they sent
(the centre: about any), in the order of the log; an event's id is the payment's place. Who comes
back with ``Last-Event-ID`` gets all that was decided since: the stream is read from the log, and
nothing is kept for anybody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, Final

from arasha.app.http import problems
from arasha.app.http.beside import Beside
from arasha.app.http.connection import Request
from arasha.app.http.decisions import told
from arasha.app.http.desk import Desk
from arasha.app.http.door import Guest
from arasha.app.http.problems import Problem
from arasha.engine.recall import Recalled, recall
from arasha.engine.reigns import Reign

MAX_STREAMS: Final = 64
"""Streams that may be open at once."""

ENTRIES_AT_ONCE: Final = 2_048
"""Entries read from the log for one stream before another has its turn."""

SILENCE_S: Final = 15.0
"""After so long without a decision a comment is sent: the connection is alive, seconds."""

_MEDIA: Final = b"text/event-stream; charset=utf-8"
_ALIVE: Final = b": nothing new\n\n"
_MAX_SEQ_DIGITS: Final = 18


class Reader:
    """Reads the log beside its writer, for all streams, one at a time."""

    def __init__(self, directory: Path, reigns: Sequence[Reign]) -> None:
        self._beside = Beside(directory)
        self._reigns = reigns
        self._turn = asyncio.Lock()

    async def read(self, start: int, stop: int) -> list[Recalled]:
        """The facts of those entries with their verdicts."""
        async with self._turn:
            return await asyncio.to_thread(self._read, start, stop)

    def close(self) -> None:
        """Close the log."""
        self._beside.close()

    def _read(self, start: int, stop: int) -> list[Recalled]:
        log = self._beside.log
        log.refresh()
        return recall(log, self._reigns, start, stop)


class Stream:
    """The route."""

    def __init__(self, desk: Desk, reader: Reader) -> None:
        self._desk, self._reader = desk, reader
        self.open = 0

    async def __call__(self, request: Request) -> None:
        """Send decisions until the client goes or the service stops."""
        desk = self._desk
        guest = desk.door.guest(request)
        if isinstance(guest, Problem):
            return desk.tell(request, guest)
        at = self._place(request, guest)
        if isinstance(at, Problem):
            return desk.tell(request, at, by=guest.participant.name)
        if not request.connection.begin(request, _MEDIA):
            return None
        desk.figures.replied(request.route, 200)
        grown = asyncio.Event()
        desk.grown.add(grown)
        self.open += 1
        try:
            await self._send(request, guest, at, grown)
        finally:
            self.open -= 1
            desk.grown.discard(grown)
        return request.connection.end(request)

    def _place(self, request: Request, guest: Guest) -> int | Problem:
        """The first entry that this client has not seen."""
        desk = self._desk
        problem = desk.door.may_read(guest, "stream") or desk.door.limited(guest)
        if problem is not None:
            return problem
        if self.open >= MAX_STREAMS:
            return Problem(problems.BUSY, f"{MAX_STREAMS} streams are open", retry_after_s=30)
        last = request.header(b"last-event-id")
        if last is None:
            return desk.live.size
        if not last.isdigit() or len(last) > _MAX_SEQ_DIGITS or int(last) >= desk.live.size:
            return Problem(problems.MALFORMED, pointer="Last-Event-ID",
                           expected="the id of an event of this stream")  # fmt: skip
        return int(last) + 1

    async def _send(self, request: Request, guest: Guest, at: int, grown: asyncio.Event) -> None:
        connection, desk = request.connection, self._desk
        everyone = desk.door.overlooks(guest)
        while not desk.live.stopping:
            grown.clear()
            stop = min(desk.live.size, at + ENTRIES_AT_ONCE)
            if at < stop:
                found = await self._reader.read(at, stop)
                at = stop
                judged = desk.live.policy.judges.kind
                if found and found[-1].seq == stop - 1 and found[-1].kind == judged:
                    at = found.pop().seq  # its decision stands right behind
                events = [
                    b"id: %d\nevent: decision\ndata: %b\n\n" % (one.seq, told(one, desk.pauses))
                    for one in found
                    if one.verdict and (everyone or one.sender == guest.participant.name)
                ]
                if not await connection.write_chunk(b"".join(events)):
                    return
                continue
            try:
                async with asyncio.timeout(SILENCE_S):
                    await _first(grown.wait(), connection.gone.wait(), desk.stopped.wait())
            except TimeoutError:
                if not await connection.write_chunk(_ALIVE):
                    return
            if connection.gone.is_set() or desk.stopped.is_set():
                return


async def _first(*waits: Coroutine[Any, Any, object]) -> None:
    """Until the first of these is over; the others are given up."""
    tasks = [asyncio.create_task(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
