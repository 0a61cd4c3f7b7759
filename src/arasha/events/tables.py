"""Files as tables read piece by piece: Parquet and CSV, whatever their size.

At *happened*, before any meaning. In: a path. Out: chunks of rows with their numbers (data rows
from 1), and the rows that are no rows of this table (ragged, badly quoted, not UTF-8, too long).
All columns of a CSV are text; their meaning is the mapping's.

A Parquet file is read row group by row group, so damage in one loses no row before it. A CSV is
cut into rows by a kernel that follows RFC 4180, so that one bad row is one bad row.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from arasha.errors import InputError, Place
from arasha.events.kernels import kernel
from arasha.events.rejects import Refusal, Reject

CHUNK_ROWS: Final = 131_072
"""Rows of Parquet read at a time."""

BLOCK_BYTES: Final = 8 * 1024 * 1024
"""Bytes of CSV read at a time."""

MAX_ROW_BYTES: Final = 1024 * 1024
"""Longest row of a CSV, bytes; must be below `BLOCK_BYTES`."""

FINGERPRINT_BYTES: Final = 1024 * 1024
"""Bytes at either end of a file that its fingerprint rests on."""

_PARQUET_MAGIC: Final = b"PAR1"


@dataclass(frozen=True, slots=True)
class Chunk:
    """Good rows (``frame``), their numbers (``rows`` int64[n], rising), the bad rows before or
    among them, and the number of the last row read.
    """

    frame: pl.DataFrame
    rows: NDArray[np.int64]
    rejects: tuple[Reject, ...]
    last_row: int


class Table(Protocol):
    """A file that can be read in chunks, again and again, always in the same chunks."""

    @property
    def path(self) -> Path:
        """Where it is."""
        ...

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Its columns and their types, in order."""
        ...

    def total_rows(self) -> int:
        """How many data rows there are, bad ones included."""
        ...

    def chunks(self, columns: tuple[str, ...]) -> Iterator[Chunk]:
        """All rows, those columns only. Raises InputError where the file is damaged."""
        ...


def open_table(path: Path, delimiter: str = ",") -> Table:
    """The file as a table: Parquet by its first bytes, CSV otherwise.

    Raises InputError when it does not exist, is empty, or is a Parquet file cut short.
    """
    try:
        with path.open("rb") as file:
            start = file.read(len(_PARQUET_MAGIC))
    except OSError as fault:
        raise InputError(
            "the file cannot be read",
            expected="a Parquet or CSV file",
            found=fault.strerror,
            where=Place(file=str(path)),
        ) from fault
    if not start:
        raise InputError(
            "the file is empty", expected="a Parquet or CSV file", where=Place(file=str(path))
        )
    if start == _PARQUET_MAGIC or path.suffix.lower() in (".parquet", ".pq"):
        return ParquetTable(path)
    return CsvTable(path, delimiter)


def require_columns(table: Table, columns: tuple[str, ...]) -> None:
    """Raise InputError, naming each missing column and what is near, unless all are there."""
    missing = [name for name in columns if name not in table.schema]
    if not missing:
        return
    near = [
        f"{name!r} → {match[0]!r}?"
        for name in missing
        if (match := get_close_matches(name, table.schema, 1, cutoff=0.5))
    ]
    raise InputError(
        "columns are missing: " + ", ".join(missing),
        expected="the columns the mapping names: " + ", ".join(columns),
        found=", ".join(table.schema),
        where=Place(file=str(table.path), column=missing[0]),
        hint=("near: " + ", ".join(near)) if near else "is this the mapping for this file?",
    )


def fingerprint(path: Path) -> str:
    """SHA-256 of the file's size and its first and last mebibyte, hexadecimal."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode() + b"\n")
    with path.open("rb") as file:
        digest.update(file.read(FINGERPRINT_BYTES))
        file.seek(max(0, size - FINGERPRINT_BYTES))
        digest.update(file.read(FINGERPRINT_BYTES))
    return digest.hexdigest()


class ParquetTable:
    """A Parquet file, row group by row group."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with pq.ParquetFile(path) as file:
                self._rows = [
                    file.metadata.row_group(group).num_rows
                    for group in range(file.metadata.num_row_groups)
                ]
                empty = pl.from_arrow(file.schema_arrow.empty_table())
        except (pa.ArrowException, OSError, pl.exceptions.PolarsError) as fault:
            raise InputError(
                "this is not a whole Parquet file",
                expected="a file that ends with its footer and the bytes PAR1",
                found=f"{path.stat().st_size} bytes without a readable footer",
                where=Place(file=str(path)),
                hint="it may have been cut short on its way: fetch it again",
            ) from fault
        assert isinstance(empty, pl.DataFrame)
        self._schema = dict(empty.schema)

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._path

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Its columns and their types, in order."""
        return self._schema

    def total_rows(self) -> int:
        """How many rows the footer promises."""
        return sum(self._rows)

    def chunks(self, columns: tuple[str, ...]) -> Iterator[Chunk]:
        """All rows in chunks of at most `CHUNK_ROWS`, none across row groups."""
        row = 0
        with pq.ParquetFile(self._path) as file:
            for group in range(len(self._rows)):
                try:
                    for batch in file.iter_batches(
                        CHUNK_ROWS, row_groups=[group], columns=list(columns), use_threads=False
                    ):
                        frame = pl.from_arrow(batch)
                        assert isinstance(frame, pl.DataFrame)
                        rows = np.arange(row + 1, row + 1 + len(frame))
                        row += len(frame)
                        yield Chunk(frame, rows, (), row)
                except (pa.ArrowException, OSError, pl.exceptions.PolarsError) as fault:
                    raise self._damaged(group, row) from fault

    def _damaged(self, group: int, row: int) -> InputError:
        first = sum(self._rows[:group]) + 1
        return InputError(
            "the Parquet file is damaged here; the rows before were read",
            expected=f"row group {group + 1} of {len(self._rows)}: "
            f"rows {first} to {first + self._rows[group] - 1}",
            found="bytes that do not decode",
            where=Place(file=str(self._path), row=row + 1),
            hint="fetch the file again and take the run up where it stopped",
        )


# Flags of a row as the kernel sees it.
_BAD_QUOTES: Final = 1

# Where the kernel is within a row.
_FIELD_START, _PLAIN, _QUOTED, _AFTER_QUOTE = range(4)

_QUOTE: Final = 0x22
_NEWLINE: Final = 0x0A
_RETURN: Final = 0x0D


@kernel
def _cut_rows(
    data: NDArray[np.uint8],
    at: int,
    delimiter: int,
    at_end: int,
    out: NDArray[np.int64],
) -> tuple[int, int, int]:
    """Rows of ``data[at:]`` into ``out[k] = (start, end, fields, flags)``.

    (rows, where the unfinished row starts, whether that ends inside quotes). An empty line is no
    row. ``at_end`` 1 ends the last row without a newline.
    """
    rows = 0
    start = at
    state = _FIELD_START
    fields = 1
    flags = 0
    i = at
    while i < len(data) and rows < len(out):
        byte = data[i]
        if state == _QUOTED:
            if byte == _QUOTE:
                state = _AFTER_QUOTE
        elif byte == _NEWLINE:
            end = i - 1 if i > start and data[i - 1] == _RETURN else i
            if end > start:
                out[rows, 0], out[rows, 1], out[rows, 2], out[rows, 3] = start, end, fields, flags
                rows += 1
            start, state, fields, flags = i + 1, _FIELD_START, 1, 0
        elif byte == delimiter:
            fields += 1
            state = _FIELD_START
        elif byte == _QUOTE:
            if state == _PLAIN or flags != 0:  # the row is lost: let it end with its line
                flags |= _BAD_QUOTES
                state = _PLAIN
            else:
                state = _QUOTED
        elif state == _AFTER_QUOTE and byte != _RETURN:
            flags |= _BAD_QUOTES
            state = _PLAIN
        elif state == _FIELD_START:
            state = _PLAIN
        i += 1
    if at_end == 1 and i == len(data) and state != _QUOTED and start < i and rows < len(out):
        end = i - 1 if data[i - 1] == _RETURN else i
        if end > start:
            out[rows, 0], out[rows, 1], out[rows, 2], out[rows, 3] = start, end, fields, flags
            rows += 1
        start = i
    return rows, start, 1 if state == _QUOTED else 0


class CsvTable:
    """A CSV file: a header, then rows; every value is text."""

    def __init__(self, path: Path, delimiter: str = ",") -> None:
        self._path = path
        self._delimiter = delimiter
        with path.open("rb") as file:
            start = file.read(MAX_ROW_BYTES)
        header = start.split(b"\n", 1)[0].rstrip(b"\r").removeprefix(b"\xef\xbb\xbf")
        self._body_at = min(len(start), start.find(b"\n") + 1 or len(start))
        try:
            names = pl.read_csv(
                io.BytesIO(header), has_header=False, separator=delimiter, infer_schema=False
            ).row(0)
        except (pl.exceptions.PolarsError, UnicodeDecodeError) as fault:
            raise self._no_header("a line that is no header") from fault
        if any(not name for name in names) or len(set(names)) != len(names):
            raise self._no_header("a column without a name, or a name twice")
        self._names = tuple(str(name) for name in names)

    def _no_header(self, found: str) -> InputError:
        return InputError(
            "the CSV file has no usable header",
            expected="a first line with a name for every column, in UTF-8",
            found=found,
            where=Place(file=str(self._path)),
        )

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._path

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Its columns, all text."""
        return {name: pl.String() for name in self._names}

    def total_rows(self) -> int:
        """How many rows there are; reads the file once."""
        return sum(len(cut.spans) for cut in self._cuts())

    def chunks(self, columns: tuple[str, ...]) -> Iterator[Chunk]:
        """All rows, a block at a time."""
        row = 0
        for cut in self._cuts():
            refusals = self._refusals(cut)
            count = len(refusals)
            good = refusals == 0
            frame = self._parsed(cut, good, columns)
            rejects = tuple(
                self._reject(row + 1 + int(i), Refusal(int(refusals[i])), cut.spans[i])
                for i in np.flatnonzero(~good)
            )
            yield Chunk(frame, np.flatnonzero(good) + row + 1, rejects, row + count)
            row += count

    def _refusals(self, cut: _Cut) -> NDArray[np.uint8]:
        spans = cut.spans
        refusals = np.zeros(len(spans), np.uint8)
        refusals[spans[:, 2] != len(self._names)] = Refusal.RAGGED_ROW.value
        refusals[spans[:, 3] & _BAD_QUOTES != 0] = Refusal.BAD_QUOTES.value
        refusals[spans[:, 1] - spans[:, 0] > MAX_ROW_BYTES] = Refusal.ROW_TOO_LONG.value
        try:
            cut.data.decode()
        except UnicodeDecodeError:
            for i in np.flatnonzero(refusals == 0).tolist():
                if not _is_utf8(cut.data[spans[i, 0] : spans[i, 1]]):
                    refusals[i] = Refusal.NOT_UTF8.value
        return refusals

    def _parsed(self, cut: _Cut, good: NDArray[np.bool_], columns: tuple[str, ...]) -> pl.DataFrame:
        spans = cut.spans[good]
        if len(spans) == 0:
            return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
        frame = None
        if good.all():
            frame = self._read(cut.data[spans[0, 0] : spans[-1, 1]], columns)
        if frame is None or len(frame) != len(spans):  # bad rows or empty lines in between
            frame = self._read(b"\n".join(cut.data[a:b] for a, b in spans[:, :2].tolist()), columns)
        if len(frame) != len(spans):
            raise InputError(
                "this part of the CSV file reads differently each way",
                expected=f"{len(spans)} rows",
                found=f"{len(frame)} rows",
                where=Place(file=str(self._path)),
            )
        return frame

    def _read(self, data: bytes, columns: tuple[str, ...]) -> pl.DataFrame:
        numbered = {f"c{self._names.index(name)}": name for name in columns}
        header = self._delimiter.join(f"c{i}" for i in range(len(self._names)))
        frame = pl.read_csv(
            io.BytesIO(header.encode() + b"\n" + data),
            infer_schema=False,
            separator=self._delimiter,
            columns=list(numbered),
        )
        return frame.rename(numbered).select(columns)

    def _reject(self, row: int, refusal: Refusal, span: NDArray[np.int64]) -> Reject:
        fields = len(self._names)
        expected, found = {
            Refusal.RAGGED_ROW: (f"{fields} values", f"{span[2]} values"),
            Refusal.BAD_QUOTES: ("quotes around a whole value, doubled inside", "other quotes"),
            Refusal.ROW_TOO_LONG: (
                f"at most {MAX_ROW_BYTES} bytes",
                f"{span[1] - span[0]} bytes or more",
            ),
            Refusal.NOT_UTF8: ("text in UTF-8", "other bytes"),
        }[refusal]
        return Reject(row, "", refusal, expected, found)

    def _cuts(self) -> Iterator[_Cut]:
        """The file after its header, in blocks of whole rows."""
        with self._path.open("rb") as file:
            file.seek(self._body_at)
            rest = b""
            while True:
                block = file.read(BLOCK_BYTES)
                cut, rest = _cut_block(rest + block, ord(self._delimiter), at_end=not block)
                if len(rest) > MAX_ROW_BYTES:  # a row without an end: give it up, find the next
                    cut = _with_long_row(cut, len(rest))
                    rest = _skip_line(file)
                if len(cut.spans):
                    yield cut
                if not block:
                    return


@dataclass(frozen=True, slots=True)
class _Cut:
    """Bytes and the rows in them: int64[n, 4] of start, end, number of fields, flags."""

    data: bytes
    spans: NDArray[np.int64]


def _cut_block(data: bytes, delimiter: int, *, at_end: bool) -> tuple[_Cut, bytes]:
    """The whole rows of a block, and what is left of it for the next.

    A quote that is never closed costs the line it stands in and no more.
    """
    view = np.frombuffer(data, np.uint8)
    parts: list[NDArray[np.int64]] = []
    at = 0
    while at < len(data):
        out = np.empty((min(CHUNK_ROWS, len(data) - at + 1), 4), np.int64)
        rows, stop, in_quotes = _cut_rows(view, at, delimiter, int(at_end), out)
        parts.append(out[:rows])
        stuck = in_quotes == 1 and rows < len(out)
        if stuck and (at_end or len(data) - stop > MAX_ROW_BYTES):
            end = data.find(b"\n", stop)
            if end < 0 and not at_end:
                return _Cut(data, np.concatenate(parts)), data[stop:]
            end = len(data) if end < 0 else end
            parts.append(np.array([[stop, end, 1, _BAD_QUOTES]], np.int64))
            at = end + 1
        elif rows < len(out):
            at = stop
            break
        else:
            at = stop
    spans = np.concatenate(parts) if parts else np.empty((0, 4), np.int64)
    return _Cut(data, spans), data[at:]


def _with_long_row(cut: _Cut, length: int) -> _Cut:
    """The cut with one more row, which is too long to be read at all."""
    end = len(cut.data)
    span = np.array([[end - length, end, 1, 0]], np.int64)
    return _Cut(cut.data, np.concatenate((cut.spans, span)))


def _skip_line(file: io.BufferedReader) -> bytes:
    """Read on to the end of the line; what follows it in the last piece read."""
    while piece := file.read(MAX_ROW_BYTES):
        end = piece.find(b"\n")
        if end >= 0:
            return piece[end + 1 :]
    return b""


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
