"""Where a webhook may lead: which URLs are taken, and to which addresses we connect.

In: a URL, given by an operator; later the addresses that its name stands for at that moment. Out:
whether to go there. The centre stands inside a network that trusts it, and a name can be made to
stand for anything, so a name that leads to a private address leads nowhere, unless the operator has
named that network (``--webhook-network``). Only the URL itself may say *loopback*, in so many
words.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from arasha.errors import UsageError

MAX_URL_CHARS: Final = 1_024
"""Longest URL of a webhook."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAME: Final = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_PATH: Final = re.compile(r"[!$&'()*+,;=:@A-Za-z0-9._~/%-]*")
_PORTS: Final = {"https": 443, "http": 80}
_EXPECTED: Final = "https://NAME/PATH, or http to this machine alone, with no user, query, fragment"

_DISGUISES: Final = [
    ipaddress.ip_network(text)
    for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
]
"""Networks whose addresses carry an IPv4 address to which a gateway sends what they get."""


@dataclass(frozen=True, slots=True)
class Target:
    """A webhook's URL, taken apart; ``host`` as TLS and the header name it, without brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The header ``Host``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether the URL itself says that it leads to this machine."""
        address = _address(self.host)
        return self.host == "localhost" if address is None else address.is_loopback


def target_of(url: str) -> Target:
    """The URL taken apart. Raises UsageError for one that a webhook cannot have.

    >>> target_of("https://bank.example/arasha")
    Target(scheme='https', host='bank.example', port=443, path='/arasha')
    """
    try:
        parts = urlsplit(url)
        scheme, port, host = parts.scheme, parts.port, (parts.hostname or "").lower()
    except ValueError:
        raise _refused("another form") from None
    if len(url) > MAX_URL_CHARS or not url.isascii() or set("?#\\") & set(url):
        raise _refused("a query, a fragment, a stray character, or more than 1,024 of them")
    if scheme not in _PORTS or parts.username is not None or parts.password is not None:
        raise _refused(f"the scheme {scheme}" if scheme not in _PORTS else "a user in it")
    if not (_address(host) is not None or _NAME.fullmatch(host)) or not _PATH.fullmatch(parts.path):
        raise _refused("a host or a path that is none")
    target = Target(scheme, host, _PORTS[scheme] if port is None else port, parts.path or "/")
    if target.port == 0:
        raise _refused("port 0")
    if scheme == "http" and not target.is_loopback:
        raise _refused("http to another machine")
    return target


def may_connect(address: str, target: Target, networks: Sequence[Network]) -> bool:
    """Whether to connect to that address on the target's behalf.

    >>> bank = target_of("https://bank.example/")
    >>> [may_connect(one, bank, []) for one in ("8.8.8.8", "10.0.0.1", "127.0.0.1", "::ffff:a00:1")]
    [True, False, False, False]
    """
    found = _address(address)
    if found is None:
        return False
    if any(found in network for network in networks if network.version == found.version):
        return True
    if found.is_loopback:
        return target.is_loopback
    if any(found in network for network in _DISGUISES if network.version == found.version):
        return False
    return found.is_global and not found.is_multicast


def network_of(text: str) -> Network:
    """A network as ``--webhook-network`` names it. Raises UsageError for what is none."""
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        raise UsageError("this is no network", expected="such as 10.20.0.0/16",
                         found=f"text of {len(text)} characters") from None  # fmt: skip


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address, an IPv4 one also where it is written as IPv6; None for a name."""
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def _refused(found: str) -> UsageError:
    return UsageError("this cannot be the address of a webhook", expected=_EXPECTED, found=found)
