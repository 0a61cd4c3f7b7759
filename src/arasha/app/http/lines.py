"""A line to one other service: a pool of connections, a bounded number of questions, a breaker.

In: a body, and the time that there is for the answer. Out: status and body of the reply, or the
`Silence` that it was. Nothing waits longer than it was told to, nothing is asked twice, no redirect
is followed, no proxy used, and of a reply at most MAX_REPLY_BYTES are read.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from enum import Enum
from typing import Final

import httpx

from arasha.exchange.breaker import Breaker
from arasha.exchange.origination import Peer

MAX_ON_THEIR_WAY: Final = 64
"""Questions to one service at once, each with a connection; beyond them none is asked."""

IDLE_S: Final = 30.0
"""How long a connection that nobody uses is kept, seconds."""

MAX_REPLY_BYTES: Final = 4_096

_SERVER_FAULT: Final = 500
_UNAVAILABLE: Final = 503


class Silence(Enum):
    """Why there is no reply."""

    NOT_ANSWERED = "not_answered"  # not in time, or not at all
    DOWN = "operator_down"  # it has not answered for a while, and is not asked now
    FULL = "not_asked"  # as many questions as may be are on their way


class Line:
    """The line to one service. ``steady_s``: a clock that never goes back."""

    def __init__(self, peer: Peer, path: str, steady_s: Callable[[], float]) -> None:
        context = ssl.create_default_context(cafile=None if peer.ca is None else str(peer.ca))
        self._client = httpx.AsyncClient(
            verify=context, timeout=None, follow_redirects=False, trust_env=False,
            limits=httpx.Limits(max_connections=MAX_ON_THEIR_WAY,
                                max_keepalive_connections=MAX_ON_THEIR_WAY,
                                keepalive_expiry=IDLE_S),
            headers={"authorization": f"Bearer {peer.key}", "content-type": "application/json"},
        )  # fmt: skip
        self._url, self._steady_s = peer.url + path, steady_s
        self._breaker = Breaker()
        self.on_their_way = 0

    async def ask(self, body: bytes, within_s: float) -> tuple[int, bytes] | Silence:
        """The reply within that time. A 503 is one, and says that the service is there."""
        if self.on_their_way >= MAX_ON_THEIR_WAY:
            return Silence.FULL
        if not self._breaker.may_ask(self._steady_s()):
            return Silence.DOWN
        self.on_their_way += 1
        answered = False
        try:
            async with asyncio.timeout(within_s):
                reply = await self._posted(body)
            answered = reply[0] < _SERVER_FAULT or reply[0] == _UNAVAILABLE
            return reply
        except (TimeoutError, httpx.HTTPError):
            return Silence.NOT_ANSWERED
        finally:
            self.on_their_way -= 1
            if answered:
                self._breaker.answered()
            else:
                self._breaker.failed(self._steady_s())

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def _posted(self, body: bytes) -> tuple[int, bytes]:
        async with self._client.stream("POST", self._url, content=body) as response:
            read = b""
            async for piece in response.aiter_raw():
                read += piece
                if len(read) > MAX_REPLY_BYTES:
                    raise httpx.DecodingError("a reply that is too long")
            return response.status_code, read
