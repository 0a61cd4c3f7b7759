from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from app_samples import POLICY, handbook_file, printed, said, two_banks
from arasha.app.main import main
from arasha.app.terminal import Exit

KAZAKH, RUSSIAN, ENGLISH = "картаның", "Средний платёж", "Average payment"


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a replay."""
    folder = tmp_path_factory.mktemp("explain")
    words = ["replay", handbook_file(folder), "--policy", POLICY, "--out", folder / "out"]
    assert main([*map(str, words), "--json"]) == Exit.OK
    return folder / "out"


def decided(out: Path, *, reason: str | None) -> pl.DataFrame:
    """The payments for which that rule alone fired, or none."""
    reasons = [] if reason is None else [reason]
    found = pl.read_parquet(out / "decisions-*.parquet")
    return found.filter(pl.col("reasons").list.join(",") == ",".join(reasons))


def test_a_held_payment_is_explained_in_three_languages(
    judged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Action, score, threshold, reasons with their values, every feature."""
    name = decided(judged, reason="far_above_habit")["id"][0]
    text = printed(["explain", judged, "--id", name], capsys)
    for expected in (
        f"hold: payment {name}", "score 600", "hold from 600 (reached)", "far_above_habit",
        KAZAKH, RUSSIAN, ENGLISH, "card_mean_90d", "times_habit",
    ):  # fmt: skip
        assert expected in text


def test_one_language_can_be_asked_for(judged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only that one is shown; values are written in it, too."""
    name = decided(judged, reason="far_above_habit")["id"][0]
    text = printed(["explain", judged, "--id", name, "--language", "ru"], capsys)
    assert RUSSIAN in text
    assert ENGLISH not in text
    assert KAZAKH not in text


def test_json_holds_all_of_it(judged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the decisions file says, and the values in numbers and in words."""
    row = decided(judged, reason="far_above_habit").row(0, named=True)
    told = said(["explain", judged, "--id", row["id"]], capsys)
    assert (row["seq"], row["action"], row["score"]) == (told["seq"], told["action"], told["score"])
    assert {"warn": 300, "hold": 600} == told["thresholds"]
    [rule] = told["rules"]
    assert (row["reasons"], {"kk", "ru", "en"}) == ([rule["name"]], rule["texts"].keys())
    features = told["features"]
    assert features["times_habit"]["value"] >= 2.75
    assert features["amount"]["value"] == row["amount_minor"]
    assert f"{row['amount_minor'] / 100:.2f} EUR".rstrip("0") in features["amount"]["texts"]["en"]


def test_an_allowed_payment_is_explained_too(
    judged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No rule fired, and the values say why not."""
    name = decided(judged, reason=None)["id"][0]
    text = printed(["explain", judged, "--id", name], capsys)
    assert f"allow: payment {name}" in text
    assert "no rule fired" in text
    assert "times_habit" in text


def test_the_first_payment_of_a_log_is_explained(
    judged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing was known yet: features are unknown, not nought."""
    told = said(["explain", judged, "--seq", "1"], capsys)
    assert told["features"]["card_mean_90d"]["value"] is None
    assert {"kk": "белгісіз", "ru": "неизвестно", "en": "unknown"} == (
        told["features"]["card_mean_90d"]["texts"]
    )


def test_an_unknown_id_is_wrong_usage(judged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The error shows how an id looks here."""
    error = said(["explain", judged, "--id", "nosuch"], capsys, code=Exit.USAGE)["error"]
    assert "an id such as '0'" == error["expected"]


@pytest.mark.parametrize("words", [[], ["--seq", "0"], ["--seq", "2"], ["--seq", "99999999"]])
def test_what_is_no_payment_is_wrong_usage(
    words: list[str | Path], judged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing named; the policy's entry; a decision's; one that is not there."""
    said(["explain", judged, *words], capsys, code=Exit.USAGE)


def test_a_directory_without_a_replay_is_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not there, or empty; nothing is made."""
    for out in (tmp_path / "none", tmp_path):
        said(["explain", out, "--id", "1"], capsys, code=Exit.USAGE)
    assert [] == list(tmp_path.iterdir())


def test_senders_that_share_an_id_are_told_apart_by_seq(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All are listed, and --seq chooses; a seq that is none of them is refused."""
    data, mapping, policy = two_banks(tmp_path)
    out = tmp_path / "out"
    said(["replay", data, "--policy", policy, "--mapping", mapping, "--out", out], capsys)
    words: list[str | Path] = ["explain", out, "--id", "1"]
    error = said(words, capsys, code=Exit.USAGE)["error"]
    assert error["found"] == (
        "1: 2026-03-01 10:00, 100000 minor units, allow; "
        "3: 2026-03-01 11:00, 250000 minor units, allow"
    )
    assert 250_000 == said([*words, "--seq", "3"], capsys)["features"]["amount"]["value"]
    said([*words, "--seq", "5"], capsys, code=Exit.USAGE)
    assert "block" not in printed(["explain", out, "--id", "2"], capsys)
