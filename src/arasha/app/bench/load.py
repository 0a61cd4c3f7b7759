"""Load for a service, from a process of its own: payments come when they come, answered or not.

An open loop: each payment has its time, and what it took is counted from that time, not from when a
connection was free. So a service that stands still for a second is charged for every payment of
that second (no coordinated omission). In: a plan as JSON, an argument. Out: one JSON object.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from typing import Final

import msgspec
import numpy as np

TICK_S: Final = 0.001
"""How often it is looked what is due, seconds."""

GRACE_S: Final = 10.0
"""How long the last answers are waited for, seconds."""

CHANNELS: Final = ("mobile", "web", "pos", "card")
_SEED: Final = 20_260_131
_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"\r\ncontent-length: "


class Plan(msgspec.Struct, frozen=True):
    """``rate`` payments a second for ``seconds``, over so many connections; ids begin with
    ``prefix``. ``accounts`` pay each other; a share ``fresh`` of them goes to one never seen.
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


@dataclass
class Outcome:
    """What came of it: how many of each status, ms from when each was due to its answer (of those
    answered 200, and of the others), and how many got no answer.
    """

    sent: int = 0
    seconds: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)
    unanswered: int = 0
    ok_ms: dict[str, float] = field(default_factory=dict)
    refused_ms: dict[str, float] = field(default_factory=dict)
    answered_per_s: float = 0.0


def payments(plan: Plan, count: int, first: int = 0) -> list[bytes]:
    """So many payments as JSON, the same for the same plan."""
    chance = np.random.default_rng((_SEED, plan.rate, len(plan.prefix), first))
    payers = chance.integers(0, plan.accounts, count).tolist()
    payees = chance.integers(0, plan.accounts, count).tolist()
    fresh = (chance.random(count) < plan.fresh).tolist()
    amounts = np.minimum(chance.lognormal(9, 1.5, count), 1e9).astype(int).tolist()
    channels = chance.integers(0, len(CHANNELS), count).tolist()
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return [
        (
            f'{{"fact":"payment","id":"{plan.prefix}-{first + i}","happened_at":"{now}",'
            f'"payer_account":"KZ{payers[i]:018d}","payee_account":'
            + (f'"KZ9{plan.prefix}{first + i}"' if fresh[i] else f'"KZ{payees[i]:018d}"')
            + f',"amount":"{amounts[i] + 1}.00","currency":"KZT",'
            f'"channel":"{CHANNELS[channels[i]]}","device":"device-{payers[i]}"}}'
        ).encode()
        for i in range(count)
    ]


def status_of(reply: bytes) -> int | None:
    """The status of a reply that is here as a whole; None of one that is not yet.

    Only replies with a length are read, as the service sends them to a payment: a parser for all of
    HTTP takes more of the two cores than the service's own.
    """
    end = reply.find(_END)
    if end < 0:
        return None
    at = reply.index(_LENGTH, 0, end) + len(_LENGTH)
    length = int(reply[at : reply.index(b"\r", at)])
    return int(reply[9:12]) if len(reply) >= end + len(_END) + length else None


class _Client(asyncio.Protocol):
    """One connection: one payment at a time."""

    def __init__(self, load: _Load) -> None:
        self._load = load
        self._transport: asyncio.Transport | None = None
        self._due = 0.0
        self._reply = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's is none by name

    def data_received(self, data: bytes) -> None:
        self._reply = self._reply + data if self._reply else data
        status = status_of(self._reply)
        if status is not None:
            self._reply = b""
            self._load.answered(self._due, status)
            if self._transport is not None:
                self._load.free.append(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        self._transport = None

    def send(self, due: float, request: bytes) -> None:
        """Send a payment that was due then."""
        self._due = due
        assert self._transport is not None
        self._transport.write(request)


class _Load:
    """One run."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._loop = asyncio.get_running_loop()
        self.free: deque[_Client] = deque()
        self._ok: list[float] = []
        self._refused: list[float] = []
        self._statuses: Counter[int] = Counter()

    def answered(self, due: float, status: int) -> None:
        """An answer is here."""
        took_ms = (time.perf_counter() - due) * 1000
        (self._ok if status == 200 else self._refused).append(took_ms)
        self._statuses[status] += 1

    async def run(self) -> Outcome:
        """Send everything, each when it is due, and wait for the answers."""
        plan, loop = self._plan, self._loop
        bodies = payments(plan, int(plan.rate * plan.seconds))
        head = (
            f"POST /v1/payments HTTP/1.1\r\nhost: {plan.host}:{plan.port}\r\n"
            f"authorization: Bearer {plan.key}\r\ncontent-type: application/json\r\n"
        ).encode()
        requests = [b"%bcontent-length: %d\r\n\r\n%b" % (head, len(b), b) for b in bodies]
        for _ in range(plan.connections):
            _, client = await loop.create_connection(lambda: _Client(self), plan.host, plan.port)
            self.free.append(client)
        start, sent, step = time.perf_counter() + 0.1, 0, 1 / plan.rate
        while sent < len(requests):
            due_now = min(len(requests), int((time.perf_counter() - start) / step) + 1)
            while sent < due_now and self.free:
                self.free.popleft().send(start + sent * step, requests[sent])
                sent += 1
            if time.perf_counter() > start + plan.seconds + GRACE_S:
                break
            await asyncio.sleep(TICK_S)
        until = time.perf_counter() + GRACE_S
        while len(self._ok) + len(self._refused) < sent and time.perf_counter() < until:
            await asyncio.sleep(0.01)
        return self._outcome(len(requests), time.perf_counter() - start)

    def _outcome(self, due: int, seconds: float) -> Outcome:
        answered = len(self._ok) + len(self._refused)
        return Outcome(
            due, seconds, {str(status): count for status, count in self._statuses.items()},
            due - answered, _spread(self._ok),
            _spread(self._refused), len(self._ok) / max(seconds, self._plan.seconds),
        )  # fmt: skip


def _spread(taken_ms: list[float]) -> dict[str, float]:
    if not taken_ms:
        return {}
    marks = np.percentile(taken_ms, (50, 99, 99.9, 100)).tolist()
    return dict(zip(("p50", "p99", "p99_9", "max"), marks, strict=True))


async def _run(plan: Plan) -> Outcome:
    return await _Load(plan).run()


def main(text: str) -> None:
    """Run the plan and print what came of it."""
    import uvloop

    gc.disable()  # it lives for seconds, and a pause of its own would be charged to the service
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        outcome = runner.run(_run(msgspec.json.decode(text, type=Plan)))
    print(json.dumps(asdict(outcome)))


if __name__ == "__main__":
    main(sys.argv[1])
