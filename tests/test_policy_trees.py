from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import lightgbm
import numpy as np
import pytest
from numpy.typing import NDArray

from arasha.policy import document, trees
from arasha.policy.trees import trees_of

ROOT = Path(__file__).resolve().parent.parent


def shipped() -> tuple[str, int]:
    """The model of the policy for instant payments, and how many features it has."""
    model = document.load(ROOT / "policies" / "instant-payments.toml").model
    assert model is not None
    assert model.text is not None
    return model.text, len(model.features)


def hard_rows(text: str, features: int, count: int) -> NDArray[np.float64]:
    """Values at each threshold and beside it, missing ones, zeros and what counts as zero."""
    found = trees_of(text, features)
    chance = np.random.default_rng(20_260_131)
    rows = np.empty((count, features))
    for feature in range(features):
        limits = found.threshold[found.feature == feature]
        near = np.concatenate([limits, np.nextafter(limits, np.inf), np.nextafter(limits, -np.inf)])
        pool = [np.nan, 0.0, -0.0, 1e-36, -1e-36, 1.0, -1.0, *near[np.isfinite(near)]]
        rows[:, feature] = chance.choice(pool, count)
    return rows


def test_the_sum_of_the_trees_is_lightgbms_to_the_bit() -> None:
    """At thresholds, beside them, with values missing: what LightGBM says, and not about it."""
    text, features = shipped()
    rows = hard_rows(text, features, 2_000)
    expected = lightgbm.Booster(model_str=text).predict(rows, raw_score=True, num_threads=1)
    found = trees_of(text, features)
    assert np.asarray(expected).tobytes() == found.raw(rows).tobytes()
    assert np.asarray(expected).tobytes() == replace(found, few=False).raw(rows).tobytes()


def test_trees_of_many_leaves_are_lightgbms_to_the_bit() -> None:
    """With more leaves than a word has bits, and with just as many."""
    chance = np.random.default_rng(7)
    rows = chance.normal(size=(3_000, 4))
    bad = (rows[:, 0] * rows[:, 1] + rows[:, 2] > 0.3).astype(int)
    for leaves in (64, 100):
        settings = {"objective": "binary", "num_leaves": leaves, "min_data_in_leaf": 2,
                    "verbose": -1, "num_threads": 1}  # fmt: skip
        model = lightgbm.train(settings, lightgbm.Dataset(rows, bad), 5)
        found = trees_of(model.model_to_string(), 4)
        assert (leaves <= 64) == found.few
        expected = np.asarray(model.predict(rows, raw_score=True, num_threads=1))
        assert expected.tobytes() == found.raw(rows).tobytes()
        parts = np.asarray(model.predict(rows[:50], pred_contrib=True, num_threads=1))
        np.testing.assert_allclose(found.contributions(rows[:50]), parts, rtol=0, atol=1e-12)


@pytest.mark.parametrize("numbers", [trees.TABLE_NUMBERS, 10_000, 0])
def test_contributions_are_lightgbms(numbers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same Shapley values, from tables or without, but for the last digits."""
    monkeypatch.setattr(trees, "TABLE_NUMBERS", numbers)
    text, features = shipped()
    rows = hard_rows(text, features, 100)
    expected = lightgbm.Booster(model_str=text).predict(rows, pred_contrib=True, num_threads=1)
    found = trees_of(text, features).contributions(rows)
    np.testing.assert_allclose(found, np.asarray(expected), rtol=0, atol=1e-12)


def test_a_model_of_one_leaf_says_the_same_of_everybody() -> None:
    """Trees that never branch: their values, added; no feature has a share."""
    one = "\nTree=0\nnum_leaves=1\nleaf_value=0.25\n\nTree=1\nnum_leaves=1\nleaf_value=0.5\n"
    found = trees_of(f"tree\n{one}\nend of trees\n", 2)
    assert [0.75, 0.75] == found.raw(np.zeros((2, 2))).tolist()
    assert [[0.0, 0.0, 0.75]] == found.contributions(np.zeros((1, 2))).tolist()
