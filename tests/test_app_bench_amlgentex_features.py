"""The recipe of the AMLGentex benchmark is sound."""

from __future__ import annotations

import numpy as np

from app_samples import transfers_of_two_banks
from arasha.app.bench.amlgentex_features import QUICK_SPANS, recipe
from arasha.app.bench.transfers import table


def test_the_recipe_gives_a_row_for_each_transfer() -> None:
    """Every feature is known of some transfer; none rests on labels; fewer windows, fewer of them.

    What both recipes have is the same.
    """
    frame, features = transfers_of_two_banks(), recipe()
    made = table(frame, features)
    assert (len(frame), len(features)) == made.shape
    assert (~np.isnan(made)).any(axis=0).all()
    assert not any("label" in text for text in features.values())
    fewer = recipe(QUICK_SPANS)
    assert fewer.items() < features.items()
