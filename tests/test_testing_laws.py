"""A law that cannot fail is a defect: each difference is found."""

from __future__ import annotations

import pytest

from arasha.features.expressions import BOOL, COUNT, Comparison, Constant, FeatureValue
from arasha.policy.definition import Rule
from arasha.policy.judge import Judge
from arasha.testing.laws import Difference, compiled, differences, restarted, same
from feature_samples import by, judge_of, payments, policy, window

COUNTED = window("count", None, by("payer_account"), 10)
SHARE = window("mean", "amount", by("payer_account"), 10)


def test_no_difference_where_all_is_well() -> None:
    """Batches, restarts and questions here and there make none."""
    judge = judge_of(COUNTED, SHARE)
    history = payments([1, 2, 3, 4, 30])
    assert [] == differences(judge, *history, cuts=[2, 2, 99], between=restarted, every=2)
    assert {"w0": [0, 1, 2, 3, 0], "w1": [None, 1.0, 1.0, 1.0, None]} == compiled(judge, *history)


def test_a_state_that_knows_too_much_differs() -> None:
    """Of a past that is not in the history the oracle knows nothing."""
    judge = judge_of(COUNTED)
    state = judge.fresh_state()
    compiled(judge, *payments([1]), state=state)
    found = differences(judge, *payments([2, 30]), state=state)
    assert [Difference("w0", 0, 0, 1)] == found


def test_a_state_that_forgets_differs() -> None:
    """So does one that was lost between two batches."""
    judge = judge_of(COUNTED)
    found = differences(judge, *payments([1, 2]), cuts=[1], between=lambda _: judge.fresh_state())
    assert [Difference("w0", 1, 1, 0)] == found


def test_rules_are_looked_at_too() -> None:
    """By ``rule NAME``."""
    when = Comparison(">=", FeatureValue("n", COUNT), Constant(1, COUNT))
    rule = Rule("busy", when, None, 1, {}, ())
    judge = Judge(policy({"n": COUNTED}, (rule,)))
    assert BOOL == judge.program.types["rule busy"]
    assert [False, True] == compiled(judge, *payments([1, 2]))["rule busy"]


@pytest.mark.parametrize(
    ("expected", "found", "equal"),
    [
        (None, None, True), (None, 0, False), (0, None, False), (1, 1, True), (1, 2, False),
        (1.0, 1.0 + 1e-14, True), (1.0, 1.0 + 1e-9, False), (0.0, 1e-300, False),
    ],
)  # fmt: skip
def test_what_counts_as_equal(expected: object, found: object, equal: object) -> None:
    """Whole numbers exactly, floats nearly; missing is no number."""
    assert equal is same(expected, found)  # type: ignore[arg-type]  # values of the table
