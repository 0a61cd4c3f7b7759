"""Groups by value, by sale, and by ties."""

from __future__ import annotations

import numpy as np

from arasha.gateways.cards import Activations
from arasha.gateways.groups import by_sale, by_value, member_of, united


def test_equal_values_are_one_group_and_zero_is_none() -> None:
    """In whatever order."""
    groups = by_value(np.array([7, 0, 9, 7], np.uint64))
    assert groups[0] == groups[3] != groups[2]
    assert -1 == groups[1]


def test_a_sale_ends_where_time_dealer_or_block_does() -> None:
    """Two within the gap are one; a pause, another dealer and another block begin anew."""
    at_ms = np.array([0, 5, 30, 31, 32], np.int64)
    dealer = np.array([1, 1, 1, 2, 2], np.uint64)
    block = np.array([4, 4, 4, 4, 5], np.uint64)
    none = np.zeros(5, np.uint64)
    sales = by_sale(Activations(np.zeros((5, 2), np.uint64), at_ms, dealer, none, block), 10)
    assert sales[0] == sales[1]
    assert 4 == len(set(sales.tolist()))


def test_ties_go_on_through_others() -> None:
    """0–1 and 1–2 are one, 3 is alone."""
    assert [0, 0, 0, 3] == united(np.array([[0, 1], [2, 1]]), 4).tolist()


def test_nobody_is_of_a_group_where_there_is_none() -> None:
    """An empty choice chooses nobody."""
    assert [False] == member_of(np.array([-1]), np.zeros(0, np.bool_)).tolist()
