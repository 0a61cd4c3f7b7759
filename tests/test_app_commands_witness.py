"""``arasha witness``: made once, and told whom to look after."""

from __future__ import annotations

from pathlib import Path

import pytest

from app_samples import printed, said
from arasha.app.main import main
from arasha.app.terminal import Exit
from arasha.log.trust import load_trust
from arasha.log.witness import Witness
from record_samples import LOG_KEYS, ORIGIN, WITNESS, verifiers


def test_it_is_made_and_looks_after_a_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its keys are printed; a log's keys are taken over once, others stay."""
    directory, keys = tmp_path / "w", tmp_path / "keys"
    made = said(["witness", "make", directory, "--name", WITNESS], capsys)
    keys.write_text("".join(f"{one.text}\n" for one in verifiers(LOG_KEYS)))
    for _ in range(2):
        text = printed(["witness", "trust", directory, "--keys", keys], capsys)
        assert f"this witness looks after {ORIGIN}\n" == text
    assert verifiers(LOG_KEYS) == load_trust(directory / "trust").logs
    witness = Witness.open(directory)
    assert made["keys"] == [one.text for one in witness.verifiers]
    witness.close()


def test_it_is_not_made_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor looks anybody after a log where there is no witness."""
    printed(["witness", "make", tmp_path / "w", "--name", WITNESS], capsys)
    assert Exit.USAGE == main(["witness", "make", str(tmp_path / "w"), "--name", WITNESS])
    assert "a witness here already" in capsys.readouterr().err
    assert Exit.USAGE == main(["witness", "trust", str(tmp_path), "--keys", "none"])
    assert "no witness here" in capsys.readouterr().err
