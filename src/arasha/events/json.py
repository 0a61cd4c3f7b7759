"""Facts as JSON: one message, or lines of it (NDJSON).

At *happened*. In: bytes from a door or a file. Out: records, or a refusal that names the line and
the JSON path and repeats nothing of what was found there. Unknown fields, times without an offset,
anything nested and anything too long are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from io import BufferedIOBase
from typing import Final

import msgspec

from arasha.events.money import CURRENCIES
from arasha.events.records import (
    MAX_INSTANT_MS,
    MIN_INSTANT_MS,
    Record,
    milliseconds,
    money_of,
)
from arasha.events.rejects import Refusal, Reject, redacted
from arasha.events.schema import FACTS, MAX_AMOUNT_MINOR

MAX_MESSAGE_BYTES: Final = 16 * 1024
"""Longest message or line, bytes: the longest record with every field at its limit has under 4,000
characters."""

MAX_DEPTH: Final = 1
"""Depth of nesting of a message: one object, no object or list inside."""

_DECODER: Final = msgspec.json.Decoder(Record)
_ENCODER: Final = msgspec.json.Encoder()
_PATH: Final = re.compile(r" - at `(?:key in )?([^`]+)`$")
_UNKNOWN: Final = re.compile(r"unknown field `([^`]*)`")
_REQUIRED: Final = re.compile(r"missing required field `([^`]*)`")
_WORD: Final = re.compile(r"[a-z_]{1,24}")
_ID_WORDS: Final = "an id: 1 to 64 of A-Z a-z 0-9 . _ : / + -"
_PATTERN_WORDS: Final = {
    "id": _ID_WORDS,
    "payment": _ID_WORDS,
    "call": _ID_WORDS,
    "uetr": "a UETR: a UUID of 32 hexadecimal digits and 4 hyphens",
    "currency": "a currency code of ISO 4217: three capital letters",
}
_PARTIES: Final = frozenset(
    f.name for fact in FACTS.values() for f in fact.fields if f.party is not None
)
_FIELDS: Final = tuple(
    dict.fromkeys(["fact", "id", *(f.name for fact in FACTS.values() for f in fact.fields)])
)


def decode(message: bytes, line: int = 1) -> Record | Reject:
    """One message as a record, or why not, with ``line`` as its row and the JSON path as column."""
    if len(message) > MAX_MESSAGE_BYTES:
        return Reject(
            line,
            "$",
            Refusal.TEXT_TOO_LONG,
            f"at most {MAX_MESSAGE_BYTES} bytes",
            redacted(message),
        )
    if _depth_exceeds(message):
        return Reject(
            line, "$", Refusal.BAD_JSON, "one object with nothing nested in it", redacted(message)
        )
    try:
        record = _DECODER.decode(message)
    except msgspec.ValidationError as fault:
        return _invalid(str(fault), line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Reject(line, "$", Refusal.BAD_JSON, "one JSON object in UTF-8", redacted(message))
    return _checked(record, line)


def decode_lines(lines: Iterable[bytes] | BufferedIOBase) -> Iterator[Record | Reject]:
    """The records and refusals of NDJSON, in order; empty lines count but give nothing.

    A file is read in bounded pieces: a line of any length costs no more than the longest allowed.
    """
    pieces = _bounded_lines(lines) if isinstance(lines, BufferedIOBase) else lines
    for number, line in enumerate(pieces, start=1):
        if stripped := line.strip():
            yield decode(stripped, number)


def encode(record: Record) -> bytes:
    """The record as one JSON object; `decode` gives an equal record back."""
    return _ENCODER.encode(record)


def _bounded_lines(file: BufferedIOBase) -> Iterator[bytes]:
    while line := file.readline(MAX_MESSAGE_BYTES + 2):
        end = line
        while not end.endswith(b"\n") and len(end) == MAX_MESSAGE_BYTES + 2:
            end = file.readline(MAX_MESSAGE_BYTES + 2)  # the rest of a line that is too long
        yield line


def _depth_exceeds(message: bytes) -> bool:
    """Whether brackets are opened more often than a flat message can need, in or out of strings."""
    if message.count(b"{") + message.count(b"[") <= MAX_DEPTH:
        return False
    outside = re.sub(rb'"(?:[^"\\]|\\.)*"', b"", message)
    return outside.count(b"{") + outside.count(b"[") > MAX_DEPTH


def _invalid(text: str, line: int) -> Reject:
    """A refusal from the decoder's words, of which only what is ours is repeated."""
    if unknown := _UNKNOWN.search(text):
        name = unknown[1]
        near = get_close_matches(name, _FIELDS, 1) if _WORD.fullmatch(name) else []
        shown = f"did you mean {near[0]!r}?" if near else "a field of this fact"
        found = redacted(name) if not near else f"a field like {near[0]!r}"
        return Reject(line, "$", Refusal.UNKNOWN_FIELD, shown, found)
    if required := _REQUIRED.search(text):
        return Reject(
            line, f"$.{required[1]}", Refusal.MISSING_VALUE, "a value: it is required", "nothing"
        )
    where = _PATH.search(text)
    path = where[1] if where else "$"
    field = path.removeprefix("$.")
    expected = _expectation(text, field)
    return Reject(line, path, _refusal_of(text, field), expected, "a value that does not fit")


def _refusal_of(text: str, field: str) -> Refusal:
    if "timezone" in text or "RFC3339" in text:
        return Refusal.BAD_TIME
    if text.startswith("Invalid enum value"):
        return Refusal.UNKNOWN_CATEGORY
    if "length" in text:
        return Refusal.TEXT_TOO_LONG if "<=" in text else Refusal.MISSING_VALUE
    if "matching regex" in text:
        if field in _PARTIES:
            return Refusal.BAD_IDENTIFIER
        return {
            "id": Refusal.BAD_ID,
            "payment": Refusal.BAD_ID,
            "call": Refusal.BAD_ID,
            "uetr": Refusal.BAD_REFERENCE,
            "currency": Refusal.UNKNOWN_CURRENCY,
        }.get(field, Refusal.BAD_CODE)
    if ">=" in text or "<=" in text:
        return Refusal.OUT_OF_RANGE
    return Refusal.WRONG_TYPE


def _expectation(text: str, field: str) -> str:
    if "matching regex" in text:
        if field in _PARTIES:
            return "an identifier: something other than spaces"
        return _PATTERN_WORDS.get(field, "a code: 1 to 16 ASCII characters, no spaces")
    if text.startswith("Expected "):
        return text.removeprefix("Expected ").split(", got")[0].split(" - at")[0].replace("`", "")
    if "RFC3339" in text:
        return "an RFC 3339 time with its offset, such as 2026-01-31T09:30:00+05:00"
    if field == "fact":
        return "one of " + ", ".join(FACTS)
    categories = next(
        (f.categories for fact in FACTS.values() for f in fact.fields if f.name == field), ()
    )
    return "one of " + ", ".join(categories) if categories else "a value of the field's type"


def _checked(record: Record, line: int) -> Record | Reject:
    """What the decoder cannot see: the range of the time, the currency, the amount."""
    if not MIN_INSTANT_MS <= milliseconds(record.happened_at) < MAX_INSTANT_MS:
        expected = "a time from 1970 to 2099"
        return Reject(line, "$.happened_at", Refusal.TIME_OUT_OF_RANGE, expected, "a time")
    money = money_of(record)
    if not isinstance(money, Refusal):
        return record
    if money in (Refusal.UNKNOWN_CURRENCY, Refusal.CURRENCY_WITHOUT_MINOR_UNIT):
        expected = "an active currency of ISO 4217 with a minor unit"
        return Reject(line, "$.currency", money, expected, "a code of three letters")
    amount = getattr(record, "amount", None)
    if amount is None:
        return Reject(line, "$.amount", money, "an amount, as there is a currency", "nothing")
    code = getattr(record, "currency", None)
    if code is None:
        return Reject(line, "$.currency", money, "a currency, as there is an amount", "nothing")
    return Reject(line, "$.amount", money, amount_expectation(code), redacted(amount))


def amount_expectation(code: str | None) -> str:
    """What an amount has to be, for a reader who sent another."""
    currency = CURRENCIES.get(code or "")
    decimals = (
        "as many decimals as its currency has"
        if currency is None
        else (f"at most {currency.decimals} decimals ({currency.code})")
    )
    return f"a plain decimal above 0, {decimals}, no more than {MAX_AMOUNT_MINOR} minor units"
