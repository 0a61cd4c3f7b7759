"""Where a passkey may be used, and what proves none."""

from __future__ import annotations

import pytest

from arasha.errors import UsageError
from arasha.exchange import passkeys
from arasha.exchange.passkeys import Site
from signin_samples import SITE, Authenticator


def test_a_site_is_named_by_its_address() -> None:
    """Its host is what a passkey is bound to."""
    assert ("https://centre.example:8443", "centre.example") == (
        Site.of("https://Centre.Example:8443/").origin, Site.of("https://Centre.example:8443").host
    )  # fmt: skip
    for address in ("http://centre.example", "https://x/y", "https://a@x", "ftp://x", ""):
        with pytest.raises(UsageError, match="cannot sign in"):
            Site.of(address)


def test_a_passkey_made_elsewhere_or_unseen_is_none() -> None:
    """Another origin, nobody's finger, another challenge, garbage."""
    options = passkeys.creation(SITE, "aigul", b"h" * 32, b"c" * 32, [])
    assert passkeys.made(SITE, b"c" * 32, Authenticator().create(options))
    for mine in (Authenticator("https://evil.example"), Authenticator(verifies=False)):
        assert None is passkeys.made(SITE, b"c" * 32, mine.create(options))
    assert None is passkeys.made(SITE, b"d" * 32, Authenticator().create(options))
    for answer in (b"", b"[]", b"{}", b"\xff"):
        assert None is passkeys.made(SITE, b"c" * 32, answer)
        assert None is passkeys.credential_of(answer)
