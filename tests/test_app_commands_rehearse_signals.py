"""``arasha rehearse-signals``: small countries, the shipped policy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from arasha.app.main import main

SMALL = ("--seeds", "1", "--people", "300", "--days", "1", "--warm-up", "0", "--workers", "1")


def test_both_sets_of_parameters_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """By the shipped policy where none is named; as JSON one object."""
    assert 0 == main(["rehearse-signals", *SMALL, "--silent-hours", "12", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert ("instant-payments", 12) == (told["policy"], told["silent_hours"])
    assert ["standard", "shifted"] == [one["name"] for one in told["sets"]]
    assert all(one["runs"][0]["good"] for one in told["sets"])


def test_a_policy_over_calls_is_refused(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With what it judges, and where it can be tried."""
    policy = root / "policies" / "calls.toml"
    assert 2 == main(["rehearse-signals", "--policy", str(policy), *SMALL])
    assert "this policy judges a call" in capsys.readouterr().err
