"""Call facts never leave the operator: planted in its log, they are in nothing that went out.

An operator is told of calls with canary numbers, ids, devices and lengths. A bank and a centre then
ask it everything there is to ask, with every right that they can be given. Every byte that they got
is searched, for the canaries and for their tokens.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from arasha.app.http.camara_questions import QUESTIONS
from arasha.events.records import (
    CallChanged,
    CallerRegistered,
    CallMade,
    ForwardingChanged,
    Record,
    ReportFiled,
    SimChanged,
)
from arasha.events.schema import FACTS, PartyKind
from arasha.exchange.participants import READABLE
from arasha.vault.tokens import Tokens
from origination_samples import numbers, settings
from service_samples import Served, now, participant, serving

POLICY = Path(__file__).resolve().parents[1] / "policies" / "calls.toml"
PAYER = "+77010101010"
NUMBERS = [f"+7799{turn:07}" for turn in range(1_234_500, 1_234_512)]
DEVICE = "CANARY-DEVICE"
LENGTH_MS = 987_654_321
IDS = [f"CANARY-CALL-{turn}" for turn in range(len(NUMBERS))]


def planted() -> Iterator[Record]:
    """Calls by the canary numbers to the payer and to each other; one of them goes on."""
    for turn, (number, name) in enumerate(zip(NUMBERS, IDS, strict=True)):
        callee = PAYER if turn % 2 == 0 else NUMBERS[turn - 1]
        parties: dict[str, Any] = {"caller_number": number, "callee_number": callee}
        yield SimChanged(id=f"{name}-sim", happened_at=now(), number=number, change="activated",
                         device=DEVICE)  # fmt: skip
        yield CallMade(id=name, happened_at=now(), route="foreign", device=DEVICE, **parties)
        yield CallChanged(id=f"{name}-a", happened_at=now(), call=name, change="answered",
                          **parties)  # fmt: skip
        if turn:
            yield CallChanged(id=f"{name}-e", happened_at=now(), call=name, change="ended",
                              duration=LENGTH_MS, **parties)  # fmt: skip
        yield ForwardingChanged(id=f"{name}-f", happened_at=now(), number=number, change="set",
                                forwarding="unconditional")  # fmt: skip
    yield CallerRegistered(id="CANARY-HOLDER", happened_at=now(), number=NUMBERS[1],
                           change="registered", bank="BANKKZKA")  # fmt: skip
    yield ReportFiled(id="CANARY-REPORT", happened_at=now(), number=NUMBERS[0])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An operator, and outsiders with all rights that its register knows."""
    directory = tmp_path_factory.mktemp("stay") / "operator"
    everything: dict[str, Any] = {"may_read": READABLE, "may_send": tuple(FACTS)}
    keys = {
        "SWITCH": participant(directory, "SWITCH", "operator", may_read=("decisions",),
                              may_send=("call", "call_change", "sim_change", "report",
                                        "forwarding_change", "registration")),
        "BANKKZKA": participant(directory, "BANKKZKA", **everything),
        "CENTRE": participant(directory, "CENTRE", "centre", **everything),
        "OTHEROPR": participant(directory, "OTHEROPR", "operator", **everything),
    }  # fmt: skip
    numbers(directory, "number,operator\n+7799*,OWN\n+7701*,OTHEROPR\n")
    asking = str(settings(directory.parent / "settings", "OWN", {}))
    words = ("--role", "operator", "--origination", asking)
    with serving(directory, POLICY, *words, keys=keys) as service:
        with service.client("SWITCH") as switch:
            list(switch.send(planted()))
        yield service


def went_out(served: Served, name: str) -> bytes:
    """All that one outsider gets: from each route with each method, and from the stream."""
    heard: list[bytes] = []
    listening = threading.Thread(target=_listen, args=(served, name, heard))
    listening.start()
    described = json.loads(served.request("GET", "/openapi.json", name=None).content)
    paths = [*described["paths"], "/v1/payments", "/v1/cases", "/v1/reports", "/v1/listings",
             "/v1/appeals", "/v1/iso20022"]  # fmt: skip
    for path in paths:
        for asked in dict.fromkeys((path, path.replace("{id}", IDS[0]))):
            if asked == "/v1/stream":
                continue
            for method in ("GET", "POST"):
                for query in ("", "?sender=SWITCH"):
                    body = b"{}" if method == "POST" else None
                    response = served.request(method, asked + query, body, name=name)
                    heard.append(bytes(response.content) + str(response.headers).encode())
    for turn, number in enumerate((PAYER, *NUMBERS)):
        asking = json.dumps({"payment": f"{name}-{turn}", "number": number}).encode()
        response = served.request("POST", "/v1/signals/call-risk", asking, name=name)
        heard.append(bytes(response.content))
        question = {"id": f"{name}-{turn}", "caller_number": number, "callee_number": PAYER,
                    "at": now().isoformat(), "within_ms": 100}  # fmt: skip
        response = served.request("POST", "/v1/origination", json.dumps(question).encode(),
                                  name=name)  # fmt: skip
        heard.append(bytes(response.content))
        heard += asked_as_camara_does(served, name, number)
    listening.join(timeout=20)
    assert not listening.is_alive()
    return b"\n".join(heard)


def asked_as_camara_does(served: Served, name: str, number: str) -> Iterator[bytes]:
    """The answers to every question about a number, and to a call announced to it."""
    today = now().strftime("%Y-%m-%d")
    dates = {"specifiedDate": today, "tenureDate": today}
    bodies: list[tuple[str, dict[str, Any]]] = [
        (one.path, {"phoneNumber": number} | {
            field: dates[field] for field in one.message.__struct_encode_fields__ if field in dates
        })
        for one in QUESTIONS
    ]  # fmt: skip
    announced = {"callingParticipant": NUMBERS[1], "calledParticipant": number}
    bodies.append(("/verified-caller/v0.1/pre-announce", announced))
    bodies.append(("/number-verification/v2/verify", {"phoneNumber": number}))
    for path, body in bodies:
        response = served.request("POST", path, json.dumps(body).encode(), name=name)
        yield bytes(response.content) + str(response.headers).encode()


def _listen(served: Served, name: str, heard: list[bytes]) -> None:
    """What the stream says from its very beginning, for a few seconds."""
    headers = {"authorization": f"Bearer {served.keys[name]}", "last-event-id": "0"}
    timeout = httpx.Timeout(3.0)
    try:
        with httpx.stream("GET", served.address + "/v1/stream", headers=headers,
                          timeout=timeout) as response:  # fmt: skip
            heard.extend(response.iter_bytes())
    except httpx.ReadTimeout:
        return


def canaries(served: Served) -> list[bytes]:
    """Everything that must not be found, raw and as tokens."""
    tokens = Tokens.load_or_create(served.directory)
    hidden = [tokens.of(PartyKind.NUMBER, number) for number in (PAYER, *NUMBERS)]
    hidden.append(tokens.of(PartyKind.DEVICE, DEVICE))
    raw = [*NUMBERS, PAYER, DEVICE, str(LENGTH_MS), "CANARY-SWITCH"]
    return [one.encode() for one in raw] + hidden + [one.hex().encode() for one in hidden]


@pytest.mark.parametrize("name", ["BANKKZKA", "CENTRE", "OTHEROPR"])
def test_nothing_that_went_out_holds_a_call(served: Served, name: str) -> None:
    """Neither numbers nor tokens, devices or lengths; and of no call a verdict."""
    out = went_out(served, name)
    assert len(out) > 8_000
    assert [] == [one for one in canaries(served) if one in out]
    for name_of_call in IDS:
        assert b'"call":"' + name_of_call.encode() not in out
    assert b'"verdict":"' not in out


def test_the_bank_was_told_what_it_may_be_told(served: Served) -> None:
    """The search above is of real answers: the payer is on a call with a stranger."""
    asking = json.dumps({"payment": "told", "number": PAYER}).encode()
    response = served.request("POST", "/v1/signals/call-risk", asking)
    assert b'"on_call_under_10_min_unfamiliar"' in response.content
    assert b'"several_first_time_callers"' in response.content
    camara = b"".join(asked_as_camara_does(served, "BANKKZKA", NUMBERS[2]))
    for said in (b'"swapped":true', b'"active":true', b'["unconditional"]', b'"expiresAt"'):
        assert said in camara


def test_an_operator_is_told_one_word_of_a_call_that_comes_to_it(served: Served) -> None:
    """Of a call that was made it is told that it was; nothing else goes out, and none but the
    owner of the number called is told at all.
    """
    number, callee = "+77990000001", "+77010000001"
    with served.client("SWITCH") as switch:
        list(switch.send([CallMade(id="c-own", happened_at=now(), caller_number=number,
                                   callee_number=callee, route="domestic")]))  # fmt: skip
    question = {"id": "told", "caller_number": number, "callee_number": callee,
                "at": now().isoformat(), "within_ms": 1_000}  # fmt: skip
    for name, status in (("BANKKZKA", 403), ("CENTRE", 403), ("OTHEROPR", 200)):
        response = served.request("POST", "/v1/origination", json.dumps(question).encode(),
                                  name=name)  # fmt: skip
        assert status == response.status_code
    assert b'{"id":"told","answer":"originated"}' == response.content


def test_the_switch_itself_is_told_of_its_calls(served: Served) -> None:
    """The search can find something: to who sent a call its verdict is told."""
    response = served.request("GET", f"/v1/decisions/{IDS[0]}", name="SWITCH")
    assert b'"call":"CANARY-CALL-0"' in response.content
    assert b'"verdict":"' in response.content
