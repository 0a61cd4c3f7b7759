from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from arasha.country import lessons as lessons_module
from arasha.country.lessons import CENTRE, ORDINARY, Country, Lesson, lesson
from arasha.country.parameters import Parameters, load
from arasha.country.script import DAY_MS
from arasha.policy.judge import Judge
from rehearsal_samples import judge_of, lived

NAMES = ("pair", "paid", "received", "signals")


def often() -> Parameters:
    """Stories far more often than usual."""
    parameters = load("standard")
    rates = {f"stories__{name}__rate": 2_000.0 for name in parameters.names("stories")}
    return parameters.changed(**rates)


COUNTRY = Country(often(), seed=4, people=400, warm_up_days=1, days=2)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """A small judge."""
    return judge_of(tmp_path_factory.mktemp("policy"))


@pytest.fixture(scope="module")
def whole(judge: Judge) -> Lesson:
    """A lesson of all payments."""
    return lesson(judge, COUNTRY, NAMES)


def test_rows_are_of_the_days_after_the_warm_up(whole: Lesson) -> None:
    """The days before fill the windows and nothing else."""
    times = whole.table.happened_at_ms
    assert times.max() - times.min() < 2 * DAY_MS
    assert (whole.table.column("pair") > 0).any()


def test_a_transfer_between_banks_stands_there_twice(whole: Lesson) -> None:
    """Once as its bank sees it, once as the centre does; every other payment once."""
    at_centre = whole.seat == CENTRE
    ids = np.array(whole.table.ids)
    own = ids[~at_centre]
    assert len(set(own)) == len(own)
    assert 0 < at_centre.sum() < len(own)
    assert set(ids[at_centre]) < set(own)


def test_the_centre_sees_more_payers_and_fewer_changes(judge: Judge, whole: Lesson) -> None:
    """What an account receives from other banks is in the centre's windows, not in the payer's
    bank's; both differ for some payments.
    """
    received = whole.table.column("received")
    at_centre = np.flatnonzero(whole.seat == CENTRE)
    place = {one: at for at, one in enumerate(whole.table.ids) if whole.seat[at] != CENTRE}
    own = received[[place[whole.table.ids[at]] for at in at_centre.tolist()]]
    assert (received[at_centre] > own).any()
    assert judge.policy.keep == NAMES


def test_truth_and_play_are_the_countrys(whole: Lesson) -> None:
    """Frauds belong to stories; of money moved on nothing is said, and no such row is kept."""
    fraud = whole.table.truth == 1
    assert fraud.any()
    assert (whole.play[fraud] != ORDINARY).all()
    assert set(whole.table.truth.tolist()) == {0, 1}
    names = {whole.plays[place] for place in set(whole.play[fraud].tolist())}
    assert names <= set(load("standard").names("stories"))


def test_thinning_keeps_every_fraud(judge: Judge, whole: Lesson) -> None:
    """Of the others about one in so many, the same at both seats."""
    thin = lesson(judge, replace(COUNTRY, thinned=4), NAMES)
    assert (thin.table.truth == 1).sum() == (whole.table.truth == 1).sum()
    good, all_good = ((one.table.truth == 0).sum() for one in (thin, whole))
    assert 0.15 < good / all_good < 0.35
    kept = set(thin.table.ids)
    rows = [at for at, one in enumerate(whole.table.ids) if one in kept]
    tables = whole.table.take(np.array(rows)), thin.table
    expected, found = (np.sort(table.features, axis=0) for table in tables)
    assert np.array_equal(expected, found, equal_nan=True)


def test_how_much_is_looked_at_at_once_changes_no_row(
    judge: Judge, whole: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same rows, in stretches of any length."""
    monkeypatch.setattr(lessons_module, "_AT_ONCE", 500)
    parts = lesson(judge, COUNTRY, NAMES)
    order, other = (np.lexsort((one.seat, np.array(one.table.ids))) for one in (whole, parts))
    assert np.array_equal(whole.table.features[order], parts.table.features[other], equal_nan=True)
    assert np.array_equal(whole.table.truth[order], parts.table.truth[other])


def test_a_lesson_is_what_the_seats_will_see(tmp_path: Path, judge: Judge) -> None:
    """A watching bench scores the very payments that stand in the lesson, at the same seats."""
    country = Country(load("standard"), seed=1, people=300, warm_up_days=0, days=2)
    found = lesson(judge, country, NAMES)
    notes = lived(judge_of(tmp_path), days=2, acting=False)[0].notes()
    notes = notes.take((notes.truth & 2) == 0)
    at_centre = np.array(found.table.ids)[found.seat == CENTRE].astype(np.int64)
    assert sorted(notes.payment[notes.centre_score >= 0].tolist()) == sorted(at_centre.tolist())
    at_banks = np.array(found.table.ids)[found.seat != CENTRE].astype(np.int64)
    assert sorted(notes.payment[notes.bank_score >= 0].tolist()) == sorted(at_banks.tolist())
