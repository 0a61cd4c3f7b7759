"""Keys, for views that are watched: pressed ones are read without waiting for a line."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def keys(wait_s: float) -> Iterator[Callable[[], str]]:
    """Yield what gives the keys pressed since the last call, waiting for one at most so long.

    Where standard input is no terminal there are none, and it only waits.
    """
    if not sys.stdin.isatty():

        def nothing() -> str:
            time.sleep(wait_s)
            return ""

        yield nothing
        return
    import termios
    import tty

    handle = sys.stdin.fileno()
    before = termios.tcgetattr(handle)

    def pressed() -> str:
        if not select.select([handle], [], [], wait_s)[0]:
            return ""
        return os.read(handle, 64).decode(errors="ignore")

    try:
        tty.setcbreak(handle)
        yield pressed
    finally:
        termios.tcsetattr(handle, termios.TCSADRAIN, before)
