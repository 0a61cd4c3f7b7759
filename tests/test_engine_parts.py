from __future__ import annotations

import errno
import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arasha.engine import parts
from arasha.engine.decide import Decided
from arasha.engine.parts import SCHEMA, Parts, forget
from arasha.errors import LogError, LogFull
from arasha.events.decisions import DEGRADED, LATE, Decisions
from arasha.log.log import Admission
from log_samples import APRIL_MS, DAY_MS, payments

NAMES = ("first", "second", "third")


def decided(start: int, n: int) -> Decided:
    """Decisions about payments ``start`` and on: what each says depends on its number alone."""
    number = np.arange(start, start + n)
    fired = number % 4
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(fired)))
    rules = np.concatenate([np.arange(k) for k in fired.tolist()] or [np.zeros(0, np.int64)])
    marks = np.where(number % 5 == 0, LATE, 0) | np.where(number % 7 == 0, DEGRADED, 0)
    decisions = Decisions(
        2 * number, (number % 4).astype(np.uint8), (number % 1001).astype(np.int32),
        marks.astype(np.uint8), offsets, rules.astype(np.uint16), np.zeros(n + 1, np.int64),
        np.zeros(0),
    )  # fmt: skip
    none = np.zeros(n, np.int64)
    admission = Admission(none == 0, none, none, none != 0, np.zeros((n, 2), np.uint64))
    known_at = APRIL_MS + number * DAY_MS
    return Decided(admission, payments(n, start), 2 * number, known_at, np.arange(n), decisions)


def write(folder: Path, cuts: list[int], total: int) -> dict[str, bytes]:
    """All decisions, cut into batches at those places; the files they left."""
    folder.mkdir()
    places = [0, *sorted(cuts), total]
    with Parts(folder, NAMES) as some:
        for a, b in pairwise(places):
            some.add(decided(a, b - a))
        some.finish()
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@settings(max_examples=25)
@given(st.data())
def test_files_depend_on_the_decisions_alone(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """However the decisions came in batches, empty ones too, the files are the same bytes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "PART_ROWS", 16)
        total = data.draw(st.integers(0, 70))
        cuts = data.draw(st.lists(st.integers(0, total), max_size=8))
        folder = tmp_path_factory.mktemp("parts")
        files = write(folder / "cut", cuts, total)
        assert files == write(folder / "whole", [], total)
    names = [f"decisions-{i:05d}.parquet" for i in range(max(1, -(-total // 16)))]
    assert names == list(files)


def test_a_file_says_what_was_decided(tmp_path: Path) -> None:
    """A row a payment, in order; the columns are those of the schema."""
    write(tmp_path / "out", [2], 6)
    table = pq.read_table(tmp_path / "out" / "decisions-00000.parquet")
    assert table.schema.equals(SCHEMA)
    columns = table.to_pydict()
    assert [f"p-{i}" for i in range(6)] == columns["id"]
    assert [0, 2, 4, 6, 8, 10] == columns["seq"]
    assert ["allow", "warn", "hold", "block", "allow", "warn"] == columns["action"]
    assert [[], ["first"], ["first", "second"], [*NAMES], [], ["first"]] == columns["reasons"]
    assert [True, False, False, False, False, True] == columns["late"]
    assert [True, False, False, False, False, False] == columns["degraded"]
    assert [100, 101, 102, 103, 104, 100] == columns["amount_minor"]
    assert {"KZT"} == set(columns["currency"])
    assert APRIL_MS == int(columns["happened_at"][0].timestamp() * 1000)
    assert 5 * DAY_MS == (columns["known_at"][5] - columns["known_at"][0]).total_seconds() * 1000


@pytest.mark.parametrize(
    ("code", "error", "what"),
    [(errno.ENOSPC, LogFull, "the disk is full"), (errno.EIO, LogError, "could not be written")],
)
def test_a_disk_that_fails_is_named_and_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, error: type[LogError], what: str
) -> None:
    """The error names the file, whether it came when a file was full or at the end."""

    def fails(_descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(parts, "PART_ROWS", 4)
    monkeypatch.setattr(os, "fsync", fails)
    for total in (3, 4, 30):
        with pytest.raises(error, match=what) as fault:
            write(tmp_path / str(total), [], total)
        assert "decisions-00000.parquet" in str(fault.value)
        assert [] == list((tmp_path / str(total)).iterdir())


def test_forgetting_empties_what_came_from_facts(tmp_path: Path) -> None:
    """Of payments known before the time; what was decided, and all later rows, stay."""
    out = tmp_path / "out"
    before = write(out, [], 6)
    (out / "decisions-00001.part").write_bytes(b"PAR1 p-0 of a run that was killed")
    rows = pq.read_table(out / "decisions-00000.parquet").to_pylist()
    forget(out, APRIL_MS)
    assert before == {path.name: path.read_bytes() for path in out.iterdir()}
    forget(out, APRIL_MS + 3 * DAY_MS)
    gone = dict.fromkeys(("id", "happened_at", "amount_minor", "currency"))
    table = pq.read_table(out / "decisions-00000.parquet")
    assert [row | gone for row in rows[:3]] + rows[3:] == table.to_pylist()
    assert table.schema.equals(SCHEMA)
    once = (out / "decisions-00000.parquet").read_bytes()
    assert b"p-0" not in once
    forget(out, APRIL_MS + 3 * DAY_MS)
    assert once == (out / "decisions-00000.parquet").read_bytes()
