"""Work for a process of its own, which takes a core only where the service leaves one.

In: a module of Arasha and the words of its command line. Out: the process, or what it has said when
it has ended. Nothing of it stays when nobody waits for it any longer.
"""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from typing import Final

MAIN: Final = "arasha.app.main"
"""The module of the command line."""

BEHIND: Final = 10
"""How far behind the service such a process stands in line for a core, as ``nice`` counts."""

NOT_BEGUN: Final = 126
"""Exit code that is told for a process that there was none of, as shells do."""

_LINE_BYTES: Final = 1 << 16


async def begun(module: str, *words: str, line_bytes: int = _LINE_BYTES) -> Process:
    """A process that has begun, whose lines have at most so many bytes. Raises OSError where the
    system gives none. Whoever has begun it ends it (`ended`).
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *words, stdout=PIPE, stderr=asyncio.subprocess.DEVNULL,
        limit=line_bytes,
    )  # fmt: skip
    with suppress(ProcessLookupError):  # it has ended already
        own = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, process.pid, max(BEHIND, own))
    return process


async def ended(process: Process) -> None:
    """Kill it where it still runs."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def said_by(module: str, *words: str) -> tuple[int, bytes]:
    """(exit code, standard output) of one; (NOT_BEGUN, nothing) where the system gives none."""
    try:
        process = await begun(module, *words)
    except OSError:
        return NOT_BEGUN, b""
    try:
        said, _ = await process.communicate()
    finally:
        await ended(process)
    return process.returncode or 0, said
