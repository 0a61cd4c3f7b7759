"""One-time codes: an authenticator's (TOTP, RFC 6238), and those kept on paper for its loss.

In: a secret of 20 bytes, a code, the time. Out: the 30 s step whose code that is. A step that was
used, or one before it, is never taken again: who looked over a shoulder has nothing, and a clock
that goes back opens nothing twice.
"""

from __future__ import annotations

import io
import re
import secrets
from hashlib import sha256
from typing import Final

import segno
from cryptography.hazmat.primitives import constant_time, hashes
from cryptography.hazmat.primitives.twofactor.totp import TOTP

SECRET_BYTES: Final = 20
"""Length of an authenticator's secret, bytes: that of SHA-1, as RFC 4226 recommends."""

DIGITS: Final = 6
STEP_MS: Final = 30_000
"""How long a code stands, ms."""

DRIFT_STEPS: Final = 1
"""How many steps an authenticator's clock may be off, either way."""

RECOVERY_CODES: Final = 10
"""How many codes for the loss of an authenticator there are; each opens once."""

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: nothing looks like another
_GROUP_CHARS: Final = 5
_GROUPS: Final = 4  # 100 random bits: guessing needs no slowing down, the hash no salt
_READ_AS: Final = str.maketrans("OIL", "011", " -")
_CODE: Final = re.compile(rf"[0-9]{{{DIGITS}}}")


def new_secret() -> bytes:
    """The secret of a new authenticator."""
    return secrets.token_bytes(SECRET_BYTES)


def step_of(secret: bytes, code: str, now_ms: int, after: int) -> int | None:
    """The step whose code this is, later than ``after``; None when it is no code of now.

    >>> secret = b"12345678901234567890"  # RFC 6238, appendix B: 94287082 at 59 s, of 8 digits
    >>> step_of(secret, "287 082", 59_000, -1), step_of(secret, "287082", 59_000, 1)
    (1, None)
    """
    said = code.replace(" ", "")
    if not _CODE.fullmatch(said):
        return None
    totp = _totp(secret)
    now = now_ms // STEP_MS
    found = None
    for step in range(max(0, now - DRIFT_STEPS), now + DRIFT_STEPS + 1):
        right = totp.generate(step * STEP_MS // 1_000)
        if constant_time.bytes_eq(right, said.encode()) and step > after:
            found = step
    return found


def address_of(secret: bytes, person: str, centre: str) -> str:
    """What the authenticator reads: ``otpauth://totp/…``."""
    return _totp(secret).get_provisioning_uri(person, centre)


def square_of(address: str) -> str:
    """The address as a QR code (ISO/IEC 18004): an SVG that stands in a page."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, dark="#000",
        light="#fff", nl=False,
    )  # fmt: skip
    return out.getvalue().decode()


def new_recovery_codes() -> list[str]:
    """Codes for paper, each of 100 random bits."""
    return [
        "-".join(
            "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_CHARS)) for _ in range(_GROUPS)
        )
        for _ in range(RECOVERY_CODES)
    ]


def recovery_hash(person: str, code: str) -> bytes | None:
    """By what a recovery code is known again, however it is typed; None for what is none."""
    said = code.upper().translate(_READ_AS)
    if len(said) != _GROUP_CHARS * _GROUPS or not set(said) <= set(_ALPHABET):
        return None
    return sha256(f"arasha recovery {person} {said}".encode()).digest()


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, hashes.SHA1(), STEP_MS // 1_000)
