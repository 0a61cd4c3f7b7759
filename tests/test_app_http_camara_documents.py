"""A client written from CAMARA's published documents alone, against an operator's service.

It is plain httpx and knows paths, fields, codes and the correlator as the documents have them
(github.com/camaraproject: SimSwap r3, DeviceSwap r3, CallForwardingSignal r3, NumberRecycling r2.2,
Tenure, VerifiedCaller), written down here as facts: the documents themselves could not be had whole
at their release tags. Only the operator's side, what happened to the numbers, is told in our words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from arasha.events.records import CallerRegistered, CallMade, ForwardingChanged, Record, SimChanged
from service_samples import Served, now, participant, serving

POLICY = Path(__file__).resolve().parents[1] / "policies" / "calls.toml"

SWAPPED, OLD, QUIET, GONE, STRANGER = (f"+7705000010{turn}" for turn in range(5))
FORWARDED, BUSY, RECYCLED, PORTED, DESK = (f"+7705000020{turn}" for turn in range(5))

SIM, DEVICE = "/sim-swap/v2", "/device-swap/v1"
FORWARDING = "/call-forwarding-signal/v0.4"
RECYCLING, TENURE = "/number-recycling/v0.2/check", "/kyc-tenure/v0.2/check-tenure"
ANNOUNCE = "/verified-caller/v0.1/pre-announce"
OF_NUMBERS = (
    f"{SIM}/check", f"{SIM}/retrieve-date", f"{DEVICE}/check", f"{DEVICE}/retrieve-date",
    f"{FORWARDING}/call-forwardings", f"{FORWARDING}/unconditional-call-forwardings",
    RECYCLING, TENURE,
)  # fmt: skip
CODES = {
    400: {"INVALID_ARGUMENT", "OUT_OF_RANGE"},
    401: {"UNAUTHENTICATED"},
    403: {"PERMISSION_DENIED"},
    404: {"NOT_FOUND", "IDENTIFIER_NOT_FOUND"},
    405: {"METHOD_NOT_ALLOWED"},
    415: {"UNSUPPORTED_MEDIA_TYPE"},
    422: {"SERVICE_NOT_APPLICABLE", "MISSING_IDENTIFIER", "UNNECESSARY_IDENTIFIER"},
    429: {"QUOTA_EXCEEDED", "TOO_MANY_REQUESTS"},
}
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


class Consumer:
    """An API consumer with a two-legged access token."""

    def __init__(self, root: str, token: str) -> None:
        self._root, self._headers = root, {"authorization": f"Bearer {token}"}
        self.requests = 0

    def post(self, path: str, body: dict[str, Any], correlator: str | None = "") -> httpx.Response:
        """One request with a correlator of its own; the answer is held against the documents."""
        self.requests += 1
        given = f"b4333c46-49c0-4f62-80d7-{self.requests:012}" if correlator == "" else correlator
        headers = {} if given is None else {"x-correlator": given}
        response = httpx.post(self._root + path, json=body, headers=self._headers | headers)
        if given is not None:
            assert given == response.headers["x-correlator"]
        assert "application/json" == response.headers["content-type"]
        assert "no-store" == response.headers["cache-control"]
        if response.status_code >= 400:
            told = response.json()
            assert {"status", "code", "message"} == set(told)
            assert response.status_code == told["status"]
            assert told["code"] in CODES[response.status_code]
            assert told["message"]
        return response

    def told(self, path: str, number: str, **fields: Any) -> Any:
        """What is told of a number."""
        response = self.post(path, {"phoneNumber": number} | fields)
        assert 200 == response.status_code, response.text
        return response.json()

    def refused(self, path: str, body: dict[str, Any]) -> tuple[int, str]:
        """Status and code of a refusal."""
        response = self.post(path, body)
        return response.status_code, response.json()["code"]


def happened() -> Iterator[Record]:
    """What the operator tells of its numbers."""
    at, old = now(), now() - timedelta(days=400)
    for turn, (number, change, when) in enumerate([
        (SWAPPED, "activated", old), (SWAPPED, "swapped", at - timedelta(hours=3)),
        (SWAPPED, "device_changed", at - timedelta(days=3)), (OLD, "activated", old),
        (GONE, "activated", old), (GONE, "deactivated", at), (FORWARDED, "activated", old),
        (BUSY, "activated", old), (RECYCLED, "activated", at - timedelta(days=5)),
        (PORTED, "ported_in", at - timedelta(days=5)),
    ]):  # fmt: skip
        yield SimChanged(
            id=f"s-{turn}", happened_at=when, number=number,
            change=change,  # type: ignore[arg-type]  # one of its words
        )  # fmt: skip
    for number, forwarding in (
        (FORWARDED, "unconditional"), (FORWARDED, "conditional_busy"), (BUSY, "conditional_busy"),
    ):  # fmt: skip
        yield ForwardingChanged(
            id=f"f-{number}-{forwarding}", happened_at=at, number=number, change="set",
            forwarding=forwarding,  # type: ignore[arg-type]  # a literal
        )  # fmt: skip
    yield CallMade(id="c-1", happened_at=at, caller_number=QUIET, callee_number=OLD, device="imei")
    yield CallMade(id="c-2", happened_at=at, caller_number=STRANGER, callee_number=OLD)
    yield CallerRegistered(id="r", happened_at=at, number=DESK, change="registered",
                           bank="BANKKZKA")  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An operator that has told what happened, two banks, and one that may not ask."""
    directory = tmp_path_factory.mktemp("camara") / "operator"
    sends = ("call", "sim_change", "forwarding_change", "registration")
    keys = {
        "SWITCH": participant(directory, "SWITCH", "operator", may_send=sends),
        "BANKKZKA": participant(directory, "BANKKZKA", may_read=("signals",)),
        "OTHERBNK": participant(directory, "OTHERBNK", may_read=("signals",)),
        "SHUTBANK": participant(directory, "SHUTBANK"),
    }
    with serving(directory, POLICY, "--role", "operator", keys=keys) as service:
        with service.client("SWITCH") as switch:
            list(switch.send(happened()))
        yield service
        assert 0 == service.stop()


@pytest.fixture
def bank(served: Served) -> Consumer:
    """A bank that may ask."""
    return Consumer(served.address, served.keys["BANKKZKA"])


def day(days: int) -> str:
    """A day so long ago, by the operator's clock."""
    return (now() + timedelta(hours=5) - timedelta(days=days)).strftime("%Y-%m-%d")


def test_a_swap_is_told_within_the_period_that_is_asked_for(bank: Consumer) -> None:
    """Default 240 hours; of the SIM, and of the device."""
    assert {"swapped": True} == bank.told(f"{SIM}/check", SWAPPED)
    assert {"swapped": True} == bank.told(f"{SIM}/check", SWAPPED, maxAge=4)
    assert {"swapped": False} == bank.told(f"{SIM}/check", SWAPPED, maxAge=2)
    assert {"swapped": False} == bank.told(f"{SIM}/check", OLD)
    assert {"swapped": False} == bank.told(f"{DEVICE}/check", SWAPPED, maxAge=24)
    assert {"swapped": True} == bank.told(f"{DEVICE}/check", SWAPPED, maxAge=120)


def test_a_date_is_told_by_its_day(bank: Consumer) -> None:
    """A time stamp with its zone, and no nearer; null where none falls within what is monitored."""
    for path, field, since in (
        (SIM, "latestSimChange", timedelta(hours=3)), (DEVICE, "latestDeviceChange", timedelta(3)),
    ):  # fmt: skip
        told = bank.told(f"{path}/retrieve-date", SWAPPED)
        assert DATE_TIME.fullmatch(told[field])
        assert told == {field: (now() - since).strftime("%Y-%m-%dT00:00:00Z")}
        assert {field: None, "monitoredPeriod": 28} == bank.told(f"{path}/retrieve-date", OLD)


def test_forwardings_are_told(bank: Consumer) -> None:
    """All of them, or whether all calls are forwarded."""
    every, always = (
        f"{FORWARDING}/call-forwardings", f"{FORWARDING}/unconditional-call-forwardings",
    )  # fmt: skip
    for number, active, told in (
        (FORWARDED, True, ["unconditional", "conditional_busy"]),
        (BUSY, False, ["conditional_busy"]),
        (OLD, False, ["inactive"]),
    ):
        assert {"active": active} == bank.told(always, number)
        assert told == bank.told(every, number)


def test_a_new_holder_is_told(bank: Consumer) -> None:
    """Since a day before the subscription began, not on that day; a ported number keeps its own."""
    for number, days, changed in (
        (RECYCLED, 20, True), (RECYCLED, 5, False), (RECYCLED, 4, False), (OLD, 390, False),
        (OLD, 410, True),
    ):  # fmt: skip
        told = bank.told(RECYCLING, number, specifiedDate=day(days))
        assert {"phoneNumberRecycled": changed} == told


def test_tenure_is_told(bank: Consumer) -> None:
    """Of a customer who came with the number, too."""
    for number, days, since in (
        (RECYCLED, 20, False), (RECYCLED, 5, True), (PORTED, 6, False), (PORTED, 4, True),
        (OLD, 390, True),
    ):  # fmt: skip
        told = bank.told(TENURE, number, tenureDate=day(days))
        assert {"tenureDateCheck": since} == told


@pytest.mark.parametrize("path", OF_NUMBERS)
def test_a_number_that_is_not_served_here_is_not_found(bank: Consumer, path: str) -> None:
    """Nobody's, one that was given back, another operator's that has called a customer."""
    fields = {"specifiedDate": day(1)} if path == RECYCLING else {}
    fields |= {"tenureDate": day(1)} if path == TENURE else {}
    for number in ("+77059999999", GONE, STRANGER):
        assert (404, "IDENTIFIER_NOT_FOUND") == bank.refused(path, {"phoneNumber": number} | fields)
    assert (422, "MISSING_IDENTIFIER") == bank.refused(path, fields)
    for wrong in ("77050000100", "+0705", "+7705", "+77050000100\n", 5, None):
        refused = bank.refused(path, {"phoneNumber": wrong} | fields)
        assert (400, "INVALID_ARGUMENT") == refused
    assert (400, "INVALID_ARGUMENT") == bank.refused(path, {"number": OLD})


def test_what_is_not_monitored_is_out_of_range(bank: Consumer) -> None:
    """Longer than documents, or the operator, or its log allow; days to come."""
    for path in (f"{SIM}/check", f"{DEVICE}/check"):
        for hours in (100_000, 2_400, 673, 0, -1):
            refused = bank.refused(path, {"phoneNumber": SWAPPED, "maxAge": hours})
            assert (400, "OUT_OF_RANGE") == refused
        for no_hours in ("24", 1.5, None):
            refused = bank.refused(path, {"phoneNumber": SWAPPED, "maxAge": no_hours})
            assert (400, "INVALID_ARGUMENT") == refused
        assert (400, "OUT_OF_RANGE") == bank.refused(path, {"phoneNumber": QUIET})
    for path, field in ((RECYCLING, "specifiedDate"), (TENURE, "tenureDate")):
        for days, code in ((-1, "OUT_OF_RANGE"), (20, "OUT_OF_RANGE")):
            assert (400, code) == bank.refused(path, {"phoneNumber": QUIET, field: day(days)})
        for wrong in ("2026-13-01", "01.11.2026", "2026-11-01T00:00:00Z", 1, None):
            refused = bank.refused(path, {"phoneNumber": QUIET, field: wrong})
            assert (400, "INVALID_ARGUMENT") == refused


@pytest.mark.parametrize("path", [*OF_NUMBERS, ANNOUNCE])
def test_who_may_not_ask_is_told_so(served: Served, path: str) -> None:
    """Without a token, with a wrong one, without the right; with another method or type."""
    body = {"phoneNumber": OLD}
    for name, status in (("SHUTBANK", 403), ("SWITCH", 403)):
        refused = Consumer(served.address, served.keys[name]).post(path, body)
        assert status == refused.status_code
    assert 401 == Consumer(served.address, "x.y").post(path, body).status_code
    bare = httpx.post(served.address + path, json=body, headers={"x-correlator": "c-1"})
    assert (401, "UNAUTHENTICATED") == (bare.status_code, bare.json()["code"])
    assert ("c-1", "Bearer") == (bare.headers["x-correlator"], bare.headers["www-authenticate"])
    got = served.request("GET", path)
    assert (405, "METHOD_NOT_ALLOWED") == (got.status_code, got.json()["code"])
    typed = served.request("POST", path, b"{}", headers={"content-type": "text/plain"})
    assert (415, "UNSUPPORTED_MEDIA_TYPE") == (typed.status_code, typed.json()["code"])
    for content in (b"", b"[]", b"{", b"\xff", b'"x"'):
        wrong = served.request("POST", path, content, headers={"content-type": "application/json"})
        assert (400, "INVALID_ARGUMENT") == (wrong.status_code, wrong.json()["code"])


def test_a_correlator_is_told_back_or_made(bank: Consumer, served: Served) -> None:
    """One of 256 characters, too; what is none is refused and not told back."""
    path, body = f"{SIM}/check", {"phoneNumber": OLD}
    assert re.fullmatch("x-[0-9a-f]{32}", bank.post(path, body, None).headers["x-correlator"])
    assert 200 == bank.post(path, body, "<a;b>{c}_/." * 20).status_code
    for wrong in ("a b", "é", "c" * 257):
        response = httpx.post(
            served.address + path, json=body,
            headers={b"authorization": f"Bearer {served.keys['BANKKZKA']}".encode(),
                     b"x-correlator": wrong.encode()},
        )  # fmt: skip
        assert (400, "INVALID_ARGUMENT") == (response.status_code, response.json()["code"])
        assert "x-correlator" not in response.headers


def test_a_bank_announces_its_own_call(bank: Consumer, served: Served) -> None:
    """With the fields of the documents' examples; nobody announces for another."""
    body: dict[str, Any] = {
        "callingParticipant": DESK, "calledParticipant": OLD, "strategy": "BRAND_DISPLAY",
        "timeToLive": 45, "registrationId": "d011cbff-cf79-4db3-a72b-8164aa894b37",
        "dynamicDisplayName": "Company X", "callReason": "Re: Your loan application",
    }  # fmt: skip
    response = bank.post(ANNOUNCE, body)
    assert 201 == response.status_code, response.text
    assert {"preAnnouncementId", "expiresAt"} == set(response.json())
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
                        response.json()["preAnnouncementId"])  # fmt: skip
    assert DATE_TIME.fullmatch(response.json()["expiresAt"])
    assert 201 == bank.post(ANNOUNCE, {k: body[k] for k in list(body)[:2]}).status_code
    other = Consumer(served.address, served.keys["OTHERBNK"])
    assert (403, "PERMISSION_DENIED") == other.refused(ANNOUNCE, body)
    assert (403, "PERMISSION_DENIED") == bank.refused(ANNOUNCE, body | {"callingParticipant": OLD})
    assert (422, "SERVICE_NOT_APPLICABLE") == bank.refused(ANNOUNCE, body | {"strategy": "SMS"})
    for seconds in (0, 86_401):
        assert (400, "OUT_OF_RANGE") == bank.refused(ANNOUNCE, body | {"timeToLive": seconds})
    for field, wrong in (
        ("calledParticipant", "8705"), ("strategy", "VOICE"), ("registrationId", "mine"),
        ("callReason", "x" * 33), ("timeToLive", "45"), ("unknown", 1),
    ):  # fmt: skip
        assert (400, "INVALID_ARGUMENT") == bank.refused(ANNOUNCE, body | {field: wrong})
