"""A plain peer of the stream of calls: the same questions asked of a table in SQLite.

In: calls. Out: how many a second a straightforward program answers: one table with an index by
caller and one by callee, five of the policy's windows for each call by SQL, a durable commit for
as many calls as Arasha puts into one. No HTTP, no keys, no tokens, no encryption, no reasons.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from arasha.app.bench.call_traffic import parties
from arasha.engine.live import BATCH_FACTS

NAME: Final = "five windows by SQL in SQLite, durable, no HTTP"

_DAY_MS: Final = 86_400_000
_TABLE: Final = """
CREATE TABLE calls (at_ms INTEGER NOT NULL, caller INTEGER NOT NULL, callee INTEGER NOT NULL);
CREATE INDEX by_caller ON calls (caller, at_ms, callee);
CREATE INDEX by_callee ON calls (callee, at_ms, caller);
"""
_QUESTIONS: Final = (
    "SELECT count(*) FROM calls WHERE caller = :a AND at_ms >= :hour",
    "SELECT count(*) FROM calls WHERE caller = :a AND at_ms >= :month",
    "SELECT count(DISTINCT callee) FROM calls WHERE caller = :a AND at_ms >= :month",
    "SELECT count(*) FROM calls WHERE caller = :b AND callee = :a AND at_ms >= :month",
    "SELECT count(DISTINCT caller) FROM calls WHERE callee = :a AND at_ms >= :day",
)


def rate(numbers: int, calls: int) -> tuple[str, float]:
    """(what it is, calls a second) for that traffic."""
    callers, callees = (some.tolist() for some in parties(numbers, calls, "rings"))
    with (
        tempfile.TemporaryDirectory(prefix="arasha-bench-") as folder,
        closing(sqlite3.connect(Path(folder) / "calls.db", isolation_level=None)) as database,
    ):
        database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + _TABLE)
        begin = time.perf_counter()
        for start in range(0, calls, BATCH_FACTS):
            database.execute("BEGIN")
            for a, b in zip(
                callers[start : start + BATCH_FACTS], callees[start : start + BATCH_FACTS],
                strict=True,
            ):  # fmt: skip
                now = time.time_ns() // 1_000_000
                asked = {
                    "a": a, "b": b, "hour": now - _DAY_MS // 24, "day": now - _DAY_MS,
                    "month": now - 28 * _DAY_MS,
                }  # fmt: skip
                for question in _QUESTIONS:
                    database.execute(question, asked).fetchone()
                database.execute("INSERT INTO calls VALUES (?, ?, ?)", (now, a, b))
            database.execute("COMMIT")
        return NAME, calls / (time.perf_counter() - begin)
