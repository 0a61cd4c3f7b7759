"""Whose number it is: the longest range, unless the number was ported; a table that is mapped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.errors import InputError
from arasha.events.schema import PartyKind
from arasha.exchange.numbering import (
    HOME,
    NUMBERS_FILE,
    Changes,
    Numbers,
    Watched,
    load,
    save,
    word_of,
)
from arasha.vault.tokens import Tokens

TOKENS = Tokens(bytes(32))


def token(number: str) -> bytes:
    """The token of a number."""
    return TOKENS.of(PartyKind.NUMBER, number)


def changes(ranges: dict[str, str], ported: list[tuple[str, str | None]]) -> Changes:
    """What a file would say."""
    names = tuple(dict.fromkeys([*ranges.values(), *(one for _, one in ported if one)]))
    return Changes(
        names,
        {prefix: names.index(one) for prefix, one in ranges.items()},
        np.array([word_of(token(number)) for number, _ in ported], np.uint64),
        np.array([names.index(one) if one else HOME for _, one in ported], np.int32),
    )


def owner(numbers: Numbers, number: str) -> str | None:
    """Who owns it."""
    return numbers.owner_of(number, token(number))


RANGES = {"+7701": "ONE", "+7702": "TWO", "+770255": "THREE"}


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+77010000001", "ONE"),
        ("+77020000001", "TWO"),
        ("+77025500001", "THREE"),
        ("+77011234567", "TWO"),
        ("+77030000001", None),
        ("+7701", "ONE"),
        ("+7", None),
    ],
)
def test_the_longest_range_owns_what_was_not_ported(number: str, expected: str | None) -> None:
    """A ported number is its new operator's; what stands nowhere is nobody's."""
    numbers = Numbers.empty().changed(changes(RANGES, [("+77011234567", "TWO")]))
    assert expected == owner(numbers, number)


def test_changes_move_numbers_and_bring_them_home() -> None:
    """The last change of a number counts, also within one file; others stay."""
    numbers = Numbers.empty().changed(
        changes(RANGES, [("+77010000001", "TWO"), ("+77010000002", "TWO")])
    )
    moved = numbers.changed(
        changes(
            {},
            [("+77010000001", None), ("+77010000003", "FOUR"), ("+77010000003", "THREE")],
        )
    )
    assert ["ONE", "TWO", "THREE"] == [owner(moved, f"+7701000000{n}") for n in (1, 2, 3)]
    again = moved.changed(changes({"+7701": "FIVE"}, [("+77010000001", "ONE")]))
    assert ["ONE", "FIVE"] == [owner(again, f"+7701000000{n}") for n in (1, 4)]


numbers_of_few = st.integers(0, 40).map(lambda n: f"+7701{n:07}")


@given(
    st.lists(
        st.lists(
            st.tuples(numbers_of_few, st.sampled_from([None, "ONE", "TWO", "SIX"])), max_size=30
        ),
        max_size=4,
    )
)
def test_a_table_is_what_a_dictionary_would_be(files: list[list[tuple[str, str | None]]]) -> None:
    """Whatever comes after what, in one file or in many."""
    numbers = Numbers.empty().changed(changes({"+7701": "RANGE"}, []))
    naive: dict[str, str] = {}
    for file in files:
        numbers = numbers.changed(changes({}, file))
        for number, operator in file:
            if operator is None:
                naive.pop(number, None)
            else:
                naive[number] = operator
    every = [f"+7701{n:07}" for n in range(42)]
    assert [naive.get(one, "RANGE") for one in every] == [owner(numbers, one) for one in every]
    assert len(naive) == len(numbers.tokens)


def test_a_saved_table_is_the_same_and_holds_no_number(tmp_path: Path) -> None:
    """Who loaded it and when is told; a ported number stands there as a token alone."""
    numbers = Numbers.empty().changed(changes(RANGES, [("+77011234567", "TWO")]))
    path = tmp_path / NUMBERS_FILE
    save(path, numbers, at_ms=17, by="ada", source="ab")
    found = load(path, check=True)
    assert found.loaded is not None
    assert (17, "ada", "ab", 1) == (
        found.loaded.at_ms, found.loaded.by, found.loaded.source, found.loaded.ported,
    )  # fmt: skip
    every = ["+77011234567", "+77010000001", "+77025500001", "+77030000001"]
    assert [owner(numbers, one) for one in every] == [owner(found, one) for one in every]
    assert b"1234567" not in path.read_bytes()
    assert 0o600 == path.stat().st_mode & 0o777


@pytest.mark.parametrize("at", [0, 40, 4_096 + 17, -1])
def test_a_damaged_table_is_none(tmp_path: Path, at: int) -> None:
    """One byte is enough, wherever it stands; a file that is cut short is none, either."""
    path = tmp_path / NUMBERS_FILE
    save(path, Numbers.empty().changed(changes(RANGES, [("+77011234567", "TWO")])), at_ms=1,
         by="ada", source="ab")  # fmt: skip
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(InputError):
        load(path, check=True)
    path.write_bytes(data[:-1])
    with pytest.raises(InputError):
        load(path)


def test_another_table_is_taken_up_and_one_that_is_none_is_not(tmp_path: Path) -> None:
    """Without a file nobody owns anything; after a broken one the one before it stays."""
    watched = Watched(tmp_path)
    assert owner(watched.numbers, "+77010000001") is None
    save(tmp_path / NUMBERS_FILE, Numbers.empty().changed(changes(RANGES, [])), at_ms=1, by="ada",
         source="ab")  # fmt: skip
    assert watched.look()
    assert "ONE" == owner(watched.numbers, "+77010000001")
    assert not watched.look()
    (tmp_path / "other").write_bytes(b"no table")
    (tmp_path / "other").replace(tmp_path / NUMBERS_FILE)
    with pytest.raises(InputError):
        watched.look()
    assert "ONE" == owner(watched.numbers, "+77010000001")
