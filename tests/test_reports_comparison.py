"""Two policies on one file: the difference is that of the sets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.engine.judgements import Action, none
from arasha.errors import UsageError
from arasha.reports.backtest import compare, measure
from arasha.reports.measures import Tally
from reports_samples import Row, judgements, naive, rows

NAMES = ("a", "b", "c", "d")


@given(rows(), st.data())
def test_a_comparison_is_the_difference_of_the_sets(some: list[Row], data: st.DataObject) -> None:
    """What one policy hits and the other does not, in all and by rule."""
    other = [
        {
            **row,
            "action": data.draw(st.integers(0, 3)),
            "rules": data.draw(st.lists(st.integers(0, 3))),
        }
        for row in some
    ]
    names = ("b", "a", "new", "d")
    old, new = judgements(some), judgements(other)
    comparison = compare((old, measure(old, NAMES)), (new, measure(new, names)))
    pairs = list(zip(some, other, strict=True))

    def changed(test: Callable[[Row, Row], bool]) -> Tally:
        return naive(row for row, after in pairs if test(row, after))

    assert changed(lambda b, a: b["action"] == 0 < a["action"]) == comparison.newly_hit
    assert changed(lambda b, a: a["action"] == 0 < b["action"]) == comparison.newly_missed
    assert changed(lambda b, a: b["action"] < 2 <= a["action"]) == comparison.newly_stopped
    assert changed(lambda b, a: a["action"] < 2 <= b["action"]) == comparison.no_longer_stopped
    assert ["b", "a", "new", "d", "c"] == [change.name for change in comparison.rules]
    for change in comparison.rules:

        def fired(row: Row, own: tuple[str, ...], name: str = change.name) -> bool:
            return any(own[rule] == name for rule in row["rules"])

        assert changed(lambda b, a: fired(a, names) and not fired(b, NAMES)) == change.newly_hit
        assert changed(lambda b, a: fired(b, NAMES) and not fired(a, names)) == change.newly_missed
    for move in comparison.transitions:
        verdicts = (move.before, move.after)
        expected = naive(
            row for row, after in pairs if verdicts == (row["action"], after["action"])
        )
        assert (expected.payments, expected.frauds, expected.goods) == (
            move.payments, move.frauds, move.goods,
        )  # fmt: skip


@pytest.mark.parametrize("change", ["fewer", "truth", "ids"])
def test_other_payments_cannot_be_compared(change: str) -> None:
    """Two policies are compared on one file, or not at all."""
    old = judgements([{"truth": 1}, {"truth": 0}])
    new = {
        "fewer": judgements([{"truth": 1}]),
        "truth": judgements([{"truth": 1}, {"truth": 1}]),
        "ids": replace(old, ids=["p0", "other"]),
    }[change]
    with pytest.raises(UsageError, match="same payments"):
        compare((old, measure(old, NAMES)), (new, measure(new, NAMES)))


def test_other_thresholds_of_stopping_cannot_be_compared() -> None:
    """Stopped must mean one thing for both."""
    judged = judgements([{"truth": 1}])
    old, new = measure(judged, NAMES), measure(judged, NAMES, stop_at=Action.BLOCK)
    with pytest.raises(UsageError, match="measured differently"):
        compare((judged, old), (judged, new))


def test_nothing_differs_by_nothing() -> None:
    """No payments, no interval."""
    measures = measure(none(), NAMES)
    comparison = compare((none(), measures), (none(), measures))
    assert (None, None) == (comparison.recall_difference, comparison.good_share_difference)


def test_examples_show_both_verdicts() -> None:
    """A fraud that only the new policy finds, and why."""
    old = judgements([{"truth": 1, "score": 100}])
    new = judgements([{"truth": 1, "action": 2, "score": 400, "rules": [1]}])
    comparison = compare((old, measure(old, NAMES)), (new, measure(new, NAMES)))
    (shown,) = comparison.examples.newly_found
    assert shown.before is not None
    assert (Action.ALLOW, 100, ()) == (
        shown.before.action, shown.before.score, shown.before.rules,
    )  # fmt: skip
    assert (Action.HOLD, 400, ("b",)) == (
        shown.verdict.action, shown.verdict.score, shown.verdict.rules,
    )  # fmt: skip
    assert () == comparison.examples.newly_missed
