"""The next batches are read while this one is judged."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from queue import Empty, Full, Queue
from typing import Final, TypeVar

BATCHES_AHEAD: Final = 3
"""Batches read and not yet asked for, at most."""

_POLL_S: Final = 0.1

Item = TypeVar("Item")


def ahead(items: Iterator[Item]) -> Generator[Item, None, None]:
    """The same items, made by another thread a few ahead; its exception is raised here in turn."""
    queue: Queue[tuple[Item | None, BaseException | None]] = Queue(BATCHES_AHEAD)
    stop = threading.Event()

    def put(item: Item | None, error: BaseException | None) -> bool:
        while not stop.is_set():
            try:
                queue.put((item, error), timeout=_POLL_S)
            except Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for item in items:
                if not put(item, None):
                    return
        except BaseException as error:  # noqa: BLE001  # raised again where it is looked at
            put(None, error)
        else:
            put(None, StopIteration())

    worker = threading.Thread(target=work, name="arasha-reader", daemon=True)
    worker.start()
    try:
        while True:
            item, error = queue.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield item  # type: ignore[misc]  # an item stands where there is no error
    finally:
        stop.set()
        while worker.is_alive():
            try:
                queue.get_nowait()
            except Empty:
                worker.join(_POLL_S)
