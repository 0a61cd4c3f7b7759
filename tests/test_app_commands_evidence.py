"""``arasha evidence``: as an officer meets it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app_samples import printed, said
from arasha.app.main import main
from arasha.app.terminal import Exit
from arasha.exchange.persons import Persons
from arasha.log.log import Log
from audit_samples import log_of
from evidence_samples import WHY, centre, story


def person(directory: Path, role: str = "officer") -> str:
    """A person's own token."""
    persons = Persons.open(directory, lambda: 1)
    _, key_id, secret = persons.create(role, (role,), by="tests")
    persons.close()
    return f"{key_id}.{secret}"


def words(data: Path, out: Path, case: str = "c1") -> list[str | Path]:
    """The command line."""
    return ["evidence", case, "--data", data, "--out", out, "--reason", WHY]


def test_an_officer_makes_a_pack(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It proves itself, with the log's own key; another one can be made after it."""
    data = centre(tmp_path / "centre")
    monkeypatch.setenv("ARASHA_TOKEN", person(data))
    assert "15 entries of case c1" in printed(words(data, tmp_path / "pack"), capsys)
    (tmp_path / "keys").write_text(printed(["log", "key", data], capsys))
    script = [sys.executable, str(tmp_path / "pack" / "verify.py"), "--keys"]
    run = subprocess.run([*script, str(tmp_path / "keys")], capture_output=True, text=True,
                         check=False)  # fmt: skip
    assert 0 == run.returncode, run.stdout
    assert 15 == said(words(data, tmp_path / "again"), capsys)["entries"]
    assert Exit.USAGE == main([*map(str, words(data, tmp_path / "pack"))])


def test_who_may_not_gets_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody without a token, no auditor; of a case that is not there nothing is written."""
    data = centre(tmp_path / "centre")
    assert Exit.USAGE == main([*map(str, words(data, tmp_path / "pack"))])
    monkeypatch.setenv("ARASHA_TOKEN", person(data, "auditor"))
    assert Exit.USAGE == main([*map(str, words(data, tmp_path / "pack"))])
    assert "role" in capsys.readouterr().err
    monkeypatch.setenv("ARASHA_TOKEN", person(data))
    assert Exit.USAGE == main([*map(str, words(data, tmp_path / "pack", "c99"))])
    assert not (tmp_path / "pack").exists()


def test_a_log_without_a_record_and_one_in_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first can prove nothing to others; while the service writes, it makes packs itself."""
    data = log_of(tmp_path / "centre", story().entries)
    monkeypatch.setenv("ARASHA_TOKEN", person(data))
    assert Exit.USAGE == main([*map(str, words(data, tmp_path / "pack"))])
    assert "no public record" in capsys.readouterr().err
    with Log.open(data):
        assert Exit.FAULT == main([*map(str, words(data, tmp_path / "pack"))])
