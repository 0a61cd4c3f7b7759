"""Laundering between banks: the figures' arithmetic, what a bank sees, the whole in small."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from app_samples import transfers_of_two_banks
from arasha.app.bench import amlgentex
from arasha.app.bench.sizes import QUICK
from arasha.app.bench.transfers import table


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


def test_ones_own_view_holds_what_one_saw() -> None:
    """A bank that sees all transfers knows as much as the shared view; others know less."""
    frame = transfers_of_two_banks()
    features = {"in": 'count(payment, by={payee_account: payer_account}, window="150d")'}
    shared = table(frame, features)
    own = amlgentex._own_views(frame, features)
    sees_all = frame["src_bank"].to_numpy() == "b"
    assert (own <= shared).all()
    assert (own[~sees_all] < shared[~sees_all]).any()


def test_a_run_says_the_mean_of_its_models() -> None:
    """In log odds, whatever runs stand beside it; rows asked for alone are judged."""
    chance, n = np.random.default_rng(3), 4000
    values = chance.random((n, 3)).astype(np.float32)
    told = amlgentex._Transfers(
        np.arange(n) % 168, values[:, 0] + chance.random(n) > 1.5, np.zeros(n, np.int64),
        np.array(["a"] * n),
    )  # fmt: skip
    rows = chance.random(n) < 0.8
    first, second = amlgentex._scores(values, told, rows, [range(1, 2), range(2, 3)], 5)
    assert (first != second).any()
    (both,) = amlgentex._scores(values, told, rows, [range(1, 3)], 5)
    assert np.allclose((first + second) / 2, both, rtol=1e-12)
    assert int((told.judged & rows).sum()) == len(both)


def test_the_whole_in_small(small_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every figure is there, in order; both views, late labels and late groups stand beside."""
    monkeypatch.setenv("ARASHA_DATA", str(small_data))
    monkeypatch.setattr(amlgentex, "_QUICK", amlgentex._Effort((1,), 2, 1, (7, 168), 5, 20))
    (found,) = amlgentex.measure(QUICK)
    assert list(amlgentex.METRICS) == [one.metric for one in found]
    precision, recall, gain = (json.loads(json.dumps(one.as_object())) for one in found)
    beside = {
        "deviation", "isolated", "labels_28_days_late", "groups_begun_after_day_111",
        "groups_begun_after_day_111_isolated",
    }  # fmt: skip
    assert beside == set(precision["beside"])
    assert beside - {"groups_begun_after_day_111_isolated"} == set(recall["beside"])
    assert gain["beside"]["low"] <= gain["beside"]["high"]
    assert np.isclose(gain["value"], precision["value"] - precision["beside"]["isolated"], 0.01)
