from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from arasha.engine.recipe import DAY_MS
from arasha.engine.table import PaymentTable
from arasha.engine.train import train
from arasha.engine.trial import (
    LONGEST_TEST_MS,
    Trial,
    actions_of,
    earlier_trials,
    length_ms,
    moment_before,
    tried,
)
from arasha.policy.definition import Thresholds
from model_samples import RECIPE, UNTIL_MS, Learnt

TEST_MS = 14 * DAY_MS
EARLIER_MS = UNTIL_MS - 28 * DAY_MS


@pytest.fixture(scope="module")
def table(small_model: Learnt) -> PaymentTable:
    """The small payments with frauds enough in every week: those far above habit."""
    habit = small_model.table.column("times_habit")
    return replace(small_model.table, truth=(habit > 2.5).astype(np.int8))


def test_a_model_is_tried_on_what_comes_after_it(table: PaymentTable) -> None:
    """Every payment it learnt from is a label delay older than the first it is tried on."""
    trained = train(table, RECIPE, EARLIER_MS)
    found = tried(table, trained, RECIPE, EARLIER_MS, TEST_MS)
    assert not found.rehearsal
    assert trained is found.trained
    assert EARLIER_MS <= int(found.test.happened_at_ms.min())
    assert int(found.test.happened_at_ms.max()) < EARLIER_MS + TEST_MS
    learnt = found.settled(trained.slices.final)
    assert int(learnt.happened_at_ms.max()) < EARLIER_MS - RECIPE.label_delay_ms


def test_where_nothing_comes_after_a_rehearsal_is_tried(
    table: PaymentTable, small_model: Learnt
) -> None:
    """The same recipe, so much earlier that the test's truths were known at the training. Truths
    that were not known then change nothing of it.
    """
    late = table.happened_at_ms >= UNTIL_MS
    gone = table.take(np.flatnonzero(~late))
    found = tried(gone, small_model.trained, RECIPE, UNTIL_MS, TEST_MS)
    assert found.rehearsal
    assert UNTIL_MS - RECIPE.label_delay_ms - TEST_MS == found.until_ms
    assert int(found.test.happened_at_ms.max()) < UNTIL_MS - RECIPE.label_delay_ms
    assert train(table, RECIPE, found.until_ms) == found.trained
    assert small_model.trained != found.trained


def test_without_time_for_a_rehearsal_it_is_tried_on_what_there_is(small_model: Learnt) -> None:
    """Nothing is made up."""
    gone = small_model.table.between(0, UNTIL_MS)
    long = 200 * DAY_MS
    found = tried(gone, small_model.trained, RECIPE, UNTIL_MS, long)
    assert (False, 0) == (found.rehearsal, len(found.test))


def test_the_recipe_is_tried_on_earlier_times(table: PaymentTable, small_model: Learnt) -> None:
    """One test's length before the other, as far as there is enough to learn from."""
    first = Trial(small_model.trained, UNTIL_MS, table, table.between(UNTIL_MS, 2**60))
    found = earlier_trials(table, RECIPE, first, TEST_MS, 12)
    assert [UNTIL_MS - (at + 1) * TEST_MS for at in range(len(found))] == [
        one.until_ms for one in found
    ]
    assert 1 <= len(found) < 12
    assert all(int(one.test.happened_at_ms.min()) >= one.until_ms for one in found)


def test_actions_are_those_of_the_judge(small_model: Learnt) -> None:
    """Points and action of the table's rules with the model's points give what a backtest does."""
    from arasha.engine.backtest import backtest
    from arasha.policy.model import Model

    assert small_model.after.model is not None
    [judged] = backtest(small_model.file, [small_model.after], small_model.mapping)
    points = Model(small_model.after.model).points(small_model.table.features)
    ours = actions_of(small_model.table, points, small_model.after.thresholds)
    np.testing.assert_array_equal(judged.action, ours)
    assert (ours > 0).any()


@pytest.mark.parametrize(
    ("points", "rules", "action", "expected"),
    [
        (299, 0, 0, 0),
        (300, 0, 0, 1),
        (0, 600, 0, 2),
        (600, 999, 1, 2),
        (0, 0, 3, 3),
        (1000, 0, 0, 2),
    ],
)
def test_actions_by_hand(
    small_model: Learnt, points: int, rules: int, action: int, expected: int
) -> None:
    """The larger of rules' and model's points against the thresholds; the strongest action wins."""
    row = replace(
        small_model.table.take(np.array([0])),
        rule_points=np.array([rules], np.int32),
        rule_action=np.array([action], np.uint8),
    )
    limits = Thresholds(warn=300, hold=600)
    assert [expected] == actions_of(row, np.array([points]), limits).tolist()


def test_how_long_and_when() -> None:
    """A fifth of the time, whole days, at most four weeks; it begins with a day."""
    assert 2 * DAY_MS == length_ms(0, 10 * DAY_MS + 5_000)
    assert LONGEST_TEST_MS == length_ms(0, 1_000 * DAY_MS)
    assert 3_600_000 == length_ms(0, 5 * 3_600_000)
    assert 1 == length_ms(7, 7)
    assert 8 * DAY_MS == moment_before(10 * DAY_MS + 5_000, 2 * DAY_MS)
    assert 9_001 == moment_before(10_000, 1_000)


def test_no_time_no_table() -> None:
    """A table without rows has no currency and no rules."""
    from arasha.engine.table import joined, main_currency

    none = joined([], ("a",))
    assert 0 == main_currency(none)
    assert [] == actions_of(none, np.zeros(0, np.int64), Thresholds(1, 2, 3)).tolist()
