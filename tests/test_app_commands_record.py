"""The commands of the public record, as somebody at a shell meets them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from app_samples import printed, said
from arasha.app.terminal import Exit
from arasha.events.schema import Kind
from arasha.log.log import Log
from arasha.log.record import RECORD, forget_memory
from arasha.log.tiles import Tile
from exchange_samples import acts_of_log
from log_samples import created, keep
from record_samples import ORIGIN, WITNESS, WITNESS_KEYS, record_of

Shell = pytest.CaptureFixture[str]


@pytest.fixture
def log(tmp_path: Path, capsys: Shell) -> Path:
    """A log with a record that is signed and cosigned; ``trust`` beside it has all public keys."""
    directory = tmp_path / "log"
    with created(directory) as made:
        keep(made, 3, 0)
    keys = printed(["log", "key", directory, "--origin", ORIGIN, "--by", "tests"], capsys)
    assert "signed: 7 entries" in printed(["log", "checkpoint", directory], capsys)
    with Log.open(directory) as made:
        record = record_of(made)
        assert record.last is not None
        lines = tuple(key.sign(record.last.checkpoint, 1_700_000_000) for key in WITNESS_KEYS)
        note = record.last.note.signed_by(lines)
        made.keep(RECORD, record.with_note(note), instead_of=record.memory)
    witnesses = [f"witness w{at} {key.verifier.text}" for at, key in enumerate(WITNESS_KEYS)]
    logs = [f"log {key}" for key in keys.split()]
    (tmp_path / "trust").write_text("\n".join([*logs, *witnesses, "quorum w1", ""]))
    return directory


def told(words: list[str | Path], capsys: Shell, code: Exit = Exit.OK) -> dict[str, Any]:
    """What a command says as JSON."""
    found: dict[str, Any] = said(words, capsys, code=code)
    return found


def test_a_key_is_made_shown_rotated_and_ended(tmp_path: Path, capsys: Shell) -> None:
    """Each change is an entry that names who did it and whose keys count; ends are ends."""
    directory = tmp_path / "log"
    created(directory).close()
    error = told(["log", "key", directory], capsys, Exit.USAGE)["error"]
    assert "--origin" in error["hint"]
    first = told(["log", "key", directory, "--origin", ORIGIN, "--by", "tests"], capsys)
    assert first == told(["log", "key", directory], capsys)
    both = told(["log", "key", directory, "--rotate", "--by", "tests"], capsys)
    assert first["keys"] == both["keys"][:2]
    last = told(["log", "key", directory, "--end-old", "--by", "tests"], capsys)
    assert both["keys"][2:] == last["keys"]
    assert ["record_begun", "record_key_added", "record_keys_ended"] == [
        body["change"] for kind, body in acts_of_log(directory) if kind == Kind.RIGHTS
    ]
    ids = [key.split("+")[1] for key in last["keys"]]
    _, body = acts_of_log(directory)[-1]
    assert ("tests", ORIGIN, ids) == (body["by"], body["origin"], body["keys"])
    told(["log", "key", directory, "--rotate", "--end-old"], capsys, Exit.USAGE)
    told(["log", "key", tmp_path / "none"], capsys, Exit.USAGE)


def test_it_is_published_and_checked(log: Path, tmp_path: Path, capsys: Shell) -> None:
    """With who vouches for it; a changed tile, a missing quorum and a stranger's key are found."""
    out, trust = tmp_path / "static", tmp_path / "trust"
    assert {"tiles": 1, "size": 7} == told(["log", "publish", log, "--out", out], capsys)
    assert {"tiles": 0, "size": 7} == told(["log", "publish", log, "--out", out], capsys)
    found = told(["log", "check-record", out, "--key", trust], capsys)
    assert (True, 7, 2, [WITNESS] * 2) == (
        found["ok"], found["size"], len(found["log"]), [one["name"] for one in found["witnesses"]],
    )  # fmt: skip
    text = printed(["log", "check-record", out, "--key", trust], capsys)
    assert f"cosigned by {WITNESS} (ML-DSA-44) at 2023-11-14 22:13:20Z" in text
    path = out / Tile(0, 0, 7).path
    path.write_bytes(bytes(224))
    bad = told(["log", "check-record", out, "--key", trust], capsys, Exit.FINDINGS)
    assert "do not lead to the root" in bad["what"]
    told(["log", "publish", log, "--out", out], capsys, Exit.FINDINGS)
    with created(tmp_path / "other") as other:
        keep(other, 1, 0)
    error = told(["log", "publish", tmp_path / "other", "--out", out], capsys, Exit.USAGE)
    assert "no public record" in error["error"]["what"]


def test_a_receipt_is_given_and_checked_without_the_log(
    log: Path, tmp_path: Path, capsys: Shell
) -> None:
    """By its file and the keys alone; changed, or with too few witnesses, it does not pass."""
    file, trust = tmp_path / "receipt.txt", tmp_path / "trust"
    printed(["log", "receipt", log, "--seq", "5", "--out", file], capsys)
    assert file.read_text().startswith(printed(["log", "receipt", log, "--seq", "5"], capsys)[:99])
    told(["log", "check-receipt", file, "--key", tmp_path / "none"], capsys, Exit.USAGE)
    shutil.rmtree(log)
    found = told(["log", "check-receipt", file, "--key", trust], capsys)
    assert (True, 5, "decision") == (found["ok"], found["seq"], found["kind"])
    assert "entry 5, of kind decision, kept 2018-04-01 00:00:00Z, is in the log" in printed(
        ["log", "check-receipt", file, "--key", trust], capsys
    )
    alone = tmp_path / "alone"
    note = file.read_text().split(f"— {WITNESS}")[0]
    alone.write_text(note)
    words: list[str | Path] = ["log", "check-receipt", alone, "--key", trust]
    assert not told(words, capsys, Exit.FINDINGS)["ok"]
    assert "not enough for your quorum, w1" in printed(words, capsys, code=Exit.FINDINGS)
    alone.write_text(file.read_text().replace("index 5", "index 4"))
    assert "does not prove" in told(words, capsys, Exit.FINDINGS)["what"]
    assert "does not prove" in printed(words, capsys, code=Exit.FINDINGS)


@pytest.mark.parametrize("seq", ["-1", "7", "100"])
def test_what_no_checkpoint_has_gets_no_receipt(log: Path, capsys: Shell, seq: str) -> None:
    """It says up to where there are some."""
    error = told_error(["log", "receipt", log, f"--seq={seq}"], capsys)
    assert "0 <= seq < 7" in error


def told_error(words: list[str | Path], capsys: Shell) -> str:
    """What a command that has no --json says when it refuses."""
    from arasha.app.main import main

    assert Exit.USAGE == main([*map(str, words)])
    return capsys.readouterr().err


def test_verify_holds_the_log_against_its_checkpoint(
    log: Path, tmp_path: Path, capsys: Shell
) -> None:
    """And names who cosigned it; a log that is not what was signed is a finding."""
    text = printed(["log", "verify", log], capsys)
    assert f"its last checkpoint is of this log: 7 entries of {ORIGIN}" in text
    assert f"cosigned by {WITNESS}" in text
    record = told(["log", "verify", log], capsys)["record"]
    assert (True, 7, [WITNESS]) == (record["ok"], record["size"], record["cosigned_by"])
    with Log.open(log, writable=False) as made:
        memory = record_of(made).memory
    with created(tmp_path / "other") as other:  # another log under the same name and key
        keep(other, 3, 100)
        shutil.copy(log / "keys" / "record-1.key", tmp_path / "other" / "keys")
        other.keep(RECORD, memory, instead_of=None)
    found = told(["log", "verify", tmp_path / "other"], capsys, Exit.FINDINGS)
    assert (True, False) == (found["ok"], found["record"]["ok"])
    assert "not what was published of it" in found["record"]["what"] or (
        "shorter than what was published" in found["record"]["what"]
    )


def test_after_a_restore_it_signs_on_when_it_is_shown_its_checkpoint(
    log: Path, tmp_path: Path, capsys: Shell
) -> None:
    """Until then it says what to do."""
    out = tmp_path / "static"
    printed(["log", "publish", log, "--out", out], capsys)
    with Log.open(log) as made:
        assert forget_memory(made)
        keep(made, 1, 9, made.last_known_at_ms)
    error = told(["log", "checkpoint", log], capsys, Exit.FAULT)["error"]
    assert "arasha log resume" in error["hint"]
    text = printed(["log", "resume", log, "--checkpoint", out / "checkpoint"], capsys)
    assert "it signs on from there" in text
    acts = [body for kind, body in acts_of_log(log) if kind == Kind.RIGHTS]
    (change,) = [one for one in acts if one["change"] == "record_resumed"]
    assert (7, {}, [], None) == tuple(
        change[name] for name in ("size", "witnesses", "overruled", "reason")
    )
    assert {"size": 10, "new": True} == {
        key: value for key, value in told(["log", "checkpoint", log], capsys).items()
        if key in ("size", "new")
    }  # fmt: skip
    assert not told(["log", "checkpoint", log], capsys)["new"]
