"""What follows from the counts."""

from __future__ import annotations

from arasha.engine.judgements import Action
from arasha.reports.backtest import measure
from reports_samples import KZT, judgements


def test_shares_are_of_what_is_known() -> None:
    """3 hits: a fraud, a good one, one not settled; of 2 frauds, 2 good ones, 1 not settled."""
    some = [
        {"truth": 1, "action": 1},
        {"truth": 0, "action": 2},
        {"truth": -1, "action": 3},
        {"truth": 1},
        {"truth": 0},
    ]
    hits = measure(judgements(some), ()).bothered
    assert (3 / 5, 1 / 2, 1 / 2, 1 / 2, 1.0, 5000.0) == (
        hits.hit_share, hits.precision, hits.recall, hits.good_share, hits.good_per_fraud,
        hits.good_per_10_000,
    )  # fmt: skip


def test_money_is_stopped_or_only_warned_of_or_missed() -> None:
    """The three are all the money of the frauds, wherever stopping begins."""
    some = [{"truth": 1, "action": action, "amount": 10**action} for action in range(4)]
    for stop_at, stopped in ((Action.WARN, 1110), (Action.HOLD, 1100), (Action.BLOCK, 1000)):
        measures = measure(judgements(some), (), stop_at=stop_at)
        assert {KZT: stopped} == measures.stopped.hit.fraud_money
        assert {KZT: 1110 - stopped} == measures.warned_money
        assert {KZT: 1} == measures.bothered.missed_money


def test_alerts_a_day_are_of_days_with_payments() -> None:
    """A stray date adds one day, not the years between."""
    day = 86_400_000
    some = [{"at_ms": 0, "action": 1}, {"at_ms": day, "action": 1}, {"at_ms": 900 * day}]
    assert 2 / 3 == measure(judgements(some), ()).alerts_per_day
