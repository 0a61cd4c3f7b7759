"""The routes in CAMARA's manner for machines, made from the table of questions that answers them.

Out: the paths of OpenAPI, each with the header, the codes and the error body of CAMARA's documents.
What a connection refuses before there is a route (a head or a body too large, a request too slow)
is told as problem details here as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from arasha.app.http import camara_calls, camara_tokens, camara_verification
from arasha.app.http import problems as p
from arasha.app.http.camara import CODES, CORRELATOR_PATTERN, ErrorInfo
from arasha.app.http.camara_calls import AnnouncementInfo, CreatePreAnnouncementRequest
from arasha.app.http.camara_questions import QUESTIONS
from arasha.app.http.camara_tokens import TokenIssued, TokenWanted
from arasha.app.http.camara_verification import NumberVerificationMatch, NumberVerificationRequest

Told = Callable[..., dict[str, Any]]

EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "OfNumber": {"phoneNumber": "+77020000002"},
    "OfPeriod": {"phoneNumber": "+77020000002", "maxAge": 24},
    "SinceDate": {"phoneNumber": "+77020000002", "specifiedDate": "2026-01-05"},
    "TenureSince": {"phoneNumber": "+77020000002", "tenureDate": "2026-01-05"},
    "CreatePreAnnouncementRequest": {
        "callingParticipant": "+77270000001", "calledParticipant": "+77020000002",
        "strategy": "BRAND_DISPLAY", "timeToLive": 60,
    },
    "NumberVerificationRequest": {"phoneNumber": "+77020000002"},
}  # fmt: skip
"""A message of each kind."""

MESSAGES: Final = (
    *dict.fromkeys(one.message for one in QUESTIONS), *dict.fromkeys(one.said for one in QUESTIONS),
    CreatePreAnnouncementRequest, AnnouncementInfo, NumberVerificationRequest,
    NumberVerificationMatch, TokenWanted, TokenIssued, ErrorInfo,
)  # fmt: skip
"""What these routes read and answer: to stand among the document's schemas."""

_REFS: Final = "#/components/schemas/{name}"
_JSON: Final = "application/json"
_XCORRELATOR: Final = {"type": "string", "pattern": f"^{CORRELATOR_PATTERN}$"}
_CORRELATOR: Final = {
    "name": "x-correlator", "in": "header", "required": False, "schema": _XCORRELATOR,
    "description": "What the asking is about: the payment's id",
}  # fmt: skip
_CORRELATED: Final = {
    "x-correlator": {"description": "As it came, or made here", "schema": _XCORRELATOR}
}
_STATUSES: Final = (400, 401, 403, 404, 405, 415, 422, 429, 500, 503)


def camara_paths(told: Told) -> dict[str, Any]:
    """The paths; ``told`` makes the answers that are problem details."""
    paths = {
        one.path: _path(
            one.operation, one.summary, one.message, "200", _schema(one.said), told,
            "A bank asks about the payer of a payment that it is about to judge; the correlator "
            "is the payment's id. Each asking is an entry here before it is answered.",
        )
        for one in QUESTIONS
    }  # fmt: skip
    paths[camara_calls.PATH] = _path(
        "createPreAnnouncement", "A bank announces its own call", CreatePreAnnouncementRequest,
        "201", _schema(AnnouncementInfo), told,
        "A call that shows the number and was not announced is marked. The operator says whose "
        "number it is. Names and reasons are neither kept nor shown.",
    )  # fmt: skip
    paths[camara_verification.VERIFY] = _path(
        "phoneNumberVerify", "Is this the number of who is at the bank's app?",
        NumberVerificationRequest, "200", _schema(NumberVerificationMatch), told,
        "With an access token that names a number alone, which is then spent.",
    )  # fmt: skip
    paths[camara_verification.SHARE] = {
        "get": {
            "operationId": "phoneNumberShare",
            "summary": "Refused: numbers are verified, and not told",
            "parameters": [_CORRELATOR],
            "responses": _refusals(told),
        }
    }
    paths[camara_tokens.PATH] = {"post": _issuing(told)}
    return paths


def _issuing(told: Told) -> dict[str, Any]:
    """The route for the operator's authorisation server, which is ours and no standard."""
    example = {"bank": "BANKKZKA", "number": "+77020000002"}
    content = {_JSON: {"schema": _schema(TokenWanted), "example": example}}
    return {
        "operationId": "issueAccessToken",
        "summary": "A token for a bank, which names who the network found at its app",
        "description": "Not a standard: how the operator's authorisation server tells it.",
        "requestBody": {"required": True, "content": content},
        "responses": {
            "200": {
                "description": "To be passed on to the bank",
                "content": {_JSON: {"schema": _schema(TokenIssued)}},
            },
            **told(p.MALFORMED, p.UNAUTHENTICATED, p.FORBIDDEN, p.TOO_SLOW, p.TOO_LARGE,
                   p.WRONG_MEDIA, p.REFUSED, p.TOO_MANY),
        },
    }  # fmt: skip


def _path(
    operation: str, summary: str, message: type, status: str, said: dict[str, Any], told: Told,
    description: str,
) -> dict[str, Any]:  # fmt: skip
    taken = {"description": "The answer", "headers": _CORRELATED,
             "content": {_JSON: {"schema": said}}}  # fmt: skip
    body = {"schema": _schema(message), "example": EXAMPLES[message.__name__]}
    return {
        "post": {
            "operationId": operation,
            "summary": summary,
            "description": description,
            "parameters": [_CORRELATOR],
            "requestBody": {"required": True, "content": {_JSON: body}},
            "responses": {status: taken, **_refusals(told)},
        }
    }


def _refusals(told: Told) -> dict[str, Any]:
    """What may be refused, by status: CAMARA's error, and beside it what any connection may say."""
    refusals: dict[str, Any] = told(p.MALFORMED, p.TOO_SLOW, p.TOO_LARGE, p.WRONG_METHOD)
    headers = told(p.UNAUTHENTICATED, p.TOO_MANY, p.BUSY)
    for status in map(str, _STATUSES):
        codes = sorted({code for kind, code in CODES.items() if kind.status == int(status)})
        one = refusals.setdefault(status, {"description": " or ".join(codes), "content": {}})
        one["content"][_JSON] = {"schema": _schema(ErrorInfo)}
        one["headers"] = headers.get(status, {}).get("headers", {}) | _CORRELATED
    return refusals


def _schema(of: Any) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([of], ref_template=_REFS)
    return schema
