from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from arasha.app.commands_watch import Clock, Rate
from arasha.app.main import main
from arasha.app.terminal import Exit
from arasha.country import parameters
from offices_samples import full_of_thefts
from rehearsal_samples import wary


@pytest.mark.parametrize(
    ("keys", "pace", "paused", "ended"),
    [
        ("++", 2400, False, False),
        ("--", 150, False, False),
        (" ", 600, True, False),
        ("  ", 600, False, False),
        ("q", 600, False, True),
        ("x", 600, False, False),
        ("-" * 20, 1, False, False),
        ("=" * 20, 86_400, False, False),
    ],
)
def test_keys_change_the_pace(keys: str, pace: int, *, paused: bool, ended: bool) -> None:
    """Faster, slower, stop, end; within bounds; other keys are nothing."""
    clock = Clock(600)
    for key in keys:
        clock.press(key)
    assert Clock(pace, paused, ended) == clock


def test_time_passes_at_the_pace() -> None:
    """Half a second at 600 is five minutes; none while the clock is stopped."""
    assert 300_000 == Clock(600).passed_ms(0.5)
    assert 0 == Clock(600, paused=True).passed_ms(0.5)


def test_elsewhere_than_on_a_terminal_lines_are_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It ends by itself and says what happened."""
    words = ["watch", "--policy", str(wary(tmp_path)), "--people", "150", "--warm-up", "0"]
    assert Exit.OK == main([*words, "--pace", "20000", "--seconds", "2.5"])
    lines = capsys.readouterr().out.splitlines()
    assert 2 <= len(lines)
    assert re.fullmatch(r"2026-\S+ \S+  payments \d+  warn .* upheld \d+", lines[-1])


def test_a_report_becomes_a_trace_holds_a_recall_a_return_and_an_appeal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where thefts are frequent all of it happens within nine days, and then it ends by itself."""
    monkeypatch.setattr(parameters, "load", lambda _: full_of_thefts())
    words = ["watch", "--policy", str(wary(tmp_path)), "--people", "400", "--warm-up", "0"]
    assert Exit.OK == main([*words, "--pace", "86400", "--days", "9", "--seed", "3"])
    last = capsys.readouterr().out.splitlines()[-1]
    found = re.search(
        r"reports (\d+)  held ([\d,]+) KZT  returned ([\d,]+) KZT  appeals (\d+)  upheld (\d+)",
        last,
    )
    assert found is not None, last
    assert all(int(one.replace(",", "")) > 0 for one in found.groups()), last
    assert last.startswith("2026-01-13")


def test_the_rate_is_of_the_last_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Payments shown since it was last told, a second."""
    now = [10.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    rate = Rate()
    rate.see(100)
    now[0] = 12.0
    rate.see(160)
    assert 30.0 == rate.value


def test_on_a_terminal_it_obeys_keys(tmp_path: Path) -> None:
    """A real terminal: the view is drawn, the clock stops, q ends it and gives the screen back."""
    master, slave = pty.openpty()
    words = ["watch", "--policy", str(wary(tmp_path)), "--people", "150", "--warm-up", "0"]
    run = subprocess.Popen(
        [sys.executable, "-m", "arasha.app.main", *words],
        stdin=slave, stdout=slave, stderr=slave,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "110"},
    )  # fmt: skip
    os.close(slave)
    try:
        seen = until(master, "what follows reports")
        os.write(master, b" ")
        seen += until(master, "paused")
        os.write(master, b"q")
        seen += until(master, "\x1b[?1049l")  # the screen that was there before
        assert 0 == run.wait(30)
    finally:
        run.kill()
        run.wait()
        os.close(master)
    assert "\x1b[?1049h" in seen


def until(master: int, words: str, seconds: float = 90) -> str:
    """What a terminal shows until the words stand there."""
    seen, end = "", time.monotonic() + seconds
    while words not in seen:
        assert time.monotonic() < end, seen[-2000:]
        if select.select([master], [], [], 0.2)[0]:
            seen += os.read(master, 65_536).decode(errors="ignore")
    return seen
