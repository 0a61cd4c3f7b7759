from __future__ import annotations

import os
import signal

import pytest

from arasha.country.apart import each
from arasha.errors import WorkerLost


def square(number: int) -> int:
    """Some work; the process that is to square 13 is ended from outside."""
    if number == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


@pytest.mark.parametrize("workers", [1, 2])
def test_work_comes_back_in_order(workers: int) -> None:
    """From any number of processes."""
    assert [9, 1, 4] == list(each(square, [3, 1, 2], workers))


def test_a_process_that_is_ended_from_outside_is_said_to_be_that() -> None:
    """Not a fault of ours: memory has run out, most likely, and what helps is named."""
    with pytest.raises(WorkerLost, match="fewer workers or fewer people"):
        list(each(square, [13], 2))
