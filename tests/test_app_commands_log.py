from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from arasha.app.main import main
from arasha.app.terminal import Exit
from arasha.events.body import bodies_from
from arasha.events.schema import Kind
from arasha.log.log import Entries, Log
from arasha.log.merkle import check_inclusion

ENTRIES = 5
APRIL_2018_MS = 1_522_540_800_000


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A log of five entries of April 2018."""
    with Log.create(tmp_path / "log") as log:
        log.append(
            Entries(
                np.full(ENTRIES, Kind.POLICY, np.uint8),
                APRIL_2018_MS + np.arange(ENTRIES, dtype=np.int64),
                bodies_from([b"policy %d" % i for i in range(ENTRIES)]),
                np.zeros((ENTRIES, 2), np.uint64),
            )
        )
    return tmp_path / "log"


def said(words: list[str], capsys: pytest.CaptureFixture[str], *, code: Exit = Exit.OK) -> Any:
    """What the command says as JSON, once its exit code is right."""
    assert code == main([*words, "--json"])
    return json.loads(capsys.readouterr().out)


def test_a_sound_log_verifies(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The verdict names size and root; given back with --noted they still fit."""
    found = said(["log", "verify", str(directory)], capsys)
    assert (True, ENTRIES, None) == (found["ok"], found["size"], found["damage"])
    noted = f"{ENTRIES}:{found['root']}"
    assert main(["log", "verify", str(directory), "--noted", noted]) == Exit.OK
    assert noted in capsys.readouterr().out.splitlines()


def test_a_log_that_is_not_the_noted_one_is_a_finding(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, and the verdict says what is wrong."""
    words = ["log", "verify", str(directory), "--noted", f"{ENTRIES}:{'00' * 32}"]
    found = said(words, capsys, code=Exit.FINDINGS)
    assert (False, "changed") == (found["ok"], found["damage"])


@pytest.mark.parametrize("noted", ["5", "five:00", "5:xyz"])
def test_noted_that_verify_never_printed_is_wrong_usage(
    noted: str, directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--noted`` is a size, a colon and a root."""
    words = ["log", "verify", str(directory), "--noted", noted]
    assert said(words, capsys, code=Exit.USAGE)["error"]["expected"] == "SIZE:ROOT"


def test_months_are_listed(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each month of each class, with its entries and whether it can be read."""
    april = {
        "month": "2018-04", "class": "acts", "entries": ENTRIES, "first_seq": 0,
        "last_seq": ENTRIES - 1, "state": "readable",
    }  # fmt: skip
    assert {"periods": [april]} == said(["log", "periods", str(directory)], capsys)
    assert main(["log", "periods", str(directory)]) == Exit.OK
    assert "2018-04  acts" in capsys.readouterr().out


@pytest.mark.parametrize("size", [None, 4])
def test_a_proof_can_be_checked_without_the_log(
    size: int | None, directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What ``prove`` says is all that check_inclusion needs."""
    words = ["log", "prove", str(directory), "--seq", "3"]
    p = said(words if size is None else [*words, "--size", str(size)], capsys)
    assert (3, size or ENTRIES) == (p["seq"], p["size"])
    leaf, root, *proof = (bytes.fromhex(text) for text in (p["leaf"], p["root"], *p["proof"]))
    assert check_inclusion(leaf, 3, p["size"], tuple(proof), root)
    assert main(words) == Exit.OK
    assert p["leaf"] in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--seq", "5"], ["--seq", "2", "--size", "2"], ["--seq", "-1"]])
def test_an_entry_that_is_not_there_cannot_be_proved(
    words: list[str], directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wrong usage, with what would be right."""
    error = said(["log", "prove", str(directory), *words], capsys, code=Exit.USAGE)
    assert "seq" in error["error"]["expected"]


@pytest.mark.parametrize("command", [["verify"], ["periods"], ["prove", "--seq", "0"]])
def test_no_log_is_wrong_usage(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A directory that is not there is the caller's mistake, and no log is made of it."""
    there = tmp_path / "none"
    error = said(["log", *command, str(there)], capsys, code=Exit.USAGE)
    assert str(there) in error["error"]["what"]
    assert not there.exists()
