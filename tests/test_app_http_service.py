from __future__ import annotations

import asyncio
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
