"""Drawing is exact, and safe with any words."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.reports.svg import Scale, box, drawing, element, nice_top, shortened, text, ticks

printable = st.text(st.characters(codec="utf-8", exclude_categories=["C"]))


@given(printable, printable)
def test_any_words_come_back_as_they_went_in(words: str, full: str) -> None:
    """In content and in attributes: escaped once, never twice."""
    root = ElementTree.fromstring(
        drawing("d", 10, 10, words, full, [text(0, 0, words), element("g", data_x=full)])
    )
    assert words == (root.findtext("title") or "")
    assert words == (root.findtext("text") or "")
    group = root.find("g")
    assert group is not None
    assert full == group.get("data-x")


@given(st.integers(0, 10**15))
def test_an_axis_ends_at_a_round_number_above_all(largest: int) -> None:
    """In few steps."""
    top, step = nice_top(largest)
    assert top >= largest * (1 - 1e-9)
    assert 2 <= len(ticks(top, step)) <= 7


@pytest.mark.parametrize(
    ("words", "chars", "expected"),
    [("short", 10, "short"), ("a_rather_long_name_of_a_rule", 14, "a_rath…_a_rule")],
)
def test_long_words_are_cut_in_the_middle(words: str, chars: int, expected: str) -> None:
    """Names of one family differ at their ends."""
    assert expected == shortened(words, chars)


def test_a_scale_puts_numbers_in_their_place() -> None:
    """Also upside down, as the y of a drawing runs."""
    assert [100, 50, 0] == [Scale(0, 10, 100, 0)(value) for value in (0, 5, 10)]


def test_a_small_number_is_seen() -> None:
    """One payment among a million still has a box."""
    assert 'width="0.5"' in box(0, 0, 0.0001, 10, "accent")
