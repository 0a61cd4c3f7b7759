"""``arasha audit``: as a person and a script meet it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app_samples import printed, said
from arasha.app.main import main
from arasha.app.terminal import Exit
from arasha.cases import acts as a
from audit_samples import forged, log_of
from cases_samples import MULE, OFFICER, room


def test_a_centre_that_kept_the_law_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 0, every hold, its ground and its author."""
    here = room()
    here.hold(here.report())
    text = printed(["audit", log_of(tmp_path / "log", here.entries)], capsys)
    assert "No law was broken: no hold outlived its ground." in text
    assert "h2.0" in text
    assert "BANKKZKA attests" in text
    assert "by ARASHA" in text


def test_a_broken_law_is_named_with_its_entry(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1; for people and for scripts."""
    here = room()
    here.hold(here.report())
    here.later(hours=30)
    log = log_of(tmp_path / "log", forged(here, OFFICER, a.HoldConfirmed("h2.0", "kz:25-1")))
    assert "2 times a law was broken." in printed(["audit", log], capsys, code=Exit.FINDINGS)
    told = said(["audit", log], capsys, code=Exit.FINDINGS)
    assert (1, 1) == (told["laws"]["outlived"], told["laws"]["differs"])
    assert [3, 3] == [one["seq"] for one in told["findings"]]
    assert [MULE] == [one["account"] for one in told["holds"]]


def test_a_log_without_acts_and_none_at_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing to answer for; and exit code 2 where there is no log."""
    assert "no act in this log" in printed(["audit", log_of(tmp_path / "log", [])], capsys)
    assert Exit.USAGE == main(["audit", str(tmp_path / "none")])
