"""PASSporTs: does a network that we trust vouch for the number that a call shows? STIR/SHAKEN.

In: the Identity header of a call (RFC 8224), its two numbers, the certificate under ``x5u``, the
time. Out: the attestation that was signed (RFC 8588: A the caller is known and may use the number,
B the caller is known, C it came through a gateway), or the `Fault` that was found::

    eyJhbGciOiJFUzI1NiIsInBwdCI6InNoYWtlbiIs….eyJhdHRlc3QiOiJBIiwi….cG9J…;\
info=<https://certificates.example/operone.pem>;alg=ES256;ppt="shaken"

ES256 is the one algorithm, whatever the token says (RFC 8225, section 5); the compact form, which
leaves the claims out, is not one of shaken. Of a call nothing is kept.
"""

from __future__ import annotations

import base64
import re
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Final, Literal, NamedTuple

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from arasha.errors import UsageError
from arasha.exchange.addresses import Target, target_of
from arasha.exchange.sti_certificates import Certificate

FRESH_S: Final = 60
"""How far ``iat`` may lie from our clock, seconds, either way (RFC 8224, section 4.1)."""

MAX_REMEMBERED: Final = 1 << 18
"""PASSporTs remembered at once; beyond them none counts for or against a call."""

_COMPACT: Final = 3
_LATEST_S: Final = 1 << 40  # of "iat": no integer that our clock cannot be compared with
_MAX_CHARS: Final = 4_096
_PARAMETER: Final = re.compile(
    r";[ \t]*([a-z0-9]+)[ \t]*=[ \t]*"
    r'(<[^<>"\\;]{1,1024}>|"[^"\\]{1,64}"|[A-Za-z0-9_.-]{1,64})[ \t]*'
)
_ES256: Final = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)  # "ppt" is ours
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]+")
_HTTPS: Final = 443
_DIGITS: Final = re.compile(r"[1-9][0-9]{1,14}")


class Fault(StrEnum):
    """Why a PASSporT does not count, by name."""

    MALFORMED = "malformed"
    ANOTHER_KIND = "another_kind"  # a PASSporT, but none of "shaken": of a forwarded call, say
    WRONG_KIND = "wrong_kind"  # another algorithm than ES256, or other words around it than in it
    WRONG_ADDRESS = "wrong_address"  # info and x5u differ, or lead nowhere that we may go
    NOT_TRUSTED = "not_trusted"  # the certificate: its chain, its time, its key
    NOT_ITS_NUMBER = "not_its_number"  # the certificate is for other numbers
    WRONG_SIGNATURE = "wrong_signature"
    STALE = "stale"
    WRONG_CALLER = "wrong_caller"
    WRONG_CALLEE = "wrong_callee"
    REPLAYED = "replayed"
    TOO_MANY = "too_many"


class Claims(NamedTuple):
    """What a PASSporT says; nothing of it is proven yet."""

    token: str
    x5u: str
    attest: Literal["A", "B", "C"]
    caller: str
    callees: tuple[str, ...]
    iat: int


class _Header(msgspec.Struct, frozen=True):
    alg: str
    typ: str
    ppt: str
    x5u: str
    crit: object = None


class _Orig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tn: str


class _Dest(msgspec.Struct, frozen=True):
    tn: tuple[str, ...] = ()


class _Payload(msgspec.Struct, frozen=True):
    attest: Literal["A", "B", "C"]
    dest: _Dest
    iat: Annotated[int, msgspec.Meta(ge=0, le=_LATEST_S)]
    orig: _Orig
    origid: str


@dataclass(slots=True)
class Remembered:
    """The PASSporTs that were good, for as long as they would be again."""

    _order: deque[tuple[float, bytes]] = field(default_factory=deque)
    _seen: set[bytes] = field(default_factory=set)

    def take(self, claims: Claims, now_s: float) -> Fault | None:
        """Remember it; REPLAYED when it is known, TOO_MANY when there is no room. What is signed
        counts, not the signature: of one there are two that fit (s and n - s).
        """
        while self._order and self._order[0][0] < now_s:
            self._seen.discard(self._order.popleft()[1])
        name = sha256(claims.token.rpartition(".")[0].encode()).digest()[:16]
        if name in self._seen:
            return Fault.REPLAYED
        if len(self._seen) >= MAX_REMEMBERED:
            return Fault.TOO_MANY
        self._seen.add(name)
        self._order.append((now_s + 2 * FRESH_S, name))
        return None


def read_identity(header: str) -> Claims | Fault:
    """What an Identity header says, if it is a PASSporT of shaken in its full form."""
    if len(header) > _MAX_CHARS or not header.isascii():
        return Fault.MALFORMED
    token, semicolon, rest = header.strip(" \t").partition(";")
    parameters = _parameters(semicolon + rest)
    parts = token.split(".")
    if parameters is None or len(parts) != _COMPACT or not all(parts):
        return Fault.MALFORMED
    try:
        head = msgspec.json.decode(_plain(parts[0]), type=_Header)
        if (head.alg, head.typ) == ("ES256", "passport") and head.ppt != "shaken":
            return Fault.ANOTHER_KIND
        said = msgspec.json.decode(_plain(parts[1]), type=_Payload)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return Fault.MALFORMED
    algorithm, kind = parameters.get("alg", "ES256"), parameters.get("ppt", "shaken")
    if (head.alg, head.typ) != ("ES256", "passport") or head.crit is not None:
        return Fault.WRONG_KIND
    if (algorithm, kind) != ("ES256", "shaken"):
        return Fault.WRONG_KIND
    if parameters.get("info") != head.x5u:
        return Fault.WRONG_ADDRESS
    if not said.dest.tn or not all(map(_DIGITS.fullmatch, (said.orig.tn, *said.dest.tn))):
        return Fault.MALFORMED
    return Claims(token, head.x5u, said.attest, "+" + said.orig.tn,
                  tuple("+" + one for one in said.dest.tn), said.iat)  # fmt: skip


def may_be_fetched(url: str, hosts: frozenset[str]) -> bool:
    """Whether a certificate may come from there: https, on its usual port, of a host allowed."""
    target = _https(url)
    return target is not None and target.port == _HTTPS and target.host in hosts


def is_address(url: str) -> bool:
    """Whether a certificate can lie there at all, for somebody: it is one of https. What networks
    that we do not know have signed says nothing to us, and nothing against the call.
    """
    return _https(url) is not None


def _https(url: str) -> Target | None:
    try:
        target = target_of(url)
    except UsageError:
        return None
    return target if target.scheme == "https" else None


def verify(
    claims: Claims, certificate: Certificate, remembered: Remembered, *, caller: str, callee: str,
    now_s: float,
) -> Fault | None:  # fmt: skip
    """None when the certificate's owner signed this for this call, now and for the first time.

    ``caller`` and ``callee`` are those of the call, in E.164 with their plus.
    """
    if abs(claims.iat - now_s) > FRESH_S:
        return Fault.STALE
    if claims.caller != caller:
        return Fault.WRONG_CALLER
    if callee not in claims.callees:
        return Fault.WRONG_CALLEE
    if not certificate.speaks_for(claims.caller):
        return Fault.NOT_ITS_NUMBER
    if not signed_by(claims.token, certificate.key):
        return Fault.WRONG_SIGNATURE
    return remembered.take(claims, now_s)


def signed_by(token: str, key: ECKey) -> bool:
    """Whether that key made the token's signature, by ES256 and nothing else."""
    try:
        jws.deserialize_compact(token, key, registry=_ES256)
    except (JoseError, ValueError, RecursionError):
        return False
    return True


def _parameters(text: str) -> dict[str, str] | None:
    """The parameters of a header, without what encloses their values; each stands there once."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        one = _PARAMETER.match(text, at)
        if one is None or one[1] in found:
            return None
        found[one[1]] = one[2].strip('<>"')
        at = one.end()
    return found


def _plain(text: str) -> bytes:
    """Base64url without padding, as RFC 7515 writes it. Raises ValueError."""
    if not _BASE64URL.fullmatch(text):
        raise ValueError("no base64url")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
