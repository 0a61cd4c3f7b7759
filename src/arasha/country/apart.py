"""Countries that live apart: work that is done once for each, in processes of their own.

In: jobs, each with all that its work hangs on. Out: what each gives, in order, the same from any
number of processes.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from arasha.errors import WorkerLost

Job = TypeVar("Job")
Done = TypeVar("Done")


def each(work: Callable[[Job], Done], jobs: Sequence[Job], workers: int) -> Iterator[Done]:
    """The ``work`` of each job, in order, by ``workers`` processes; by this one if that is 1.

    Raises what the work raises, and WorkerLost when a process ends in the middle of it.
    """
    if workers == 1:
        yield from map(work, jobs)
        return
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=fresh) as processes:
        try:
            yield from processes.map(work, jobs)
        except BrokenProcessPool as error:
            raise WorkerLost(
                "a process in which a country lived was ended from outside",
                expected=f"{workers} processes that live until their work is done",
                hint="if memory ran out, take fewer workers or fewer people",
            ) from error
