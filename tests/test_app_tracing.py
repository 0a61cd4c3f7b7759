"""What a trace reads: files and logs give the same arena, and what was asked for by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from arasha.app.tracing import is_log, read, reported
from arasha.errors import UsageError
from arasha.events.schema import Kind
from native_samples import PAYMENT, folder, frame

KEEP = 80 * 86_400_000


def nothing(_steps: int) -> None:
    """Nobody looks at the bar."""


def test_what_is_named_is_noted(tmp_path: Path) -> None:
    """A payment by its id, a report with the payment it names and the amount in dispute."""
    report: dict[str, object] = {
        "fact": "report", "sender": "BANKKZKA", "payment": "f-1", "amount": "10",
        "currency": "KZT",
    }  # fmt: skip
    path = folder(tmp_path, frame(dict(PAYMENT), dict(PAYMENT), report))

    found = read(path, ["f-1", "f-3"], None, KEEP, nothing)

    assert 2 == len(found.arena)
    assert [(Kind.PAYMENT, None), (Kind.REPORT, 10_00)] == [
        (one.kind, one.disputed) for one in found.named
    ]
    assert {0: None} == reported(found, ["f-1"], None)
    assert {0: 10_00} == reported(found, ["f-3"], "BANKKZKA")


def test_a_report_of_what_is_not_held_is_refused(tmp_path: Path) -> None:
    """With what to do about it."""
    lost: dict[str, object] = {"fact": "report", "sender": "BANKKZKA", "payment": "long-ago"}
    found = read(folder(tmp_path, frame(dict(PAYMENT), lost)), ["f-2"], None, KEEP, nothing)

    with pytest.raises(UsageError, match="is not held"):
        reported(found, ["f-2"], None)


def test_where_there_is_nothing_is_said(tmp_path: Path) -> None:
    """No log, no file."""
    assert not is_log(tmp_path)
    with pytest.raises(UsageError, match="there is nothing here"):
        read(tmp_path / "gone", [], None, KEEP, nothing)
