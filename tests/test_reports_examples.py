"""Which payments are shown, and how little of them."""

from __future__ import annotations

import numpy as np

from arasha.reports.backtest import measure
from arasha.reports.examples import MAX_EXAMPLES, largest, prefix
from reports_samples import judgements

NAMES = ("a", "b", "c", "d")


def test_examples_are_the_largest_and_show_no_whole_token() -> None:
    """The same ones each time: by amount, then by place in the log."""
    some = [{"truth": 1, "amount": amount, "payer": 2**63 + 5} for amount in (5, 9, 9, 1)]
    missed = measure(judgements(some), NAMES).missed
    assert ["p1", "p2", "p0", "p3"] == [one.id for one in missed]
    assert {"05000000"} == {one.payer for one in missed}


def test_the_commonest_currency_comes_first() -> None:
    """Amounts of two currencies are not compared."""
    judged = judgements([{"amount": 5}, {"amount": 900}, {"amount": 7}])
    ranks = np.array([0, 1, 0], np.int16)
    assert [2, 0, 1] == largest(judged, ranks, np.ones(3, np.bool_))


def test_there_are_never_more_than_a_few() -> None:
    """However many payments qualify."""
    measures = measure(judgements([{"truth": 1}] * 50), ())
    assert MAX_EXAMPLES == len(measures.missed)


def test_a_prefix_is_the_beginning_of_the_bytes() -> None:
    """As they stand in the log, low byte first."""
    token = np.array([0x0807060504030201, 0], np.uint64)
    assert "01020304" == prefix(token)
