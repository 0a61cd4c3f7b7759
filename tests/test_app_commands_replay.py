from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from app_samples import POLICY, SECONDS_MAX, decisions, handbook_file, printed, run, said, two_banks
from arasha.app.terminal import Exit
from arasha.errors import LogError
from arasha.log.log import Log
from log_samples import made

INTERRUPTED_AT = 200
"""Entries in the log when the replay is interrupted."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two thousand card payments."""
    return handbook_file(tmp_path_factory.mktemp("replay"))


def test_a_replay_tells_what_it_found_and_what_it_cost(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Frauds found, money, good payments bothered, each rule; then where everything is."""
    text = printed(["replay", file, "--policy", POLICY, "--out", tmp_path / "out"], capsys)
    rows = len(pl.read_parquet(file))
    for expected in (
        f"{rows:,} payments", "frauds found", "good payments bothered", "money of frauds stopped",
        "money of frauds missed", "good money stopped", "terminal_with_frauds", " a second",
        "no row was refused", "root ", str(tmp_path / "out" / "decisions-"),
    ):  # fmt: skip
        assert expected in text


def test_json_tells_the_same_as_one_object(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Counts, rate, log and figures; the decisions files are there, a row for each payment."""
    out = tmp_path / "out"
    told = said(["replay", file, "--policy", POLICY, "--out", out], capsys)
    assert {
        "payments", "facts", "resumed_at", "seconds", "payments_per_second", "rejected", "rejects",
        "log", "decisions", "measures",
    } == told.keys()  # fmt: skip
    rows = len(pl.read_parquet(file))
    assert rows == told["payments"] == len(pl.read_parquet(told["decisions"]))
    with Log.open(out, writable=False) as log:
        assert (log.size, log.root().hex()) == (told["log"]["entries"], told["log"]["root"])
    measures = told["measures"]
    assert rows == measures["total"]["payments"]
    assert 0 < measures["bothered"]["frauds"] <= measures["total"]["frauds"]
    assert "above_220" in [rule["name"] for rule in measures["rules"]]


def test_without_truth_hits_are_told_and_no_precision(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody settled anything: there is nothing to be precise about. A refused row is counted."""
    data, mapping, policy = two_banks(tmp_path)
    out = tmp_path / "out"
    words: list[str | Path] = ["replay", data, "--policy", policy, "--out", out]
    text = printed([*words, "--mapping", mapping], capsys)
    assert "precision" not in text
    assert "3 payments, none settled" in text
    assert "1 row was refused" in text
    assert "not_positive" in (out / "rejects.csv").read_text(encoding="utf-8")


def test_a_mapping_must_come_from_somewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the policy nor the command names one: wrong usage, and nothing is made."""
    data, _, policy = two_banks(tmp_path)
    out = tmp_path / "out"
    error = said(["replay", data, "--policy", policy, "--out", out], capsys, code=Exit.USAGE)
    assert "--mapping" in error["error"]["expected"]
    assert not out.exists()


def test_what_cannot_be_read_is_wrong_usage(file: Path, tmp_path: Path) -> None:
    """A missing file, a Parquet file cut short, a policy with errors, a batch of nothing."""
    cut = tmp_path / "cut.parquet"
    cut.write_bytes(file.read_bytes()[:-1000])
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[policy]\nnme = 1\n", encoding="utf-8")
    out = tmp_path / "out"
    for words in (
        (tmp_path / "none.parquet", "--policy", POLICY),
        (cut, "--policy", POLICY),
        (file, "--policy", wrong),
        (file, "--policy", tmp_path / "none.toml"),
        (file, "--policy", POLICY, "--mapping", tmp_path / "none.toml"),
        (file, "--policy", POLICY, "--batch", "0"),
    ):
        done = run("replay", *words, "--out", out)
        assert (Exit.USAGE, "") == (done.returncode, done.stdout), words
        assert done.stderr.startswith("error: ")
        assert "Traceback" not in done.stderr
        assert not out.exists()


def test_a_policy_with_errors_tells_them_as_json(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error object carries every diagnostic with its line."""
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[policy]\nnme = 1\n", encoding="utf-8")
    words: list[str | Path] = ["replay", file, "--policy", wrong, "--out", tmp_path / "out"]
    error = said(words, capsys, code=Exit.USAGE)["error"]
    assert error["kind"] == "PolicyError"
    assert {1, 2} == {diagnostic["line"] for diagnostic in error["diagnostics"]}


def test_a_directory_with_another_log_is_refused(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without --resume any log is refused; with it, that of another file, or of no replay."""
    data, mapping, policy = two_banks(tmp_path)
    out, foreign = tmp_path / "out", tmp_path / "foreign"
    words: list[str | Path] = ["replay", data, "--policy", policy, "--mapping", mapping]
    said([*words, "--out", out], capsys)
    before = decisions(out)
    again = said([*words, "--out", out], capsys, code=Exit.USAGE)
    assert "--resume" in again["error"]["expected"]
    other: list[str | Path] = ["replay", file, "--policy", POLICY, "--out", out, "--resume"]
    assert "another file" in said(other, capsys, code=Exit.USAGE)["error"]["what"]
    assert before == decisions(out)

    made(foreign)
    shutil.copy(out / "keys" / "tokens.key", foreign / "keys")
    words = [*words, "--out", foreign, "--resume"]
    assert "log that no replay" in said(words, capsys, code=Exit.USAGE)["error"]["what"]


def test_a_finished_replay_goes_on_to_the_same(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Resumed when all is done it adds nothing, and the decisions are made again, byte for byte."""
    words: list[str | Path] = ["replay", file, "--policy", POLICY, "--out", tmp_path / "out"]
    first = said(words, capsys)
    before = decisions(tmp_path / "out")
    for path in (tmp_path / "out").glob("decisions-*"):
        path.unlink()
    second = said([*words, "--resume"], capsys)
    assert first["facts"] == second["resumed_at"]
    assert (first["log"], first["measures"]) == (second["log"], second["measures"])
    assert before == decisions(tmp_path / "out")


def test_the_batch_changes_no_decision(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Law 1, from the door: 7 facts a commit or all in one."""
    words: list[str | Path] = ["replay", file, "--policy", POLICY, "--out"]
    printed([*words, tmp_path / "one"], capsys)
    printed([*words, tmp_path / "other", "--batch", "7"], capsys)
    assert decisions(tmp_path / "one") == decisions(tmp_path / "other")


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_interrupted_it_goes_on_to_the_same_decisions(
    file: Path, tmp_path: Path, *, as_json: bool
) -> None:
    """Ctrl-C: exit code 130 and how to go on; then the same bytes as without an interruption."""
    out = tmp_path / "out"
    words = ["replay", str(file), "--policy", str(POLICY), "--batch", "1"]
    running = subprocess.Popen(
        [sys.executable, "-m", "arasha.app.main", *words, "--out", str(out)]
        + ["--json"] * as_json,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    wait_for_entries(out, INTERRUPTED_AT, running)
    running.send_signal(signal.SIGINT)
    told, complained = running.communicate(timeout=SECONDS_MAX)
    assert Exit.INTERRUPTED == running.returncode
    if as_json:
        error = json.loads(told)["error"]
        assert error["kind"] == "Interrupted"
        hint = error["hint"]
    else:
        assert told == ""
        hint = complained
    assert f"arasha replay {file}" in hint
    assert "--resume" in hint

    went_on = run(*words, "--out", out, "--resume", "--json")
    assert went_on.returncode == Exit.OK
    assert 0 < json.loads(went_on.stdout)["resumed_at"] < json.loads(went_on.stdout)["facts"]
    assert (
        Exit.OK == run("replay", file, "--policy", POLICY, "--out", tmp_path / "whole").returncode
    )
    assert decisions(tmp_path / "whole") == decisions(out)
    rejects = [(folder / "rejects.csv").read_bytes() for folder in (out, tmp_path / "whole")]
    assert rejects[0] == rejects[1]


def wait_for_entries(out: Path, count: int, running: subprocess.Popen[str]) -> None:
    """Until the log holds that many entries."""
    end = time.monotonic() + SECONDS_MAX
    while time.monotonic() < end:
        assert running.poll() is None, "it was done before it could be interrupted"
        try:
            with Log.open(out, writable=False) as log:
                if log.size >= count:
                    return
        except (LogError, OSError):
            pass  # not made yet
        time.sleep(0.02)
    raise AssertionError("it never began")
