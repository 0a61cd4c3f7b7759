"""Sixteen bytes as a symbol: plain codes, UETRs and digests in and out of batches.

In: text of a door or a file, or 16 bytes. Out: uint64[2] (the bytes, least significant first), all
zero when unknown. Tokens of parties are made in vault/tokens.py and only look the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from uuid import UUID

import numpy as np

from arasha.events.columns import Symbols
from arasha.events.schema import MAX_CODE_BYTES, MAX_ID_CHARS

ID_PATTERN: Final = rf"[A-Za-z0-9._:/+-]{{1,{MAX_ID_CHARS}}}"
CODE_PATTERN: Final = rf"[!-~]{{1,{MAX_CODE_BYTES}}}"
UETR_PATTERN: Final = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

_CODES_REMEMBERED: Final = 4_096  # of banks, operators and purposes
_CODE: Final = re.compile(CODE_PATTERN)
_UETR: Final = re.compile(UETR_PATTERN)


def whole(pattern: str) -> str:
    """The pattern of a text that matches from its start to its very end ("$" allows a newline)."""
    return rf"\A(?:{pattern})\Z"


@lru_cache(_CODES_REMEMBERED)
def code_bytes(code: str) -> bytes:
    """The 16 bytes of a plain code (printable ASCII, no spaces, at most 16), padded with zeros."""
    assert _CODE.fullmatch(code)
    return code.encode("ascii").ljust(MAX_CODE_BYTES, b"\0")


def code_text(symbol: bytes) -> str | None:
    """The plain code of 16 bytes, None when all are zero."""
    return symbol.rstrip(b"\0").decode("ascii") or None


def uetr_bytes(text: str) -> bytes:
    """The 16 bytes of a UETR (a UUID, ISO 20022), upper and lower case alike."""
    assert _UETR.fullmatch(text)
    return UUID(text).bytes


def uetr_text(symbol: bytes) -> str | None:
    """The UETR of 16 bytes, in small letters; None when all are zero."""
    return str(UUID(bytes=symbol)) if any(symbol) else None


def symbols_of(values: Iterable[bytes]) -> Symbols:
    """uint64[n, 2] of n times 16 bytes."""
    return np.frombuffer(b"".join(values), np.uint64).reshape(-1, 2).copy()
