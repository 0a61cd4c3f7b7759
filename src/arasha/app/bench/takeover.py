"""How long a centre in PostgreSQL takes nothing when its writer dies: part of ``bench service``.

In: nothing but a PostgreSQL on this machine, of which it starts a server of its own. Out: one
result: from kill -9 of the writer, under load, to the first payment that the standby answers. Every
payment that was answered before must be known to it. Beside it: the same for a writer that was
stopped and not ended, which only its silence gives away.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from arasha.app.bench.load import Plan, payments
from arasha.app.bench.results import Result
from arasha.app.bench.sizes import Sizes
from arasha.app.bench.traffic import house_file
from arasha.app.commands_serve import clock
from arasha.app.postgresql_server import programs, server
from arasha.exchange.participants import Participants
from arasha.postgresql import remember

METRIC: Final = "takeover"

POLICY: Final = "policies/instant-payments.toml"

REACH_S: Final = 5

_CLIENTS: Final = 4
_LOAD_S: Final = 2.0
_LONGEST_S: Final = 60.0
_RATE: Final = 1_000_000


def takeover(sizes: Sizes) -> list[Result]:  # noqa: ARG001 - every group takes the sizes
    """Kill a writer, then stop the next one; how long until payments are answered again."""
    if programs() is None:
        note = "there is no PostgreSQL on this machine (Debian: apt-get install postgresql)"
        return [Result(METRIC, None, "s", "at_most", REACH_S, note=note)]
    with (
        tempfile.TemporaryDirectory(prefix="arasha-bench-") as folder,
        server() as database,
        ExitStack() as ending,
    ):
        address = database.new_database()
        for name in ("a", "b"):
            remember(Path(folder) / name, address)
        centre = _Centre(Path(folder), ending)
        centre.start("a")
        centre.make_client()
        shutil.copytree(Path(folder) / "a" / "keys", Path(folder) / "b" / "keys")
        centre.start("b")
        killed_s = centre.without(centre.processes["a"].kill, "a", "b")
        centre.processes["a"].wait()
        centre.start("a")
        writer = centre.processes["b"]
        silent_s = centre.without(lambda: writer.send_signal(signal.SIGSTOP), "b", "a")
        lost = centre.lost("a")
    note = f"kill -9 of the writer under the load of {_CLIENTS} clients, PostgreSQL on this machine"
    return [
        Result(
            METRIC, killed_s if lost == 0 else None, "s", "at_most", REACH_S, note=note,
            beside={"silent_writer_s": silent_s, "answered": len(centre.told), "lost": lost},
        )
    ]  # fmt: skip


@dataclass
class _Centre:
    """Two services of one centre, and what clients were told."""

    folder: Path
    ending: ExitStack
    processes: dict[str, subprocess.Popen[str]] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    told: dict[str, bytes] = field(default_factory=dict)
    key: str = ""

    def start(self, name: str) -> None:
        """Start a service; it follows when another writes."""
        words = ("--data", str(self.folder / name), "--policy", str(house_file(POLICY)))
        process = subprocess.Popen(
            [sys.executable, "-m", "arasha.app.main", "serve", *words, "--port", "0", "--standby"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.ending.callback(_end, process)
        assert process.stdout is not None
        self.addresses[name] = process.stdout.readline().strip()
        self.processes[name] = process

    def make_client(self) -> None:
        """A bank, and wait until the service knows it."""
        participants = Participants.open(self.folder / "a", lambda: clock().wall_ms)
        _, key_id, secret = participants.create(
            "BENCHKZ", "bank", by="bench", rate_per_s=float(_RATE), burst=_RATE,
            deadline_ms=60_000,
        )  # fmt: skip
        participants.close()
        self.key = f"{key_id}.{secret}"
        until = time.perf_counter() + _LONGEST_S
        while self._found("a", "nothing") == 401 and time.perf_counter() < until:
            time.sleep(0.1)

    def without(self, fall: Callable[[], None], writer: str, standby: str) -> float | None:
        """Under load let the writer fall; seconds until the standby answers a payment."""
        over = threading.Event()
        clients = [
            threading.Thread(target=self._send, args=(writer, number, over))
            for number in range(_CLIENTS)
        ]
        for client in clients:
            client.start()
        time.sleep(_LOAD_S)
        begin = time.perf_counter()
        fall()
        [body] = payments(Plan(0, "", 1, 1, f"t{standby}"), 1)
        seconds = None
        while seconds is None and time.perf_counter() - begin < _LONGEST_S:
            try:
                answer = self._post(standby, body)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 200:
                seconds = time.perf_counter() - begin
            else:
                time.sleep(0.02)
        over.set()
        for client in clients:
            client.join()
        return seconds

    def lost(self, name: str) -> int:
        """Of what was answered, how much that service does not know, or otherwise."""
        found = 0
        with httpx.Client(headers={"authorization": f"Bearer {self.key}"}, timeout=30) as client:
            for payment, body in self.told.items():
                answer = client.get(f"{self.addresses[name]}/v1/decisions/{payment}")
                found += answer.content == body
        return len(self.told) - found

    def _send(self, name: str, number: int, over: threading.Event) -> None:
        """Payments one behind the other, until the service has fallen."""
        prefix = f"{name}{number}"
        bodies = payments(Plan(0, "", 1, 1, prefix), 20_000)
        headers = {"authorization": f"Bearer {self.key}"}
        with httpx.Client(headers=headers, timeout=1) as client:
            for place, body in enumerate(bodies):
                if over.is_set():
                    return
                try:
                    answer = client.post(f"{self.addresses[name]}/v1/payments", content=body)
                except httpx.TransportError:
                    return
                if answer.status_code == 200:
                    self.told[f"{prefix}-{place}"] = answer.content

    def _post(self, name: str, body: bytes) -> httpx.Response:
        return httpx.post(
            f"{self.addresses[name]}/v1/payments", content=body, timeout=1,
            headers={"authorization": f"Bearer {self.key}"},
        )  # fmt: skip

    def _found(self, name: str, payment: str) -> int:
        headers = {"authorization": f"Bearer {self.key}"}
        url = f"{self.addresses[name]}/v1/decisions/{payment}"
        return httpx.get(url, headers=headers, timeout=30).status_code


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
