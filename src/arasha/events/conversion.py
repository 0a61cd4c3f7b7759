"""Rows of a stranger's table become facts: column by column, by the mapping's rules.

At *happened*. In: a frame of rows with their numbers, and the mapping. Out: the facts of the rows
that are right (tokens already), and a reject for each row that is not: the first column of it that
is wrong, in the order id, sender, then the fields as the schema has them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from arasha.errors import MappingError, Place
from arasha.events.body import id_bodies
from arasha.events.columns import Facts, Numbers, Symbols
from arasha.events.mapping import FieldRule, Mapping
from arasha.events.money import CURRENCY_OF_NUMERIC, currency_column, minor_column
from arasha.events.records import MAX_DURATION_MS
from arasha.events.reference import digests
from arasha.events.rejects import Refusal, Reject, redacted
from arasha.events.schema import (
    MAX_AMOUNT_MINOR,
    MAX_CODE_BYTES,
    MAX_ID_CHARS,
    MAX_IDENTIFIER_CHARS,
    MISSING,
    FieldType,
    PartyKind,
)
from arasha.events.symbols import (
    CODE_PATTERN,
    ID_PATTERN,
    UETR_PATTERN,
    code_bytes,
    symbols_of,
    uetr_bytes,
)
from arasha.events.tables import Table
from arasha.events.times import expected_time, instants, whole_numbers

LABEL_PREFIX: Final = "label:"
"""What goes before a payment's id to make the id of its label."""

Refusals = NDArray[np.uint8]
Values = Numbers | Symbols

_UNKNOWN: Final = bytes(16)
_TRUE: Final = ("true", "True", "TRUE", "1")
_FALSE: Final = ("false", "False", "FALSE", "0")


class Tokeniser(Protocol):
    """Makes tokens of identifiers; vault/tokens.py has the one there is."""

    def of_column(self, kind: PartyKind, column: pl.Series, prefix: str = "") -> Symbols:
        """uint64[n, 2] tokens of n identifiers; zero where null or empty."""
        ...


@dataclass(frozen=True, slots=True)
class Conversion:
    """m facts of one kind, the numbers of their rows, and the rows that were refused.

    ``kept`` bool[n] says which rows of the frame the facts are.
    """

    facts: Facts
    rows: NDArray[np.int64]
    kept: NDArray[np.bool_]
    rejects: list[Reject]


@dataclass(slots=True)
class _Findings:
    """The first refusal of each row and the column it is in."""

    refusals: Refusals
    columns: NDArray[np.int16]
    names: list[tuple[str, str, FieldRule | None]]  # column of the file, field, rule

    def take(self, name: str, field: str, rule: FieldRule | None, refusals: Refusals) -> None:
        self.names.append((name, field, rule))
        new = (self.refusals == 0) & (refusals != 0)
        self.refusals[new] = refusals[new]
        self.columns[new] = len(self.names) - 1


def convert(
    frame: pl.DataFrame, rows: NDArray[np.int64], mapping: Mapping, tokens: Tokeniser
) -> Conversion:
    """The facts of a frame of n rows; ``rows`` int64[n] are their numbers in the file."""
    n = len(frame)
    findings = _Findings(np.zeros(n, np.uint8), np.zeros(n, np.int16), [])
    ids, refusals = _ids(frame, rows, mapping)
    findings.take(", ".join(mapping.id.columns), "id", None, refusals)
    sender_column = column_of(frame, mapping.sender.column, mapping.sender.constant)
    senders, refusals = codes(sender_column, required=True)
    findings.take(mapping.sender.column or "", "sender", None, refusals)
    numbers: dict[str, Numbers] = {}
    symbols: dict[str, Symbols] = {"sender": senders}
    money = _money(frame, mapping)
    for rule in mapping.fields:
        name = rule.field.name
        column = column_of(frame, rule.column, rule.constant)
        if name in money:
            numbers[name], refusals = money[name]
        elif rule.field.type.is_symbol:
            symbols[name], refusals = _symbols(column, rule, senders, tokens)
        else:
            numbers[name], refusals = _numbers(column, rule)
        findings.take(rule.column or "", name, rule, refusals)
    kept = findings.refusals == 0
    rejects = _rejects(frame, rows, findings, numbers.get("currency"))
    kinds = np.full(n, mapping.fact.kind, np.uint8)
    if kept.all():
        return Conversion(Facts(kinds, ids.to_list(), numbers, symbols), rows, kept, rejects)
    facts = Facts(
        kinds[kept],
        ids.filter(pl.Series(kept)).to_list(),
        {name: values[kept] for name, values in numbers.items()},
        {name: values[kept] for name, values in symbols.items()},
    )
    return Conversion(facts, rows[kept], kept, rejects)


def check_types(table: Table, mapping: Mapping) -> None:
    """Raise MappingError when a column of the file cannot hold what the mapping reads from it."""
    for rule in mapping.fields:
        if rule.column is None:
            continue
        dtype = table.schema[rule.column]
        text, number = dtype == pl.String, dtype.is_numeric()
        match rule.field.type:
            case FieldType.INSTANT:
                counted = rule.time is not None and rule.time.format in (
                    "epoch_s", "epoch_ms", "step",
                )  # fmt: skip
                right = text or (dtype.is_integer() or dtype.is_float() if counted else False)
                right = right or (not counted and dtype in (pl.Date, pl.Datetime))
            case FieldType.MARK | FieldType.CATEGORY:
                right = text or number or dtype == pl.Boolean
            case FieldType.MONEY | FieldType.DURATION | FieldType.CURRENCY:
                right = text or number
            case FieldType.PARTY:
                right = text or number
            case _:
                right = text or dtype.is_integer()
        where = Place(file=str(table.path), column=rule.column)
        if not right:
            raise MappingError(
                f"a column of the wrong type for {rule.field.name}",
                expected=_expectation(rule, Refusal.WRONG_TYPE, None),
                found=str(dtype),
                where=where,
            )
        naive = dtype == pl.Date or (isinstance(dtype, pl.Datetime) and dtype.time_zone is None)
        if naive and rule.time is not None and rule.time.zone is None:
            raise MappingError(
                "these times name no zone",
                expected='a zone in the mapping, such as zone = "UTC" or "+05:00"',
                found=str(dtype),
                where=where,
            )


def column_of(frame: pl.DataFrame, column: str | None, constant: str | None) -> pl.Series:
    """The column, or its constant once per row. Text has no spaces around it and is not empty."""
    if column is None:
        return pl.Series([constant], dtype=pl.String).new_from_index(0, len(frame))
    series = frame[column]
    if series.dtype != pl.String:
        return series
    text = series.str.strip_chars()
    return text.set(text == "", None)


def _without_missing(column: pl.Series, rule: FieldRule) -> pl.Series:
    """Null where the mapping says that a value stands for "unknown"."""
    if not rule.missing:
        return column
    return column.set(column.cast(pl.String).is_in(list(rule.missing)), None)


def _ids(
    frame: pl.DataFrame, rows: NDArray[np.int64], mapping: Mapping
) -> tuple[pl.Series, Refusals]:
    names = mapping.id.columns
    if not names:
        return pl.Series(rows).cast(pl.String).str.replace(r"^", mapping.id.prefix), np.zeros(
            len(rows), np.uint8
        )
    parts = [texts_of(column_of(frame, name, None)) for name in names]
    ids = parts[0]
    if len(parts) > 1 or mapping.id.prefix:
        joined = pl.concat_str([pl.lit(part) for part in parts], separator=":")
        ids = pl.select(pl.concat_str(pl.lit(mapping.id.prefix), joined)).to_series()
    longest = MAX_ID_CHARS - (len(LABEL_PREFIX) if mapping.labels else 0)
    refusals = np.zeros(len(ids), np.uint8)
    if any(frame[name].dtype == pl.String for name in names) or mapping.id.prefix:
        right = ids.str.contains(rf"^{ID_PATTERN}$") & (ids.str.len_bytes() <= longest)
        refusals[~right.fill_null(value=True).to_numpy()] = Refusal.BAD_ID.value
    refusals[ids.is_null().to_numpy()] = Refusal.MISSING_VALUE.value
    return ids, refusals


def texts_of(column: pl.Series) -> pl.Series:
    """Text as it is, whole numbers as their digits; null for all else."""
    if column.dtype == pl.String:
        return column
    if column.dtype.is_integer():
        return column.cast(pl.String)
    return whole_numbers(column).cast(pl.String)


def _money(frame: pl.DataFrame, mapping: Mapping) -> dict[str, tuple[Numbers, Refusals]]:
    """``amount`` and ``currency``, which are read together: one says how to read the other."""
    amount_rule, currency_rule = mapping.rule("amount"), mapping.rule("currency")
    if amount_rule is None or currency_rule is None:
        return {}
    amounts = _without_missing(column_of(frame, amount_rule.column, None), amount_rule)
    n = len(frame)
    currency = mapping.constant_currency
    if currency is not None:
        numerics = np.full(n, currency.numeric, np.int64)
        decimals = np.full(n, currency.decimals, np.int8)
        unknown = np.zeros(n, np.uint8)
    else:
        column = column_of(frame, currency_rule.column, currency_rule.constant)
        numerics, decimals, unknown = currency_column(_without_missing(column, currency_rule))
    read_as = np.where(decimals >= 0, np.int8(0), decimals) if amount_rule.minor else decimals
    minor, refusals = minor_column(amounts, read_as, noise=amount_rule.float_noise)
    if not amount_rule.field.required:
        absent = amounts.is_null().to_numpy()
        refusals[absent] = 0
        neither = absent & (unknown == Refusal.MISSING_VALUE.value)
        unknown = np.where(neither, np.uint8(0), unknown)
        numerics = np.where(absent, MISSING, numerics)
    return {"amount": (minor, refusals), "currency": (numerics, unknown)}


def _required(column: pl.Series, rule: FieldRule, refusals: Refusals) -> Refusals:
    if rule.field.required and column.null_count():
        refusals[column.is_null().to_numpy()] = Refusal.MISSING_VALUE.value
    return refusals


def _numbers(column: pl.Series, rule: FieldRule) -> tuple[Numbers, Refusals]:
    column = _without_missing(column, rule)
    match rule.field.type:
        case FieldType.INSTANT:
            assert rule.time is not None
            values, refusals = instants(column, rule.time)
        case FieldType.DURATION:
            values, refusals = _durations(column, rule)
        case _:
            values, refusals = _listed(column, rule)
    return values, _required(column, rule, refusals)


def _durations(column: pl.Series, rule: FieldRule) -> tuple[Numbers, Refusals]:
    whole = whole_numbers(column)
    limit = MAX_DURATION_MS // rule.duration_unit_ms
    refusals = np.zeros(len(column), np.uint8)
    refusals[~whole.is_between(0, limit).fill_null(value=True).to_numpy()] = (
        Refusal.OUT_OF_RANGE.value
    )
    refusals[(whole.is_null() & column.is_not_null()).to_numpy()] = Refusal.WRONG_TYPE.value
    values = (whole * rule.duration_unit_ms).fill_null(MISSING).to_numpy().copy()
    values[refusals != 0] = MISSING
    return values, refusals


def _listed(column: pl.Series, rule: FieldRule) -> tuple[Numbers, Refusals]:
    """Categories and marks: by the mapping's list of values, or by our own words."""
    known = dict.fromkeys(_TRUE, 1) | dict.fromkeys(_FALSE, 0)
    refusal = Refusal.BAD_MARK
    if rule.field.type is FieldType.CATEGORY:
        known = {word: index for index, word in enumerate(rule.field.categories)}
        refusal = Refusal.UNKNOWN_CATEGORY
    ours = known | {theirs: known[word] for theirs, word in rule.values}
    unlisted = 0 if rule.unlisted_unknown else refusal.value
    answers = {
        text: (ours[text], 0) if text in ours else (MISSING, unlisted)
        for text in column.cast(pl.String).unique().drop_nulls().to_list()
    }
    text = column.cast(pl.String)
    keys: list[str | None] = [None, *answers]
    values = [MISSING, *(value for value, _ in answers.values())]
    refused = [0, *(code for _, code in answers.values())]
    return (
        text.replace_strict(keys, values, return_dtype=pl.Int64).to_numpy(),
        text.replace_strict(keys, refused, return_dtype=pl.UInt8).to_numpy().copy(),
    )


def _symbols(
    column: pl.Series, rule: FieldRule, senders: Symbols, tokens: Tokeniser
) -> tuple[Symbols, Refusals]:
    column = _without_missing(column, rule)
    if rule.field.party is not None:
        values, refusals = _tokens(column, rule, tokens)
    elif rule.field.type is FieldType.CODE:
        values, refusals = codes(column, required=False)
    elif rule.field.name == "uetr":
        values, refusals = _by_value(column, UETR_PATTERN, uetr_bytes, Refusal.BAD_REFERENCE)
    else:
        values, refusals = _references(column, senders)
    return values, _required(column, rule, refusals)


def _tokens(column: pl.Series, rule: FieldRule, tokens: Tokeniser) -> tuple[Symbols, Refusals]:
    assert rule.field.party is not None
    refusals = np.zeros(len(column), np.uint8)
    if column.dtype == pl.String:
        too_long = (column.str.len_chars() > MAX_IDENTIFIER_CHARS).fill_null(value=False)
        if too_long.any():
            refusals[too_long.to_numpy()] = Refusal.TEXT_TOO_LONG.value
            column = column.set(too_long, None)
    elif not column.dtype.is_integer():
        whole = whole_numbers(column)
        refusals[(whole.is_null() & column.is_not_null()).to_numpy()] = Refusal.WRONG_TYPE.value
        column = whole
    return tokens.of_column(rule.field.party, column, rule.prefix), refusals


def codes(column: pl.Series, *, required: bool) -> tuple[Symbols, Refusals]:
    """Plain codes as symbols uint64[n, 2]; refused unless 1 to 16 printable ASCII characters."""
    values, refusals = _by_value(column, CODE_PATTERN, code_bytes, Refusal.BAD_CODE)
    if required and column.null_count():
        refusals[column.is_null().to_numpy()] = Refusal.MISSING_VALUE.value
    return values, refusals


def _by_value(
    column: pl.Series, pattern: str, made: Callable[[str], bytes], refusal: Refusal
) -> tuple[Symbols, Refusals]:
    """Each distinct text once: its symbol, or the refusal if it does not match the pattern."""
    text = texts_of(column)
    encoded = text.to_arrow().dictionary_encode()
    assert isinstance(encoded, pa.DictionaryArray)
    distinct = pl.Series(encoded.dictionary.to_pylist(), dtype=pl.String)
    right = distinct.str.contains(rf"^(?:{pattern})$")
    symbols = [
        made(value) if good else _UNKNOWN
        for value, good in zip(distinct.to_list(), right.to_list(), strict=True)
    ]
    refused = np.array([0 if good else refusal.value for good in right.to_list()] + [0], np.uint8)
    at = encoded.indices.fill_null(len(distinct)).to_numpy(zero_copy_only=False)
    return np.take(symbols_of([*symbols, _UNKNOWN]), at, axis=0), refused[at]


def _references(column: pl.Series, senders: Symbols) -> tuple[Symbols, Refusals]:
    text = texts_of(column)
    right = text.str.contains(rf"^{ID_PATTERN}$")
    refusals = np.zeros(len(text), np.uint8)
    refusals[~right.fill_null(value=True).to_numpy()] = Refusal.BAD_ID.value
    known = right.fill_null(value=False).to_numpy()
    values = np.zeros((len(text), 2), np.uint64)
    values[known] = digests(senders[known], id_bodies(text.filter(pl.Series(known)).to_list()))
    return values, refusals


def _rejects(
    frame: pl.DataFrame,
    rows: NDArray[np.int64],
    findings: _Findings,
    currencies: Numbers | None,
) -> list[Reject]:
    rejects = []
    for at in np.flatnonzero(findings.refusals).tolist():
        refusal = Refusal(int(findings.refusals[at]))
        name, field, rule = findings.names[findings.columns[at]]
        numeric = None if currencies is None else int(currencies[at])
        found = frame[name][at] if name in frame.columns else None
        rejects.append(
            Reject(
                int(rows[at]),
                name or field,
                refusal,
                _expectation(rule, refusal, numeric),
                redacted(found),
            )
        )
    return rejects


def _expectation(rule: FieldRule | None, refusal: Refusal, numeric: int | None) -> str:
    """What the column has to hold, in words."""
    if rule is None:
        if refusal is Refusal.BAD_ID:
            return f"1 to {MAX_ID_CHARS} characters of A-Z a-z 0-9 . _ : / + - (58 with labels)"
        return f"1 to {MAX_CODE_BYTES} ASCII characters without spaces"
    match rule.field.type:
        case FieldType.MONEY:
            return _expected_amount(rule, numeric)
        case FieldType.CURRENCY:
            return "an active currency of ISO 4217 with a minor unit, such as KZT or 398"
        case FieldType.INSTANT:
            assert rule.time is not None
            return expected_time(rule.time)
        case FieldType.DURATION:
            return "a whole number from 0 to a year"
        case FieldType.CATEGORY:
            theirs = [pair[0] for pair in rule.values]
            return "one of " + ", ".join([*theirs, *rule.field.categories])
        case FieldType.MARK:
            return "true or false"
        case FieldType.PARTY:
            return f"an identifier of 1 to {MAX_IDENTIFIER_CHARS} characters, or a whole number"
        case FieldType.CODE:
            return f"1 to {MAX_CODE_BYTES} ASCII characters without spaces"
        case FieldType.REFERENCE:
            return "a UUID" if rule.field.name == "uetr" else f"the id of a {rule.field.name}"


def _expected_amount(rule: FieldRule, numeric: int | None) -> str:
    currency = CURRENCY_OF_NUMERIC.get(numeric) if numeric is not None else None
    if rule.minor:
        decimals = "a whole number"
    elif currency is None:
        decimals = "a plain decimal"
    else:
        decimals = f"a plain decimal with at most {currency.decimals} decimals ({currency.code})"
    return f"{decimals} above 0, no more than {MAX_AMOUNT_MINOR} minor units"
