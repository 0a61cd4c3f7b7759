"""A bank of the demonstration, and a real socket of a service that is busy, late, gone or rude."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from arasha.app.demo.speaking import Speaking, Stopped
from arasha.events.decisions import ACTIONS

PAYMENT = {"fact": "payment", "id": "p-1", "sender": "BANKKZKA", "amount": 150_000}
LABEL = {"fact": "label", "id": "l-1", "sender": "BANKKZKA"}
HELD = (200, {"action": "hold"})


@contextmanager
def answering(*answers: tuple[int, dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A service that gives these answers in turn, the last one for ever; what it was asked."""
    asked: list[dict[str, Any]] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked.append({"path": self.path, "key": self.headers["authorization"], **said})
            status, body = answers[min(len(asked), len(answers)) - 1]
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()


@contextmanager
def bank(address: str, patience_s: float = 5.0) -> Iterator[tuple[Speaking, threading.Event]]:
    """One that speaks with that service, and what ends it."""
    ending = threading.Event()
    speaking = Speaking({"BANKKZKA": "id.secret"}, ending, patience_s)
    speaking.address = address
    try:
        yield speaking, ending
    finally:
        speaking.close()


@pytest.mark.parametrize("first", [429, 503, 504])
def test_who_is_told_to_come_again_does(first: int) -> None:
    """With the same fact, under the same key."""
    with answering((first, {}), HELD) as (address, asked), bank(address) as (speaking, _):
        assert ACTIONS.index("hold") == speaking.say(PAYMENT)
        assert (1, 1) == (speaking.payments, speaking.stopped)
    assert 2 == len(asked)
    assert asked[0] == asked[1] == {
        "path": "/v1/payments", "key": "Bearer id.secret", "fact": "payment", "id": "p-1",
        "amount": "1500.00",
    }  # fmt: skip


def test_without_a_verdict_the_bank_goes_on() -> None:
    """As a bank's own rules let it pay; it is not counted as judged."""
    with answering((504, {})) as (address, asked), bank(address, 0.3) as (speaking, _):
        assert ACTIONS.index("allow") == speaking.say(PAYMENT)
        assert (0, 0) == (speaking.payments, speaking.stopped)
    assert len(asked) > 1


def test_what_is_no_payment_is_only_taken() -> None:
    """By the way of many lines."""
    with answering((200, {})) as (address, asked), bank(address) as (speaking, _):
        assert ACTIONS.index("allow") == speaking.say(LABEL)
    assert ["/v1/events"] == [one["path"] for one in asked]


def test_a_refusal_a_service_that_is_gone_and_an_end_are_told_apart() -> None:
    """A refusal is a fault of the country; a service that is being stopped ends it quietly."""
    with answering((422, {"reason": "bad"})) as (address, _), bank(address) as (speaking, ending):
        with pytest.raises(RuntimeError, match="a payment was refused"):
            speaking.say(PAYMENT)
        ending.set()
        with pytest.raises(Stopped):
            speaking.say(PAYMENT)
    with bank(address) as (speaking, ending):
        with pytest.raises(httpx.TransportError):
            speaking.say(PAYMENT)
        threading.Timer(0.05, ending.set).start()
        with pytest.raises(Stopped):
            speaking.say(PAYMENT)
