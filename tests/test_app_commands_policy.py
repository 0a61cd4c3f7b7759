from __future__ import annotations

from pathlib import Path

import pytest

from app_samples import POLICY, printed, run, said
from arasha.app.commands_policy import rendered
from arasha.app.terminal import Exit
from arasha.errors import Diagnostic

WRONG = """\
[policy]
name = "wrong"
judges = "payment"
[features]
paid = 'count(payment, by=payr_account, window="7d")'
"""


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A policy with a name that is nearly right."""
    path = tmp_path / "wrong.toml"
    path.write_text(WRONG, encoding="utf-8")
    return path


def test_shipped_policies_have_no_faults(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, and one line that counts."""
    text = printed(["policy", "check", POLICY, POLICY.with_name("amlsim.toml")], capsys)
    assert text == "2 policies, 0 errors, 0 warnings\n"


def test_an_error_is_shown_with_its_place(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1; file, line, caret and what is near, without colour where nobody looks."""
    text = printed(["policy", "check", POLICY, wrong], capsys, code=Exit.FINDINGS)
    assert f"{wrong}:5:27" in text
    assert "^^^^^^^^^^^^" in text
    assert "did you mean 'payer_account'?" in text
    assert "\x1b" not in text
    assert text.splitlines()[-1].startswith("2 policies, 1 error, ")


def test_json_tells_every_diagnostic(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the same counts as the closing line."""
    told = said(["policy", "check", wrong], capsys, code=Exit.FINDINGS)
    assert (1, 1) == (told["policies"], told["errors"])
    assert told["errors"] + told["warnings"] == len(told["diagnostics"])
    [error] = [one for one in told["diagnostics"] if one["severity"] == "error"]
    assert ("unknown-name", 5, 27) == (error["name"], error["line"], error["column"])


@pytest.mark.parametrize("words", [[], ["none.toml"]])
def test_no_policy_is_wrong_usage(words: list[str]) -> None:
    """Not named, or not there."""
    done = run("policy", "check", *words)
    assert (Exit.USAGE, "") == (done.returncode, done.stdout)
    assert done.stderr.startswith("error: ")


def test_colour_is_on_the_word_and_on_the_caret() -> None:
    """What was written in the file keeps its own colours: none."""
    one = Diagnostic("warning", "w", "look", "p.toml", 3, 1, 2, "^^ = 1", hint="none")
    expected = (
        "\x1b[1;33mwarning:\x1b[0m look\n --> p.toml:3:1\n  |\n3 | ^^ = 1\n"
        "  | \x1b[1;33m^^\x1b[0m\n  = hint: none"
    )
    assert expected == rendered(one, colour=True)
