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
from rich.console import Console

from arasha.app.commands_demo import Clock, Rate, at, picture, staged, summary, tenge
from arasha.app.main import main
from arasha.app.terminal import Exit
from arasha.country.scene import Stopped
from rehearsal_samples import wary

MONDAY_MS = 1_767_573_000_000


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
    words = ["demo", "--policy", str(wary(tmp_path)), "--people", "150", "--warm-up", "0"]
    assert Exit.OK == main([*words, "--pace", "20000", "--seconds", "2.5"])
    lines = capsys.readouterr().out.splitlines()
    assert 2 <= len(lines)
    assert re.fullmatch(r"2026-\S+ \S+  payments \d+  warn .* stolen [\d,]+ KZT", lines[-1])


def test_the_picture_shows_what_was_held_and_why(tmp_path: Path) -> None:
    """The clock, the counts, the truth for who watches, the reasons."""
    scene, _, _ = staged(wary(tmp_path), 150, 1, "en")
    scene.now_ms, scene.payments, scene.stolen = MONDAY_MS, 1234, 5_000_00
    reasons = ("A new payee, payments before: 0.",)
    scene.latest.append(Stopped(MONDAY_MS, 70_000_00, "hold", True, "safe_account", reasons))
    console = Console(width=120, height=40)
    with console.capture() as shown:
        console.print(picture(scene, Clock(600), 7.4, console.height))
    text = shown.get()
    for words in (
        "Monday 05 January 2026  05:30:00", "1,234   7 a second", "5,000 KZT", "70,000 KZT",
        "fraud: safe account", reasons[0], "600 times as fast as life",
    ):  # fmt: skip
        assert words in text
    assert "payments 1234" in summary(scene)
    assert "05:30" == f"{at(MONDAY_MS):%H:%M}"
    assert "12 KZT" == tenge(12_99)


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
    words = ["demo", "--policy", str(wary(tmp_path)), "--people", "150", "--warm-up", "0"]
    run = subprocess.Popen(
        [sys.executable, "-m", "arasha.app.main", *words],
        stdin=slave, stdout=slave, stderr=slave,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "110"},
    )  # fmt: skip
    os.close(slave)
    try:
        seen = until(master, "held and blocked")
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
