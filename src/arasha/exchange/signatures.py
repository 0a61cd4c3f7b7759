"""HTTP message signatures (RFC 9421) and content digests (RFC 9530): nobody changed the message.

In: a request as it came, the signer's key, the time. Out: None when the signature is good, else a
`Fault` with a name. What must be signed: the method, the path, the query when there is one, and the
content digest when there is a body; what must be said: ``created``, ``keyid``, ``nonce``::

    Content-Digest: sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:
    Signature-Input: sig=("@method" "@path" "content-digest");created=1618884473;\
keyid="6c0f…";alg="ed25519";nonce="4f2a…"
    Signature: sig=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nE…==:

Algorithms are ed25519 and hmac-sha256; the key says which. A signature is good once: its nonce is
remembered for as long as its ``created`` would still pass. Memory ends with the process, so what
was created before the process began is stale. Headers are read strictly: what is not written as
RFC 8941 serialises it is malformed.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256, sha512
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WINDOW_S: Final = 60
"""How far ``created`` may lie from our clock, seconds, either way."""

MAX_NONCES: Final = 1 << 20
"""Nonces remembered at once, about 200 bytes each; beyond them a signed request has to wait."""

MAX_NONCES_OF_KEY: Final = 1 << 19
"""The same of one key, so that one signer leaves room for the others."""

MAX_HEADER_CHARS: Final = 4_096
"""Longest Signature-Input, Signature or Content-Digest, characters."""

MAX_COMPONENTS: Final = 32
"""Most components that one signature covers."""


class Fault(StrEnum):
    """Why a request is not taken, by name."""

    UNSIGNED = "unsigned"
    MALFORMED = "malformed_signature"
    NOT_COVERED = "not_covered"
    WRONG_KEY = "wrong_key"
    WRONG_ALGORITHM = "wrong_algorithm"
    WRONG_DIGEST = "wrong_content_digest"
    STALE = "stale_signature"
    REPLAYED = "replayed_signature"
    WRONG_SIGNATURE = "wrong_signature"
    TOO_MANY = "too_many_signatures"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came: names of headers in small letters, ``query`` without question mark."""

    method: str
    scheme: str
    authority: str
    path: str
    query: str
    headers: Sequence[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """All fields of that name as RFC 9421 joins them, or None."""
        values = [value.strip(" \t") for key, value in self.headers if key == name]
        return ", ".join(values) if values else None


@dataclass(frozen=True, slots=True)
class Parameters:
    """A ``Signature-Input``, taken apart; ``text`` is the value as it stands in the header."""

    label: str
    components: tuple[str, ...]
    values: dict[str, str | int]
    text: str


@dataclass(slots=True)
class Nonces:
    """The signatures that were good, for as long as they would be again."""

    began_s: float
    _order: deque[tuple[float, str, bytes]] = field(default_factory=deque)
    _seen: set[bytes] = field(default_factory=set)
    _of_key: Counter[str] = field(default_factory=Counter)

    def take(self, key_id: str, nonce: str, until_s: float, now_s: float) -> Fault | None:
        """Remember it until then; REPLAYED when it is known, TOO_MANY when there is no room."""
        while self._order and self._order[0][0] < now_s:
            _, owner, gone = self._order.popleft()
            self._seen.discard(gone)
            self._of_key[owner] -= 1
            if not self._of_key[owner]:
                del self._of_key[owner]
        name = sha256(f"{key_id} {nonce}".encode("utf-8", "backslashreplace")).digest()[:16]
        if name in self._seen:
            return Fault.REPLAYED
        if len(self._seen) >= MAX_NONCES or self._of_key[key_id] >= MAX_NONCES_OF_KEY:
            return Fault.TOO_MANY
        self._seen.add(name)
        self._of_key[key_id] += 1
        self._order.append((until_s, key_id, name))
        return None


def verify(
    request: Request,
    key_id: str,
    key: bytes,
    nonces: Nonces,
    now_s: float,
    *,
    public: bool,
) -> Fault | None:
    """Whether the request is signed by that key, now and for the first time; None when it is.

    ``key`` is Ed25519's public key when ``public``, else the key of hmac-sha256.
    """
    read = read_parameters(request)
    if isinstance(read, Fault):
        return read
    parameters, signature = read
    algorithm = "ed25519" if public else "hmac-sha256"
    if parameters.values.get("keyid") != key_id:
        return Fault.WRONG_KEY
    if parameters.values.get("alg", algorithm) != algorithm:
        return Fault.WRONG_ALGORITHM
    if fault := _said_and_timely(request, parameters, nonces.began_s, now_s):
        return fault
    if request.body and not digest_fits(request.header("content-digest"), request.body):
        return Fault.WRONG_DIGEST
    base = signature_base(request, parameters)
    if base is None:
        return Fault.NOT_COVERED
    if not signature_fits(base, signature, key, public=public):
        return Fault.WRONG_SIGNATURE
    values = parameters.values
    return nonces.take(key_id, str(values["nonce"]), int(values["created"]) + WINDOW_S, now_s)


def signature_fits(base: bytes, signature: bytes, key: bytes, *, public: bool) -> bool:
    """Whether the signature over that base is the key's."""
    if not public:
        return hmac.compare_digest(hmac.digest(key, base, "sha256"), signature)
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, base)
    except InvalidSignature:
        return False
    return True


def read_parameters(request: Request) -> tuple[Parameters, bytes] | Fault:
    """The one signature of the request, taken apart."""
    inputs, signatures = request.header("signature-input"), request.header("signature")
    if inputs is None or signatures is None:
        return Fault.UNSIGNED
    if max(len(inputs), len(signatures)) > MAX_HEADER_CHARS:
        return Fault.MALFORMED
    entry, signed = _INPUT.fullmatch(inputs), _BINARY.fullmatch(signatures)
    if entry is None or signed is None or entry["label"] != signed["label"]:
        return Fault.MALFORMED
    components = tuple(_COMPONENT.findall(entry["components"]))
    values = _values(entry["parameters"])
    raw = _bytes_of(signed["value"])
    if values is None or raw is None or len(set(components)) != len(components):
        return Fault.MALFORMED
    if len(components) > MAX_COMPONENTS:
        return Fault.MALFORMED
    return Parameters(entry["label"], components, values, entry["value"]), raw


def signature_base(request: Request, parameters: Parameters) -> bytes | None:
    """What is signed (RFC 9421, 2.5), or None when a component is not in the request."""
    lines = []
    for name in parameters.components:
        value = _component(request, name)
        if value is None or "\n" in value:
            return None
        lines.append(f'"{name}": {value}')
    lines.append(f'"@signature-params": {parameters.text}')
    return "\n".join(lines).encode("utf-8", "backslashreplace")


def content_digest(body: bytes) -> str:
    """The header ``Content-Digest`` of a body.

    >>> content_digest(b'{"hello": "world"}')
    'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:'
    """
    return f"sha-256=:{base64.b64encode(sha256(body).digest()).decode()}:"


def digest_fits(header: str | None, body: bytes) -> bool:
    """Whether the header has a digest that we know, and each of these is the body's."""
    if header is None or len(header) > MAX_HEADER_CHARS:
        return False
    known = 0
    for member in header.split(","):
        entry = _BINARY.fullmatch(member.strip(" \t"))
        if entry is None:
            return False
        digest = _DIGESTS.get(entry["label"])
        if digest is not None:
            known += 1
            if not hmac.compare_digest(digest(body).digest(), _bytes_of(entry["value"]) or b""):
                return False
    return known > 0


def sign_parameters(
    components: Sequence[str], *, created_s: int, key_id: str, nonce: str, algorithm: str
) -> Parameters:
    """The parameters of a new signature, for whoever signs: see `signature_base`."""
    covered = " ".join(f'"{name}"' for name in components)
    text = f'({covered});created={created_s};keyid="{key_id}";alg="{algorithm}";nonce="{nonce}"'
    values: dict[str, str | int] = {
        "created": created_s, "keyid": key_id, "alg": algorithm, "nonce": nonce,
    }  # fmt: skip
    return Parameters("sig", tuple(components), values, text)


def signature_headers(parameters: Parameters, signature: bytes) -> list[tuple[str, str]]:
    """The two headers of a new signature."""
    signed = base64.b64encode(signature).decode()
    return [
        ("signature-input", f"{parameters.label}={parameters.text}"),
        ("signature", f"{parameters.label}=:{signed}:"),
    ]


_DIGESTS: Final[dict[str, Callable[[bytes], Any]]] = {"sha-256": sha256, "sha-512": sha512}
_LABEL: Final = r"[a-z*][a-z0-9_.*-]{0,63}"
_STRING: Final = r'"[ !#-\[\]-~]*"'  # no quotes, no backslashes: nothing here needs them
_PARAMETER: Final = re.compile(rf";(?P<name>[a-z][a-z0-9_-]*)=(?P<value>{_STRING}|[0-9]{{1,15}})")
_COMPONENT: Final = re.compile(r'"(@?[a-z0-9][a-z0-9_.-]*)"')
_LIST: Final = rf"(?:{_COMPONENT.pattern.replace('(', '(?:')}(?: (?!\))|(?=\))))*"
_INPUT: Final = re.compile(
    rf"(?P<label>{_LABEL})=(?P<value>\((?P<components>{_LIST})\)"
    rf"(?P<parameters>(?:;[a-z][a-z0-9_-]*=(?:{_STRING}|[0-9]{{1,15}}))*))"
)
_BINARY: Final = re.compile(rf"(?P<label>{_LABEL})=:(?P<value>[A-Za-z0-9+/]*={{0,2}}):")


def _values(text: str) -> dict[str, str | int] | None:
    values: dict[str, str | int] = {}
    for entry in _PARAMETER.finditer(text):
        name, value = entry["name"], entry["value"]
        if name in values:
            return None
        values[name] = value[1:-1] if value[0] == '"' else int(value)
    return values


def _bytes_of(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return None


def _said_and_timely(
    request: Request, parameters: Parameters, began_s: float, now_s: float
) -> Fault | None:
    """Whether all that must be signed is, and the signature is of now."""
    needed = {"@method", "@path"}
    if request.query:
        needed.add("@query")
    if request.body:
        needed.add("content-digest")
    covered = set(parameters.components)
    if "@target-uri" in covered:
        covered |= {"@path", "@query"}
    values = parameters.values
    created, nonce = values.get("created"), values.get("nonce")
    if needed - covered or not isinstance(created, int) or not isinstance(nonce, str) or not nonce:
        return Fault.NOT_COVERED
    expires = values.get("expires", created + WINDOW_S)
    if not isinstance(expires, int):
        return Fault.MALFORMED
    if abs(now_s - created) > WINDOW_S or expires < now_s or created < int(began_s):
        return Fault.STALE
    return None


def _component(request: Request, name: str) -> str | None:
    """The value of one component; None when the request has none of that name."""
    if not name.startswith("@"):
        return request.header(name)
    query = f"?{request.query}"
    target = request.path + (query if request.query else "")
    return {
        "@method": request.method,
        "@authority": request.authority.lower(),
        "@scheme": request.scheme,
        "@path": request.path or "/",
        "@query": query,
        "@request-target": target,
        "@target-uri": f"{request.scheme}://{request.authority}{target}",
    }.get(name)
