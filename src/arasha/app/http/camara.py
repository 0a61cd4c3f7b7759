"""How CAMARA speaks: its header, its refusals, and which payment an asking is about.

The interfaces of CAMARA (github.com/camaraproject, Apache-2.0) that an operator offers banks share
one manner, that of its Commonalities: ``x-correlator`` is told back, and what is refused is told as
``{status, code, message}`` instead of as problem details. In: our problems. Out: theirs.

CAMARA has no field for a payment. The correlator names it: it is what CAMARA has for "the same
affair at several services". One that is no id of ours is shortened to one; where none is given one
is made and told back, so that the bank can keep it beside its payment.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final, TypeVar

import msgspec

from arasha.app.http import problems
from arasha.app.http.connection import Reply, Request
from arasha.app.http.problems import Kind, Problem
from arasha.app.http.signals import MAX_PAYMENT_CHARS, NO_STORE
from arasha.events.symbols import ID_PATTERN

CORRELATOR_PATTERN: Final = r"[a-zA-Z0-9-_:;.\/<>{}]{0,256}"
CORRELATOR: Final = b"x-correlator"

_CORRELATOR: Final = re.compile(CORRELATOR_PATTERN)
_ID: Final = re.compile(ID_PATTERN)

INVALID_ARGUMENT: Final = Kind("invalid-argument", 400, "A field is not as it must be")
OUT_OF_RANGE: Final = Kind("out-of-range", 400, "A field is outside its range")
IDENTIFIER_NOT_FOUND: Final = Kind("identifier-not-found", 404, "This number is not served here")
MISSING_IDENTIFIER: Final = Kind("missing-identifier", 422, "No number is given")
UNNECESSARY_IDENTIFIER: Final = Kind(
    "unnecessary-identifier", 422, "The access token names the number already"
)
SERVICE_NOT_APPLICABLE: Final = Kind("service-not-applicable", 422, "This is not offered here")
NOT_BY_NETWORK: Final = Kind(
    "user-not-authenticated-by-mobile-network", 403,
    "Client must authenticate via the mobile network to use this service",
)  # fmt: skip

CODES: Final = {
    INVALID_ARGUMENT: "INVALID_ARGUMENT",
    OUT_OF_RANGE: "OUT_OF_RANGE",
    IDENTIFIER_NOT_FOUND: "IDENTIFIER_NOT_FOUND",
    MISSING_IDENTIFIER: "MISSING_IDENTIFIER",
    UNNECESSARY_IDENTIFIER: "UNNECESSARY_IDENTIFIER",
    SERVICE_NOT_APPLICABLE: "SERVICE_NOT_APPLICABLE",
    NOT_BY_NETWORK: "NUMBER_VERIFICATION.USER_NOT_AUTHENTICATED_BY_MOBILE_NETWORK",
    problems.MALFORMED: "INVALID_ARGUMENT",
    problems.UNAUTHENTICATED: "UNAUTHENTICATED",
    problems.WRONG_SIGNATURE: "UNAUTHENTICATED",
    problems.FORBIDDEN: "PERMISSION_DENIED",
    problems.WRONG_METHOD: "METHOD_NOT_ALLOWED",
    problems.WRONG_MEDIA: "UNSUPPORTED_MEDIA_TYPE",
    problems.TOO_MANY: "TOO_MANY_REQUESTS",
    problems.ASKED_TOO_OFTEN: "QUOTA_EXCEEDED",
    problems.BUSY: "UNAVAILABLE",
    problems.STOPPED: "UNAVAILABLE",
    problems.STANDBY: "UNAVAILABLE",
    problems.INTERNAL: "INTERNAL",
}
"""CAMARA's code of each problem that its routes have."""


class ErrorInfo(msgspec.Struct, frozen=True):
    """What is refused, as CAMARA says it."""

    status: int
    code: str
    message: str


def reply_of(problem: Problem, request: Request) -> Reply:
    """The problem as CAMARA says it, with the correlator of the request, if it has a good one."""
    kind = problem.kind
    message = problem.detail or kind.title
    if problem.expected is not None:
        message = f"{message}; expected: {problem.expected}"
    body = msgspec.json.encode(ErrorInfo(kind.status, CODES[kind], message))
    given = correlator_of(request)
    told = [] if given is None or isinstance(given, Problem) else [(CORRELATOR, given.encode())]
    return Reply(kind.status, body, headers=(*problem.headers(), *told, NO_STORE))


def answered(said: object, correlator: str, status: int = 200) -> Reply:
    """What is told, with the correlator of the request."""
    headers = ((CORRELATOR, correlator.encode()), NO_STORE)
    return Reply(status, msgspec.json.encode(said), headers=headers)


def correlator_of(request: Request) -> str | Problem | None:
    """The correlator, None where there is none; why not, where it is none."""
    said = request.header(CORRELATOR)
    if said is None:
        return None
    given = said.decode("latin-1")
    if _CORRELATOR.fullmatch(given):
        return given or None
    return Problem(INVALID_ARGUMENT, "x-correlator", expected=CORRELATOR_PATTERN)


def new_correlator() -> str:
    """A correlator for a request that brought none."""
    return f"x-{secrets.token_hex(16)}"


T = TypeVar("T", bound=msgspec.Struct)


def read(decoder: msgspec.json.Decoder[T], body: bytes) -> T | Problem:
    """The message; where it is none, what it may hold. Nothing that was found is repeated."""
    try:
        return decoder.decode(body)
    except msgspec.DecodeError:  # of its syntax or its fields
        fields = ", ".join(field.encode_name for field in msgspec.structs.fields(decoder.type))
        return Problem(INVALID_ARGUMENT, expected=f"a JSON object of {fields}, as documented")


def payment_of(correlator: str) -> str:
    """The id of the payment that a correlator stands for.

    >>> payment_of("p-20260131-000017")
    'p-20260131-000017'
    >>> payment_of("<a;b>")
    'x-9211089579088455846e6a2c710548d3'
    """
    if len(correlator) <= MAX_PAYMENT_CHARS and _ID.fullmatch(correlator):
        return correlator
    return f"x-{hashlib.sha256(correlator.encode()).hexdigest()[:32]}"
