"""Counting in bulk is counting by hand."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from arasha.engine.judgements import none
from arasha.reports.tallying import prepare
from reports_samples import KZT, USD, Row, judgements, naive, rows


@given(rows(), st.data())
def test_each_group_is_counted_by_itself(some: list[Row], data: st.DataObject) -> None:
    """Any pairs of row and group, a row in several groups or in none."""
    pairs = data.draw(
        st.lists(st.tuples(st.integers(0, len(some) - 1), st.integers(0, 2)), unique=True)
        if some
        else st.just([])
    )
    at = np.array([row for row, _ in pairs], np.int64)
    groups = np.array([group for _, group in pairs], np.int64)
    counted = prepare(judgements(some)).tallies(at, groups, 3)
    assert [naive(some[r] for r, g in pairs if g == group) for group in range(3)] == counted


def test_tokens_are_told_apart_by_both_halves() -> None:
    """Two payers whose tokens begin alike are two."""
    judged = judgements([{"truth": 0}, {"truth": 0}, {"truth": 0}])
    judged.payer[1, 1] = 99
    assert 2 == prepare(judged).tally(np.ones(3, np.bool_)).payers


def test_currencies_stand_by_number_of_payments() -> None:
    """The one with most first."""
    judged = judgements([{"currency": KZT}, {"currency": USD}, {"currency": USD}])
    assert (USD, KZT) == prepare(judged).currencies


def test_nothing_is_counted_as_nothing() -> None:
    """No rows: a tally of zeros and no money."""
    assert naive([]) == prepare(none()).tally(np.zeros(0, np.bool_))
