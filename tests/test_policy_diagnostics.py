"""Snapshots of every message a policy can get: tests/snapshots/policy.

After a change that is meant: ``ARASHA_UPDATE_SNAPSHOTS=1 pytest tests/test_policy_diagnostics.py``,
then read the difference.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from arasha.errors import Diagnostic
from arasha.policy.diagnostics import Faults, render, render_all, summary
from arasha.policy.document import check
from arasha.policy.located import Locator

FOLDER = Path("tests/snapshots/policy")
SNAPSHOTS = sorted(
    path.name for path in (Path(__file__).parent / "snapshots" / "policy").glob("*.toml")
)
UPDATE = os.environ.get("ARASHA_UPDATE_SNAPSHOTS") == "1"


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_the_messages_are_those_kept(
    root: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """File, line, caret, expected, found and hint, letter by letter."""
    monkeypatch.chdir(root)
    kept = (FOLDER / name).with_suffix(".txt")
    rendered = render_all(check(FOLDER / name))
    if UPDATE:
        kept.write_text(rendered, encoding="utf-8")
    assert kept.read_text(encoding="utf-8") == rendered


def test_at_least_forty_messages_are_kept(root: Path) -> None:
    """Distinct ones, names and numbers in them aside."""
    whats = set()
    for name in SNAPSHOTS:
        for diagnostic in check(root / FOLDER / name):
            whats.add(re.sub(r"'[^']*'|\"[^\"]*\"|\d+", "...", diagnostic.what))
    assert len(whats) >= 40


def test_every_kind_of_fault_is_documented_and_kept(root: Path) -> None:
    """The names in the code, in the reference and in the snapshots are the same."""
    page = (root / "docs" / "reference" / "policy-language.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([a-z-]+)` \| (error|warning) \|", page, re.MULTILINE))
    kept = {(d.name, d.severity) for name in SNAPSHOTS for d in check(root / FOLDER / name)}
    assert documented == kept | {("file", "error")}  # test_policy_document.py: no file, no text


def test_a_long_line_is_cut_around_the_caret() -> None:
    """What the caret points at is always shown."""
    source = "a" * 300 + "HERE" + "b" * 300
    diagnostic = Diagnostic("error", "x", "what", "f.toml", 1, 301, 4, source)
    shown, carets = render(diagnostic).splitlines()[3:5]
    start = carets.index("^")
    assert "HERE" == shown[start : start + carets.count("^")]
    assert len(shown) <= 110


def test_carets_stand_under_wide_and_combining_letters() -> None:
    """A wide letter takes two columns, a combining mark none, a tab stays a tab."""
    diagnostic = Diagnostic("error", "x", "what", "f.toml", 1, 5, 1, "\t字e\u0301x")
    assert "  | \t   ^" == render(diagnostic).splitlines()[4]


def test_nothing_in_a_message_steers_a_terminal() -> None:
    """Escapes in the file come out as replacement characters."""
    diagnostic = Diagnostic("error", "x", "wh\x1bat", "f.toml", 1, 1, 1, "\x1b[31mred", hint="\x07")
    rendered = render(diagnostic)
    assert "\x1b" not in rendered
    assert "\x07" not in rendered


def test_faults_stand_in_the_order_of_the_file_and_once() -> None:
    """Errors before warnings of the same place."""
    faults = Faults("f.toml", Locator("one\ntwo\n"))
    faults.add((4, 7), "b", "second")
    faults.add((0, 3), "a", "first, a warning", severity="warning")
    assert not Faults("f", Locator("")).has_errors
    faults.add((0, 3), "a", "first")
    faults.add((0, 3), "a", "first")
    assert ["first", "first, a warning", "second"] == [d.what for d in faults.sorted()]
    assert (2, 1, 3, "two") == tuple(
        getattr(faults.sorted()[2], part) for part in ("line", "column", "length", "source")
    )
    assert faults.has_errors


@pytest.mark.parametrize(
    ("severities", "text"),
    [
        ([], "no faults found"),
        (["error"], "1 error"),
        (["error", "error", "warning"], "2 errors, 1 warning"),
    ],
)
def test_the_sum_is_told(severities: list[str], text: str) -> None:
    """In words."""
    found = [
        Diagnostic("error" if severity == "error" else "warning", "x", "what", "f")
        for severity in severities
    ]
    assert text == summary(found)
