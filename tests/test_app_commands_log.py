from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from app_samples import POLICY, handbook_file
from arasha.app import commands_log
from arasha.app.main import main
from arasha.app.terminal import Exit
from arasha.events.body import bodies_from
from arasha.events.schema import Kind
from arasha.log.log import Entries, Log
from arasha.log.merkle import check_inclusion
from arasha.policy import document

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


@pytest.mark.parametrize(
    "command",
    [
        ["verify"], ["periods"], ["prove", "--seq", "0"], ["replay"], ["export", "--out", "x"],
        ["retire", "--before", "2018-05", "--reason", "x"],
    ],
    ids=lambda command: command[0],
)  # fmt: skip
def test_no_log_is_wrong_usage(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A directory that is not there is the caller's mistake, and no log is made of it."""
    there = tmp_path / "none"
    error = said(["log", *command, str(there)], capsys, code=Exit.USAGE)
    assert str(there) in error["error"]["what"]
    assert not there.exists()


# --- judged once more, exported, retired ----------------------------------------------------------

SHORT = """\
[policy]
name = "short"
judges = "payment"
mapping = "{mapping}"
[features]
paid = 'count(payment, by=payer_account, window="1d")'
[thresholds]
hold = 500
[rules.often]
when = 'paid >= 3'
points = 600
text.kk = "Жиі: {{paid}}."
text.ru = "Часто: {{paid}}."
text.en = "Often: {{paid}}."
"""


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of two thousand payments of April and May 2018, judged with windows of a day."""
    folder = tmp_path_factory.mktemp("judged")
    mapping = document.load(POLICY).mapping
    (folder / "short.toml").write_text(SHORT.format(mapping=mapping), encoding="utf-8")
    words = ["replay", handbook_file(folder), "--policy", folder / "short.toml"]
    assert main([*map(str, words), "--out", str(folder / "out"), "--json"]) == Exit.OK
    return folder / "out"


def test_a_log_judged_again_is_as_it_was_kept(
    replayed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Law 1: with its own policy nothing comes out otherwise."""
    capsys.readouterr()
    told = said(["log", "replay", str(replayed)], capsys)
    assert (True, 0, [], 0) == (
        told["same"], told["differing"], told["different"], told["first_seq"]
    )  # fmt: skip
    assert told["decisions"] == len(pl.read_parquet(replayed / "decisions-*.parquet"))
    assert main(["log", "replay", str(replayed)]) == Exit.OK
    assert "every decision is as it was kept" in capsys.readouterr().out


def test_another_policy_decides_otherwise(
    replayed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1; how many, and the first of them."""
    capsys.readouterr()
    words = ["log", "replay", str(replayed), "--policy", str(POLICY)]
    told = said(words, capsys, code=Exit.FINDINGS)
    assert told["differing"] >= len(told["different"]) > commands_log.SHOWN_SEQS
    assert main(words) == Exit.FINDINGS
    assert f"{told['differing']:,} decisions come out otherwise" in capsys.readouterr().out


def test_a_log_is_exported_once(
    replayed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every entry is in the files; a second export into the same place is refused."""
    capsys.readouterr()
    words = ["log", "export", str(replayed), "--out", str(tmp_path / "export")]
    told = said(words, capsys)
    assert told["entries"] == len(pl.read_parquet(told["files"]))
    said(words, capsys, code=Exit.USAGE)
    assert main([*words[:-1], str(tmp_path / "other")]) == Exit.OK
    assert "entries-000000.parquet" in capsys.readouterr().out


def test_a_month_that_no_window_needs_goes(
    replayed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its facts are gone, the log still verifies and can be judged again from there on."""
    capsys.readouterr()
    log = shutil.copytree(replayed, tmp_path / "log")
    words = ["log", "retire", str(log), "--before", "2018-05", "--reason", "its time is over"]
    [april] = said([*words, "--by", "the officer"], capsys)["retired"]
    assert ("2018-04", 0) == (april["month"], april["first_seq"])
    assert april["entries"] > 0
    periods = said(["log", "periods", str(log)], capsys)["periods"]
    assert {"month": "2018-04", "class": "facts", "state": "retired"}.items() <= periods[0].items()
    assert said(["log", "verify", str(log)], capsys)["ok"]
    again = said(["log", "replay", str(log)], capsys)
    assert again["same"]
    assert again["first_seq"] > 0
    with Log.open(log, writable=False) as opened:
        *_, last = opened.read(opened.size - 1, opened.size)
    record = json.loads(last.bodies[0])
    assert ("the officer", "its time is over") == (record["by"], record["reason"])
    assert main(words) == Exit.OK
    assert "no facts before 2018-05 are left" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("before", "reason", "expected"),
    [
        ("2018-07", "x", "past 2018-0"),
        ("2018-13", "x", "YYYY-MM"),
        ("May", "x", "YYYY-MM"),
        ("2018-05", " ", "--reason"),
    ],
)
def test_a_retirement_that_cannot_be_is_refused(
    before: str, reason: str, expected: str, replayed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A month still needed, no month, no reason: nothing goes."""
    capsys.readouterr()
    words = ["log", "retire", str(replayed), "--before", before, "--reason", reason]
    assert expected in said(words, capsys, code=Exit.USAGE)["error"]["expected"]
    states = {p["state"] for p in said(["log", "periods", str(replayed)], capsys)["periods"]}
    assert {"readable"} == states
