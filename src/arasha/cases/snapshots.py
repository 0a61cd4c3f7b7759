"""The state of the room as of one place in the log, so that a start need not replay every act.

In: a projection. Out: a file beside the log (log/snapshots.py), encrypted and bound as those of
windows are; and the projection again. It is only a shortcut: one that is missing, damaged, or was
taken by other code than this is passed over, and the acts are replayed from the log. Whoever checks
the centre (audit, evidence) never uses one.

A million acts take more than a minute to replay, and ten seconds to read from here.
"""

from __future__ import annotations

from collections import deque
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from arasha.cases.projection import SETTLED_KEPT, ActPlace, Labelled, Projection, ViewPlace
from arasha.cases.state import State
from arasha.errors import ArashaError
from arasha.log import snapshots
from arasha.log.log import Log

KEPT: Final = 2
"""Snapshots of this kind that are kept."""

_TAKEN_FOR: Final = "acts"


class _Kept(msgspec.Struct, frozen=True):
    """A projection as it is written."""

    at: int
    state: State
    settled: list[Labelled]
    acts_of: dict[str, list[ActPlace]]
    views_of: dict[str, list[ViewPlace]]


@cache
def made_by() -> str:
    """A hash of the code that makes a state from acts: other code may make another one."""
    mark = sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        mark.update(path.name.encode() + b"\n" + path.read_bytes() + b"\n")
    return mark.hexdigest()


def remembered(log: Log, at_most: int | None = None) -> Projection:
    """The latest projection that was kept, of at most so many entries; else an empty one. It has
    still to catch up with the log.
    """
    path = snapshots.latest(log.directory, log.size if at_most is None else at_most, made_by())
    if path is None:
        return Projection()
    try:
        found = snapshots.load(path, made_by())
        kept = msgspec.msgpack.decode(found.arrays["projection"].tobytes(), type=_Kept)
    except (ArashaError, msgspec.DecodeError, KeyError):
        return Projection()
    settled = deque(kept.settled, maxlen=SETTLED_KEPT)
    return Projection(kept.state, kept.at, settled, kept.acts_of, kept.views_of)


def current(log: Log) -> Projection:
    """The projection of the whole log, by way of the latest snapshot."""
    projection = remembered(log)
    projection.catch_up(log)
    return projection


def take(directory: Path) -> int:
    """Keep the state as of the log's end, beside its writer; returns where that is, 0 where there
    is nothing to keep. Older ones are destroyed. Raises LogError, LogFull.
    """
    with Log.open(directory, writable=False) as log:
        before = remembered(log)
        started = before.at
        before.catch_up(log)
        month = log.month_of_facts(before.at)
        if month is None or before.at == started or before.state.law is None:
            return 0
        kept = _Kept(before.at, before.state, list(before.settled), before.acts_of, before.views_of)
        data = np.frombuffer(msgspec.msgpack.encode(kept), np.uint8)
        snapshots.save(directory, before.at, month, made_by(), {"projection": data},
                       {"taken_for": _TAKEN_FOR})  # fmt: skip
    ours = [
        path
        for _, path in snapshots.listed(directory)
        if (snapshots.meta_of(path) or {}).get("taken_for") == _TAKEN_FOR
    ]
    for path in ours[:-KEPT]:
        snapshots.destroy(path)
    return before.at
