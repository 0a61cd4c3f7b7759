"""An institution's own sign-in, against a provider that is a process of its own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from arasha.errors import UsageError
from arasha.exchange.openid import KEYS_AGAIN_S, Fault, OpenId, Pending, Provider, Subject

REDIRECT = "https://centre.example/console/sign-in/openid"


@pytest.fixture(scope="module")
def issuer(root: Path) -> Iterator[str]:
    """The address of a provider."""
    process = subprocess.Popen(
        [sys.executable, str(root / "tests" / "openid_provider.py")],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.kill()
    process.wait()
    process.stdout.close()


def went(
    issuer: str,
    twist: str = "",
    change: Callable[[dict[str, str], Pending], tuple[dict[str, str], Pending]] | None = None,
    secret: str = "a secret: of ours",
    now_s: Callable[[], float] = time.time,
) -> Subject | Fault:
    """Where a browser comes to that goes to the provider and back."""

    async def go() -> Subject | Fault:
        steady = [0.0]
        provider = Provider(issuer, "arasha", secret)
        openid = OpenId(provider, REDIRECT, now_s=now_s, steady_s=lambda: steady[0])
        try:
            found = await openid.begin()
            if isinstance(found, Fault):
                return found
            url, pending = found
            if twist == "rotated":  # the keys are known, and then there is a new one
                await openid.finish(pending, back(url))
                found = await openid.begin()
                assert not isinstance(found, Fault)
                url, pending = found
                steady[0] += KEYS_AGAIN_S
            said = back(f"{url}&twist={twist}")
            if change is not None:
                said, pending = change(said, pending)
            return await openid.finish(pending, said)
        finally:
            await openid.close()

    return asyncio.run(go())


def back(url: str) -> dict[str, str]:
    """The query with which the provider sends the browser back."""
    answer = httpx.get(url, trust_env=False)
    assert answer.headers["location"].startswith(REDIRECT)
    return {k: v[0] for k, v in parse_qs(urlsplit(answer.headers["location"]).query).items()}


@pytest.mark.parametrize("twist", ["", "auds_azp", "rotated"])
def test_who_was_signed_in_there(issuer: str, twist: str) -> None:
    """The subject, and nothing else of the token: what roles it claims is not even read."""
    assert Subject(issuer, "subject-1") == went(issuer, twist)


@pytest.mark.parametrize(
    "twist",
    [
        "iss", "aud", "auds", "azp", "exp", "old", "future", "nonce", "nonce_list", "at_hash",
        "sub", "long", "exp_nan", "exp_text", "no_exp", "no_iat", "no_nonce", "no_aud", "no_sub",
        "no_iss", "stranger", "hmac", "none", "changed",
    ],
)  # fmt: skip
def test_a_token_that_is_not_ours_of_now(issuer: str, twist: str) -> None:
    """Whatever is wrong with it, nobody comes in."""
    assert Fault.TOKEN is went(issuer, twist)


@pytest.mark.parametrize("twist", ["flood", "garbage", "redirect"])
def test_an_answer_that_is_none(issuer: str, twist: str) -> None:
    """Too long, of another shape, or leading elsewhere."""
    assert Fault.UNREACHABLE is went(issuer, twist)


def test_who_comes_back_unasked(issuer: str) -> None:
    """Another's state or issuer, or none; a code that was meant for another verifier; no code."""
    assert Fault.NOT_ASKED is went(issuer, change=lambda s, p: ({**s, "state": "x"}, p))
    assert Fault.NOT_ASKED is went(issuer, change=lambda s, p: ({**s, "state": "\ud800"}, p))
    assert Fault.NOT_ASKED is went(issuer, change=lambda s, p: ({**s, "iss": "https://x"}, p))
    assert Fault.NOT_ASKED is went(
        issuer, change=lambda s, p: ({k: v for k, v in s.items() if k != "iss"}, p)
    )
    assert Fault.UNREACHABLE is went(
        issuer, change=lambda s, p: (s, Pending(p.state, p.nonce, "another"))
    )
    assert Fault.DECLINED is went(
        issuer, change=lambda s, p: ({"state": s["state"], "error": "access_denied"}, p)
    )


def test_our_own_secret_is_needed(issuer: str) -> None:
    """The provider gives no token to another."""
    assert Fault.UNREACHABLE is went(issuer, secret="another")


def test_a_clock_that_is_wrong_lets_nobody_in(issuer: str) -> None:
    """An hour ahead or behind: the token is not of now."""
    assert Fault.TOKEN is went(issuer, now_s=lambda: time.time() + 3_600)
    assert Fault.TOKEN is went(issuer, now_s=lambda: time.time() - 3_600)


def test_where_a_provider_may_lead(issuer: str) -> None:
    """Over https alone, but on this machine; to the issuer that was named."""
    assert Fault.UNREACHABLE is went(issuer + "/evil")
    assert Fault.UNREACHABLE is went(issuer + "/")
    assert Fault.UNREACHABLE is went("http://127.0.0.1:9")
    for address in ("http://id.example", "ftp://id.example", "id.example", "https://", "http://["):
        with pytest.raises(UsageError, match="cannot be trusted"):
            went(address)


def test_a_provider_shows_no_secret() -> None:
    """Not in a traceback."""
    assert "hidden" not in repr(Provider("https://id.example", "arasha", "hidden"))
