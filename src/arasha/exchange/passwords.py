"""Passwords: how one is kept, and which are none.

In: what a person typed. Out: Argon2id (RFC 9106) in its usual text, parameters and salt included,
so that they can be raised later; whether a text is the one that was kept. One is worked out at a
time, whoever asks: sign-in takes no more of the machine than that.
"""

from __future__ import annotations

import os
import threading
import unicodedata
from functools import cache
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

MIN_CHARS: Final = 12
"""Shortest password, characters. It never opens the door alone (NIST SP 800-63B-4 asks for 8)."""

MAX_CHARS: Final = 128
"""Longest one, characters."""

MEMORY_KIB: Final = 46 << 10
"""Memory that working one out takes, KiB; with one pass, the first that OWASP's Password Storage
Cheat Sheet recommends."""

PASSES: Final = 1

_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32
_MIN_DIFFERENT: Final = 5
_ONE_AT_A_TIME: Final = threading.Lock()


def fault_of(password: str, person: str) -> str | None:
    """The name of what is wrong with a new password, None when nothing is.

    Length is what counts (NIST SP 800-63B-4, 3.1.1.2): no mixture of characters is demanded.

    >>> fault_of("correct horse battery", "aigul"), fault_of("aigul", "aigul")
    (None, 'too_short')
    """
    text = _spelt(password)
    if len(text) < MIN_CHARS:
        return "too_short"
    if len(text) > MAX_CHARS:
        return "too_long"
    if len(set(text)) < _MIN_DIFFERENT:
        return "too_plain"
    bare = text.casefold().replace(person.casefold(), "")
    return "holds_name" if len(bare) < MIN_CHARS - _MIN_DIFFERENT else None


def kept(password: str) -> str:
    """What is kept of it."""
    work = Argon2id(
        salt=os.urandom(_SALT_BYTES), length=_HASH_BYTES, iterations=PASSES, lanes=1,
        memory_cost=MEMORY_KIB,
    )  # fmt: skip
    with _ONE_AT_A_TIME:
        return work.derive_phc_encoded(_spelt(password).encode())


def matches(password: str, text: str) -> bool:
    """Whether this is the password that was kept as that text. Compares in constant time."""
    said = _spelt(password[: MAX_CHARS + 1]).encode("utf-8", "backslashreplace")
    try:
        with _ONE_AT_A_TIME:
            Argon2id.verify_phc_encoded(said, text)
    except InvalidKey:
        return False
    return True


def _spelt(password: str) -> str:
    """One spelling, whichever keyboard: a letter with its accent as one character or as two."""
    return unicodedata.normalize("NFKC", password)


@cache
def nobodys() -> str:
    """What a login that nobody has is checked against: it takes as long."""
    return kept("of nobody whom we know")
