"""What leaves the centre and comes back unread: sealed for one purpose, and for a while.

In: a few bytes that only this centre may read again, such as the challenge that a browser is to
answer, or an authenticator's secret on the disk. Out: text that says nothing and cannot be changed.
So a page that asks for a sign-in keeps nothing here: asking a million times fills no table.

    nonce 12 | ciphertext | tag 16      AES-256-GCM-SIV (RFC 8452), bound to the purpose
    made_ms 8 | ends_ms 8 | content     what is encrypted
"""

from __future__ import annotations

import base64
import binascii
import secrets
import struct
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from arasha.vault.keys import NONCE_BYTES, TAG_BYTES, load_or_create_key

KEY_FILE: Final = "keys/signin.key"
"""Where the key lies in the directory of a centre."""

FOR_EVER: Final = (1 << 63) - 1
"""An end that never comes, ms."""

SKEW_MS: Final = 60_000
"""How far a clock may go back, ms: what was made later than that is of no time that we know."""

MAX_TEXT_CHARS: Final = 4_096
"""Longest sealed text that is looked at, characters: it comes from outside."""

_TIMES: Final = struct.Struct("<qq")


class Seal:
    """Seals and opens with one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCMSIV(key)

    def __repr__(self) -> str:
        return "<Seal>"

    @staticmethod
    def load_or_create(directory: Path) -> Seal:
        """With the key of that directory. Raises InputError, UsageError (vault/keys.py)."""
        return Seal(load_or_create_key(directory / KEY_FILE, "signing in"))

    def closed(self, purpose: str, content: bytes, made_ms: int, ends_ms: int = FOR_EVER) -> str:
        """The content sealed, as text that fits into a cookie or a form."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        plain = _TIMES.pack(made_ms, ends_ms) + content
        sealed = nonce + self._cipher.encrypt(nonce, plain, purpose.encode())
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def opened(self, purpose: str, text: str, now_ms: int) -> bytes | None:
        """The content; None when it is over, of another purpose, or was not sealed here."""
        if len(text) > MAX_TEXT_CHARS or not text.isascii():
            return None
        try:
            sealed = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
            if len(sealed) < NONCE_BYTES + TAG_BYTES + _TIMES.size:
                return None
            nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
            plain = self._cipher.decrypt(nonce, rest, purpose.encode())
        except (binascii.Error, InvalidTag):
            return None
        made_ms, ends_ms = _TIMES.unpack_from(plain)
        in_time = made_ms - SKEW_MS <= now_ms < ends_ms
        return plain[_TIMES.size :] if in_time else None
