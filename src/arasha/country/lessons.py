"""Lessons: the point-in-time table of a country, for a model that is to judge in its places.

In: a policy, a country that nobody touches. Out: a row for each payment and each judge that would
see it, filled by the very judge and windows of the live path: a transfer between banks stands there
as its bank sees it and as the centre does. The truth is the country's own, which no real centre
has; of payments that move stolen money on it says nothing (-1).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.country.facts import Reader
from arasha.country.happenings import FRAUD, LAUNDERING, Happenings, merged
from arasha.country.loop import Life
from arasha.country.parameters import Parameters
from arasha.country.script import DAY_MS
from arasha.country.society import Society
from arasha.country.views import CentreView, Parties, seen_by_bank, sent_by
from arasha.engine.decide import times_of
from arasha.engine.table import PaymentTable, joined, watched
from arasha.events.columns import Facts
from arasha.events.schema import MISSING, Kind
from arasha.policy.judge import Judge

CENTRE: Final = -1
"""The seat of the centre; banks' seats are their places."""

ORDINARY: Final = -1
"""The play of ordinary life."""

_AT_ONCE: Final = 1 << 16
_SPREAD: Final = np.uint64(2_654_435_761)  # Knuth's multiplier: serials that follow each other part
_BITS: Final = np.uint64(32)


@dataclass(frozen=True, slots=True)
class Country:
    """Which country, and for how long: rows are of the ``days`` after the warm-up. Of the payments
    that are no fraud one in ``thinned`` is kept.
    """

    parameters: Parameters
    seed: int
    people: int
    warm_up_days: int
    days: int
    thinned: int = 1


@dataclass(frozen=True, slots=True)
class Lesson:
    """Rows of payments; ``seat`` int16[n] says who saw it so, ``play`` int16[n] which of ``plays``
    it belongs to, or `ORDINARY`.
    """

    table: PaymentTable
    seat: NDArray[np.int16]
    play: NDArray[np.int16]
    plays: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.table)


def lesson(judge: Judge, country: Country, names: Sequence[str]) -> Lesson:
    """All rows of a country, in the order of the days and within them by seat."""
    parts = list(lessons(judge, country, names))
    plays = parts[-1].plays if parts else ()
    none = np.zeros(0, np.int16)
    return Lesson(
        joined([part.table for part in parts], names),
        np.concatenate([none, *(part.seat for part in parts)]),
        np.concatenate([none, *(part.play for part in parts)]),
        plays,
    )


def lessons(judge: Judge, country: Country, names: Sequence[str]) -> Iterator[Lesson]:
    """The same a stretch at a time; ``plays`` of the last holds for all."""
    society = Society.make(country.seed, country.people, country.parameters)
    life = Life(society, country.parameters, country.seed)
    reader = Reader(society)
    seats = [_Seat(judge, names) for _ in range(society.banks + 1)]
    view = CentreView()
    from_ms = society.start_ms + country.warm_up_days * DAY_MS
    plays = dict[str, int]()
    for some in _stretches(life, country.warm_up_days + country.days):
        parties = Parties.of(some, society.accounts.bank)
        facts = reader.facts(some)
        truth, play = _truth_of(some), _plays(some, life, plays)
        for place, seat in enumerate(seats):
            bank = place - 1
            if bank == CENTRE:
                seen = judged = view.seen(some, parties)
            else:
                seen, judged = seen_by_bank(bank, some, parties), sent_by(bank, some, parties)
            rows = np.flatnonzero(seen)
            table = seat.look(facts.take(rows), truth[rows], from_ms)
            kept = _kept(some, rows, judged, truth, from_ms, country.thinned)
            yield Lesson(
                table.take(kept.among), np.full(len(kept.among), bank, np.int16),
                play[kept.rows], tuple(plays),
            )  # fmt: skip


class _Seat:
    """The windows of one judge, and what its features were."""

    def __init__(self, judge: Judge, names: Sequence[str]) -> None:
        self._judge, self._names = judge, names
        self._state, self._last_ms = judge.fresh_state(), MISSING + 1

    def look(self, facts: Facts, truth: NDArray[np.int8], from_ms: int) -> PaymentTable:
        """The rows of its payments from then on."""
        known_at, _ = times_of(facts, self._last_ms, None)
        if len(known_at):
            self._last_ms = int(known_at[-1])
        parts = watched(self._judge, self._state, facts, known_at, truth, self._names, from_ms)
        return joined(parts, self._names)


@dataclass(frozen=True, slots=True)
class _Kept:
    """Payments that are kept: their ``rows`` in the stretch, and their places ``among`` those that
    a seat's table holds.
    """

    rows: NDArray[np.intp]
    among: NDArray[np.intp]


def _kept(
    some: Happenings,
    seen: NDArray[np.intp],
    judged: NDArray[np.bool_],
    truth: NDArray[np.int8],
    from_ms: int,
    thinned: int,
) -> _Kept:
    payments = seen[(some.kind[seen] == Kind.PAYMENT) & (some.time_ms[seen] >= from_ms)]
    drawn = (some.payment[payments].astype(np.uint64) * _SPREAD) >> _BITS
    wanted = judged[payments] & (
        (truth[payments] == 1) | ((truth[payments] == 0) & (drawn % np.uint64(thinned) == 0))
    )
    among = np.flatnonzero(wanted)
    return _Kept(payments[among], among)


def _stretches(life: Life, days: int) -> Iterator[Happenings]:
    waiting: list[Happenings] = []
    for happened in life.slices(days):
        waiting.append(happened.rows)
        if sum(map(len, waiting)) >= _AT_ONCE:
            yield merged(waiting)
            waiting = []
    if waiting:
        yield merged(waiting)


def _truth_of(some: Happenings) -> NDArray[np.int8]:
    fraud, laundering = (some.truth & FRAUD) != 0, (some.truth & LAUNDERING) != 0
    return np.where(fraud, 1, np.where(laundering, -1, 0)).astype(np.int8)


def _plays(some: Happenings, life: Life, plays: dict[str, int]) -> NDArray[np.int16]:
    """The place in ``plays`` (which grows) of the play each row belongs to."""
    found = np.full(len(some), ORDINARY, np.int16)
    for row in np.flatnonzero(some.script >= 0).tolist():
        name = life.casts[some.script[row]].cast.name
        found[row] = plays.setdefault(name, len(plays))
    return found
