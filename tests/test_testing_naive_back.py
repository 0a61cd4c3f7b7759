"""The oracle of looking back and of ties by flow, worked by hand."""

from __future__ import annotations

from arasha.flows.bounds import Bounds
from arasha.testing.naive_back import Arrival, flow_ties, look_back
from arasha.testing.naive_trace import Transfer


def test_a_fed_payment_leads_further_back() -> None:
    """5 paid 6, who paid the mule 1 at once: both are found, the first is the origin."""
    history = [Transfer(5, 6, 1, 10), Transfer(6, 1, 2, 9), Transfer(0, 1, 3, 7)]

    found = look_back(history, {1: (3, 20)}, {2}, Bounds(least_amount_minor=1, hop_window_ms=9))

    assert {Arrival(1, 1, 10, True), Arrival(0, 2, 0, True)} == found


def test_a_tie_needs_both_to_pass_on_and_not_to_know_each_other() -> None:
    """1 to 2 is fed and passed on; 2 to 3 is not passed on; a second payment is no tie."""
    history = [Transfer(0, 1, 1, 10), Transfer(1, 2, 2, 10), Transfer(2, 3, 3, 10)]

    assert {(1, 2)} == flow_ties(history, 5, 1)
    assert set() == flow_ties([Transfer(1, 2, 0, 1), *history], 5, 1)
