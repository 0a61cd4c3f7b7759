"""``arasha log resume``: witnesses are asked, and overruled only by a person, on record."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from app_samples import printed
from arasha.app.main import main
from arasha.app.terminal import Exit
from arasha.events.schema import Kind
from arasha.log.log import Log
from arasha.log.record import begin, forget_memory
from arasha.log.rollback import overruled_in
from arasha.log.witness import Witness, make, written_request
from exchange_samples import acts_of_log
from log_samples import created, keep
from record_samples import ORIGIN, WITNESS, checkpointed
from recording_samples import trust_of, witnessing

Shell = pytest.CaptureFixture[str]


@pytest.fixture
def restored(tmp_path: Path) -> Path:
    """A log of 6 entries that was put back from a backup, of which a witness has cosigned 10;
    ``first`` is the checkpoint of 6 and ``last`` that of 10.
    """
    directory = tmp_path / "centre"
    make(tmp_path / "w", WITNESS)
    with created(directory) as log:
        record = begin(log, directory, ORIGIN)
        (tmp_path / "keys").write_text(record.keys_text)
        (tmp_path / "w" / "trust").write_text(record.keys_text)
        keep(log, 3, 0)
        (tmp_path / "first").write_bytes(checkpointed(log).encoded)
    shutil.copytree(directory, tmp_path / "backup")
    with Log.open(directory) as log:
        keep(log, 2, 3)
        note = checkpointed(log)
        witness = Witness.open(tmp_path / "w")
        assert 200 == witness.add_checkpoint(written_request(0, (), note), 1).status
        witness.close()
    shutil.rmtree(directory)
    (tmp_path / "backup").rename(directory)
    with Log.open(directory) as log:
        assert forget_memory(log)
    return directory


def changes(directory: Path) -> list[dict[str, Any]]:
    """What the log says of its record's changes."""
    return [body for kind, body in acts_of_log(directory) if kind == Kind.RIGHTS]


def refused(words: list[str | Path], capsys: Shell, code: Exit) -> str:
    """What the command says when it refuses."""
    assert code == main([*map(str, words)])
    return capsys.readouterr().err


def test_a_witness_that_has_seen_more_is_overruled_on_record_alone(
    restored: Path, tmp_path: Path, capsys: Shell
) -> None:
    """Refused in words; with a reason it goes on, and the entry says who, why and whom."""
    with witnessing(tmp_path / "w") as outside:
        trust = trust_of(tmp_path, outside)
        words: list[str | Path] = ["log", "resume", restored, "--checkpoint", tmp_path / "first"]
        told_of = [*words, "--witnesses", trust]
        error = refused(told_of, capsys, Exit.FINDINGS)
        assert "has cosigned 10 entries of this log" in error
        assert "--origin NEW" in error
        assert "--reason" in refused([*told_of, "--overrule", "w0"], capsys, Exit.USAGE)
        nobody = [*told_of, "--overrule", "nobody", "--reason", "x"]
        assert "w0, w1" in refused(nobody, capsys, Exit.USAGE)
        assert [] == changes(restored)
        text = printed(
            [*told_of, "--overrule", "w0", "--reason", "its disk was swapped", "--by", "dana"],
            capsys,
        )
        assert "6 entries that were published" in text
    (change,) = changes(restored)
    assert ("record_resumed", "dana", 6, {outside.address: 10}, ["w0"], "its disk was swapped") == (
        change["change"], change["by"], change["size"], change["witnesses"], change["overruled"],
        change["reason"],
    )  # fmt: skip
    with Log.open(restored, writable=False) as log:
        assert {outside.address: 10} == overruled_in(log)


def test_a_silent_witness_is_waited_for_or_overruled(
    restored: Path, tmp_path: Path, capsys: Shell
) -> None:
    """Somebody stands before the screen: nothing is assumed of a witness that says nothing."""
    with witnessing(tmp_path / "w") as outside:
        trust = trust_of(tmp_path, outside)
        outside.kill()
    words: list[str | Path] = [
        "log", "resume", restored, "--checkpoint", tmp_path / "first", "--witnesses", trust,
    ]  # fmt: skip
    assert "does not say what it has cosigned" in refused(words, capsys, Exit.USAGE)
    printed([*words, "--overrule", "w0", "--reason", "it was closed last year"], capsys)
    (change,) = changes(restored)
    assert ({outside.address: None}, ["w0"]) == (change["witnesses"], change["overruled"])
