"""What the centre sends to participants, described for machines: OpenAPI's ``webhooks``.

Out: an operation for each type of message, with the schema of its body, a CloudEvent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from arasha.app.http.telling import described
from arasha.events.decisions import ACTIONS
from arasha.events.iso20022.written import VERSION
from arasha.exchange.messages import CAMT_056, DECISION_CHANGED, MEDIA_TYPE, RIGHTS_CHANGED

_TEXT: Final = {"type": "string"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_DATA: Final[Mapping[str, dict[str, Any]]] = {
    DECISION_CHANGED: {
        "payment": {"type": "string", "description": "the participant's own id"},
        "seq": {**_COUNT, "description": "the payment's place in the log, as in its verdict"},
        "action": {"enum": list(ACTIONS)},
        "cause": {"enum": ["told_too_late", "found_fraud", "found_honest"]},
    },
    RIGHTS_CHANGED: {"change": _TEXT, "key_id": _TEXT, "at_ms": _COUNT},
    **{name: data for name, (_, data) in described().items()},
    CAMT_056: {
        "recall": _TEXT,
        "hold": _TEXT,
        "case": {"type": "string", "description": "as an answer names it, in RslvdCase/Id"},
        "message": {"const": VERSION},
        "document": {"type": "string", "contentMediaType": "application/xml"},
    },
}
_SUMMARIES: Final[Mapping[str, str]] = {
    DECISION_CHANGED: "A verdict is not, or no longer, what its sender has reason to believe",
    RIGHTS_CHANGED: "A key, a right, a limit or the webhook of the participant was changed",
    **{name: summary for name, (summary, _) in described().items()},
    CAMT_056: "The recall once more as banks send it to each other: a camt.056, reason FRAD",
}
_SIGNED: Final = (
    "Signed by RFC 9421 with the webhook's key (Ed25519). Sent until the answer is 2xx; the same "
    "id may come more than once. Messages with one subject come in order."
)


def webhooks() -> dict[str, Any]:
    """The operations, by type of message."""
    return {name: {"post": _operation(name)} for name in _DATA}


def event_schema(name: str) -> dict[str, Any]:
    """The JSON schema of a message of that type."""
    fields = {
        "specversion": {"const": "1.0"},
        "id": _TEXT,
        "source": {"type": "string", "format": "uri"},
        "type": {"const": f"arasha.{name}"},
        "subject": _TEXT,
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"const": "application/json"},
        "sequence": {"type": "string", "pattern": "^[0-9]{19}$"},
        "correlationid": _TEXT,
        "data": _object(_DATA[name], optional=("key_id",)),
    }
    return _object(fields)


def _operation(name: str) -> dict[str, Any]:
    return {
        "summary": _SUMMARIES[name],
        "description": _SIGNED,
        "security": [],
        "requestBody": {
            "required": True,
            "content": {MEDIA_TYPE: {"schema": event_schema(name)}},
        },
        "responses": {
            "2XX": {"description": "taken: it is not sent again"},
            "410": {"description": "gone: it is not sent again until a person says so"},
            "default": {"description": "not taken: it is sent again later"},
        },
    }


def _object(fields: Mapping[str, Any], *, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [name for name in fields if name not in optional]
    return {"type": "object", "properties": dict(fields), "required": required,
            "additionalProperties": False}  # fmt: skip
