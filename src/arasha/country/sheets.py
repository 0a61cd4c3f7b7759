"""Happenings as tables of text: facts as a bank or an operator would hand them over.

In: rows of integers. Out: Arrow tables with raw identifiers and words, in the schema's own names
(docs/reference/facts.md). Identifiers are made by names.py when they are first needed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from arasha.country import names
from arasha.country.facts import OPERATORS, Fields, Reader
from arasha.country.happenings import NONE, PURPOSES, Happenings
from arasha.country.society import Society
from arasha.events.schema import (
    ACCOUNT_CHANGES,
    CALL_CHANGE,
    FACTS,
    MISSING,
    SIGNAL_CLASSES,
    SIM_CHANGES,
    WARNING_ANSWERS,
    Field,
    FieldType,
    Kind,
    PartyKind,
)

_MADE: Final = tuple(fact for fact in FACTS.values() if fact is not CALL_CHANGE)
"""The kinds of fact that are written: a call is written whole, with how long it lasted."""

FACT_WORDS: Final = tuple(fact.word for fact in sorted(_MADE, key=lambda fact: fact.kind))
"""Their words; a kind stands at its number less one."""

CURRENCY: Final = "KZT"

_FIELDS: Final[dict[str, Field]] = {
    field.name: field
    for fact in _MADE
    for field in fact.fields
    if field.name not in {"uetr", "end_to_end_id"}
}
_ARROW: Final = {
    FieldType.INSTANT: pa.timestamp("ms", "UTC"),
    FieldType.MARK: pa.bool_(),
    FieldType.MONEY: pa.int64(),
    FieldType.DURATION: pa.int64(),
}
_SHARED: Final = {
    "change": (SIM_CHANGES, ACCOUNT_CHANGES, Kind.ACCOUNT_CHANGE),
    "answer": (WARNING_ANSWERS, SIGNAL_CLASSES, Kind.SIGNAL),
}
"""Fields whose words depend on the kind of fact: those of other kinds, those of the kind named."""

SCHEMA: Final = pa.schema(
    [("fact", pa.string()), ("id", pa.string()), ("sender", pa.string())]
    + [(name, _ARROW.get(field.type, pa.string())) for name, field in _FIELDS.items()]
)
"""The columns of every table."""

FEW_VALUES: Final = (
    "fact", "sender",
    *(name for name, field in _FIELDS.items()
      if field.type in (FieldType.CATEGORY, FieldType.CODE, FieldType.CURRENCY)),
)  # fmt: skip
"""Columns of few different words."""


class Sheets:
    """Makes tables of a society's happenings."""

    def __init__(self, society: Society) -> None:
        self._society = society
        self._reader = Reader(society)
        self._identifiers = {
            PartyKind.ACCOUNT: _Identifiers(lambda a, b: names.accounts(society, a, b)),
            PartyKind.NUMBER: _Identifiers(lambda a, b: names.numbers(society, a, b)),
            PartyKind.DEVICE: _Identifiers(lambda a, b: names.devices(society, a, b)),
        }
        banks, operators = names.bank_codes(society), names.operator_codes(society)
        self._banks, self._operators = pa.array(banks), pa.array(operators)
        self._senders = pa.array([*banks, *operators])

    def sheet(self, some: Happenings) -> Callable[[], pa.Table]:
        """What makes the table of those happenings, in any thread and later: what the society is
        now is taken down, for it may change meanwhile.
        """
        society = self._society
        counts = {
            PartyKind.ACCOUNT: len(society.accounts),
            PartyKind.NUMBER: len(society.numbers),
            PartyKind.DEVICE: len(society.devices),
        }
        operator_of = society.numbers.operator[: counts[PartyKind.NUMBER]].copy()
        return lambda: self._table(some, operator_of, counts)

    def accounts(self) -> pa.Array:
        """The identifiers of all accounts."""
        return self._identifiers[PartyKind.ACCOUNT].upto(len(self._society.accounts))

    def _table(
        self, some: Happenings, operator_of: NDArray[np.uint8], counts: dict[PartyKind, int]
    ) -> pa.Table:
        fields = self._reader.fields(some, operator_of)
        senders = fields.sender
        operators = senders >= OPERATORS
        senders = np.where(operators, senders - OPERATORS + len(self._banks), senders)
        columns = [
            _words(fields.kinds.astype(np.int32) - 1, _FACTS),
            pa.array(fields.serial).cast(pa.string()),
            _words(senders, self._senders),
            *(self._column(field, fields, counts) for field in _FIELDS.values()),
        ]
        return pa.Table.from_arrays(columns, SCHEMA.names)

    def _column(self, field: Field, fields: Fields, counts: dict[PartyKind, int]) -> pa.Array:
        name = field.name
        if name in fields.parties:
            kind, places = fields.parties[name]
            return _words(places, self._identifiers[kind].upto(counts[kind]), few=False)
        if name in fields.banks:
            return _words(fields.banks[name], self._banks)
        if name == "operator":
            return _words(fields.operators, self._operators)
        if name == "purpose_code":
            return _words(fields.purposes, _PURPOSES)
        if name == "payment":
            return pa.array(fields.payment, mask=fields.payment == NONE).cast(pa.string())
        numbers = fields.numbers.get(name)
        if numbers is None:
            return pa.nulls(len(fields.kinds), SCHEMA.field(name).type)
        return _written(field, numbers, fields.kinds)


class _Identifiers:
    """The raw identifiers of a table's rows, made as far as they are needed."""

    def __init__(self, made: Callable[[int, int], pa.Array]) -> None:
        self._made = made
        self._known = pa.array([], pa.string())

    def upto(self, count: int) -> pa.Array:
        """Those of the first ``count`` rows at least."""
        first = len(self._known)
        if count > first:
            later = self._made(first, count)
            self._known = pa.concat_arrays([self._known, later]) if first else later
        return self._known


_FACTS: Final = pa.array(FACT_WORDS)
_PURPOSES: Final = pa.array(PURPOSES)


def _words(places: NDArray[np.signedinteger], words: pa.Array, *, few: bool = True) -> pa.Array:
    """The word at each place, null at NONE; of ``few`` words, each is kept once."""
    indices = pa.array(places, mask=places < 0)
    return pa.DictionaryArray.from_arrays(indices, words) if few else words.take(indices)


def _written(field: Field, numbers: NDArray[np.int64], kinds: NDArray[np.uint8]) -> pa.Array:
    """A column of numbers as it is written; MISSING is null."""
    missing = numbers == MISSING
    match field.type:
        case FieldType.CURRENCY:
            return _words(np.where(missing, NONE, 0), pa.array([CURRENCY]))
        case FieldType.CATEGORY if field.name in _SHARED:
            others, own, kind = _SHARED[field.name]
            places = np.where(kinds == kind, numbers + len(others), numbers)
            return _words(np.where(missing, NONE, places), pa.array([*others, *own]))
        case FieldType.CATEGORY:
            return _words(np.where(missing, NONE, numbers), pa.array(field.categories))
        case FieldType.MARK:
            return pa.array(numbers > 0, mask=missing)
        case _:
            return pa.array(numbers, mask=missing).cast(SCHEMA.field(field.name).type)
