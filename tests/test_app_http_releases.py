"""The public figures on record: drawn once, told to everybody alike, within a year's budget."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import opendp.prelude as dp
import pytest

from arasha.app.http.releases import Published, Release, Releases, Told, noisy, releases_in, told
from arasha.cases.calendar import DAY_MS
from arasha.cases.projection import rebuilt
from arasha.events.schema import Kind
from arasha.log.log import Log
from arasha.reports.public_figures import (
    FIGURES,
    MONTH_MILLI,
    SETTLE_MS,
    YEAR_MILLI,
    Figure,
    Month,
    Records,
    most_minor,
    values_of,
)
from cases_samples import KZT
from lived_samples import live
from test_reports_public_figures import NOW_MS, OCTOBER, OFFSET_MS, records

__all__ = ["records"]
COUNT = Figure("holds", "count", 500)
MEDIAN = Figure("minutes_to_hold", "minutes", 500)


def test_noise_is_as_large_as_the_budget_says() -> None:
    """And no larger: 95 of 100 lie within the margin that is told."""
    found = [told(COUNT, [1] * 1_000, KZT) for _ in range(400)]
    margin = found[0].margin
    assert margin == 6  # ln(20) / 0.5
    within = sum(abs(one.value - 1_000) <= margin for one in found)
    assert 360 <= within <= 400
    assert len({one.value for one in found}) > 5


def test_the_mechanisms_cost_what_is_written_down() -> None:
    """OpenDP's own word for it: epsilon by the change that one record makes."""
    dp.enable_features("contrib")
    made: Any
    for figure in FIGURES:
        epsilon = figure.epsilon_milli / 1_000
        if figure.candidates:
            space = dp.vector_domain(dp.atom_domain(T="i64")), dp.symmetric_distance()
            scores = space >> dp.t.then_quantile_score_candidates(list(figure.candidates), 0.5)
            made = scores >> dp.m.then_noisy_max(dp.max_divergence(), figure.scale, negate=True)
            assert made.map(1) <= epsilon + 1e-9, figure.name
        else:
            most = most_minor(figure, KZT)
            made = dp.m.make_laplace(
                dp.atom_domain(T="i64"), dp.absolute_distance(T="i64"), most * figure.scale
            )
            assert made.map(most) <= epsilon + 1e-9, figure.name


def test_medians_are_told_as_candidates() -> None:
    """Near the true one where there are many values; somewhere where there are none."""
    found = Counter(told(MEDIAN, [9, 10, 11] * 100, KZT).value for _ in range(50))
    assert found[10] > 40
    assert told(MEDIAN, [], KZT).value in MEDIAN.candidates


@pytest.mark.parametrize("figure", [one for one in FIGURES if one.candidates], ids=lambda f: f.name)
def test_a_median_that_is_worth_telling_is_seldom_far_off(figure: Figure) -> None:
    """Of as few values as the page tells it of."""
    true = figure.candidates[6]
    found = Counter(told(figure, [true] * figure.least, KZT).value for _ in range(200))
    assert found[true] >= 170


def test_nothing_is_told_below_zero() -> None:
    """Noise can be; a count is not."""
    assert 0 == min(told(COUNT, [], KZT).value for _ in range(50))


def test_a_month_has_every_figure(records: Records) -> None:
    """With a margin, or as a median."""
    found = noisy(records, OCTOBER)
    assert [one.name for one in FIGURES] == list(found)
    held = next(one for one in FIGURES if one.name == "held")
    true = sum(values_of(held, records, OCTOBER))
    assert found["held"].margin is not None
    assert abs(found["held"].value - true) <= 4 * found["held"].margin


class Here:
    """What releases need of a desk and an office, over an open log, in this thread."""

    def __init__(self, log: Log, now_ms: int) -> None:
        from arasha.cases.writer import Writer

        self.now = now_ms
        self.writer = Writer.open(log)
        self.live = SimpleNamespace(log=log, now_ms=lambda: self.now)

    async def within(self, work: Any) -> Any:
        return work(self.writer)

    def submit(self, job: Any) -> Any:
        job.run()
        done = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


def published(log: Log, now_ms: int) -> Published:
    """What a service over the log tells, asked twice."""

    async def ask() -> Published:
        here: Any = Here(log, now_ms)
        releases = Releases(here, here)
        first, again = await asyncio.gather(releases.published(), releases.published())
        assert isinstance(first, Published)
        assert first == again
        return first

    return asyncio.run(ask())


def test_asked_again_the_figures_are_the_same(tmp_path: Path) -> None:
    """Of this service and of the next: they are read from the log, each month one entry."""
    live(tmp_path / "centre", NOW_MS, days=70)
    with Log.open(tmp_path / "centre") as log:
        first = published(log, NOW_MS)
        assert ["2026-10", "2026-09"] == [one.month for one in first.releases]
        assert YEAR_MILLI - 2 * MONTH_MILLI == first.left_milli
        assert Month(2026, 11) == first.coming
        assert Month(2026, 12).starts_ms(OFFSET_MS) + SETTLE_MS == first.coming_ms
        assert first == published(log, NOW_MS + DAY_MS)
        assert 2 == len(log.places(Kind.FIGURES)) == len(releases_in(log))
        assert rebuilt(log).state.reports


def test_a_young_centre_says_which_month_comes_first(tmp_path: Path) -> None:
    """And when; nothing is told of it before."""
    live(tmp_path / "centre", NOW_MS, days=7)
    began = Month.of(NOW_MS - 7 * DAY_MS, OFFSET_MS)
    with Log.open(tmp_path / "centre") as log:
        found = published(log, NOW_MS)
        assert ([], []) == (list(found.releases), list(found.waiting))
        assert (began, began.next.starts_ms(OFFSET_MS) + SETTLE_MS) == (
            found.coming, found.coming_ms
        )  # fmt: skip


def test_when_the_budget_is_used_up_no_more_is_told(tmp_path: Path) -> None:
    """The months that are left out are named, and told in the next year."""
    live(tmp_path / "centre", NOW_MS, days=430, a_day=1)
    with Log.open(tmp_path / "centre") as log:
        first = published(log, NOW_MS)
        assert 12 == len(first.releases)
        assert 0 == first.left_milli
        assert [Month(2026, 9), OCTOBER] == list(first.waiting)
        next_year = published(log, Month(2027, 1).starts_ms(OFFSET_MS))
        assert [] == list(next_year.waiting)
        assert {2026: 12, 2027: 3} == Counter(one.year for one in next_year.releases)


def test_a_release_reads_as_it_was_written() -> None:
    """For ever: it is an entry of the log."""
    import msgspec

    release = Release("2026-10", 1, 2026, MONTH_MILLI, KZT, {"holds": Told(3, 30)})
    assert release == msgspec.json.decode(msgspec.json.encode(release), type=Release)


@pytest.mark.parametrize("figure", FIGURES, ids=lambda one: one.name)
def test_a_figure_of_nothing_can_be_told(figure: Figure) -> None:
    """A month in which nothing was done is told like any other."""
    assert told(figure, [], KZT).value >= 0
