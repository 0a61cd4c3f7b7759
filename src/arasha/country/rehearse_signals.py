"""Rehearse signals: what call signals are worth to the banks, and what an operator's outage costs.

In: a policy over payments, seeds, a size. Out: a tally per seed and set of parameters
(reports/signals.py says what they mean). Nobody acts, so that the same payments are judged three
times, by each bank on its own data::

    no operator connected     banks ask, and nobody answers
    operators connected       each answers by the calls of its own numbers
    one operator silent       the first of them answers nothing for some hours

A coached transfer is a fraud on somebody whom the thieves had talked to by phone, in that story.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.country.answering import Answering
from arasha.country.apart import each
from arasha.country.arms import AT_ONCE, Bench, Notes, Seats
from arasha.country.facts import Reader
from arasha.country.happenings import FRAUD, LAUNDERING, NONE, Happenings, merged
from arasha.country.loop import Happened, Life
from arasha.country.parameters import SETS, SetName, load
from arasha.country.rehearse import OnDone, Size
from arasha.country.script import DAY_MS, HOUR_MS
from arasha.country.society import Society
from arasha.engine.call_risk import ASKED, NOT_KNOWN
from arasha.events.schema import PAYMENT, SIGNAL_CLASSES, SIGNALS, Kind
from arasha.policy import document
from arasha.policy.definition import MAX_SCORE
from arasha.policy.judge import Judge
from arasha.policy.kinds import demanded
from arasha.reports.calls import CallCountry
from arasha.reports.signals import (
    BOTHERED,
    CONNECTED,
    SILENT,
    UNCONNECTED,
    Judged,
    Outage,
    SignalRehearsal,
    SignalRun,
)

SILENT_OPERATOR: Final = 0
"""Which of the operators is silent."""

_ON_CALL: Final = [
    place for place, name in enumerate(SIGNAL_CLASSES)
    if name.startswith("on_call") and name.endswith("unfamiliar")
]  # fmt: skip
_NOT_KNOWN: Final = SIGNAL_CLASSES.index(NOT_KNOWN)


@dataclass(frozen=True, slots=True)
class SignalJob:
    """One country under one policy; from the first measured day on one operator is silent for so
    many hours.
    """

    policy: Path
    parameters: SetName
    seed: int
    size: Size
    silent_hours: int


def rehearse(
    policy: Path,
    seeds: Sequence[int],
    size: Size,
    silent_hours: int,
    *,
    sets: Sequence[SetName] = SETS,
    workers: int = 1,
    on_done: OnDone | None = None,
) -> SignalRehearsal:
    """A rehearsal of a policy over payments; what a country gives hangs on its job alone."""
    loaded = demanded(document.load(policy), PAYMENT)
    runs = list[SignalRun]()
    jobs = [SignalJob(policy, name, seed, size, silent_hours) for name in sets for seed in seeds]
    for one in each(run, jobs, workers):
        runs.append(one)
        if on_done is not None:
            on_done(1)
    known = tuple(CallCountry(p.name, p.version, p.hash) for p in map(load, sets))
    return SignalRehearsal(
        loaded.name, loaded.hash, size.people, size.days, size.warm_up_days, silent_hours, known,
        tuple(runs),
    )  # fmt: skip


def run(job: SignalJob) -> SignalRun:
    """Let one country live, untouched, and have its payments judged with and without answers."""
    size, world = job.size, load(job.parameters)
    society = Society.make(job.seed, size.people, world)
    life = Life(society, world, job.seed)
    reader, judge = Reader(society), Judge(document.load(job.policy))
    arms = {name: Bench(reader.facts, lambda: society.accounts.bank)
            for name in (UNCONNECTED, CONNECTED, SILENT)}  # fmt: skip
    for bench in arms.values():
        bench.watch(Seats.of(judge, society.banks, centre=False))
    answering, talks, asked = Answering(society), list[Happenings](), list[Happenings]()
    start_ms = society.start_ms + size.warm_up_days * DAY_MS
    silent_until_ms = start_ms + job.silent_hours * HOUR_MS
    for rows in _stretches(life.slices(size.warm_up_days + size.days)):
        talks.append(rows.take((rows.kind == Kind.CALL) & (rows.script >= 0)))
        told = answering.answered(rows)
        signal = told.kind == Kind.SIGNAL
        silent = signal & (told.time_ms >= start_ms) & (told.time_ms < silent_until_ms)
        silent[silent] &= society.numbers.operator[told.number[silent]] == SILENT_OPERATOR
        asked.append(told.take(signal))
        arms[UNCONNECTED].judge(told.take(~signal))
        arms[CONNECTED].judge(told)
        arms[SILENT].judge(told.take(~silent))
    notes = {name: _measured(bench.notes(), start_ms) for name, bench in arms.items()}
    is_fraud = np.array([one.is_fraud for one in life.casts] + [False])
    calls = merged(talks)
    thieves = is_fraud[calls.script] & (society.numbers.owner[calls.first] == NONE)
    victims = _Coaching(calls.take(thieves), life.memories.accounts.number)
    coached = victims.coached(notes[CONNECTED])
    questions = merged(asked)
    missing = np.unique(questions.payment[
        (questions.time_ms >= start_ms) & (questions.time_ms < silent_until_ms)
        & (society.numbers.operator[questions.number] == SILENT_OPERATOR)
    ])  # fmt: skip
    return tally(job, notes, coached, victims.on_call(notes[CONNECTED]), questions, missing)


def tally(
    job: SignalJob,
    notes: dict[str, Notes],
    coached: NDArray[np.bool_],
    on_call: NDArray[np.bool_],
    questions: Happenings,
    missing: NDArray[np.int64],
) -> SignalRun:
    """What the three arms come to. ``notes`` are of the same payments; ``coached`` bool[n] are
    coached transfers, ``on_call`` those whose payer was talking to the thieves right then;
    ``missing`` are serials of payments about which the silent operator was asked.
    """
    one = notes[CONNECTED]
    good = (one.truth & (FRAUD | LAUNDERING)) == 0
    asked = np.isin(one.payment, questions.payment)
    call_risk = questions.purpose == SIGNALS.index(ASKED[0])
    told = questions.payment[call_risk & np.isin(questions.code, _ON_CALL)]
    found = {
        name: tuple(
            at_equal_bother(some.bank_score, coached, good, per_10_000) for per_10_000 in BOTHERED
        )
        for name, some in notes.items()
    }
    acted = {name: some.bank_action > 0 for name, some in notes.items()}
    out = np.isin(one.payment, missing)
    return SignalRun(
        job.parameters, job.seed, int(good.sum()), int(coached.sum()),
        int((coached & on_call).sum()), int((coached & asked).sum()),
        int((coached & np.isin(one.payment, told)).sum()), int((good & asked).sum()),
        int((good & np.isin(one.payment, told)).sum()),
        int((call_risk & (questions.code == _NOT_KNOWN)).sum()), found,
        {name: Judged(int((coached & some).sum()), int((good & some).sum()))
         for name, some in acted.items()},
        Outage(
            int(out.sum()), int((out & coached).sum()),
            {name: Judged(int((out & coached & some).sum()), int((out & good & some).sum()))
             for name, some in acted.items()},
            int((good & acted[SILENT] & ~acted[CONNECTED]).sum()),
        ),
    )  # fmt: skip


def at_equal_bother(
    score: NDArray[np.int32],
    wanted: NDArray[np.bool_],
    good: NDArray[np.bool_],
    per_10_000: float,
) -> float:
    """How many ``wanted`` payments are found by a threshold on the score that bothers so many of
    10,000 ``good`` ones. Those of the score at which it is reached are drawn by lot; this is what
    the lot gives on average.

    >>> import numpy as np
    >>> score = np.array([9, 5, 5, 5, 1], np.int32)
    >>> wanted, good = np.array([1, 1, 0, 0, 0], np.bool_), np.array([0, 0, 1, 1, 1], np.bool_)
    >>> at_equal_bother(score, wanted, good, per_10_000=3333)
    1.5
    """
    clipped = np.clip(score, 0, MAX_SCORE)
    hits = np.cumsum(np.bincount(clipped[wanted], minlength=MAX_SCORE + 1)[::-1])
    alarms = np.cumsum(np.bincount(clipped[good], minlength=MAX_SCORE + 1)[::-1])
    allowed = round(per_10_000 * int(good.sum()) / 10_000)
    return float(np.interp(allowed, np.concatenate(([0], alarms)), np.concatenate(([0], hits))))


class _Coaching:
    """Whom thieves talked to by phone, and when."""

    def __init__(self, calls: Happenings, number_of: NDArray[np.int32]) -> None:
        """``calls`` are those of thieves' numbers, ``number_of`` the number of each account."""
        self._number_of = number_of
        self._talks: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for script, callee, begin_ms, length_ms in zip(
            calls.script.tolist(), calls.second.tolist(), calls.time_ms.tolist(),
            calls.duration_ms.tolist(), strict=True,
        ):  # fmt: skip
            if length_ms:
                talk = (begin_ms, begin_ms + length_ms)
                self._talks.setdefault((script, callee), []).append(talk)

    def coached(self, notes: Notes) -> NDArray[np.bool_]:
        """The frauds whose payer had been talked to, in that story, before."""
        return self._payments(notes, lambda talk, at_ms: talk[0] <= at_ms)

    def on_call(self, notes: Notes) -> NDArray[np.bool_]:
        """Those that were made during such a talk."""
        return self._payments(notes, lambda talk, at_ms: talk[0] <= at_ms < talk[1])

    def _payments(
        self, notes: Notes, when: Callable[[tuple[int, int], int], bool]
    ) -> NDArray[np.bool_]:
        found = np.zeros(len(notes), np.bool_)
        for row in np.flatnonzero((notes.truth & FRAUD) != 0).tolist():
            party = int(notes.script[row]), int(self._number_of[notes.payer[row]])
            at_ms = int(notes.time_ms[row])
            found[row] = any(when(talk, at_ms) for talk in self._talks.get(party, ()))
        return found


def _measured(notes: Notes, start_ms: int) -> Notes:
    return notes.take(notes.time_ms >= start_ms)


def _stretches(slices: Iterator[Happened]) -> Iterator[Happenings]:
    """The rows of many slices at a time."""
    waiting: list[Happenings] = []
    for happened in slices:
        waiting.append(happened.rows)
        if sum(map(len, waiting)) >= AT_ONCE:
            yield merged(waiting)
            waiting = []
    if waiting:
        yield merged(waiting)
