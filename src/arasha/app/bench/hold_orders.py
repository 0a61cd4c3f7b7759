"""How long from a report to its hold orders: part of ``bench trace``.

In: how many reports. Out: one result: from when the victim's bank sends a report that it stands for
to when the hold orders of all five banks that the money has reached are durable in the outbox. A
real service over loopback, the default policy with its model, the law of Kazakhstan, a webhook for
each bank whose receiver answers at once, and other banks' payments beside it all the time. Reports
come one after the other at random intervals, so none rides on the outbox's own rhythm.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Final

import apsw
import numpy as np

from arasha.app.bench.load import account
from arasha.app.bench.results import Result
from arasha.app.bench.service import POLICY, Served, serving
from arasha.app.bench.traffic import house_file
from arasha.app.commands_serve import clock
from arasha.client import Client
from arasha.events.records import PaymentReceived, ReportFiled
from arasha.exchange.outbox import OUTBOX_FILE
from arasha.exchange.participants import Participants
from arasha.exchange.register import Register
from arasha.exchange.webhooks import Webhooks

METRIC: Final = "hold_orders_p99"

LAW: Final = "law/kz.toml"

REACH_MS: Final = 250

BANKS: Final = 5
"""Banks that the money of each report has reached."""

TRAFFIC_PER_S: Final = 500
"""Payments of others a second, beside the reports."""

TRAFFIC_ACCOUNTS: Final = 10_000
"""Accounts of others, known before."""

_VICTIMS: Final = "VICTIMKZ"
_EACH: Final = 90_000  # what is passed on to each further bank, KZT
_STOLEN: Final = 500_000
_SEED: Final = 20_261_128
_LOOK_S: Final = 0.002
_LONGEST_S: Final = 20.0
_APART_S: Final = (0.15, 0.35)
_FIRST_ACCOUNT: Final = 7_000_000_000
_ANSWER: Final = b"HTTP/1.1 204 No Content\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_COUNT: Final = "SELECT count(*) FROM messages WHERE type = ?"


def hold_orders(reports: int) -> Result:
    """So many reports, and what the slowest hundredth of them took."""
    with _sink() as url:
        keys: dict[str, str] = {}
        law = ("--law", str(house_file(LAW)))
        with serving(
            TRAFFIC_ACCOUNTS, lambda folder: keys.update(_banks(folder, url)), *law
        ) as served:
            took = _Reports(served, keys).run(reports)
    milliseconds = np.array(took.milliseconds)
    p50, p99 = np.percentile(milliseconds, (50, 99)).tolist()
    return Result(
        METRIC, p99, "ms", "at_most", REACH_MS,
        note=f"{reports:,} reports, {BANKS} banks each, {TRAFFIC_PER_S} payments of others a "
        f"second beside them, {POLICY}, {LAW}; from sending the report to all orders durable, "
        f"looked for every {_LOOK_S * 1000:g} ms",
        beside={
            "p50_ms": p50, "max_ms": float(milliseconds.max()), "p99_of_reply_ms": took.reply_p99,
            "traffic_p99_ms": took.traffic_p99,
        },
    )  # fmt: skip


@dataclass
class _Took:
    milliseconds: list[float]
    reply_p99: float
    traffic_p99: float | None


@dataclass
class _Reports:
    """Thefts and their reports, one after the other."""

    served: Served
    keys: dict[str, str]

    def run(self, reports: int) -> _Took:
        chance = Random(_SEED)
        address = f"http://127.0.0.1:{self.served.port}"
        took, replies = list[float](), list[float]()
        with (
            ThreadPoolExecutor(1) as beside,
            closing(_reading(self.served.directory)) as outbox,
            Client(address, key=self.keys[_VICTIMS]) as victims,
            Client(address, key=self.keys[_bank(0)]) as mules,
        ):
            _until(outbox, "rights_changed", BANKS)
            self._steal(0, victims, mules)
            self._report(0, victims, outbox)  # the first finds everything as it was loaded
            seconds = reports * (sum(_APART_S) / 2 + 0.15) + 5
            traffic = beside.submit(self.served.load, TRAFFIC_PER_S, seconds)
            time.sleep(1.0)
            for number in range(1, reports + 1):
                self._steal(number, victims, mules)
                time.sleep(chance.uniform(*_APART_S))
                whole, reply = self._report(number, victims, outbox)
                took.append(whole)
                replies.append(reply)
            p99 = traffic.result()["ok_ms"].get("p99")
        return _Took(took, float(np.percentile(replies, 99)), p99)

    def _steal(self, number: int, victims: Client, mules: Client) -> None:
        """A payment to the first bank, and parts of it at once to each of the others."""
        at, mule = datetime.now(UTC), _account(number, 0)
        victims.judge(
            PaymentReceived(
                id=f"s-{number}", happened_at=at, payer_account=_account(number, BANKS),
                payee_account=mule, payer_bank=_VICTIMS, payee_bank=_bank(0),
                amount=f"{_STOLEN}.00", currency="KZT",
            )
        )  # fmt: skip
        passed = [
            PaymentReceived(
                id=f"s-{number}-{bank}", happened_at=at, payer_account=mule,
                payee_account=_account(number, bank), payer_bank=_bank(0), payee_bank=_bank(bank),
                amount=f"{_EACH}.00", currency="KZT",
            )
            for bank in range(1, BANKS)
        ]  # fmt: skip
        list(mules.send(passed))

    def _report(self, number: int, victims: Client, outbox: apsw.Connection) -> tuple[float, float]:
        """Ms from sending it to all orders in the outbox, and to its answer."""
        report = ReportFiled(
            id=f"r-{number}", happened_at=datetime.now(UTC), payment=f"s-{number}", attested=True
        )
        begin = time.perf_counter()
        list(victims.send([report]))
        reply = time.perf_counter()
        done = _until(outbox, "hold_order", BANKS * (number + 1))
        return (done - begin) * 1000, (reply - begin) * 1000


def _bank(number: int) -> str:
    return f"MULEKZ{number}"


def _account(number: int, bank: int) -> str:
    return account(_FIRST_ACCOUNT + number * (BANKS + 1) + bank)


def _banks(folder: Path, url: str) -> dict[str, str]:
    """The victims' bank and the five others, each of these with a webhook; their keys."""
    participants = Participants.open(folder, lambda: clock().wall_ms)
    keys = {}
    for name in (_VICTIMS, *map(_bank, range(BANKS))):
        _, key_id, secret = participants.create(
            name, "bank", by="bench", rate_per_s=1e6, burst=1_000_000, deadline_ms=60_000
        )
        keys[name] = f"{key_id}.{secret}"
    participants.close()
    register = Register.open(folder, lambda: clock().wall_ms)
    for number in range(BANKS):
        Webhooks(register).set(_bank(number), url, by="bench")
    register.close()
    return keys


def _reading(directory: Path) -> apsw.Connection:
    """The outbox's file, to be looked at beside the service."""
    path = directory / OUTBOX_FILE
    while not path.exists():
        time.sleep(0.05)
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    connection.set_busy_timeout(1_000)
    return connection


def _until(outbox: apsw.Connection, message_type: str, count: int) -> float:
    """When so many such messages are durable in it, on the clock of performance."""
    end = time.perf_counter() + _LONGEST_S
    while True:
        [(value,)] = outbox.execute(_COUNT, (message_type,)).fetchall()
        found = int(str(value))
        now = time.perf_counter()
        if found >= count:
            return now
        assert now < end, f"{found} of {count} messages {message_type}"
        time.sleep(_LOOK_S)


@contextmanager
def _sink() -> Iterator[str]:
    """A receiver of webhooks that answers 204 to whatever it is sent; its address."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(_taken, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.close()


async def _taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
        await reader.readexactly(length)
        writer.write(_ANSWER)
        await writer.drain()
    finally:
        writer.close()
