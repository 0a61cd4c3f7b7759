"""What a browser is told to refuse, and how a form proves that it is one of our own pages'.

Headers go on every answer. A form carries what a cookie carries (double submit); in the form it is
masked anew each time, so that no length of a compressed page tells it. The cookie cannot be set by
another host where TLS is spoken (``__Host-``), and no other site's page makes a browser send it
(SameSite). The framework has a check of its own; it remembers the last thousand forms by their
bytes, accounts and all, and those must not stay anywhere (law 7).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hmac import compare_digest
from http.cookies import SimpleCookie
from typing import Final

from litestar.datastructures import Cookie

from arasha.app.http.asgi import Application, Message

POLICY: Final = "; ".join([
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'",
    "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
])  # fmt: skip
"""The content security policy: nothing inline, nothing evaluated, nothing from elsewhere."""

HEADERS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"content-security-policy", POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
SECURE: Final = (b"strict-transport-security", b"max-age=31536000")
"""Where TLS is spoken: for a year, nothing else with this host."""

FIELD: Final = "form_token"
"""The field in which a form carries its token."""

HEADER: Final = "x-form-token"
"""The header in which a script's request does (htmx: ``hx-headers``)."""

TOKEN_BYTES: Final = 16
_YEAR_S: Final = 365 * 86_400
_OWN: Final = frozenset({"same-origin", "none"})


@dataclass(frozen=True, slots=True)
class Cookies:
    """How this service writes its cookies."""

    secure: bool

    def name(self, word: str) -> str:
        """A cookie's name: with TLS, one that no other host can set."""
        return f"__Host-{word}" if self.secure else word

    def passing(self, word: str, value: str) -> Cookie:
        """One that goes when the browser is closed."""
        return Cookie(
            key=self.name(word), value=value, secure=self.secure, httponly=True, samesite="lax"
        )

    def kept(self, word: str, value: str) -> Cookie:
        """One that a browser keeps for a year."""
        return replace(self.passing(word, value), max_age=_YEAR_S)

    def gone(self, word: str) -> Cookie:
        """One that the browser is to throw away."""
        return replace(self.passing(word, ""), max_age=0)

    def read(self, header: str | None) -> Mapping[str, str]:
        """The cookies of a request by their words; what cannot be read is not there."""
        if not header:
            return {}
        jar: SimpleCookie = SimpleCookie()
        try:
            jar.load(header)
        except Exception:  # noqa: BLE001 - whatever stands there, it is no cookie of ours
            return {}
        prefix = self.name("")
        return {
            name.removeprefix(prefix): morsel.value
            for name, morsel in jar.items()
            if name.startswith(prefix)
        }


def new_token() -> str:
    """A new token of 128 random bits."""
    return secrets.token_hex(TOKEN_BYTES)


def is_token(text: str | None) -> bool:
    """Whether it can be one of ours."""
    if text is None or len(text) != 2 * TOKEN_BYTES or not text.isascii():
        return False
    return all(character in "0123456789abcdef" for character in text)


def masked(token: str) -> str:
    """The token as a form carries it: another text each time."""
    mask = secrets.token_bytes(TOKEN_BYTES)
    return mask.hex() + _xor(mask, bytes.fromhex(token)).hex()


def belongs(carried: str | None, token: str | None) -> bool:
    """Whether what a form carries is the cookie's token."""
    if carried is None or token is None or not is_token(token):
        return False
    half = 2 * TOKEN_BYTES
    mask, rest = carried[:half], carried[half:]
    if not (is_token(mask) and is_token(rest)):
        return False
    return compare_digest(_xor(bytes.fromhex(mask), bytes.fromhex(rest)), bytes.fromhex(token))


def from_elsewhere(site: str | None, origin: str | None, host: str | None) -> bool:
    """Whether a browser says that another site's page sent this.

    ``site`` is Sec-Fetch-Site; older browsers tell the ``origin`` alone.
    """
    if site is not None:
        return site not in _OWN
    if origin is None or host is None:
        return False
    return origin.partition("://")[2] != host


def headers_of(*, secure: bool) -> list[tuple[bytes, bytes]]:
    """What a browser is told with each page."""
    return [*HEADERS, SECURE] if secure else list(HEADERS)


def with_headers(application: Application, *, secure: bool) -> Application:
    """The same application; every answer of it bears the headers above."""
    more = headers_of(secure=secure)

    async def answering(scope: Message, receive: object, send: object) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *more]
            await send(message)  # type: ignore[operator]  # ASGI's own

        await application(scope, receive, sending)  # type: ignore[arg-type]  # ASGI's own

    return answering


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
