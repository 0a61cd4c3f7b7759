"""``arasha rings``: as a person and the service meet it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app_samples import printed, said
from arasha.app.main import main
from arasha.app.terminal import Exit
from flows_samples import facts_of
from test_cases_gathering import MULES, RING, label, log_of


def test_rings_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What confirms them, or that they are a question; as JSON each is an act."""
    payments = facts_of(MULES)
    log = log_of(tmp_path / "log", payments, label(payments, "l-1", fraud=True))
    assert "1 confirmed" in printed(["rings", log, "--least-minor", "5000"], capsys)
    told = said(["rings", log, "--least-minor", "5000"], capsys)
    (ring,) = told["rings"]
    assert ("ring_found", 5) == (ring["act"], told["size"])
    assert RING == {*ring["confirmed"], *ring["others"]}
    assert "0 rings" in printed(["rings", log], capsys)


def test_without_a_log_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    """Exit code 2."""
    assert Exit.USAGE == main(["rings", str(tmp_path)])
