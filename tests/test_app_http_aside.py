from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from arasha.app.http import aside


def test_a_helping_process_stands_behind_the_service(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A snapshot may take long; payments may not wait for the core that it takes."""
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\nsleep 0.5\nnice\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    code, said = asyncio.run(aside.said_by(aside.MAIN, "log", "snapshot"))
    assert (code, int(said) >= aside.BEHIND) == (0, True)


def test_where_there_is_no_process_its_exit_code_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system without room for one more goes on without it."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert (aside.NOT_BEGUN, b"") == asyncio.run(aside.said_by(aside.MAIN, "log"))


def test_a_process_ends_with_who_waits_for_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing goes on for a service that has stopped."""
    program, told = tmp_path / "program", tmp_path / "told"
    program.write_text(f"#!/bin/sh\necho $$ > {told}\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))

    async def given_up() -> int:
        waiting = asyncio.create_task(aside.said_by(aside.MAIN, "log"))
        while not (told.exists() and told.read_text().strip()):
            await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.wait([waiting])
        return int(told.read_text())

    with pytest.raises(ProcessLookupError):
        os.kill(asyncio.run(given_up()), 0)
