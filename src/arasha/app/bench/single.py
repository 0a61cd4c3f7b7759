"""One payment at a time, each a batch of one, in a process that knows the handbook's history.

First without a commit (engine/unkept.py), then into a real log: what a live answer takes, but for
the network. The payments are the handbook's first ones once more, under new names, a moment after
its last.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.app.bench.machine import fsync_ns
from arasha.app.bench.policies import rules_alone
from arasha.app.bench.replayed import POLICY
from arasha.app.bench.results import Result, percentile
from arasha.app.bench.sizes import Sizes
from arasha.app.bench.traffic import handbook, handbook_name, house_file
from arasha.engine.decide import Centre, decide
from arasha.engine.unkept import Unkept
from arasha.events.columns import Facts
from arasha.events.files import open_source
from arasha.events.mapping import load_mapping
from arasha.events.schema import Kind
from arasha.log.log import Log
from arasha.policy.judge import Judge
from arasha.vault.tokens import Tokens

WARM_UP: Final = 500
"""Single payments decided before the clock counts."""

SYNCS: Final = 500

_BATCH: Final = 16_384


@dataclass(frozen=True, slots=True)
class History:
    """Batches of the handbook's facts as replay reads them, and single payments that follow."""

    batches: list[Facts]
    singles: list[Facts]


def single(sizes: Sizes) -> list[Result]:
    """Percentiles of one decision, in memory and durable."""
    judge = Judge(rules_alone(house_file(POLICY)))
    history = history_of(sizes.single_warm, max(sizes.singles, sizes.durable_singles))
    centre = Centre(Unkept(), judge, judge.fresh_state())
    for facts in history.batches:
        decide(centre, facts)
    known = centre.state.events_held
    in_memory = decide_each(centre, history.singles[: sizes.singles + WARM_UP])
    durable, syncs = _durable(centre, history.singles[: sizes.durable_singles + WARM_UP])
    note = (
        f"{{:,}} payments ({handbook_name()}), one at a time, from facts of one row to the "
        f"decision; {known:,} events held, {POLICY}"
    )
    rest = {"mean_us": float(in_memory.mean()) / 1000, "p99_9_us": percentile(in_memory, 99.9)}
    fsync = {"fsync_us_p50": percentile(syncs, 50), "fsync_us_p99": percentile(syncs, 99)}
    ours = {"p50_ms": percentile(durable, 50) / 1000, "p99_9_ms": percentile(durable, 99.9) / 1000}
    return [
        Result(
            "decide_one_p50", percentile(in_memory, 50), "µs", "at_most", 150,
            note=note.format(len(in_memory)), beside=rest,
        ),
        Result(
            "decide_one_p99", percentile(in_memory, 99) / 1000, "ms", "at_most", 1,
            note=note.format(len(in_memory)),
        ),
        Result(
            "decide_one_durable_p99", percentile(durable, 99) / 1000, "ms", "at_most", 5,
            note=note.format(len(durable)) + ", each with its own durable commit",
            beside=ours | fsync,
        ),
    ]  # fmt: skip


def history_of(payments: int | None, singles: int) -> History:
    """The handbook's first ``payments`` (None: all), and after ``WARM_UP`` so many singles."""
    mapping = load_mapping(house_file("mappings/handbook.toml"))
    with tempfile.TemporaryDirectory(prefix="arasha-bench-") as folder:
        file = Path(folder) / "payments.parquet"
        handbook(payments).write_parquet(file)
        tokens = Tokens.load_or_create(Path(folder))
        batches = [some.facts for some in open_source(file, mapping).batches(tokens, _BATCH)]
    last_ms = int(batches[-1].number("happened_at").max())
    first_ms = int(batches[0].number("happened_at").min())
    following: list[Facts] = []
    wanted = singles + WARM_UP
    for facts in batches:
        rows = np.flatnonzero(facts.kinds == Kind.PAYMENT)[: wanted - len(following)]
        following += _one_by_one(facts.take(rows), last_ms - first_ms + 1000)
    return History(batches, following)


def _one_by_one(payments: Facts, later_ms: int) -> list[Facts]:
    """Each payment alone, with a new name, so much later."""
    moved = replace(
        payments,
        ids=[f"again-{name}" for name in payments.ids],
        numbers=payments.numbers | {"happened_at": payments.number("happened_at") + later_ms},
    )
    return [moved.take(slice(row, row + 1)) for row in range(len(moved))]


def decide_each(
    centre: Centre, payments: list[Facts], *, reasons: bool = False
) -> NDArray[np.int64]:
    """What each payment's decision took, ns, but for the first ``WARM_UP``."""
    taken = np.empty(len(payments), np.int64)
    for place, payment in enumerate(payments):
        start = time.perf_counter_ns()
        decide(centre, payment, reasons=reasons)
        taken[place] = time.perf_counter_ns() - start
    return taken[WARM_UP:]


def _durable(centre: Centre, payments: list[Facts]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(what each decision took with its commit, what an fsync took just before), nanoseconds.

    The state goes on from where it is: the log's own time does, too, as nothing in it is later.
    """
    syncs = fsync_ns(SYNCS)
    now_ms = centre.log.last_known_at_ms
    with (
        tempfile.TemporaryDirectory(prefix="arasha-bench-") as folder,
        Log.create(folder, created_at_ms=now_ms) as log,
    ):
        taken = decide_each(Centre(log, centre.judge, centre.state), _at(payments, now_ms))
    return taken, syncs


def _at(payments: list[Facts], from_ms: int) -> list[Facts]:
    """The payments once more, from that time on: a state's time never goes back."""
    later_ms = from_ms - int(payments[0].number("happened_at")[0])
    return [
        replace(
            payment,
            numbers=payment.numbers | {"happened_at": payment.number("happened_at") + later_ms},
        )
        for payment in payments
    ]
