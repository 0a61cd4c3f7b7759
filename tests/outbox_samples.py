"""Receivers of webhooks on this machine, well-behaved and not, and what they were sent."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from arasha.exchange.signatures import Fault, Nonces, Request, verify

OK = b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n"

Behaviour = Callable[[socket.socket, int], None]
"""What a receiver does with a request that it has read; told how many came before."""


@dataclass(frozen=True)
class Got:
    """One request as it came."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes
    at_s: float

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    def header(self, name: str) -> str:
        return dict(self.headers)[name]

    def fault(self, key_id: str, public_key: str, nonces: Nonces | None = None) -> Fault | None:
        """What is wrong with its signature."""
        request = Request(
            self.method, "http", self.header("host"), self.path, "", self.headers, self.body
        )
        seen = Nonces(0) if nonces is None else nonces
        return verify(request, key_id, bytes.fromhex(public_key), seen, time.time(), public=True)


@dataclass
class Receiver:
    """A listening receiver. ``behaviour`` can be changed while it runs."""

    listener: socket.socket
    behaviour: Behaviour
    scheme: str = "http"
    tls: ssl.SSLContext | None = None
    got: list[Got] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.listener.getsockname()[1]}/hook"

    def events(self) -> list[dict[str, Any]]:
        with self.changed:
            return [got.event for got in self.got]

    def wait_for(self, enough: Callable[[list[Got]], bool], timeout_s: float = 90.0) -> list[Got]:
        """Until what came is enough."""
        with self.changed:
            assert self.changed.wait_for(lambda: enough(self.got), timeout_s), self.events_told()
            return list(self.got)

    def wait_for_data(self, timeout_s: float = 90.0, **data: Any) -> Got:
        """Until a message with these data came; the first such."""

        def fits(got: Got) -> bool:
            said: dict[str, Any] = got.event["data"]
            return data.items() <= said.items()

        found = self.wait_for(lambda all_got: any(map(fits, all_got)), timeout_s)
        return next(filter(fits, found))

    def events_told(self) -> str:
        return json.dumps([got.event["data"] for got in self.got])

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.settimeout(30)
            if self.tls is None:
                self._talk(connection)
                return
            with self.tls.wrap_socket(connection, server_side=True) as secured:
                self._talk(secured)

    def _talk(self, connection: socket.socket) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("ascii").split("\r\n")
        headers = [(name.lower(), text.strip()) for name, text in
                   (line.split(":", 1) for line in lines)]  # fmt: skip
        length = int(dict(headers)["content-length"])
        while len(body) < length:
            body += connection.recv(65536)
        method, path, _ = first.split(" ")
        with self.changed:
            before = len(self.got)
            self.got.append(Got(method, path, headers, body, time.monotonic()))
            self.changed.notify_all()
        self.behaviour(connection, before)


def answering(reply: bytes = OK) -> Behaviour:
    """Give that reply to each."""
    return lambda connection, _before: connection.sendall(reply)


def failing(times: int, reply: bytes = b"HTTP/1.1 500 Oh\r\n\r\n") -> Behaviour:
    """Give the reply so many times, and take what comes after."""
    return lambda connection, before: connection.sendall(reply if before < times else OK)


def dripping(connection: socket.socket, _before: int) -> None:
    """A byte a second, for ever."""
    for byte in b"HTTP/1.1 200 OK\r\n" * 1_000:
        connection.sendall(bytes([byte]))
        time.sleep(1)


def silent(connection: socket.socket, _before: int) -> None:
    """Nothing, for ever."""
    connection.recv(1)


def endless_head(connection: socket.socket, _before: int) -> None:
    """A head without an end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"x-more: " + b"a" * 1_000 + b"\r\n")


def gigabyte(connection: socket.socket, _before: int) -> None:
    """A good answer, and a gigabyte behind it."""
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n")
    for _ in range(1 << 14):
        connection.sendall(bytes(1 << 16))


def closing(connection: socket.socket, _before: int) -> None:
    """The end, without a word."""


@contextmanager
def receiving(
    behaviour: Behaviour | None = None, *, tls: ssl.SSLContext | None = None
) -> Iterator[Receiver]:
    """A receiver on a free port of this machine."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    scheme = "http" if tls is None else "https"
    receiver = Receiver(listener, behaviour or answering(), scheme, tls)
    threading.Thread(target=receiver.serve, daemon=True).start()
    try:
        yield receiver
    finally:
        listener.close()
