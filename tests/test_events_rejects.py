from __future__ import annotations

import csv
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.errors import InputError
from arasha.events.rejects import REJECTS_HEADER, Refusal, Reject, RejectsFile, redacted

REJECT = Reject(7, "sum", Refusal.NOT_POSITIVE, "above 0, please", "a negative number")


def _read(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_a_reject_stands_in_the_file_with_its_reason(tmp_path: Path) -> None:
    """File, row, column, reason, expected, found: a line each, under a header."""
    rejects = RejectsFile(tmp_path / "rejects.csv", lambda row: ("payments.csv", row))
    rejects.append([REJECT])
    rejects.sync()
    rejects.close()
    line = ["payments.csv", "7", "sum", "not_positive", "above 0, please", "a negative number"]
    assert [list(REJECTS_HEADER), line] == _read(tmp_path / "rejects.csv")


def test_a_file_is_cut_back_to_a_position_and_goes_on_from_there(tmp_path: Path) -> None:
    """A run that is taken up again loses no reject and writes none twice."""
    path = tmp_path / "rejects.csv"
    first = RejectsFile(path, lambda row: ("a.csv", row))
    first.append([REJECT])
    position = first.sync()
    first.append([REJECT, REJECT])
    first.close()
    again = RejectsFile(path, lambda row: ("a.csv", row))
    again.truncate(position)
    again.append([REJECT])
    assert again.sync() == path.stat().st_size
    again.close()
    assert 3 == len(_read(path))
    assert list(REJECTS_HEADER) == _read(path)[0]


def test_a_file_that_lost_its_end_is_not_taken_up(tmp_path: Path) -> None:
    """A position beyond the end is an error, not a hole of zeros."""
    rejects = RejectsFile(tmp_path / "rejects.csv", lambda row: ("a.csv", row))
    with pytest.raises(InputError, match="shorter"):
        rejects.truncate(rejects.position + 1)
    rejects.close()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The error names the file."""
    with pytest.raises(InputError, match="no-folder"):
        RejectsFile(tmp_path / "no-folder" / "rejects.csv", lambda row: ("a.csv", row))


@given(st.text(min_size=12, max_size=60))
def test_no_text_is_repeated(text: str) -> None:
    """What was found is told by its length alone."""
    assert f"text of {len(text)} characters" == redacted(text)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"), ("", "nothing"), (True, "true or false"), (-7, "a negative number"),
        (0.0, "zero"), (12.345, "a positive number with 3 decimals"),
        (float("nan"), "not a number"),
        (Decimal("-1.50"), "a negative number with 2 decimals"), (float("-inf"), "infinity"),
        (b"abc", "3 bytes"), (datetime(2026, 1, 1), "a time"), ([1], "a value of another type"),  # noqa: DTZ001 - a naive time is the point
    ],
)  # fmt: skip
def test_values_are_told_by_their_class(value: object, words: str) -> None:
    """Enough to find the mistake, too little to find a person."""
    assert words == redacted(value)
