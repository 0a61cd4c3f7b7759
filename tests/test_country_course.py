from __future__ import annotations

import numpy as np
import pytest

from arasha.country.course import RECIPE, THRESHOLDS, model_of, raw_scores, recalibrated
from arasha.country.lessons import ORDINARY
from arasha.policy.model import calibrated
from course_samples import SMALL, taught


def test_the_model_learns_what_the_policy_keeps() -> None:
    """Its features, no more trees than the recipe has, our thresholds."""
    trained = taught().trained
    assert ("pair", "paid", "received", "signals") == trained.features
    assert 0 < trained.trees.count <= RECIPE.trees.count
    assert trained.thresholds == THRESHOLDS


def test_it_is_examined_where_it_learnt_nothing() -> None:
    """Both sets of parameters, at the seats of banks and centre, better than chance."""
    found = taught().examinations
    assert ["standard", "shifted"] == list(found)
    for one in (each for pair in found.values() for each in pair):
        assert one.base_rate < one.average_precision < 1
        assert sum(story.frauds for story in one.stories) == one.frauds


def test_plays_of_several_countries_are_one_list() -> None:
    """A story has one number, in whatever country it happened."""
    learnt = taught().learnt
    assert len(set(learnt.plays)) == len(learnt.plays)
    frauds = learnt.table.truth == 1
    assert (learnt.play[frauds] != ORDINARY).all()
    assert (learnt.play[frauds] < len(learnt.plays)).all()
    assert len(learnt) == len(learnt.seat) == len(learnt.play)


def test_a_probability_is_of_payments_that_were_not_thinned_out() -> None:
    """Calibrated on rows of which half were dropped, the mean is the share of the whole."""
    lesson = taught().learnt
    trained = recalibrated(taught().trained, lesson, SMALL.thinned)
    probability = calibrated(raw_scores(trained, lesson), trained.calibration)
    told = lesson.table.truth >= 0
    weights = np.where(lesson.table.truth == 1, 1, SMALL.thinned)[told]
    share = (lesson.table.truth[told] == 1).sum() / weights.sum()
    assert np.average(probability[told], weights=weights) == pytest.approx(share, rel=0.1)


def test_the_model_runs_as_it_will_in_a_policy() -> None:
    """The sum of the trees of any row is what its contributions add up to."""
    rows = taught().examined.table.features[:50]
    model = model_of(taught().trained)
    np.testing.assert_allclose(model.contributions(rows).sum(axis=1), model.raw(rows), atol=1e-9)
