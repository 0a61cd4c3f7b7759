from __future__ import annotations

import json
from pathlib import Path

import pytest

from arasha.app.main import main
from arasha.app.shipped import default_law
from arasha.app.terminal import Exit
from arasha.cases.law_document import load_law
from arasha.country.parameters import load
from rehearsal_samples import wary

SMALL = (
    "--workers",
    "1",
    "--seeds",
    "2",
    "--people",
    "150",
    "--days",
    "1",
    "--warm-up",
    "0",
    "--after",
    "0",
)


def test_the_table_is_printed_for_both_sets_of_parameters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three ways of judging, what came back, versions and hashes."""
    assert Exit.OK == main(["rehearse", "--policy", str(wary(tmp_path)), *SMALL])
    said = capsys.readouterr().out
    for name in ("standard", "shifted"):
        assert f"parameters: {name}, version {load(name).version} ({load(name).hash[:12]})" in said
    for words in (
        "no centre",
        "each bank on its own data",
        "the centre's view of all",
        "minutes from theft to report",
        "Kazakhstan: payments law",
    ):
        assert words in said


def test_two_policies_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One object; a policy against itself changes nothing."""
    policy = str(wary(tmp_path))
    words = ["rehearse", "--policy", policy, "--against", policy, "--json", *SMALL]
    assert Exit.OK == main(words)
    told = json.loads(capsys.readouterr().out)
    arm = told["changes"]["standard"]["the centre's view of all"]
    assert {"value": 0, "interval_95": [0, 0]} == arm["stolen_minor"]
    assert {"value": 0, "interval_95": [0, 0]} == arm["held_minor"]
    assert 2 == len(told["sets"][0]["runs"])


def test_another_law_is_tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its name and hash are told, and by which rule it shares a pot."""
    text = default_law().read_text(encoding="utf-8")
    law = tmp_path / "law.toml"
    law.write_text(text.replace('"pro_rata"', '"last_in_first_returned"'), encoding="utf-8")
    policy = str(wary(tmp_path))
    assert Exit.OK == main(["rehearse", "--policy", policy, "--law", str(law), "--json", *SMALL])
    told = json.loads(capsys.readouterr().out)
    assert ["last_in_first_returned", "pro_rata"] == told["allocations"]
    assert load_law(law).hash == told["law_hash"] != load_law(default_law()).hash


def test_a_policy_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """Before any country is founded."""
    assert Exit.USAGE == main(["rehearse", "--policy", str(tmp_path / "none.toml"), *SMALL])
