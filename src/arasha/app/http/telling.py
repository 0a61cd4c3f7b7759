"""What acts make due, as messages of the outbox: here the rooms *cases* and *exchange* meet.

In: entries of acts, in the order of the log. Out: messages. A message holds no token: a bank reads
the account of an order at ``GET /v1/holds/{id}``, which is on record. The state that messages are
made from is the log's own, read along. A bank that is asked for money back gets a camt.056 beside
the message: it names the payment that the bank got by the id under which it was sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from arasha.cases import messages as due
from arasha.cases.acts import KINDS
from arasha.cases.projection import Projection
from arasha.cases.snapshots import remembered
from arasha.events.iso20022.written import VERSION, Asked, can_be_named, cancellation_request
from arasha.events.schema import Kind
from arasha.exchange.messages import CAMT_056, Entry, Lookup, Mapper, Message, Value
from arasha.log.log import Log

_TOKENS: Final = frozenset({"account", "party"})
_NOT_TOLD: Final = _TOKENS | {"to", "came"}
ARASHA: Final = "ARASHA"
"""Who asks, in a camt.056."""

_SUBJECTS: Final = ("hold", "listing", "recall", "report")


def type_of(kind: type[due.Message]) -> str:
    """The type's word: ``hold_order``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


class Telling:
    """A mapper for every kind of act; it reads along, and from the start where it must."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._read: Projection | None = None

    def mappers(self) -> Mapping[Kind, Mapper]:
        """Itself, for each kind of act."""
        return dict.fromkeys(sorted(KINDS), self)

    def __call__(self, entry: Entry, lookup: Lookup) -> Iterable[Message]:
        """The messages that this act makes due. Raises LogError as `Projection` does."""
        if self._read is None or self._read.at > entry.seq:
            self._read = remembered(self._log, entry.seq)
            self._read.catch_up(self._log, entry.seq)
        done = self._read.take(entry.seq, entry.body)
        told = [
            Message(one.to, type_of(type(one)), _subject(one), _data(one), entry.seq, None, number)
            for number, one in enumerate(done.messages)
        ]
        asked = [one for one in done.messages if isinstance(one, due.RecallAsked)]
        for number, one in enumerate(asked, start=len(told)):
            document = _camt_056(entry, number, one, lookup)
            if document is not None:
                told.append(document)
        return told


def case_id(recall: str, hold: str) -> str:
    """What a camt.056 calls one hold of a recall, and an answer to it calls it, too.

    >>> case_id("r57", "h43.0")
    'r57/h43.0'
    """
    return f"{recall}/{hold}"


def _camt_056(entry: Entry, number: int, asked: due.RecallAsked, lookup: Lookup) -> Message | None:
    """The recall as a camt.056; None where the payment is not known any more, or has an id that
    the standard has no place for. It goes when the payment's month does.
    """
    if asked.came is None or not lookup.wants(asked.to, CAMT_056):
        return None
    paid = lookup.payment(asked.came)
    if paid is None or not can_be_named(paid.id, paid.uetr) or paid.currency != asked.currency:
        return None
    case = case_id(asked.recall, asked.hold)
    request = Asked(
        id=f"{entry.seq}.{number}", case=case, by=ARASHA, to=asked.to, at_ms=entry.known_at_ms,
        payment=paid.id, uetr=paid.uetr, paid_minor=paid.amount_minor,
        asked_minor=asked.amount_minor, currency=paid.currency,
        answer_by_ms=asked.answer_by_ms,
    )  # fmt: skip
    data: dict[str, Value] = {
        "recall": asked.recall, "hold": asked.hold, "case": case, "message": VERSION,
        "document": cancellation_request(request).decode(),
    }  # fmt: skip
    return Message(asked.to, CAMT_056, asked.hold, data, entry.seq, paid.known_at_ms, number)


def described() -> dict[str, tuple[str, dict[str, dict[str, Any]]]]:
    """Of each type of message its summary, and the JSON schema of each field of its data."""
    return {
        type_of(kind): (
            " ".join((kind.__doc__ or "").replace("``", "`").split()),
            {
                name: {"type": _json_types(hint)}
                for name, hint in get_type_hints(kind).items()
                if name not in _NOT_TOLD
            },
        )
        for kind in get_args(due.Message)
    }


def _json_types(hint: object) -> list[str]:
    """What a field can be in JSON."""
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    words = {"integer" if part is int else "null" if part is NoneType else "string"
             for part in parts}  # fmt: skip
    return sorted(words)


def _subject(message: due.Message) -> str:
    """What it is about: the messages about one hold come in their order."""
    return next(str(getattr(message, name)) for name in _SUBJECTS if hasattr(message, name))


def _data(message: due.Message) -> dict[str, Value]:
    told: dict[str, Value] = {}
    for one in fields(message):
        value = getattr(message, one.name)
        if one.name in _NOT_TOLD:
            continue
        if isinstance(value, tuple):
            value = ", ".join(value)
        told[one.name] = value.value if isinstance(value, Enum) else value
    return told
