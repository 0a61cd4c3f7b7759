from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from arasha.errors import PolicyError
from arasha.policy import document
from model_samples import Learnt


@pytest.fixture
def folder(small_model: Learnt, tmp_path: Path) -> Path:
    """A copy of the policy with its model, to be spoilt."""
    shutil.copytree(small_model.after.source.parent, tmp_path / "copy")
    return tmp_path / "copy"


FAULTS = (
    ('hash = "', 'hash = "0', "bad-literal"),
    ("file = ", "path = ", "unknown-key"),
    ('file = "models/', 'file = "elsewhere/', "model-file"),
    ('    "much",\n    "frauds', '    "frauds', "model-file"),
    ('    "much",\n    "frauds', '    "much",\n    "much",\n    "frauds', "bad-name"),
    ('    "much",\n    "frauds', '    "mush",\n    "frauds', "unknown-name"),
    ('    "much",\n    "frauds', '    "payer_religion",\n    "frauds', "forbidden"),
    ('kind = "', 'kind = "no', "unknown-name"),
    ('[model]\n', '[model]\nfallback = "hope"\n', "unknown-name"),
    ("slope = ", "slope = -", "range"),
    ('group = "pace"', 'group = "weather"', "unknown-name"),
    ("'amount > \"220 EUR\"'", "'happened_at'", "type"),
)  # fmt: skip


@pytest.mark.parametrize(("before", "after", "name"), FAULTS, ids=[f[1].strip() for f in FAULTS])
def test_a_fault_of_the_model_is_refused_by_name(
    folder: Path, before: str, after: str, name: str
) -> None:
    """Each fault stands in the list with its place; the policy does not load."""
    path = folder / "policy.toml"
    text = path.read_text(encoding="utf-8")
    if before.startswith("slope"):
        calibration = text.index("[model.calibration]")
        text = (
            text[:calibration] + '[model.calibration]\nkind = "platt"\nslope = 1\nintercept = 0\n'
        )
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    found = [one for one in document.check(path) if one.severity == "error"]
    assert name in {one.name for one in found}
    assert all(one.line > 0 for one in found)
    with pytest.raises(PolicyError):
        document.load(path)


def test_an_altered_file_is_refused(folder: Path) -> None:
    """One leaf changed is another model."""
    [file] = (folder / "models").glob("*.txt")
    file.write_text(file.read_text(encoding="utf-8").replace("leaf_value=", "leaf_value=9 ", 1))
    [fault] = document.check(folder / "policy.toml")
    assert ("error", "model-file") == (fault.severity, fault.name)
    assert "not the one" in fault.what


def test_a_declared_fallback_is_a_warning_and_a_degraded_policy(folder: Path) -> None:
    """Without its model the policy loads and says that a part is missing; its version is the same,
    for what it says is the same.
    """
    path = folder / "policy.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[model]\n", '[model]\nfallback = "rules"\n'), encoding="utf-8")
    whole = document.load(path)
    [file] = (folder / "models").glob("*.txt")
    file.unlink()
    [fault] = document.check(path)
    assert ("warning", "model-file") == (fault.severity, fault.name)
    less = document.load(path)
    assert (False, True) == (whole.degraded, less.degraded)
    assert whole.hash == less.hash


def test_the_version_covers_the_model(small_model: Learnt, folder: Path) -> None:
    """Another calibration is another policy; where the file lies is not."""
    path = folder / "policy.toml"
    text = path.read_text(encoding="utf-8")
    [file] = (folder / "models").glob("*.txt")
    file.rename(folder / "moved.txt")
    path.write_text(text.replace(f"models/{file.name}", "moved.txt"), encoding="utf-8")
    assert small_model.after.hash == document.load(path).hash
    start = text.index("[model.calibration]")
    other = text[:start] + '[model.calibration]\nkind = "platt"\nslope = 2.0\nintercept = 0.0\n'
    path.write_text(other.replace(f"models/{file.name}", "moved.txt"), encoding="utf-8")
    assert small_model.after.hash != document.load(path).hash


def test_thresholds_are_within_a_models_reach(folder: Path) -> None:
    """A model can give every score, so no threshold is said to be out of reach."""
    assert [] == document.check(folder / "policy.toml")


def test_a_damaged_model_does_not_start_even_under_its_own_hash(folder: Path) -> None:
    """LightGBM would take the process with it; the file is looked through before."""
    import re

    from arasha.policy.model_file import digest_of

    path = folder / "policy.toml"
    file = next((folder / "models").glob("*.txt"))
    content = file.read_bytes()[:-200]
    file.write_bytes(content)
    text = re.sub(r'(?m)^hash = ".*"', f'hash = "{digest_of(content)}"', path.read_text("utf-8"))
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match="damaged"):
        document.load(path)
