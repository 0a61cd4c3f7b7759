from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from arasha.app.main import main
from arasha.app.terminal import Exit
from arasha.events.json import encode
from live_samples import WITH_FALLBACK
from policy_samples import written
from service_samples import ENVIRONMENT, participant, paying, serving

CANARIES = ("KZCANARYSPAN000001", "CANARYSTATE", "canary-payment")
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@dataclass
class Collector:
    """A collector on this machine: what it was sent."""

    address: str = ""
    bodies: list[bytes] = field(default_factory=list)

    def spans(self) -> list[Any]:
        """Every span so far."""
        found: list[Any] = []
        for body in self.bodies:
            request = ExportTraceServiceRequest.FromString(body)
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    found += scope.spans
        return found

    def until(self, name: str, seconds: float = 30) -> list[Any]:
        """The spans of that name, when there are some."""
        end = time.monotonic() + seconds
        while not (found := [span for span in self.spans() if span.name == name]):
            assert time.monotonic() < end, [span.name for span in self.spans()]
            time.sleep(0.1)
        return found


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector that takes what comes."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            collector.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def values_of(span: Any) -> dict[str, Any]:
    """A span's attributes as plain values."""
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}


def test_requests_and_commits_become_spans_without_anything_about_anybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A caller's trace goes on, its own share is sampled, and canaries are nowhere."""
    monkeypatch.setitem(ENVIRONMENT, "OTEL_TRACES_SAMPLER_ARG", "1")
    directory = tmp_path / "centre"
    keys = {"BANKKZKA": participant(directory, "BANKKZKA")}
    policy = written(tmp_path, WITH_FALLBACK)
    with collecting() as collector:
        with serving(directory, policy, "--otlp", collector.address, keys=keys) as service:
            body = encode(paying("canary-payment", payer_account=CANARIES[0]))
            answer = service.request(
                "POST", "/v1/payments", body,
                headers={"traceparent": PARENT, "tracestate": f"bank={CANARIES[1]}"},
            )  # fmt: skip
            assert 200 == answer.status_code
            service.request("GET", "/v1/decisions/canary-payment")
            lines = service.request(
                "POST", "/v1/events", encode(paying("e-1")),
                headers={"content-type": "application/x-ndjson", "traceparent": "nonsense"},
            )  # fmt: skip
            assert 200 == lines.status_code
            [span] = collector.until("POST payments")
            collector.until("commit")
            assert 0 == service.stop()
        names = {one.name for one in collector.spans()}
        assert {"POST payments", "GET decisions", "POST events", "commit"} <= names
        assert PARENT.split("-")[1] == span.trace_id.hex()
        assert PARENT.split("-")[2] == span.parent_span_id.hex()
        assert {
            "http.request.method": "POST",
            "http.route": "payments",
            "http.response.status_code": 200,
            "arasha.request_id": answer.headers["x-request-id"],
        } == values_of(span)
        assert 0 < span.end_time_unix_nano - span.start_time_unix_nano < 20e9
        sent = b"".join(collector.bodies)
    for canary in CANARIES:
        assert canary.encode() not in sent


def test_a_collector_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    """Payments are answered, the journal says so once, and the service ends in its time."""
    directory = tmp_path / "centre"
    keys = {"BANKKZKA": participant(directory, "BANKKZKA")}
    words = ("--otlp", "http://127.0.0.1:9")
    with serving(directory, written(tmp_path, WITH_FALLBACK), *words, keys=keys) as service:
        with service.client() as client:
            for number in range(5):
                client.judge(paying(f"lonely-{number}"))
        service.request("GET", "/health/live", headers={"traceparent": PARENT})
        begin = time.monotonic()
        assert 0 == service.stop()
        assert time.monotonic() - begin < 30
    journal = service.journal.read_text()
    assert all(line.startswith("{") for line in journal.splitlines()), journal


def test_without_an_address_nothing_of_it_is_loaded(tmp_path: Path) -> None:
    """Zero cost when off: the packages are not even imported by what the service imports."""
    code = (
        "import sys, arasha.app.commands_serve, arasha.app.http.service\n"
        "assert not any(name.startswith('opentelemetry') for name in sys.modules)"
    )
    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode


def test_without_the_packages_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Asked for spans and unable to send them it does not start."""
    for name in [name for name in sys.modules if name.startswith("opentelemetry")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "arasha.app.http.spans", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    words = ["--data", str(tmp_path / "centre"), "--port", "0"]
    policy = ["--policy", str(written(tmp_path, WITH_FALLBACK))]
    assert Exit.USAGE == main(["serve", *words, *policy, "--otlp", "http://127.0.0.1:9"])
    assert 'pip install "arasha[telemetry]"' in capsys.readouterr().err
    assert Exit.USAGE == main(["serve", *words, "--otlp", "127.0.0.1:9"])
