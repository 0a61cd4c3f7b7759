from __future__ import annotations

import numpy as np

from arasha.engine.recipe import Costs
from arasha.engine.thresholds import Slice, choose
from arasha.policy.definition import Thresholds


def some(points: list[int], truth: list[int], amount: int = 10_000, days: float = 1) -> Slice:
    """Payments of one amount."""
    return Slice(np.array(points), np.array(truth, np.int8), np.full(len(points), amount), days)


def test_each_action_begins_where_it_pays() -> None:
    """By hand: a fraud is 10 000; at 100 points ten honest payments stand for one fraud. A warning
    is worth a third of that, a hold at 500 costs each honest one; a block costs ten times more.
    """
    points = [900] * 5 + [500] * 4 + [100] * 11 + [0] * 100
    truth = [1] * 5 + [1] * 2 + [0] * 2 + [1] + [0] * 10 + [0] * 100
    costs = Costs(1.0, 50, 500, 15_000, warning_stops=0.3)
    assert Thresholds(100, 100, 900) == choose(some(points, truth), costs)
    dear = Costs(1.0, 50, 5_000, 15_000, warning_stops=0.3)
    assert Thresholds(100, 500, 900) == choose(some(points, truth), dear)


def test_analysts_hands_are_counted() -> None:
    """No more payments a day are held than they can look at, though more would pay."""
    points, truth = [900] * 5 + [500] * 5, [1] * 10
    assert 500 == choose(some(points, truth), Costs(alerts_a_day=10)).hold
    assert 501 <= (choose(some(points, truth), Costs(alerts_a_day=5)).hold or 0) <= 900
    assert 500 == choose(some(points, truth, days=2), Costs(alerts_a_day=5)).hold


def test_thresholds_ascend_and_without_frauds_stop_nobody() -> None:
    """Warn is at most hold, hold at most block; nothing learnt, nothing done."""
    random = np.random.default_rng(3)
    for _ in range(50):
        points = random.integers(0, 1001, 200)
        truth = (random.random(200) < points / 2000).astype(np.int8)
        slice_ = Slice(points, truth, random.integers(1, 50_000, 200), 3.0)
        found = choose(slice_, Costs())
        assert (found.warn or 0) <= (found.hold or 0) <= (found.block or 0)
    assert Thresholds(1000, 1000, 1000) == choose(some([900, 3], [0, 0]), Costs())
