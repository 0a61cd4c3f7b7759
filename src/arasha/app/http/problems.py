"""What a door says when it cannot do what was asked: problem details (RFC 9457).

In: a kind of problem and what was expected. Out: the status, headers and body of a reply. ``type``
is a stable name; ``expected`` and ``found`` say what to change, and nothing that was found is
repeated, only its class.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import msgspec

from arasha.client.messages import Refused
from arasha.events.rejects import Reject

MEDIA_TYPE: Final = b"application/problem+json"

TYPES: Final = "urn:arasha:problem:"
"""What a problem's ``type`` begins with: a name, not an address to fetch."""

_REMEMBERED: Final = 256  # problems whose text is kept: what turns many away is the same for all
_NAME: Final = "?"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its name, HTTP status and title."""

    name: str
    status: int
    title: str


MALFORMED: Final = Kind("malformed", 400, "The message cannot be read")
UNAUTHENTICATED: Final = Kind("unauthenticated", 401, "Nobody is known by this key")
WRONG_SIGNATURE: Final = Kind("wrong-signature", 401, "The request is not signed as it must be")
FORBIDDEN: Final = Kind("forbidden", 403, "This participant may not do this")
NOT_FOUND: Final = Kind("not-found", 404, "There is nothing here")
WRONG_METHOD: Final = Kind("wrong-method", 405, "This can be asked in another way only")
TOO_SLOW: Final = Kind("too-slow", 408, "The message did not come in time")
CONFLICT: Final = Kind("id-reused", 409, "This id was used with other content")
ACT_REFUSED: Final = Kind("act-refused", 409, "The act is not taken")
TOO_LARGE: Final = Kind("too-large", 413, "The message is too large")
WRONG_MEDIA: Final = Kind("wrong-media-type", 415, "The message is of another type")
REFUSED: Final = Kind("refused", 422, "The fact cannot be taken")
TOO_MANY: Final = Kind("too-many", 429, "This participant sends more than was agreed")
ASKED_TOO_OFTEN: Final = Kind("asked-too-often", 429, "This number was asked about too often")
BUSY: Final = Kind("busy", 503, "More is waiting than can be judged in time")
STOPPED: Final = Kind("stopped", 503, "The service is stopping; nobody knows what was kept")
NOT_YET: Final = Kind("not-in-a-checkpoint-yet", 503, "No checkpoint has this entry yet")
STANDBY: Final = Kind("standby", 503, "Another service of this centre takes facts")
INTERNAL: Final = Kind("internal", 500, "This is a fault in Arasha itself")
TOO_LATE: Final = Kind("no-verdict-in-time", 504, "There was no verdict in the time agreed")


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem, as it will be told. ``retry_after_s``: when to come again."""

    kind: Kind
    detail: str | None = None
    reason: str | None = None
    pointer: str | None = None
    expected: str | None = None
    found: str | None = None
    line: int | None = None
    retry_after_s: int | None = None
    allow: str | None = None

    def body(self, request_id: str | None = None) -> bytes:
        """The problem as JSON. The name of a request is of letters that JSON leaves as they are."""
        if request_id is None:
            return _body(self, None)
        before, after = _around_name(self)
        return before + request_id.encode() + after

    def headers(self) -> list[tuple[bytes, bytes]]:
        """What must stand in the head of the reply beside its type."""
        headers = []
        if self.retry_after_s is not None:
            headers.append((b"retry-after", str(self.retry_after_s).encode()))
        if self.allow is not None:
            headers.append((b"allow", self.allow.encode()))
        if self.kind.status == UNAUTHENTICATED.status:
            headers.append((b"www-authenticate", b"Bearer"))
        return headers


def of_reject(reject: Reject, *, line: int | None = None) -> Problem:
    """A fact that was refused: where in the message, why, and what was expected.

    A message that is no JSON at all is malformed; one that says the wrong thing is refused.
    """
    unreadable = reject.refusal.word in ("bad_json", "bad_xml")
    kind = MALFORMED if unreadable else REFUSED
    return Problem(
        kind, reason=reject.refusal.word, pointer=_pointer(reject.column),
        expected=reject.expected, found=reject.found, line=line,
    )  # fmt: skip


def _body(problem: Problem, request_id: str | None) -> bytes:
    told = msgspec.to_builtins(refused_of(problem, request_id))
    del told["outcome"]
    return msgspec.json.encode(told)


@lru_cache(_REMEMBERED)
def _around_name(problem: Problem) -> tuple[bytes, bytes]:
    """What stands before and behind the name of the request."""
    before, _, after = _body(problem, _NAME).rpartition(_NAME.encode())
    return before, after


def refused_of(problem: Problem, request_id: str | None = None) -> Refused:
    """The problem as a client reads it."""
    return Refused(
        TYPES + problem.kind.name, problem.kind.title, problem.kind.status, problem.detail,
        problem.reason, problem.pointer, problem.expected, problem.found, problem.line, request_id,
    )  # fmt: skip


def line_of(problem: Problem, line: int | None = None) -> bytes:
    """The problem with one line of many, as the answer to it."""
    return msgspec.json.encode(refused_of(replace(problem, line=line or problem.line)))


def _pointer(path: str) -> str:
    """A JSON path of a flat message as a JSON pointer (RFC 6901)."""
    if path.startswith("/"):
        return path  # in a message of ISO 20022: its elements
    return "#" if path == "$" else "#/" + path.removeprefix("$.")
