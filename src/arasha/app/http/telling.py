"""What acts make due, as messages of the outbox: here the rooms *cases* and *exchange* meet.

In: entries of acts, in the order of the log. Out: messages. A message holds no token: a bank reads
the account of an order at ``GET /v1/holds/{id}``, which is on record. The state that messages are
made from is the log's own, read along.
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
from arasha.events.schema import Kind
from arasha.exchange.messages import Entry, Lookup, Mapper, Message, Value
from arasha.log.log import Log

_TOKENS: Final = frozenset({"account", "party"})
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

    def __call__(self, entry: Entry, _lookup: Lookup) -> Iterable[Message]:
        """The messages that this act makes due. Raises LogError as `Projection` does."""
        if self._read is None or self._read.at > entry.seq:
            self._read = Projection()
            self._read.catch_up(self._log, entry.seq)
        done = self._read.take(entry.seq, entry.body)
        return [
            Message(one.to, type_of(type(one)), _subject(one), _data(one), entry.seq, None, number)
            for number, one in enumerate(done.messages)
        ]


def described() -> dict[str, tuple[str, dict[str, dict[str, Any]]]]:
    """Of each type of message its summary, and the JSON schema of each field of its data."""
    return {
        type_of(kind): (
            " ".join((kind.__doc__ or "").replace("``", "`").split()),
            {
                name: {"type": _json_types(hint)}
                for name, hint in get_type_hints(kind).items()
                if name != "to" and name not in _TOKENS
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
        if one.name == "to" or one.name in _TOKENS:
            continue
        if isinstance(value, tuple):
            value = ", ".join(value)
        told[one.name] = value.value if isinstance(value, Enum) else value
    return told
