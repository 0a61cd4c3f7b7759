"""What the service must survive, each with a real process: kills under load, crowds, nonsense.

A history checker holds what clients were told against what the log says: every answer is in the
log, once, and is given again, to the byte.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import httpx
import pytest

from arasha.app.http.answers import decision
from arasha.engine.again import compare
from arasha.engine.recall import recall
from arasha.engine.reigns import reigns_of
from arasha.events.json import encode as encode_record
from arasha.log.log import Log
from arasha.log.verify import verify
from live_samples import WITH_FALLBACK
from policy_samples import written
from service_samples import Served, participant, paying, reply, serving

SENDERS = 4


@dataclass
class History:
    """What was sent and what was answered, by id."""

    sent: dict[str, bytes] = field(default_factory=dict)
    told: dict[str, bytes] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, name: str, body: bytes) -> None:
        """An answer came; if there was one before it must be the same."""
        with self.lock:
            assert body == self.told.setdefault(name, body), name

    def check(self, directory: Path) -> int:
        """Hold it against the log; how many answers that were."""
        assert verify(directory).ok
        with Log.open(directory, writable=False) as log:
            facts = recall(log, reigns_of(log), 0, log.size)
        names = [fact.id for fact in facts]
        assert len(set(names)) == len(names)
        assert set() == set(names) - set(self.sent)
        kept = {
            fact.id: decision(fact.id, fact.seq, fact.known_at_ms, fact.verdict)
            for fact in facts
            if fact.verdict is not None
        }
        assert self.told.items() <= kept.items()
        assert 0 == compare(directory).differing
        return len(self.told)


def send_until_it_dies(service: Served, history: History, sender: int, kill: int) -> None:
    """One payment after the other; from time to time one that was sent before."""
    chance = Random(f"{sender} {kill}")
    headers = {"authorization": f"Bearer {service.keys['BANKKZKA']}"}
    number = 0
    with httpx.Client(base_url=service.address, headers=headers, timeout=20) as client:
        while True:
            number += 1
            name = f"k{kill}-{sender}-{number}"
            with history.lock:
                if history.sent and chance.random() < 0.2:
                    name = chance.choice(list(history.sent))
                body = history.sent.setdefault(
                    name,
                    encode_record(paying(name, payer_account=f"KZ{chance.randrange(30)}",
                                         payee_account=f"KZ{chance.randrange(30)}",
                                         amount=f"{chance.randrange(1, 2_000_000)}.00")),
                )  # fmt: skip
            try:
                response = client.post("/v1/payments", content=body)
            except httpx.TransportError:
                return
            assert response.status_code in (200, 503), response.text
            if response.status_code == 200:
                history.answered(name, response.content)


def killed_under_load(folder: Path, kills: int, seed: int) -> int:
    """Kill the service so often while it is sent payments; how many answers were checked."""
    chance, history, directory = Random(seed), History(), folder / "centre"
    policy = written(folder, WITH_FALLBACK)
    keys = {"BANKKZKA": participant(directory, "BANKKZKA")}
    for kill in range(kills):
        with serving(directory, policy, keys=keys) as service:
            senders = [
                threading.Thread(target=send_until_it_dies, args=(service, history, sender, kill))
                for sender in range(SENDERS)
            ]
            for sender in senders:
                sender.start()
            time.sleep(chance.uniform(0.05, 0.6))
            service.kill()
            for sender in senders:
                sender.join(60)
        history.check(directory)
    with serving(directory, None, keys=keys) as service:
        for name, body in list(history.told.items())[:: max(1, len(history.told) // 50)]:
            again = service.request("POST", "/v1/payments", history.sent[name])
            assert (200, body) == (again.status_code, again.content)
        assert 0 == service.stop()
    return history.check(directory)


def test_killed_under_load_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    """Law 4 and 5: each answer is in the log, once, and asked again it is the same."""
    assert killed_under_load(tmp_path, 3, seed=1) > 0


@pytest.mark.slow
def test_killed_two_hundred_times_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    """The same, two hundred times over one log."""
    assert killed_under_load(tmp_path, 200, seed=2) > 200


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A centre that must still stand at the end, without a fault of its own."""
    folder = tmp_path_factory.mktemp("survival")
    directory = folder / "centre"
    keys = {"BANKKZKA": participant(directory, "BANKKZKA")}
    with serving(directory, written(folder, WITH_FALLBACK), keys=keys) as service:
        yield service
        with service.client() as client:
            client.judge(paying("at-the-end"))
        assert 0 == service.stop()
        assert '"event": "internal"' not in service.journal.read_text()
    assert verify(directory).ok
    assert 0 == compare(directory).differing


def crowd(served: Served, size: int) -> None:
    """So many silent connections, and payments are judged as if they were not there."""
    connections: list[socket.socket] = []
    try:
        connections.extend(served.connect() for _ in range(size))
        with served.client() as client:
            for number in range(20):
                client.judge(paying(f"crowd-{size}-{number}"))
    finally:
        for connection in connections:
            connection.close()


def test_idle_connections_disturb_nobody(served: Served) -> None:
    """A few hundred that never say a word."""
    crowd(served, 300)


@pytest.mark.slow
def test_ten_thousand_idle_connections_disturb_nobody(served: Served) -> None:
    """As many as a small country has banks' machines; both ends are this process's files."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        crowd(served, 10_000)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_slow_clients_disturb_nobody(served: Served) -> None:
    """Fifty who send a byte now and then, and one who does not read its answers."""
    body = encode_record(paying("slow-one"))
    request = (
        b"POST /v1/payments HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n"
        b"authorization: Bearer %b\r\n\r\n%b" % (len(body), served.keys["BANKKZKA"].encode(), body)
    )
    connections = [served.connect() for _ in range(50)]
    deaf = served.connect()
    deaf.setblocking(False)
    try:
        with served.client() as client:
            for place in range(40):
                for connection in connections:
                    connection.send(request[place : place + 1])
                with suppress(BlockingIOError):
                    deaf.send(request * 50)
                client.judge(paying(f"beside-slow-{place}"))
        for connection in connections[:3]:
            connection.sendall(request[40:])
            assert 200 == reply(connection)[0]
    finally:
        for connection in (*connections, deaf):
            connection.close()


def mutated(chance: Random, request: bytes) -> bytes:
    """The request with a few bytes changed, cut, doubled or put elsewhere."""
    data = bytearray(request)
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(data))
        match chance.randrange(5):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + chance.randrange(1, 20)]
            case 2:
                data[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(9)))
            case 3:
                data[at:at] = data[at : at + chance.randrange(1, 30)]
            case _:
                data[at:at] = chance.choice(
                    [
                        b"\r\n",
                        b"{",
                        b"[" * 99,
                        b"\\u0000",
                        b"9" * 400,
                        b'"',
                        b"\xed\xa0\x80",
                        b"null",
                    ]
                )
        if not data:
            return b"\r\n"
    return bytes(data)


def hammered(served: Served, count: int, seed: int) -> None:
    """So many broken requests: nothing is a fault of ours, whatever they say."""
    chance = Random(seed)
    key = served.keys["BANKKZKA"].encode()
    for number in range(count):
        body = encode_record(paying(f"m{seed}-{number}"))
        lines = b"\n".join([body] * chance.randrange(1, 4))
        path, content = chance.choice(
            [(b"POST /v1/payments", body), (b"POST /v1/events", lines),
             (b"GET /v1/decisions/m-%d" % number, b""), (b"GET /metrics", b"")]
        )  # fmt: skip
        if chance.random() < 0.5 and content:
            content = mutated(chance, content)
        request = (
            b"%b HTTP/1.1\r\nhost: x\r\nauthorization: Bearer %b\r\nconnection: close\r\n"
            b"content-length: %d\r\n\r\n%b" % (path, key, len(content), content)
        )
        if chance.random() < 0.5:
            request = mutated(chance, request)
        connection = served.connect()
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            status, data = reply(connection)
        except ConnectionError:
            continue
        finally:
            connection.close()
        assert status != 500, (request, data)


def test_nonsense_is_refused_and_nothing_breaks(served: Served) -> None:
    """Mutated requests, heads and bodies: no 500, no crash, and the next one is judged."""
    hammered(served, 1_000, seed=1)


@pytest.mark.slow
def test_a_hundred_thousand_requests_of_nonsense_break_nothing(served: Served) -> None:
    """The same for longer."""
    hammered(served, 100_000, seed=2)
