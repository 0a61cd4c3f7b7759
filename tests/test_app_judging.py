from __future__ import annotations

from pathlib import Path

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
    assert mapping_for(load(POLICY), mapping).name == "two banks"
    assert mapping_for(load(POLICY), None).name == "handbook"
    with pytest.raises(UsageError, match="nothing says what the columns"):
        mapping_for(load(plain), None)
    with pytest.raises(MappingError):
        mapping_for(load(plain), tmp_path / "none.toml")


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
    mapping = mapping_for(load(POLICY), None)
    assert facts_expected(tmp_path / "none.csv", mapping, quiet=True) is None
    assert facts_expected(tmp_path / "none.csv", mapping, quiet=False) is None


def test_no_payments_have_figures_too() -> None:
    """Nothing is measured as nothing, under the label that was given."""
    measures = measured(none(), load(POLICY), "empty")
    assert ("empty", 0) == (measures.label, figures_object(measures)["total"]["payments"])
    assert figures_of(measures)
