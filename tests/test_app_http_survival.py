"""What the service must survive, each with a real process: crowds, slow clients, nonsense.

Kills and faults of the disk are in test_app_bench_faults.py.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from arasha.app.http.decisions import told
from arasha.engine.again import compare
from arasha.events.json import encode as encode_record
from arasha.log.verify import verify
from arasha.testing.history import Findings, History
from live_samples import WITH_FALLBACK
from policy_samples import written
from service_samples import Served, participant, paying, reply, serving


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


@pytest.mark.slow
def test_a_client_that_sends_a_byte_a_second_is_told_so_and_holds_up_nobody(tmp_path: Path) -> None:
    """Its time for a request is over long before its request is here; nothing of it is kept, and
    what the others were told is in the log.
    """
    directory, history = tmp_path / "centre", History()
    keys = {"BANKKZKA": participant(directory, "BANKKZKA")}
    with serving(directory, written(tmp_path, WITH_FALLBACK), keys=keys) as service:
        slow = [service.connect() for _ in range(5)]
        said = b"POST /v1/payments HTTP/1.1\r\nhost: x\r\n"
        for second in range(14):
            for connection in slow:
                with suppress(OSError):
                    connection.send(said[second : second + 1])
            for number in range(20):
                name = f"b-{second}-{number}"
                body = history.sends(name, encode_record(paying(name)))
                response = service.request("POST", "/v1/payments", body)
                assert 200 == response.status_code
                history.answered(name, response.content)
            time.sleep(1)
        assert [408] * 5 == [reply(connection)[0] for connection in slow]
        for connection in slow:
            connection.close()
        assert 0 == service.stop()
    assert Findings(280) == history.check(directory, told)


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
