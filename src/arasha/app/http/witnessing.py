"""A witness over HTTP: ``POST /add-checkpoint``, as C2SP tlog-witness has it, and ``GET /keys``.

In: requests of logs. Out: cosignatures, or 400, 403, 404, 409 and 422 as the specification says.
One request after the other: each waits until what was cosigned is durable.
"""

from __future__ import annotations

import asyncio
import signal
import ssl
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from arasha.app.http import problems
from arasha.app.http.connection import Listener, Reply, Request
from arasha.app.http.problems import Problem
from arasha.errors import ArashaError
from arasha.log.witness import ADD_PATH, MAX_REQUEST_BYTES, Answer, Witness

KEYS_PATH: Final = "/keys"

_METHODS: Final = {ADD_PATH: "POST", KEYS_PATH: "GET"}


class Witnessing:
    """The handler of one witness's connections. ``said`` is told what was answered to whom."""

    def __init__(
        self, witness: Witness, wall_s: Callable[[], float], said: Callable[[Answer], None]
    ) -> None:
        self._witness, self._wall_s, self._said = witness, wall_s, said
        self.fault: ArashaError | None = None
        self.stopped = asyncio.Event()

    def body_limit(self, request: Request) -> int | Problem:
        """How much of a body is read."""
        wanted = _METHODS.get(request.path)
        if wanted is None:
            return Problem(problems.NOT_FOUND, expected=", ".join(_METHODS))
        if request.method != wanted:
            return Problem(problems.WRONG_METHOD, expected=wanted, allow=wanted)
        return MAX_REQUEST_BYTES if request.path == ADD_PATH else 0

    def handle(self, request: Request) -> None:
        """Answer; after a fault of the disk nothing more is cosigned."""
        if request.path == KEYS_PATH:
            keys = "".join(f"{one.text}\n" for one in self._witness.verifiers)
            return request.reply(_reply(Answer(HTTPStatus.OK, keys)))
        try:
            answer = self._witness.add_checkpoint(request.body, int(self._wall_s()))
        except ArashaError as error:
            self.fault = error
            self.stopped.set()
            answer = Answer(HTTPStatus.INTERNAL_SERVER_ERROR, "this witness cannot keep anything\n")
        self._said(answer)
        return request.reply(_reply(answer))


async def witness_over_http(
    witness: Witness,
    host: str,
    port: int,
    *,
    tls: ssl.SSLContext | None,
    wall_s: Callable[[], float],
    said: Callable[[Answer], None],
    on_ready: Callable[[int], None],
) -> None:
    """Serve until told to stop; ``on_ready`` is told the port. Raises the disk's fault, if any."""
    loop = asyncio.get_running_loop()
    handler = Witnessing(witness, wall_s, said)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, handler.stopped.set)
    listener = Listener(handler, wall_s)
    server = await loop.create_server(listener.protocol, host, port, ssl=tls)
    on_ready(server.sockets[0].getsockname()[1])
    await handler.stopped.wait()
    server.close()
    listener.close()
    if handler.fault is not None:
        raise handler.fault


def _reply(answer: Answer) -> Reply:
    return Reply(int(answer.status), answer.text.encode(), answer.media.encode())
