from __future__ import annotations

import re

import lightgbm
import numpy as np
import pytest

from arasha.policy.model_file import averaged, damage_of, digest_of, features_in, trees_in
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


def test_what_lightgbm_writes_is_sound(small_model: Learnt) -> None:
    """Models as they come, averaged ones, and one that never branches."""
    plain = grown(1).model_to_string()
    assert None is damage_of(plain)
    assert None is damage_of(averaged([plain, grown(2).model_to_string()]))
    assert None is damage_of(small_model.trained.text)
    data = lightgbm.Dataset(np.zeros((30, 1)), [0, 1] * 15, feature_name=["one"])
    stump = lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1}, data, 2)
    assert None is damage_of(averaged([stump.model_to_string()]))


@pytest.mark.parametrize(
    ("pattern", "by", "said"),
    [
        (r"left_child=\S+", "left_child=9999", "left_child"),
        (r"left_child=(\S+)", "left_child=0", "left_child"),
        (r"right_child=(\S+)", "right_child=-9999", "right_child"),
        (r"split_feature=\S+", "split_feature=2", "split_feature"),
        (r"split_feature=\S+", "split_feature=-1", "split_feature"),
        (r"leaf_value=\S+", "leaf_value=nan", "leaf_value"),
        (r"leaf_value=\S+", "leaf_value=x", "leaf_value"),
        (r"leaf_value=\S+ ", "leaf_value=", "leaf_value"),
        (r"threshold=", "treshold=", "threshold"),
        (r"num_leaves=", "num_leaves=9", "split_feature"),
        (r"num_leaves=\d+", "num_leaves=many", "num_leaves"),
        (r"num_cat=0", "num_cat=1", "categories"),
    ],
)
def test_what_lightgbm_would_fall_over_is_found(pattern: str, by: str, said: str) -> None:
    """Everything that is counted or followed in a tree; sizes are put right to get there."""
    text = averaged([grown(1).model_to_string()])
    spoilt = re.sub(pattern, by, text, count=1)
    longer = len(spoilt) - len(text)
    spoilt = re.sub(r"tree_sizes=(\d+)", lambda size: f"tree_sizes={int(size[1]) + longer}", spoilt)
    assert spoilt != text
    assert said in (damage_of(spoilt) or "nothing")


def test_a_file_that_was_cut_short_is_found() -> None:
    """Wherever it was cut."""
    text = averaged([grown(1).model_to_string()])
    end = text.index("end of trees") + len("end of trees")
    assert [] == [at for at in range(0, end, 7) if damage_of(text[:at]) is None]
    assert None is damage_of(text[:end])
