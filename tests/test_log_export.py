"""What stands in the Parquet files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow.parquet as pq
import pytest

from arasha.errors import LogError, UsageError
from arasha.events.body import bodies_from, pack_facts
from arasha.events.columns import Facts
from arasha.events.schema import CHANNELS, OUTCOMES, SIGNAL_CLASSES, WARNING_ANSWERS, Kind
from arasha.log.export import SCHEMA, export
from arasha.log.keys import Retention
from arasha.log.log import Entries, Log
from arasha.log.retire import retire
from log_samples import APRIL_MS, DAY_MS, code, made


def rows_of(out: Path) -> list[dict[str, Any]]:
    return cast(list[dict[str, Any]], pq.read_table(out).to_pylist())


def test_payments_and_decisions_are_rows(tmp_path: Path) -> None:
    """Each entry one row, in order, with the leaf the log has for it."""
    log_path = made(tmp_path / "log")
    calls: list[tuple[int, int]] = []
    parts = export(log_path, tmp_path / "out", on_progress=lambda a, b: calls.append((a, b)))
    assert [tmp_path / "out" / "entries-000000.parquet"] == parts
    assert (144, 144) == calls[-1]
    assert pq.read_schema(parts[0]).equals(SCHEMA)
    rows = rows_of(tmp_path / "out")
    assert list(range(144)) == [row["seq"] for row in rows]
    assert ["payment", "decision"] * 72 == [row["kind"] for row in rows]
    payment, decision = rows[2], rows[6 + 1]
    with Log.open(log_path, writable=False) as log:
        assert log.leaf(2) == payment["leaf"]
    assert ("p-1", 101, 398, "BANKKZKA") == tuple(
        payment[name] for name in ("id", "amount", "currency", "sender")
    )
    token = (2).to_bytes(8, "little").hex() + (8).to_bytes(8, "little").hex()
    assert (token, None, None) == tuple(
        payment[name] for name in ("payer_account", "device", "score")
    )
    assert (6, "hold", 6, False, [7]) == tuple(
        decision[name] for name in ("subject_seq", "action", "score", "late", "rules")
    )
    assert 2 == len(decision["values"])


def test_categories_marks_and_references_have_their_words(tmp_path: Path) -> None:
    """A category is spelt as its own kind of fact spells it."""
    kinds = np.array([Kind.PAYMENT, Kind.OUTCOME, Kind.WARNING, Kind.SIGNAL], np.uint8)
    unknown = -(2**63)
    facts = Facts(
        kinds,
        ["a", "b", "c", "d"],
        {
            "channel": np.array([2, unknown, unknown, unknown]),
            "outcome": np.array([unknown, 1, unknown, unknown]),
            "answer": np.array([unknown, unknown, 1, 1]),
            "new_device": np.array([1, unknown, 0, unknown]),
        },
        {
            "sender": code("BANK", 4),
            "payment": np.array([[0, 0], [1, 0], [0, 1], [0, 0]], np.uint64),
        },
    )
    with Log.create(tmp_path / "log") as log:
        times = np.full(4, APRIL_MS)
        log.append(Entries(kinds, times, pack_facts(facts), log.admit(facts).digests))
        note = bodies_from([b'{"policy": "\xd0\xb0"}'])
        log.append(
            Entries(np.array([Kind.POLICY], np.uint8), times[:1], note, np.zeros((1, 2), np.uint64))
        )
    export(tmp_path / "log", tmp_path / "out")
    rows = rows_of(tmp_path / "out")
    assert [CHANNELS[2], None, None, None, None] == [row["channel"] for row in rows]
    assert [None, OUTCOMES[1], None, None, None] == [row["outcome"] for row in rows]
    assert [None, None, WARNING_ANSWERS[1], SIGNAL_CLASSES[1], None] == [r["answer"] for r in rows]
    assert [True, None, False, None, None] == [row["new_device"] for row in rows]
    assert [None, "01" + "00" * 15, "00" * 8 + "01" + "00" * 7, None, None] == [
        row["payment"] for row in rows
    ]
    assert ("policy", '{"policy": "а"}') == (rows[4]["kind"], rows[4]["act"])


def test_retired_bodies_are_nulls(tmp_path: Path) -> None:
    """The entry is there, its body is not, and the row says so."""
    with Log.open(made(tmp_path / "log")) as log:
        retire(log, Retention.FACTS, "2018-04", widest_window_ms=DAY_MS, by="x", reason="y")
    export(tmp_path / "log", tmp_path / "out")
    rows = rows_of(tmp_path / "out")
    assert [False, True] * 24 + [True] * 97 == [row["readable"] for row in rows]
    assert (None, None, "payment") == (rows[0]["id"], rows[0]["amount"], rows[0]["kind"])
    assert '"month":"2018-04"' in str(rows[-1]["act"])


def test_an_empty_log_is_one_empty_file(tmp_path: Path) -> None:
    """With all the columns."""
    Log.create(tmp_path / "log").close()
    (part,) = export(tmp_path / "log", tmp_path / "out")
    assert (0, SCHEMA.names) == (pq.read_table(part).num_rows, pq.read_table(part).column_names)


def test_an_export_is_not_written_over(tmp_path: Path) -> None:
    """Neither over another, nor of a log that is not there."""
    Log.create(tmp_path / "log").close()
    export(tmp_path / "log", tmp_path / "out")
    with pytest.raises(UsageError, match="an export here already"):
        export(tmp_path / "log", tmp_path / "out")
    with pytest.raises(LogError, match="no log here"):
        export(tmp_path / "nowhere", tmp_path / "other")
