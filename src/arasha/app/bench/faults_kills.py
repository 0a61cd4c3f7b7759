"""kill -9 under load, and a clock that goes back.

In: a policy, how often. Out: the proof. One log lives through all the kills; in the end its service
is asked again, and what clients were told is held against the log.
"""

from __future__ import annotations

import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Final

import httpx

from arasha.app.bench.faults_service import Centre, Proof, Running, client, judged, payment, running
from arasha.app.bench.faulty import Plan
from arasha.app.http.decisions import told
from arasha.testing.history import History

SENDERS: Final = 4
"""Clients of a service that is about to be killed; one more sends a byte now and then."""

FIRST_S: Final = 20.0
"""How long a first answer is waited for before a kill, seconds."""

_KILLED: Final = -signal.SIGKILL
_AGAIN: Final = 60  # of the answers before the kills, so many are asked again
_CHECKED: Final = 20  # kills between two looks at the whole log: judging it again takes a while


def kills(policy: Path, count: int, seed: int) -> Proof:
    """Kill a service so often under load; every second time its clock goes back by an hour."""
    proof, chance, history = Proof(), Random(seed), History()
    with tempfile.TemporaryDirectory(prefix="arasha-faults-") as name:
        centre = Centre.new(Path(name) / "centre", policy)
        for kill in range(count):
            plan = Plan(str(centre.directory), str(Path(name) / "report.json"),
                        back_after_s=chance.uniform(1, 3) if kill % 2 else None)  # fmt: skip
            with running(centre, plan if kill % 2 else None) as service:
                if not service.address:
                    proof.wrong(f"kill {kill}", service.journal.read_text(encoding="utf-8"))
                    break
                begun = len(history.told) + int(kill % 3 > 0)
                _killed(centre, service, history, kill, begun, chance.uniform(0.05, 0.6))
            proof.faults += 1
            if kill % _CHECKED == _CHECKED - 1:
                found = history.check(centre.directory, told)
                if found.faults:
                    proof.add(found, f"kill {kill}")
        with running(centre) as service:
            with client(centre, service) as http:
                for one in list(history.told)[:: max(1, len(history.told) // _AGAIN)]:
                    judged(history, http, one, history.sent[one])
            if service.ended(told_to=True) != 0:
                proof.wrong("the end", "it did not end as it should")
        proof.add(history.check(centre.directory, told), "the end")
    return proof


def _killed(
    centre: Centre, service: Running, history: History, kill: int, begun: int, after_s: float
) -> None:
    """Kill it so long after ``begun`` answers have come, over all kills."""
    threads = [
        threading.Thread(target=_send, args=(centre, service, history, f"{kill}-{sender}"))
        for sender in range(SENDERS)
    ]
    threads.append(threading.Thread(target=_dribble, args=(centre, service, history, f"{kill}-s")))
    for thread in threads:
        thread.start()
    until = time.monotonic() + FIRST_S
    while len(history.told) < begun and time.monotonic() < until:
        time.sleep(0.005)
    time.sleep(after_s)
    service.process.kill()
    assert service.process.wait() == _KILLED
    for thread in threads:
        thread.join()


def _send(centre: Centre, service: Running, history: History, name: str) -> None:
    """One payment after the other until the service dies; some that were sent before."""
    chance = Random(name)
    with client(centre, service) as http:
        for number in range(1_000_000):
            this = f"k{name}-{number}"
            with history.lock:
                if history.sent and chance.random() < 0.2:
                    this = chance.choice(list(history.sent)[-2_000:])
            payer, payee, amount = (chance.randrange(1, most) for most in (30, 30, 2_000_000))
            try:
                judged(
                    history, http, this, history.sends(this, payment(this, payer, payee, amount))
                )
            except httpx.TransportError:
                return


def _dribble(centre: Centre, service: Running, history: History, name: str) -> None:
    """A payment a byte at a time, until the service dies or it is answered."""
    this = f"k{name}"
    body = history.sends(this, payment(this, 1, 2, 3))

    def slowly() -> Iterator[bytes]:
        for at in range(len(body)):
            time.sleep(0.002)
            yield body[at : at + 1]

    with client(centre, service) as http:
        try:
            answer = http.post("/v1/payments", content=slowly())
        except httpx.TransportError:
            return
    if answer.status_code == httpx.codes.OK:
        history.answered(this, answer.content)
