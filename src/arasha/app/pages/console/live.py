"""The queue's counters as they change: server-sent events, for a page that stays open.

In: somebody at the queue. Out: a stream of what the counters say in their language, each time that
it is something else. It ends by itself after a while, and the browser comes again: so whoever may
see the queue no longer is not told any more. A page without a script shows what was so when it was
made.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
from litestar import get
from litestar.exceptions import TooManyRequestsException
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from arasha.app.pages.console.seat import Seat, seen_by
from arasha.cases.roles import VIEWS
from arasha.cases.waiting import Counters

STEP_S: Final = 2.0
"""How often it is looked whether something has changed, seconds."""

LONGEST_S: Final = 120.0
"""How long a stream lasts before the browser must show again who sits there, seconds."""

AGAIN_MS: Final = 3_000
"""How long a browser waits before it comes again, ms."""

SILENT_STEPS: Final = 8
"""After so many steps without news a comment says that somebody is still there."""

COUNTERS: Final = ("waiting", "overdue", "taken", "snoozed")


@get("/queue/live", opt=seen_by(VIEWS["the queue"]))
async def live(seat: Seat) -> Stream:
    """The stream."""
    board, name = seat.site.board, seat.actor.name
    if not board.sits_down(name):
        raise TooManyRequestsException(headers={"retry-after": str(AGAIN_MS // 1_000)})
    return Stream(
        events(seat), media_type="text/event-stream", headers={"cache-control": "no-store"}
    )


async def events(seat: Seat) -> AsyncIterator[bytes]:
    """What goes over it."""
    board = seat.site.board
    try:
        yield f"retry: {AGAIN_MS}\n\n".encode()
        said, silent = None, 0
        for _ in range(round(LONGEST_S / STEP_S)):
            counters = await board.counters()
            if counters is not None and counters != said:
                said, silent = counters, 0
                yield b"event: counters\ndata: " + told(seat, counters) + b"\n\n"
            elif silent >= SILENT_STEPS:
                silent = 0
                yield b": still here\n\n"
            silent += 1
            await asyncio.sleep(STEP_S)
    finally:
        board.gets_up(seat.actor.name)


def told(seat: Seat, counters: Counters) -> bytes:
    """The counters as the page shows them: number and word of each."""
    view, texts = seat.view, seat.view.texts
    said: dict[str, Any] = {}
    for word in COUNTERS:
        n = getattr(counters, word)
        said[word] = {"n": n, "number": view.number(n), "word": str(texts(f"queue.{word}", n=n))}
    return msgspec.json.encode(said)


ROUTES: Final[list[ControllerRouterHandler]] = [live]
