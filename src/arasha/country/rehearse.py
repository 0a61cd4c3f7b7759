"""Rehearse: a policy tried in whole countries, in the closed loop, once for each way of judging.

In: a policy, seeds, a size. Out: a tally per seed, set of parameters and way of judging
(reports/rehearsal.py says what they mean). The three ways see countries of the same seed; they
differ only in what follows from their own decisions, and from what their offices do about reports
(offices.py). Over the untouched country, where nobody acts,
banks and centre are both asked for scores: from these comes the uplift.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.cases.law import ALLOCATIONS
from arasha.cases.law_document import load_law
from arasha.country.apart import each
from arasha.country.arms import Arm, Bench, Notes, Seats
from arasha.country.facts import Reader
from arasha.country.happenings import FRAUD, LAUNDERING
from arasha.country.kernels_life import MOVED, RELEASED
from arasha.country.loop import SLICE_MS, Life
from arasha.country.offices import Offices
from arasha.country.outcome import outcome
from arasha.country.parameters import SETS, SetName, load, load_recovery
from arasha.country.script import DAY_MS
from arasha.country.society import Society
from arasha.events.schema import PAYMENT
from arasha.policy import document
from arasha.policy.definition import MAX_SCORE
from arasha.policy.judge import Judge
from arasha.policy.kinds import demanded
from arasha.reports.recovered import Recovered
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
    """How large a country, and for how many days after how many of warm-up; ``after_days`` more
    are lived in which what was stolen is still reported, held and returned.
    """

    people: int
    days: int
    warm_up_days: int
    after_days: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """One country under one policy."""

    policy: Path
    law: Path
    parameters: SetName
    seed: int
    size: Size


def rehearse(
    policies: Sequence[Path],
    law: Path,
    seeds: Sequence[int],
    size: Size,
    *,
    sets: Sequence[SetName] = SETS,
    workers: int = 1,
    on_done: OnDone | None = None,
) -> list[Rehearsal]:
    """A rehearsal of each policy, over the same countries. A country lives in a process of its own
    where there are ``workers`` of them; what it gives hangs on the job alone.
    """
    loaded = [demanded(document.load(path), PAYMENT) for path in policies]
    in_force = load_law(law)
    jobs = [
        Job(path, law, name, seed, size) for path in policies for name in sets for seed in seeds
    ]
    runs = list[Run]()
    for one in each(run, jobs, workers):
        runs.append(one)
        if on_done is not None:
            on_done(1)
    known = tuple(
        ParameterSet(p.name, p.version, p.hash, after.hash)
        for p, after in ((load(name), load_recovery(name)) for name in sets)
    )
    countries = len(sets) * len(seeds)
    rule = in_force.recall.allocation
    [other] = [one for one in ALLOCATIONS if one != rule]
    return [
        Rehearsal(
            policy.name, policy.hash, size.people, size.days, size.warm_up_days, size.after_days,
            in_force.name, in_force.hash, (rule, other), known,
            tuple(runs[place * countries : (place + 1) * countries]),
        )
        for place, policy in enumerate(loaded)
    ]  # fmt: skip


def run(job: Job) -> Run:
    """Let one country live three times: untouched, under its banks, under banks and centre.

    The warm-up is the same for all three, so what the judges see in it they see once.
    """
    country = _Country(job)
    judge = Judge(document.load(job.policy))
    seats = Seats.of(judge, country.society.banks, centre=True)
    seats.follow()
    country.bench.watch(seats)
    country.live(job.size.warm_up_days)
    country.bench.catch_up()
    warm = {arm: seats.copy(centre=arm is Arm.CENTRE) for arm in (Arm.BANKS, Arm.CENTRE)}
    seats.forget()
    country.live(job.size.days)
    tallies = {Arm.NOBODY.value: country.tally()}
    uplift = uplift_of(country.notes())
    found = {}
    for arm in list(warm):
        own = warm.pop(arm)  # the other's memory goes when it has been used
        country = _Country(job)
        country.live(job.size.warm_up_days)
        country.bench.watch(own)
        country.bench.act()
        country.open_offices(own, job.law)
        country.live(job.size.days + job.size.after_days)
        found[arm.value] = country.recovered()
        tallies[arm.value] = with_recovered(country.tally(), found[arm.value])
    return Run(job.parameters, job.seed, tallies, uplift, found)


class _Country:
    """A country and those who judge in it."""

    def __init__(self, job: Job) -> None:
        self._world, self._after = load(job.parameters), load_recovery(job.parameters)
        self.society = Society.make(job.seed, job.size.people, self._world)
        self._reader = Reader(self.society)
        self.bench = Bench(self._reader.facts, lambda: self.society.accounts.bank)
        self._life = Life(
            self.society, self._world, job.seed, self.bench, after_reports=self._after
        )
        self._offices: Offices | None = None
        size = self._size = job.size
        self._slices = self._life.slices(size.warm_up_days + size.days + size.after_days)

    def open_offices(self, seats: Seats, law: Path) -> None:
        """From now on somebody acts on reports, at each seat."""
        self._offices = Offices(
            self._life, seats, self._reader, load_law(law), self._world, self._after
        )
        self._offices.begin(self.society.start_ms + self._size.warm_up_days * DAY_MS)

    def live(self, days: int) -> None:
        """Go on for so many days."""
        for happened in islice(self._slices, days * DAY_MS // SLICE_MS):
            if self._offices is not None:
                self._offices.after(happened)

    def notes(self) -> Notes:
        """The payments of the days that are measured."""
        notes = self.bench.notes()
        start_ms = self.society.start_ms + self._size.warm_up_days * DAY_MS
        end_ms = start_ms + self._size.days * DAY_MS
        return notes.take((notes.time_ms >= start_ms) & (notes.time_ms < end_ms))

    def recovered(self) -> Recovered:
        """What the offices came to."""
        assert self._offices is not None, "open_offices comes first"
        return outcome(self._offices, self.notes(), self.society)

    def tally(self) -> Tally:
        """What they come to."""
        notes = self.notes()
        return tally(notes, self.society.accounts.owner[notes.payer], self._size.people)


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


def with_recovered(tally: Tally, recovered: Recovered) -> Tally:
    """The tally with what was held of what was stolen, what of it came back, and how soon."""
    whole, minutes = recovered.all, recovered.hold_minutes
    return replace(
        tally, held=whole.held, returned=whole.returned, holds=len(minutes),
        hold_minutes=sum(minutes),
    )  # fmt: skip


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
    right = 1 + np.flatnonzero((alarms[1:] <= per_hit * hits[1:]) & (hits[1:] > 0))
    threshold = int(right[0]) if len(right) else top
    found: NDArray[np.bool_] = score >= threshold
    return found
