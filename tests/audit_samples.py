"""Logs to audit: entries as the domain made them, or as it never would."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from arasha.cases.acts import KIND_OF, Act, Actor, Entry, pack
from arasha.events.body import bodies_from
from arasha.events.schema import Kind
from arasha.log.log import Entries, Log
from arasha.reports.audit import Audit, audit, compare
from arasha.reports.audit_reading import Reading
from arasha.reports.audit_taking import take
from cases_samples import Room


def read_of(entries: Sequence[Entry]) -> Reading:
    """The second reading of these entries."""
    reading = Reading()
    for seq, entry in enumerate(entries):
        take(reading, seq, entry)
    return reading


def compared(here: Room) -> Reading:
    """The second reading of a room, held against its state."""
    reading = read_of(here.entries)
    compare(reading, here.state.holds, here.at_ms, len(here.entries))
    return reading


def broken(entries: Sequence[Entry]) -> dict[str, str]:
    """What the second reading finds, by law."""
    return {one.law: one.found for one in read_of(entries).findings}


def forged(here: Room, by: Actor, act: Act) -> list[Entry]:
    """The room's entries and one more, which the domain was not asked about."""
    return [*here.entries, Entry(here.at_ms, by, act)]  # type: ignore[arg-type]  # any of them


def log_of(directory: Path, entries: Sequence[Entry], reveals: Sequence[object] = ()) -> Path:
    """A log of these entries as they are, then of these reveals; nobody asks whether they may."""
    rows = [(int(KIND_OF[type(one.act)]), one.at_ms, pack(one)) for one in entries]
    last = rows[-1][1] if rows else 0
    rows += [(int(Kind.REVEAL), last, msgspec.json.encode(one)) for one in reveals]
    with Log.create(directory, created_at_ms=0) as log:
        log.append(
            Entries(
                np.array([kind for kind, _, _ in rows], np.uint8),
                np.array([at_ms for _, at_ms, _ in rows], np.int64),
                bodies_from([body for _, _, body in rows]),
                np.zeros((len(rows), 2), np.uint64),
            )
        )
    return directory


def audited(directory: Path) -> Audit:
    """The audit of a log."""
    with Log.open(directory, writable=False) as log:
        return audit(log)
