from __future__ import annotations

import pytest
from hypothesis import given

from arasha.features.language import parse
from arasha.features.language_text import money_of, write
from arasha.features.literals import Money
from expression_samples import EXPRESSIONS, SCOPE


@given(EXPRESSIONS)
def test_the_canonical_text_means_the_same(text: str) -> None:
    """parse(write(e)) is e, and writing it again changes nothing."""
    expression = parse(text, SCOPE)
    if isinstance(expression, tuple):
        return  # too large; nothing else is refused (test_features_language.py)
    written = write(expression)
    again = parse(written, SCOPE)
    if not isinstance(again, tuple):
        assert expression == again
        assert written == write(again)
    else:
        assert {"too-complex"} == {problem.name for problem in again}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1<n<5", "((1 < n) and (n < 5))"),
        ('channel   in("mobile",)', '(channel == "mobile")'),
        ("amount > '200 000.50 KZT'", '(amount > "200000.50 KZT")'),
        ('- "2h"', '-"2h"'),
        ('currency != "USD"', '(currency != "USD")'),
        ('payer_bank != "X"', '(not (payer_bank == "X"))'),
        (
            'sum(payment.amount, window="4w", by=device)',
            'sum(payment.amount, by={device: device, currency: currency}, window="28d")',
        ),
        (
            'count(payment, by=(), delay="60s", window="90s", where=new_device)',
            'count(payment, by=(), window="90s", delay="1min", where=new_device)',
        ),
    ],
)
def test_one_meaning_has_one_text(text: str, written: str) -> None:
    """Layout, order of arguments and units of time make no difference."""
    expression = parse(text, SCOPE)
    assert not isinstance(expression, tuple)
    assert written == write(expression)


def test_money_is_known_again() -> None:
    """Under its guard of the currency."""
    literal = parse('"5 KZT"', SCOPE)
    assert not isinstance(literal, tuple)
    assert Money(500, 398) == money_of(literal)
    other = parse("amount if flag else paid", SCOPE)
    assert not isinstance(other, tuple)
    assert money_of(other) is None
