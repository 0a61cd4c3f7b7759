from __future__ import annotations

import ast
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.features.language_syntax import (
    MAX_DEPTH,
    MAX_EXPRESSION_CHARS,
    MAX_NODES,
    Refused,
    read,
    shorten,
)

HOSTILE = {
    "brackets": "(" * 3_000,
    "closed brackets": "(" * 1_000 + "1" + ")" * 1_000,
    "minuses": "-" * 3_900 + "1",
    "nots": "not " * 900 + "True",
    "sum": "1+" * 1_900 + "1",
    "powers": "9**" * 1_000 + "9",
    "attributes": "a" + ".a" * 1_900,
    "calls": "a" + "()" * 1_900,
    "choices": "1 if a else " * 300 + "1",
    "lambdas": "lambda:" * 500 + "1",
    "a million characters": "a" * 1_000_000,
    "many digits": "9" * 3_999,
    "null bytes": "amount\0> 5",
    "lone surrogate": "amount > \ud800",
    "surrogate in a text": 'payer_bank == "\ud800"',
    "wide list": f"1 in ({'1,' * 1_500})",
    "only a comment": "# nothing",
    "escape at the end": "amount > 5 \\",
    "line breaks": "\n" * 3_000,
    "escapes": '"\\N{DIGIT ONE}\\777\\xff"',
    "bad escapes": '"\\N{NOTHING}"',
    "warned about": "1is 2",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_are_read_or_refused(text: str) -> None:
    """However deep, long or odd: no RecursionError, MemoryError or warning gets out."""
    assert outcome(text) in ("read", "too-complex", "syntax", "foreign-character", "not-allowed")


def outcome(text: str) -> str:
    """The word "read", or the name of the problem."""
    try:
        read(text)
    except Refused as refused:
        return refused.problem.name
    return "read"


def test_the_largest_expression_is_read_and_one_more_is_refused() -> None:
    """The stated limits are the limits."""
    assert read("1" + " " * (MAX_EXPRESSION_CHARS - 1))
    with pytest.raises(Refused, match="too long"):
        read("1" + " " * MAX_EXPRESSION_CHARS)
    assert read("-" * (MAX_DEPTH // 2 - 1) + "1")
    with pytest.raises(Refused, match="deeply"):
        read("-" * (MAX_DEPTH + 1) + "1")
    assert read(f"1 in ({'1,' * (MAX_NODES - 10)})")
    with pytest.raises(Refused, match="many parts"):
        read(f"1 in ({'1,' * MAX_NODES})")


def test_depth_is_bounded_even_where_the_stack_is_nearly_used_up() -> None:
    """A caller deep in its own recursion gets a refusal, too."""

    def deep(levels: int) -> str:
        if levels:
            return deep(levels - 1)
        return outcome("(" * 60 + "1" + ")" * 60)

    left = sys.getrecursionlimit() - len_of_stack() - 40
    assert deep(left) in ("read", "too-complex")


def len_of_stack() -> int:
    """Frames in use."""
    frame, depth = sys._getframe(), 0
    while frame.f_back is not None:
        frame, depth = frame.f_back, depth + 1
    return depth


@given(st.text(max_size=100))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing else is raised."""
    try:
        source, body = read(text)
    except Refused:
        return
    start, end = source.span(body)
    assert 0 <= start < end <= len(text)


def test_nodes_are_found_in_the_text_whatever_the_letters_before() -> None:
    """Columns count characters, not bytes, and lines count."""
    text = 'x == "әң" and\n  yy'
    source, body = read(text)
    assert isinstance(body, ast.BoolOp)
    start, end = source.span(body.values[1])
    assert "yy" == text[start:end]
    assert 'x == "әң"' == source.words(body.values[0])


def test_long_words_are_shortened_in_the_middle() -> None:
    """Both ends stay."""
    assert "a b" == shorten("a\n   b")
    assert "0123...6789" == shorten("0123456789" * 5, 11)
