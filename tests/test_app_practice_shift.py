from __future__ import annotations

import pytest

from arasha.app.practice.shift import (
    Decision,
    Held,
    Outcome,
    PracticeCase,
    Score,
    Shift,
    Why,
    score,
)


def case(amount: int, *, bad: bool) -> PracticeCase:
    """A case of one payment."""
    held = Held(0, amount, "A", "B", 300, on_call=False, new_payee=True, reasons=[])
    return PracticeCase([held, held], "fraud" if bad else "honest", None, "")


@pytest.mark.parametrize(
    ("bad", "outcome", "expected"),
    [  # decided, right, saved, lost, people bothered, their money, time
        (True, "fraud", (1, 1, 20, 0, 0, 0, 5)),
        (True, "unclear", (1, 0, 20, 0, 0, 0, 5)),
        (True, "legitimate", (1, 0, 0, 20, 0, 0, 5)),
        (False, "legitimate", (1, 1, 0, 0, 0, 0, 5)),
        (False, "unclear", (1, 0, 0, 0, 1, 20, 5)),
        (False, "fraud", (1, 0, 0, 0, 1, 20, 5)),
    ],
)
def test_a_decision_is_scored(*, bad: bool, outcome: Outcome, expected: tuple[int, ...]) -> None:
    """Money by whether it stays stopped, right by whether it was named."""
    shift = Shift(1, 398, [case(10, bad=bad), case(99, bad=True)])
    assert Score(*expected) == score(shift, [Decision(outcome, 5)])


def test_a_shift_without_decisions_has_no_score_yet() -> None:
    """All is nought."""
    assert Score(0, 0, 0, 0, 0, 0, 0) == score(Shift(1, 398, [case(1, bad=True)]), [])


def test_the_sign_that_told_it() -> None:
    """The strongest rule wherever it fired; without one, the first sign of the highest score."""
    rule, other, moved = (Why(points, {"en": str(points)}) for points in (80, 40, 0))
    low, high = (
        Held(0, 1, "A", "B", score, on_call=False, new_payee=True, reasons=reasons)
        for score, reasons in ((190, [rule, moved]), (900, [other, moved]))
    )
    assert rule == PracticeCase([high, low], "fraud", None, "").sign
    first = Held(0, 1, "A", "B", 950, on_call=False, new_payee=True, reasons=[moved])
    assert moved is PracticeCase([first], "honest", None, "").sign
    assert PracticeCase([], "honest", None, "").sign is None
