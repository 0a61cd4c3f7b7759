"""Pages for people: an ASGI application in the same process, behind the same connections.

In: a whole request, as the connection read it, with its limits and deadlines. Out: what the
application answers. A page is written as one reply; what has no known end (server-sent events) goes
out in pieces, as slowly as its reader takes them, and ends when the service does. Only the paths of
pages come here: no payment does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, NoReturn, TypeAlias

from arasha.app.http import problems
from arasha.app.http.connection import Reply, Request
from arasha.app.http.desk import Desk
from arasha.app.http.problems import Problem

MAX_AT_ONCE: Final = 64
"""Pages that are made at once; whoever comes then is told to come again. Streams do not count."""

MAX_STREAMS: Final = 256
"""Streams of pages that are open at once."""

_PLAIN: Final = b"text/plain; charset=utf-8"
_OWN_HEADERS: Final = frozenset({b"content-type", b"content-length", b"date", b"connection"})

Message: TypeAlias = MutableMapping[str, Any]
Application: TypeAlias = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]
"""An application as ASGI 3 defines it."""


class Mounted:
    """Answers requests by an application. ``secure``: the service speaks TLS."""

    def __init__(self, desk: Desk, application: Application, *, secure: bool) -> None:
        self._desk, self._application = desk, application
        self._scheme = "https" if secure else "http"
        self._making = 0
        self.streams = 0

    async def __call__(self, request: Request) -> None:
        """Answer one request."""
        if self._making >= MAX_AT_ONCE:
            problem = Problem(problems.BUSY, "many pages are being made", retry_after_s=1)
            return self._desk.tell(request, problem)
        exchange = Exchange(request, self._desk, self)
        self._making += 1
        try:
            await self._application(
                scope_of(request, self._scheme), exchange.receive, exchange.send
            )
        except Exception:
            if not exchange.given_up:  # what the application says of that is no fault of its own
                raise
        finally:
            self._making -= 1
            exchange.close()
        return None

    def streaming(self, change: int) -> None:
        """A stream has begun (1) or is over (-1): while it is open nothing is being made."""
        self.streams += change
        self._making -= change


class GivenUp(Exception):
    """Nobody reads the answer any longer. Stays between an application and this module."""


class Exchange:
    """One request and its answer, as the application speaks of them."""

    def __init__(self, request: Request, desk: Desk, mounted: Mounted) -> None:
        self._request, self._desk, self._mounted = request, desk, mounted
        self._body_told = False
        self._start: Message | None = None
        self._parts: list[bytes] = []
        self._streaming = self._over = False
        self.given_up = False

    async def receive(self) -> Message:
        """The body, whole; then, when the client is gone or the service stops, that it is over."""
        if not self._body_told:
            self._body_told = True
            return {"type": "http.request", "body": self._request.body, "more_body": False}
        waits = [
            asyncio.ensure_future(event.wait())
            for event in (self._request.connection.gone, self._desk.stopped)
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """A part of the answer. Raises GivenUp when nobody reads it any longer."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        assert message["type"] == "http.response.body", "nothing else was offered"
        assert self._start is not None, "an answer begins with its head"
        more = message.get("more_body", False)
        self._parts.append(message.get("body", b""))
        if more and not self._streaming and self._start["status"] == 200:
            if self._request.method == "HEAD":  # of what has no end there is a head only
                self._end()
                self._give_up()
            self._begin()
        if self._streaming:
            data, self._parts = b"".join(self._parts), []
            if not await self._request.connection.write_chunk(data):
                self._give_up()
        if not more:
            self._end()

    def close(self) -> None:
        """The application has returned, or failed: nothing may stay open."""
        if self._streaming and not self._over:
            self._end()

    def _begin(self) -> None:
        if self._mounted.streams >= MAX_STREAMS:
            problem = Problem(problems.BUSY, f"{MAX_STREAMS} streams are open", retry_after_s=30)
            self._desk.tell(self._request, problem)
            self._give_up()
        media, headers = self._head()
        kept = [one for one in headers if one[0] != b"cache-control"]  # the connection says it
        if not self._request.connection.begin(self._request, media, kept):
            self._give_up()
        self._desk.figures.replied(self._request.route, 200)
        self._streaming = True
        self._mounted.streaming(1)

    def _end(self) -> None:
        assert self._start is not None
        self._over = True
        if self._streaming:
            self._mounted.streaming(-1)
            self._request.connection.end(self._request)
            return
        media, headers = self._head()
        reply = Reply(self._start["status"], b"".join(self._parts), media, headers)
        self._desk.answer(self._request, reply)

    def _give_up(self) -> NoReturn:
        self.given_up = True
        raise GivenUp

    def _head(self) -> tuple[bytes, list[tuple[bytes, bytes]]]:
        """The media type, and the headers that the connection does not write itself."""
        assert self._start is not None
        headers = [(name.lower(), value) for name, value in self._start.get("headers", ())]
        media = next((value for name, value in headers if name == b"content-type"), _PLAIN)
        return media, [one for one in headers if one[0] not in _OWN_HEADERS]


def scope_of(request: Request, scheme: str) -> Message:
    """A request as ASGI tells it; ``state`` has the request itself, for whoever counts callers. A
    HEAD is a GET here, whose body the connection keeps back.
    """
    raw_path, _, query = request.head.target.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": request.head.version,
        "method": "GET" if request.method == "HEAD" else request.method,
        "scheme": scheme,
        "path": request.path.encode("latin-1").decode("utf-8", "replace"),
        "raw_path": raw_path,
        "query_string": query,
        "root_path": "",
        "headers": [(bytes(name), bytes(value)) for name, value in request.head.headers],
        "client": None,
        "server": None,
        "state": {"request": request},
    }
