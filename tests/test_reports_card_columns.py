"""The columns that a model card is made from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.events.schema import MISSING
from arasha.reports.card_columns import Grouping, Matrix, codes, span
from reports_card_samples import START_MS, rows


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=30))
def test_codes_keep_what_is_equal_and_the_order(keys: list[tuple[int, int]]) -> None:
    """Tokens of two words get the places of their sorted distinct values."""
    places = {key: at for at, key in enumerate(sorted(set(keys)))}
    found = codes(np.array(keys, np.uint64).reshape(-1, 2))
    assert [places[key] for key in keys] == found.tolist()


def test_labels_become_codes_and_unknown_stays_unknown() -> None:
    """Names are sorted; None is -1."""
    grouping = Grouping.of("bank", ["B", None, "A"])
    assert ("A", "B") == grouping.names
    assert [1, -1, 0] == grouping.codes.tolist()


def test_taking_rows_takes_every_column() -> None:
    """What was optional stays so."""
    all_rows = rows(
        [0.1, 0.9, 0.5],
        [0, 1, -1],
        groupings=(Grouping.of("bank", ["A", "B", "B"]),),
        score=np.array([1.0, 2.0, 3.0]),
    )
    some = all_rows.take(np.array([False, True, True]))
    assert [0.9, 0.5] == some.probability.tolist()
    assert [1, 1] == some.groupings[0].codes.tolist()
    assert [2.0, 3.0] == some.ranking.tolist()
    assert some.cluster is None
    assert some.bothered is None


def test_an_unknown_amount_adds_nothing() -> None:
    """MISSING is not a sum of money."""
    assert [5, 0] == rows([0, 0], [0, 1], amount=[5, MISSING]).known_amount.tolist()


@pytest.mark.parametrize("wrong", [1.5, -0.1, float("nan")])
def test_what_is_no_probability_is_refused(wrong: float) -> None:
    """A score in points or log-odds is a broken promise of the caller."""
    with pytest.raises(AssertionError, match="not probabilities"):
        rows([wrong], [0])


def test_a_matrix_has_a_column_for_each_name() -> None:
    """Train and test alike."""
    with pytest.raises(AssertionError):
        Matrix(("a", "b"), np.zeros((3, 2)), np.zeros((3, 1)))


def test_a_span_is_the_payments_own() -> None:
    """First and last time, payments and frauds."""
    some = rows([0, 0, 0], [0, 1, -1], day=[2, 0, 1])
    found = span("test", some.known_at_ms, some.truth)
    assert (START_MS, START_MS + 2 * 86_400_000, 3, 1) == (
        found.first_ms, found.last_ms, found.payments, found.frauds,
    )  # fmt: skip
