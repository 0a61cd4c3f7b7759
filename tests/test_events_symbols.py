from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.events.symbols import (
    CODE_PATTERN,
    ID_PATTERN,
    code_bytes,
    code_text,
    symbols_of,
    uetr_bytes,
    whole,
)


@given(st.text("".join(map(chr, range(0x21, 0x7F))), min_size=1, max_size=16))
def test_a_code_survives_the_way_through_a_symbol(code: str) -> None:
    """Sixteen bytes, padded with zeros; two words of them in a batch."""
    assert code == code_text(code_bytes(code))
    assert code_bytes(code) == symbols_of([code_bytes(code)])[0].tobytes()


def test_no_symbol_is_no_code() -> None:
    """All zero is unknown."""
    assert None is code_text(bytes(16))
    assert (0, 2) == symbols_of([]).shape


@pytest.mark.parametrize("text", ["", "two words", "x" * 17, "é", "a\n"])
def test_what_is_no_code_does_not_match(text: str) -> None:
    """Spaces, newlines, other letters and a seventeenth character."""
    assert None is re.search(whole(CODE_PATTERN), text)
    assert None is re.search(whole(ID_PATTERN), text + " ")


def test_a_uetr_is_the_bytes_of_its_uuid() -> None:
    """In small and capital letters alike."""
    text = "97ed4827-7b6f-4491-a06f-b548d5a7512d"
    assert text.replace("-", "") == uetr_bytes(text).hex() == uetr_bytes(text.upper()).hex()
