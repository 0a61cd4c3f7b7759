from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys

import pytest

from arasha import errors
from arasha.app import terminal

COUNTING = (
    "from arasha.app import terminal\n"
    "with terminal.progress('Judging', 3000, quiet={quiet}) as advance:\n"
    "    for _ in range(3):\n"
    "        advance(1000)\n"
    "terminal.say('done')\n"
)


def count_on_a_terminal(*, quiet: bool) -> tuple[str, str]:
    """Standard output of a counting program, and what its standard error showed on a terminal."""
    ours, theirs = pty.openpty()
    run = subprocess.run(
        [sys.executable, "-c", COUNTING.format(quiet=quiet)],
        stdout=subprocess.PIPE, stderr=theirs, text=True, check=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", "NO_COLOR": "1"},
    )  # fmt: skip
    os.set_blocking(ours, False)
    try:
        shown = os.read(ours, 100_000).decode()
    except BlockingIOError:
        shown = ""
    os.close(theirs)
    os.close(ours)
    return run.stdout, shown


def test_a_bar_shows_count_and_rate_on_a_terminal() -> None:
    """The bar stands on standard error, with what is done, of how much, and how fast."""
    out, shown = count_on_a_terminal(quiet=False)
    assert out == "done\n"
    assert "Judging" in shown
    assert "3,000 / 3,000" in shown
    assert "/s" in shown


def test_there_is_no_bar_when_quiet() -> None:
    """``--json`` leaves the screen alone."""
    assert count_on_a_terminal(quiet=True) == ("done\n", "")


def test_there_is_no_bar_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """A file of messages gets no bars; the calls are the same."""
    with terminal.progress("Judging", None) as advance:
        advance(1000)
    assert capsys.readouterr() == ("", "")


def test_an_error_says_everything_it_knows(capsys: pytest.CaptureFixture[str]) -> None:
    """Place, expectation, finding and hint: as lines for people, as fields for programs."""
    error = errors.InputError(
        "the amount is no number",
        expected="digits with at most two decimals",
        found="'12,50'",
        where=errors.Place("payments.csv", row=3, column="amount"),
        hint="write 12.50",
    )
    terminal.say_error(error)
    assert capsys.readouterr().err == (
        "error: payments.csv, row 3, column 'amount': the amount is no number\n"
        "  expected: digits with at most two decimals\n"
        "  found: '12,50'\n"
        "  hint: write 12.50\n"
    )
    terminal.say_error(error, as_json=True)
    assert json.loads(capsys.readouterr().out) == {
        "error": {
            "kind": "InputError",
            "what": "the amount is no number",
            "expected": "digits with at most two decimals",
            "found": "'12,50'",
            "where": {"file": "payments.csv", "row": 3, "column": "amount"},
            "hint": "write 12.50",
        }
    }


def test_an_error_of_the_operating_system_names_the_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Which file, and what about it; no number, no class."""
    terminal.say_error(FileNotFoundError(2, "No such file or directory", "payments.csv"))
    assert capsys.readouterr().err == "error: payments.csv: No such file or directory\n"


def swallow_an_interruption(steps_after: int) -> None:
    """A progress in which Ctrl-C is pressed and lost."""
    with terminal.progress("Judging", 1, quiet=True) as advance:
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        for _ in range(steps_after):
            advance(1)


@pytest.mark.parametrize("steps_after", [0, 1])
def test_an_interruption_that_a_library_swallows_is_not_lost(steps_after: int) -> None:
    """It is raised at the next step, or at the end; then Ctrl-C is Python's again."""
    with pytest.raises(KeyboardInterrupt):
        swallow_an_interruption(steps_after)
    assert signal.default_int_handler is signal.getsignal(signal.SIGINT)


def test_an_ignored_interruption_stays_ignored() -> None:
    """What nohup has set is left alone."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with terminal.progress("Judging", 1, quiet=True) as advance:
            signal.raise_signal(signal.SIGINT)
            advance(1)
    finally:
        signal.signal(signal.SIGINT, before)


def test_what_is_shown_is_plain_text_where_it_is_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No colours, no spaces at the ends of lines."""
    from rich.text import Text

    terminal.show([Text("held", "bold red"), Text("wide   ")])
    assert capsys.readouterr().out == "held\nwide\n"
