"""The service in figures, for Prometheus: how much, how quick, how full. Nothing in them is about a
party, and no label is a participant's name.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable
from math import nan
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from arasha.app.http.spread import Histogram
from arasha.engine.drift import Drift, Index
from arasha.engine.live import Batch, Fate
from arasha.events.decisions import ACTIONS, FALLBACK, LATE
from arasha.exchange.outbox import Standing

MEDIA_TYPE: Final = b"text/plain; version=0.0.4; charset=utf-8"

_SECONDS: Final = (
    0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1.0,
    2.5,
)  # fmt: skip
STAGES: Final = {
    "read": "from a payment's arrival to its place in the queue, one in sixteen",
    "wait": "how long the first of a batch waited there",
    "decide": "judging a batch, without its commit",
    "commit": "the durable commit of a batch",
    "answer": "from the commit until all its answers are written",
}
"""The stages of a payment's way, in order."""

READS: Final = 16
"""One payment in so many is timed while it is read: a clock is not free."""

_COUNTED: Final = FALLBACK | LATE
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
        self._owner_answers = self._counter(
            "owner_answers", "Calls from abroad put to the owner of their number", "answer"
        )
        self._verdict = Histogram(
            "arasha_verdict_seconds", "From a payment's arrival to its reply", _SECONDS,
            self.registry,
        ).of[""]  # fmt: skip
        self._stages = Histogram(
            "arasha_stage_seconds", "Latency by stage", _SECONDS, self.registry, "stage", STAGES
        ).of
        self._requests = 0
        self._scores = Histogram("arasha_score", "Scores of decisions", _SCORES, self.registry).of[
            ""
        ]
        self.gauges = {
            name: Gauge(f"arasha_{name}", text, registry=self.registry)
            for name, text in (
                ("waiting_facts", "Facts in the queue"),
                ("entries", "Entries of the log"),
                ("events_held", "Events in the windows"),
                ("connections", "Open connections"),
                ("streams", "Open event streams"),
                ("snapshot_behind_entries", "Entries behind the last snapshot"),
                ("snapshot_age_seconds", "Age of the last snapshot; NaN without one"),
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
        self._drift = {
            name: Gauge(f"arasha_{name}", text, labels, registry=self.registry)
            for name, text, labels in (
                ("feature_drift", "Population stability index of a feature of the model",
                 ("feature",)),
                ("feature_drift_by_chance", "What chance exceeds once in twenty", ("feature",)),
                ("score_drift", "Population stability index of the model's score", ()),
                ("score_drift_by_chance", "What chance exceeds once in twenty", ()),
                ("drift_payments", "Payments that the indices are about", ()),
            )
        }  # fmt: skip
        self._told: Tally[tuple[str, int]] = Tally()
        self._facts_by_fate: Tally[Fate] = Tally()  # these two are the writing thread's
        self._payments_by_mark: Tally[tuple[int, int]] = Tally()
        self._shown: Tally[Counter] = Tally()

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"arasha_{name}", text, labels, registry=self.registry)

    def batch(self, batch: Batch) -> None:
        """A commit was made; called by the writing thread."""
        stages = self._stages
        stages["wait"].observe((batch.waited_ns / 1e9,))
        stages["decide"].observe(((batch.decided_ns - batch.committed_ns) / 1e9,))
        if batch.committed_ns:
            stages["commit"].observe((batch.committed_ns / 1e9,))
        new = [answer.verdict for answer in batch.answers if answer.fate is Fate.KEPT]
        self._facts_by_fate[Fate.KEPT] += len(new)
        if len(new) < len(batch.answers):
            self._facts_by_fate.update(a.fate for a in batch.answers if a.fate is not Fate.KEPT)
        verdicts = [verdict for verdict in new if verdict is not None]
        self._payments_by_mark.update(
            [(verdict.action, verdict.marks & _COUNTED) for verdict in verdicts]
        )
        self._scores.observe([verdict.score for verdict in verdicts])

    def replied(self, route: str, status: int) -> None:
        """A reply went out."""
        self._told[route, status] += 1

    def read(self, arrived_ns: int, steady_ns: Callable[[], int]) -> None:
        """A payment was read; called for each, and one in READS is timed."""
        self._requests += 1
        if self._requests % READS == 0:
            self._stages["read"].observe(((steady_ns() - arrived_ns) / 1e9,))

    def handed_out(self, seconds: float) -> None:
        """All answers of a batch were written so long after its commit."""
        self._stages["answer"].observe((seconds,))

    def drifted(self, drift: Drift | None) -> None:
        """How far what is judged lies from what the model learnt; None: nobody can say."""
        gauges = self._drift
        gauges["feature_drift"].clear()
        gauges["feature_drift_by_chance"].clear()
        gauges["drift_payments"].set(0 if drift is None else drift.payments)
        score = Index(nan, nan) if drift is None else drift.score()
        gauges["score_drift"].set(score.psi)
        gauges["score_drift_by_chance"].set(score.by_chance)
        for name, index in drift.features().items() if drift is not None else ():
            gauges["feature_drift"].labels(name).set(index.psi)
            gauges["feature_drift_by_chance"].labels(name).set(index.by_chance)

    def verdict(self, seconds: float) -> None:
        """A payment was answered so long after it came."""
        self._verdict.observe((seconds,))

    def shadowed(self, action: int, shadow_action: int, payments: int) -> None:
        """The shadow judged so many payments that way."""
        self._shadow.labels(ACTIONS[action], ACTIONS[shadow_action]).inc(payments)

    def owner_answered(self, answer: str) -> None:
        """An owner was asked about a call, and that is what came of it."""
        self._owner_answers.labels(answer).inc()

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
        for (route, status), count in self._told.items():
            self._replies.labels(route, str(status)).inc(count)
        self._told.clear()
        for fate in Fate:
            self._show(self._facts.labels(fate.value), self._facts_by_fate[fate])
        marked = list(self._payments_by_mark.items())
        for action, name in enumerate(ACTIONS):
            self._show(self._decisions.labels(name), sum(n for (a, _), n in marked if a == action))
        for mark, counter in ((FALLBACK, self._fallbacks), (LATE, self._late)):
            self._show(counter, sum(n for (_, marks), n in marked if marks & mark))
        return generate_latest(self.registry)

    def _show(self, counter: Counter, count: int) -> None:
        """Bring a counter to a count that another thread goes on with."""
        counter.inc(count - self._shown[counter])
        self._shown[counter] = count
