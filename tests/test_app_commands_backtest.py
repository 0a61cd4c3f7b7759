from __future__ import annotations

from pathlib import Path

import pytest

from app_samples import POLICY, handbook_file, printed, run, said, two_banks
from arasha.app.terminal import Exit

FILES = {
    "backtest.json", "backtest.parquet", "overlap.parquet", "examples.parquet", "backtest.html",
}  # fmt: skip


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two thousand card payments."""
    return handbook_file(tmp_path_factory.mktemp("backtest"))


def stricter(folder: Path) -> Path:
    """The handbook's policy with a rule that fires sooner."""
    text = POLICY.read_text(encoding="utf-8").replace("times_habit >= 2.75", "times_habit >= 2.25")
    path = folder / "stricter.toml"
    path.write_text(text.replace("../mappings", str(POLICY.parent.parent / "mappings")), "utf-8")
    return path


def test_a_backtest_decides_what_a_replay_decides(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same figures, and nothing is left behind."""
    told = said(["backtest", file, "--policy", POLICY], capsys)
    assert ("arasha-backtest", None, []) == (told["format"], told["comparison"], told["files"])
    assert [] == list(tmp_path.iterdir())
    kept = said(["replay", file, "--policy", POLICY, "--out", tmp_path], capsys)["measures"]
    assert kept == {name: told["measures"][name] for name in kept}


def test_out_gets_the_page_and_the_files(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Five files, and the page is named."""
    text = printed(["backtest", file, "--policy", POLICY, "--out", tmp_path / "new"], capsys)
    assert FILES == {path.name for path in (tmp_path / "new").iterdir()}
    assert str(tmp_path / "new" / "backtest.html") in text
    assert "frauds found" in text


def test_two_policies_are_compared(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--policy`` is the new one; two versions of one name are told apart."""
    new = stricter(tmp_path)
    told = said(["backtest", file, "--policy", new, "--against", POLICY], capsys)
    after, before = told["measures"], told["comparison"]["before"]
    assert before["bothered"]["payments"] < after["bothered"]["payments"]
    assert before["policy"] != after["policy"]
    alone = said(["backtest", file, "--policy", POLICY], capsys)["measures"]
    assert alone["bothered"] == before["bothered"]
    text = printed(["backtest", file, "--policy", new, "--against", POLICY], capsys)
    assert "newly bothered" in text
    assert "far_above_habit" in text


def test_the_mapping_that_is_given_goes_before_the_policys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without any it is wrong usage; a file that nobody settled shows hits."""
    data, mapping, policy = two_banks(tmp_path)
    error = said(["backtest", data, "--policy", policy], capsys, code=Exit.USAGE)["error"]
    assert "--mapping" in error["expected"]
    text = printed(["backtest", data, "--policy", policy, "--mapping", mapping], capsys)
    assert "3 payments, none settled" in text
    assert "precision" not in text


def test_what_cannot_be_read_is_wrong_usage(file: Path, tmp_path: Path) -> None:
    """A sentence and exit code 2."""
    for words in (
        (tmp_path / "none.csv", "--policy", POLICY),
        (file, "--policy", tmp_path / "none.toml"),
        (file, "--policy", POLICY, "--against", tmp_path / "none.toml"),
    ):
        done = run("backtest", *words)
        assert (Exit.USAGE, "") == (done.returncode, done.stdout)
        assert "Traceback" not in done.stderr
