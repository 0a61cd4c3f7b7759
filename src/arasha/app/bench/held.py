"""What a large state costs: memory an event, time a payment, time to restore it; a hub account.

The traffic is a made-up nation's (traffic.py) under the default policy. Histories of different
sizes have the same length and the same activity per account, so that the same windows fill and
empty at the same pace: what differs is how much is held. Times are of the state alone:
``State.observe`` and ``decide`` in batches, in time of the processor, so that what else runs on
the machine counts for little; medians over batches, the states in turns.
"""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.app.bench.machine import resident_bytes
from arasha.app.bench.policies import rules_alone
from arasha.app.bench.replayed import POLICY
from arasha.app.bench.results import Result
from arasha.app.bench.sizes import Sizes
from arasha.app.bench.traffic import DAYS, PAYMENTS_OF_ACCOUNT, Nation, house_file
from arasha.engine.decide import Centre, decide
from arasha.engine.unkept import Unkept
from arasha.events.columns import Facts
from arasha.features.registers import Registers
from arasha.features.state import State
from arasha.log import snapshots
from arasha.log.keys import KeyStore, Retention, period_of
from arasha.policy.judge import ROWS_AT_ONCE, Judge, Verdicts

BATCH: Final = ROWS_AT_ONCE
"""Payments judged in one call."""

_SEED_OF_MEASURED: Final = 10**9  # chunks of a history are seeded by their first payment's number


class _Timed(State):
    """A state that notes how long it was asked to observe."""

    observed_ns = 0

    def observe(
        self, facts: Facts, known_at: NDArray[np.int64], judged: NDArray[np.int64],
        passes: NDArray[np.uint8], answers: Registers,
    ) -> None:  # fmt: skip
        """As any state; the time it took is added to ``observed_ns``."""
        start = time.thread_time_ns()
        super().observe(facts, known_at, judged, passes, answers)
        self.observed_ns += time.thread_time_ns() - start


@dataclass(slots=True)
class _Clock:
    """Microseconds a payment of each batch: in the state, and decided in all (but for the disk)."""

    observed: list[float] = field(default_factory=list)
    decided: list[float] = field(default_factory=list)
    log: Unkept = field(default_factory=Unkept)

    def decide(self, judge: Judge, state: _Timed, facts: Facts) -> None:
        """Decide one batch and note what a payment took."""
        named = replace(facts, ids=[f"{self.log.size}-{row}" for row in range(len(facts))])
        centre = Centre(self.log, judge, state)
        before, start = state.observed_ns, time.thread_time_ns()
        decide(centre, named)
        self.decided.append((time.thread_time_ns() - start) / len(facts) / 1000)
        self.observed.append((state.observed_ns - before) / len(facts) / 1000)


@dataclass(frozen=True, slots=True)
class _Country:
    """A nation and the state that holds its history."""

    nation: Nation
    state: _Timed
    payments: int
    grown_bytes: int | None

    def batch(self, number: int) -> tuple[Facts, NDArray[np.int64]]:
        """A batch of payments that follow the history."""
        times = self.nation.times(self.payments + number * BATCH, BATCH)
        return self.nation.payments(_SEED_OF_MEASURED + number, times)


def held(sizes: Sizes) -> list[Result]:
    """Memory an event, the price of holding ten times as much, and a restart."""
    judge = Judge(rules_alone(house_file(POLICY)))
    fewer = _country(judge, sizes.held_fewer)
    country = _country(judge, sizes.held)
    memory = _memory(country)
    few, many = _Clock(), _Clock()
    for number in range(sizes.batches):
        few.decide(judge, fewer.state, fewer.batch(number)[0])
        many.decide(judge, country.state, country.batch(number)[0])
    del fewer
    ratio = median(many.decided) / median(few.decided)
    return [
        memory,
        Result(
            "time_of_more_held", ratio, "×", "at_most", 1.3,
            note=f"one payment decided with {sizes.held:,} events held against "
            f"{sizes.held_fewer:,}, batches of {BATCH}, median of {sizes.batches}",
            beside={
                "windows_us": median(many.observed),
                "windows_with_a_tenth_us": median(few.observed),
                "windows_ratio": median(many.observed) / median(few.observed),
                "decided_us": median(many.decided),
                "decided_with_a_tenth_us": median(few.decided),
            },
        ),
        _restored(judge, country, country.batch(sizes.batches)),
    ]  # fmt: skip


def _country(judge: Judge, payments: int) -> _Country:
    nation, state = Nation.of(payments), _Timed(judge.plan)
    warm_up = judge.fresh_state()
    for facts, known_at in nation.history(min(payments, 300_000)):
        judge.absorb(warm_up, facts, known_at)  # whatever a first run allocates for good
    del warm_up, facts, known_at
    before = resident_bytes()
    for facts, known_at in nation.history(payments):
        judge.absorb(state, facts, known_at)
    del facts, known_at
    after = resident_bytes()
    grown = None if before is None or after is None else after - before
    return _Country(nation, state, payments, grown)


def _memory(country: _Country) -> Result:
    state, events = country.state, country.state.events_held
    counted = state.bytes_used / events
    grown = None if country.grown_bytes is None else country.grown_bytes / events
    return Result(
        "memory_per_event", counted if grown is None else grown, "bytes", "at_most", 200,
        note=f"growth of the process's resident memory for {events:,} events held: {DAYS} days of "
        f"{len(country.nation.symbols):,} accounts, {PAYMENTS_OF_ACCOUNT} payments each on "
        f"average, {POLICY}",
        beside={
            "counted_by_the_state_bytes": counted,
            "event_row_bytes": float(state.plan.event_bytes.max()),
            "keys_per_event": float(state.save()["keys"][0]) / events,
            "grown_mb": None if grown is None else grown * events / 1e6,
        },
    )  # fmt: skip


def _restored(
    judge: Judge, country: _Country, following: tuple[Facts, NDArray[np.int64]]
) -> Result:
    """Save, forget, load from disk, restore; what follows must be judged as if nothing was."""
    events, known_at = country.state.events_held, following[1]
    with tempfile.TemporaryDirectory(prefix="arasha-bench-") as folder:
        period = period_of(int(known_at[0]))
        KeyStore(Path(folder)).create(Retention.FACTS, period)
        start = time.perf_counter()
        path = snapshots.save(
            folder, events, period, judge.policy.hash, country.state.save(), {}
        )  # fmt: skip
        saved_seconds = time.perf_counter() - start
        expected = judge.judge(country.state, *following)
        country.state.restore(_Timed(judge.plan).save())  # forget all
        size = path.stat().st_size
        _forget_pages(path)
        state = judge.fresh_state()
        start = time.perf_counter()
        arrays = snapshots.load(path, judge.policy.hash).arrays
        state.restore({name: array.view(np.int64) for name, array in arrays.items()})
        seconds = time.perf_counter() - start
    assert _same(expected, judge.judge(state, *following))
    return Result(
        "restore", seconds, "s", "at_most", 10,
        note=f"a snapshot of {events:,} events, encrypted, read from disk and restored",
        beside={"size_mb": size / 1e6, "saved_in_s": saved_seconds},
    )  # fmt: skip


def _same(one: Verdicts, other: Verdicts) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=name == "values")
        for name in ("action", "score", "rule_offsets", "rules", "value_offsets", "values")
    )


def _forget_pages(path: Path) -> None:
    """Have the system drop what it remembers of a file, where it can be asked to."""
    if hasattr(os, "posix_fadvise"):
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def hub(sizes: Sizes) -> list[Result]:
    """The price of an account with a long history, paying and being paid.

    Three streams of the same pace, a batch of each in turn: ordinary payments, those the hub pays,
    those paid to it.
    """
    judge = Judge(rules_alone(house_file(POLICY)))
    nation, state = Nation.of(sizes.hub), _Timed(judge.plan)
    hub_account = int(np.argmin(np.diff(nation.payer_share, prepend=0)))  # ordinary otherwise
    roles: tuple[dict[str, int], ...] = ({}, {"payer": hub_account}, {"payee": hub_account})
    clocks = [_Clock() for _ in roles]
    pace = nation.step_ms / len(roles)
    batches = -(-sizes.hub // BATCH)
    for number in range((batches + sizes.batches) * len(roles)):
        role = number % len(roles)
        places = np.arange(number * BATCH, (number + 1) * BATCH)
        times = nation.times(0, 1) + (places * pace).astype(np.int64)
        facts, known_at = nation.payments(number, times, **roles[role])
        if number < batches * len(roles):
            judge.absorb(state, facts, known_at)
        else:
            clocks[role].decide(judge, state, facts)
    ordinary, paying, paid = (median(clock.observed) for clock in clocks)
    return [
        Result(
            "time_of_a_hub", max(paying, paid) / ordinary, "×",
            "at_most", 1.3,
            note=f"windows of one payment by or to an account with {batches * BATCH:,} payments "
            f"made and as many received in {DAYS} days, the worse; batches of {BATCH}, median of "
            f"{sizes.batches}",
            beside={
                "paid_by_it_us": paying, "paid_to_it_us": paid, "ordinary_us": ordinary,
                "decided_ratio": max(median(c.decided) for c in clocks[1:])
                / median(clocks[0].decided),
            },
        )
    ]  # fmt: skip
