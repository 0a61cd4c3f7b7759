"""The heads of requests: each is read once, and known again by its bytes.

In: what llhttp found before a body. Out: the same, taken apart for those who ask: the path, the
key, the request's own name. A machine says the same head with every payment, but for the length of
the body; so a head that was read before, and whose whole request came in one piece, is not read
again. What stands in memory for that is bounded.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from arasha.exchange.participants import Participant

HEADS: Final = 1_024
"""Heads remembered; at the bound all are forgotten."""

HEAD_BYTES: Final = 1_024
"""Longest head that is remembered, bytes."""

END: Final = b"\r\n\r\n"
"""What stands behind a head."""

Header = tuple[bytes, bytes]

_BEARER: Final = b"bearer "
_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class Head:
    """One head. Whole after ``complete``; then nothing in it changes, but that the door notes whose
    key it carries, ``participant``, and as of how many ``changes`` of the register.
    """

    __slots__ = (
        "body_bytes", "changes", "headers", "keep_alive", "key", "media", "method", "participant",
        "path", "query", "request_id", "target", "version",
    )  # fmt: skip

    def __init__(self, method: str = "", target: bytes = b"") -> None:
        self.method = method
        self.target = target
        self.path, self.query = "", b""
        self.headers: list[Header] = []
        self.keep_alive = True
        self.version = "1.1"
        self.key: tuple[str, str] | None = None
        self.media: bytes | None = None
        self.request_id: str | None = None
        self.body_bytes = 0
        self.participant: Participant | None = None
        self.changes = -1

    def header(self, name: bytes) -> bytes | None:
        """The value of the first header of that name, in small letters, or None."""
        return next((value for key, value in self.headers if key == name), None)

    def complete(self, method: str, version: str, *, keep_alive: bool) -> None:
        """All headers are here: ``key`` is the key id and secret of a bearer's token, ``media`` the
        content type, ``request_id`` the name that the request brings, if it is one.
        """
        self.method, self.version, self.keep_alive = method, version, keep_alive
        path, _, self.query = self.target.partition(b"?")
        self.path = unquote_to_bytes(path).decode("latin-1")
        said = self.header(b"authorization")
        if said is not None and said[: len(_BEARER)].lower() == _BEARER:
            key_id, _, secret = said[len(_BEARER) :].decode("latin-1").strip().partition(".")
            self.key = (key_id, secret)
        media = self.header(b"content-type")
        self.media = None if media is None else media.partition(b";")[0].strip().lower()
        given = self.header(b"x-request-id")
        if given is not None and _REQUEST_ID.fullmatch(given):
            self.request_id = given.decode("ascii")


class Heads:
    """The heads that are known again."""

    def __init__(self) -> None:
        self._known: dict[bytes, Head] = {}

    def __len__(self) -> int:
        return len(self._known)

    def of(self, data: bytes, end: int) -> Head | None:
        """The head that ``data`` begins with, if it is known and all of its body, and nothing else,
        stands behind ``end``.
        """
        head = self._known.get(data[:end])
        return head if head is not None and len(data) - end == head.body_bytes else None

    def remember(self, data: bytes, head: Head, body: bytes) -> None:
        """``data`` was read as this head and this body: know the head again, if they are told apart
        by the head's length of the body, and not by what stands in it.
        """
        end = data.find(END) + len(END)
        if end > HEAD_BYTES or data[end:] != body:
            return
        if len(self._known) >= HEADS:
            self._known.clear()
        head.body_bytes = len(body)
        self._known[data[:end]] = head
