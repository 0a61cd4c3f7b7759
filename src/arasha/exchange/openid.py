"""An institution's own sign-in: OpenID Connect, authorisation code with PKCE.

In: a provider that the centre was told of, and whoever comes back from it. Out: the subject that a
signed token names, or the name of what is wrong. The token says who somebody is and nothing else:
which person that is, and what they may do, is written here (signin.py, persons.py).

    browser ──▶ provider   state, nonce, SHA-256 of a verifier
    browser ◀── provider   code, state
    centre  ──▶ provider   code, verifier, the centre's own secret
    centre  ◀── provider   ID token: signature, iss, aud, azp, exp, iat, nonce, at_hash are checked

State, nonce and verifier travel sealed in the browser's cookie (sealed.py): nobody can begin for
another, and nothing is kept here for who never comes back. OpenID Connect Core 1.0, 3.1; RFC 7636;
RFC 9207; RFC 9700.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256, sha384, sha512
from typing import Any, Final, TypeVar
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec
from cryptography.hazmat.primitives import constant_time
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from arasha.errors import UsageError

TIMEOUT_S: Final = 10.0
"""How long one answer of the provider may take, seconds."""

MAX_ANSWER_BYTES: Final = 256 << 10
"""Longest answer of the provider."""

KEPT_S: Final = 3_600.0
"""How long its addresses and keys are believed without asking again, seconds."""

KEYS_AGAIN_S: Final = 60.0
"""How often its keys are asked for at most when a token names one that is not known, seconds."""

LEEWAY_S: Final = 60
"""How far its clock may be off, seconds."""

MAX_AGE_S: Final = 600
"""How old a token may be that has just been asked for, seconds."""

MAX_SUBJECT_CHARS: Final = 255
"""Longest subject (OpenID Connect Core, 2: ``sub``)."""

_HASHES: Final = {"256": sha256, "384": sha384, "512": sha512}
_ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
)  # fmt: skip

T = TypeVar("T")


class Fault(StrEnum):
    """Why nobody comes in by this way now."""

    UNREACHABLE = "unreachable"
    DECLINED = "declined"
    NOT_ASKED = "not_asked"
    TOKEN = "token"


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to trust: what the operator wrote down. ``claim`` is what names a person there."""

    issuer: str
    client_id: str
    client_secret: str
    claim: str = "sub"
    scope: str = "openid"

    def __repr__(self) -> str:
        return f"<Provider {self.issuer}>"


class Pending(msgspec.Struct, frozen=True):
    """What a browser carries, sealed, while it is at the provider."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom the provider has signed in."""

    issuer: str
    name: str


class _Places(msgspec.Struct, frozen=True):
    """OpenID Connect Discovery 1.0, 3: what of the provider's metadata is used."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    authorization_response_iss_parameter_supported: bool = False
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class _Tokens(msgspec.Struct, frozen=True):
    id_token: str
    access_token: str | None = None


class OpenId:
    """One provider. ``now_s`` tells the time of day, ``steady_s`` one that never goes back."""

    def __init__(
        self,
        provider: Provider,
        redirect: str,
        *,
        now_s: Callable[[], float],
        steady_s: Callable[[], float],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """``redirect`` is where browsers come back to. Raises UsageError for an issuer that is
        not reached by https; ``http`` goes to this machine alone.
        """
        if not _is_safe(provider.issuer):
            raise UsageError("this issuer cannot be trusted", found=provider.issuer,
                             expected="https://…")  # fmt: skip
        self.provider, self._redirect = provider, redirect
        self._now_s, self._steady_s = now_s, steady_s
        self._client = httpx.AsyncClient(
            timeout=TIMEOUT_S, follow_redirects=False, trust_env=False,
            verify=tls or ssl.create_default_context(),
        )  # fmt: skip
        self._places: _Places | None = None
        self._places_at_s = 0.0
        self._keys: KeySet | None = None
        self._keys_at_s = 0.0

    async def close(self) -> None:
        """Let its connections go."""
        await self._client.aclose()

    async def begin(self) -> tuple[str, Pending] | Fault:
        """Where to send a browser, and what it must carry."""
        places = await self._found()
        if isinstance(places, Fault):
            return places
        pending = Pending(*(secrets.token_urlsafe(32) for _ in range(3)))
        asked = {
            "response_type": "code", "client_id": self.provider.client_id,
            "redirect_uri": self._redirect, "scope": self.provider.scope, "state": pending.state,
            "nonce": pending.nonce, "code_challenge_method": "S256",
            "code_challenge": _base64(sha256(pending.verifier.encode()).digest()),
        }  # fmt: skip
        joined = "&" if "?" in places.authorization_endpoint else "?"
        return f"{places.authorization_endpoint}{joined}{urlencode(asked)}", pending

    async def finish(self, pending: Pending, said: Mapping[str, str]) -> Subject | Fault:
        """Who came back; ``said`` is the query that they brought."""
        if not _equal(said.get("state", ""), pending.state):
            return Fault.NOT_ASKED
        if "code" not in said:
            return Fault.DECLINED
        places = await self._found()
        if isinstance(places, Fault):
            return places
        told = said.get("iss")
        wanted = places.authorization_response_iss_parameter_supported
        if (told is None and wanted) or (told is not None and told != places.issuer):
            return Fault.NOT_ASKED
        tokens = await self._redeemed(places, said["code"], pending.verifier)
        if isinstance(tokens, Fault):
            return tokens
        claims = await self._verified(places, tokens, pending.nonce)
        if isinstance(claims, Fault):
            return claims
        name = claims.get(self.provider.claim)
        if not isinstance(name, str) or not 0 < len(name) <= MAX_SUBJECT_CHARS:
            return Fault.TOKEN
        return Subject(places.issuer, name)

    async def _redeemed(self, places: _Places, code: str, verifier: str) -> _Tokens | Fault:
        """The tokens for the code."""
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self._redirect,
            "code_verifier": verifier,
        }  # fmt: skip
        ours = self.provider
        auth = None
        if "client_secret_basic" in places.token_endpoint_auth_methods_supported:
            auth = httpx.BasicAuth(_form(ours.client_id), _form(ours.client_secret))
        else:
            form |= {"client_id": ours.client_id, "client_secret": ours.client_secret}
        answer = await self._answer("POST", places.token_endpoint, data=form, auth=auth)
        return answer if isinstance(answer, Fault) else _read(answer, _Tokens)

    async def _verified(
        self, places: _Places, tokens: _Tokens, nonce: str
    ) -> dict[str, Any] | Fault:
        """The claims of an ID token that is for us, of now, and of this very asking."""
        token = await self._decoded(places, tokens.id_token)
        if token is None:
            return Fault.TOKEN
        header, claims = token.header, token.claims
        rules = jwt.JWTClaimsRegistry(
            now=int(self._now_s()), leeway=LEEWAY_S,
            iss={"essential": True, "value": places.issuer},
            aud={"essential": True, "value": self.provider.client_id},
            sub={"essential": True}, exp={"essential": True}, iat={"essential": True},
        )  # fmt: skip
        try:
            rules.validate(claims)
        except JoseError:
            return Fault.TOKEN
        audience = claims["aud"]
        several = isinstance(audience, list) and len(audience) > 1
        party = claims.get("azp", None if several else self.provider.client_id)
        access = tokens.access_token
        at_hash = claims.get("at_hash")
        right = (
            party == self.provider.client_id
            and self._now_s() - claims["iat"] <= MAX_AGE_S + LEEWAY_S
            and _equal(claims.get("nonce"), nonce)
            and (at_hash is None or _equal(at_hash, _half_hash(header["alg"], access or "")))
        )
        return claims if right else Fault.TOKEN

    async def _decoded(self, places: _Places, text: str) -> jwt.Token | None:
        """The token, if a key of the provider has signed it; one that is new is asked for once."""
        for again in (False, True):
            keys = await self._known_keys(places, again=again)
            if keys is None:
                return None
            try:
                return jwt.decode(text, keys, algorithms=_ALGORITHMS)
            except (JoseError, ValueError, TypeError, KeyError, RecursionError):
                continue
        return None

    async def _known_keys(self, places: _Places, *, again: bool) -> KeySet | None:
        age_s = self._steady_s() - self._keys_at_s
        if self._keys is not None and age_s < (KEYS_AGAIN_S if again else KEPT_S):
            return self._keys
        answer = await self._answer("GET", places.jwks_uri)
        if isinstance(answer, Fault):
            return None
        try:
            self._keys = KeySet.import_key_set(msgspec.json.decode(answer))
        except (JoseError, msgspec.DecodeError, ValueError, TypeError, KeyError, AttributeError):
            return None
        self._keys_at_s = self._steady_s()
        return self._keys

    async def _found(self) -> _Places | Fault:
        """The provider's addresses, by Discovery."""
        if self._places is not None and self._steady_s() - self._places_at_s < KEPT_S:
            return self._places
        where = self.provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
        answer = await self._answer("GET", where)
        places = answer if isinstance(answer, Fault) else _read(answer, _Places)
        if isinstance(places, Fault):
            return places
        led_to = (places.authorization_endpoint, places.token_endpoint, places.jwks_uri)
        if places.issuer != self.provider.issuer or not all(_is_safe(one) for one in led_to):
            return Fault.UNREACHABLE
        self._places, self._places_at_s = places, self._steady_s()
        return places

    async def _answer(
        self, method: str, where: str, *, data: Mapping[str, str] | None = None,
        auth: httpx.Auth | None = None,
    ) -> bytes | Fault:  # fmt: skip
        try:
            async with (
                asyncio.timeout(TIMEOUT_S),
                self._client.stream(method, where, data=data, auth=auth) as response,
            ):
                if response.status_code != httpx.codes.OK:
                    return Fault.UNREACHABLE
                found = b""
                async for piece in response.aiter_bytes():
                    found += piece
                    if len(found) > MAX_ANSWER_BYTES:
                        return Fault.UNREACHABLE
                return found
        except (httpx.HTTPError, httpx.InvalidURL, OSError):  # TimeoutError is an OSError
            return Fault.UNREACHABLE


def _read(answer: bytes, what: type[T]) -> T | Fault:
    try:
        return msgspec.json.decode(answer, type=what)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Fault.UNREACHABLE


def _is_safe(address: str) -> bool:
    """Whether it is reached by TLS, or does not leave this machine."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    here = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
    return (parts.scheme == "https" and bool(parts.hostname)) or here


def _equal(said: object, expected: str) -> bool:
    return isinstance(said, str) and constant_time.bytes_eq(
        said.encode("utf-8", "replace"), expected.encode()
    )


def _half_hash(algorithm: str, access_token: str) -> str:
    """``at_hash`` (OpenID Connect Core, 3.1.3.6)."""
    digest = _HASHES[algorithm[-3:]](access_token.encode()).digest()
    return _base64(digest[: len(digest) // 2])


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _form(text: str) -> str:
    """As RFC 6749, 2.3.1 wants an id and a secret before they are a user and a password."""
    return urlencode({"": text})[1:]
