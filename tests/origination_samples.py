"""Operators that ask each other: real services, and others that behave as one likes."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from arasha.app.main import main
from arasha.engine.again import stretches
from arasha.engine.originated import RECENT_MS
from arasha.events.schema import ATTESTATIONS, MISSING, OWNER_ANSWERS, Kind
from arasha.log.log import Log
from service_samples import Served, now, participant, serving

POLICY = Path(__file__).resolve().parents[1] / "policies" / "calls.toml"
RANGES = """number,operator
+7701*,OPERONE
+7702*,OPERTWO
+7703*,SLOW
+7704*,LIAR
+7705*,DOWN
+7706*,FAR
"""

Said = Callable[[dict[str, Any]], tuple[int, bytes]]


@dataclass
class Played:
    """A service of somebody else's that this test plays: what it heard, and where it is."""

    address: str
    heard: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def played(say: Said) -> Iterator[Played]:
    """A service that answers each message with (status, body)."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            asked = json.loads(body)
            found.heard.append({**asked, "path": self.path, "bytes": body})
            status, told = say(asked)
            self.send_response(status)
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name
            """Nothing is written down."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Whoever asked has gone: that is what this is about."""

    server = Server(("127.0.0.1", 0), Handler)
    found = Played(f"http://127.0.0.1:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


def abroad(asked: dict[str, Any]) -> tuple[int, bytes]:
    """A network, as CAMARA answers: who ends in 99 is abroad, who ends in 88 is nobody, of who ends
    in 77, 66 or 55 it cannot be said.
    """
    number = asked["device"]["phoneNumber"]
    if number.endswith("88"):
        return 404, b'{"status":404,"code":"IDENTIFIER_NOT_FOUND","message":"no such device"}'
    if number.endswith("66"):
        return 404, b"<html>not found</html>"
    if number.endswith("55"):
        return 404, b'{"status":404,"code":"NOT_FOUND","message":"no such resource"}'
    if number.endswith("77"):
        return 503, b'{"status":503,"code":"UNAVAILABLE","message":"not now"}'
    told = {"lastStatusTime": "2026-03-02T09:00:00Z", "roaming": number.endswith("99"),
            "countryCode": 286, "countryName": ["CANARY-COUNTRY"]}  # fmt: skip
    return 200, json.dumps(told).encode()


def late(asked: dict[str, Any]) -> tuple[int, bytes]:
    """An operator whose answer comes when nobody waits for it any more."""
    time.sleep(1.5)
    return 200, json.dumps({"id": asked["id"], "answer": "originated"}).encode()


@dataclass
class Operators:
    """OPERONE, which is asked, and OPERTWO, which asks it and three others."""

    one: Served
    two: Served
    network: Played
    slow: Played
    liar: Played
    lies: list[tuple[int, bytes] | None] = field(default_factory=list)

    def ring(
        self, at: Served, name: str, caller: str, callee: str = "+77020000002", **more: Any
    ) -> httpx.Response:
        """A call about to ring at one of them, from abroad unless it is said."""
        call = {"fact": "call", "id": name, "happened_at": now().isoformat(), "route": "foreign",
                "caller_number": caller, "callee_number": callee, **more}  # fmt: skip
        body = json.dumps({k: v for k, v in call.items() if v is not None}).encode()
        return at.request("POST", "/v1/calls", body, name="SWITCH")

    def makes(self, name: str, caller: str, callee: str = "+77020000002") -> None:
        """A call that a subscriber of OPERONE makes."""
        response = self.ring(self.one, name, caller, callee, route="domestic")
        assert 200 == response.status_code, response.text

    def asks(self, name: str = "OPERTWO", **changes: Any) -> httpx.Response:
        """A question to OPERONE."""
        question = {"id": "q-1", "caller_number": "+77010000001", "callee_number": "+77020000002",
                    "at": now().isoformat(), "within_ms": 400} | changes  # fmt: skip
        body = json.dumps({k: v for k, v in question.items() if v is not None}).encode()
        return self.one.request("POST", "/v1/origination", body, name=name)


def settings(
    directory: Path, own: str, peers: dict[str, tuple[str, str]], network: Played | None = None,
    more: str = "", within_ms: int = 600,
) -> Path:  # fmt: skip
    """An operator's origination.toml, with the keys beside it."""
    directory.mkdir(parents=True, exist_ok=True)
    text = f'[own]\noperator = "{own}"\ndomestic = ["+77"]\nwithin_ms = {within_ms}\n'
    (directory / "network.key").write_text("net.work\n")
    if network is not None:
        url = network.address + "/device-roaming-status/v1/retrieve"
        text += f'[roaming]\nurl = "{url}"\nkey_file = "network.key"\n'
    for name, (url, key) in peers.items():
        (directory / f"{name}.key").write_text(key + "\n")
        text += f'[peers.{name}]\nurl = "{url}"\nkey_file = "{name}.key"\n'
    path = directory / "origination.toml"
    path.write_text(text + more)
    return path


def numbers(directory: Path, text: str, *more: str) -> None:
    """Load a table of numbers."""
    path = directory.parent / "numbers.csv"
    path.write_text(text)
    assert 0 == main(["numbers", "load", str(path), "--data", str(directory), *more])


def switch(directory: Path) -> str:
    """The key of an operator's own switch."""
    return participant(directory, "SWITCH", "operator", may_read=("decisions",),
                       may_send=("call", "call_change", "sim_change"))  # fmt: skip


@contextmanager
def operators(root: Path, more: str = "") -> Iterator[Operators]:
    """Both, with OPERONE seeing all of its calls; ``more`` for OPERTWO's settings."""
    one, two = root / "one", root / "two"
    keys = {
        "SWITCH": switch(one),
        "OPERTWO": participant(one, "OPERTWO", "operator", may_read=("origination",), may_send=()),
        "OTHER": participant(one, "OTHER", "operator", may_read=(), may_send=()),
        "BANKKZKA": participant(one, "BANKKZKA", may_read=("signals", "origination")),
    }
    own = {"SWITCH": switch(two)}
    for directory in (one, two):
        numbers(directory, RANGES)
    lies: list[tuple[int, bytes] | None] = []

    def lie(asked: dict[str, Any]) -> tuple[int, bytes]:
        told = lies.pop(0) if lies else None
        status, body = told or (200, b"{}")
        return status, body.replace(b"ID", asked["id"].encode())

    with ExitStack() as stack:
        network = stack.enter_context(played(abroad))
        slow, liar = stack.enter_context(played(late)), stack.enter_context(played(lie))
        ones = settings(root / "ones", "OPERONE", {}, network)
        first = stack.enter_context(
            serving(one, POLICY, "--role", "operator", "--origination", str(ones), keys=keys)
        )
        twos = settings(
            root / "twos", "OPERTWO",
            {"OPERONE": (first.address, keys["OPERTWO"]), "SLOW": (slow.address, "s.s"),
             "LIAR": (liar.address, "l.l"), "DOWN": ("http://127.0.0.1:1", "d.d")},
            network, more,
        )  # fmt: skip
        second = stack.enter_context(
            serving(two, POLICY, "--role", "operator", "--origination", str(twos), keys=own)
        )
        time.sleep(RECENT_MS / 1_000 + 0.5)
        yield Operators(first, second, network, slow, liar, lies)


def classes(directory: Path) -> dict[str, tuple[str | None, str | None]]:
    """Of each call in that log: what its owner answered, and what a PASSporT attested."""
    found: dict[str, tuple[str | None, str | None]] = {}
    with Log.open(directory, writable=False) as log:
        for facts, _, _ in stretches(log, log.size):
            answers = _words(facts.number("owner_answer").tolist(), OWNER_ANSWERS)
            attested = _words(facts.number("attestation").tolist(), ATTESTATIONS)
            for kind, name, *said in zip(
                facts.kinds.tolist(), facts.ids, answers, attested, strict=True
            ):
                if kind == Kind.CALL:
                    found[name] = (said[0], said[1])
    return found


def answer(both: Operators, name: str) -> str | None:
    """What OPERTWO's log says that the owner answered."""
    return classes(both.two.directory)[name][0]


def answered(both: Operators, name: str, caller: str) -> str | None:
    """The same of a call that rings now."""
    both.ring(both.two, name, caller)
    return answer(both, name)


def verdict(response: httpx.Response) -> tuple[str, list[str]]:
    """The verdict and the rules that led to it."""
    assert response.status_code == 200, response.text
    told = json.loads(response.content)
    return told["verdict"], [reason["rule"] for reason in told["reasons"]]


def until(so: Callable[[int], bool]) -> None:
    """Until it is so; a table is taken up within a second, a breaker tries again within some."""
    for turn in range(600):
        if so(turn):
            return
        time.sleep(0.1)
    raise AssertionError("it never became so")


def _words(codes: Sequence[int], words: Sequence[str]) -> list[str | None]:
    return [None if code == MISSING else words[code] for code in codes]
