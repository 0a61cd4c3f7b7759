"""Rehearse gateways: what operators would find among their numbers in whole countries.

In: seeds, a size. Out: a tally per seed and set of parameters (reports/gateways.py says what they
mean). Each operator watches the calls of its own numbers, as finished calls, and looks every
LOOK_SLICES slices; nobody acts. Each country is seen twice: with SIM boxes as its stories have
them, all cards in one device, and *spread*, each card in a device of its own, bought at one dealer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.country.apart import each
from arasha.country.facts import Reader
from arasha.country.happenings import NONE, Happenings
from arasha.country.loop import Life
from arasha.country.parameters import SETS, SetName, load
from arasha.country.planted import HONEST, STRAW, Planted, plant
from arasha.country.rehearse import OnDone, Size
from arasha.country.rehearse_calls import Callers
from arasha.country.script import DAY_MS, LOCAL_MS
from arasha.country.society import Society
from arasha.country.traffic import RING_MS
from arasha.events.columns import Facts, concatenate
from arasha.events.schema import SIM_CHANGES, Kind
from arasha.gateways.finding import Limits
from arasha.gateways.watch import Watch
from arasha.reports.gateways import (
    FOUND_WITHIN_MS,
    MOST_CARDS,
    Campaigns,
    GatewayCountry,
    GatewayRehearsal,
    GatewayRun,
    Named,
    together,
)

LOOK_SLICES: Final = 3
"""Slices of ten minutes from look to look: half an hour, which a service need not wait so long."""

PER_HOLDER: Final = 10
"""How many numbers the law of these countries lets one person have."""

_BOX, _ONE_RING = "call_centre", "wangiri"
_ACTIVATED: Final = SIM_CHANGES.index("activated")


@dataclass(frozen=True, slots=True)
class GatewayJob:
    """One country."""

    parameters: SetName
    seed: int
    size: Size
    limits: Limits


@dataclass(slots=True)
class _Country:
    """What is known of one country while it lives."""

    reader: Reader
    life: Life
    society: Society
    planted: Planted
    key: np.random.Generator
    numbers: dict[int, int] = field(default_factory=dict)  # the country's number, by its token
    sold: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)  # dealer, block by play

    def facts(self, rows: Happenings) -> tuple[Facts, Happenings]:
        """The calls of a slice as they are when they have ended, and the SIM changes."""
        rows = rows.take((rows.kind == Kind.CALL) | (rows.kind == Kind.SIM_CHANGE))
        facts = self.reader.facts(rows)
        for name, places in (("caller_number", rows.first), ("number", rows.first)):
            tokens = facts.symbol(name)[:, 0].tolist()
            self.numbers.update(zip(tokens, places.tolist(), strict=True))
        self.numbers.pop(0, None)
        self._sell(facts, rows)
        return facts, rows

    def _plays(self, rows: Happenings) -> NDArray[np.bool_]:
        boxes = np.array([told.cast.name == _BOX for told in self.life.casts] + [False])
        played: NDArray[np.bool_] = boxes[rows.script] & (rows.script != NONE)
        return played

    def _sell(self, facts: Facts, rows: Happenings) -> None:
        """Where each card was activated: a box's at one dealer and in sequence, others anywhere."""
        n = len(rows)
        dealer, block = np.zeros((n, 2), np.uint64), np.zeros((n, 2), np.uint64)
        activated = (rows.kind == Kind.SIM_CHANGE) & (rows.code == _ACTIVATED)
        plays = self._plays(rows)
        for row in np.flatnonzero(activated).tolist():
            play = int(rows.script[row]) if plays[row] else -1 - int(self.key.integers(20))
            if play not in self.sold:
                self.sold[play] = (self.key.bytes(16), self.key.bytes(16))
            dealer[row], block[row] = (np.frombuffer(one, np.uint64) for one in self.sold[play])
        facts.symbols["dealer"], facts.symbols["block"] = dealer, block

    def scattered(self, facts: Facts, rows: Happenings) -> Facts:
        """The same, but that each number of a box calls from a device of its own."""
        own = self._plays(rows) & (rows.device != NONE)
        device = facts.symbol("device").copy()
        device[own, 0] = (rows.first[own].astype(np.uint64) + np.uint64(1)) << np.uint64(20)
        return Facts(facts.kinds, facts.ids, facts.numbers, facts.symbols | {"device": device})


@dataclass(slots=True)
class _Seen:
    """The operators of a country, and what they have found so far: when each number was first a
    subject, or only named, and as what.
    """

    watches: list[Watch]
    each: list[dict[int, int]] = field(default_factory=list)  # the subjects of each operator
    subjects: dict[int, int] = field(default_factory=dict)
    named: dict[int, int] = field(default_factory=dict)
    patterns: dict[int, str] = field(default_factory=dict)

    @staticmethod
    def of(society: Society, limits: Limits) -> _Seen:
        """Operators who have seen nothing."""
        watches = [
            Watch.of(per_holder=PER_HOLDER, utc_offset_ms=LOCAL_MS, limits=limits)
            for _ in range(society.operators)
        ]
        return _Seen(watches, [{} for _ in watches])

    def take(self, society: Society, facts: Facts, rows: Happenings, extra: Facts) -> None:
        """Let each operator see what concerns its numbers, the first one what was planted, too."""
        for place, watch in enumerate(self.watches):
            _show(watch, place, society, facts, rows, extra if place == 0 else None)

    def look(self, at_ms: int) -> None:
        """Have all of them look."""
        for watch, own in zip(self.watches, self.each, strict=True):
            for group in watch.found(at_ms):
                for rows, into in ((group.numbers, self.subjects), (group.tied, self.named)):
                    for row in rows.tolist():
                        token = int.from_bytes(watch.habits.token(row)[:8], "little")
                        into.setdefault(token, at_ms)
                        if into is self.subjects:
                            own.setdefault(token, at_ms)
                        self.patterns.setdefault(token, group.pattern)


def rehearse(
    seeds: Sequence[int],
    size: Size,
    *,
    sets: Sequence[SetName] = SETS,
    limits: Limits | None = None,
    workers: int = 1,
    on_done: OnDone | None = None,
) -> GatewayRehearsal:
    """A rehearsal of what is looked for; what a country gives hangs on its job alone."""
    jobs = [GatewayJob(name, seed, size, limits or Limits()) for name in sets for seed in seeds]
    runs = list[GatewayRun]()
    for one in each(run, jobs, workers):
        runs.extend(one)
        if on_done is not None:
            on_done(1)
    known = tuple(GatewayCountry(p.name, p.version, p.hash) for p in map(load, sets))
    return GatewayRehearsal(size.people, size.days, size.warm_up_days, known, tuple(runs))


def run(job: GatewayJob) -> tuple[GatewayRun, GatewayRun]:
    """Let one country live under the eyes of its operators; with boxes as they are, and spread."""
    parameters, size = load(job.parameters), job.size
    society = Society.make(job.seed, size.people, parameters)
    life = Life(society, parameters, job.seed)
    start_ms = society.start_ms + size.warm_up_days * DAY_MS
    planted = plant(job.seed, start_ms, start_ms + size.days * DAY_MS)
    country = _Country(Reader(society), life, society, planted,
                       np.random.default_rng([job.seed, 8]))  # fmt: skip
    plain, spread = _Seen.of(society, job.limits), _Seen.of(society, job.limits)
    starts = dict[int, tuple[int, set[int]]]()
    beside = planted.facts()
    times = beside.number("happened_at")
    for nth, happened in enumerate(life.slices(size.warm_up_days + size.days)):
        facts, rows = country.facts(happened.rows)
        _begin(country, rows, starts)
        first, last = np.searchsorted(times, [happened.start_ms, happened.end_ms])
        extra = beside.take(slice(int(first), int(last)))
        for seen, shown in ((plain, facts), (spread, country.scattered(facts, rows))):
            seen.take(society, shown, rows, extra)
            if nth % LOOK_SLICES == 0:
                seen.look(happened.end_ms)
    return (
        _tally(job, country, plain, starts, start_ms, spread=False),
        _tally(job, country, spread, starts, start_ms, spread=True),
    )


def _begin(country: _Country, rows: Happenings, starts: dict[int, tuple[int, set[int]]]) -> None:
    """Note when each campaign first called, and from which numbers that nobody owns."""
    names = [told.cast.name for told in country.life.casts]
    calls = np.flatnonzero((rows.kind == Kind.CALL) & (rows.script != NONE))
    owner = country.society.numbers.owner
    for row in calls.tolist():
        script, number = int(rows.script[row]), int(rows.first[row])
        if names[script] in (_BOX, _ONE_RING) and owner[number] == NONE:
            _, numbers = starts.setdefault(script, (int(rows.time_ms[row]), set()))
            numbers.add(number)


def _show(
    watch: Watch, place: int, society: Society, facts: Facts, rows: Happenings, extra: Facts | None
) -> None:
    """Let an operator see what concerns its numbers; only the caller's own knows the device."""
    operator = society.numbers.operator
    own = operator[rows.first] == place
    other = (rows.second != NONE) & (operator[rows.second] == place)
    seen = np.flatnonzero(own | other)
    known = rows.time_ms + np.where(rows.kind == Kind.CALL, RING_MS + rows.duration_ms, 0)
    some, at_ms = facts.take(seen), known[seen]
    if "device" in some.symbols:
        some.symbols["device"] = np.where(own[seen][:, None], some.symbols["device"], np.uint64(0))
    if extra is not None:
        extra = Facts(extra.kinds, extra.ids, extra.numbers,
                      extra.symbols | {"sender": np.zeros((len(extra), 2), np.uint64)})  # fmt: skip
        some = concatenate([some, extra])
        at_ms = np.concatenate((at_ms, extra.number("happened_at")))
    order = np.argsort(at_ms, kind="stable")
    watch.take(some.take(order), at_ms[order])


def _tally(
    job: GatewayJob,
    country: _Country,
    told: _Seen,
    starts: dict[int, tuple[int, set[int]]],
    start_ms: int,
    *,
    spread: bool,
) -> GatewayRun:
    token_of = {number: token for token, number in country.numbers.items()}
    names = [one.cast.name for one in country.life.casts]
    kinds = {}
    kinds_of = dict[str, list[tuple[int, set[int]]]]()
    operators = country.society.numbers.operator
    operator_of = {token: int(operators[number]) for token, number in country.numbers.items()}
    for kind in (_BOX, _ONE_RING):
        kinds_of[kind] = campaigns = [
            (first, {token_of[one] for one in numbers})
            for script, (first, numbers) in starts.items()
            if names[script] == kind and first >= start_ms
        ]
        kinds[kind] = _campaigns(campaigns, told)
    straw = {token for token, whose in country.planted.whose.items() if whose == STRAW}
    thieves = {token_of[one] for _, numbers in starts.values() for one in numbers}
    return GatewayRun(
        job.parameters, job.seed, spread, kinds[_BOX], kinds[_ONE_RING],
        len(straw & told.subjects.keys()), _named(country, told, thieves | straw),
        _shares(kinds_of[_BOX], told, operator_of),
    )  # fmt: skip


def _campaigns(campaigns: list[tuple[int, set[int]]], told: _Seen) -> Campaigns:
    """Of each, whether one of its numbers was a subject in time; and of those of its numbers how
    many were subjects in the end, or named at all.
    """
    found = subjects = named = numbers = 0
    for first_ms, tokens in campaigns:
        when = [told.subjects[one] for one in tokens if one in told.subjects]
        if when and min(when) <= first_ms + FOUND_WITHIN_MS:
            found += 1
        numbers += len(tokens)
        subjects += len(when)
        named += sum(one in told.subjects or one in told.named for one in tokens)
    return Campaigns(len(campaigns), found, numbers, subjects, named)


def _shares(
    boxes: list[tuple[int, set[int]]], told: _Seen, operator_of: dict[int, int]
) -> dict[int, Campaigns]:
    """Boxes as one operator sees them, by how many of the cards it has: whether it found its own in
    time, whatever another one found.
    """
    found: dict[int, list[Campaigns]] = {}
    for first_ms, tokens in boxes:
        for operator, subjects in enumerate(told.each):
            own = {one for one in tokens if operator_of[one] == operator}
            if not own:
                continue
            when = [subjects[one] for one in own if one in subjects]
            named = sum(one in told.subjects or one in told.named for one in own)
            in_time = bool(when) and min(when) <= first_ms + FOUND_WITHIN_MS
            found.setdefault(min(len(own), MOST_CARDS), []).append(
                Campaigns(1, int(in_time), len(own), len(when), named)
            )
    return {cards: together(some) for cards, some in sorted(found.items())}


def _named(country: _Country, told: _Seen, bad: set[int]) -> dict[str, Named]:
    """Good numbers by whose they are: how many there are, were subjects, or only in a question."""
    callers = Callers.of(country.society)
    scripts = set(country.numbers.values())
    found = {name: [0, 0, 0] for name in (*HONEST, *callers.names)}
    patterns: dict[str, dict[str, int]] = {}

    def count(name: str, token: int) -> None:
        row = found[name]
        row[0] += 1
        row[1] += token in told.subjects
        row[2] += token in told.named and token not in told.subjects
        if token in told.subjects or token in told.named:
            pattern = told.patterns[token]
            patterns.setdefault(name, {}).setdefault(pattern, 0)
            patterns[name][pattern] += 1

    for token, whose in country.planted.whose.items():
        if whose in HONEST:
            count(whose, token)
    for token, number in country.numbers.items():
        if token not in bad and number in scripts:
            count(callers.names[callers.class_of_number[number]], token)
    return {
        name: Named(numbers, subjects, only_named, patterns.get(name, {}))
        for name, (numbers, subjects, only_named) in found.items()
        if numbers
    }
