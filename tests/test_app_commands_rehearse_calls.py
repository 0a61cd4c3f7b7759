"""``arasha rehearse-calls``: small countries, the shipped policy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from arasha.app.main import main

SMALL = ("--seeds", "1", "--people", "300", "--days", "1", "--warm-up", "0", "--workers", "1")


def test_both_sets_of_parameters_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """By the shipped policy where none is named; as JSON one object."""
    assert 0 == main(["rehearse-calls", *SMALL, "--json"])
    told = json.loads(capsys.readouterr().out)
    assert "calls" == told["policy"]
    assert ["standard", "shifted"] == [one["name"] for one in told["sets"]]
    assert all(one["classes"]["people"]["calls"] for one in told["sets"])


def test_a_policy_over_payments_is_refused(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With what it judges, and where it can be tried."""
    policy = root / "policies" / "amlsim.toml"
    assert 2 == main(["rehearse-calls", "--policy", str(policy), *SMALL])
    assert "this policy judges a payment" in capsys.readouterr().err
