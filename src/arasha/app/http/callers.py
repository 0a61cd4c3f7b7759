"""Who has no key, and how often they may ask: a bucket for each address, beside one for all.

In: a request without a key. Out: how long to wait, 0 to come in. Without the buckets of addresses
one hostile client would shut everybody out; without the one of all, many would. A bucket belongs to
an IPv4 address, or to the /64 of an IPv6 address, which is what one subscriber gets.

An address is looked at and let go. What stands for it is a hash under a key that this process drew
and tells nobody, and it stands no longer than its bucket. Behind reverse proxies the socket's
address is a proxy's: ``trusted_proxies`` says how many of them each request passes, and each of
those puts the address that it saw at the right end of X-Forwarded-For:

    X-Forwarded-For: 198.51.100.9, 203.0.113.5, 10.0.0.1      socket: 10.0.0.2
                     what the client  the client   proxy 1            proxy 2
                     made up          with 2 proxies
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, NamedTuple

from arasha.app.http.connection import Request
from arasha.app.http.heads import Header
from arasha.exchange.limits import Bucket

MAX_ADDRESSES: Final = 20_000
"""Addresses with a bucket, for each kind of asking; beyond it the one not heard of for longest is
let go.
"""

IPV6_PREFIX_BITS: Final = 64
"""How much of an IPv6 address names a subscriber, bits."""

_FORWARDED: Final = b"x-forwarded-for"
_UNKNOWN: Final = b""


class Rate(NamedTuple):
    """Requests a second in the long run, and how many at once."""

    per_s: float
    burst: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """How often one address may ask, and all together."""

    each: Rate
    together: Rate


class Callers:
    """The buckets of those who have no key, for each kind of asking."""

    def __init__(self, kinds: Mapping[str, Bounds], trusted_proxies: int = 0) -> None:
        self._kinds = dict(kinds)
        self._trusted_proxies = trusted_proxies
        self._key = secrets.token_bytes(32)
        self._together = {
            kind: Bucket(float(bounds.together.burst), 0.0) for kind, bounds in kinds.items()
        }
        self._each: dict[str, dict[bytes, Bucket]] = {kind: {} for kind in kinds}

    def wait_s(self, kind: str, request: Request, now_s: float) -> float:
        """0.0 where the request may come in (it is then counted), or seconds until it may.

        Who is sent away is not counted, neither alone nor among all: the others do not pay for it.
        """
        bounds, together = self._kinds[kind], self._together[kind]
        subscriber = subscriber_of(
            request.connection.peer, request.head.headers, self._trusted_proxies
        )
        own = self._bucket(kind, subscriber, now_s)
        own.fill(*bounds.each, now_s)
        together.fill(*bounds.together, now_s)
        wait_s = max(own.wait_s(1, bounds.each.per_s), together.wait_s(1, bounds.together.per_s))
        if wait_s <= 0:
            own.marks -= 1
            together.marks -= 1
        return wait_s

    def name_of(self, request: Request) -> str:
        """What stands for the address of a request: another name in each process."""
        subscriber = subscriber_of(
            request.connection.peer, request.head.headers, self._trusted_proxies
        )
        return blake2b(subscriber, key=self._key, digest_size=16).hexdigest()

    def _bucket(self, kind: str, subscriber: bytes, now_s: float) -> Bucket:
        """The bucket of a subscriber, which is from now on the last one heard of."""
        name = blake2b(subscriber, key=self._key, digest_size=16).digest()
        buckets = self._each[kind]
        bucket = buckets.pop(name, None)
        if bucket is None:
            bucket = Bucket(float(self._kinds[kind].each.burst), now_s)
            if len(buckets) >= MAX_ADDRESSES:
                del buckets[next(iter(buckets))]
        buckets[name] = bucket
        return bucket


def subscriber_of(peer: str, headers: Sequence[Header], trusted_proxies: int) -> bytes:
    """The part of the client's address that names a subscriber; one for all whose address nobody
    knows. ``peer`` is the socket's.

    >>> said = [(b"x-forwarded-for", b"198.51.100.9, 203.0.113.5"), (b"x-forwarded-for", b"::1")]
    >>> list(subscriber_of("10.0.0.2", said, 2))
    [203, 0, 113, 5]
    >>> list(subscriber_of("10.0.0.2", said, 0))
    [10, 0, 0, 2]
    """
    address = _read(peer)
    if trusted_proxies:
        seen = [
            one
            for name, value in headers
            if name == _FORWARDED
            for one in value.decode("latin-1").split(",")
        ]
        if len(seen) >= trusted_proxies:  # else it did not come through them: it is the socket's
            address = _read(seen[-trusted_proxies].strip()) or address
    if address is None:
        return _UNKNOWN
    if isinstance(address, IPv4Address):
        return address.packed
    return address.packed[: IPV6_PREFIX_BITS // 8]


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """An address as proxies and sockets write it, with or without a port and a zone."""
    host = text
    if text.startswith("["):
        host = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        host = text.partition(":")[0]
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
