"""Forgetting: the end of a retention period.

Where on the path: after *kept*. In: a class, a month, and who says so. Out: the month's key is
gone, and with it its entries' bodies, the snapshots that hold anything of them, and the names by
which a repeated fact would be known; an entry says that it was done. The entries' headers and leaf
hashes stay, so the log still verifies.

A month of facts is kept while any window of the policy may still reach into it::

    |<-- 2018-04 -->|<---- widest window ---->|
                    ^ last fact              ^ from here on it may be retired
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from arasha.errors import Place, UsageError
from arasha.events.body import bodies_from
from arasha.events.schema import Kind
from arasha.log import snapshots
from arasha.log.keys import KeyStore, Retention, month_name, period_named, period_starts_ms
from arasha.log.log import Entries, Log


@dataclass(frozen=True, slots=True)
class Period:
    """One month of one class: entries ``first_seq`` .. ``last_seq`` of the log are of the month.

    ``entries`` of them are of this class; they can be read while ``has_key``. ``retired`` says the
    log ordered the key's destruction (a key missing without that was lost).
    """

    retention: Retention
    month: str
    first_seq: int
    last_seq: int
    entries: int
    has_key: bool
    retired: bool


class Retirement(msgspec.Struct, frozen=True):
    """The body of the entry that records a retirement, as JSON."""

    retention: str
    month: str
    entries: int
    snapshots: int
    by: str
    reason: str


def periods(directory: Path | str) -> list[Period]:
    """Every month of every class, in order of time. Raises LogError, LogVersionError."""
    with Log.open(directory, writable=False) as log:
        return _listed(log)


def retire(
    log: Log,
    retention: Retention,
    month: str,
    *,
    widest_window_ms: int,
    by: str,
    reason: str,
    known_at_ms: int | None = None,
) -> int:
    """Destroy a month's key and all that is derived from it; returns the seq of the record.

    ``widest_window_ms`` is how long after the month's end its entries are still needed.
    ``known_at_ms`` is the record's time (default: the last entry's). Raises UsageError for a month
    that is not in the log, is retired already, or may still be needed (the message says from when
    it may go); LogFull and LogError as ``Log.append``.
    """
    found = _found(log, retention, month)
    now = log.last_known_at_ms if known_at_ms is None else known_at_ms
    assert now >= log.last_known_at_ms
    refuse_if_needed(log, found, widest_window_ms)
    stale = _holding(log, found, widest_window_ms) if retention is Retention.FACTS else []
    for path in stale:
        snapshots.destroy(path)
    record = Retirement(retention.word, month, found.entries, len(stale), by, reason)
    entry = Entries(
        np.array([Kind.RETIRED], np.uint8),
        np.array([now], np.int64),
        bodies_from([msgspec.json.encode(record)]),
        np.zeros((1, 2), np.uint64),
    )
    return log.retire_period(retention, period_named(month), entry)


def _listed(log: Log) -> list[Period]:
    rows = {(row.retention, row.period): row for row in log.periods()}
    keys = KeyStore(log.directory)
    listed = []
    for period, first, stop, facts in log.month_counts():
        for retention in Retention:
            row = rows.get((retention, period))
            if row is None:
                continue
            entries = facts if retention is Retention.FACTS else stop - first - facts
            has_key = keys.exists(retention, period)
            month = month_name(period)
            listed.append(Period(retention, month, first, stop - 1, entries, has_key, row.retired))
    return listed


def _found(log: Log, retention: Retention, month: str) -> Period:
    listed = [p for p in _listed(log) if p.retention is retention]
    found = next((p for p in listed if p.month == month), None)
    if found is None:
        known = ", ".join(p.month for p in listed) or "none"
        raise UsageError(f"the log has no {retention.word} of {month!r}", expected=known,
                         where=Place(str(log.directory)))  # fmt: skip
    if found.retired:
        raise UsageError(f"the {retention.word} of {month} are retired already",
                         where=Place(str(log.directory)))  # fmt: skip
    return found


def refuse_if_needed(log: Log, found: Period, widest_window_ms: int) -> None:
    """Raise UsageError while a window may still reach into the month, and say from when not."""
    free_at = period_starts_ms(period_named(found.month) + 1) + widest_window_ms
    if log.last_known_at_ms >= free_at:
        return
    raise UsageError(
        f"the {found.retention.word} of {found.month} are still needed",
        expected=f"the log's time past {_instant(free_at)}",
        found=_instant(log.last_known_at_ms),
        where=Place(str(log.directory)),
        hint=f"they may be retired from {_instant(free_at)} on",
    )


def _holding(log: Log, found: Period, widest_window_ms: int) -> list[Path]:
    """Snapshots that may hold facts of the month: taken in it, or while a window reached in."""
    free_at = period_starts_ms(period_named(found.month) + 1) + widest_window_ms
    return [
        path
        for seq, path in snapshots.listed(log.directory)
        if seq > found.first_seq and _time_before(log, seq) < free_at
    ]


def _time_before(log: Log, seq: int) -> int:
    """``known_at`` of the last entry a snapshot at ``seq`` has seen."""
    if seq > log.size:
        return log.last_known_at_ms
    frame = next(log.read(seq - 1, seq, classes=(), missing="skip"))
    return int(frame.known_at[0])


_INSTANT_CHARS: Final = 19


def _instant(at_ms: int) -> str:
    return str(np.datetime64(at_ms, "ms"))[:_INSTANT_CHARS] + "Z"
