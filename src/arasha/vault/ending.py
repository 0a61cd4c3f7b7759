"""The end of subjects: whom no fact that is kept mentions any more, the vault forgets.

In: of each subject the last month whose facts mention it (`Roll`). Out: tokens, keys and
identifiers of those whose months are over are zeros, batches without anybody are gone, and an act
says how many they were: no token and no number. It needs no master key: nothing is opened.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.events.columns import Symbols
from arasha.events.schema import Kind
from arasha.events.uniqueness import Uniqueness
from arasha.vault.database import Rows
from arasha.vault.driver import Tables
from arasha.vault.keys import WRAPPED_BYTES
from arasha.vault.subjects import TOKEN_BYTES, tokens_held

NEVER: Final = -1
"""The last month of a subject that no fact mentions."""


class Roll:
    """Who is held, and in which month each was mentioned last, as the months are told in order.

    ``last`` int32 by the subject's number; `NEVER` where nobody was mentioned.
    """

    def __init__(self, database: Rows) -> None:
        symbols, numbers, size = tokens_held(database)
        self._index = Uniqueness()
        if len(symbols):
            assert self._index.add(symbols, numbers) < 0
        self.last: NDArray[np.int32] = np.full(size, NEVER, np.int32)

    def mention(self, period: int, tokens: Symbols) -> None:
        """Facts of that month mention these parties; the months must not go back."""
        numbers, _ = self._index.find(tokens)
        self.last[numbers[numbers >= 0]] = period


def end(database: Tables, roll: Roll, before: int, *, at_ms: int, month: str) -> int:
    """End every subject last mentioned before the month of number ``before``; how many they were.

    One durable change, all or nothing; doing it again ends nobody. ``month`` names the last month
    that is over, for the act. Raises StoreFull, StoreError.
    """
    ended = 0
    with database.change() as db:
        start, stop = 0, len(roll.last)
        while (row := _next_batch(db, start)) is not None and row[0] < stop:
            first, count, tokens, wrapped, ends, sealed = row
            start = first + count
            held = np.frombuffer(tokens, np.uint64).reshape(-1, 2).any(axis=1)
            over = held & (roll.last[first:start] < before)
            if not over.any() and held.any():
                continue
            ended += int(over.sum())
            if (held & ~over).any() or start >= stop:  # the last one keeps the count of numbers
                db.execute(
                    "UPDATE batches SET tokens = ?, wrapped = ?, sealed = ? WHERE first = ?",
                    (_blank(tokens, over, TOKEN_BYTES), _blank(wrapped, over, WRAPPED_BYTES),
                     _blank_spans(sealed, over, ends), first),
                )  # fmt: skip
            else:
                db.execute("DELETE FROM batches WHERE first = ?", (first,))
        if ended:
            db.execute("INSERT INTO endings (at_ms, subjects) VALUES (?, ?)", (at_ms, ended))
            db.execute("DELETE FROM erasures")  # whoever knew them reads everything anew
            database.act(Kind.ERASED, {"at_ms": at_ms, "month": month, "subjects": ended})
    database.empty_wal()
    return ended


def _next_batch(db: object, start: int) -> tuple[int, int, bytes, bytes, bytes, bytes] | None:
    found: tuple[int, int, bytes, bytes, bytes, bytes] | None = db.execute(  # type: ignore[attr-defined]  # apsw.Connection
        "SELECT first, count, tokens, wrapped, ends, sealed FROM batches"
        " WHERE first >= ? ORDER BY first LIMIT 1",
        (start,),
    ).fetchone()
    return found


def _blank(data: bytes, over: NDArray[np.bool_], width: int) -> bytes:
    rows = np.frombuffer(data, np.uint8).reshape(-1, width).copy()
    rows[over] = 0
    return rows.tobytes()


def _blank_spans(sealed: bytes, over: NDArray[np.bool_], ends: bytes) -> bytes:
    stops = np.frombuffer(ends, "<u4").astype(np.int64)
    lengths = stops - np.concatenate([[0], stops[:-1]])
    data = np.frombuffer(sealed, np.uint8).copy()
    data[np.repeat(over, lengths)] = 0
    return data.tobytes()
