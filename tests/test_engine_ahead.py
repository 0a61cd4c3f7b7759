from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from arasha.engine.ahead import BATCHES_AHEAD, ahead


def readers() -> list[threading.Thread]:
    """The threads that read ahead now."""
    return [thread for thread in threading.enumerate() if thread.name == "arasha-reader"]


@pytest.mark.parametrize("count", [0, 1, BATCHES_AHEAD, 50])
def test_all_items_come_in_their_order(count: int) -> None:
    """And the reader is gone with the last; None is an item like any other."""
    assert [*range(count), None] == list(ahead(iter([*range(count), None])))
    assert [] == readers()


def test_only_a_few_are_made_before_they_are_asked_for() -> None:
    """The bound on what waits in memory."""
    made = list[int]()

    def items() -> Iterator[int]:
        for i in range(100):
            made.append(i)
            yield i

    with closing(ahead(items())) as some:
        assert 0 == next(some)
        time.sleep(0.3)
        assert len(made) <= BATCHES_AHEAD + 2
    assert [] == readers()


def test_nothing_is_made_before_the_first_is_asked_for() -> None:
    """Nor is there a thread to end."""
    with closing(ahead(iter([1]))):
        assert [] == readers()


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), MemoryError()])
def test_an_exception_is_raised_in_its_turn(error: BaseException) -> None:
    """After all items that were made before it; whatever its kind."""

    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise error

    got = list[int]()
    with pytest.raises(type(error)), closing(ahead(items())) as some:
        got.extend(some)
    # extend keeps what it got before the exception
    assert [1, 2] == got
    assert [] == readers()


def test_who_stops_early_stops_the_reader() -> None:
    """Even if it waits for room; and its own clean-up is done."""
    closed = threading.Event()

    def items() -> Iterator[int]:
        try:
            yield from range(1_000)
        finally:
            closed.set()

    with pytest.raises(ZeroDivisionError), closing(ahead(items())) as some:  # noqa: PT012 - met item by item
        for item in some:
            time.sleep(0.05)
            item // 0
    assert [] == readers()
    assert closed.wait(1)
