"""The benchmarks of the flow of money: their figures' arithmetic, and recipes that are sound."""

from __future__ import annotations

import numpy as np
import polars as pl
from sklearn.metrics import average_precision_score

from arasha.app.bench import amlgentex, amlsim
from arasha.app.bench.transfers import table


def _frame() -> pl.DataFrame:
    chance, n = np.random.default_rng(1), 3000
    return pl.DataFrame(
        {
            "step": np.sort(chance.integers(0, 150, n)), "src": chance.integers(0, 20, n),
            "dst": chance.integers(0, 20, n), "amount": chance.integers(1, 900, n) / 4,
            "src_bank": ["a", "b"] * (n // 2), "dst_bank": ["b", "b", "a", "a"] * (n // 4),
        }
    )  # fmt: skip


def test_average_precision_is_the_one_everybody_means() -> None:
    """With ties, and with weights; scikit-learn says the same."""
    chance = np.random.default_rng(2)
    bad, scores = chance.random(500) < 0.1, np.round(chance.random(500), 2)
    weights = chance.integers(0, 3, 500).astype(np.float64)
    expected = average_precision_score(bad, scores, sample_weight=weights)
    assert np.isclose(expected, amlgentex.average_precision(bad, scores, weights))


def test_recall_at_false_alarms() -> None:
    """Of 100 good, one lies above the threshold; half of the bad do."""
    scores = np.concatenate((np.arange(100) / 100, [0.5, 2.0]))
    assert 0.5 == amlgentex.recall(np.arange(102) >= 100, scores, 0.01)


def test_recipes_give_a_row_for_each_transfer() -> None:
    """Every feature is known of some transfer; none of AMLSim's rests on amounts."""
    frame = _frame()
    for features in (amlgentex.recipe(), amlsim.ordinary() | amlsim.flows()):
        made = table(frame, features)
        assert (len(frame), len(features)) == made.shape
        assert (~np.isnan(made)).any(axis=0).all()
    assert not any("amount" in text for text in (amlsim.ordinary() | amlsim.flows()).values())


def test_ones_own_view_holds_what_one_saw() -> None:
    """A bank that sees all transfers knows as much as the shared view; others know less."""
    frame = _frame()
    features = {"in": 'count(payment, by={payee_account: payer_account}, window="150d")'}
    shared = table(frame, features)
    own = amlgentex._own_views(frame, features)
    sees_all = frame["src_bank"].to_numpy() == "b"
    assert (own <= shared).all()
    assert (own[~sees_all] < shared[~sees_all]).any()
