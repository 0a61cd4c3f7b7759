"""What a model is tried on: payments that come after everything it learnt from.

In: a table, a training. Out: a Trial, and if asked the same recipe tried on earlier times::

    what is learnt from   label delay          test
    |--------------------|···········|------------------------|
                        not known yet  until

Where hardly any fraud is settled behind ``until``, the policy's own model has seen all there is.
Then the same recipe is trained once more as if it were earlier, and that is tried: a rehearsal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.engine.recipe import DAY_MS, Recipe
from arasha.engine.table import PaymentTable
from arasha.engine.train import LEAST_FRAUDS, Say, Trained, train
from arasha.errors import UsageError
from arasha.policy.definition import Thresholds

LONGEST_TEST_MS: Final = 28 * DAY_MS
"""How long a test lasts, unless the caller says otherwise, at most."""

SHARE_OF_TIME: Final = 5
"""A test takes one part in so many of a file's time, unless the caller says otherwise."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A training at ``until_ms``, the table it saw, and the payments it is tried on.
    ``rehearsal``: the policy's own model is another, trained later by the same recipe.
    """

    trained: Trained
    until_ms: int
    table: PaymentTable
    test: PaymentTable
    rehearsal: bool = False

    def settled(self, span: tuple[int, int]) -> PaymentTable:
        """The settled payments of a slice of the training."""
        some = self.table.between(*span)
        return some.take(np.flatnonzero(some.truth >= 0))


def length_ms(first_ms: int, last_ms: int) -> int:
    """How long to test where payments span that time: a fifth of it, at most 28 days; whole days
    if it is one.
    """
    length = min(LONGEST_TEST_MS, (last_ms + 1 - first_ms) // SHARE_OF_TIME)
    return length - length % DAY_MS if length >= DAY_MS else max(1, length)


def moment_before(last_ms: int, test_ms: int) -> int:
    """When to train so that so much time is left for the test: at the start of a day, UTC."""
    at = last_ms + 1 - test_ms
    return at - at % DAY_MS if test_ms >= DAY_MS else at


def tried(
    table: PaymentTable,
    trained: Trained,
    recipe: Recipe,
    until_ms: int,
    test_ms: int,
    say: Say | None = None,
) -> Trial:
    """The trial of a training at ``until_ms``, or of its rehearsal where too few frauds are known
    behind it and there was time enough before.
    """
    own = _trial(table, trained, recipe, until_ms, test_ms)
    if int((own.test.truth == 1).sum()) >= LEAST_FRAUDS:
        return own
    earlier = until_ms - recipe.label_delay_ms - test_ms
    if say is not None:
        say("rehearsing")
    try:
        return _trial(
            table, train(table, recipe, earlier), recipe, earlier, test_ms, rehearsal=True
        )
    except UsageError:
        return own


def earlier_trials(
    table: PaymentTable, recipe: Recipe, trial: Trial, test_ms: int, count: int
) -> list[Trial]:
    """The recipe, unchanged, a test's length before the trial, and before that, as long as there
    is enough to learn from.
    """
    found = []
    for place in range(1, count + 1):
        at = trial.until_ms - place * test_ms
        try:
            found.append(_trial(table, train(table, recipe, at), recipe, at, test_ms))
        except UsageError:
            break
    return found


def actions_of(
    table: PaymentTable, points: NDArray[np.int64], thresholds: Thresholds
) -> NDArray[np.uint8]:
    """What the policy does to each row, uint8[n], 0 allow … 3 block, where its model gives those
    points: as policy/judge.py has it.
    """
    score = np.maximum(points, table.rule_points)
    action = table.rule_action.copy()
    for level, least in enumerate((thresholds.warn, thresholds.hold, thresholds.block), start=1):
        if least is not None:
            action = np.where(score >= least, np.maximum(action, np.uint8(level)), action)
    return action.astype(np.uint8)


def _trial(
    table: PaymentTable,
    trained: Trained,
    recipe: Recipe,
    until_ms: int,
    test_ms: int,
    *,
    rehearsal: bool = False,
) -> Trial:
    assert trained.slices.final[1] <= until_ms - recipe.label_delay_ms
    return Trial(
        trained, until_ms, table, table.between(until_ms, until_ms + test_ms), rehearsal
    )  # fmt: skip
