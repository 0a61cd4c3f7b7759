"""What is refused at the door, and where it is written down.

A refused row stops nothing: it goes here with the row, the column, a named reason and what was
expected, and all other rows are judged. What was found is told only as a class ("text of 24
characters"), never as it stands: a bad row is the likeliest place to meet a raw identifier.

In: `Reject` values from the readers and from the log's admission. Out: `DIR/rejects.csv`.
"""

from __future__ import annotations

import csv
import errno
import io
import math
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Final

from arasha.errors import InputError, LogFull, Place

REJECTS_HEADER: Final = ("file", "row", "column", "reason", "expected", "found")


class Refusal(Enum):
    """Why one fact is not taken. The number stands in uint8 columns, where 0 is "not refused"."""

    RAGGED_ROW = 1
    BAD_QUOTES = 2
    NOT_UTF8 = 3
    ROW_TOO_LONG = 4
    BAD_JSON = 5
    UNKNOWN_FIELD = 6
    MISSING_VALUE = 7
    WRONG_TYPE = 8
    TEXT_TOO_LONG = 9
    BAD_ID = 10
    BAD_CODE = 11
    BAD_IDENTIFIER = 12
    BAD_REFERENCE = 13
    BAD_TIME = 14
    TIME_OUT_OF_RANGE = 15
    UNKNOWN_CURRENCY = 16
    CURRENCY_WITHOUT_MINOR_UNIT = 17
    NOT_A_NUMBER = 18
    NOT_FINITE = 19
    NOT_POSITIVE = 20
    TOO_MANY_DECIMALS = 21
    AMOUNT_TOO_LARGE = 22
    UNKNOWN_CATEGORY = 23
    BAD_MARK = 24
    OUT_OF_RANGE = 25
    DUPLICATE_ID = 26
    ID_REUSED = 27
    BAD_XML = 28
    UNKNOWN_MESSAGE = 29
    TOO_MANY = 30
    OUT_OF_ORDER = 31

    @property
    def word(self) -> str:
        """The name as it stands in files and messages."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Reject:
    """One refused row: ``row`` counts data rows (or lines of NDJSON) from 1."""

    row: int
    column: str
    refusal: Refusal
    expected: str
    found: str


def redacted(value: object) -> str:
    """The class of a value, in words that cannot carry an identifier."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, str):
        return f"text of {len(value)} characters"
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float, Decimal)):
        return _number_class(value)
    if isinstance(value, (date, datetime)):
        return "a time"
    return "a value of another type"


def _number_class(value: float | Decimal) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "not a number" if math.isnan(value) else "infinity"
    sign = "zero" if value == 0 else "a negative number" if value < 0 else "a positive number"
    if isinstance(value, int) or value == 0:
        return sign
    exponent = Decimal(repr(value) if isinstance(value, float) else value).as_tuple().exponent
    decimals = max(0, -exponent) if isinstance(exponent, int) else 0
    return f"{sign} with {decimals} decimals"


class RejectsFile:
    """The append-only file of refused rows.

    A position is an offset in bytes. A run that is taken up again cuts the file back to the
    position it had at its last commit, so no reject is lost and none stands twice.
    """

    def __init__(self, path: Path, place: Callable[[int], tuple[str, int]]) -> None:
        """Open or create; ``place`` says in which file a row stands, and its number there."""
        self._path = path
        self._place = place
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as fault:
            raise _unusable(path, fault) from fault
        if self.position == 0:
            self._write([REJECTS_HEADER])

    @property
    def position(self) -> int:
        """Bytes in the file."""
        return os.fstat(self._descriptor).st_size

    def append(self, rejects: Iterable[Reject]) -> None:
        """Write the rejects behind the others; durable after `sync`."""
        self._write(
            (file, str(row), r.column, r.refusal.word, r.expected, r.found)
            for r in rejects
            for file, row in (self._place(r.row),)
        )

    def truncate(self, position: int) -> None:
        """Cut back to a position this file had before."""
        if position > self.position:
            raise InputError(
                "the rejects file is shorter than it was at the last commit",
                expected=f"at least {position} bytes",
                found=f"{self.position} bytes",
                where=Place(file=str(self._path)),
                hint="start the run again in an empty directory",
            )
        try:
            os.ftruncate(self._descriptor, position)
        except OSError as fault:
            raise _unusable(self._path, fault) from fault
        if position == 0:
            self._write([REJECTS_HEADER])

    def sync(self) -> int:
        """Make all that was appended durable; the position to come back to."""
        try:
            os.fsync(self._descriptor)
        except OSError as fault:
            raise _unusable(self._path, fault) from fault
        return self.position

    def close(self) -> None:
        """Close the file. Nothing is written by it."""
        os.close(self._descriptor)

    def _write(self, rows: Iterable[tuple[str, ...]]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        data = memoryview(text.getvalue().encode())
        while data:
            try:
                written = os.write(self._descriptor, data)
            except OSError as fault:
                raise _unusable(self._path, fault) from fault
            data = data[written:]


def _unusable(path: Path, fault: OSError) -> InputError | LogFull:
    full = fault.errno in (errno.ENOSPC, errno.EDQUOT)
    return (LogFull if full else InputError)(
        "the rejects file cannot be written",
        found=fault.strerror,
        where=Place(file=str(path)),
        hint="free some space, then go on" if full else "choose another directory",
    )
