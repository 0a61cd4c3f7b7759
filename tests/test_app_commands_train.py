from __future__ import annotations

import json
from pathlib import Path

import pytest

from arasha.app.commands_train import duration_ms, moment_ms
from arasha.app.main import main
from arasha.app.terminal import Exit
from arasha.errors import UsageError
from arasha.policy import document
from model_samples import POLICY, Learnt
from policy_samples import written


def words(small_model: Learnt, policy: Path, out: Path, *more: str) -> list[str]:
    """A command line."""
    return ["train", str(small_model.file), "--policy", str(policy), "--out", str(out),
            "--slice", "21d", *more]  # fmt: skip


def test_a_policy_is_trained_and_the_same_words_give_the_same_hash(
    small_model: Learnt, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The new version compiles; what it rests on is told and kept."""
    policy = written(tmp_path, POLICY)
    found = []
    for turn in ("a", "b"):
        out = tmp_path / turn
        assert Exit.OK == main(words(small_model, policy, out, "--until", "2018-08-14", "--json"))
        found.append(json.loads(capsys.readouterr().out))
        assert found[-1] == json.loads((out / "policy-training.json").read_text(encoding="utf-8"))
        version = document.load(out / "policy.toml")
        assert version.hash == found[-1]["policy_hash"]
    assert found[0] == found[1]
    assert set(found[0]["rows"]) == {"fit", "stop", "calibrate", "final"}


def test_what_was_learnt_is_said_to_a_person(
    small_model: Learnt, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without --until the training is just after the last payment; options are taken."""
    policy = written(tmp_path, POLICY)
    more = ("--rising", "times_habit", "--seeds", "2", "--window", "60d", "--alerts", "5")
    assert Exit.OK == main(words(small_model, policy, tmp_path / "out", *more))
    said = capsys.readouterr().out
    assert "thresholds  warn" in said
    assert "calibrate " in said


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--until", "soon"), "--until is no moment"),
        (("--window", "long"), "--window is no duration"),
        (("--rising", "nothing"), "no feature 'nothing'"),
        (("--until", "2018-04-20"), "too little time"),
    ],
)
def test_wrong_words_are_a_sentence(
    small_model: Learnt, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    more: tuple[str, ...], said: str,
) -> None:  # fmt: skip
    """Exit code 2 and what was expected."""
    policy = written(tmp_path, POLICY)
    assert Exit.USAGE == main(words(small_model, policy, tmp_path / "out", *more))
    assert said in capsys.readouterr().err


def test_a_policy_that_keeps_nothing_cannot_learn(
    small_model: Learnt, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told where to name the features."""
    text = "\n".join(line for line in POLICY.splitlines() if not line.startswith("keep"))
    policy = written(tmp_path, text)
    assert Exit.USAGE == main(words(small_model, policy, tmp_path / "out"))
    assert "keep" in capsys.readouterr().err


def test_durations_and_moments() -> None:
    """Units of the policy language; moments are UTC unless they say otherwise."""
    assert 7 * 86_400_000 == duration_ms("7d", "--slice")
    assert 0 == duration_ms("0", "--label-delay", least=0)
    with pytest.raises(UsageError):
        duration_ms("0", "--slice")
    assert 1_533_686_400_000 == moment_ms("2018-08-08")
    assert moment_ms("2018-08-08T05:00+05:00") == moment_ms("2018-08-08")
