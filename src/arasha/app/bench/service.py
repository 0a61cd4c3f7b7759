"""``arasha bench service``: what the live service sustains, and how it behaves beyond that.

In: sizes. Out: one result per promise of METRICS. The service is a process of its own, everything
on (authentication, tokens, vault, uniqueness, Merkle tree, encryption, durable commits); the load
comes from another process on the same machine (load.py), in an open loop, so that waiting counts.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from arasha.app.bench import takeover
from arasha.app.bench.load import Plan, first_payments, payments
from arasha.app.bench.machine import fsync_ns
from arasha.app.bench.results import Result, percentile
from arasha.app.bench.running import (
    LINES,
    Running,
    counts,
    loaded,
    participant,
    running,
    spread,
)
from arasha.app.bench.sizes import Sizes
from arasha.app.bench.traffic import house_file
from arasha.app.commands_serve import clock
from arasha.engine.decide import Centre, decide
from arasha.engine.live_start import open_live, take_snapshot
from arasha.events.json import decode
from arasha.events.records import PaymentReceived
from arasha.policy import document
from arasha.vault.rows import facts_from_records
from arasha.vault.tokens import Tokens

POLICY: Final = "policies/instant-payments.toml"

METRICS: Final = (
    "service_sustained",
    "service_p99",
    "service_light_p50",
    "service_light_p99",
    "events_speed",
    "overload_p99",
    "overload_recovery",
    "restart",
    takeover.METRIC,
)
"""The promises, in the order they are reported."""

RATE: Final = 6_000
"""Single payments a second that the service is to sustain."""

SENT_RATE: Final = RATE + RATE // 100
"""Single payments a second that are sent to see it: the last of them are answered when nothing is
sent any more, and that time counts, too."""

LIGHT_RATE: Final = 1_000
"""Single payments a second of an ordinary hour."""

CROWD: Final = 1_000
"""Connections of an overload: more than a queue should hold, or nobody would be turned away."""

WARM_UP_RATE: Final = 1_000
"""Single payments a second before anything is measured, for a second."""

_MOST_S: Final = 1.5  # how long it is looked how much the service takes
_COMMIT: Final = 64  # payments of one commit of the log that is started from
_SNAPSHOT_BEHIND: Final = 1_000_000  # entries, as the service takes them
_SYNCS: Final = 300


@dataclass
class Served(Running):
    """A running service with the key of its bank; so many accounts pay each other."""

    key: str
    accounts: int
    runs: int = 0

    def load(self, rate: int, seconds: float, connections: int = 128) -> dict[str, Any]:
        """Let another process send payments at that rate; what came of it."""
        self.runs += 1
        return loaded(
            Plan(self.port, self.key, rate, seconds, f"r{self.runs}", connections, self.accounts)
        )

    def meet_all(self) -> None:
        """Let the service see each account and device once: from then on only new ones are new."""
        plan = Plan(self.port, self.key, 1, 1, "w", accounts=self.accounts)
        self.lines(self.key, first_payments(plan))
        self.load(WARM_UP_RATE, 1.0)


def measure(sizes: Sizes) -> Iterator[list[Result]]:
    """The results, group by group, each with a service of its own."""
    for group in GROUPS:
        yield group(sizes)


@contextmanager
def serving(
    accounts: int, prepare: Callable[[Path], None] = lambda _: None, *more: str
) -> Iterator[Served]:
    """A service with one bank that has met so many accounts, whatever ``prepare`` puts into its
    directory first, and ``more`` words of its command line.
    """
    with tempfile.TemporaryDirectory(prefix="arasha-bench-") as folder:
        directory = Path(folder)
        prepare(directory)
        key = participant(directory, "BENCHKZ", "bank")
        with running(directory, POLICY, *more) as one:
            served = Served(one.process, one.port, directory, key, accounts)
            served.meet_all()
            yield served


def sustained(sizes: Sizes) -> list[Result]:
    """A light and a heavy load of single payments; then lines of them, as a bank sends that has
    many.
    """
    syncs = fsync_ns(_SYNCS)
    seconds = sizes.service_seconds
    with serving(sizes.service_accounts) as served:
        light = served.load(LIGHT_RATE, seconds)
        heavy = served.load(SENT_RATE, seconds)
        plan = Plan(served.port, served.key, 1, 1, "e", accounts=sizes.service_accounts)
        decided, took_s = served.lines(served.key, payments(plan, int(seconds * 10_000)))
    fsync = {"fsync_us_p50": percentile(syncs, 50), "fsync_us_p99": percentile(syncs, 99)}
    among = f"among {sizes.service_accounts:,} known accounts, a tenth to a new one, {POLICY}"
    note = f"{{:,}} payments a second for {seconds:g} s over 128 connections, {among}"
    return [
        Result("service_sustained", heavy["answered_per_s"], "payments/s", "at_least", RATE,
               note=note.format(SENT_RATE), beside=counts(heavy) | fsync),
        Result("service_p99", heavy["ok_ms"].get("p99"), "ms", "at_most", 20,
               note=note.format(SENT_RATE), beside=spread(heavy)),
        Result("service_light_p50", light["ok_ms"].get("p50"), "ms", "at_most", 3,
               note=note.format(LIGHT_RATE), beside=counts(light) | fsync),
        Result("service_light_p99", light["ok_ms"].get("p99"), "ms", "at_most", 10,
               note=note.format(LIGHT_RATE), beside=spread(light)),
        Result("events_speed", decided / took_s, "payments/s", "at_least", 25_000,
               note=f"{decided:,} payments, {LINES:,} lines a request, one request behind the "
               f"other, {among}", beside={"decided": decided}),
    ]  # fmt: skip


def overload(sizes: Sizes) -> list[Result]:
    """Twice as much as it can, for a while; then an ordinary load again."""
    with serving(sizes.service_accounts) as served:
        most = served.load(4 * RATE, _MOST_S)["answered_per_s"]
        before = served.resident_bytes()
        flood = served.load(int(2 * most), sizes.overload_seconds, CROWD)
        after = served.resident_bytes()
        begin = time.perf_counter()
        recovered: float | None = None
        while recovered is None and time.perf_counter() - begin < sizes.overload_seconds + 30:
            calm = served.load(max(50, int(most / 10)), 1.0)
            if not calm["refused_ms"] and calm["ok_ms"].get("p99", 1e9) <= 100:
                recovered = max(0.0, time.perf_counter() - begin - 1.0)
    note = (
        f"{int(2 * most):,} payments a second for {sizes.overload_seconds:g} s, twice what it took"
    )
    grown = None if before is None or after is None else (after - before) / 1e6
    told = {f"refused_ms_{name}": value for name, value in flood["refused_ms"].items()}
    return [
        Result("overload_p99", flood["ok_ms"].get("p99"), "ms", "at_most", 100, note=note,
               beside=counts(flood) | told | {"memory_grown_mb": grown}),
        Result("overload_recovery", recovered, "s", "at_most", 2,
               note="until a tenth of what it can is answered within 100 ms again; the process of "
               "the load takes a part of it to start"),
    ]  # fmt: skip


def restart(sizes: Sizes) -> list[Result]:
    """A log of commits as a busy service makes them, a snapshot, and what came after it."""
    with tempfile.TemporaryDirectory(prefix="arasha-bench-") as folder:
        directory = Path(folder)
        started = open_live(directory, document.load(house_file(POLICY)), clock().wall_ms)
        centre = Centre(started.log, started.judge, started.state)
        tokens = Tokens.load_or_create(directory)
        payments_wanted = sizes.restart_entries // 2
        behind = min(_SNAPSHOT_BEHIND, sizes.restart_entries // 5) // 2
        for first in range(0, payments_wanted, LINES):
            records = _records(first, min(LINES, payments_wanted - first))
            facts = facts_from_records(records, "BENCHKZ", tokens)
            for at in range(0, len(facts), _COMMIT):
                decide(centre, facts.take(slice(at, at + _COMMIT)), now_ms=clock().wall_ms)
            if first <= payments_wanted - behind < first + LINES:
                take_snapshot(directory)
        started.log.close()
        begin = time.perf_counter()
        again = open_live(directory, None, clock().wall_ms)
        seconds = time.perf_counter() - begin
        entries = again.log.size
        again.log.close()
    note = (
        f"{entries:,} entries in commits of {_COMMIT} payments; from opening to ready, in process"
    )
    return [
        Result("restart", seconds, "s", "at_most", 15, note=note,
               beside={"entries": entries, "behind_snapshot": entries - again.snapshot_seq}),
    ]  # fmt: skip


GROUPS: Final[tuple[Callable[[Sizes], list[Result]], ...]] = (
    sustained, overload, restart, takeover.takeover,
)  # fmt: skip
"""What is measured together, each with a service of its own."""


def _records(first: int, count: int) -> list[PaymentReceived]:
    lines = payments(Plan(0, "", 1, 1, "s", accounts=200_000), count, first)
    records = [decode(line) for line in lines]
    return [record for record in records if isinstance(record, PaymentReceived)]
