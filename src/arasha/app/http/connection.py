"""One connection: bytes become requests, replies become bytes, and every wait has an end.

Stands at the outermost door. In: bytes from a socket, read by llhttp (httptools). Out: one request
at a time to a handler, in order, whole; and its reply. A web framework is not used, because a
payment's way through one costs more than all that is done about the payment (docs/decisions). What
is bounded: the head, the body, how many requests wait behind one, how long a request takes to
arrive, how long a connection is silent.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from email.utils import formatdate
from http import HTTPStatus
from typing import Final, NamedTuple, Protocol, cast
from urllib.parse import parse_qs

import httptools

from arasha.app.http import problems
from arasha.app.http.heads import END, Head, Header, Heads
from arasha.app.http.problems import Problem

MAX_HEAD_BYTES: Final = 16 * 1024
"""Longest request line and headers together, bytes."""

MAX_HEADERS: Final = 64
"""Most headers of a request."""

MAX_WAITING: Final = 16
"""Requests of one connection that may wait behind the one being answered."""

ARRIVAL_S: Final = 10.0
"""How long a request may take from its first byte to its last, seconds."""

IDLE_S: Final = 75.0
"""How long a connection may be silent between requests, seconds."""

_SWEEP_S: Final = 0.5
_STATUS_LINES: Final = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Reply(NamedTuple):
    """A whole reply. ``close``: nothing more is read from this connection."""

    status: int
    body: bytes
    media: bytes = b"application/json"
    headers: Sequence[Header] = ()
    close: bool = False


def reply_of(problem: Problem, request_id: str | None = None, *, close: bool = False) -> Reply:
    """A problem as a reply."""
    return Reply(
        problem.kind.status, problem.body(request_id), problems.MEDIA_TYPE, problem.headers(), close
    )


class Request:
    """A request that has arrived. Exactly one of ``reply`` and ``begin`` is called, once."""

    __slots__ = ("arrived_ns", "body", "connection", "head", "keep_alive", "request_id", "route")

    def __init__(self, connection: Connection, head: Head, body: bytes = b"") -> None:
        self.connection = connection
        self.head = head
        self.body = body
        self.keep_alive = head.keep_alive
        self.arrived_ns = 0
        self.route = ""
        self.request_id = ""

    @property
    def method(self) -> str:
        """GET, POST and so on."""
        return self.head.method

    @property
    def path(self) -> str:
        """The path without its query, with its %xx resolved."""
        return self.head.path

    def header(self, name: bytes) -> bytes | None:
        """The value of the first header of that name, in small letters, or None."""
        return self.head.header(name)

    @property
    def brings_body(self) -> bool:
        """Whether its head says that a body follows."""
        length = self.header(b"content-length")
        return self.header(b"transfer-encoding") is not None or length not in (None, b"0")

    def accepts(self, media: bytes) -> bool:
        """Whether it names this media type among those it wants, as browsers name text/html."""
        return media in (self.header(b"accept") or b"")

    def asked(self, name: str) -> str | None:
        """A parameter of the query, or None."""
        values = parse_qs(self.head.query.decode("latin-1"), keep_blank_values=True).get(name)
        return None if values is None else values[-1]

    def reply(self, reply: Reply) -> None:
        """Answer; where the client is gone nothing happens."""
        self.connection.send_reply(self, reply)


class Handler(Protocol):
    """What answers requests."""

    def body_limit(self, request: Request) -> int | Problem:
        """How many bytes of body a request with this head may bring, or why it is not wanted."""

    def handle(self, request: Request) -> None:
        """Take a whole request; reply now or later."""


class Listener:
    """What all connections of one service share: the handler, the clock, and who is connected."""

    def __init__(
        self,
        handler: Handler,
        wall_s: Callable[[], float],
        worded: Callable[[Problem, Request], Reply] | None = None,
    ) -> None:
        """``worded`` says how what cannot be read is told: by default as problem details."""
        self.handler = handler
        self.loop = asyncio.get_running_loop()
        self.connections: set[Connection] = set()
        self.heads = Heads()
        self.closing = False
        self._wall_s = wall_s
        self.worded = worded or (lambda problem, _: reply_of(problem))
        self.date = b""
        self._tick()

    def protocol(self) -> Connection:
        """A new connection's protocol, for ``create_server``."""
        return Connection(self)

    def close(self) -> None:
        """Close those that wait for nothing, and the others when they are answered."""
        self.closing = True
        self._timer.cancel()
        for connection in list(self.connections):
            connection.close_when_answered()

    def _tick(self) -> None:
        """Renew the date, and hang up on those whose time is over."""
        self.date = b"date: " + formatdate(self._wall_s(), usegmt=True).encode() + b"\r\n"
        now = self.loop.time()
        for connection in [one for one in self.connections if one.until_s < now]:
            connection.hang_up()
        self._timer = self.loop.call_later(_SWEEP_S, self._tick)


class Connection(asyncio.Protocol):
    """The protocol of one connection; see the module's text."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._handler = listener.handler
        self._heads = listener.heads
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._arriving: Request | None = None
        self._arrived: list[Request] = []
        self._begun = False
        self._in_head = True
        self._head_bytes = 0
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._body_limit = 0
        self._waiting: deque[Request] = deque()
        self._answering: Request | None = None
        self._refused = False
        self._chunked = True
        self._writable = asyncio.Event()
        self.gone = asyncio.Event()
        self.until_s = 0.0
        self.peer = ""
        """The address at the other end of the socket; kept as long as the connection is."""

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is here."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by name
        self.peer = str((transport.get_extra_info("peername") or ("",))[0])
        self._writable.set()
        self._listener.connections.add(self)
        self.until_s = self._listener.loop.time() + IDLE_S

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        """It is gone; who writes to it is told."""
        self._listener.connections.discard(self)
        self._transport = None
        self._waiting.clear()
        self._writable.set()
        self.gone.set()

    def pause_writing(self) -> None:
        """The client does not read: nothing more is read from it, either."""
        self._writable.clear()
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """It reads again."""
        self._writable.set()
        self._read_on()

    def eof_received(self) -> bool:
        """The client will send no more, but may still read an answer."""
        if self._answering is None and not self._waiting:
            return False
        self._refused = True
        return True

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        if self._refused or self._transport is None:
            return
        silent = not self._begun and self._answering is None and not self._waiting
        if silent:
            end = data.find(END) + len(END)
            known = self._heads.of(data, end)
            if known is not None:
                self._answer(Request(self, known, data[end:]))
                return
            self.until_s = self._listener.loop.time() + ARRIVAL_S
        self._read(data)
        if silent and len(self._arrived) == 1 and not self._begun and not self._refused:
            self._heads.remember(data, self._arrived[0].head, self._arrived[0].body)
        self._arrived.clear()

    def _read(self, data: bytes) -> None:
        """Have the parser read on."""
        self._head_bytes += len(data) if self._in_head else 0
        try:
            self._parser.feed_data(data)
            if self._in_head and self._head_bytes > MAX_HEAD_BYTES:
                problem = Problem(problems.TOO_LARGE, f"a head of over {MAX_HEAD_BYTES} bytes")
                self._refuse(problem)
        except httptools.HttpParserUpgrade:
            self._refuse(Problem(problems.MALFORMED, "this service does not change protocols"))
        except httptools.HttpParserError:
            if not self._refused:
                self._refuse(Problem(problems.MALFORMED, "this is not HTTP/1.1 as it must be"))

    # What the parser calls.

    def on_message_begin(self) -> None:
        """A request begins."""
        self._begun = True
        self._arriving = Request(self, Head())

    def on_url(self, url: bytes) -> None:
        """A part of the target."""
        if self._arriving is not None:
            self._arriving.head.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        request = self._arriving
        if request is None:
            return
        headers = request.head.headers
        headers.append((name.lower(), value))
        if len(headers) > MAX_HEADERS:
            self._refuse(Problem(problems.TOO_LARGE, f"more than {MAX_HEADERS} headers"))

    def on_headers_complete(self) -> None:
        """The head is here; its body may not be wanted."""
        request = self._arriving
        self._in_head, self._head_bytes = False, 0
        if request is None or self._refused:
            return
        request.keep_alive = self._parser.should_keep_alive()
        request.head.complete(
            self._parser.get_method().decode("ascii"), self._parser.get_http_version(),
            keep_alive=request.keep_alive,
        )  # fmt: skip
        limit = self._handler.body_limit(request)
        if isinstance(limit, Problem):
            self._refuse(limit)
            return
        self._body_limit = limit
        length = request.header(b"content-length")
        if length is not None and length.isdigit() and int(length) > limit:
            self._refuse(_too_large(limit))
            return
        if (request.header(b"expect") or b"").lower() == b"100-continue":
            self._write(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._body_bytes += len(body)
        if self._body_bytes > self._body_limit:
            self._refuse(_too_large(self._body_limit))
        elif not self._refused:
            self._body.append(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        request, self._arriving = self._arriving, None
        if request is None or self._refused:
            return
        request.body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        self._body, self._body_bytes = [], 0
        self._begun, self._in_head = False, True
        self._arrived.append(request)
        if self._answering is not None:
            self._waiting.append(request)
            if len(self._waiting) >= MAX_WAITING and self._transport is not None:
                self._transport.pause_reading()
            return
        self._answer(request)

    # What handlers call.

    def send_reply(self, request: Request, reply: Reply) -> None:
        """Write a whole reply, then take the next request."""
        if self._transport is None or request is not self._answering:
            return
        close = reply.close or not request.keep_alive or self._listener.closing
        body = b"" if request.method == "HEAD" else reply.body
        more = b""
        if request.request_id:
            more = b"x-request-id: %b\r\n" % request.request_id.encode()
        for name, value in reply.headers:
            more += b"%b: %b\r\n" % (name, value)
        self._transport.write(
            b"%b%bcontent-type: %b\r\ncontent-length: %d\r\n%b%b\r\n%b" % (
                _STATUS_LINES[reply.status], self._listener.date, reply.media, len(reply.body),
                more, b"connection: close\r\n" if close else b"", body,
            )
        )  # fmt: skip
        self._done(close=close)

    def begin(self, request: Request, media: bytes, headers: Sequence[Header] = ()) -> bool:
        """Begin a reply whose end is not known, in chunks; False when the client is gone."""
        if self._transport is None or request is not self._answering:
            return False
        self._chunked = request.head.version != "1.0"
        ending = b"transfer-encoding: chunked" if self._chunked else b"connection: close"
        self._write(
            b"".join(
                [_STATUS_LINES[200], self._listener.date, b"content-type: ", media,
                 b"\r\ncache-control: no-store\r\nx-request-id: ", request.request_id.encode(),
                 b"\r\n", *(b"%b: %b\r\n" % header for header in headers), ending, b"\r\n\r\n"]
            )
        )  # fmt: skip
        return True

    async def write_chunk(self, data: bytes) -> bool:
        """Write a chunk and wait while the client is slow; False when it is gone."""
        if self._transport is None:
            return False
        if data:
            self._write(b"%x\r\n" % len(data) + data + b"\r\n" if self._chunked else data)
        await self._writable.wait()
        return self._transport is not None

    def end(self, request: Request) -> None:
        """End such a reply, and take the next request."""
        if self._transport is not None and request is self._answering:
            if self._chunked:
                self._write(b"0\r\n\r\n")
            keep = self._chunked and request.keep_alive and not self._listener.closing
            self._done(close=not keep)

    def hang_up(self) -> None:
        """Time is over: say so where a request was on its way, else just close."""
        if self._transport is None:
            return
        if self._answering is not None:
            self.until_s = float("inf")
        elif self._begun:
            self._refuse(Problem(problems.TOO_SLOW, f"a request must be here in {ARRIVAL_S:g} s"))
        else:
            self._transport.close()

    def close_when_answered(self) -> None:
        """Close now, if nothing is being answered."""
        if self._answering is None and self._transport is not None:
            self._transport.close()

    # Helpers.

    def _answer(self, request: Request) -> None:
        self._answering = request
        self.until_s = float("inf")
        self._handler.handle(request)

    def _done(self, *, close: bool) -> None:
        self._answering = None
        if self._transport is None:
            return
        if close or (self._refused and not self._waiting):
            self._transport.close()
            return
        self.until_s = self._listener.loop.time() + IDLE_S
        if self._waiting:
            # Not at once: a hundred waiting requests are no hundred calls deep.
            self._listener.loop.call_soon(self._next)

    def _next(self) -> None:
        if self._waiting and self._answering is None and self._transport is not None:
            self._answer(self._waiting.popleft())
            self._read_on()

    def _read_on(self) -> None:
        if (
            self._transport is not None
            and self._writable.is_set()
            and len(self._waiting) < MAX_WAITING
        ):
            self._transport.resume_reading()

    def _refuse(self, problem: Problem) -> None:
        """Answer what cannot be read, behind what was asked before it, and read no more."""
        if self._refused:
            return
        self._refused = True
        request = self._arriving or Request(self, Head())
        reply = self._listener.worded(problem, request)._replace(close=True)
        if self._answering is None:
            self._answering = request
            self.send_reply(request, reply)
        else:
            self._waiting.clear()
            self._answering.keep_alive = False

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)


def _too_large(limit: int) -> Problem:
    return Problem(problems.TOO_LARGE, expected=f"at most {limit} bytes")
