"""Reveals and looks at parties, read page by page from a log that grows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from arasha.app.pages.looks import Looks
from arasha.app.pages.paging import ROWS
from arasha.cases.acts import Actor, Entry, EvidencePacked, PartyViewed, pack
from arasha.events.body import bodies_from
from arasha.events.schema import Kind
from arasha.log.log import Entries, Log

HOUR_MS = 3_600_000
START_MS = 1_790_000_000_000
PERSON = Actor("person", "zhanar", ("auditor",))

Said = tuple[int, Kind, bytes]
"""When it became known, its kind, what it says."""


def kept(log: Log, some: Sequence[Said]) -> None:
    """Put these entries into the log."""
    log.append(
        Entries(
            np.array([kind for _, kind, _ in some], np.uint8),
            np.array([at_ms for at_ms, _, _ in some], np.int64),
            bodies_from([body for _, _, body in some]),
            np.zeros((len(some), 2), np.uint64),
        )
    )


def revealed(at_ms: int, by: str, reason: str = "case c1") -> Said:
    """Somebody had an identifier told."""
    said = {"at_ms": at_ms, "by": by, "reason": reason, "token": "a" * 32}
    return at_ms, Kind.REVEAL, json.dumps(said).encode()


def looked(at_ms: int, act: PartyViewed | EvidencePacked) -> Said:
    """Somebody was shown a party, or took a case out."""
    return at_ms, Kind.VIEW, pack(Entry(at_ms, PERSON, act))


def test_the_budget_goes_on_over_pages(tmp_path: Path) -> None:
    """A person's count on a page counts what stands before it within a day; a bank has none."""
    looks = Looks()
    with Log.create(tmp_path / "log", created_at_ms=START_MS) as log:
        kept(log, [revealed(START_MS + at * HOUR_MS // 10, "bolat") for at in range(ROWS + 10)])
        kept(log, [revealed(START_MS + 10 * HOUR_MS, "MULEBANK", "its own account")])
        first = looks.reveals(log, 1, {"MULEBANK"})
        assert (ROWS, 1, ROWS + 11, 2) == (
            len(first.rows), first.number, first.total, first.last,
        )  # fmt: skip
        assert [None, 60, 59] == [one.in_day for one in first.rows[:3]]
        second = looks.reveals(log, 2, {"MULEBANK"})
        assert list(range(11, 0, -1)) == [one.in_day for one in second.rows]
        assert second == looks.reveals(log, 99, {"MULEBANK"})
        kept(log, [revealed(START_MS + 48 * HOUR_MS, "bolat", "a day later")])
        latest = looks.reveals(log, 1, {"MULEBANK"}).rows[0]
        assert ("a day later", 1) == (latest.reason, latest.in_day)


def test_looks_are_told_without_whom(tmp_path: Path) -> None:
    """The last first, as the log grows: through what, one party or all, and why evidence left."""
    looks = Looks()
    with Log.create(tmp_path / "log", created_at_ms=START_MS) as log:
        assert (0, 1) == (len(looks.looks(log, 1).rows), looks.looks(log, 3).last)
        kept(log, [
            looked(START_MS, PartyViewed("c7")), looked(START_MS + 1, PartyViewed("a9", "b" * 32)),
            looked(START_MS + 2, PartyViewed("d" * 32)),
        ])  # fmt: skip
        assert 3 == looks.looks(log, 1).total
        kept(log, [looked(START_MS + 3, EvidencePacked("c7", "for the court", "e" * 64))])
        rows = looks.looks(log, 1).rows
    assert [
        ("case", False, "for the court"), ("report", False, None), ("appeal", True, None),
        ("case", False, None),
    ] == [(one.kind, one.is_one, one.why) for one in rows]  # fmt: skip
    assert "b" * 32 not in str(rows)
