"""A country as files: its events day by day, its truth beside them, and what it was made of.

In: the slices of a country, in order. Out::

    DIR/events/2026-01-05.parquet   the facts of a local day (docs/reference/facts.md)
    DIR/truth/2026-01-05.parquet    the truth about them (truth.py), and truth/mules.parquet
    DIR/country.json                seed, people, days, parameters: written last

A thread of its own writes; the country waits for it when ``PENDING`` groups of rows are not written
yet, so memory stays bounded. A file is written under another name and renamed when it is whole:
what is there is never half of it. Groups are cut by rows and days alone, so the files of a seed are
the same whatever wrote them how fast.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from arasha.country.happenings import Happenings, merged
from arasha.country.script import LOCAL_MS
from arasha.country.sheets import FACT_WORDS, FEW_VALUES, SCHEMA, Sheets
from arasha.country.truth import TRUTH_FOLDER, mules_table, of_plays, truth_table
from arasha.errors import Place, UsageError

if TYPE_CHECKING:
    from arasha.country.loop import Happened, Life

EVENTS_FOLDER: Final = "events"
COUNTRY_FILE: Final = "country.json"
MULES_FILE: Final = "mules.parquet"

GROUP_ROWS: Final = 131_072
"""A group of rows of a Parquet file has at least so many, but for the last of a day."""

PENDING: Final = 2
"""Groups of rows that may wait to be written."""


class CountryFiles:
    """The files of a country, as a context: leaving it without an error writes COUNTRY_FILE.

    ``about`` is what COUNTRY_FILE says beside the counts of facts.
    """

    def __init__(self, out: Path, life: Life, about: dict[str, Any]) -> None:
        """Raises UsageError when there is a country in ``out`` already, whole or not."""
        make_room(out)
        self.facts = np.zeros(len(FACT_WORDS) + 1, np.int64)
        self._out, self._life, self._about = out, life, about
        self._sheets = Sheets(life.society)
        self._writer = ThreadPoolExecutor(1, "country-files")
        self._writing: deque[Future[None]] = deque()
        self._rows: list[Happenings] = []
        self._plays: list[Happenings] = []
        self._waiting = 0
        self._day: _Day | None = None
        self._unfinished: list[_Day] = []

    def write(self, happened: Happened) -> None:
        """Take the next slice. Raises OSError when an earlier one could not be written."""
        day = date_of(happened.start_ms)
        if self._day is None or self._day.date != day:
            self._end_day()
            self._day = _Day(day, self._out / EVENTS_FOLDER / f"{day}.parquet")
            self._unfinished = [one for one in self._unfinished if not one.closed] + [self._day]
        self._rows.append(happened.rows)
        self._plays.append(of_plays(happened.rows))
        self.facts += np.bincount(happened.rows.kind, minlength=len(self.facts))
        self._waiting += len(happened.rows)
        if self._waiting >= GROUP_ROWS:
            self._put()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._end_day()
                self._wait(0)
                self._finish()
        finally:
            self._writer.shutdown(cancel_futures=True)
            for day in self._unfinished:
                day.give_up()

    def _put(self) -> None:
        """Have the rows written that wait."""
        day, rows = self._day, merged(self._rows)
        assert day is not None
        self._rows, self._waiting = [], 0
        made = self._sheets.sheet(rows)
        self._submit(lambda: day.write(made()))

    def _end_day(self) -> None:
        if self._day is None:
            return
        self._put()
        life, name = self._life, f"{self._day.date}.parquet"
        truth = truth_table(self._plays, life.casts, life.roles, life.society)
        self._submit(self._day.close)
        self._submit(lambda: write_whole(truth, self._out / TRUTH_FOLDER / name))
        self._day, self._plays = None, []

    def _submit(self, work: Callable[[], None]) -> None:
        self._wait(PENDING)
        self._writing.append(self._writer.submit(work))

    def _wait(self, pending: int) -> None:
        while len(self._writing) > pending:
            self._writing.popleft().result()

    def _finish(self) -> None:
        mules = mules_table(self._life.mules(), self._sheets.accounts())
        write_whole(mules, self._out / TRUTH_FOLDER / MULES_FILE)
        counts = {word: int(count) for word, count in zip(FACT_WORDS, self.facts[1:], strict=True)}
        about = json.dumps({**self._about, "facts": counts}, indent=2, ensure_ascii=False)
        with _renamed(self._out / COUNTRY_FILE) as part:
            part.write_text(about + "\n", encoding="utf-8")


def make_room(out: Path) -> None:
    """Make the folders of a country to be written.

    Raises UsageError when there is one in ``out`` already, whole or not, and OSError.
    """
    whole = (out / COUNTRY_FILE).exists()
    if whole or any(out.glob(f"{EVENTS_FOLDER}/*.parquet")):
        what = "there is a country here already"
        unfinished = f"half of a country is here: {COUNTRY_FILE}, which is written last, is missing"
        raise UsageError(
            what if whole else unfinished, where=Place(str(out)),
            hint="choose another directory, or remove it",
        )  # fmt: skip
    for folder in (EVENTS_FOLDER, TRUTH_FOLDER):
        (out / folder).mkdir(parents=True, exist_ok=True)


def date_of(at_ms: int) -> date:
    """The country's date at a time."""
    return datetime.fromtimestamp((at_ms + LOCAL_MS) // 1_000, UTC).date()


def write_whole(table: pa.Table, path: Path) -> None:
    """A table as a Parquet file that is there whole or not at all."""
    with _renamed(path) as part:
        pq.write_table(table, part, compression="zstd", store_schema=False)


@contextmanager
def _renamed(path: Path) -> Iterator[Path]:
    """Where to write what is then to be found, durable, at ``path``."""
    part = path.with_name(path.name + ".part")
    try:
        yield part
        _make_durable(part)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _make_durable(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _Day:
    """The file of a day while it is written."""

    def __init__(self, day: date, path: Path) -> None:
        self.date = day
        self.closed = False
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._writer: pq.ParquetWriter | None = None

    def write(self, table: pa.Table) -> None:
        """One more group of rows."""
        if self._writer is None:
            self._writer = pq.ParquetWriter(
                self._part, SCHEMA, compression="zstd", compression_level=1, store_schema=False,
                use_dictionary=list(FEW_VALUES), write_statistics=["happened_at"],
            )  # fmt: skip
        self._writer.write_table(table.cast(SCHEMA), row_group_size=max(1, len(table)))

    def close(self) -> None:
        """The file is whole: now it gets its name."""
        assert self._writer is not None
        self._writer.close()
        _make_durable(self._part)
        self._part.replace(self._path)
        self.closed = True

    def give_up(self) -> None:
        """Leave nothing of an unfinished file."""
        if not self.closed:
            if self._writer is not None:
                self._writer.close()
            self._part.unlink(missing_ok=True)
