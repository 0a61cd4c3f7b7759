"""Load for a service, from a process of its own: requests come when they come, answered or not.

An open loop: each request has its time, and what it took is counted from that time, not from when a
connection was free. So a service that stands still for a second is charged for every request of
that second (no coordinated omission). In: a plan as JSON, an argument. Out: one JSON object.

It shares two cores with the service, so it takes what it must: sockets without an event loop, which
would cost twice as much and, counting in milliseconds, send half of them a millisecond late.
"""

from __future__ import annotations

import gc
import json
import select
import selectors
import socket
import sys
import time
from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from typing import Final, Literal
from zlib import crc32

import msgspec
import numpy as np

from arasha.app.bench.call_traffic import askings, calls

GRACE_S: Final = 10.0
"""How long the last answers are waited for, seconds."""

CHANNELS: Final = ("mobile", "web", "pos", "card")
_SEED: Final = 20_260_131
_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"\r\ncontent-length: "
_PATHS: Final = {
    "payments": "/v1/payments", "calls": "/v1/calls", "signals": "/v1/signals/call-risk",
}  # fmt: skip
_READ_BYTES: Final = 65_536


class Plan(msgspec.Struct, frozen=True):
    """``rate`` requests a second for ``seconds``, over so many connections; ids begin with
    ``prefix``. ``accounts`` pay each other, a share ``fresh`` of them one never seen; or so many
    numbers call each other, or are asked about, as ``asks`` says.
    """

    port: int
    key: str
    rate: int
    seconds: float
    prefix: str
    connections: int = 128
    accounts: int = 10_000
    fresh: float = 0.1
    host: str = "127.0.0.1"
    asks: Literal["payments", "calls", "signals"] = "payments"


@dataclass
class Outcome:
    """What came of it: how many of each status, ms from when each was due to its answer (of those
    answered 200, and of the others) and to its sending, and how many got no answer.
    """

    sent: int = 0
    seconds: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)
    unanswered: int = 0
    ok_ms: dict[str, float] = field(default_factory=dict)
    refused_ms: dict[str, float] = field(default_factory=dict)
    sent_late_ms: dict[str, float] = field(default_factory=dict)
    answered_per_s: float = 0.0


def payments(plan: Plan, count: int, first: int = 0) -> list[bytes]:
    """So many payments as JSON, the same for the same plan."""
    chance = np.random.default_rng((_SEED, plan.rate, len(plan.prefix), first))
    payers = chance.integers(0, plan.accounts, count).tolist()
    payees = chance.integers(0, plan.accounts, count).tolist()
    fresh = (chance.random(count) < plan.fresh).tolist()
    amounts = np.minimum(chance.lognormal(9, 1.5, count), 1e9).astype(int).tolist()
    channels = chance.integers(0, len(CHANNELS), count).tolist()
    known, now = [account(number) for number in range(plan.accounts)], _now()
    never_seen = (crc32(plan.prefix.encode()) % 999_999 + 1) * 10_000_000 + first
    return [
        _payment(
            f"{plan.prefix}-{first + i}", now, known[payers[i]],
            account(never_seen + i) if fresh[i] else known[payees[i]], amounts[i] + 1,
            CHANNELS[channels[i]], payers[i],
        )
        for i in range(count)
    ]  # fmt: skip


def first_payments(plan: Plan) -> list[bytes]:
    """One payment by each of the plan's accounts and devices, to the account next to it."""
    known, now = [account(number) for number in range(plan.accounts)], _now()
    return [
        _payment(f"{plan.prefix}-{i}", now, known[i], known[i - 1], 1_000, CHANNELS[0], i)
        for i in range(plan.accounts)
    ]


def _bodies(plan: Plan, count: int) -> list[bytes]:
    if plan.asks == "payments":
        return payments(plan, count)
    return (calls if plan.asks == "calls" else askings)(plan.accounts, count, plan.prefix)


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _payment(
    payment_id: str, at: str, payer: str, payee: str, amount: int, channel: str, device: int
) -> bytes:
    return (
        f'{{"fact":"payment","id":"{payment_id}","happened_at":"{at}",'
        f'"payer_account":"{payer}","payee_account":"{payee}","amount":"{amount}.00",'
        f'"currency":"KZT","channel":"{channel}","device":"device-{device}"}}'
    ).encode()


def account(number: int) -> str:
    """The Kazakh IBAN of that account, at most 13 digits, at the bank 125."""
    check = 98 - int(f"125{number:013d}203500") % 97  # KZ is 2035, and 00 where the digits will be
    return f"KZ{check:02d}125{number:013d}"


def status_of(reply: bytes) -> int | None:
    """The status of a reply that is here as a whole; None of one that is not yet.

    Only replies with a length are read, as the service sends them to one fact: a parser for all of
    HTTP takes more of the two cores than the service's own.
    """
    end = reply.find(_END)
    if end < 0:
        return None
    at = reply.index(_LENGTH, 0, end) + len(_LENGTH)
    length = int(reply[at : reply.index(b"\r", at)])
    return int(reply[9:12]) if len(reply) >= end + len(_END) + length else None


class _Client:
    """One connection: one request at a time."""

    def __init__(self, plan: Plan) -> None:
        self.socket = socket.create_connection((plan.host, plan.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.due = 0.0
        self._reply = b""

    def send(self, due: float, request: bytes) -> None:
        """Send what was due then; it is small, and nothing else is on its way."""
        self.due = due
        self.socket.sendall(request)

    def status(self) -> int | None:
        """The status of the reply when all of it is here. Raises ConnectionError at the end."""
        data = self.socket.recv(_READ_BYTES)
        if not data:
            raise ConnectionError
        self._reply = self._reply + data if self._reply else data
        status = status_of(self._reply)
        if status is not None:
            self._reply = b""
        return status


class _Load:
    """One run."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._selector = selectors.DefaultSelector()
        self._free: deque[_Client] = deque()
        self._ok: list[float] = []
        self._refused: list[float] = []
        self._late: list[float] = []
        self._statuses: Counter[int] = Counter()
        self._in_flight = 0

    def run(self) -> Outcome:
        """Send everything, each when it is due, and wait for the answers."""
        plan = self._plan
        requests = self._requests()
        for _ in range(plan.connections):
            client = _Client(plan)
            self._selector.register(client.socket, selectors.EVENT_READ, client)
            self._free.append(client)
        start, sent, step = time.perf_counter() + 0.1, 0, 1 / plan.rate
        until = start + plan.seconds + GRACE_S
        while sent < len(requests) and (now := time.perf_counter()) < until:
            due_now = min(len(requests), int((now - start) / step + 1))
            while sent < due_now and self._free:
                self._send(start + sent * step, requests[sent])
                sent += 1
            self._receive(start + sent * step if self._free else until)
        until = time.perf_counter() + GRACE_S
        while self._in_flight and time.perf_counter() < until:
            self._receive(until)
        return self._outcome(len(requests), time.perf_counter() - start)

    def _requests(self) -> list[bytes]:
        plan = self._plan
        head = (
            f"POST {_PATHS[plan.asks]} HTTP/1.1\r\nhost: {plan.host}:{plan.port}\r\n"
            f"authorization: Bearer {plan.key}\r\ncontent-type: application/json\r\n"
        ).encode()
        bodies = _bodies(plan, int(plan.rate * plan.seconds))
        return [b"%bcontent-length: %d\r\n\r\n%b" % (head, len(b), b) for b in bodies]

    def _send(self, due: float, request: bytes) -> None:
        self._free.popleft().send(due, request)
        self._late.append((time.perf_counter() - due) * 1000)
        self._in_flight += 1

    def _receive(self, until: float) -> None:
        """Take the answers that are here, or wait for some until then."""
        ready = self._selector.select(0)
        if not ready:  # a selector waits for whole milliseconds
            wait_s = until - time.perf_counter()
            select.select((self._selector,), (), (), max(0.0, wait_s))
            ready = self._selector.select(0)
        for key, _ in ready:
            client: _Client = key.data
            try:
                status = client.status()
            except ConnectionError:
                self._selector.unregister(client.socket)
                continue
            if status is not None:
                self._answered(client, status)

    def _answered(self, client: _Client, status: int) -> None:
        took_ms = (time.perf_counter() - client.due) * 1000
        (self._ok if status == 200 else self._refused).append(took_ms)
        self._statuses[status] += 1
        self._in_flight -= 1
        self._free.append(client)

    def _outcome(self, due: int, seconds: float) -> Outcome:
        answered = len(self._ok) + len(self._refused)
        return Outcome(
            due, seconds, {str(status): count for status, count in self._statuses.items()},
            due - answered, _spread(self._ok), _spread(self._refused), _spread(self._late),
            len(self._ok) / max(seconds, self._plan.seconds),
        )  # fmt: skip


def _spread(taken_ms: list[float]) -> dict[str, float]:
    if not taken_ms:
        return {}
    marks = np.percentile(taken_ms, (50, 99, 99.9, 100)).tolist()
    return dict(zip(("p50", "p99", "p99_9", "max"), marks, strict=True))


def main(text: str) -> None:
    """Run the plan and print what came of it."""
    gc.disable()  # it lives for seconds, and a pause of its own would be charged to the service
    print(json.dumps(asdict(_Load(msgspec.json.decode(text, type=Plan)).run())))


if __name__ == "__main__":
    main(sys.argv[1])
