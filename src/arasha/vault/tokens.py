"""Identifiers become tokens here, at the door, before anything is kept.

A token is HMAC-SHA256 of the party's kind and its identifier under a key that never leaves this
installation, cut to 128 bits::

    HMAC(key, kind + 0x1f + canonical identifier)[:16]  ->  uint64[2]

In: raw identifiers, alone or as columns. Out: symbols. Equal identifiers written differently meet:
spaces go, IBANs are put in capitals, numbers become "+" and digits.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from arasha.events.columns import Symbols
from arasha.events.schema import PartyKind
from arasha.events.symbols import symbols_of
from arasha.vault.keys import KEY_BYTES, load_or_create_key

KEY_FILE: Final = "keys/tokens.key"
"""Where the key lies in the directory of a log."""

CACHE_TOKENS: Final = 1 << 18
"""Tokens remembered for identifiers that come again; at the bound all are forgotten."""

HIDDEN_KINDS: Final = frozenset({PartyKind.ACCOUNT, PartyKind.NUMBER, PartyKind.DEVICE})
"""What the vault keeps. The id of one payment (end to end) leads to nobody, so it is not kept;
holder, dealer and block are only compared, so nobody needs to read them here."""

_UNKNOWN: Final = bytes(16)
_SPACES: Final = re.compile(r"\s+")
_IBAN: Final = re.compile(r"[A-Za-z]{2}[0-9]{2}[A-Za-z0-9]{11,30}")


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
    if kind in (PartyKind.NUMBER, PartyKind.BLOCK):
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
                self._forget_known()
            known[identifier] = token
            self._remembered += 1
        return token

    def known(self, kind: PartyKind, prefix: str = "") -> Mapping[str, bytes]:
        """The tokens remembered of one kind: for those who look up many, and ask `of` for others.

        It is the same mapping for as long as this object lives.
        """
        return self._known.setdefault((kind, prefix), {})

    def taken(self) -> list[Hidden]:
        """What was made a token since the last call and may be new to the vault, in order.

        Only with ``remember``. An identifier that comes again soon is not told again: whoever
        could not keep what it was told calls `forget`.
        """
        assert self._made_since is not None
        if not self._made_since:
            return []
        taken, self._made_since = self._made_since, []
        return taken

    def forget(self) -> None:
        """Remember no token: every identifier that comes from now on is told again by `taken`."""
        self._forget_known()
        if self._made_since is not None:
            self._made_since = []

    def _forget_known(self) -> None:
        for known in self._known.values():
            known.clear()
        self._remembered = 0

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
