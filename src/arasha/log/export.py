"""The log as Parquet, for whoever may read it with other tools.

Where on the path: beside *kept*. In: a log directory, which may be in use. Out: files of at most a
million entries each, one row an entry, in order of ``seq``. Parties are tokens in hexadecimal and
mean nothing outside this installation; bodies whose retention period is over are nulls, and
``readable`` is false. Memory stays within one group of rows.

Columns: ``seq, known_at, kind, readable, leaf``; for facts ``id`` and every column of the schema;
for decisions ``subject_seq, action, score, late, degraded, rules, values``; for other acts ``act``,
their text.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from arasha.errors import Place, UsageError
from arasha.events.body import unpack_facts
from arasha.events.columns import Facts
from arasha.events.decisions import ACTIONS, DEGRADED, LATE, unpack_decisions
from arasha.events.schema import (
    FACTS,
    MISSING,
    NUMBER_COLUMNS,
    SYMBOL_COLUMNS,
    FieldType,
    Kind,
)
from arasha.log.frames import Frame
from arasha.log.keys import FIRST_ACT_KIND, cannot_write
from arasha.log.log import Log
from arasha.log.merkle import HASH_BYTES

ENTRIES_PER_PART: Final = 1 << 20
"""Most entries of one file."""

_GROUP_ENTRIES: Final = 1 << 16  # of one Parquet row group
_INSTANT: Final = pa.timestamp("ms", "UTC")
_SYMBOL_BYTES: Final = 16

_TYPES: Final[dict[str, FieldType]] = {"sender": FieldType.CODE} | {
    field.name: field.type for fact in FACTS.values() for field in fact.fields
}
_ARROW: Final[dict[FieldType, pa.DataType]] = {
    FieldType.INSTANT: _INSTANT,
    FieldType.MARK: pa.bool_(),
    FieldType.MONEY: pa.int64(),
    FieldType.CURRENCY: pa.int64(),
    FieldType.DURATION: pa.int64(),
}

SCHEMA: Final = pa.schema(
    [
        pa.field("seq", pa.int64(), nullable=False),
        pa.field("known_at", _INSTANT, nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("readable", pa.bool_(), nullable=False),
        pa.field("leaf", pa.binary(HASH_BYTES), nullable=False),
        ("id", pa.string()),
        *[(name, _ARROW.get(_TYPES[name], pa.string())) for name in NUMBER_COLUMNS],
        *[(name, pa.string()) for name in SYMBOL_COLUMNS],
        ("subject_seq", pa.int64()),
        ("action", pa.string()),
        ("score", pa.int32()),
        ("late", pa.bool_()),
        ("degraded", pa.bool_()),
        ("rules", pa.list_(pa.uint16())),
        ("values", pa.list_(pa.float64())),
        ("act", pa.string()),
    ]
)
"""The columns of every file."""


def export(
    directory: Path | str,
    out: Path | str,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Write the log to ``out/entries-NNNNNN.parquet``; returns the files, in order.

    Raises UsageError when ``out`` holds such files already, LogError and LogVersionError for the
    log, LogFull when the disk is full; what was written so far then stays, but the last file.
    """
    folder = Path(out)
    if list(folder.glob("entries-*.parquet")):  # all of it: a half-read folder stays open
        raise UsageError("there is an export here already", where=Place(str(folder)),
                         hint="choose another directory, or remove it")  # fmt: skip
    parts: list[Path] = []
    with Log.open(directory, writable=False) as log:
        folder.mkdir(parents=True, exist_ok=True)
        for start in range(0, max(log.size, 1), ENTRIES_PER_PART):
            path = folder / f"entries-{len(parts):06d}.parquet"
            _write_part(log, start, min(log.size, start + ENTRIES_PER_PART), path, on_progress)
            parts.append(path)
    return parts


def _write_part(
    log: Log, start: int, stop: int, path: Path, on_progress: Callable[[int, int], None] | None
) -> None:
    temporary = path.with_suffix(".new")
    try:
        with pq.ParquetWriter(temporary, SCHEMA, compression="zstd") as writer:
            for at in range(start, stop, _GROUP_ENTRIES):
                end = min(stop, at + _GROUP_ENTRIES)
                frames = log.read(at, end, missing="skip")
                writer.write_table(pa.concat_tables([_table(frame) for frame in frames]),
                                   row_group_size=_GROUP_ENTRIES)  # fmt: skip
                if on_progress is not None:
                    on_progress(end, log.size)
        temporary.rename(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise cannot_write(path, error) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _table(frame: Frame) -> pa.Table:
    n = len(frame)
    columns: dict[str, pa.Array] = {
        "seq": pa.array(np.arange(frame.first_seq, frame.first_seq + n)),
        "known_at": pa.array(frame.known_at, _INSTANT),
        "kind": pa.array([_KIND_WORDS.get(k, str(k)) for k in frame.kinds.tolist()]),
        "readable": pa.array(frame.readable),
        "leaf": pa.Array.from_buffers(pa.binary(HASH_BYTES), n, [None, pa.py_buffer(frame.leaves)]),
    }
    facts = np.flatnonzero(frame.readable & (frame.kinds < FIRST_ACT_KIND))
    if len(facts):
        columns |= _fact_columns(
            unpack_facts(frame.kinds[facts], frame.bodies.take(facts)), facts, n
        )
    made = np.flatnonzero(frame.readable & (frame.kinds == Kind.DECISION))
    if len(made):
        columns |= _decision_columns(frame, made, n)
    other = np.flatnonzero(frame.readable & (frame.kinds > Kind.DECISION))
    if len(other):
        texts: list[str | None] = [None] * n
        for row in other.tolist():
            texts[row] = frame.bodies[row].decode("utf-8", "backslashreplace")
        columns["act"] = pa.array(texts, pa.string())
    return pa.table(
        {f.name: columns.get(f.name, pa.nulls(n, f.type)) for f in SCHEMA}, schema=SCHEMA
    )


_KIND_WORDS: Final = {int(kind): kind.name.lower() for kind in Kind}


def _spread(values: pa.Array, rows: NDArray[np.intp], n: int) -> pa.Array:
    """The values at those rows of n, nulls elsewhere."""
    places = np.full(n, -1, np.int64)
    places[rows] = np.arange(len(rows))
    return values.take(pa.array(places, mask=places < 0))


def _fact_columns(facts: Facts, rows: NDArray[np.intp], n: int) -> dict[str, pa.Array]:
    columns = {"id": _spread(pa.array(facts.ids, pa.string()), rows, n)}
    for name, numbers in facts.numbers.items():
        columns[name] = _spread(_numbers(name, numbers, facts.kinds), rows, n)
    for name, symbols in facts.symbols.items():
        columns[name] = _spread(_symbols(name, symbols), rows, n)
    return columns


def _numbers(name: str, numbers: NDArray[np.int64], kinds: NDArray[np.uint8]) -> pa.Array:
    unknown = numbers == MISSING
    match _TYPES[name]:
        case FieldType.CATEGORY:
            words: list[str | None] = [None] * len(numbers)
            for kind, categories in _CATEGORIES[name].items():
                for row in np.flatnonzero((kinds == kind) & ~unknown).tolist():
                    words[row] = categories[numbers[row]]
            return pa.array(words, pa.string())
        case FieldType.MARK:
            return pa.array(numbers == 1, mask=unknown)
        case kind:
            return pa.array(numbers, _ARROW[kind], mask=unknown)


_CATEGORIES: Final[dict[str, dict[Kind, tuple[str, ...]]]] = {
    name: {
        fact.kind: field.categories
        for fact in FACTS.values()
        if (field := fact.field(name)) is not None
    }
    for name in NUMBER_COLUMNS
    if _TYPES[name] is FieldType.CATEGORY
}


def _symbols(name: str, symbols: NDArray[np.uint64]) -> pa.Array:
    text = np.ascontiguousarray(symbols).view(f"S{_SYMBOL_BYTES}").reshape(-1)
    unknown = (symbols == 0).all(axis=1)
    if _TYPES[name] is FieldType.CODE:
        return pa.array(np.char.decode(text, "ascii"), pa.string(), mask=unknown)
    octets = np.ascontiguousarray(symbols).view(np.uint8)
    hexadecimal = np.stack([_HEX[octets >> 4], _HEX[octets & 15]], axis=-1)
    ends = np.arange(len(symbols) + 1, dtype=np.int32) * (2 * _SYMBOL_BYTES)
    words = pa.StringArray.from_buffers(
        len(symbols), pa.py_buffer(ends), pa.py_buffer(hexadecimal.tobytes())
    )
    return words.take(pa.array(np.arange(len(symbols)), mask=unknown))


_HEX: Final = np.frombuffer(b"0123456789abcdef", np.uint8)


def _decision_columns(frame: Frame, rows: NDArray[np.intp], n: int) -> dict[str, pa.Array]:
    decisions = unpack_decisions(frame.bodies.take(rows))
    values = {
        "subject_seq": pa.array(decisions.subject_seq),
        "action": pa.array(ACTIONS, pa.string()).take(pa.array(decisions.action)),
        "score": pa.array(decisions.score),
        "late": pa.array((decisions.marks & LATE) != 0),
        "degraded": pa.array((decisions.marks & DEGRADED) != 0),
        "rules": _lists(decisions.rule_offsets, pa.array(decisions.rules)),
        "values": _lists(
            decisions.value_offsets,
            pa.array(decisions.values, mask=np.isnan(decisions.values)),
        ),
    }
    return {name: _spread(column, rows, n) for name, column in values.items()}


def _lists(offsets: NDArray[np.int64], values: pa.Array) -> pa.Array:
    return pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), values)
