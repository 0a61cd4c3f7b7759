"""Rehearse: a policy tried in whole countries, in the closed loop, once for each way of judging.

In: a policy, seeds, a size. Out: a tally per seed, set of parameters and way of judging
(reports/rehearsal.py says what they mean). The three ways see countries of the same seed; they
differ only in what follows from their own decisions. Over the untouched country, where nobody acts,
banks and centre are both asked for scores: from these comes the uplift.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.country.arms import Arm, Bench, Notes
from arasha.country.facts import Reader
from arasha.country.happenings import FRAUD, LAUNDERING
from arasha.country.kernels_life import MOVED, RELEASED
from arasha.country.loop import Life
from arasha.country.parameters import SETS, SetName, load
from arasha.country.script import DAY_MS
from arasha.country.society import Society
from arasha.policy import document
from arasha.policy.definition import MAX_SCORE
from arasha.policy.judge import Judge
from arasha.reports.rehearsal import (
    FALSE_ALARMS_PER_HIT,
    ParameterSet,
    Rehearsal,
    Run,
    Tally,
    Uplift,
)

OnDone = Callable[[int], None]
"""Told how many runs have ended since the last time."""

FIRST_SEED: Final = 1


@dataclass(frozen=True, slots=True)
class Size:
    """How large a country, and for how many days after how many of warm-up."""

    people: int
    days: int
    warm_up_days: int


@dataclass(frozen=True, slots=True)
class Job:
    """One way of judging in one country."""

    policy: Path
    parameters: SetName
    seed: int
    arm: Arm
    size: Size


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a job; the uplift comes of the one in which nobody acts."""

    job: Job
    tally: Tally
    uplift: Uplift | None


def rehearse(
    policies: Sequence[Path],
    seeds: Sequence[int],
    size: Size,
    *,
    sets: Sequence[SetName] = SETS,
    workers: int = 1,
    on_done: OnDone | None = None,
) -> list[Rehearsal]:
    """A rehearsal of each policy, over the same countries. A job runs in a process of its own
    where there are ``workers`` of them; what it gives hangs on the job alone.
    """
    loaded = [document.load(path) for path in policies]
    jobs = [
        Job(path, name, seed, arm, size)
        for path in policies
        for name in sets
        for seed in seeds
        for arm in Arm
    ]
    done = dict[Job, Done]()
    for one in _ran(jobs, workers):
        done[one.job] = one
        if on_done is not None:
            on_done(1)
    known = tuple(ParameterSet(p.name, p.version, p.hash) for p in map(load, sets))
    return [
        Rehearsal(
            policy.name, policy.hash, size.people, size.days, size.warm_up_days, known,
            tuple(
                _run([done[Job(path, name, seed, arm, size)] for arm in Arm])
                for name in sets
                for seed in seeds
            ),
        )
        for policy, path in zip(loaded, policies, strict=True)
    ]  # fmt: skip


def _ran(jobs: Sequence[Job], workers: int) -> Iterator[Done]:
    if workers == 1:
        yield from map(run, jobs)
        return
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=fresh) as processes:
        yield from processes.map(run, jobs)


def _run(done: Sequence[Done]) -> Run:
    uplift = next(one.uplift for one in done if one.uplift is not None)
    job = done[0].job
    return Run(job.parameters, job.seed, {one.job.arm.value: one.tally for one in done}, uplift)


def run(job: Job) -> Done:
    """Let one country live under one way of judging."""
    parameters = load(job.parameters)
    society = Society.make(job.seed, job.size.people, parameters)
    bench = Bench(
        Judge(document.load(job.policy)), society.banks, Reader(society).facts,
        lambda: society.accounts.bank,
        centre=job.arm is not Arm.BANKS, acting=job.arm is not Arm.NOBODY,
    )  # fmt: skip
    life = Life(society, parameters, job.seed, bench)
    for _ in life.slices(job.size.warm_up_days + job.size.days):
        pass
    notes = bench.notes()
    start_ms = society.start_ms + job.size.warm_up_days * DAY_MS
    notes = notes.take(notes.time_ms >= start_ms)
    owners = society.accounts.owner[notes.payer]
    uplift = uplift_of(notes) if job.arm is Arm.NOBODY else None
    return Done(job, tally(notes, owners, job.size.people), uplift)


def tally(notes: Notes, owners: NDArray[np.int32], people: int) -> Tally:
    """What these payments come to. ``owners``: who owns the payer's account of each."""
    fraud = (notes.truth & FRAUD) != 0
    good = ~fraud & ((notes.truth & LAUNDERING) == 0)
    moved = (notes.became == MOVED) | (notes.became == RELEASED)
    acted = notes.action > 0
    stolen, wrong = fraud & moved, good & acted
    return Tally(
        stolen=int(notes.amount[stolen].sum()),
        stopped=int(notes.amount[fraud & ~moved & acted].sum()),
        victims=len(np.unique(owners[stolen])),
        frauds=int(fraud.sum()),
        hits=int((fraud & acted).sum()),
        goods=int(good.sum()),
        false_alarms=int(wrong.sum()),
        people=people,
        bothered=len(np.unique(owners[wrong])),
    )


def uplift_of(notes: Notes) -> Uplift:
    """Banks alone against banks and centre, each at its own threshold, over the same payments.

    The centre's side takes the larger of both scores. Payments that move stolen money on count on
    neither side.
    """
    kept = notes.take((notes.truth & LAUNDERING) == 0)
    fraud = (kept.truth & FRAUD) != 0
    both = np.maximum(kept.bank_score, kept.centre_score)
    banks, centre = (at_false_alarms(score, fraud) for score in (kept.bank_score, both))
    return Uplift(
        int(fraud.sum()), int(kept.amount[fraud].sum()),
        int((fraud & banks).sum()), int(kept.amount[fraud & banks].sum()),
        int((fraud & centre).sum()), int(kept.amount[fraud & centre].sum()),
    )  # fmt: skip


def at_false_alarms(
    score: NDArray[np.int32], fraud: NDArray[np.bool_], per_hit: float = FALSE_ALARMS_PER_HIT
) -> NDArray[np.bool_]:
    """bool[n]: the payments from the lowest score on at which at most ``per_hit`` good payments are
    bothered for each fraud found; none if every score bothers more.

    >>> import numpy as np
    >>> score, fraud = np.array([9, 5, 5, 1], np.int32), np.array([1, 0, 1, 0], np.bool_)
    >>> at_false_alarms(score, fraud, per_hit=0.5).tolist()
    [True, True, True, False]
    """
    top = MAX_SCORE + 1
    clipped = np.clip(score, 0, MAX_SCORE)
    hits = np.cumsum(np.bincount(clipped[fraud], minlength=top)[::-1])[::-1]
    alarms = np.cumsum(np.bincount(clipped[~fraud], minlength=top)[::-1])[::-1]
    right = np.flatnonzero((alarms <= per_hit * hits) & (hits > 0))
    threshold = int(right[0]) if len(right) else top
    found: NDArray[np.bool_] = score >= max(threshold, 1)
    return found
