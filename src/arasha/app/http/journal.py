"""What the service says of itself, a JSON object a line (structlog): events, and what was refused.

Nothing in a line is about a party: names of participants, routes, kinds of problems, correlation
ids. Of what is refused only so many lines a second are written; the next one says how many were
left out. An unexpected fault is told by its type and place in the code, never by its text, in which
anything could stand.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Any, Final, TextIO

import structlog

LINES_PER_S: Final = 50
"""Most lines about refused requests in a second."""


class Journal:
    """The journal of one service. ``wall_s`` stamps its lines."""

    def __init__(self, file: TextIO | None = None) -> None:
        self._log = structlog.wrap_logger(
            structlog.WriteLogger(file or sys.stderr),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
        self._second = 0
        self._lines = 0
        self._left_out = 0

    def say(self, event: str, **values: Any) -> None:
        """Something happened to the service."""
        self._log.info(event, **values)

    def refused(self, now_s: float, **values: Any) -> None:
        """A request was not answered as it wished."""
        if int(now_s) != self._second:
            self._second, self._lines = int(now_s), 0
        if self._lines >= LINES_PER_S:
            self._left_out += 1
            return
        self._lines += 1
        if self._left_out:
            values["left_out_before"] = self._left_out
            self._left_out = 0
        self._log.warning("refused", **values)

    def fault(self, event: str, error: BaseException, **values: Any) -> None:
        """Something failed: its type and where, not what it said."""
        frames = traceback.extract_tb(error.__traceback__)[-6:]
        where = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames]
        self._log.error(event, error=type(error).__name__, where=where, **values)
