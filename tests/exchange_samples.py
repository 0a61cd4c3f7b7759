"""A clock that goes when it is told to, and registers for the tests of the exchange room."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arasha.events.schema import Kind
from arasha.exchange.participants import Participants
from arasha.log.log import Log
from arasha.vault.database import Act

NOW_MS = 1_767_225_600_000  # 2026-01-01 00:00 UTC
HOUR_MS = 3_600_000


@dataclass
class Clock:
    """Shows ``now_ms``."""

    now_ms: int = NOW_MS

    def __call__(self) -> int:
        return self.now_ms


OPENED: list[Callable[[], None]] = []
"""How to close what tests have opened and left open."""


def opened(directory: Path, clock: Clock | None = None) -> Participants:
    """The participants of the directory."""
    participants = Participants.open(directory, clock or Clock())
    OPENED.append(participants.close)
    return participants


def close_all() -> None:
    """Close it; closing twice does no harm."""
    while OPENED:
        OPENED.pop()()


def told(acts: Iterable[Act]) -> list[dict[str, Any]]:
    """The bodies of the acts."""
    return [json.loads(act.body) for act in acts]


def acts_of_log(directory: Path) -> list[tuple[Kind, dict[str, Any]]]:
    """Kind and body of every act of a log that is one of ours."""
    with Log.open(directory, writable=False) as log:
        return [
            (Kind(kind), json.loads(frame.bodies[row]))
            for frame in log.read(missing="skip")
            for row, kind in enumerate(frame.kinds.tolist())
            if kind >= Kind.RIGHTS
        ]
