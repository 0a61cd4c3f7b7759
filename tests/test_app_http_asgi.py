"""An application behind the service's own connections: whole answers, streams, and their ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from arasha.app.http import asgi
from arasha.app.http.asgi import Application, Mounted, scope_of
from arasha.app.http.connection import Connection, Listener, Request, reply_of

Send = Callable[[Any], Awaitable[None]]
START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/x")]}


class Handler:
    """Answers everything by one application, over real connections."""

    def __init__(self, application: Application) -> None:
        self.stopped = asyncio.Event()
        self.told: list[str] = []
        self.faults: list[Exception] = []
        desk: Any = SimpleNamespace(
            stopped=self.stopped, figures=SimpleNamespace(replied=lambda *_: None),
            answer=lambda request, reply: request.reply(reply), tell=self._tell,
        )  # fmt: skip
        self.mounted = Mounted(desk, application, secure=False)
        self._tasks: set[asyncio.Task[None]] = set()

    def body_limit(self, request: Request) -> int:  # noqa: ARG002 - Handler's own
        return 100

    def handle(self, request: Request) -> None:
        request.request_id, request.route = "r-1", "pages"
        task = asyncio.ensure_future(self._answered(request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answered(self, request: Request) -> None:
        try:
            await self.mounted(request)
        except Exception as error:  # noqa: BLE001 - as the service does
            self.faults.append(error)

    def _tell(self, request: Request, problem: Any) -> None:
        self.told.append(problem.kind.name)
        request.reply(reply_of(problem))


@asynccontextmanager
async def serving(application: Application) -> Any:
    """(handler, port) of such a service."""
    handler = Handler(application)
    listener = Listener(handler, lambda: 0.0)
    server = await asyncio.get_running_loop().create_server(listener.protocol, "127.0.0.1", 0)
    try:
        yield handler, server.sockets[0].getsockname()[1]
    finally:
        listener.close()
        server.close()
        while listener.connections:
            await asyncio.sleep(0.01)


async def said(port: int, request: bytes, *, until: bytes = b"") -> bytes:
    """What comes back; up to some bytes, or to the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    found = await (reader.readuntil(until) if until else reader.read())
    writer.close()
    await writer.wait_closed()
    return found


CLOSE = b"GET /en/%D2%9B?a=1 HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n"


def test_a_whole_answer_goes_out_with_its_length_and_cookies() -> None:
    """However many parts the application sends."""

    async def application(scope: Any, receive: Any, send: Send) -> None:
        assert (await receive())["body"] == b""
        assert ("GET", "/en/қ", b"a=1") == (scope["method"], scope["path"], scope["query_string"])
        cookies = [(b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=2")]
        await send({**START, "status": 404, "headers": [*START["headers"], *cookies]})  # type: ignore[misc]  # a list
        await send({"type": "http.response.body", "body": b"ab", "more_body": True})
        await send({"type": "http.response.body", "body": b"c"})

    async def run() -> bytes:
        async with serving(application) as (_, port):
            return await said(port, CLOSE)

    answer = asyncio.run(run())
    assert answer.startswith(b"HTTP/1.1 404")
    assert answer.endswith(b"\r\n\r\nabc")
    assert b"content-length: 3\r\n" in answer
    assert b"content-type: text/x\r\n" in answer
    assert 2 == answer.count(b"set-cookie: ")


def test_a_stream_comes_piece_by_piece_and_ends_with_the_service() -> None:
    """And while it is open it is not among the pages that are being made."""

    async def application(scope: Any, receive: Any, send: Send) -> None:
        await receive()
        await send(
            {**START, "headers": [*START["headers"], (b"x-content-type-options", b"nosniff")]}
        )  # type: ignore[misc]  # a list
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        assert (await receive())["type"] == "http.disconnect"
        await send({"type": "http.response.body", "body": b"two"})

    async def run() -> bytes:
        async with serving(application) as (handler, port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(CLOSE)
            begun = await reader.readuntil(b"one\r\n")
            assert 1 == handler.mounted.streams
            handler.stopped.set()
            rest = await reader.read()
            writer.close()
            await writer.wait_closed()
            assert 0 == handler.mounted.streams
            assert [] == handler.faults
            return bytes(begun + rest)

    answer = asyncio.run(run())
    assert b"transfer-encoding: chunked" in answer
    assert b"x-content-type-options: nosniff" in answer
    assert answer.endswith(b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")


def test_a_reader_who_leaves_ends_the_stream_and_is_no_fault() -> None:
    """The application is told, and what it sends then goes nowhere."""
    over = asyncio.Event()

    async def application(scope: Any, receive: Any, send: Send) -> None:
        await receive()
        await send(dict(START))
        while True:
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
            await asyncio.sleep(0.01)

    async def run() -> None:
        async with serving(application) as (handler, port):
            await said(port, CLOSE, until=b"x\r\n")
            for _ in range(500):
                if handler.mounted.streams == 0:
                    over.set()
                    break
                await asyncio.sleep(0.01)
            assert over.is_set()
            assert [] == handler.faults

    asyncio.run(run())


def test_an_application_that_fails_is_a_fault() -> None:
    """For the service to say; nothing has been answered yet."""

    async def application(scope: Any, receive: Any, send: Send) -> None:
        raise ValueError("broken")

    async def run() -> list[Exception]:
        async with serving(application) as (handler, port):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(CLOSE)
            while not handler.faults:
                await asyncio.sleep(0.01)
            writer.close()
            await writer.wait_closed()
            faults: list[Exception] = handler.faults
            return faults

    assert ["broken"] == [str(one) for one in asyncio.run(run())]


@pytest.mark.parametrize("bound", ["MAX_AT_ONCE", "MAX_STREAMS"])
def test_beyond_the_bounds_one_is_told_to_come_again(
    bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of pages that are made at once, and of streams."""
    monkeypatch.setattr(asgi, bound, 0)

    async def application(scope: Any, receive: Any, send: Send) -> None:
        await send(dict(START))
        await send({"type": "http.response.body", "body": b"x", "more_body": True})

    async def run() -> tuple[list[str], bytes, list[Exception]]:
        async with serving(application) as (handler, port):
            answer = await said(port, CLOSE)
            return handler.told, answer, handler.faults

    told, answer, faults = asyncio.run(run())
    assert (["busy"], []) == (told, faults)
    assert b"503" in answer.splitlines()[0]
    assert b"retry-after" in answer


def test_a_path_that_is_no_text_is_told_all_the_same() -> None:
    """Whatever a client sends becomes a path; what cannot be read is a sign for that."""
    connection: Any = Connection.__new__(Connection)
    from arasha.app.http.heads import Head

    head = Head("GET", b"/kk/%ff%00?x=%00")
    head.complete("GET", "1.1", keep_alive=True)
    scope = scope_of(Request(connection, head), "https")
    assert ("/kk/\ufffd\x00", b"x=%00", "https") == (
        scope["path"], scope["query_string"], scope["scheme"],
    )  # fmt: skip
