"""A real service in a process of its own, and connections to it that behave as one likes."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from arasha.client import Client
from arasha.events.records import PaymentReceived
from arasha.exchange.participants import Participants, Role

PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For who speaks without TLS: to load the authorities of the system for each request takes longer
than the request, and nobody here needs them."""

ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[1] / "src")}


def now() -> datetime:
    """The time of day: what the service stamps is not far from it."""
    return datetime.now(UTC)


def paying(name: str, **values: Any) -> PaymentReceived:
    """A payment of 1,000 KZT between two accounts."""
    defaults: dict[str, Any] = {
        "id": name,
        "happened_at": now(),
        "payer_account": "KZ75125KZT1001300335",
        "payee_account": "KZ03125KZT2001300336",
        "amount": "1000.00",
        "currency": "KZT",
    }
    return PaymentReceived(**(defaults | values))


def participant(directory: Path, name: str, role: Role = "bank", **settings: Any) -> str:
    """A new participant's key, as the header carries it."""
    directory.mkdir(parents=True, exist_ok=True)
    participants = Participants.open(directory, lambda: int(time.time() * 1000))
    try:
        options = {"rate_per_s": 100_000.0, "burst": 100_000, "deadline_ms": 20_000} | settings
        _, key_id, secret = participants.create(name, role, by="tests", **options)
    finally:
        participants.close()
    return f"{key_id}.{secret}"


@dataclass
class Served:
    """A service that runs: its process, where it is, and the keys of its participants."""

    process: subprocess.Popen[str]
    directory: Path
    address: str
    keys: dict[str, str] = field(default_factory=dict)
    journal: Path = Path()

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def client(self, name: str = "BANKKZKA", **options: Any) -> Client:
        """A client with that participant's key."""
        return Client(self.address, key=self.keys[name], **options)

    def request(
        self, method: str, path: str, body: bytes | None = None, *,
        name: str | None = "BANKKZKA", headers: dict[str, str] | None = None,
    ) -> httpx.Response:  # fmt: skip
        """One plain request."""
        given = {} if name is None else {"authorization": f"Bearer {self.keys[name]}"}
        return httpx.request(
            method, self.address + path, content=body, headers=given | (headers or {}),
            timeout=60, verify=PLAIN,
        )  # fmt: skip

    def connect(self) -> socket.socket:
        """A connection on which nothing was said yet."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        connection.settimeout(30)
        return connection

    def stop(self) -> int:
        """Ask it to stop, and wait; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def kill(self) -> None:
        """Kill it: no handler runs."""
        self.process.kill()
        self.process.wait(timeout=60)


def command(directory: Path, policy: Path | None, *words: str, port: int = 0) -> list[str]:
    """The command line of a service on a free port, or that one."""
    named = [] if policy is None else ["--policy", str(policy)]
    return [
        sys.executable, "-m", "arasha.app.main", "serve", "--data", str(directory), *named,
        "--port", str(port), *words,
    ]  # fmt: skip


@contextmanager
def serving(
    directory: Path, policy: Path | None, *words: str, keys: dict[str, str] | None = None,
    port: int = 0,
) -> Iterator[Served]:  # fmt: skip
    """A service over the directory, killed in the end if it still runs."""
    journal = directory.parent / f"{directory.name}.journal"
    with journal.open("a") as said:
        process = subprocess.Popen(
            command(directory, policy, *words, port=port), stdout=subprocess.PIPE, stderr=said,
            text=True, env=ENVIRONMENT,
        )  # fmt: skip
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http"), journal.read_text()
        yield Served(process, directory, address, keys or {}, journal)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(timeout=60)
        if process.stdout is not None:
            process.stdout.close()


def reply(connection: socket.socket) -> tuple[int, bytes]:
    """(status, everything) up to the end of the connection, or of a reply with a length."""
    data = b""
    while True:
        head, _, body = data.partition(b"\r\n\r\n")
        lengths = [
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        ]
        if lengths and len(body) >= lengths[0]:
            break
        more = connection.recv(65536)
        if not more:
            break
        data += more
    return (int(data.split(b" ", 2)[1]) if data else 0), data
