"""Policies, payments and a running Live for the tests of the live service."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Condition
from typing import Any

from arasha.engine.clock import Clock
from arasha.engine.live import Answer, Ask, Job, Live
from arasha.engine.live_start import open_live
from arasha.events.records import PaymentReceived, Record
from arasha.policy import document
from arasha.policy.definition import Policy
from arasha.vault.rows import Row, row_of
from arasha.vault.tokens import Tokens
from policy_samples import POLICY, written

NOW = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
NOW_MS = 1_769_851_800_000
SECOND_NS = 1_000_000_000
WITH_FALLBACK = POLICY.replace('name = "small"', 'name = "small"\nfallback = "hold"')
STRICTER = POLICY.replace("1000000 KZT", "100 KZT").replace('"small"', '"stricter"')
TOKENS = Tokens(b"k" * 32)


def policy(folder: Path, text: str = POLICY, name: str = "policy.toml") -> Policy:
    """The small policy, or another."""
    return document.load(written(folder, text, name))


def payment(number: int | str, **values: Any) -> PaymentReceived:
    """A payment of 1,000 KZT from one of ten accounts to another."""
    place = number if isinstance(number, int) else 0
    defaults: dict[str, Any] = {
        "id": f"p-{number}",
        "happened_at": NOW,
        "payer_account": f"KZ{place % 10}",
        "payee_account": f"KZ{(place * 7 + 1) % 10}",
        "amount": "1000.00",
        "currency": "KZT",
    }
    return PaymentReceived(**(defaults | values))


def row(record: Record, sender: str = "BANKKZKA") -> Row:
    """The record as the door hands it on."""
    return row_of(record, sender, TOKENS)


@dataclass
class Hands:
    """A clock to turn: both of its readings stand still until told otherwise."""

    wall_ms: int = NOW_MS
    steady_ns: int = 5 * SECOND_NS

    def __call__(self) -> Clock:
        return Clock(self.wall_ms, self.steady_ns)


@dataclass
class Deliveries:
    """What was handed back, in order, and a way to wait for it."""

    works: list[Ask | Job] = field(default_factory=list)
    changed: Condition = field(default_factory=Condition)

    def __call__(self, works: Sequence[Ask | Job]) -> None:
        with self.changed:
            self.works += works
            self.changed.notify_all()

    def wait_for(self, work: Ask | Job) -> None:
        """Until that work is back."""
        with self.changed:
            assert self.changed.wait_for(lambda: any(one is work for one in self.works), 60)


@dataclass
class Running:
    """A Live that decides, and its clock."""

    live: Live
    hands: Hands
    deliveries: Deliveries

    def ask(self, *records: Record, sender: str = "BANKKZKA", within_s: float = 1) -> Ask:
        """Have the records kept together, and wait for the answers."""
        ask = self.asking(*records, sender=sender, within_s=within_s)
        assert self.live.submit(ask)
        self.deliveries.wait_for(ask)
        return ask

    def asking(self, *records: Record, sender: str = "BANKKZKA", within_s: float = 1) -> Ask:
        """The same, not yet asked."""
        deadline_ns = self.hands.steady_ns + int(within_s * SECOND_NS)
        return Ask([row(record, sender) for record in records], deadline_ns)

    def answer(self, record: Record, **options: Any) -> Answer:
        """The answer to one record."""
        ask = self.ask(record, **options)
        assert ask.fault is None
        [answer] = ask.answers
        return answer

    def do(self, job: Job) -> Any:
        """Have a job done."""
        assert self.live.submit(job)
        self.deliveries.wait_for(job)
        return job.result


@contextmanager
def running(
    directory: Path, of: Policy | None = None, hands: Hands | None = None, **options: Any
) -> Iterator[Running]:
    """A live service over that directory; stopped in the end."""
    hands, deliveries = hands or Hands(), Deliveries()
    started = open_live(directory, of, hands.wall_ms)
    live = Live(started, clock=hands, deliver=deliveries, **options)
    live.start()
    try:
        yield Running(live, hands, deliveries)
    finally:
        live.stop()
