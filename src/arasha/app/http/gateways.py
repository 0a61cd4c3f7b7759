"""Gateways beside the service: what a process of its own finds becomes cases, as it finds it.

``arasha gateways DIR --json --every S`` follows the log and says one line a look; nothing that it
has derived from calls is written anywhere. A process that ended is begun again after a while. Like
every helper it takes a core only where the service leaves one.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from typing import Final

import msgspec

from arasha.app.http.journal import Journal
from arasha.cases.acts import NumbersFound

AGAIN_S: Final = 30.0
"""After how long a process that has ended is begun again, seconds."""

MAX_LINE_BYTES: Final = 1 << 26
"""Longest line that is read of it, bytes: a thousand groups."""

BEHIND: Final = 10
"""How far behind the service it stands in line for a core, as ``nice`` counts."""


class Look(msgspec.Struct):
    """What one look found, among how many entries and numbers."""

    size: int
    numbers: int
    uncounted: int
    found: list[NumbersFound]


Take = Callable[[Sequence[NumbersFound]], Awaitable[int]]


async def gather(directory: str, every_s: float, take: Take, journal: Journal) -> None:
    """Have what is found taken in, for as long as the service runs. Each line is on record in the
    journal: how much was found, and how much of it was new.
    """
    words = ("gateways", directory, "--json", "--every", f"{every_s:g}")
    while True:
        try:
            async with aclosing(lines_of(*words)) as lines:
                async for line in lines:
                    look = msgspec.json.decode(line, type=Look)
                    gathered = await take(look.found)
                    journal.say(
                        "gateways", found=len(look.found), gathered=gathered,
                        numbers=look.numbers, uncounted=look.uncounted,
                    )  # fmt: skip
        except (msgspec.DecodeError, ValueError, OSError) as error:  # half a line, or no process
            journal.fault("gateways", error)
        journal.say("gateways", result="its process has ended", again_s=AGAIN_S)
        await asyncio.sleep(AGAIN_S)


async def lines_of(*words: str) -> AsyncGenerator[bytes, None]:
    """The lines that a command of Arasha says, as it says them; it is ended with the iteration."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "arasha.app.main", *words, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL, limit=MAX_LINE_BYTES,
    )  # fmt: skip
    assert process.stdout is not None
    with suppress(ProcessLookupError):  # it has ended already
        own = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, process.pid, max(BEHIND, own))
    try:
        while line := await process.stdout.readline():
            yield line
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
