"""A real service to be killed and let down by its disk, and what came of it.

In: a directory, a policy, a plan of faults (faulty.py). Out: a process that serves, clients that
note what they were told, and a proof: how many faults struck, and what was wrong after them.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import msgspec

from arasha.app.bench.faulty import Plan
from arasha.app.bench.load import account
from arasha.app.commands_serve import clock
from arasha.exchange.participants import Participants
from arasha.testing.history import Findings, History

STOP_S: Final = 30.0
"""How long a service may take to end, seconds."""

_NAME: Final = "BENCHKZ"


@dataclass
class Proof:
    """What a series of faults came to: how many struck, what was acknowledged, what is wrong."""

    faults: int = 0
    acknowledged: int = 0
    lost: int = 0
    changed: int = 0
    others: int = 0
    went_on: int = 0
    said: list[str] = field(default_factory=list)

    def add(self, found: Findings, where: str) -> None:
        """The findings after one fault."""
        self.acknowledged += found.acknowledged
        self.lost += len(found.lost)
        self.changed += len(found.changed)
        self.others += found.faults - len(found.lost) - len(found.changed)
        if found.faults:
            self.said.append(f"{where}: {found}")

    def wrong(self, where: str, what: str) -> None:
        """Something else that must not be."""
        self.others += 1
        self.said.append(f"{where}: {what}")

    @property
    def wrongs(self) -> int:
        """All that must be nought."""
        return self.lost + self.changed + self.others + self.went_on


@dataclass(frozen=True, slots=True)
class Centre:
    """A directory with a bank's key in its register, and the policy to judge by."""

    directory: Path
    policy: Path
    key: str

    @staticmethod
    def new(directory: Path, policy: Path) -> Centre:
        """A directory where no service has run."""
        participants = Participants.open(directory, lambda: clock().wall_ms)
        try:
            _, key_id, secret = participants.create(
                _NAME, "bank", by="bench", rate_per_s=100_000.0, burst=100_000, deadline_ms=20_000
            )
        finally:
            participants.close()
        return Centre(directory, policy, f"{key_id}.{secret}")


@dataclass
class Running:
    """A service that runs, or did; ``address`` is empty where it never came to listen."""

    process: subprocess.Popen[str]
    address: str
    journal: Path

    def ended(self, *, told_to: bool) -> int | None:
        """Its exit code, if it ends in time; ``told_to``: it is asked to."""
        if told_to:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            return None


@contextmanager
def running(centre: Centre, plan: Plan | None = None) -> Iterator[Running]:
    """A service over the directory, on a disk as planned, killed in the end if it still runs."""
    module = ["arasha.app.main"]
    if plan is not None:
        module = ["arasha.app.bench.faulty", msgspec.json.encode(plan).decode()]
    words = ["serve", "--data", str(centre.directory), "--policy", str(centre.policy)]
    journal = centre.directory.parent / f"{centre.directory.name}.journal"
    with journal.open("a", encoding="utf-8") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", *module, *words, "--port", "0"],
            stdout=subprocess.PIPE, stderr=said, text=True,
        )  # fmt: skip
    try:
        assert process.stdout is not None
        yield Running(process, process.stdout.readline().strip(), journal)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def payment(name: str, payer: int, payee: int, amount: int) -> bytes:
    """A payment as JSON."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return (
        f'{{"fact":"payment","id":"{name}","happened_at":"{now}","payer_account":"{account(payer)}",'
        f'"payee_account":"{account(payee)}","amount":"{amount}.00","currency":"KZT"}}'
    ).encode()


def client(centre: Centre, service: Running) -> httpx.Client:
    """A connection to it, with the bank's key."""
    headers = {"authorization": f"Bearer {centre.key}", "content-type": "application/json"}
    return httpx.Client(base_url=service.address, headers=headers, timeout=30)


def judged(history: History, http: httpx.Client, name: str, body: bytes) -> None:
    """A payment is sent; what it was told is noted."""
    response = http.post("/v1/payments", content=body)
    assert response.status_code in (200, 503), response.text
    if response.status_code == httpx.codes.OK:
        history.answered(name, response.content)
