"""The oracle of tracing, worked by hand."""

from __future__ import annotations

from arasha.flows.bounds import Bounds
from arasha.testing.naive_trace import Transfer, trace

ALL = Bounds(least_amount_minor=1)


def test_coins_leave_from_the_front_or_from_the_back() -> None:
    """Two clean coins, then three disputed: two go. FIFO 2 of the disputed? No: none; LIFO two."""
    history = [Transfer(0, 1, 1, 1), Transfer(5, 1, 2, 2), Transfer(0, 1, 3, 3),
               Transfer(1, 2, 4, 2)]  # fmt: skip
    found = trace(history, {0: 1, 2: 3}, ALL, {})

    # the row is [1, 0, 0, 1, 1, 1]: FIFO takes 1 0, LIFO 1 1, haircut 2 * 4 / 6, nearest 1
    carried = found.carried[3]
    assert (1, 2, 1) == (carried["fifo"], carried["lifo"], carried["haircut"])
    assert (0, 2) == (carried["least"], carried["most"])


def test_of_a_known_balance_some_must_be_disputed() -> None:
    """3 clean and 4 disputed are there and 5 go: at least 2 of them are disputed."""
    history = [Transfer(0, 1, 1, 4), Transfer(1, 2, 2, 5)]
    found = trace(history, {0: 4}, ALL, {1: 3})

    assert (2, 4) == (found.carried[1]["least"], found.carried[1]["most"])
    there = found.stays[0][1].parts["there"]
    assert (0, 2) == (there["least"], there["most"])
