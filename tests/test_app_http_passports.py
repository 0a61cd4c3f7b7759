"""PASSporTs under calls: which certificates are fetched, kept, waited for; and a real service."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from arasha.app.http.passports import FAILED_S, KEPT_S, PassportCheck, fetched
from arasha.errors import InputError
from arasha.exchange.origination import Passports
from origination_samples import POLICY, classes, numbers, settings, switch, verdict
from passport_samples import (
    CALLEE,
    CALLER,
    NOW,
    NOW_S,
    URL,
    head,
    identity,
    payload,
    signed,
    signer,
)
from service_samples import now, serving

ROOT = signer("root", authority=True, ends=timedelta(days=4_000))
LEAF = signer("leaf", ROOT, ends=timedelta(days=4_000))


def good(**changes: Any) -> str:
    """A good header."""
    return identity(signed(LEAF.key, head(), payload(**changes)))


class Place:
    """Where certificates lie: it counts who comes, and answers as it is told."""

    def __init__(self, *answers: bytes | None, wait_s: float = 0.0) -> None:
        self.answers, self.wait_s, self.asked = list(answers), wait_s, 0

    async def __call__(self, _url: str) -> bytes | None:
        self.asked += 1
        await asyncio.sleep(self.wait_s)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def check(place: Place, here: bytes | None = None, *revoked: Path) -> PassportCheck:
    """A check that trusts ROOT and fetches from there."""
    certificates = {} if here is None else {URL: here}
    told = Passports(ROOT.pem, frozenset({"certificates.example"}), certificates, revoked)
    return PassportCheck(told, NOW_S, place)


async def attested(
    made: PassportCheck, header: str, now_s: float = NOW_S, within_s: float = 5.0
) -> str | None:
    """The class of a call from CALLER to CALLEE."""
    return await made.attestation(header, CALLER, CALLEE, now_s, within_s)


def run(story: Callable[[], Awaitable[None]]) -> None:
    """Run one story in a loop of its own."""

    async def whole() -> None:
        await story()

    asyncio.run(whole())


def test_a_certificate_is_fetched_once_for_all_who_wait() -> None:
    """And kept for a while; then it is fetched again."""

    async def story() -> None:
        place = Place(LEAF.pem, wait_s=0.05)
        made = check(place)
        headers = [good(origid=f"o-{turn}") for turn in range(20)]
        assert {"attest_a"} == set(
            await asyncio.gather(*[attested(made, header) for header in headers])
        )
        assert 1 == place.asked
        assert "attest_b" == await attested(made, good(attest="B", origid="b"))
        later = NOW_S + KEPT_S + 1
        assert "attest_c" == await attested(made, good(attest="C", iat=int(later)), later)
        assert 2 == place.asked

    run(story)


def test_what_cannot_be_fetched_accuses_nobody() -> None:
    """It is not tried again for a while; then it may be there."""

    async def story() -> None:
        place = Place(None, LEAF.pem)
        made = check(place)
        assert await attested(made, good()) is None
        assert await attested(made, good()) is None
        assert 1 == place.asked
        later = NOW_S + FAILED_S + 1
        assert "attest_a" == await attested(made, good(iat=int(later)), later)

    run(story)


def test_a_call_does_not_wait_for_a_slow_place() -> None:
    """The next call has the certificate."""

    async def story() -> None:
        made = check(Place(LEAF.pem, wait_s=0.2))
        assert await attested(made, good(), within_s=0.01) is None
        await asyncio.sleep(0.4)
        assert "attest_a" == await attested(made, good(), within_s=0.0)

    run(story)


def elsewhere(url: str) -> str:
    """A header that is good, but that its certificate lies there."""
    return identity(signed(LEAF.key, head(x5u=url), payload()), f";info=<{url}>")


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("nonsense", "invalid"),
        (elsewhere("http://certificates.example/a.pem"), "invalid"),
        (elsewhere("https://other.example/a.pem"), None),
        (elsewhere("https://certificates.example:8443/a.pem"), None),
        (elsewhere("https://10.0.0.1/a.pem"), None),
        (identity(signed(LEAF.key, head(ppt="div"), payload())), None),
    ],
)
def test_nothing_is_fetched_from_where_the_operator_did_not_say(
    header: str, told: str | None
) -> None:
    """A header that is none counts against the call; one of a network that we do not know does not:
    an honest caller abroad, whose network signs, is no worse off than one whose network does not.
    """

    async def story() -> None:
        place = Place(LEAF.pem)
        assert told == await attested(check(place), header)
        assert 0 == place.asked

    run(story)


def test_a_certificate_that_lies_here_is_not_fetched() -> None:
    """One of another root is refused when the operator starts, not when the first call comes."""

    async def story() -> None:
        place = Place(None)
        assert "attest_a" == await attested(check(place, here=LEAF.pem), good())
        assert 0 == place.asked
        with pytest.raises(InputError, match="roots"):
            check(place, here=signer("leaf", signer("root", authority=True)).pem)

    run(story)


def test_a_revoked_certificate_vouches_for_nothing(tmp_path: Path) -> None:
    """From the moment at which the list says so, also where the certificate was known before."""

    async def story() -> None:
        path = tmp_path / "revoked.txt"
        path.write_text("# none yet\n")
        made = check(Place(None), LEAF.pem, path)
        assert "attest_a" == await attested(made, good())
        path.write_text(f"{LEAF.certificate.serial_number:X}  # its key was stolen\n")
        assert made.revocations.look()
        assert "invalid" == await attested(made, good(origid="another"))

    run(story)


def test_what_is_fetched_must_lead_to_a_root() -> None:
    """A host that is trusted to be asked is not trusted to vouch."""

    async def story() -> None:
        assert "invalid" == await attested(check(Place(b"nothing")), good())
        stranger = signer("leaf", signer("root", authority=True))
        assert "invalid" == await attested(check(Place(stranger.pem)), good())

    run(story)


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/a.pem", "https://[::1]/a.pem", "https://10.0.0.1/a.pem",
     "https://localhost:1/a.pem"],
)  # fmt: skip
def test_no_private_network_is_gone_to(url: str) -> None:
    """Wherever a name leads: at an address of this machine or this network nothing is fetched."""

    async def story() -> None:
        assert await fetched(url) is None

    run(story)


def test_a_call_with_a_passport(tmp_path: Path) -> None:
    """What it attests stands with the call; the header itself stands nowhere. A vouched call that
    its owner is not asked about rings unmarked; a forged one counts against it.
    """
    directory, own = tmp_path / "one", tmp_path / "settings"
    own.mkdir()
    (own / "roots.pem").write_bytes(ROOT.pem)
    (own / "leaf.pem").write_bytes(LEAF.pem)
    more = f'[passports]\nroots = "roots.pem"\n[passports.certificates]\n"{URL}" = "leaf.pem"\n'
    path = settings(own, "OPERTWO", {}, more=more)
    keys = {"SWITCH": switch(directory)}
    numbers(directory, "number,operator\n+7701*,FAR\n+7702*,OPERTWO\n")
    told = {}
    with serving(directory, POLICY, "--role", "operator", "--origination", str(path),
                 keys=keys) as served:  # fmt: skip
        for name, header in (
            ("good", good(iat=int(time.time()), origid="CANARY-ORIGIN")),
            ("old", good()),
            ("none", None),
        ):
            call = {
                "fact": "call", "id": name, "happened_at": now().isoformat(),
                "caller_number": CALLER, "callee_number": CALLEE, "route": "foreign",
            }  # fmt: skip
            body = _json(call if header is None else call | {"identity": header})
            told[name] = served.request("POST", "/v1/calls", body, name="SWITCH")
        for wrong in (17, "x" * 4_097, None, ["a"]):
            body = _json(call | {"id": "wrong", "identity": wrong})
            assert 422 == served.request("POST", "/v1/calls", body, name="SWITCH").status_code
    assert "allow" == verdict(told["good"])[0]
    assert ["owner_not_heard", "passport_not_valid"] == verdict(told["old"])[1][:2]
    assert ["owner_not_heard"] == verdict(told["none"])[1][:1]
    found = classes(directory)
    assert ("not_asked", "attest_a") == found["good"]
    assert ("not_asked", "invalid") == found["old"]
    assert ("not_asked", None) == found["none"]
    for file in directory.rglob("*"):
        assert not file.is_file() or b"CANARY-ORIGIN" not in file.read_bytes()
    assert NOW < now()


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
