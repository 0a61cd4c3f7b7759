from __future__ import annotations

import lightgbm
import numpy as np

from arasha.policy.model_file import averaged, digest_of, features_in, trees_in
from model_samples import Learnt


def grown(seed: int, trees: int = 5) -> lightgbm.Booster:
    """A small model of two features."""
    random = np.random.default_rng(seed)
    rows = random.random((400, 2))
    data = lightgbm.Dataset(rows, rows[:, 0] > 0.6, feature_name=["one", "other"])
    return lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1}, data, trees)


def test_the_mean_of_models_is_one_model() -> None:
    """Its sum of trees is the mean of theirs, and so are its contributions."""
    models = [grown(seed) for seed in (1, 2, 3)]
    one = lightgbm.Booster(model_str=averaged([model.model_to_string() for model in models]))
    rows = np.random.default_rng(0).random((50, 2))
    for asked in ({"raw_score": True}, {"pred_contrib": True}):
        expected = np.mean([model.predict(rows, **asked) for model in models], axis=0)
        np.testing.assert_allclose(expected, one.predict(rows, **asked), atol=1e-12)
    assert 15 == one.num_trees()


def test_one_model_keeps_its_bits_and_loses_its_parameters() -> None:
    """What is not the trees does not count, so equal trees are equal files."""
    model = grown(1)
    text = averaged([model.model_to_string()])
    assert "parameters" not in text
    assert 5 == trees_in(text)
    rows = np.random.default_rng(0).random((50, 2))
    again = lightgbm.Booster(model_str=text).predict(rows, raw_score=True)
    np.testing.assert_array_equal(np.asarray(model.predict(rows, raw_score=True)), again)


def test_the_head_names_the_features(small_model: Learnt) -> None:
    """The names stand in the file in the order of the columns; other texts are no models."""
    assert small_model.before.keep == features_in(small_model.trained.text)
    assert None is features_in("tree\nfeature_names=a b\nobjective=regression\n")
    assert None is features_in("no model")


def test_the_hash_is_of_the_bytes() -> None:
    """SHA-256, as any tool computes it."""
    assert digest_of(b"").startswith("e3b0c44298fc1c14")
