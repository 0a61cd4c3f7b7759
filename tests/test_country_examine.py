from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from arasha.country.examine import average_precision, best_stump, examine, found_at
from arasha.country.lessons import CENTRE, ORDINARY, Lesson
from arasha.engine.table import PaymentTable

ROWS = st.lists(
    st.tuples(st.booleans(), st.integers(0, 9), st.integers(1, 5)), min_size=2, max_size=50
).filter(lambda rows: any(bad for bad, *_ in rows))


@given(ROWS)
def test_average_precision_is_the_one_everybody_computes(
    rows: list[tuple[bool, int, int]],
) -> None:
    """Ties and weights included."""
    bad, score, weights = (np.array(column) for column in zip(*rows, strict=True))
    expected = average_precision_score(bad, score, sample_weight=weights)
    ours = average_precision(bad, score.astype(float), weights.astype(float))
    assert pytest.approx(expected) == ours


def test_nothing_bad_has_no_average_precision() -> None:
    """Nor is any share of it found."""
    none, score = np.zeros(3, np.bool_), np.arange(3.0)
    assert (0.0, 0.0) == (
        average_precision(none, score, np.ones(3)), found_at(none, score, np.ones(3))
    )  # fmt: skip


def test_what_is_found_at_so_many_false_alarms() -> None:
    """Beyond the first hit come six good ones, then the other: one in two at five a hit."""
    bad = np.array([True, *[False] * 11, True])
    score = np.arange(13.0)[::-1]
    assert 0.5 == found_at(bad, score, np.ones(13))
    assert 1.0 == found_at(bad, score, np.ones(13), per_hit=6)


def test_the_best_stump_is_found_by_hand() -> None:
    """High values, low values and missing ones can each give frauds away."""
    bad = np.array([True] * 2 + [False] * 8)
    low = [1.0, 2.0, 2.0, *[9.0] * 7]
    for name, column, reached in (
        ("low", low, 2 / 3),
        ("high", [-one for one in low], 2 / 3),
        ("missing", [np.nan] * 3 + [1.0] * 7, 2 / 3),
        ("one", [7.0, *[5.0] * 9], 1 / 2 + 1 / 2 * 0.2),
    ):
        features = np.column_stack([np.ones(10), column])
        best = best_stump(("nothing", name), features, bad, np.ones(10))
        assert name == best.feature
        assert best.average_precision == pytest.approx(reached)


def lesson() -> Lesson:
    """Six rows: two frauds of two stories, seen by their bank, one also by the centre."""
    n = 6
    none, tokens = np.zeros(n, np.int64), np.zeros((n, 2), np.uint64)
    truth = np.array([1, 1, 0, 0, -1, 1], np.int8)
    features = np.arange(float(n))[:, None]
    table = PaymentTable(
        ("x",), features, truth, none, none, none, none, none, none, tokens, tokens, tokens,
        none.astype(np.int32), none.astype(np.uint8), [""] * n,
    )  # fmt: skip
    seat = np.array([0, 1, 0, 1, 0, CENTRE], np.int16)
    play = np.array([0, 1, ORDINARY, ORDINARY, 0, 0], np.int16)
    return Lesson(table, seat, play, ("a", "b"))


def test_stories_are_examined_apart() -> None:
    """A story's frauds stand among all good payments, no other story's; both seats are told."""
    score = np.array([5.0, 1.0, 2.0, 0.0, 9.0, 3.0])
    banks, centre = examine(lesson(), score, 1)
    assert ("banks", 4, 2) == (banks.seat, banks.payments, banks.frauds)
    assert {"a": 1.0, "b": 0.5} == {one.name: one.average_precision for one in banks.stories}
    assert ("centre", 1, 1.0) == (centre.seat, centre.frauds, centre.base_rate)


def test_a_good_payment_stands_for_those_thinned_out() -> None:
    """Three times as many good ones make the base rate and the precision less."""
    score = np.array([1.0, 1.0, 1.0, 1.0, 9.0, 3.0])
    banks, _ = examine(lesson(), score, 3)
    assert (8, 0.25, 0.25) == (banks.payments, banks.base_rate, banks.average_precision)
