"""The routes of acts for machines, made from the tables that answer them.

Out: the paths of OpenAPI for every collection, and the schemas of the acts. A body has the act's
fields but for the one that the path says, and what the service adds itself (a reference).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from arasha.app.http import problems as p
from arasha.app.http.acting import RECEIPTS, Collection, Verb
from arasha.app.http.appeals import Appeals
from arasha.app.http.attachments import ATTACHMENTS
from arasha.app.http.audit import Audits
from arasha.app.http.cases import Cases, Requests
from arasha.app.http.complaints import Complained
from arasha.app.http.holds import Holds
from arasha.app.http.listings import LOOK_UP, Asked, Laws, Listings
from arasha.app.http.packs import EVIDENCE, MEDIA, Why
from arasha.app.http.policies import Policies
from arasha.app.http.recalls import Recalls
from arasha.app.http.receipts import Receipts
from arasha.app.http.reports import Reports
from arasha.app.http.suspensions import Suspensions
from arasha.cases.acts import CaseAttached, EvidencePacked, ListingAdded, NumberSuspended, word_of
from arasha.cases.attachments import KINDS, MAX_BYTES
from arasha.cases.roles import RIGHTS

COLLECTIONS: Final[tuple[type[Collection], ...]] = (
    Cases, Requests, Holds, Recalls, Reports, Appeals, Listings, Laws, Policies, Audits, Receipts,
)  # fmt: skip
"""Everything under ``/v1/`` that takes acts."""

AT_OPERATOR: Final[tuple[type[Collection], ...]] = (
    Cases, Requests, Suspensions, Appeals, Listings, Laws, Audits, Receipts,
)  # fmt: skip
"""The same at an operator: nobody holds money there, and a policy comes by its file."""

Told = Callable[..., dict[str, Any]]

_JSON: Final = "application/json"
_ADDED: Final = "reference"  # by the service, in app/http/listings.py and suspensions.py
_REFERENCED: Final = (ListingAdded, NumberSuspended)
_DONE: Final[dict[str, Any]] = {
    "type": "object",
    "description": "The act is an entry of the log",
    "required": ["outcome", "seq", "known_at", "changed"],
    "properties": {
        "outcome": {"const": "done"},
        "seq": {"type": "integer", "description": "its place"},
        "known_at": {"type": "string", "format": "date-time"},
        "changed": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "kind": {"type": "string"}, "id": {"type": "string"},
                    "status": {"type": ["string", "null"]},
                },
            },
        },
    },
}  # fmt: skip
_HEARD: Final[dict[str, Any]] = {
    "type": "object",
    "description": "The bank is asked; what became of it is at /v1/reports/{reference}",
    "required": ["reference", "status", "bank", "answer_by", "lapses_at"],
    "properties": {
        "reference": {"type": "string", "pattern": "^[0-9A-HJKMNP-TV-Z]{20}$"},
        "status": {"const": "waiting"},
        "bank": {"type": "string"},
        "answer_by": {"type": "string", "format": "date-time"},
        "lapses_at": {"type": "string", "format": "date-time"},
    },
}  # fmt: skip


def acts_paths(
    told: Told, collections: tuple[type[Collection], ...] = COLLECTIONS
) -> dict[str, Any]:
    """Every path; ``told`` makes the answers that are problems."""
    paths: dict[str, Any] = {}
    for kind in collections:
        base = f"/v1/{kind.name}"
        if kind.listed:
            paths.setdefault(base, {})["get"] = _reading(kind, "list", told)
        if kind.shown:
            paths[f"{base}/{{id}}"] = {"get": _reading(kind, "show", told, with_id=True)}
        if kind.receipted:
            reading = _reading(kind, f"{RECEIPTS}_of", told, with_id=True, media=_JSON)
            paths[f"{base}/{{id}}/{RECEIPTS}"] = {"get": reading}
        if kind.create is not None:
            paths.setdefault(base, {})["post"] = _asking(kind.create, told)
        for word, verb in kind.verbs.items():
            paths[f"{base}/{{id}}/{word}"] = {"post": _asking(verb, told, with_id=True)}
    paths[f"/v1/{Listings.name}/{LOOK_UP}"] = {"post": _looking_up(told)}
    paths[f"/v1/{Cases.name}/{{id}}/{EVIDENCE}"] = {"post": _packing(told)}
    paths[f"/v1/{Cases.name}/{{id}}/{ATTACHMENTS}"] = {"post": _attaching(told)}
    paths[f"/v1/{Cases.name}/{{id}}/{ATTACHMENTS}/{{sha256}}"] = {"get": _document(told)}
    return paths


def _asking(verb: Verb, told: Told, *, with_id: bool = False) -> dict[str, Any]:
    word = word_of(verb.act)
    body = {"required": bool(_body_of(verb)["required"]),
            "content": {"application/json": {"schema": _body_of(verb)}}}  # fmt: skip
    return {
        "operationId": word if with_id else f"begin_{word}",
        "summary": " ".join((verb.act.__doc__ or "").split()),
        "description": "For: " + ", ".join(sorted(RIGHTS[word])),
        "security": [{"key": []}, {}] if "appellant" in RIGHTS[word] else [{"key": []}],
        **({"parameters": [_ID]} if with_id else {}),
        "requestBody": body,
        "responses": {
            "200": {"description": "Done, or asked for", "content": {
                "application/json": {"schema": _HEARD if verb.body is Complained else _DONE}}},
            **told(p.MALFORMED, p.UNAUTHENTICATED, p.FORBIDDEN, p.NOT_FOUND, p.TOO_SLOW,
                   p.ACT_REFUSED, p.TOO_LARGE, p.REFUSED, p.TOO_MANY, p.BUSY),
        },
    }  # fmt: skip


def _reading(
    kind: type[Collection],
    what: str,
    told: Told,
    *,
    with_id: bool = False,
    media: str | None = None,
) -> dict[str, Any]:
    media = media or kind.media
    return {
        "operationId": f"{what}_{kind.name}",
        "summary": " ".join((kind.__doc__ or "").split()),
        "security": [{"key": []}, {}] if kind.public else [{"key": []}],
        **({"parameters": [_ID]} if with_id else {}),
        "responses": {
            "200": {"description": "As it is now", "content": {
                media: {"schema": {"type": "object" if media == _JSON else "string"}}}},
            **told(p.MALFORMED, p.UNAUTHENTICATED, p.FORBIDDEN, p.NOT_FOUND, p.TOO_SLOW,
                   p.TOO_LARGE, p.TOO_MANY, p.BUSY),
        },
    }  # fmt: skip


def _packing(told: Told) -> dict[str, Any]:
    (_, schemas) = msgspec.json.schema_components([Why], ref_template="{name}")
    schema = schemas[Why.__name__]
    return {
        "operationId": "evidence_packed",
        "summary": " ".join((EvidencePacked.__doc__ or "").split()),
        "description": "For: " + ", ".join(sorted(RIGHTS[word_of(EvidencePacked)])),
        "parameters": [_ID],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {
            "200": {"description": "The pack, with the script that checks it", "content": {
                MEDIA: {"schema": {"type": "string", "format": "binary"}}}},
            **told(p.MALFORMED, p.UNAUTHENTICATED, p.FORBIDDEN, p.NOT_FOUND, p.TOO_SLOW,
                   p.ACT_REFUSED, p.TOO_LARGE, p.TOO_MANY, p.BUSY),
        },
    }  # fmt: skip


def _attaching(told: Told) -> dict[str, Any]:
    return {
        "operationId": "document_attached",
        "summary": f"A document of a case, at most {MAX_BYTES >> 20} MiB; what it is, is read from "
        "its own bytes",
        "description": "For: " + ", ".join(sorted(RIGHTS[word_of(CaseAttached)])),
        "parameters": [_ID],
        "requestBody": {"required": True, "content": {
            media: {"schema": {"type": "string", "format": "binary"}} for media in KINDS}},
        "responses": {
            "200": {"description": "Kept; its hash is an entry", "content": {
                "application/json": {"schema": _DONE}}},
            **told(p.MALFORMED, p.UNAUTHENTICATED, p.FORBIDDEN, p.NOT_FOUND, p.TOO_SLOW,
                   p.ACT_REFUSED, p.TOO_LARGE, p.WRONG_MEDIA, p.TOO_MANY, p.BUSY),
        },
    }  # fmt: skip


def _document(told: Told) -> dict[str, Any]:
    digest = {"name": "sha256", "in": "path", "required": True, "description": "Its SHA-256",
              "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"}}  # fmt: skip
    return {
        "operationId": "show_document",
        "summary": "A document of a case; that somebody looked at it is an entry",
        "parameters": [_ID, digest],
        "responses": {
            "200": {"description": "Its bytes, to be saved", "content": {
                media: {"schema": {"type": "string", "format": "binary"}} for media in KINDS}},
            **told(p.MALFORMED, p.UNAUTHENTICATED, p.FORBIDDEN, p.NOT_FOUND, p.TOO_SLOW,
                   p.ACT_REFUSED, p.TOO_LARGE, p.TOO_MANY, p.BUSY),
        },
    }  # fmt: skip


def _looking_up(told: Told) -> dict[str, Any]:
    (_, schemas) = msgspec.json.schema_components([Asked], ref_template="{name}")
    schema = schemas[Asked.__name__]
    return {
        "operationId": "look_up",
        "summary": "Is this account or number listed, and how often was it named?",
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {
            "200": {"description": "Counters over the law's windows, never a history", "content": {
                "application/json": {"schema": {"type": "object"}}}},
            **told(p.MALFORMED, p.UNAUTHENTICATED, p.FORBIDDEN, p.TOO_SLOW, p.TOO_LARGE, p.REFUSED,
                   p.TOO_MANY, p.BUSY),
        },
    }  # fmt: skip


def _body_of(verb: Verb) -> dict[str, Any]:
    """The act's fields as a body has them, or those of the body itself."""
    sent = verb.body or verb.act
    (_, schemas) = msgspec.json.schema_components([sent], ref_template="{name}")
    whole = schemas[sent.__name__]
    dropped = {"act", verb.field} | ({_ADDED} if verb.act in _REFERENCED else set())
    properties = {name: _plain(one) for name, one in whole["properties"].items()
                  if name not in dropped}  # fmt: skip
    required = [name for name in whole.get("required", ()) if name not in dropped]
    return {"type": "object", "properties": properties, "required": required}


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """A field's schema; an act within an act is an object with the word of one."""
    text = msgspec.json.encode(schema)
    if b'"$ref"' not in text:
        return schema
    if b"Target" in text:
        return {"type": "array", "items": {"type": "object", "required": [
            "account", "bank", "amount_minor"], "properties": {
                "account": {"type": "string"}, "bank": {"type": "string"},
                "amount_minor": {"type": "integer"}}}}  # fmt: skip
    return {"type": "object", "required": ["act"], "properties": {"act": {"type": "string"}}}


_ID: Final = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"},
              "description": "Its id"}  # fmt: skip
