"""Rehearse calls: a policy over calls tried in whole countries whose truth is known.

In: a policy, seeds, a size. Out: a tally per seed and set of parameters (reports/calls.py says what
they mean). Nobody acts: a call that would be refused is made all the same, so each number shows all
that it would have done, and what is found late is not made to look small by what was stopped early.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.country.apart import each
from arasha.country.happenings import NONE
from arasha.country.loop import Life
from arasha.country.operators import CallNotes, Operators
from arasha.country.parameters import SETS, SetName, load
from arasha.country.rehearse import OnDone, Size
from arasha.country.script import DAY_MS, Told
from arasha.country.society import BusinessKind, NumberKind, Society
from arasha.events.schema import CALL
from arasha.policy import document
from arasha.policy.judge import Judge
from arasha.policy.kinds import demanded
from arasha.reports.calls import (
    BOXES,
    COACHED,
    COACHED_KNOWN,
    FIRST_CALLS,
    FOUND_WITHIN_MS,
    NEW_NUMBERS,
    ONE_RING,
    CallCountry,
    CallRun,
    Group,
    R,
    Rehearsal,
)

_MARK, _REFUSE = 1, 3
_BOX, _ONE_RING = "call_centre", "wangiri"
_OTHER_FIRMS: Final = "other firms"
_NAMES: Final = {
    BusinessKind.BANK: "banks", BusinessKind.CLINIC: "clinics", BusinessKind.SCHOOL: "schools",
    BusinessKind.TAXI: "taxi firms", BusinessKind.DELIVERY: "delivery firms",
    BusinessKind.ONLINE: "sellers online", BusinessKind.TELECOM: "operators' own desks",
}  # fmt: skip
"""Businesses whose calls are told apart: what looks like call fraud and is none."""


@dataclass(frozen=True, slots=True)
class CallJob:
    """One country under one policy over calls."""

    policy: Path
    parameters: SetName
    seed: int
    size: Size


@dataclass(frozen=True, slots=True)
class Callers:
    """Who a country's numbers belong to."""

    class_of_number: NDArray[np.uint8]
    names: tuple[str, ...]
    nobody: NDArray[np.bool_]

    @staticmethod
    def of(society: Society) -> Callers:
        """As of now: numbers are added while the country lives."""
        names = (
            "people", "couriers", "taxi drivers", _OTHER_FIRMS, *_NAMES.values(), "from abroad",
            "nobody's yet",
        )  # fmt: skip
        numbers, n = society.numbers, len(society.numbers)
        owner, kind = numbers.owner[:n], numbers.kind[:n]
        found = np.zeros(n, np.uint8)
        person = kind == NumberKind.PERSON
        for name, some in (("couriers", society.couriers), ("taxi drivers", society.drivers)):
            found[person & np.isin(owner, some)] = names.index(name)
        firm = (kind == NumberKind.BUSINESS) & (owner != NONE)
        found[kind == NumberKind.BUSINESS] = names.index(_OTHER_FIRMS)
        for business, name in _NAMES.items():
            some = firm.copy()
            some[firm] = society.businesses.kind[owner[firm]] == business
            found[some] = names.index(name)
        found[kind == NumberKind.ABROAD] = names.index("from abroad")
        found[person & (owner == NONE)] = names.index("nobody's yet")
        return Callers(found, names, owner == NONE)


def rehearse(
    lived: Callable[[CallJob], R],
    policy: Path,
    seeds: Sequence[int],
    size: Size,
    *,
    sets: Sequence[SetName] = SETS,
    workers: int = 1,
    on_done: OnDone | None = None,
) -> Rehearsal[R]:
    """A rehearsal of a policy over calls: ``lived`` lets one country live and says what came of it,
    which hangs on its job alone; a process must be able to import it. ``on_done`` is told of each.
    """
    loaded = demanded(document.load(policy), CALL)
    runs = list[R]()
    for one in each(
        lived, [CallJob(policy, name, seed, size) for name in sets for seed in seeds], workers
    ):
        runs.append(one)
        if on_done is not None:
            on_done(1)
    known = tuple(CallCountry(p.name, p.version, p.hash) for p in map(load, sets))
    return Rehearsal(
        loaded.name, loaded.hash, size.people, size.days, size.warm_up_days, known, tuple(runs)
    )


def run(job: CallJob) -> CallRun:
    """Let one country live, untouched, under the eyes of its operators."""
    parameters, size = load(job.parameters), job.size
    society = Society.make(job.seed, size.people, parameters)
    life = Life(society, parameters, job.seed)
    operators = Operators(society, Judge(document.load(job.policy)))
    for happened in life.slices(size.warm_up_days + size.days):
        operators.see(happened.rows)
    start_ms = society.start_ms + size.warm_up_days * DAY_MS
    return tally(job, operators.notes(), life.casts, Callers.of(society), start_ms)


def tally(
    job: CallJob, notes: CallNotes, casts: Sequence[Told], callers: Callers, start_ms: int
) -> CallRun:
    """What the calls from ``start_ms`` on come to. A thieves' number is one that belongs to nobody
    and calls in a story; the calls that victims make are good ones.
    """
    stories = np.array([told.is_fraud for told in casts] + [False])[notes.script]
    cast = np.array([told.cast.name for told in casts] + [""])[notes.script]
    bad = stories & callers.nobody[notes.caller]
    known = nth_by_caller(notes.caller) > FIRST_CALLS
    names = np.array(callers.names, object)[callers.class_of_number[notes.caller]]
    names[(cast == "courier_calls") & (names == "nobody's yet")] = "couriers, new number"
    mass = (cast == _BOX) | (cast == _ONE_RING)
    names[bad] = np.where(known[bad], COACHED_KNOWN, COACHED)
    names[bad & mass & ~known] = NEW_NUMBERS
    names[bad & known & (cast == _BOX)] = BOXES
    names[bad & known & (cast == _ONE_RING)] = ONE_RING
    after = notes.time_ms >= start_ms
    groups = {
        str(name): _group(notes.action[after & (names == name)]) for name in np.unique(names[after])
    }
    good = after & ~bad
    refused = good & (notes.action == _REFUSE)
    begun = bad & (cast == _BOX)
    found = _found(notes, begun, start_ms)
    return CallRun(
        job.parameters, job.seed, groups, len(found), sum(found),
        len(np.unique(notes.caller[refused])), len(np.unique(notes.caller[good])),
    )  # fmt: skip


def nth_by_caller(caller: NDArray[np.int32]) -> NDArray[np.int64]:
    """int64[n]: each call's place among its caller's, from 1.

    >>> nth_by_caller(np.array([7, 9, 7, 7, 9], np.int32)).tolist()
    [1, 1, 2, 3, 2]
    """
    order = np.argsort(caller, kind="stable")
    some = caller[order]
    first = np.flatnonzero(np.concatenate(([True], some[1:] != some[:-1])))
    lengths = np.diff(np.concatenate((first, [len(some)])))
    nth = np.empty(len(caller), np.int64)
    nth[order] = np.arange(len(some)) - np.repeat(first, lengths) + 1
    return nth


def _group(action: NDArray[np.uint8]) -> Group:
    return Group(len(action), int((action == _MARK).sum()), int((action == _REFUSE).sum()))


def _found(notes: CallNotes, begun: NDArray[np.bool_], start_ms: int) -> list[bool]:
    """Of each SIM box that began to call after the warm-up, whether a call of its was touched in
    time.
    """
    found = []
    for script in np.unique(notes.script[begun]).tolist():
        own = np.flatnonzero(begun & (notes.script == script))
        first_ms = int(notes.time_ms[own[0]])
        if first_ms >= start_ms:
            within = notes.time_ms[own] <= first_ms + FOUND_WITHIN_MS
            found.append(bool((notes.action[own][within] > 0).any()))
    return found
