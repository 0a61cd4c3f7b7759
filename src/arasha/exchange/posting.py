"""One message to one webhook: connect where one may, sign, send, read whether it was taken.

In: a webhook, a message. Out: an `Outcome`: taken (2xx), or the name of what went wrong. Of the
reply only the head is read, up to a bound, and then the connection is cut, whatever else there is:
a receiver that sends a gigabyte, or a byte a second, costs a few kilobytes and `TIMEOUT_S`. No
redirect is followed and no proxy used: the message goes where the operator said, or nowhere. TLS
checks the name in the URL; the address was looked up once, was allowed, and is the one we use.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from arasha import __version__
from arasha.exchange.addresses import Network, Target, may_connect, target_of
from arasha.exchange.messages import MEDIA_TYPE
from arasha.exchange.signatures import (
    Request,
    content_digest,
    sign_parameters,
    signature_base,
    signature_headers,
)
from arasha.exchange.webhooks import SigningKey, Webhook

TIMEOUT_S: Final = 10.0
"""Looking up the name, connecting, sending and the head of the reply: all of it, seconds."""

MAX_HEAD_BYTES: Final = 16 << 10
"""Longest head of a reply."""

MAX_LOOKUPS: Final = 32
"""Names that are looked up at once; a system's resolver may take half a minute for each."""

COVERED: Final = ("@method", "@authority", "@path", "content-type", "content-digest")
"""What a signature covers."""

_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?\r\n")
_RETRY_AFTER: Final = re.compile(rb"\r\nretry-after:[ \t]*([0-9]{1,9})[ \t]*\r\n", re.IGNORECASE)
_MAX_INTERIM: Final = 4  # replies 1xx before the one that counts


class Fault(StrEnum):
    """Why a message was not taken, by name."""

    NO_ADDRESS = "no_address"
    ADDRESS_REFUSED = "address_refused"
    NO_CONNECTION = "no_connection"
    NO_TRUST = "no_trust"
    TOO_SLOW = "too_slow"
    NO_REPLY = "no_reply"
    REDIRECTED = "redirected"
    GONE = "gone"
    REFUSED = "refused"
    BUSY = "busy"
    FAILED = "failed"
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try: ``fault`` None is a message taken; ``status`` None no reply."""

    fault: Fault | None
    status: int | None = None
    retry_after_s: int = 0


class Poster:
    """Sends messages. ``nonce`` gives a new one each time, ``wall_s`` the time of day.

    ``networks`` are private ones that may be connected to; ``tls`` whom to trust.
    """

    def __init__(
        self,
        *,
        networks: Sequence[Network] = (),
        tls: ssl.SSLContext,
        nonce: Callable[[], str],
        wall_s: Callable[[], float],
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._networks, self._tls, self._nonce, self._wall_s = networks, tls, nonce, wall_s
        self._timeout_s = timeout_s
        self._lookups = threading.BoundedSemaphore(MAX_LOOKUPS)

    async def post(self, webhook: Webhook, body: bytes) -> Outcome:
        """Try once. Raises nothing that a receiver can cause."""
        target = target_of(webhook.url)
        key = webhook.key_at(int(self._wall_s() * 1000))
        try:
            async with asyncio.timeout(self._timeout_s):
                address = await self._address(target)
                if isinstance(address, Fault):
                    return Outcome(address)
                return await self._sent(target, address, body, key)
        except TimeoutError:
            return Outcome(Fault.TOO_SLOW)
        except ssl.SSLError:
            return Outcome(Fault.NO_TRUST)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionResetError):
            return Outcome(Fault.NO_REPLY)
        except OSError:
            return Outcome(Fault.NO_CONNECTION)

    async def _address(self, target: Target) -> str | Fault:
        """The first address of the host to which we may connect."""
        found = await self._looked_up(target)
        if not found:
            return Fault.NO_ADDRESS
        allowed = [one for one in found if may_connect(one, target, self._networks)]
        return allowed[0] if allowed else Fault.ADDRESS_REFUSED

    async def _looked_up(self, target: Target) -> list[str]:
        """All addresses of the host. A name is looked up in a thread that nobody waits for."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[str]] = loop.create_future()

        def settle(found: list[str]) -> None:
            if not future.done():
                future.set_result(found)

        def look_up() -> None:
            found: list[str] = []
            try:
                with suppress(OSError, UnicodeError):
                    told = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
                    found = [str(entry[4][0]) for entry in told]
            finally:
                self._lookups.release()
            with suppress(RuntimeError):  # the loop is closed: nobody wants to know any more
                loop.call_soon_threadsafe(settle, found)

        if not self._lookups.acquire(blocking=False):
            return []
        threading.Thread(target=look_up, name="arasha-lookup", daemon=True).start()
        return await future

    async def _sent(self, target: Target, address: str, body: bytes, key: SigningKey) -> Outcome:
        secure = target.scheme == "https"
        reader, writer = await asyncio.open_connection(
            address, target.port, limit=MAX_HEAD_BYTES, ssl=self._tls if secure else None,
            server_hostname=target.host if secure else None,
        )  # fmt: skip
        try:
            writer.write(self._request(target, body, key))
            await writer.drain()
            for _ in range(_MAX_INTERIM):
                outcome = outcome_of(await reader.readuntil(b"\r\n\r\n"))
                if outcome is not None:
                    return outcome
            return Outcome(Fault.NO_REPLY)
        finally:
            writer.transport.abort()

    def _request(self, target: Target, body: bytes, key: SigningKey) -> bytes:
        """The whole request, signed as of now."""
        headers = [("content-type", MEDIA_TYPE), ("content-digest", content_digest(body))]
        request = Request("POST", target.scheme, target.authority, target.path, "", headers, body)
        parameters = sign_parameters(
            COVERED, created_s=int(self._wall_s()), key_id=key.key_id, nonce=self._nonce(),
            algorithm="ed25519",
        )  # fmt: skip
        base = signature_base(request, parameters)
        assert base is not None
        headers += signature_headers(parameters, key.signer().sign(base))
        headers += [
            ("host", target.authority), ("content-length", str(len(body))),
            ("user-agent", f"arasha/{__version__}"), ("connection", "close"),
        ]  # fmt: skip
        lines = [f"POST {target.path} HTTP/1.1", *(f"{name}: {text}" for name, text in headers)]
        return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def outcome_of(head: bytes) -> Outcome | None:
    r"""What the head of a reply says; None where another is still to come (1xx).

    >>> outcome_of(b"HTTP/1.1 204 No Content\r\n\r\n")
    Outcome(fault=None, status=204, retry_after_s=0)
    """
    found = _STATUS.match(head)
    if found is None:
        return Outcome(Fault.NO_REPLY)
    status = int(found[1])
    after = _RETRY_AFTER.search(head)
    wait_s = int(after[1]) if after else 0
    match status // 100:
        case 1:
            return None
        case 2:
            return Outcome(None, status)
        case 3:
            return Outcome(Fault.REDIRECTED, status)
        case 4:
            named = {410: Fault.GONE, 408: Fault.BUSY, 425: Fault.BUSY, 429: Fault.BUSY}
            return Outcome(named.get(status, Fault.REFUSED), status, wait_s)
        case _:
            return Outcome(Fault.BUSY if status == 503 else Fault.FAILED, status, wait_s)
