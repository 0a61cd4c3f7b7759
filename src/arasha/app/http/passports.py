"""What a PASSporT under a call comes to: one class, with the certificate fetched if it must be.

In: an Identity header, the two numbers of the call, the time. Out: a class of schema.ATTESTATIONS,
or None: nobody can say. A certificate is fetched over https from hosts that the operator has named
and nowhere else, by no redirect and no proxy, from no private network, once for all calls that wait
for it; it is kept for KEPT_S, and so is, for less, that it could not be fetched.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

import httpx

from arasha.errors import InputError
from arasha.events.records import Attestation
from arasha.exchange.addresses import may_connect, target_of
from arasha.exchange.origination import Passports
from arasha.exchange.passports import (
    Claims,
    Fault,
    Remembered,
    is_address,
    may_be_fetched,
    read_identity,
    verify,
)
from arasha.exchange.sti_certificates import Certificate, Roots
from arasha.exchange.sti_revocations import Revocations

KEPT_S: Final = 3_600.0
"""How long a certificate is kept before it is fetched again, seconds."""

FAILED_S: Final = 60.0
"""How long it is not tried again where it could not be fetched, seconds."""

FETCH_S: Final = 5.0
"""How long fetching one may take, seconds; a call does not wait for so long."""

MAX_CERTIFICATES: Final = 256
"""Certificates kept, and fetched, at once."""

MAX_BYTES: Final = 65_536
"""Longest chain of certificates."""

Fetch = Callable[[str], Awaitable[bytes | None]]

_CLASSES: Final[dict[str, Attestation]] = {"A": "attest_a", "B": "attest_b", "C": "attest_c"}
_OK: Final = 200


class _Kept(NamedTuple):
    until_s: float
    certificate: Certificate | None
    fetched: bool


class PassportCheck:
    """Checks PASSporTs. Used in the event loop."""

    def __init__(self, settings: Passports, now_s: float, fetch: Fetch | None = None) -> None:
        """Raises InputError where a certificate that lies here does not lead to a root, and for a
        list of revoked ones that is none.
        """
        self._roots, self._hosts = Roots(settings.roots), settings.hosts
        self.revocations = Revocations(settings.revoked)
        self._remembered = Remembered()
        self._pinned = dict(settings.certificates)
        self._kept: dict[str, _Kept] = {}
        self._fetching: dict[str, asyncio.Task[_Kept]] = {}
        self._fetch = fetch or fetched
        for url, pem in self._pinned.items():
            if self._roots.trusted(pem, now_s) is None:
                raise InputError("a certificate does not lead to one of the roots now",
                                 expected="a chain of P-256, valid today", found=url)  # fmt: skip

    async def attestation(
        self, identity: str, caller: str, callee: str, now_s: float, within_s: float
    ) -> Attestation | None:
        """The class of what was signed for this call; None where that cannot be told in time."""
        claims = read_identity(identity)
        if isinstance(claims, Fault):
            return None if claims is Fault.ANOTHER_KIND else "invalid"
        if claims.x5u not in self._pinned and not may_be_fetched(claims.x5u, self._hosts):
            return None if is_address(claims.x5u) else "invalid"
        certificate = await self._certificate(claims, now_s, within_s)
        if not isinstance(certificate, Certificate):
            return certificate
        if self.revocations.now.has(certificate.chain):
            return "invalid"
        fault = verify(
            claims, certificate, self._remembered, caller=caller, callee=callee, now_s=now_s
        )
        if fault is Fault.TOO_MANY:
            return None
        return _CLASSES[claims.attest] if fault is None else "invalid"

    async def _certificate(
        self, claims: Claims, now_s: float, within_s: float
    ) -> Certificate | Attestation | None:
        """The certificate under that address, or what the call comes to without one."""
        kept = self._kept.get(claims.x5u)
        if kept is None or kept.until_s < now_s:
            kept = await self._fetched(claims.x5u, now_s, within_s)
        if kept is None or not kept.fetched:
            return None
        return kept.certificate or "invalid"

    async def _fetched(self, url: str, now_s: float, within_s: float) -> _Kept | None:
        task = self._fetching.get(url)
        if task is None:
            if len(self._fetching) >= MAX_CERTIFICATES:
                return None
            task = self._fetching[url] = asyncio.create_task(self._take(url, now_s))
            task.add_done_callback(lambda _: self._fetching.pop(url, None))
        try:
            async with asyncio.timeout(max(0.0, within_s)):
                return await asyncio.shield(task)
        except TimeoutError:
            return None

    async def _take(self, url: str, now_s: float) -> _Kept:
        """Fetch it and keep it, or that it was not to be had."""
        pem = self._pinned.get(url) or await self._fetch(url)
        certificate = None if pem is None else self._roots.trusted(pem, now_s)
        until_s = now_s + (FAILED_S if certificate is None else KEPT_S)
        if certificate is not None:
            until_s = min(until_s, certificate.ends_s)
        while len(self._kept) >= MAX_CERTIFICATES:
            del self._kept[next(iter(self._kept))]
        kept = self._kept[url] = _Kept(until_s, certificate, pem is not None)
        return kept


async def fetched(url: str) -> bytes | None:
    """What lies under an address of https, at a public address; None where it is not to be had.

    The name is looked up once, and what it stands for then is where we go.
    """
    target = target_of(url)
    try:
        async with asyncio.timeout(FETCH_S):
            loop = asyncio.get_running_loop()
            found = await loop.getaddrinfo(target.host, target.port)
            allowed = [str(one[4][0]) for one in found if may_connect(str(one[4][0]), target, ())]
            if not allowed:
                return None
            host = f"[{allowed[0]}]" if ":" in allowed[0] else allowed[0]
            async with (
                httpx.AsyncClient(verify=ssl.create_default_context(), trust_env=False,
                                  follow_redirects=False, timeout=None) as client,
                client.stream("GET", f"https://{host}:{target.port}{target.path}",
                              headers={"host": target.authority, "accept-encoding": "identity"},
                              extensions={"sni_hostname": target.host}) as response,
            ):  # fmt: skip
                read = b""
                async for piece in response.aiter_raw():
                    read += piece
                    if len(read) > MAX_BYTES:
                        return None
                return read if response.status_code == _OK else None
    except (TimeoutError, OSError, httpx.HTTPError, UnicodeError):
        return None
