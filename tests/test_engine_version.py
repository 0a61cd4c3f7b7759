from __future__ import annotations

from pathlib import Path

from arasha.engine.version import without, write_version
from arasha.policy import document
from model_samples import Learnt

TEXT = """[policy]
name = "x"  # ''' not a text
[thresholds]
warn = 3

[features]
a = '''
count(payment, by=(),
[thresholds]
window="1d")
'''
[model]
file = "m"
[model.calibration]
kind = "platt"
[rules.r]
when = 'a > 1'
"""


def test_tables_are_taken_out_and_texts_left_alone() -> None:
    """A line in a text of several lines is no head of a table."""
    left = without(TEXT, ("model", "thresholds"))
    assert "warn = 3" not in left
    assert "platt" not in left
    assert 1 == left.count("[thresholds]")
    assert "[rules.r]\nwhen = 'a > 1'" in left


def test_a_version_is_written_reproducibly(small_model: Learnt, tmp_path: Path) -> None:
    """The same training: the same files, byte for byte; and a version can be trained once more."""
    again = write_version(small_model.before, small_model.trained, tmp_path / "trained")
    assert small_model.after.hash == again.hash
    assert again.model is not None
    assert small_model.after.model is not None
    assert small_model.after.model.hash == again.model.hash
    once_more = write_version(again, small_model.trained, tmp_path / "more")
    assert again.hash == once_more.hash


def test_a_version_keeps_features_rules_and_mapping(small_model: Learnt) -> None:
    """Only model and thresholds are new; the file compiles without a fault."""
    before, after = small_model.before, small_model.after
    assert [] == document.check(after.source)
    assert before.features == after.features
    assert before.rules == after.rules
    assert before.mapping == after.mapping
    assert before.keep == after.keep
    assert small_model.trained.thresholds == after.thresholds
    assert after.model is not None
    assert small_model.trained.calibration == after.model.calibration
    assert after.model.hash[:12] in after.model.file
