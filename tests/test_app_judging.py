from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from app_samples import POLICY, two_banks
from arasha.app.judging import (
    facts_expected,
    figures_object,
    figures_of,
    mapping_for,
    measured,
    no_further,
)
from arasha.engine.judgements import none
from arasha.errors import MappingError, UsageError
from arasha.policy.document import load


def test_the_mapping_given_goes_before_the_policys(tmp_path: Path) -> None:
    """Given, the policy's, or an error that says how to give one."""
    _, mapping, plain = two_banks(tmp_path)
    file = tmp_path / "payments.csv"
    given, policys = (mapping_for(load(POLICY), each, file) for each in (mapping, None))
    assert given is not None
    assert policys is not None
    assert ("two banks", "handbook") == (given.name, policys.name)
    with pytest.raises(UsageError, match="nothing says what the columns"):
        mapping_for(load(plain), None, file)
    with pytest.raises(MappingError):
        mapping_for(load(plain), tmp_path / "none.toml", file)


def test_our_own_facts_need_no_mapping(tmp_path: Path) -> None:
    """Neither the policy's mapping is used for them nor its absence complained of."""
    file = tmp_path / "facts.parquet"
    pl.DataFrame({"fact": ["payment"], "id": ["p-1"]}).write_parquet(file)
    assert mapping_for(load(POLICY), None, file) is None


def test_a_bar_ends_at_its_total() -> None:
    """Labels make more facts than the file has rows; the bar does not run over."""
    steps: list[int] = []
    advance = no_further(steps.append, 10)
    for _ in range(3):
        advance(4)
    assert [4, 4, 2] == steps


def test_a_bar_without_a_total_moves_on() -> None:
    """Every step is passed on."""
    steps: list[int] = []
    no_further(steps.append, None)(7)
    assert [7] == steps


def test_nobody_looks_so_nothing_is_counted(tmp_path: Path) -> None:
    """The file is not even opened for a bar that is not shown."""
    mapping = mapping_for(load(POLICY), None, tmp_path)
    assert facts_expected(tmp_path / "none.csv", mapping, quiet=True) is None
    assert facts_expected(tmp_path / "none.csv", mapping, quiet=False) is None


def test_no_payments_have_figures_too() -> None:
    """Nothing is measured as nothing, under the label that was given."""
    measures = measured(none(), load(POLICY), "empty")
    assert ("empty", 0) == (measures.label, figures_object(measures)["total"]["payments"])
    assert figures_of(measures)
