from __future__ import annotations

import json
from pathlib import Path

import pytest

from arasha.app.main import main
from arasha.app.terminal import Exit
from arasha.country.parameters import load
from rehearsal_samples import wary

SMALL = ("--seeds", "2", "--people", "150", "--days", "1", "--warm-up", "0", "--workers", "1")


def test_the_table_is_printed_for_both_sets_of_parameters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three ways of judging, what is not there yet, versions and hashes."""
    assert Exit.OK == main(["rehearse", "--policy", str(wary(tmp_path)), *SMALL])
    said = capsys.readouterr().out
    for name in ("standard", "shifted"):
        assert f"parameters: {name}, version {load(name).version} ({load(name).hash[:12]})" in said
    for words in ("no centre", "each bank on its own data", "the centre's view of all", "notyet"):
        assert words in said


def test_two_policies_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One object; a policy against itself changes nothing."""
    policy = str(wary(tmp_path))
    words = ["rehearse", "--policy", policy, "--against", policy, "--json", *SMALL]
    assert Exit.OK == main(words)
    told = json.loads(capsys.readouterr().out)
    arm = told["changes"]["standard"]["the centre's view of all"]
    assert {"value": 0, "interval_95": [0, 0]} == arm["stolen_minor"]
    assert {"value": None, "interval_95": None} == arm["held_minor"]
    assert 2 == len(told["sets"][0]["runs"])


def test_a_policy_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """Before any country is founded."""
    assert Exit.USAGE == main(["rehearse", "--policy", str(tmp_path / "none.toml"), *SMALL])
