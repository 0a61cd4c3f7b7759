"""A service as a process of its own, for those who measure it from outside.

In: a directory with participants, a policy. Out: where it listens and what it uses, for as long as
it is measured; loads from a further process (load.py), and lines of facts from this one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

import msgspec

from arasha.app.bench.load import Plan
from arasha.app.bench.traffic import house_file
from arasha.app.commands_serve import clock
from arasha.exchange.participants import Participants, Role

BURST: Final = 1_000_000
"""Facts a second that participants may send: nobody is to be turned away for his rate."""

LINES: Final = 4_000
"""Facts of one request of events."""

_DEADLINE_MS: Final = 60_000


@dataclass
class Running:
    """A service: its process, its port, and where its files are."""

    process: subprocess.Popen[str]
    port: int
    directory: Path

    def lines(self, key: str, lines: list[bytes]) -> tuple[int, float]:
        """Send facts as lines; how many were judged, and in how many seconds."""
        headers = {
            "authorization": f"Bearer {key}", "content-type": "application/x-ndjson",
        }  # fmt: skip
        judged = 0
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=120)) as client:
            begin = time.perf_counter()
            for start in range(0, len(lines), LINES):
                body = b"\n".join(lines[start : start + LINES])
                client.request("POST", "/v1/events", body, headers)
                answers = client.getresponse().read()
                judged += sum(answers.count(b'"outcome":"%b"' % word) for word in _JUDGED)
            return judged, time.perf_counter() - begin

    def resident_bytes(self) -> int | None:
        """Memory of the service in use; None where the system does not tell."""
        try:
            text = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        except OSError:
            return None
        return int(text.partition("VmRSS:")[2].split()[0]) * 1024

    def processor_s(self) -> float | None:
        """Processor time that the service has used; None where the system does not tell."""
        try:
            text = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        except OSError:
            return None
        user, system = text.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


_JUDGED: Final = (b"decided", b"judged")  # of a payment, of a call


@contextmanager
def running(directory: Path, policy: str, *more: str) -> Iterator[Running]:
    """A service over the directory by a policy of the house, with ``more`` words of its command
    line; it is ended with the block.
    """
    words = ("--data", str(directory), "--policy", str(house_file(policy)), "--port", "0", *more)
    process = subprocess.Popen(
        [sys.executable, "-m", "arasha.app.main", "serve", *words],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline().strip().rpartition(":")[2])
        yield Running(process, port, directory)
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def participant(
    directory: Path,
    name: str,
    role: Role,
    may_send: Iterable[str] | None = None,
    may_read: Iterable[str] | None = None,
) -> str:
    """The key of a new participant whom no rate and no short deadline holds up; what it may, in
    place of what its role may.
    """
    participants = Participants.open(directory, lambda: clock().wall_ms)
    try:
        _, key_id, secret = participants.create(
            name, role, by="bench", may_send=may_send, may_read=may_read, rate_per_s=float(BURST),
            burst=BURST, deadline_ms=_DEADLINE_MS,
        )  # fmt: skip
    finally:
        participants.close()
    return f"{key_id}.{secret}"


def loaded(plan: Plan) -> dict[str, Any]:
    """Let another process send what is planned; what came of it, as load.Outcome says."""
    said = subprocess.run(
        [sys.executable, "-m", "arasha.app.bench.load", msgspec.json.encode(plan).decode()],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    outcome: dict[str, Any] = json.loads(said.stdout)
    return outcome


def counts(outcome: dict[str, Any]) -> dict[str, float | None]:
    """How many were sent, answered with a verdict, told to come again, and not answered."""
    statuses = outcome["statuses"]
    ok = statuses.get("200", 0)
    return {
        "sent": outcome["sent"],
        "answered": ok,
        "refused": sum(statuses.values()) - ok,
        "unanswered": outcome["unanswered"],
    }


def spread(outcome: dict[str, Any]) -> dict[str, float | None]:
    """Percentiles, and how late the load itself was with what it sent."""
    told = {f"{name}_ms": value for name, value in outcome["ok_ms"].items()}
    return told | {"sent_late_ms_p99": outcome["sent_late_ms"].get("p99")}
