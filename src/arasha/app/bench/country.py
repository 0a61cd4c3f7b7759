"""``arasha bench country``: how fast a country is made, in how much memory, and how alike.

In: sizes. Out: facts a second from founding to durable files, ``arasha country`` and nothing else;
the largest memory of a process that makes a country of a million; how many files differ between
countries made by one thread and by two. Each country is made in a process of its own, whose kernels
a small country has compiled or loaded before.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from arasha.app.bench.results import Result
from arasha.app.bench.sizes import QUICK, Sizes

METRICS: Final = ("country_speed", "country_memory", "country_files_that_differ")
"""The promises, in the order they are reported."""

WORKERS: Final = 2
SEED: Final = 1
WARM_PEOPLE: Final = 300
"""People of the country that compiles the kernels."""

MEMORY_MIB: Final = 2_048
FACTS_A_SECOND: Final = 100_000


@dataclass(frozen=True, slots=True)
class CountrySizes:
    """People and days of the three countries."""

    people: int
    days: int
    many_people: int
    many_days: int
    alike_people: int
    alike_days: int


_FULL: Final = CountrySizes(100_000, 7, 1_000_000, 2, 30_000, 3)
_QUICK: Final = CountrySizes(50_000, 2, 200_000, 1, 10_000, 2)


@dataclass(frozen=True, slots=True)
class MadeCountry:
    """A country that was made: its facts, what it took, and the digest of each of its files."""

    facts: int
    seconds: float
    processor_seconds: float
    peak_mib: float
    bytes_written: int
    digests: dict[str, str]


def measure(sizes: Sizes) -> Iterator[list[Result]]:
    """The three figures; quick: of smaller countries."""
    yield results_of(_QUICK if sizes is QUICK else _FULL, _in_a_process)


def results_of(sizes: CountrySizes, made: Callable[[int, int, int], MadeCountry]) -> list[Result]:
    """The three figures of countries of those sizes, as ``made(people, days, workers)`` makes
    them.
    """
    speed = made(sizes.people, sizes.days, WORKERS)
    many = made(sizes.many_people, sizes.many_days, WORKERS)
    one, two = (made(sizes.alike_people, sizes.alike_days, workers) for workers in (1, 2))
    differ = [
        name for name in one.digests.keys() | two.digests.keys()
        if one.digests.get(name) != two.digests.get(name)
    ]  # fmt: skip
    return [
        Result(
            "country_speed", speed.facts / speed.seconds, "facts/s", "at_least", FACTS_A_SECOND,
            note=f"{sizes.people:,} people, {sizes.days} days, {WORKERS} threads, from founding to "
            "durable Parquet, page and truth",
            beside={"facts": speed.facts, "seconds": speed.seconds,
                    "processor_seconds": speed.processor_seconds,
                    "bytes_a_fact": speed.bytes_written / speed.facts},
        ),
        Result(
            "country_memory", many.peak_mib, "MiB", "at_most", MEMORY_MIB,
            note=f"largest resident memory, {sizes.many_people:,} people, {sizes.many_days} days",
            beside={"facts_per_second": many.facts / many.seconds},
        ),
        Result(
            "country_files_that_differ", float(len(differ)), "files", "at_most", 0,
            note=f"one thread against two, {sizes.alike_people:,} people, {sizes.alike_days} days",
            beside={"files": len(two.digests)},
        ),
    ]  # fmt: skip


def make(people: int, days: int, workers: int) -> MadeCountry:
    """Make a country in a folder that is then removed; the kernels are there before."""
    from arasha.app.commands_country import written
    from arasha.country.parameters import load

    parameters = load()
    with tempfile.TemporaryDirectory(prefix="arasha-bench-") as folder:
        written(Path(folder) / "warm", WARM_PEOPLE, 1, SEED, parameters, quiet=True)
        out = Path(folder) / "country"
        start = time.process_time()
        made = written(out, people, days, SEED, parameters, workers=workers, quiet=True)
        processor_seconds = time.process_time() - start
        files = sorted(path for path in out.rglob("*") if path.is_file())
        return MadeCountry(
            sum(made.facts.values()), made.seconds, processor_seconds, _peak_mib(),
            sum(path.stat().st_size for path in files),
            {path.relative_to(out).as_posix(): _digest(path) for path in files},
        )  # fmt: skip


def _in_a_process(people: int, days: int, workers: int) -> MadeCountry:
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fresh) as processes:
        return processes.submit(make, people, days, workers).result()


def _peak_mib() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        said = sha256()
        while part := file.read(1 << 20):
            said.update(part)
        return said.hexdigest()
