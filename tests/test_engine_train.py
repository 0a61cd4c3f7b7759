from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from arasha.engine.recipe import DAY_MS
from arasha.engine.train import train
from arasha.errors import UsageError
from arasha.policy.model_file import trees_in
from model_samples import RECIPE, UNTIL_MS, Learnt


def test_the_same_data_and_seed_give_the_same_bytes(small_model: Learnt) -> None:
    """Twice trained, once the same model; another seed is another."""
    again = train(small_model.table, RECIPE, UNTIL_MS)
    assert small_model.trained == again
    assert again.text != train(small_model.table, replace(RECIPE, seed=1), UNTIL_MS).text


def test_what_was_not_known_at_the_training_is_not_used(small_model: Learnt) -> None:
    """Truths within the label delay, and all later payments, change nothing."""
    table = small_model.table
    late = table.happened_at_ms >= UNTIL_MS - RECIPE.label_delay_ms
    assert late.any()
    flipped = replace(table, truth=np.where(late, 1 - table.truth, table.truth).astype(np.int8))
    assert small_model.trained == train(flipped, RECIPE, UNTIL_MS)


def test_it_learns(small_model: Learnt) -> None:
    """On payments it has not seen it foretells better than the base rate."""
    assert small_model.trained.loss < 0.8 * small_model.trained.base_loss
    limits = small_model.trained.thresholds
    assert limits.warn is not None
    assert limits.hold is not None
    assert limits.block is not None
    assert 1 <= limits.warn <= limits.hold <= limits.block <= 1000


def test_seeds_are_averaged_and_trials_tried(small_model: Learnt) -> None:
    """Two seeds have twice the trees; a budget tries other trees, the same ones each time."""
    two = train(small_model.table, replace(RECIPE, seeds=2), UNTIL_MS)
    assert 2 * two.trees.count == trees_in(two.text)
    tuned = [train(small_model.table, replace(RECIPE, trials=3), UNTIL_MS) for _ in range(2)]
    assert tuned[0] == tuned[1]


def test_a_feature_may_only_raise(small_model: Learnt) -> None:
    """With a monotone constraint more of the feature never lowers the score."""
    import lightgbm

    names = small_model.table.names
    bound = train(
        small_model.table, replace(RECIPE, monotone={"times_habit": 1}, fraud_weight=3.0), UNTIL_MS
    )
    rows = np.repeat(small_model.table.features[2_000:2_050], 20, axis=0)
    rows[:, names.index("times_habit")] = np.tile(np.linspace(0, 10, 20), 50)
    raw = np.asarray(lightgbm.Booster(model_str=bound.text).predict(rows, raw_score=True))
    assert (np.diff(raw.reshape(50, 20), axis=1) >= -1e-12).all()
    assert np.ptp(raw) > 0


def test_too_little_to_learn_from_is_said(small_model: Learnt) -> None:
    """Without time or without frauds there is no model, but a sentence."""
    with pytest.raises(UsageError, match="too little time"):
        train(small_model.table, RECIPE, UNTIL_MS - 100 * DAY_MS)
    honest = replace(small_model.table, truth=np.zeros_like(small_model.table.truth))
    with pytest.raises(UsageError, match="too few payments"):
        train(honest, RECIPE, UNTIL_MS)


def test_features_that_say_nothing_do_no_harm(small_model: Learnt) -> None:
    """One that is always missing, one that never changes: the model stands, and so does a card."""
    from arasha.engine.trial import Trial
    from arasha.reports.card_trained import card_of

    table = small_model.table
    features = table.features.copy()
    features[:, 0], features[:, 1] = np.nan, 7.0
    table = replace(table, features=features)
    trained = train(table, RECIPE, UNTIL_MS)
    test = table.between(UNTIL_MS - 20 * DAY_MS, UNTIL_MS)
    card = card_of(small_model.after, RECIPE, Trial(trained, UNTIL_MS, table, test))
    dead = {one.name: (one.psi, one.test_missing) for one in card.drifts}
    assert (0.0, 1.0) == dead[table.names[0]]
    assert (0.0, 0.0) == dead[table.names[1]]


@pytest.mark.parametrize(
    ("days", "what"),
    [((0, 28), "to calibrate on"), ((28, 49), "to stop on"), ((49, 200), "to fit on")],
)
def test_a_slice_without_frauds_is_named(
    small_model: Learnt, days: tuple[int, int], what: str
) -> None:
    """Neither trees nor a probability are made of nothing."""
    table = small_model.table
    before = (UNTIL_MS - table.happened_at_ms) / DAY_MS
    gone = (before >= days[0]) & (before < days[1])
    honest = replace(table, truth=np.where(gone, 0, table.truth).astype(np.int8))
    with pytest.raises(UsageError, match=f"too few payments {what}"):
        train(honest, RECIPE, UNTIL_MS)


def test_a_delay_longer_than_the_file_is_said(small_model: Learnt) -> None:
    """Nothing would be known."""
    with pytest.raises(UsageError, match="too little time"):
        train(small_model.table, replace(RECIPE, label_delay_ms=400 * DAY_MS), UNTIL_MS)


def test_thresholds_weigh_one_currency(small_model: Learnt) -> None:
    """Payments in others change no threshold, however large; alerts count all."""
    table = small_model.table
    other = np.arange(len(table)) % 5 == 0
    some = replace(table, currency=np.where(other, 398, table.currency))
    large = replace(some, amount_minor=np.where(other, 10**14, table.amount_minor))
    assert train(some, RECIPE, UNTIL_MS).thresholds == train(large, RECIPE, UNTIL_MS).thresholds
