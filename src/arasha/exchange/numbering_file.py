"""A file of numbers: who serves which, as the country's office of number portability lists it.

In: CSV with the columns ``number`` and ``operator``. Out: `Changes`, with a token for each number::

    number,operator
    +7701*,OPERONE          a range: every number that begins so
    +77011234567,OPERTWO    a ported number
    +77017654321,           it is back: its range says whose it is
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from arasha.errors import InputError, Place
from arasha.events.schema import PartyKind
from arasha.events.symbols import CODE_PATTERN, whole
from arasha.exchange.numbering import (
    HOME,
    MAX_OPERATORS,
    MAX_PORTED,
    Changes,
    prefix_of,
    word_of,
)
from arasha.vault.tokens import Tokens, canonical

BATCH: Final = 1 << 18
"""Numbers that wait as Python objects at once."""

_CODE: Final = re.compile(whole(CODE_PATTERN))
_NUMBER: Final = re.compile(r"\+[1-9][0-9]{4,14}")
_COLUMNS: Final = ["number", "operator"]


def read_numbers(path: Path, tokens: Tokens) -> Changes:
    """What the file says. Raises InputError, naming the line, for what it cannot say."""
    operators: dict[str, int] = {}
    ranges: dict[str, int] = {}
    parts = [(np.zeros(0, np.uint64), np.zeros(0, np.int32))]
    words: list[int] = []
    served: list[int] = []
    for line, number, operator in _lines(path):
        at = operators.setdefault(operator, len(operators)) if operator else HOME
        if number.endswith("*"):
            prefix = prefix_of(number[:-1])
            if prefix is None or at == HOME:
                raise _refused(path, line, "a range: +, 1 to 10 digits, *, and its operator")
            ranges[prefix] = at
            continue
        plain = canonical(PartyKind.NUMBER, number)
        if not _NUMBER.fullmatch(plain):
            raise _refused(path, line, "a number in E.164, such as +77011234567, or a range")
        words.append(word_of(tokens.of(PartyKind.NUMBER, plain)))
        served.append(at)
        if len(words) == BATCH:
            parts.append((np.array(words, np.uint64), np.array(served, np.int32)))
            words, served = [], []
            if BATCH * (len(parts) - 1) > MAX_PORTED:
                raise _refused(path, line, f"at most {MAX_PORTED} ported numbers")
    parts.append((np.array(words, np.uint64), np.array(served, np.int32)))
    if len(operators) > MAX_OPERATORS:
        raise _refused(path, 1, f"at most {MAX_OPERATORS} operators")
    return Changes(
        tuple(operators), ranges, np.concatenate([some for some, _ in parts]),
        np.concatenate([some for _, some in parts]),
    )  # fmt: skip


def _lines(path: Path) -> Iterator[tuple[int, str, str]]:
    """(line, number, operator's code or nothing) of each row."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.reader(file, strict=True)
            if next(rows, None) != _COLUMNS:
                raise _refused(path, 1, "the line number,operator")
            for row in rows:
                line = rows.line_num
                if len(row) != len(_COLUMNS) or (row[1] and not _CODE.fullmatch(row[1])):
                    raise _refused(path, line, "a number and an operator's code")
                yield line, row[0], row[1]
    except OSError as error:
        raise InputError("this file cannot be read", found=str(error.strerror),
                         where=Place(str(path))) from error  # fmt: skip
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError("this is no CSV in UTF-8", where=Place(str(path))) from error


def _refused(path: Path, line: int, expected: str) -> InputError:
    return InputError("a line of the numbers cannot be read", expected=expected,
                      found="something else", where=Place(str(path), row=line))  # fmt: skip
