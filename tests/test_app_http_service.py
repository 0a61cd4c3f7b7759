from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from arasha.app.http import service


def test_a_task_that_swallows_its_cancellation_ends_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One lost cancellation does not keep a service from stopping."""
    monkeypatch.setattr(service, "AGAIN_S", 0.01)
    swallowed = []

    async def stubborn() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            swallowed.append(True)
        await asyncio.sleep(60)

    async def run() -> None:
        tasks: set[asyncio.Task[Any]] = set()
        for work in (stubborn(), asyncio.sleep(60)):
            task = asyncio.create_task(work)
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        await asyncio.sleep(0)
        await asyncio.wait_for(service.ended(tasks), 30)
        assert not tasks

    asyncio.run(run())
    assert swallowed == [True]


def test_a_helping_process_stands_behind_the_service(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A snapshot may take long; payments may not wait for the core that it takes."""
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\nsleep 0.5\nnice\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    code, said = asyncio.run(service.said_by("log", "snapshot"))
    assert (code, int(said) >= service.BEHIND) == (0, True)
