"""The service described for machines: OpenAPI 3.1, made from the records themselves.

Out: one JSON document. The schemas are those that decode a message and encode an answer, so they
cannot say anything else than the service does; the examples are run by the tests.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import msgspec

from arasha import __version__
from arasha.app.http import problems
from arasha.app.http.calls import MAX_IDENTITY_CHARS
from arasha.app.http.openapi_acts import AT_OPERATOR as ACTS_AT_OPERATOR
from arasha.app.http.openapi_acts import acts_paths
from arasha.app.http.openapi_camara import MESSAGES as CAMARA_MESSAGES
from arasha.app.http.openapi_camara import camara_paths
from arasha.app.http.openapi_webhooks import webhooks
from arasha.app.http.signals import Asking
from arasha.client.messages import CallJudged, Decided, Kept, MessageAnswered, SignalsTold
from arasha.events.records import RECORDS, CallMade, PaymentReceived
from arasha.events.symbols import CODE_PATTERN, ID_PATTERN
from arasha.exchange import origination
from arasha.exchange.origination import Answered, Question
from arasha.exchange.participants import AT_CENTRE, AT_OPERATOR

PAYMENT: Final = {
    "fact": "payment",
    "id": "p-20260131-000017",
    "happened_at": "2026-01-31T09:30:00+05:00",
    "payer_account": "KZ75125KZT1001300335",
    "payee_account": "KZ03125KZT2001300336",
    "amount": "250000.00",
    "currency": "KZT",
    "channel": "mobile",
    "new_device": True,
}
"""A payment as a bank sends it."""

RINGING: Final = {
    "fact": "call",
    "id": "c-20260131-000017",
    "happened_at": "2026-01-31T09:30:00+05:00",
    "caller_number": "+77010000001",
    "callee_number": "+77020000002",
    "route": "domestic",
    "device": "imei-350000000000001",
}
"""A call as an operator's switch sends it, before it rings."""

ASKING: Final = {"payment": "p-20260131-000017", "number": "+77020000002"}
"""What a bank asks an operator about a payment."""

QUESTION: Final = {
    "id": "7f1c5ad2c0de4b6f",
    "caller_number": "+77010000001",
    "callee_number": "+77020000002",
    "at": "2026-01-31T09:30:00+05:00",
    "within_ms": 300,
}
"""What one operator asks another about a call."""

_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "description": f"a name that begins with {problems.TYPES}"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "reason": {"type": "string", "description": "why a fact is refused, by name"},
        "pointer": {"type": "string", "description": "where in the message: a JSON pointer"},
        "expected": {"type": "string"},
        "found": {"type": "string", "description": "the class of what was found, never itself"},
        "line": {"type": "integer"},
        "request_id": {"type": "string"},
    },
}
_RINGING: Final = "CallRinging"
_IDENTITY: Final = {
    "type": "string",
    "maxLength": MAX_IDENTITY_CHARS,
    "description": "The Identity header of the call (RFC 8224). It is checked, what it attests is "
    "kept with the call, and it goes no further.",
}
TYPE: Final = r"^(pain|pacs|camt)\.\d{3}\.001\.\d{2}$"
"""The name of a type of message."""

_REFS: Final = "#/components/schemas/{name}"


@cache
def document(role: str = "centre", *, asks: bool = False) -> bytes:
    """The document of an installation of that role, as JSON; ``asks``: of an operator that asks
    owners about calls, and is asked.
    """
    of_calls = role == "operator"
    described = {
        "openapi": "3.1.0",
        "info": {
            "title": "Arasha",
            "version": __version__,
            "description": "An operator's own Arasha: it judges calls before they ring."
            if of_calls
            else "An open anti-fraud centre: it judges payments as they happen.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"key": []}],
        "paths": _operators(asks=asks) if of_calls else _paths(),
        "webhooks": {} if of_calls else webhooks(),
        "components": {
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "bearerFormat": "KEY-ID.SECRET"}
            },
            "schemas": _schemas(),
        },
    }
    return msgspec.json.encode(described)


def _schemas() -> dict[str, Any]:
    told = [
        *RECORDS, Decided, CallJudged, Kept, MessageAnswered, Asking, SignalsTold, Question,
        Answered, *CAMARA_MESSAGES,
    ]  # fmt: skip
    _, schemas = msgspec.json.schema_components(told, ref_template=_REFS)
    call = schemas["CallMade"]
    ringing = call | {"properties": call["properties"] | {"identity": _IDENTITY}}
    return {**schemas, "Problem": _PROBLEM, _RINGING: ringing}


def _operators(*, asks: bool) -> dict[str, Any]:
    return _calling(asks=asks) | camara_paths(_told) | _reading() | _acting()


def _paths() -> dict[str, Any]:
    return _sending() | _reading() | _recorded() | acts_paths(_told)


def _acting() -> dict[str, Any]:
    """What people do at an operator's, and its public record."""
    return _recorded() | acts_paths(_told, ACTS_AT_OPERATOR)


def _sending() -> dict[str, Any]:
    """The routes that bring facts."""
    p = problems
    return {
        "/v1/payments": {
            "post": {
                "operationId": "judgePayment",
                "summary": "One payment in, its verdict out, once it is durable",
                "description": "The same id with the same content gets the same answer, also after "
                "a restart; with other content it is refused. Facts are told apart by `fact`.",
                "requestBody": _body("application/json", _ref(PaymentReceived), PAYMENT),
                "responses": {
                    "200": _json("The verdict", _ref(Decided))
                    | {
                        "links": {
                            "decision": {
                                "operationId": "readDecision",
                                "parameters": {"id": "$request.body#/id"},
                            }
                        }
                    },
                    **_told(p.MALFORMED, p.UNAUTHENTICATED, p.FORBIDDEN, p.TOO_SLOW, p.CONFLICT,
                            p.TOO_LARGE, p.WRONG_MEDIA, p.REFUSED, p.TOO_MANY, p.BUSY, p.TOO_LATE),
                },
            }
        },
        "/v1/events": _events(AT_CENTRE, Decided),
        "/v1/iso20022": {
            "post": {
                "operationId": "sendMessage",
                "summary": "A message of ISO 20022, and an answer to each of its facts",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/xml": {"schema": {"type": "string"}},
                        "application/json": {"schema": {"type": "object"}},
                    },
                },
                "responses": _message_responses(),
            }
        },
        "/v1/evaluate/iso20022/{type}": {
            "post": {
                "operationId": "evaluateMessage",
                "summary": "The same, as JSON and of that type, for those who come from Tazama",
                "parameters": [_parameter("type", "path", "Such as pacs.008.001.10", pattern=TYPE)],
                "requestBody": _body("application/json", {"type": "object"}, None),
                "responses": _message_responses(),
            }
        },
    }  # fmt: skip


def _events(takes: frozenset[str], answered: type) -> dict[str, Any]:
    """The route of many facts: those that come to this installation."""
    p = problems
    records = [one for one in RECORDS if one.__struct_config__.tag in takes]
    return {
        "post": {
            "operationId": "sendEvents",
            "summary": "Facts of any kind, one a line, and an answer a line, in order",
            "requestBody": _body(
                "application/x-ndjson", {"oneOf": [_ref(record) for record in records]}, None
            ),
            "responses": {
                "200": {
                    "description": "A line for each: its verdict, kept, or refused with a problem",
                    "content": {
                        "application/x-ndjson": {
                            "schema": {
                                "oneOf": [_ref(answered), _ref(Kept),
                                          {"$ref": _REFS.format(name="Problem")}]
                            }
                        }
                    },
                },
                **_told(p.MALFORMED, p.UNAUTHENTICATED, p.TOO_SLOW, p.TOO_LARGE, p.WRONG_MEDIA),
            },
        }
    }  # fmt: skip


def _asking() -> dict[str, Any]:
    """The route on which one operator asks another."""
    p = problems
    return {
        origination.PATH: {
            "post": {
                "operationId": "askOrigination",
                "summary": "Did you originate this call? For the operator to which it comes, now",
                "description": "Not a standard. The number called is the asker's own; each answer "
                "is an entry here. 503: it cannot be told, which is no denial.",
                "requestBody": _body("application/json", _ref(Question), QUESTION),
                "responses": {
                    "200": _json("The owner's word", _ref(Answered)),
                    **_told(p.MALFORMED, p.UNAUTHENTICATED, p.FORBIDDEN, p.TOO_SLOW, p.CONFLICT,
                            p.TOO_LARGE, p.WRONG_MEDIA, p.REFUSED, p.TOO_MANY, p.BUSY),
                },
            }
        },
    }  # fmt: skip


def _calling(*, asks: bool) -> dict[str, Any]:
    """The routes that bring facts to an operator's own."""
    p = problems
    ringing = {"$ref": _REFS.format(name=_RINGING)} if asks else _ref(CallMade)
    return (_asking() if asks else {}) | {
        "/v1/calls": {
            "post": {
                "operationId": "judgeCall",
                "summary": "One call about to ring in, its verdict out, once it is durable",
                "description": "What becomes of it follows as `call_change` to /v1/events. The "
                "same id with the same content gets the same answer.",
                "requestBody": _body("application/json", ringing, RINGING),
                "responses": {
                    "200": _json("The verdict", _ref(CallJudged)),
                    **_told(p.MALFORMED, p.UNAUTHENTICATED, p.FORBIDDEN, p.TOO_SLOW, p.CONFLICT,
                            p.TOO_LARGE, p.WRONG_MEDIA, p.REFUSED, p.TOO_MANY, p.BUSY, p.TOO_LATE),
                },
            }
        },
        "/v1/events": _events(AT_OPERATOR, CallJudged),
        "/v1/signals/call-risk": {
            "post": {
                "operationId": "askCallRisk",
                "summary": "Is the payer of a payment being worked on now? In classes",
                "description": "Not a standard: CAMARA has no such interface. For a bank, about a "
                "payment that it is about to judge, once; each asking is an entry here.",
                "requestBody": _body("application/json", _ref(Asking), ASKING),
                "responses": {
                    "200": _json("A class for each signal", _ref(SignalsTold)),
                    **_told(p.MALFORMED, p.UNAUTHENTICATED, p.FORBIDDEN, p.TOO_SLOW, p.CONFLICT,
                            p.TOO_LARGE, p.WRONG_MEDIA, p.REFUSED, p.TOO_MANY, p.BUSY),
                },
            }
        },
    }  # fmt: skip


def _reading() -> dict[str, Any]:
    """The routes that bring none."""
    p = problems
    return {
        "/v1/decisions/{id}": {
            "get": {
                "operationId": "readDecision",
                "summary": "What was decided, once more",
                "parameters": [
                    _parameter("id", "path", "The payment's id, as its sender has it",
                               pattern=f"^{ID_PATTERN}$"),
                    _parameter("sender", "query", "Whose payment; for the centre",
                               pattern=f"^{CODE_PATTERN}$"),
                ],
                "responses": {
                    "200": _json(
                        "As before", {"oneOf": [_ref(Decided), _ref(CallJudged), _ref(Kept)]}
                    ),
                    **_told(p.MALFORMED, p.UNAUTHENTICATED, p.FORBIDDEN, p.NOT_FOUND, p.TOO_SLOW,
                            p.TOO_LARGE, p.TOO_MANY, p.BUSY),
                },
            }
        },
        "/v1/stream": {
            "get": {
                "operationId": "followDecisions",
                "summary": "Decisions as they are made, as server-sent events",
                "parameters": [
                    _parameter("Last-Event-ID", "header", "Go on behind this event")
                ],
                "responses": {
                    "200": {
                        "description": "Events `decision`; the id is the payment's place",
                        "content": {"text/event-stream": {"schema": {"type": "string"}}},
                    },
                    **_told(p.MALFORMED, p.UNAUTHENTICATED, p.FORBIDDEN, p.TOO_SLOW, p.TOO_LARGE,
                            p.TOO_MANY, p.BUSY),
                },
            }
        },
        "/health/live": _open("isLive", "Does it answer?"),
        "/health/ready": _open("isReady", "Does it take payments?", stopping=True),
        "/openapi.json": _open("describe", "This document"),
        "/metrics": {
            "get": {
                "operationId": "readFigures",
                "summary": "Figures for Prometheus",
                "responses": {
                    "200": {
                        "description": "Prometheus' text format",
                        "content": {"text/plain": {"schema": {"type": "string"}}},
                    },
                    **_told(p.MALFORMED, p.UNAUTHENTICATED, p.FORBIDDEN, p.TOO_SLOW, p.TOO_LARGE),
                },
            }
        },
    }  # fmt: skip


def _recorded() -> dict[str, Any]:
    """The public record: hashes and signatures, for everybody (C2SP tlog-tiles)."""
    text, hashes = "text/plain; charset=utf-8", "application/octet-stream"
    index = r"^(x[0-9]{3}/)*[0-9]{3}(\.p/[1-9][0-9]{0,2})?$"
    tile = [
        _parameter("level", "path", "Of the tree: 0 has the leaves", pattern="^[0-9]{1,2}$"),
        _parameter("index", "path", "Such as 017, x001/234, or 017.p/99 for a part", pattern=index),
    ]
    return {
        "/record/checkpoint": _public("readCheckpoint", "The log's last signed checkpoint", text),
        "/record/keys": _public("readRecordKeys", "The log's public keys", text),
        "/record/tile/{level}/{index}": _public("readTile", "Hashes of the tree", hashes, *tile),
    }


def _public(name: str, summary: str, media: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    p = problems
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "security": [],
            "parameters": list(parameters),
            "responses": {
                "200": {"description": "It", "content": {media: {"schema": {"type": "string"}}}},
                **_told(p.MALFORMED, p.NOT_FOUND, p.TOO_SLOW, p.TOO_LARGE, p.TOO_MANY, p.BUSY),
            },
        }
    }


def _message_responses() -> dict[str, Any]:
    p = problems
    return {
        "200": _json("What became of it", _ref(MessageAnswered)),
        **_told(
            p.MALFORMED, p.UNAUTHENTICATED, p.FORBIDDEN, p.NOT_FOUND, p.TOO_SLOW, p.TOO_LARGE,
            p.WRONG_MEDIA, p.REFUSED, p.TOO_MANY, p.BUSY, p.TOO_LATE,
        ),
    }  # fmt: skip


def _ref(type_: type) -> dict[str, str]:
    return {"$ref": _REFS.format(name=type_.__name__)}


def _body(media: str, schema: dict[str, Any], example: object) -> dict[str, Any]:
    content = {"schema": schema} | ({} if example is None else {"example": example})
    return {"required": True, "content": {media: content}}


def _json(what: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": what, "content": {"application/json": {"schema": schema}}}


def _told(*kinds: problems.Kind) -> dict[str, Any]:
    """The problems that a route may tell, by status; a fault of ours can happen anywhere."""
    problem = {"schema": {"$ref": _REFS.format(name="Problem")}}
    told: dict[str, Any] = {}
    for kind in sorted((*kinds, problems.INTERNAL), key=lambda one: one.status):
        content = {problems.MEDIA_TYPE.decode(): problem}
        told[str(kind.status)] = {"description": kind.title, "content": content}
        if kind.status in _HEADERS:
            told[str(kind.status)]["headers"] = _HEADERS[kind.status]
    return told


_WAIT: Final = {
    "Retry-After": {"description": "Seconds", "schema": {"type": "integer", "minimum": 1}}
}
_HEADERS: Final[dict[int, dict[str, Any]]] = {
    401: {"WWW-Authenticate": {"description": "Bearer", "schema": {"type": "string"}}},
    429: _WAIT,
    503: _WAIT,
}


def _parameter(name: str, where: str, what: str, **schema: str) -> dict[str, Any]:
    return {
        "name": name, "in": where, "required": where == "path", "description": what,
        "schema": {"type": "string", **schema},
    }  # fmt: skip


def _open(name: str, summary: str, *, stopping: bool = False) -> dict[str, Any]:
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "security": [],
            "responses": {
                "200": _json("Yes", {"type": "object"}),
                **_told(problems.MALFORMED, problems.TOO_SLOW, problems.TOO_LARGE),
                **({"503": _json("No: it is stopping", {"type": "object"})} if stopping else {}),
            },
        }
    }
