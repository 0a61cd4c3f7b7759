"""The public figures: a month is counted once, with noise, put on record, and told as it stands.

In: the records of the domain, once a month. Out: releases, each an entry of the log: the figures as
they are told, and what they took of the year's privacy budget. Who asks again is told the same
numbers, for they are read from the log. Where the year's budget is used up no further month is
counted before the next year. Noise is OpenDP's: discrete Laplace for counts and sums, the
exponential mechanism for medians.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log
from typing import Final, NamedTuple

import msgspec
import numpy as np

from arasha.app.http.desk import Desk
from arasha.app.http.office import Office
from arasha.app.http.problems import Problem
from arasha.cases.calendar import DAY_MS
from arasha.cases.writer import Writer
from arasha.engine.live import Job
from arasha.events.body import bodies_from
from arasha.events.schema import Kind
from arasha.log.log import Entries, Log
from arasha.reports.public_figures import (
    FIGURES,
    MONTH_MILLI,
    YEAR_MILLI,
    Figure,
    Month,
    Records,
    most_minor,
    settled_months,
    values_of,
)

SURE: Final = 0.95
"""How surely the true figure lies within the margin that is told beside it."""


class Told(msgspec.Struct, frozen=True):
    """A figure as it is told. ``margin``: how far off it may be; None for a median."""

    value: int
    margin: int | None = None


class Release(msgspec.Struct, frozen=True):
    """The figures of a month. ``year`` is the year whose budget they were taken from."""

    month: str
    at_ms: int
    year: int
    spent_milli: int
    currency: int
    figures: dict[str, Told]


@dataclass(frozen=True, slots=True)
class Published:
    """What the public can see: all releases, the latest first, and what is left of this year.

    ``waiting`` are months that are old enough and for which no budget is left; ``coming`` is the
    next one, which is old enough at ``coming_ms``.
    """

    releases: Sequence[Release]
    left_milli: int
    waiting: Sequence[Month]
    coming: Month
    coming_ms: int


class Releases:
    """The releases of one service."""

    def __init__(self, desk: Desk, office: Office) -> None:
        self._desk, self._office = desk, office
        self._turn = asyncio.Lock()
        self._known: list[Release] = []
        self._published: Published | None = None
        self._until_ms = 0

    async def published(self) -> Published | Problem:
        """Everything that can be told now; months that have become old enough are counted first.

        No month becomes so within a day: until its end the same is told, and nobody is asked.
        """
        now_ms = self._desk.live.now_ms()
        async with self._turn:
            if self._published is None or now_ms >= self._until_ms:
                found = await self._renewed(now_ms)
                if isinstance(found, Problem):
                    return found
                self._published, self._until_ms = found, (now_ms // DAY_MS + 1) * DAY_MS
            return self._published

    async def _renewed(self, now_ms: int) -> Published | Problem:
        asked = await self._office.within(_asked)
        if isinstance(asked, Problem):
            return asked
        self._known = asked.kept
        known = {one.month for one in self._known}
        year = Month.of(now_ms, asked.utc_offset_ms).year
        left = YEAR_MILLI - sum(one.spent_milli for one in self._known if one.year == year)
        settled = settled_months(asked.first_ms, now_ms, asked.utc_offset_ms)
        due = [month for month in settled if str(month) not in known]
        payable = due[: left // MONTH_MILLI]
        for month in payable:
            problem = await self._release(month, year, now_ms)
            if problem is not None:
                return problem
            left -= MONTH_MILLI
        newest_first = sorted(self._known, key=lambda one: one.month, reverse=True)
        offset_ms = asked.utc_offset_ms
        coming = settled[-1].next if settled else Month.of(asked.first_ms, offset_ms)
        return Published(
            newest_first, left, due[len(payable) :], coming, coming.settled_ms(offset_ms)
        )  # fmt: skip

    async def _release(self, month: Month, year: int, now_ms: int) -> Problem | None:
        """Count a month, and keep it; only what is durable is told."""
        records = await self._office.within(_records)
        if isinstance(records, Problem):
            return records
        figures = await asyncio.to_thread(noisy, records, month)
        release = Release(str(month), now_ms, year, MONTH_MILLI, records.currency, figures)
        job = Job(lambda: self._desk.live.log.append(entry_of(release, self._desk.live.now_ms())))
        done = self._desk.submit(job)
        if done is None:
            return self._desk.busy()
        await done
        if job.fault is not None:
            self._desk.journal.fault("figures", job.fault)
            return self._desk.busy()
        self._known.append(release)
        return None


def noisy(records: Records, month: Month) -> dict[str, Told]:
    """Every figure of a month, with its noise."""
    return {
        one.name: told(one, values_of(one, records, month), records.currency) for one in FIGURES
    }


def told(figure: Figure, values: Sequence[int], currency: int) -> Told:
    """One figure with its noise: never below zero, and sums in whole major units."""
    import opendp.prelude as dp

    dp.enable_features("contrib")
    if figure.candidates:
        space = dp.vector_domain(dp.atom_domain(T="i64")), dp.symmetric_distance()
        scores = space >> dp.t.then_quantile_score_candidates(list(figure.candidates), 0.5)
        chosen = scores >> dp.m.then_noisy_max(dp.max_divergence(), figure.scale, negate=True)
        return Told(figure.candidates[chosen(list(values))])
    scale = most_minor(figure, currency) * figure.scale
    noise = dp.m.make_laplace(dp.atom_domain(T="i64"), dp.absolute_distance(T="i64"), scale)
    return Told(max(0, noise(sum(values))), ceil(scale * log(1 / (1 - SURE))))


def entry_of(release: Release, known_at_ms: int) -> Entries:
    """A release as an entry."""
    return Entries(
        np.array([Kind.FIGURES], np.uint8), np.array([known_at_ms], np.int64),
        bodies_from([msgspec.json.encode(release)]), np.zeros((1, 2), np.uint64),
    )  # fmt: skip


def releases_in(log_: Log) -> list[Release]:
    """Every release on record, in the order in which they were made."""
    found = []
    for seq in log_.places(Kind.FIGURES):
        frame = next(log_.read(seq, seq + 1))
        found.append(msgspec.json.decode(frame.bodies[0], type=Release))
    return found


class _Asked(NamedTuple):
    kept: list[Release]
    first_ms: int
    utc_offset_ms: int


def _asked(writer: Writer) -> _Asked:
    """What is on record, and since when the centre acts; in the writing thread."""
    law = writer.state.law
    if law is None:
        return _Asked([], writer.log.last_known_at_ms, 0)
    first = min(acts[0].at_ms for acts in writer.projection.acts_of.values())
    return _Asked(releases_in(writer.log), first, law.calendar.utc_offset_ms)


def _records(writer: Writer) -> Records:
    """The records as they are now: copied in the writing thread, counted in another."""
    state = writer.state
    law = state.law
    assert law is not None, "months are counted under a law"
    return Records(
        tuple(state.reports.values()), tuple(state.complaints.values()),
        tuple(state.holds.values()), tuple(state.appeals.values()), law.currency,
        law.calendar.utc_offset_ms,
    )  # fmt: skip
