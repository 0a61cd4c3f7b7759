"""Three-legged tokens: the network has found who is at the bank's app, and the bank verifies it."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from arasha.app.commands_serve import clock
from arasha.engine.again import stretches
from arasha.events.records import SimChanged
from arasha.events.schema import SIGNAL_CLASSES, SIGNALS
from arasha.exchange.participants import Participants
from arasha.log.log import Log
from service_samples import Served, now, participant, serving

POLICY = Path(__file__).resolve().parents[1] / "policies" / "calls.toml"
NUMBER, OTHER = "+77050000001", "+77050000002"
VERIFY = "/number-verification/v2/verify"
PAYMENTS = count(1)
SHARE = "/number-verification/v2/device-phone-number"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An operator with its authorisation server, a bank, and one that has to sign."""
    directory = tmp_path_factory.mktemp("verified") / "operator"
    keys = {
        "GATEWAY": participant(directory, "GATEWAY", "operator", may_read=("access_tokens",)),
        "SWITCH": participant(directory, "SWITCH", "operator"),
        "BANKKZKA": participant(directory, "BANKKZKA", may_read=("signals",)),
        "SHUTBANK": participant(directory, "SHUTBANK"),
        "LEAVING": participant(directory, "LEAVING", may_read=("signals",)),
        "CHANGING": participant(directory, "CHANGING", may_read=("signals",)),
        "SIGNBANK": participant(directory, "SIGNBANK", may_read=("signals",), signing="required"),
    }
    with serving(directory, POLICY, "--role", "operator", keys=keys) as service:
        with service.client("GATEWAY") as gateway:
            list(gateway.send([
                SimChanged(id="s", happened_at=now(), number=NUMBER, change="swapped")
            ]))  # fmt: skip
        yield service
        assert 0 == service.stop()


def issued(served: Served, bank: str = "BANKKZKA", number: str = NUMBER,
           name: str = "GATEWAY") -> httpx.Response:  # fmt: skip
    """A token for that bank, as the authorisation server asks for it."""
    body = json.dumps({"bank": bank, "number": number}).encode()
    return served.request("POST", "/v1/access-tokens", body, name=name)


def asked(
    served: Served, path: str, body: dict[str, Any] | None, token: str, method: str = "POST"
) -> tuple[int, dict[str, Any]]:
    """Status and answer to a request with that access token."""
    correlator = f"p-{next(PAYMENTS)}"
    response = httpx.request(
        method, served.address + path, json=body,
        headers={"authorization": f"Bearer {token}", "x-correlator": correlator},
    )  # fmt: skip
    assert correlator == response.headers["x-correlator"]
    return response.status_code, response.json()


def token(served: Served) -> str:
    """A token that names NUMBER."""
    told = issued(served).json()
    assert ("Bearer", 300) == (told["token_type"], told["expires_in"])
    return str(told["access_token"])


def test_a_number_is_verified_once_a_token(served: Served) -> None:
    """Plain or hashed; the token is then spent, whatever came out."""
    digest = hashlib.sha256(NUMBER.encode()).hexdigest()
    before = verified(served)
    for body, same in (
        ({"phoneNumber": NUMBER}, True), ({"phoneNumber": OTHER}, False),
        ({"hashedPhoneNumber": digest}, True), ({"hashedPhoneNumber": digest.upper()}, True),
        ({"hashedPhoneNumber": "0" * 64}, False),
    ):  # fmt: skip
        one = token(served)
        assert (200, {"devicePhoneNumberVerified": same}) == asked(served, VERIFY, body, one)
        status, told = asked(served, VERIFY, body, one)
        assert (401, "UNAUTHENTICATED") == (status, told["code"])
    added = ["number_matches", "number_differs", "number_matches", "number_matches",
             "number_differs"]  # fmt: skip
    assert before + added == verified(served)


def verified(served: Served) -> list[str]:
    """What the log has of verifications."""
    with Log.open(served.directory, writable=False) as log:
        return [
            SIGNAL_CLASSES[int(answer)]
            for some, _, _ in stretches(log, log.size)
            for signal, answer in zip(some.number("signal"), some.number("answer"), strict=True)
            if signal == SIGNALS.index("number_verification")
        ]


@pytest.mark.parametrize(
    "body",
    [{}, {"phoneNumber": NUMBER, "hashedPhoneNumber": "0" * 64}, {"phoneNumber": "8705"},
     {"hashedPhoneNumber": "0" * 63}, {"hashedPhoneNumber": "0" * 64 + "\n"}, {"number": NUMBER}],
)  # fmt: skip
def test_what_is_not_as_documented_is_refused(served: Served, body: dict[str, Any]) -> None:
    """And the token stays for a better try."""
    one = token(served)
    status, told = asked(served, VERIFY, body, one)
    assert (400, "INVALID_ARGUMENT") == (status, told["code"])
    assert 200 == asked(served, VERIFY, {"phoneNumber": NUMBER}, one)[0]


def test_without_the_network_nothing_is_verified(served: Served) -> None:
    """A bank's own key names nobody."""
    status, told = asked(served, VERIFY, {"phoneNumber": NUMBER}, served.keys["BANKKZKA"])
    code = "NUMBER_VERIFICATION.USER_NOT_AUTHENTICATED_BY_MOBILE_NETWORK"
    assert (403, code) == (status, told["code"])


def test_a_number_is_never_told(served: Served) -> None:
    """The scope for it is nobody's."""
    for one in (token(served), served.keys["BANKKZKA"]):
        status, told = asked(served, SHARE, None, one, "GET")
        assert (403, "PERMISSION_DENIED") == (status, told["code"])
        assert NUMBER not in str(told)


def test_a_token_stands_for_the_number_elsewhere(served: Served) -> None:
    """Given beside it, a number is one too many; the token may be used again until it ends."""
    one = token(served)
    for _ in range(2):
        assert (200, {"swapped": True}) == asked(served, "/sim-swap/v2/check", {"maxAge": 4}, one)
    status, told = asked(served, "/sim-swap/v2/check", {"phoneNumber": NUMBER}, one)
    assert (422, "UNNECESSARY_IDENTIFIER") == (status, told["code"])
    refused = served.request("POST", "/v1/calls", b"{}", name=None,
                             headers={"authorization": f"Bearer {one}"})  # fmt: skip
    assert 401 == refused.status_code


def test_who_may_issue_tokens_for_whom(served: Served) -> None:
    """The operator, for banks that connect here; the right to ask is looked at when they do."""
    for name in ("BANKKZKA", "SWITCH"):
        assert 403 == issued(served, name=name).status_code
    for bank in ("NOSUCHBK", "GATEWAY", "SIGNBANK", "a b"):
        assert 422 == issued(served, bank).status_code
    assert 422 == issued(served, number="8705").status_code
    one = issued(served, "SHUTBANK").json()["access_token"]
    status, told = asked(served, VERIFY, {"phoneNumber": NUMBER}, one)
    assert (403, "PERMISSION_DENIED") == (status, told["code"])


def test_a_token_ends_with_its_banks_rights(served: Served) -> None:
    """A key that is revoked takes the tokens with it, and so does having to sign from now on: who
    holds a token signs nothing.
    """
    one, other = (issued(served, bank).json()["access_token"] for bank in ("LEAVING", "CHANGING"))
    for bearer in (one, other):
        assert 200 == asked(served, "/sim-swap/v2/check", {"maxAge": 4}, bearer)[0]
    participants = Participants.open(served.directory, lambda: clock().wall_ms)
    try:
        participants.revoke(served.keys["LEAVING"].partition(".")[0], by="tests")
        participants.change("CHANGING", by="tests", signing="required")
    finally:
        participants.close()
    until = time.monotonic() + 60
    for bearer in (one, other):
        while (found := asked(served, "/sim-swap/v2/check", {"maxAge": 4}, bearer))[0] == 200:
            assert time.monotonic() < until
            time.sleep(0.2)
        assert (401, "UNAUTHENTICATED") == (found[0], found[1]["code"])
    assert 422 == issued(served, "LEAVING").status_code


def test_nobody_on_the_way_keeps_a_token_or_an_answer(served: Served) -> None:
    """Answers about persons, refusals among them, are not to be stored (RFC 9111, 5.2.2.5)."""
    told = issued(served)
    one = told.json()["access_token"]
    for response in (
        told,
        httpx.post(served.address + "/sim-swap/v2/check", json={},
                   headers={"authorization": f"Bearer {one}"}),
        httpx.get(served.address + SHARE, headers={"authorization": f"Bearer {one}"}),
        httpx.get(served.address + SHARE),
    ):  # fmt: skip
        assert "no-store" == response.headers["cache-control"]
