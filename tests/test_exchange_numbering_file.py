"""A file of numbers is read as it says, or refused with the line that says it wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from arasha.errors import InputError
from arasha.events.schema import PartyKind
from arasha.exchange import numbering_file
from arasha.exchange.numbering import HOME, Numbers, word_of
from arasha.exchange.numbering_file import read_numbers
from arasha.vault.tokens import Tokens

TOKENS = Tokens(bytes(32))


def test_ranges_ported_numbers_and_those_that_are_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However a number is written, and in whatever batches the file is read."""
    monkeypatch.setattr(numbering_file, "BATCH", 2)
    path = tmp_path / "numbers.csv"
    path.write_text(
        "number,operator\n+7701*,ONE\n+7 701 123-45-67,TWO\n+77017654321,\n+77010000003,ONE\n"
    )
    changes = read_numbers(path, TOKENS)
    assert {"+7701": 0} == changes.ranges
    assert [1, HOME, 0] == changes.served_by.tolist()
    written = TOKENS.of(PartyKind.NUMBER, "+77011234567")
    assert word_of(written) == changes.tokens[0]
    assert "TWO" == Numbers.empty().changed(changes).owner_of("+77011234567", written)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("operator,number\n", 1),
        ("", 1),
        ("number,operator\n+7701*,\n", 2),
        ("number,operator\n+77011234567*,ONE\n", 2),
        ("number,operator\n+7701*,ONE\nHELLO,ONE\n", 3),
        ("number,operator\n+7701*,ONE,more\n", 2),
        ("number,operator\n+7701*,an operator\n", 2),
        ("number,operator\n+7701*,LONGER-THAN-ANY-CODE\n", 2),
    ],
)
def test_what_a_file_cannot_say(tmp_path: Path, text: str, line: int) -> None:
    """The line is named, and nothing of it repeated."""
    path = tmp_path / "numbers.csv"
    path.write_text(text)
    with pytest.raises(InputError) as refused:
        read_numbers(path, TOKENS)
    assert line == refused.value.where.row
    assert "HELLO" not in str(refused.value)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    """Neither bytes that are no UTF-8 nor no file at all."""
    path = tmp_path / "numbers.csv"
    path.write_bytes(b"number,operator\n\xff\xfe,ONE\n")
    with pytest.raises(InputError, match="UTF-8"):
        read_numbers(path, TOKENS)
    with pytest.raises(InputError, match="cannot be read"):
        read_numbers(tmp_path / "none.csv", TOKENS)
