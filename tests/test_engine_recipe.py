from __future__ import annotations

from dataclasses import replace

import pytest

from arasha.engine.recipe import DAY_MS, Recipe, earliest, slices, trials
from arasha.errors import UsageError

WEEK = 7 * DAY_MS


def test_slices_follow_each_other_with_the_label_delay_between() -> None:
    """What a model is fitted on was known when the slice that stops it began."""
    recipe = Recipe(window_ms=WEEK)
    found = slices(recipe, 0, 100 * DAY_MS)
    assert (72 * DAY_MS, 79 * DAY_MS) != found.stop
    assert (79 * DAY_MS, 86 * DAY_MS) == found.stop
    assert (86 * DAY_MS, 93 * DAY_MS) == found.calibrate
    assert (65 * DAY_MS, 72 * DAY_MS) == found.fit
    assert (86 * DAY_MS, 93 * DAY_MS) == found.final
    assert found.fit[1] + recipe.label_delay_ms == found.stop[0]
    assert 65 * DAY_MS == earliest(recipe, 100 * DAY_MS)


def test_without_a_window_everything_before_is_fitted_on() -> None:
    """From the first payment on; the last model up to the last known truth."""
    found = slices(Recipe(), 5 * DAY_MS, 100 * DAY_MS)
    assert ((5 * DAY_MS, 72 * DAY_MS), (5 * DAY_MS, 93 * DAY_MS)) == (found.fit, found.final)
    assert None is earliest(Recipe(), 100 * DAY_MS)


def test_no_time_is_an_error() -> None:
    """28 days go into gaps and slices."""
    with pytest.raises(UsageError, match="too little time"):
        slices(Recipe(), 0, 28 * DAY_MS)


def test_trials_are_drawn_by_the_seed_alone() -> None:
    """The recipe's own trees come first; another seed draws others."""
    recipe = Recipe(trials=20)
    found = trials(recipe)
    assert recipe.trees == found[0]
    assert 21 == len(found)
    assert found == trials(recipe)
    assert found[1:] != trials(replace(recipe, seed=1))[1:]
    assert all(4 <= trees.leaves <= 32 and 0.02 <= trees.rate <= 0.1 for trees in found)
