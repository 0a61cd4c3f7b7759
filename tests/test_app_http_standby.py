"""A writer and a standby over a real PostgreSQL, under load, and what befalls them.

What clients were told is held against the log in the end, whoever wrote it: every answer is there,
once, and is given again, to the byte.
"""

from __future__ import annotations

import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import httpx
import pytest

from arasha.app.http.decisions import told
from arasha.app.postgresql_server import Server
from arasha.app.terminal import Exit
from arasha.events.json import encode as encode_record
from arasha.testing.history import History
from live_samples import WITH_FALLBACK
from policy_samples import written
from service_samples import Served, participant, paying, serving

SENDERS = 3
TAKEOVER_S = 60  # a promise of time is the benchmark's; this only ends a test that hangs


@dataclass
class Centre:
    """Machines of one centre, each with a directory of its own, and clients that try them all."""

    folder: Path
    database: str
    services: ExitStack
    history: History = field(default_factory=History)
    running: dict[str, Served] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)
    keys: dict[str, str] = field(default_factory=dict)

    def start(self, name: str) -> Served:
        """Start a machine: the writer, if there is none; else it follows."""
        directory = self.folder / name
        policy = self.folder / "policy.toml"
        words = ("--database", self.database, "--standby")
        service = self.services.enter_context(serving(directory, policy, *words, keys=self.keys))
        self.running[name] = service
        return service

    def join(self, name: str, of: str) -> Served:
        """Start another machine, which was given the master key of the first."""
        keys = self.folder / name / "keys"
        keys.mkdir(parents=True, mode=0o700)
        shutil.copy(self.folder / of / "keys" / "master.key", keys)
        return self.start(name)

    def send(self, sender: int) -> None:
        """One payment after the other, at whoever takes them; sometimes one that was sent."""
        chance, number = Random(sender), 0
        while not self.over.is_set():
            number += 1
            name = f"s{sender}-{number}"
            with self.history.lock:
                if self.history.sent and chance.random() < 0.2:
                    name = chance.choice(list(self.history.sent))
                body = self.history.sent.setdefault(
                    name,
                    encode_record(paying(name, payer_account=f"KZ{chance.randrange(30)}",
                                         payee_account=f"KZ{chance.randrange(30)}",
                                         amount=f"{chance.randrange(1, 2_000_000)}.00")),
                )  # fmt: skip
            self._send(name, body)

    def _send(self, name: str, body: bytes) -> None:
        while not self.over.is_set():
            for service in list(self.running.values()):
                headers = {"authorization": f"Bearer {service.keys['BANKKZKA']}"}
                try:
                    response = httpx.post(service.address + "/v1/payments", content=body,
                                          headers=headers, timeout=1.0)  # fmt: skip
                except httpx.TransportError:
                    continue
                assert response.status_code in (200, 503), response.text
                if response.status_code == 200:
                    self.history.answered(name, response.content)
                    return
            self.over.wait(0.02)

    def until_ready(self, name: str) -> None:
        """Wait until that machine takes payments, and some were answered then."""
        end = time.monotonic() + TAKEOVER_S
        service = self.running[name]
        while service.request("GET", "/health/ready", name=None).status_code != 200:
            assert time.monotonic() < end, service.journal.read_text()
            time.sleep(0.05)
        before = len(self.history.told)
        while len(self.history.told) < before + 5:
            assert time.monotonic() < end, service.journal.read_text()
            time.sleep(0.02)

    def ended(self, name: str) -> str:
        """That machine must have ended by itself; what it said."""
        service = self.running.pop(name)
        assert Exit.FAULT == service.process.wait(timeout=TAKEOVER_S)
        return service.journal.read_text()


@contextmanager
def centre(folder: Path, server: Server) -> Iterator[Centre]:
    """A writer ``a`` and a standby ``b``, under load; in the end clients and log are compared."""
    written(folder, WITH_FALLBACK)
    database = str(server.new_database())
    with ExitStack() as services:
        made = Centre(folder, database, services)
        first = made.start("a")
        made.keys["BANKKZKA"] = participant(folder / "a", "BANKKZKA")
        first.keys = made.keys
        made.join("b", of="a")
        until_known(first)
        threads = [threading.Thread(target=made.send, args=(n,)) for n in range(SENDERS)]
        for thread in threads:
            thread.start()
        try:
            made.until_ready("a")
            yield made
        finally:
            made.over.set()
            for thread in threads:
                thread.join(60)
        for name, body in list(made.history.told.items())[:: max(1, len(made.history.told) // 20)]:
            [last] = [one for one in made.running.values() if ready(one)]
            again = last.request("POST", "/v1/payments", made.history.sent[name])
            assert (200, body) == (again.status_code, again.content)
        for service in made.running.values():
            assert 0 == service.stop()
    found = made.history.check(folder / "b", told)
    assert 0 == found.faults
    assert found.acknowledged > 10


def ready(service: Served) -> bool:
    return service.request("GET", "/health/ready", name=None).status_code == 200


def until_known(service: Served) -> None:
    """Until the service has taken up the new participant."""
    end = time.monotonic() + TAKEOVER_S
    while service.request("GET", "/v1/decisions/nothing").status_code == 401:
        assert time.monotonic() < end
        time.sleep(0.1)


def killed(made: Centre, _: Server, writer: str, standby: str) -> None:
    """Kill -9 of the writer."""
    made.running.pop(writer).kill()
    made.until_ready(standby)


def stopped(made: Centre, _: Server, writer: str, standby: str) -> None:
    """The writer stands still, another takes over, and it wakes up: it must not commit."""
    sleeper = made.running[writer]
    sleeper.process.send_signal(signal.SIGSTOP)
    try:
        made.until_ready(standby)
    finally:
        sleeper.process.send_signal(signal.SIGCONT)
    said = made.ended(writer)
    assert '"event": "stopped"' in said, said


def database_killed(made: Centre, server: Server, writer: str, standby: str) -> None:
    """Kill -9 of all of PostgreSQL: the writer, who is unsure, ends; the standby goes on."""
    server.kill()
    time.sleep(0.3)
    server.start()
    made.ended(writer)
    made.until_ready(standby)


Fault = Callable[[Centre, Server, str, str], None]
FAULTS: tuple[Fault, ...] = (killed, stopped, database_killed)


def befallen(folder: Path, server: Server, faults: list[Fault]) -> None:
    """One fault after the other; whoever fell is started again, and follows."""
    with centre(folder, server) as made:
        writer, standby = "a", "b"
        for number, fault in enumerate(faults, 1):
            fault(made, server, writer, standby)
            writer, standby = standby, writer
            if number < len(faults):
                made.start(standby)


def test_a_standby_takes_over_and_nothing_acknowledged_is_lost(
    tmp_path: Path, postgresql: Server
) -> None:
    """Laws 4 and 5, over a killed writer, one that slept, and a killed database."""
    befallen(tmp_path, postgresql, list(FAULTS))


@pytest.mark.slow
def test_thirty_faults_and_nothing_acknowledged_is_lost(tmp_path: Path, postgresql: Server) -> None:
    """The same, in any order, for longer."""
    chance = Random(7)
    befallen(tmp_path, postgresql, [chance.choice(FAULTS) for _ in range(30)])
