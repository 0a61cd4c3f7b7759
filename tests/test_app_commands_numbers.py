"""``arasha numbers``: loaded, changed, shown, and who did it on record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from arasha.app.main import main


def test_a_table_is_loaded_changed_and_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ranges and ported numbers add up; a file that cannot be read changes nothing."""
    data, file = str(tmp_path / "operator"), tmp_path / "numbers.csv"
    (tmp_path / "operator").mkdir()
    file.write_text("number,operator\n+7701*,ONE\n+77011234567,TWO\n")
    assert 0 == main(["numbers", "load", str(file), "--data", data, "--by", "ada", "--json"])
    assert 1 == json.loads(capsys.readouterr().out)["numbers"]["ported"]
    file.write_text("number,operator\n+7702*,TWO\n+77011234567,\n")
    assert 0 == main(["numbers", "load", str(file), "--data", data, "--add", "--by", "bob"])
    file.write_text("nonsense\n")
    assert 2 == main(["numbers", "load", str(file), "--data", data])
    capsys.readouterr()
    assert 0 == main(["numbers", "show", "--data", data, "--json"])
    told = json.loads(capsys.readouterr().out)
    assert {"+7701": "ONE", "+7702": "TWO"} == told["ranges"]
    assert (0, "bob") == (told["ported"], told["by"])
