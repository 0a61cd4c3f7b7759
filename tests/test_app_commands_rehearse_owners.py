"""``arasha rehearse-owners``: small countries."""

from __future__ import annotations

import json

import pytest

from arasha.app.main import main

SMALL = ("--seeds", "1", "--people", "300", "--days", "1", "--warm-up", "0", "--workers", "1")


def test_both_sets_of_parameters_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """As JSON one object, every run in it."""
    assert 0 == main(["rehearse-owners", *SMALL, "--json"])
    told = json.loads(capsys.readouterr().out)
    assert ["standard", "shifted"] == [one["name"] for one in told["sets"]]
    for one in told["sets"]:
        assert ["not connected", "connected", "one operator down"] == list(one["worlds"])
        assert 1 == len(one["runs"])
