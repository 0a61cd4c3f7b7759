"""Payments whose sender was told 504, noted before the reply goes out.

In: the names of payments, from the event loop. Out: after a kill, the names of those that the log
does not speak of yet. A name is 16 bytes behind those before it in one file, written and not
synced: that costs the loop some microseconds and outlives the process, which is what a kill takes.
When the power goes so do the connections, and a sender without one asks again. The file is emptied
when nothing is left to be put down.

    504 ──▶ name in the file ──▶ reply    verdict durable ──▶ seq waits ──▶ entry ``untold``
                                          a kill here ────────────╯ the next start reads the file
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from arasha.events.reference import digest16
from arasha.events.schema import Kind
from arasha.log.log import Log

LATE_FILE: Final = "late.names"

MAX_UNTOLD: Final = 65_536
"""Payments that may wait to be put down as told too late; beyond it the oldest are let go of."""

_NAME_BYTES: Final = 16


class Late:
    """The late verdicts of one service. Noted in the event loop, put down by another thread."""

    def __init__(self) -> None:
        """Without a file, until it is `opened`."""
        self.untold: deque[int] = deque(maxlen=MAX_UNTOLD)
        self._file: int | None = None
        self._waiting = 0  # told 504, and not decided yet
        self._putting_down = False
        self._noted = False

    def opened(self, directory: Path, log: Log) -> None:
        """Note them in this directory from now on; what a service that was killed here noted, and
        the log does not speak of yet, is to be put down. In the writing thread.

        Raises OSError where the file cannot be used.
        """
        path = directory / LATE_FILE
        if path.exists():
            self.untold.extend(_forgotten(path.read_bytes(), log))
        self._file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        self._noted = True

    def note(self, sender: str, payments: Sequence[str]) -> None:
        """Their sender is about to be told that there is no verdict in time."""
        self._waiting += 1
        if self._file is not None:
            self._noted = True
            with suppress(OSError):  # a full disk must not take the reply as well
                os.write(self._file, b"".join(digest16(sender, name) for name in payments))

    def decided(self, seqs: Sequence[int]) -> None:
        """What was noted together is decided, or never will be: these are their verdicts."""
        self._waiting -= 1
        self.untold.extend(seqs)

    def take(self, most: int) -> list[int]:
        """Some that are to be put down; `put_down` says what became of them."""
        self._putting_down = True
        taken: list[int] = []
        with suppress(IndexError):  # it is empty
            while len(taken) < most:
                taken.append(self.untold.popleft())
        return taken

    def put_down(self, taken: Sequence[int], *, kept: bool) -> None:
        """They stand in the log, or still wait."""
        if not kept:
            self.untold.extendleft(reversed(taken))
        self._putting_down = False

    def tidy(self) -> None:
        """Empty the file where all it speaks of is done with. In the event loop."""
        busy = self._waiting or self.untold or self._putting_down
        if self._file is not None and self._noted and not busy:
            self._noted = False
            with suppress(OSError):
                os.ftruncate(self._file, 0)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _forgotten(names: bytes, log: Log) -> list[int]:
    """The places of payments of the file that no entry ``untold`` has named."""
    whole = len(names) - len(names) % _NAME_BYTES  # a kill may have cut the last
    digests = [names[at : at + _NAME_BYTES] for at in range(0, whole, _NAME_BYTES)]
    places = {seq for seq in log.seqs_of(digests).tolist() if seq >= 0} if digests else set()
    if places:
        first = min(places)
        for seq in log.places(Kind.UNTOLD):
            if seq > first:
                frame = next(log.read(seq, seq + 1))
                places -= set(msgspec.json.decode(frame.bodies[0])["payments"])
    return sorted(places)
