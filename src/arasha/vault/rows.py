"""Rows: facts on their way from the door to a batch, each packed as the fields of its kind stand.

In: records, with identifiers still raw. Out: rows in which there are only tokens, and of many rows
the columns of a batch. A row is a kind, an id and a piece of memory, so that making columns of a
thousand of them is one joining and one kernel::

    numbers of the kind, i64 each, MISSING where unknown | symbols, 16 bytes each, or zeros

both in the order of the schema's columns; the sender is the first symbol of every kind.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arasha.errors import InputError, Place
from arasha.events.columns import Facts, Symbols
from arasha.events.kernels import brief
from arasha.events.money import CURRENCY_OF_NUMERIC, format_minor
from arasha.events.records import RECORDS, Record, instant, milliseconds, money_of
from arasha.events.reference import digest16
from arasha.events.rejects import Refusal
from arasha.events.schema import (
    FACT_OF_KIND,
    FACTS,
    MISSING,
    NUMBER_COLUMNS,
    REFERENCES,
    SYMBOL_COLUMNS,
    Fact,
    Field,
    FieldType,
    Kind,
)
from arasha.events.symbols import code_bytes, code_text, uetr_bytes
from arasha.vault.tokens import Tokens

UNKNOWN: Final = bytes(16)
"""The symbol of what is not known."""


class Row(NamedTuple):
    """One fact between the door and its batch: what it says, with tokens for its identifiers."""

    kind: int
    id: str
    packed: bytes


@dataclass(frozen=True, slots=True)
class Layout:
    """How the facts of one kind are packed: which columns, in which order, by which ``struct``."""

    kind: int
    numbers: tuple[str, ...]
    symbols: tuple[str, ...]
    form: struct.Struct
    fields: tuple[tuple[str, Field], ...]

    @staticmethod
    def of(fact: Fact) -> Layout:
        """The layout of a kind of fact."""
        own = {field.name: field for field in fact.fields}
        numbers = tuple(name for name in NUMBER_COLUMNS if name in own)
        symbols = tuple(name for name in SYMBOL_COLUMNS if name in own or name == "sender")
        money = (FieldType.MONEY, FieldType.CURRENCY)
        return Layout(
            int(fact.kind), numbers, symbols,
            struct.Struct("<" + "q" * len(numbers) + "16s" * len(symbols)),
            tuple((name, field) for name, field in own.items() if field.type not in money),
        )  # fmt: skip


LAYOUTS: Final = {record: Layout.of(FACTS[str(record.__struct_config__.tag)]) for record in RECORDS}
"""The layout of each kind of record."""

_RECORD_OF_WORD: Final = {record.__struct_config__.tag: record for record in RECORDS}
_LAYOUT_OF_KIND: Final = {layout.kind: layout for layout in LAYOUTS.values()}


def row_of(record: Record, sender: str, tokens: Tokens) -> Row:
    """The row of one record of that sender; from here on there are only tokens.

    The record is as events/json.py gives it. Raises InputError for money that only its constructor
    can have let through.
    """
    layout = LAYOUTS[type(record)]
    money = money_of(record)
    if isinstance(money, Refusal):
        raise InputError(
            "the money of this record is no amount of its currency",
            expected="what events/json.py lets through",
            found=money.word,
            where=Place(column="amount"),
        )
    numbers = {} if money is None else {"amount": money[0], "currency": money[1]}
    symbols = {"sender": code_bytes(sender)}
    for name, field in layout.fields:
        value = getattr(record, name)
        if value is None:
            continue
        if field.type.is_symbol:
            symbols[name] = _symbol(field, value, sender, tokens)
        else:
            numbers[name] = _number(field, value)
    return row_with(layout, record.id, numbers, symbols)


def row_with(
    layout: Layout, fact_id: str, numbers: Mapping[str, int], symbols: Mapping[str, bytes]
) -> Row:
    """A row of what is known of a fact, by column: symbols are 16 bytes, tokens already."""
    packed = layout.form.pack(
        *[numbers.get(name, MISSING) for name in layout.numbers],
        *[symbols.get(name, UNKNOWN) for name in layout.symbols],
    )
    return Row(layout.kind, fact_id, packed)


def facts_of_rows(rows: Sequence[Row]) -> Facts:
    """A batch of n facts from n rows, with the columns that any of them knows."""
    n = len(rows)
    kinds = np.array([row.kind for row in rows], np.uint8)
    present = tuple(sorted({row.kind for row in rows}))
    number_names, symbol_names, places = _columns_of(present)
    numbers = np.full((len(number_names), n), MISSING, np.int64)
    symbols = np.zeros((len(symbol_names), n, 2), np.uint64)
    known = np.zeros(len(number_names) + len(symbol_names), np.bool_)
    for kind in present:
        packed = b"".join([row.packed for row in rows if row.kind == kind])
        at = (kinds == kind).nonzero()[0]
        words = np.frombuffer(packed, np.int64).reshape(len(at), -1)
        _lay(words, at, *places[kind], numbers, symbols, known)
    told = known.tolist()
    return Facts(
        kinds,
        [row.id for row in rows],
        {name: numbers[i] for i, name in enumerate(number_names) if told[i]},
        {
            name: symbols[i]
            for i, name in enumerate(symbol_names)
            if told[len(number_names) + i] or name == "sender"
        },
    )


def facts_from_records(records: Sequence[Record], sender: str, tokens: Tokens) -> Facts:
    """A batch of n facts from n records of one sender.

    Raises InputError, naming the row, where ``row_of`` does.
    """
    rows: list[Row] = []
    for number, record in enumerate(records, 1):
        try:
            rows.append(row_of(record, sender, tokens))
        except InputError as error:
            raise replace(error, where=replace(error.where, row=number)) from error
    return facts_of_rows(rows)


def records_from_facts(facts: Facts) -> list[Record]:
    """The n facts as records again, with tokens and references as 32 hexadecimal digits."""
    numbers = {name: column.tolist() for name, column in facts.numbers.items()}
    symbols = {name: _rows_of_bytes(column) for name, column in facts.symbols.items()}
    return [
        _record(FACT_OF_KIND[Kind(kind)], fact_id, row, numbers, symbols)
        for row, (kind, fact_id) in enumerate(zip(facts.kinds.tolist(), facts.ids, strict=True))
    ]


@lru_cache(maxsize=256)
def _columns_of(
    kinds: tuple[int, ...],
) -> tuple[
    tuple[str, ...], tuple[str, ...], dict[int, tuple[NDArray[np.int64], NDArray[np.int64]]]
]:
    """The columns that facts of these kinds have, and for each kind where its own are in them."""
    layouts = [_LAYOUT_OF_KIND[kind] for kind in kinds]
    some = {name for layout in layouts for name in (*layout.numbers, *layout.symbols)} | {"sender"}
    numbers = tuple(name for name in NUMBER_COLUMNS if name in some)
    symbols = tuple(name for name in SYMBOL_COLUMNS if name in some)
    return numbers, symbols, {
        layout.kind: (
            np.array([numbers.index(name) for name in layout.numbers], np.int64),
            np.array([symbols.index(name) for name in layout.symbols], np.int64),
        )
        for layout in layouts
    }  # fmt: skip


@brief
def _lay(
    words: NDArray[np.int64],
    at: NDArray[np.int64],
    number_places: NDArray[np.int64],
    symbol_places: NDArray[np.int64],
    numbers: NDArray[np.int64],
    symbols: NDArray[np.uint64],
    known: NDArray[np.bool_],
) -> None:
    """Put packed rows into columns, and note which columns any of them knows."""
    first_symbol = len(number_places)
    for i in range(len(at)):
        for k in range(first_symbol):
            value = words[i, k]
            numbers[number_places[k], at[i]] = value
            if value != MISSING:
                known[number_places[k]] = True
        for k in range(len(symbol_places)):
            low = np.uint64(words[i, first_symbol + 2 * k])
            high = np.uint64(words[i, first_symbol + 2 * k + 1])
            symbols[symbol_places[k], at[i], 0] = low
            symbols[symbol_places[k], at[i], 1] = high
            if low != 0 or high != 0:
                known[len(numbers) + symbol_places[k]] = True


def _number(field: Field, value: object) -> int:
    if field.type is FieldType.INSTANT:
        return milliseconds(value)  # type: ignore[arg-type]  # the schema says it is a datetime
    if field.type is FieldType.CATEGORY:
        return field.categories.index(str(value))
    assert isinstance(value, int)
    return int(value)


def _symbol(field: Field, value: str, sender: str, tokens: Tokens) -> bytes:
    if field.party is not None:
        return tokens.of(field.party, value)
    if field.name in REFERENCES:
        return digest16(sender, value)
    return uetr_bytes(value) if field.type is FieldType.REFERENCE else code_bytes(value)


def _rows_of_bytes(column: Symbols) -> list[bytes]:
    data = np.ascontiguousarray(column).tobytes()
    return [data[at : at + 16] for at in range(0, len(data), 16)]


def _record(
    fact: Fact,
    fact_id: str,
    row: int,
    numbers: dict[str, list[int]],
    symbols: dict[str, list[bytes]],
) -> Record:
    values: dict[str, object] = {}
    for field in fact.fields:
        if field.type.is_symbol:
            symbol = symbols[field.name][row] if field.name in symbols else UNKNOWN
            values[field.name] = _shown_symbol(field, symbol)
        else:
            number = numbers[field.name][row] if field.name in numbers else MISSING
            values[field.name] = None if number == MISSING else _shown_number(field, number)
    if values.get("amount") is not None:
        currency = CURRENCY_OF_NUMERIC[numbers["currency"][row]]
        values["amount"] = format_minor(numbers["amount"][row], currency)
    return _RECORD_OF_WORD[fact.word](id=fact_id, **values)  # type: ignore[arg-type]  # by the table


def _shown_number(field: Field, number: int) -> object:
    match field.type:
        case FieldType.INSTANT:
            return instant(number)
        case FieldType.CATEGORY:
            return field.categories[number]
        case FieldType.CURRENCY:
            return CURRENCY_OF_NUMERIC[number].code
        case FieldType.MARK:
            return bool(number)
        case _:
            return number


def _shown_symbol(field: Field, symbol: bytes) -> str | None:
    if symbol == UNKNOWN:
        return None
    if field.type is FieldType.CODE:
        return code_text(symbol)
    text = symbol.hex()
    if field.name == "uetr":
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
    return text
