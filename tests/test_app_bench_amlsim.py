"""Fan-in laundering: recipes that are sound, and the whole in small."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from app_samples import transfers_of_two_banks
from arasha.app.bench import amlsim
from arasha.app.bench.sizes import QUICK
from arasha.app.bench.transfers import table


def test_no_feature_rests_on_amounts() -> None:
    """Every feature is known of some transfer; none of either side asks for an amount."""
    frame, features = transfers_of_two_banks(), amlsim.ordinary() | amlsim.flows()
    made = table(frame, features)
    assert (len(frame), len(features)) == made.shape
    assert (~np.isnan(made)).any(axis=0).all()
    assert not any("amount" in text for text in features.values())


def test_repeats_of_a_step_are_merged() -> None:
    """One transfer of the same accounts and step, with the whole amount, where the first stood."""
    names = ("step", "src", "dst", "amount")
    rows = [(1, 1, 2, 5.0), (1, 3, 2, 1.0), (1, 1, 2, 6.0), (2, 1, 2, 7.0)]
    expected = [(1, 1, 2, 11.0), (1, 3, 2, 1.0), (2, 1, 2, 7.0)]
    merged = amlsim.one_a_step(pl.DataFrame(rows, schema=names, orient="row"))
    assert expected == merged.select(names).rows()


def test_the_whole_in_small(small_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With and without, as the sample is and with the repeats of a step merged."""
    monkeypatch.setenv("ARASHA_DATA", str(small_data))
    monkeypatch.setattr(amlsim, "_QUICK_ROUNDS", 5)
    ((found,),) = amlsim.measure(QUICK)
    assert list(amlsim.METRICS) == [found.metric]
    beside = found.beside
    assert beside["with"] is not None
    assert beside["without"] is not None
    assert found.value == pytest.approx(beside["with"] / beside["without"])
    for name in ("with", "without", "merged_with", "merged_without"):
        shown = beside[name]
        assert shown is not None
        assert 0 < shown <= 1
