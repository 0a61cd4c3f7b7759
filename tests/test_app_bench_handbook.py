from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from arasha.app.bench import handbook
from arasha.engine.recipe import DAY_MS
from arasha.errors import UsageError
from arasha.policy import document
from model_samples import Learnt


def test_truths_after_the_seal_are_not_there(small_model: Learnt) -> None:
    """What chooses and trains never sees them; those before stay."""
    sealed = handbook.without_truth(small_model.table, handbook.SEALED_MS)
    late = small_model.table.happened_at_ms >= handbook.SEALED_MS
    assert late.any()
    assert {-1} == set(sealed.truth[late].tolist())
    np.testing.assert_array_equal(small_model.table.truth[~late], sealed.truth[~late])


def test_a_week_of_the_protocol(small_model: Learnt) -> None:
    """The test is the week after the training; no card in it had a fraud that was known."""
    of = handbook.week(small_model.table, handbook.TRAINED_AT_MS)
    first = int(of.test.happened_at_ms.min())
    assert handbook.TRAINED_AT_MS <= first
    assert int(of.test.happened_at_ms.max()) < handbook.TRAINED_AT_MS + 7 * DAY_MS
    began = handbook.TRAINED_AT_MS - 14 * DAY_MS
    trained = small_model.table.between(began, began + 7 * DAY_MS)
    assert len(trained) == of.train_rows
    known = {tuple(card) for card in trained.payer[trained.truth == 1].tolist()}
    assert known
    assert not known & {tuple(card) for card in of.test.payer.tolist()}


def test_card_precision_by_hand(small_model: Learnt) -> None:
    """Two cards a day: the first day finds one of two; found, it leaves the second day."""
    day = handbook.TRAINED_AT_MS
    table = replace(
        small_model.table.take(np.arange(6)),
        happened_at_ms=np.array([day, day, day, day + DAY_MS, day + DAY_MS, day + DAY_MS]),
        payer=np.array([[1, 0], [2, 0], [3, 0], [1, 0], [2, 0], [3, 0]], np.uint64),
        truth=np.array([1, 0, 1, 1, 0, 1], np.int8),
    )
    score = np.array([0.9, 0.8, 0.1, 0.9, 0.8, 0.2])
    assert (0.5 + 0.5) / 2 == handbook.card_precision(table, score, 2)


def test_the_recipes_features_compile(root: Path) -> None:
    """The policy of the benchmark keeps features and has no model of its own: none is shipped that
    was trained on somebody's data.
    """
    policy = document.load(root / handbook.POLICY)
    assert None is policy.model
    assert policy.keep
    assert set(policy.keep) <= set(policy.groups)


def test_without_the_data_nothing_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made-up payments would say nothing about the protocol."""
    from arasha.app.bench import sizes, traffic

    monkeypatch.setattr(traffic, "_ROOT", tmp_path)
    monkeypatch.setenv("ARASHA_DATA", str(tmp_path))
    with pytest.raises(UsageError, match="there is no handbook"):
        list(handbook.measure(sizes.QUICK))
