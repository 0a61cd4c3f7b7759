"""One connection: what is not HTTP, what is slow, what is too much, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arasha.app.http import connection as connection_module
from arasha.app.http import problems
from arasha.app.http.connection import MAX_HEAD_BYTES, MAX_HEADERS, Listener, Reply, Request
from arasha.app.http.problems import Problem

LIMIT = 100


@dataclass
class Echo:
    """Answers with the body; ``/later`` when it is told to, ``/no`` not at all."""

    seen: list[tuple[str, str, bytes]] = field(default_factory=list)
    later: list[Request] = field(default_factory=list)

    def body_limit(self, request: Request) -> int | Problem:
        return Problem(problems.NOT_FOUND) if request.path == "/no" else LIMIT

    def handle(self, request: Request) -> None:
        self.seen.append((request.method, request.path, request.body))
        if request.path == "/later":
            self.later.append(request)
        else:
            request.reply(Reply(200, request.body, headers=((b"x-own", b"1"),)))


Talk = Callable[[Echo, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def talk(script: Talk) -> Echo:
    """Run a client against a listener on a free port of this machine."""

    async def run() -> Echo:
        echo = Echo()
        listener = Listener(echo, lambda: 0.0)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(listener.protocol, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            async with asyncio.timeout(20):
                await script(echo, reader, writer)
        finally:
            writer.close()
            listener.close()
            server.close()
            await server.wait_closed()
        return echo

    return asyncio.run(run())


async def told(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """(status, body) of the next reply."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return int(head.split(b" ")[1]), await reader.readexactly(length)


def test_requests_are_answered_in_order_however_they_are_cut() -> None:
    """Three in one piece, one in single bytes; the connection stays."""

    async def script(_: Echo, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        one = b"POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc"
        writer.write(one * 3)
        assert [(200, b"abc")] * 3 == [await told(reader) for _ in range(3)]
        for place in range(len(one)):
            writer.write(one[place : place + 1])
            await writer.drain()
            await asyncio.sleep(0)
        assert (200, b"abc") == await told(reader)

    assert [("POST", "/a", b"abc")] * 4 == talk(script).seen


def test_a_later_answer_holds_back_those_behind_it() -> None:
    """Answers never overtake each other on one connection, and waiting requests are bounded."""

    async def script(
        echo: Echo, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        behind = b"POST /b HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\nb"
        writer.write(b"GET /later HTTP/1.1\r\nhost: x\r\n\r\n" + behind * 40)
        while not echo.later:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        assert 1 == len(echo.seen)
        echo.later[0].reply(Reply(200, b"first"))
        answers = [await told(reader) for _ in range(41)]
        assert [(200, b"first")] + [(200, b"b")] * 40 == answers

    talk(script)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"GET /no HTTP/1.1\r\nhost: x\r\n\r\n", 404),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"POST / HTTP/1.1\r\ncontent-length: 101\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\ncontent-length: 99999999999999999999999\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nffff\r\n" + b"x" * 200, 413),
        (b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * (MAX_HEADERS + 1) + b"\r\n", 413),
        (b"GET / HTTP/1.1\r\na: " + b"b" * (MAX_HEAD_BYTES + 70_000), 413),
        (b"GET /" + b"a" * (MAX_HEAD_BYTES + 70_000), 413),
        (b"GET / HTTP/1.1\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n", 200),
    ],
)
def test_what_cannot_be_read_is_told_and_hung_up_on(sent: bytes, status: int) -> None:
    """With a problem, and nothing that follows is looked at."""

    async def script(_: Echo, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        answered, body = await told(reader)
        assert status == answered
        if status >= 400:
            assert b"urn:arasha:problem:" in body
            writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            assert b"" == await reader.read()

    echo = talk(script)
    assert ([] if status >= 400 else [("GET", "/", b"")]) == echo.seen


def test_who_is_slow_is_told_and_who_is_silent_is_hung_up_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A byte now and then does not hold a connection: a request has its time, silence, too."""
    monkeypatch.setattr(connection_module, "ARRIVAL_S", 0.3)
    monkeypatch.setattr(connection_module, "IDLE_S", 0.3)
    monkeypatch.setattr(connection_module, "_SWEEP_S", 0.05)

    async def slow(_: Echo, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for byte in b"POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\nabcdef":
            writer.write(bytes([byte]))
            await asyncio.sleep(0.02)
            if reader._buffer:  # type: ignore[attr-defined]  # an answer is there
                break
        assert 408 == (await told(reader))[0]
        assert b"" == await reader.read()

    async def silent(_: Echo, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert b"" == await reader.read()

    async def answered_late(
        echo: Echo, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(b"GET /later HTTP/1.1\r\nhost: x\r\n\r\n")
        await asyncio.sleep(0.8)
        echo.later[0].reply(Reply(200, b"at last"))
        assert (200, b"at last") == await told(reader)

    for script in (slow, silent, answered_late):
        talk(script)


def test_old_and_impatient_clients_are_served() -> None:
    """HTTP/1.0 is answered and closed; who asks before sending a body is told to go on."""

    async def old(_: Echo, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"GET /old HTTP/1.0\r\n\r\n")
        assert (200, b"") == await told(reader)
        assert b"" == await reader.read()

    async def asking(_: Echo, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"POST / HTTP/1.1\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n")
        assert b"HTTP/1.1 100 Continue\r\n\r\n" == await reader.readuntil(b"\r\n\r\n")
        writer.write(b"ok")
        assert (200, b"ok") == await told(reader)

    async def half(_: Echo, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\nok")
        writer.write_eof()
        assert (200, b"ok") == await told(reader)

    for script in (old, asking, half):
        talk(script)


@settings(max_examples=150)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.sampled_from(
                [
                    b"POST /x HTTP/1.1\r\n", b"content-length: 4\r\n", b"\r\n", b"abcd",
                    b"transfer-encoding: chunked\r\n", b"0\r\n\r\n", b"4\r\n",
                    b"GET / HTTP/1.1\r\n",
                    b"connection: close\r\n", b"expect: 100-continue\r\n", b"\0", b"host: x\r\n",
                ]
            ),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_whatever_is_sent_nothing_breaks(pieces: list[bytes]) -> None:
    """Any bytes: every reply is whole, and the listener answers the next client."""

    async def script(_: Echo, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
        writer.write_eof()
        data: bytes = await reader.read()
        while data:
            head, _end, rest = data.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 ")
            if b" 100 " in head[:13]:
                data = rest
                continue
            assert int(head.split(b" ")[1]) in (200, 400, 408, 413)
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            assert len(rest) >= length
            data = rest[length:]

    talk(script)
