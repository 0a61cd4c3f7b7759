from __future__ import annotations

import os
import pty
import sys
import termios
import time

import pytest

from arasha.app.keyboard import keys


def test_keys_are_read_without_a_line_and_the_terminal_is_given_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was typed comes at once; afterwards the terminal waits for lines again."""
    master, slave = pty.openpty()
    with os.fdopen(slave) as typed:
        monkeypatch.setattr(sys, "stdin", typed)
        before = termios.tcgetattr(slave)
        with keys(5) as pressed:
            os.write(master, b"q")
            assert "q" == pressed()
        assert before == termios.tcgetattr(slave)
    os.close(master)


def test_where_there_is_no_terminal_it_only_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, and no loop that runs hot."""
    with open(os.devnull) as nothing:  # noqa: PTH123 - standard input is an open file
        monkeypatch.setattr(sys, "stdin", nothing)
        begin = time.monotonic()
        with keys(0.05) as pressed:
            assert "" == pressed()
        assert time.monotonic() - begin >= 0.05
