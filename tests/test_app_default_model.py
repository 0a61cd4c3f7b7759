from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from arasha.app.default_model import RECORD, main, refer, write
from arasha.app.terminal import Exit
from arasha.country import course
from arasha.country.parameters import load
from arasha.policy import document
from arasha.policy.reference import path_beside
from course_samples import SMALL, full_of_frauds, small_policy, taught


def test_the_policy_its_model_and_what_they_rest_on_are_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The policy contains the model by hash and falls back on rules; an earlier model goes."""
    earlier = tmp_path / "models" / "wary-0123456789ab.txt"
    earlier.parent.mkdir()
    earlier.write_text("tree\n", encoding="utf-8")
    policy = replace(small_policy(), model=None)
    version = write(policy, taught(), SMALL, tmp_path)
    assert not earlier.exists()
    loaded = document.load(tmp_path / "wary.toml")
    assert loaded.hash == version.hash
    assert loaded.model is not None
    assert loaded.model.fallback == "rules"
    record = tmp_path / "models" / RECORD
    told = json.loads((record / "training.json").read_text(encoding="utf-8"))
    assert (version.hash, loaded.model.hash) == (told["policy_hash"], told["model_hash"])
    assert [1, 2] == told["course"]["learn"]
    assert load("shifted").hash == told["parameters"]["shifted"]["hash"]
    assert {"standard", "shifted"} == set(told["examinations"])
    assert (record / "card.html").is_file()
    assert "average precision" in capsys.readouterr().out


def test_written_twice_it_is_the_same(tmp_path: Path) -> None:
    """From the policy it has written, the same bytes come again."""
    first = write(small_policy(), taught(), SMALL, tmp_path)
    text = first.source.read_bytes()
    again = write(replace(document.load(first.source), model=None), taught(), SMALL, tmp_path)
    assert text == again.source.read_bytes()


def test_the_reference_of_a_model_that_is_there_is_what_its_course_would_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else is touched: neither the policy nor its model."""
    version = write(small_policy(), taught(), SMALL, tmp_path)
    assert version.model is not None
    beside = path_beside(tmp_path / version.model.file)
    written = beside.read_bytes()
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    beside.unlink()
    monkeypatch.setattr(course, "load", full_of_frauds)
    assert beside == refer(version.source, SMALL)
    assert written == beside.read_bytes()
    assert files == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def test_away_from_the_repository_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be read is a sentence and an exit code."""
    monkeypatch.setattr("arasha.app.default_model.POLICY", "policies/none.toml")
    assert Exit.USAGE == main([str(tmp_path)])
