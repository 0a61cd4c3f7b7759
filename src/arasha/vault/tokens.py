"""Identifiers become tokens here, at the door, before anything is kept.

A token is HMAC-SHA256 of the party's kind and its identifier under a key that never leaves this
installation, cut to 128 bits::

    HMAC(key, kind + 0x1f + canonical identifier)[:16]  ->  uint64[2]

In: raw identifiers, alone, in records or as columns. Out: symbols. Equal identifiers written
differently meet: spaces go, IBANs are put in capitals, numbers become "+" and digits.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from arasha.errors import InputError, Place
from arasha.events.columns import Facts, Symbols
from arasha.events.money import CURRENCY_OF_NUMERIC, format_minor
from arasha.events.records import RECORDS, Record, instant, milliseconds, money_of
from arasha.events.reference import digest16
from arasha.events.rejects import Refusal
from arasha.events.schema import (
    FACT_OF_KIND,
    FACTS,
    MISSING,
    NUMBER_COLUMNS,
    SYMBOL_COLUMNS,
    Fact,
    Field,
    FieldType,
    Kind,
    PartyKind,
)
from arasha.events.symbols import code_bytes, code_text, symbols_of, uetr_bytes
from arasha.vault.keys import KEY_BYTES, load_or_create_key

KEY_FILE: Final = "keys/tokens.key"
"""Where the key lies in the directory of a log."""

CACHE_TOKENS: Final = 1 << 18
"""Tokens remembered for identifiers that come again; at the bound all are forgotten."""

HIDDEN_KINDS: Final = frozenset({PartyKind.ACCOUNT, PartyKind.NUMBER, PartyKind.DEVICE})
"""What the vault keeps. The id of one payment (end to end) leads to nobody, so it is not kept."""

_UNKNOWN: Final = bytes(16)
_SPACES: Final = re.compile(r"\s+")
_IBAN: Final = re.compile(r"[A-Za-z]{2}[0-9]{2}[A-Za-z0-9]{11,30}")
_RECORD_OF_FACT: Final = {record.__struct_config__.tag: record for record in RECORDS}
_FIELDS_OF: Final = {
    record: (
        int(FACTS[str(word)].kind),
        [
            (field, field.name, field.type.is_symbol)
            for field in FACTS[str(word)].fields
            if field.type not in (FieldType.MONEY, FieldType.CURRENCY)
        ],
    )
    for word, record in _RECORD_OF_FACT.items()
}


def canonical(kind: PartyKind, identifier: str) -> str:
    """One spelling for every way the same identifier is written.

    >>> canonical(PartyKind.ACCOUNT, "kz12 3456 7890 abcd 1234")
    'KZ1234567890ABCD1234'
    >>> canonical(PartyKind.NUMBER, "00 7 (701) 123-45-67")
    '+77011234567'
    """
    text = _SPACES.sub("", identifier)
    if not text.isascii():  # again without the spaces: what they kept apart may now combine
        text = _SPACES.sub("", unicodedata.normalize("NFKC", text))
        text = unicodedata.normalize("NFKC", text)
    if kind is PartyKind.ACCOUNT:
        return text.upper() if _IBAN.fullmatch(text) else text
    if kind is PartyKind.NUMBER:
        digits = "".join(c for c in text if c.isdecimal())
        if not digits:
            return text.upper()  # a name shown in place of a number
        return "+" + (digits.removeprefix("00") if text.startswith("00") else digits)
    return text


class Hidden(NamedTuple):
    """An identifier that the vault is to keep: its token, what it is, and how it is written."""

    token: bytes
    kind: PartyKind
    identifier: str

    def __repr__(self) -> str:
        return "<Hidden>"


class Tokens:
    """Makes tokens under one key. Safe to share between readers; not between threads."""

    def __init__(self, key: bytes, *, remember: bool = False) -> None:
        """The key is `KEY_BYTES` random bytes. ``remember``: see `taken`."""
        assert len(key) == KEY_BYTES
        self._key = key
        self._made_since: list[Hidden] | None = [] if remember else None
        self._known: dict[tuple[PartyKind, str], dict[str, bytes]] = {}
        self._remembered = 0

    def __repr__(self) -> str:
        return "<Tokens>"

    def __reduce__(self) -> str:
        raise TypeError("a key is not copied or pickled")

    @classmethod
    def load_or_create(cls, directory: Path, *, remember: bool = False) -> Tokens:
        """Under the key in ``directory``/keys/tokens.key, made durably when there is none.

        Raises InputError when the file is no key, UsageError when others may read it.
        """
        return cls(load_or_create_key(directory / KEY_FILE, "the tokens"), remember=remember)

    def of(self, kind: PartyKind, identifier: str, prefix: str = "") -> bytes:
        """The 16 bytes of one identifier's token. Never all zero.

        ``prefix`` goes before the identifier, so that customer 7 is not terminal 7.
        """
        known = self._known.setdefault((kind, prefix), {})
        token = known.get(identifier)
        if token is None:
            plain = prefix + canonical(kind, identifier)
            token = self._made(kind, plain)
            if self._made_since is not None and kind in HIDDEN_KINDS:
                self._made_since.append(Hidden(token, kind, plain))
            if self._remembered >= CACHE_TOKENS:
                self._known.clear()
                self._remembered = 0
                known = self._known.setdefault((kind, prefix), {})
            known[identifier] = token
            self._remembered += 1
        return token

    def taken(self) -> list[Hidden]:
        """What was made a token since the last call and may be new to the vault, in order.

        Only with ``remember``. An identifier that comes again soon is not told again: whoever
        could not keep what it was told calls `forget`.
        """
        assert self._made_since is not None
        taken, self._made_since = self._made_since, []
        return taken

    def forget(self) -> None:
        """Remember no token: every identifier that comes from now on is told again by `taken`."""
        self._known.clear()
        self._remembered = 0
        if self._made_since is not None:
            self._made_since = []

    def of_column(self, kind: PartyKind, column: pl.Series, prefix: str = "") -> Symbols:
        """uint64[n, 2] of n identifiers, text or ints; all zero where null or empty."""
        encoded = column.to_arrow().dictionary_encode()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.combine_chunks()
        values = encoded.dictionary.to_pylist()
        table = symbols_of(
            [
                _UNKNOWN if value is None or value == "" else self.of(kind, str(value), prefix)
                for value in values
            ]
            + [_UNKNOWN]
        )
        rows = encoded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
        made: Symbols = np.take(table, rows, axis=0)
        return made

    def _made(self, kind: PartyKind, identifier: str) -> bytes:
        message = f"{kind.value}\x1f{identifier}".encode()
        token = hmac.digest(self._key, message, "sha256")[:16]
        while token == _UNKNOWN:  # all zero means "unknown"; 2**-128, but then it must not happen
            message += b"\x1f"
            token = hmac.digest(self._key, message, "sha256")[:16]
        return token


class Row(NamedTuple):
    """One fact between the door and its batch: what it says, with tokens for its identifiers.

    ``numbers`` and ``symbols`` (16 bytes each) hold what is known, by the schema's names.
    """

    kind: int
    id: str
    numbers: dict[str, int]
    symbols: dict[str, bytes]


def row_of(record: Record, sender: str, tokens: Tokens) -> Row:
    """The row of one record of that sender; from here on there are only tokens.

    The record is as events/json.py gives it. Raises InputError for money that only its constructor
    can have let through.
    """
    kind, fields = _FIELDS_OF[type(record)]
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
    for field, name, is_symbol in fields:
        value = getattr(record, name)
        if value is None:
            continue
        if is_symbol:
            symbols[name] = _symbol(field, value, sender, tokens)
        else:
            numbers[name] = _number(field, value)
    return Row(kind, record.id, numbers, symbols)


def facts_of_rows(rows: Sequence[Row]) -> Facts:
    """A batch of n facts from n rows."""
    numbers = {name for row in rows for name in row.numbers}
    symbols = {name for row in rows for name in row.symbols}
    return Facts(
        np.array([row.kind for row in rows], np.uint8),
        [row.id for row in rows],
        {
            name: np.array([row.numbers.get(name, MISSING) for row in rows], np.int64)
            for name in NUMBER_COLUMNS
            if name in numbers
        },
        {
            name: symbols_of([row.symbols.get(name, _UNKNOWN) for row in rows])
            for name in SYMBOL_COLUMNS
            if name in symbols or name == "sender"
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
    if field.name == "payment":
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
            symbol = symbols[field.name][row] if field.name in symbols else _UNKNOWN
            values[field.name] = _shown_symbol(field, symbol)
        else:
            number = numbers[field.name][row] if field.name in numbers else MISSING
            values[field.name] = None if number == MISSING else _shown_number(field, number)
    if values.get("amount") is not None:
        currency = CURRENCY_OF_NUMERIC[numbers["currency"][row]]
        values["amount"] = format_minor(numbers["amount"][row], currency)
    return _RECORD_OF_FACT[fact.word](id=fact_id, **values)  # type: ignore[arg-type]  # by the table


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
    if symbol == _UNKNOWN:
        return None
    if field.type is FieldType.CODE:
        return code_text(symbol)
    text = symbol.hex()
    if field.name == "uetr":
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
    return text
