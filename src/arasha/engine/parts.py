"""The decisions of a replay as Parquet files of a fixed number of rows.

In: what was decided, batch by batch. Out: ``DIR/decisions-00000.parquet`` and so on. A file's
content depends on the decisions alone, not on how they were cut into batches or whether the run was
interrupted; each appears whole or not at all. They are a read model: the log can make them again.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from arasha.engine.decide import Decided
from arasha.errors import LogError, LogFull, Place
from arasha.events.decisions import ACTIONS, DEGRADED, LATE
from arasha.events.money import CURRENCY_OF_NUMERIC

PART_ROWS: Final = 262_144
"""Decisions in one file; the last may have fewer."""

SCHEMA: Final = pa.schema(
    {
        "id": pa.string(),
        "seq": pa.int64(),
        "happened_at": pa.timestamp("ms", tz="UTC"),
        "known_at": pa.timestamp("ms", tz="UTC"),
        "amount_minor": pa.int64(),
        "currency": pa.string(),
        "action": pa.string(),
        "score": pa.int16(),
        "reasons": pa.list_(pa.string()),
        "late": pa.bool_(),
        "degraded": pa.bool_(),
    }
)
"""Columns of a decisions file. ``reasons`` are the names of the rules that fired, in the policy's
order; ``late``: the payment had happened before the log's time."""


class Parts:
    """The decisions files of one directory, written as they fill. A context manager."""

    def __init__(self, directory: Path, rule_names: Sequence[str]) -> None:
        self._directory = directory
        self._rules = pa.array(rule_names, pa.string())
        self._actions = pa.array(ACTIONS, pa.string())
        self._currencies = _currency_names()
        self._tables: list[pa.Table] = []
        self._waiting = 0
        self._part = 0
        self._writer = ThreadPoolExecutor(1)
        self._written: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.shutdown()

    def add(self, decided: Decided) -> None:
        """Take in the decisions of a batch; write each file that is full."""
        table = self._table(decided)
        while self._waiting + len(table) >= PART_ROWS:
            cut = PART_ROWS - self._waiting
            self._tables.append(table.slice(0, cut))
            self._write()
            table = table.slice(cut)
        if len(table):
            self._tables.append(table)
            self._waiting += len(table)

    def finish(self) -> None:
        """Write what is left; all files are durable when this returns."""
        if self._tables or self._part == 0:
            self._write()
        if self._written is not None:
            self._written.result()

    def _table(self, decided: Decided) -> pa.Table:
        rows, decisions = decided.payments, decided.decisions
        facts = decided.facts
        ids = [facts.ids[row] for row in rows.tolist()] if len(rows) < len(facts) else facts.ids
        currency = facts.number("currency")[rows]
        reasons = pa.ListArray.from_arrays(
            pa.array(decisions.rule_offsets, pa.int32()),
            self._rules.take(pa.array(decisions.rules)),
        )
        columns = [
            pa.array(ids, pa.string()),
            pa.array(decisions.subject_seq),
            pa.array(facts.number("happened_at")[rows]).cast(SCHEMA.field("happened_at").type),
            pa.array(decided.known_at[rows]).cast(SCHEMA.field("known_at").type),
            pa.array(facts.number("amount")[rows]),
            self._currencies.take(pa.array(currency)),
            self._actions.take(pa.array(decisions.action)),
            pa.array(decisions.score.astype(np.int16)),
            reasons,
            pa.array((decisions.marks & LATE) != 0),
            pa.array((decisions.marks & DEGRADED) != 0),
        ]
        return pa.Table.from_arrays(columns, schema=SCHEMA)

    def _write(self) -> None:
        table = pa.concat_tables(self._tables) if self._tables else SCHEMA.empty_table()
        path = self._directory / f"decisions-{self._part:05d}.parquet"
        self._tables, self._waiting = [], 0
        self._part += 1
        if self._written is not None:
            self._written.result()
        self._written = self._writer.submit(_write_whole, table, path)


def _write_whole(table: pa.Table, path: Path) -> None:
    """The file under its name, durable, or no file. Raises LogFull, LogError."""
    temporary = path.with_suffix(".part")
    try:
        with temporary.open("wb") as file:
            # One chunk a column: pages are cut by rows, never by the batches that brought them.
            pq.write_table(table.combine_chunks(), file, compression="zstd", compression_level=1)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise _unwritten(path, error) from error


def _unwritten(path: Path, error: OSError) -> LogError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return (LogFull if full else LogError)(
        "the disk is full: a decisions file could not be written" if full
        else "a decisions file could not be written",
        found=error.strerror or str(error),
        where=Place(file=str(path)),
        hint="all decisions are in the log: see to the disk, then go on with --resume",
    )  # fmt: skip


def _currency_names() -> pa.Array:
    """Alphabetic codes by ISO 4217 number, as an array to take from."""
    names: list[str | None] = [None] * 1000
    for currency in CURRENCY_OF_NUMERIC.values():
        names[currency.numeric] = currency.code
    return pa.array(names, pa.string())


def forget(directory: Path, before_ms: int) -> None:
    """Empty the columns that came from facts, for payments known before a time (retention.py).

    What was decided, when and for which entry stays: decisions live longer than facts. Raises
    LogFull, LogError.
    """
    for unfinished in directory.glob("decisions-*.part"):  # of a run that was killed
        unfinished.unlink()
    for path in sorted(directory.glob("decisions-*.parquet")):
        table = pq.read_table(path, schema=SCHEMA)
        limit = pa.scalar(before_ms).cast(SCHEMA.field("known_at").type)
        old = pc.less(table["known_at"], limit)
        if not pc.any(old).as_py():
            continue
        for name in ("id", "happened_at", "amount_minor", "currency"):
            empty = pa.scalar(None, SCHEMA.field(name).type)
            column = pc.if_else(old, empty, table[name])
            table = table.set_column(table.schema.get_field_index(name), name, column)
        _write_whole(table, path)
