"""The service in figures, for Prometheus: how much, how quick, how full. Nothing in them is about a
party, and no label is a participant's name.
"""

from __future__ import annotations

from collections import Counter as Tally
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from arasha.engine.live import Batch, Fate
from arasha.events.decisions import ACTIONS, FALLBACK, LATE
from arasha.exchange.outbox import Standing

MEDIA_TYPE: Final = b"text/plain; version=0.0.4; charset=utf-8"

_SECONDS: Final = (
    0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1.0,
    2.5,
)  # fmt: skip
_SCORES: Final = tuple(range(50, 1001, 50))


class Figures:
    """The counters and gauges of one service, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._facts = self._counter("facts", "Facts sent, by what became of them", "fate")
        self._decisions = self._counter("decisions", "Payments decided", "action")
        self._fallbacks = self._counter("fallbacks", "Payments there was no time for")
        self._late = self._counter("late", "Payments known long after they happened")
        self._replies = self._counter("replies", "Replies", "route", "status")
        self._shadow = self._counter(
            "shadow", "Payments judged by the shadow, too", "action", "shadow_action"
        )
        self._messages = self._counter("outbox_tries", "Tries to deliver messages", "state")
        self._verdict = self._seconds("verdict", "From a payment's arrival to its reply")
        self._waited = self._seconds("waited", "How long a batch's first fact waited")
        self._decided = self._seconds("decided", "From a batch's taking to its commit")
        self._committed = self._seconds("committed", "The commit of a batch")
        self._scores = Histogram("arasha_score", "Scores of decisions", registry=self.registry,
                                 buckets=_SCORES)  # fmt: skip
        self.gauges = {
            name: Gauge(f"arasha_{name}", text, registry=self.registry)
            for name, text in (
                ("waiting_facts", "Facts in the queue"),
                ("entries", "Entries of the log"),
                ("events_held", "Events in the windows"),
                ("connections", "Open connections"),
                ("streams", "Open event streams"),
                ("snapshot_behind_entries", "Entries behind the last snapshot"),
                ("shadow_behind_entries", "Entries that the shadow has yet to judge"),
                (
                    "outbox_running",
                    "1 while the outbox follows the log, 0 after a fault of its own",
                ),
                ("outbox_due", "Messages that may be delivered now or at their next try"),
                ("outbox_behind", "Messages that wait for one ahead of them"),
                ("outbox_dead", "Messages that wait for a person"),
                ("outbox_in_flight", "Messages on their way"),
                ("outbox_oldest_seconds", "Since when the oldest message waits"),
                ("outbox_behind_entries", "Entries that the outbox has yet to read"),
            )
        }
        self._fates = {fate: self._facts.labels(fate.value) for fate in Fate}
        self._actions = [self._decisions.labels(action) for action in ACTIONS]
        self._routes: dict[tuple[str, int], Counter] = {}

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"arasha_{name}", text, labels, registry=self.registry)

    def _seconds(self, name: str, text: str) -> Histogram:
        return Histogram(f"arasha_{name}_seconds", text, registry=self.registry, buckets=_SECONDS)

    def batch(self, batch: Batch) -> None:
        """A commit was made; called by the writing thread."""
        self._waited.observe(batch.waited_ns / 1e9)
        self._decided.observe(batch.decided_ns / 1e9)
        if batch.committed_ns:
            self._committed.observe(batch.committed_ns / 1e9)
        for fate, count in Tally(answer.fate for answer in batch.answers).items():
            self._fates[fate].inc(count)
        new = [a.verdict for a in batch.answers if a.fate is Fate.KEPT and a.verdict is not None]
        for action, count in Tally(verdict.action for verdict in new).items():
            self._actions[action].inc(count)
        self._fallbacks.inc(sum(1 for verdict in new if verdict.marks & FALLBACK))
        self._late.inc(sum(1 for verdict in new if verdict.marks & LATE))
        for verdict in new:
            self._scores.observe(verdict.score)

    def replied(self, route: str, status: int) -> None:
        """A reply went out."""
        known = self._routes.get((route, status))
        if known is None:
            known = self._routes[route, status] = self._replies.labels(route, str(status))
        known.inc()

    def verdict(self, seconds: float) -> None:
        """A payment was answered so long after it came."""
        self._verdict.observe(seconds)

    def shadowed(self, action: int, shadow_action: int, payments: int) -> None:
        """The shadow judged so many payments that way."""
        self._shadow.labels(ACTIONS[action], ACTIONS[shadow_action]).inc(payments)

    def message_tried(self, state: str) -> None:
        """A message was tried, and is so from then on: delivered, due (again) or dead."""
        self._messages.labels(state).inc()

    def outbox(self, standing: Standing, behind: int, in_flight: int, now_ms: int) -> None:
        """How the outbox stands; ``behind`` in entries of the log."""
        oldest_ms = now_ms if standing.oldest_ms is None else standing.oldest_ms
        for name, value in (
            ("running", 1), ("due", standing.due), ("behind", standing.behind),
            ("dead", standing.dead), ("in_flight", in_flight),
            ("oldest_seconds", max(0, now_ms - oldest_ms) / 1000), ("behind_entries", behind),
        ):  # fmt: skip
            self.gauges[f"outbox_{name}"].set(value)

    def outbox_fails(self) -> None:
        """The outbox had a fault of its own and begins anew in a while."""
        self.gauges["outbox_running"].set(0)

    def page(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self.registry)
