from __future__ import annotations

from dataclasses import fields
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from arasha.country import arms
from arasha.country.arms import UNJUDGED, Notes, Seats, joined
from arasha.country.facts import Reader
from arasha.country.happenings import merged
from arasha.country.views import CentreView, Parties
from arasha.engine.decide import Centre, decide
from arasha.engine.unkept import Unkept
from arasha.events.schema import Kind
from rehearsal_samples import judge_of, lived, staged


def same(one: Notes, other: Notes) -> bool:
    """Whether two notes say the same."""
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name))
        for field in fields(Notes)
    )


def test_the_stronger_of_bank_and_centre_is_done(tmp_path: Path) -> None:
    """What the world is told is what is noted; not all that is paid is seen by the centre."""
    bench, slices = lived(judge_of(tmp_path))
    notes = bench.notes()
    told = np.concatenate([happened.actions for happened in slices])
    assert np.array_equal(np.maximum(notes.bank_action, notes.centre_action), told)
    assert np.array_equal(notes.action, told)
    assert 0 < (told > 0).sum() < len(told)
    assert (notes.centre_score == UNJUDGED).any()
    assert (notes.centre_score != UNJUDGED).any()


def test_a_bank_decides_as_the_engine_does_on_what_it_sees(tmp_path: Path) -> None:
    """One ``decide`` over the whole of a bank's view gives what the slices gave."""
    judge = judge_of(tmp_path)
    society, life, bench = staged()
    bench.watch(Seats.of(judge, society.banks, centre=True))
    rows = merged([happened.rows for happened in life.slices(2)])
    notes, parties = bench.notes(), Parties.of(rows, society.accounts.bank)
    seen = np.flatnonzero(CentreView().seen(rows, parties))
    facts = Reader(society).facts(rows).take(seen)
    decided = decide(Centre(Unkept(), judge, judge.fresh_state()), facts)
    ours = notes.take(np.isin(notes.payment, rows.payment[seen[decided.payments]]))
    assert np.array_equal(decided.decisions.score, ours.centre_score)
    assert np.array_equal(decided.decisions.action, ours.centre_action)


def test_watching_changes_nothing_and_notes_all(tmp_path: Path) -> None:
    """Judges that only watch allow everything and say what they would have done."""
    bench, slices = lived(judge_of(tmp_path), acting=False)
    notes = bench.notes()
    assert not np.concatenate([happened.actions for happened in slices]).any()
    assert not notes.action.any()
    assert notes.bank_action.any()
    payments = sum(len(happened.payments) for happened in slices)
    assert payments == len(notes)
    became = np.concatenate([happened.became for happened in slices])
    assert np.array_equal(became, notes.became)


@pytest.mark.parametrize("at_once", [1, 300, 1 << 20])
def test_how_much_is_watched_at_once_changes_no_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Law 1 in the country."""
    whole = lived(judge_of(tmp_path), acting=False)[0].notes()
    monkeypatch.setattr(arms, "AT_ONCE", at_once)
    assert same(whole, lived(judge_of(tmp_path), acting=False)[0].notes())


def test_seats_copied_go_on_alike(tmp_path: Path) -> None:
    """Judges copied after a day, put into the same country, say what the first ones say."""
    judge = judge_of(tmp_path)
    society, life, bench = staged()
    seats = Seats.of(judge, society.banks, centre=True)
    bench.watch(seats)
    slices = life.slices(2)
    list(islice(slices, 144))
    bench.catch_up()
    copy = seats.copy(centre=True)
    list(slices)
    other, again, second = staged()
    assert other.banks == society.banks
    days = again.slices(2)
    list(islice(days, 144))
    second.watch(copy)
    list(days)
    notes, expected = second.notes(), bench.notes()
    assert 0 < len(notes) < len(expected)
    assert same(expected.take(np.arange(len(expected) - len(notes), len(expected))), notes)


def test_without_the_centre_nobody_sees_all(tmp_path: Path) -> None:
    """Banks alone: no payment has a score of the centre."""
    notes = lived(judge_of(tmp_path), centre=False)[0].notes()
    assert (notes.centre_score == UNJUDGED).all()
    assert not notes.centre_action.any()


def test_a_bench_that_sleeps_notes_nothing() -> None:
    """Before judges sit down everything is allowed."""
    _, life, bench = staged()
    assert not any(happened.actions.any() for happened in life.slices(1))
    assert 0 == len(bench.notes()) == len(joined([]))


def test_holds_that_end_are_noted(tmp_path: Path) -> None:
    """What became of a held payment is what its review found, once it is over."""
    bench, slices = lived(judge_of(tmp_path), days=3)
    ended = {one.paid.serial: one.became for happened in slices for one in happened.concluded}
    notes = bench.notes()
    found = dict(zip(notes.payment.tolist(), notes.became.tolist(), strict=True))
    assert ended
    assert ended == {serial: found[serial] for serial in ended}
    assert Kind.PAYMENT in set(slices[-1].rows.kind.tolist())
