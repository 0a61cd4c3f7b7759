"""Gateways beside the service: what a process of its own finds becomes cases, as it finds it.

``arasha gateways DIR --json --every S`` follows the log and says one line a look; nothing that it
has derived from calls is written anywhere. A process that ended is begun again after a while. Like
every helper it takes a core only where the service leaves one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Final

import msgspec

from arasha.app.http import aside
from arasha.app.http.journal import Journal
from arasha.cases.acts import NumbersFound

AGAIN_S: Final = 30.0
"""After how long a process that has ended is begun again, seconds."""

MAX_LINE_BYTES: Final = 1 << 26
"""Longest line that is read of it, bytes: a thousand groups."""


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
    process = await aside.begun(aside.MAIN, *words, line_bytes=MAX_LINE_BYTES)
    assert process.stdout is not None
    try:
        while line := await process.stdout.readline():
            yield line
    finally:
        await aside.ended(process)
