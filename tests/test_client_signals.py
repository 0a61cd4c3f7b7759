"""What a bank asks an operator before a payment: all at once, in its time, and what comes of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from arasha.client import AsyncClient, Client, Kept, Signals
from arasha.events.records import ForwardingChanged, SimChanged
from arasha.events.schema import SIGNALS
from service_samples import Served, now, participant, paying, serving

POLICIES = Path(__file__).resolve().parents[1] / "policies"
NUMBER = "+77050000001"
ALL = set(SIGNALS) - {"number_verification", "origination"}  # which no payment asks about
CALL_RISK = {
    "payment": "p-1", "seq": 7, "known_at": "2026-01-31T09:30:00.000Z",
    "signals": [{"signal": "call_risk", "answer": "none"}, {"signal": "sim_swap", "answer": "none"},
                {"signal": "new_callers", "answer": "several_first_time_callers"}],
}  # fmt: skip
TOLD: dict[str, tuple[int, object]] = {
    "/v1/signals/call-risk": (200, CALL_RISK),
    "/device-swap/v1/check": (200, {"swapped": True}),
    "/call-forwarding-signal/v0.4/unconditional-call-forwardings": (
        404,
        {"status": 404, "code": "IDENTIFIER_NOT_FOUND", "message": "not here"},
    ),
    "/number-recycling/v0.2/check": (
        400,
        {"status": 400, "code": "OUT_OF_RANGE", "message": "too far back"},
    ),
    "/kyc-tenure/v0.2/check-tenure": (200, {"tenureDateCheck": "no"}),
}


def response(request: httpx.Request) -> httpx.Response:
    """The operator's answer."""
    status, body = TOLD[request.url.path]
    return httpx.Response(status, json=body)


Answering = Callable[[httpx.Request], httpx.Response]


def waiting(answer: Answering, within_s: float) -> Signals:
    """What the client that waits brings."""
    transport = httpx.MockTransport(answer)
    with Client("http://operator", key="k.s", transport=transport) as operator:
        return operator.ask_within("p-1", NUMBER, within_s=within_s)


def awaited(answer: Answering, within_s: float) -> Signals:
    """What the other brings."""

    async def asked() -> Signals:
        transport = httpx.MockTransport(answer)
        async with AsyncClient("http://operator", key="k.s", transport=transport) as operator:
            return await operator.ask_within("p-1", NUMBER, within_s=within_s)

    return asyncio.run(asked())


@pytest.mark.parametrize("asked", [waiting, awaited])
def test_what_is_not_answered_is_missing_and_says_why(
    asked: Callable[[Answering, float], Signals],
) -> None:
    """A refusal, an answer of another form; a number of somebody else's is a class."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return response(request)

    answered, missing = asked(answer, 30)
    assert {
        "call_risk": "none", "sim_swap": "none", "new_callers": "several_first_time_callers",
        "device_swap": "changed_within_day", "call_forwarding": "not_known_here",
    } == {one.signal: one.answer for one in answered}  # fmt: skip
    assert {
        "number_recycling": "400 OUT_OF_RANGE", "tenure": "an answer of another form"
    } == missing  # fmt: skip
    assert {f"p-1.{one.signal}" for one in answered} == {one.id for one in answered}
    assert {("p-1", NUMBER)} == {(one.payment, one.number) for one in answered}
    assert {"p-1"} == {one.headers["x-correlator"] for one in seen}
    assert len(TOLD) == len(seen)


def test_nobody_waits_for_an_operator_that_does_not_answer() -> None:
    """One answer hangs: the others are taken, and it is missing."""
    release = threading.Event()

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/device-swap"):
            release.wait(30)
        return response(request)

    transport = httpx.MockTransport(answer)
    with Client("http://operator", key="k.s", transport=transport) as operator:
        answered, missing = operator.ask_within("p-1", NUMBER, within_s=3)
        release.set()
    assert "no answer in time" == missing["device_swap"]
    assert {"call_risk", "sim_swap", "new_callers", "call_forwarding"} == {
        one.signal for one in answered
    }


@pytest.mark.parametrize("asked", [waiting, awaited])
def test_an_operator_that_is_down_makes_everything_missing(
    asked: Callable[[Answering, float], Signals],
) -> None:
    """And raises nothing: the payment is judged without."""

    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("down", request=request)

    answered, missing = asked(answer, 30)
    assert () == answered
    assert dict.fromkeys(ALL, "ConnectError") == missing


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Served]:
    """An operator with its switch and a bank."""
    directory = tmp_path / "operator"
    keys = {
        "SWITCH": participant(directory, "SWITCH", "operator"),
        "BANKKZKA": participant(directory, "BANKKZKA", may_read=("signals",)),
    }
    with serving(directory, POLICIES / "calls.toml", "--role", "operator", keys=keys) as service:
        yield service


def test_every_signal_has_a_source_and_stands_before_the_payment(
    operator: Served, tmp_path: Path
) -> None:
    """Asked at a real operator, kept by the bank's own Arasha, and seen by the shipped policy."""
    at = now() - timedelta(hours=2)
    with operator.client("SWITCH") as switch:
        list(switch.send([
            SimChanged(id="s-1", happened_at=at, number=NUMBER, change="activated"),
            SimChanged(id="s-2", happened_at=at, number=NUMBER, change="device_changed"),
            ForwardingChanged(id="f-1", happened_at=at, number=NUMBER, change="set",
                              forwarding="unconditional"),
        ]))  # fmt: skip
    with operator.client() as telco:
        answered, missing = telco.ask_within("pay-1", NUMBER, within_s=30)
    assert {} == missing
    assert {
        "call_risk": "none", "sim_swap": "none", "new_callers": "none",
        "device_swap": "changed_within_day", "call_forwarding": "forwarded",
        "number_recycling": "recycled", "tenure": "tenure_under_month",
    } == {one.signal: one.answer for one in answered}  # fmt: skip
    directory = tmp_path / "bank"
    keys = {"CORE": participant(directory, "CORE")}
    policy = POLICIES / "instant-payments.toml"
    with serving(directory, policy, keys=keys) as bank, bank.client("CORE") as own:
        kept = list(own.send(answered))
        decided = own.judge(paying("pay-1", payer_number=NUMBER))
    assert {Kept} == {type(one) for one in kept}
    assert {"calls_forwarded", "number_of_another"} <= {one.rule for one in decided.reasons}
