"""The command line on a disk that fails, or under a clock that is set back: a process to try it on.

In: a plan as JSON, then the words of a command. Out: what the command says, and at the end, or
before the power is cut, a file that tells what was done to the disk. Nothing in the service knows
of it: the layer under SQLite, ``os.fsync`` and the clock are changed from outside, before it
starts.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Final, Protocol

import msgspec

from arasha.app.main import main
from arasha.testing.disk import Disk, Fault, layer

CUT: Final = 99
"""The exit code of a process whose power was cut."""

HOUR_NS: Final = 3_600_000_000_000
"""How far a clock is set back."""


class HasFileno(Protocol):
    """An open file."""

    def fileno(self) -> int:
        """Its number."""


class Plan(msgspec.Struct, frozen=True):
    """The ``at``-th operation on files of ``directory`` fails, none if it is None; what was lost
    with the power is chance from ``seed``. ``report``: where to tell. ``back_after_s``: when the
    clock is set back by an hour.
    """

    directory: str
    report: str
    fault: Fault = "none"
    at: int | None = None
    seed: int = 0
    back_after_s: float | None = None


class Report(msgspec.Struct, frozen=True):
    """What was done to the disk and to which file, in order, and whether the fault has come."""

    seen: list[str]
    files: list[str]
    failed: bool


def run(plan: Plan, words: list[str]) -> int:
    """Run a command on such a disk; its exit code."""
    disk = Disk(plan.at, plan.fault, under=plan.directory)

    def tell() -> None:
        told = msgspec.json.encode(Report(disk.seen, disk.files, disk.failed))
        temporary = Path(f"{plan.report}.{threading.get_ident()}")
        temporary.write_bytes(told)
        temporary.rename(plan.report)  # whoever watches sees it whole

    def cut() -> None:
        disk.lose(Random(plan.seed))
        tell()
        os._exit(CUT)

    disk.on_cut = cut
    if plan.back_after_s is not None:
        _set_back(plan.back_after_s)
    plain = os.fsync

    def sync(fd: int | HasFileno) -> None:
        disk.sync(fd if isinstance(fd, int) else fd.fileno(), plain)

    os.fsync = sync
    with layer(disk, default=True):
        threading.Thread(target=_tell_when_failed, args=(disk, tell), daemon=True).start()
        code = main(words)
        tell()
    return code


def _tell_when_failed(disk: Disk, tell: Callable[[], None]) -> None:
    """The process may go on after a fault, or not end: whoever watches it must know."""
    while not disk.failed:
        time.sleep(0.01)
    tell()


def _set_back(after_s: float) -> None:
    """From then on the time of day is an hour ago; the steady clock goes on."""
    plain, begin = time.time_ns, time.perf_counter()

    def read() -> int:
        return plain() - (HOUR_NS if time.perf_counter() - begin > after_s else 0)

    time.time_ns = read
    time.time = lambda: read() / 1e9


if __name__ == "__main__":
    sys.exit(run(msgspec.json.decode(sys.argv[1], type=Plan), sys.argv[2:]))
