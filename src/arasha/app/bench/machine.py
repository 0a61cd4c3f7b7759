"""The machine a benchmark runs on: what it is, how busy it is, how quickly its disk keeps a page.

Out: an object for the report; the resident memory of this process; a way to stay on one core.
"""

from __future__ import annotations

import gc
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from arasha.app.bench.results import percentile

SYNCS: Final = 300
"""Pages written, each made durable, to learn what the disk takes."""

_PAGE: Final = b"\0" * 4096
_PACKAGES: Final = ("numpy", "numba", "polars", "duckdb", "apsw")


def describe() -> dict[str, Any]:
    """Processor, cores, memory, versions, load before the run, and the disk's fsync."""
    syncs = fsync_ns(SYNCS)
    return {
        "cpu": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "load_1m": round(os.getloadavg()[0], 2),
        "fsync_us_p50": round(percentile(syncs, 50)),
        "fsync_us_p99": round(percentile(syncs, 99)),
    }


def commit() -> str | None:
    """The commit this code was checked out from, with ``-dirty`` if altered; None if unknown."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty",
               "--abbrev=12", "--exclude=*"]  # fmt: skip
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return found.stdout.strip() or None


def fsync_ns(count: int) -> NDArray[np.int64]:
    """int64[count]: what one page appended to a file and made durable takes, in the folder for
    temporary files, where the benchmarks keep their logs, too.
    """
    taken = np.empty(count, np.int64)
    with tempfile.NamedTemporaryFile(prefix="arasha-bench-") as file:
        for place in range(count):
            start = time.perf_counter_ns()
            os.write(file.fileno(), _PAGE)
            os.fsync(file.fileno())
            taken[place] = time.perf_counter_ns() - start
    return taken


def resident_bytes() -> int | None:
    """Memory of this process that is in use now; None where the system does not tell."""
    gc.collect()
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this thread on one core, where the system lets it; threads that run already are free."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
