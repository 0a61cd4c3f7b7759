"""``arasha law``: as a person meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from arasha.app.main import main
from cases_samples import kz


def test_a_law_is_checked(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its version, and how much of it is still to be checked."""
    assert 0 == main(["law", "check", str(root / "law" / "kz.toml")])
    said = capsys.readouterr().out
    assert kz().hash in said
    assert "to be checked" in said


def test_its_faults_are_shown_where_they_stand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, a line and a caret each; or as JSON."""
    path = tmp_path / "law.toml"
    path.write_text(kz().text.replace('"24 hours"', '"a day"'), encoding="utf-8")
    assert 1 == main(["law", "check", str(path)])
    assert "^^^^^^^" in capsys.readouterr().out
    assert 1 == main(["law", "check", str(path), "--json"])
    assert '"line"' in capsys.readouterr().out
    assert 2 == main(["law", "check", str(tmp_path / "none.toml")])


def test_the_pages_are_said(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are redirected into docs/reference."""
    assert main(["law", "roles"]) == 0
    assert "# Roles and acts" in capsys.readouterr().out
    assert main(["law", "page", str(root / "law" / "kz.toml")]) == 0
    assert "# The law file" in capsys.readouterr().out
