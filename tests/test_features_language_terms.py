from __future__ import annotations

import pytest

from arasha.events.schema import CALL, FACTS, PAYMENT
from arasha.features.expressions import BOOL, COUNT, NUMBER, Unit, ValueType
from arasha.features.language_terms import (
    ARITHMETIC,
    DURATION,
    INSTANT,
    MONEY,
    Symbol,
    arithmetic_type,
    common_type,
    field_term,
    money_literal,
    name_field,
    name_type,
)
from arasha.features.literals import Malformed, Money

SHORT = {"number": COUNT, "money": MONEY, "duration": DURATION, "instant": INSTANT, "bool": BOOL}

ALLOWED = """
number + number = number          number - number = number
money + money = money             money - money = money
duration + duration = duration    duration - duration = duration
instant + duration = instant      instant - duration = instant
duration + instant = instant      instant - instant = duration
number * number = number          number * money = money
money * number = money            number * duration = duration
duration * number = duration      number % number = number
duration % duration = duration
"""


def test_arithmetic_is_exactly_the_table() -> None:
    """Of all pairs of types, those of the table and no others; division is always a float."""
    expected = {}
    for left, operator, right, _, result in (
        cell.split() for line in ALLOWED.strip().splitlines() for cell in _cells(line)
    ):
        expected[left, operator, right] = SHORT[result]
    for unit in ("number", "money", "duration"):
        expected[unit, "/", unit] = NUMBER
        expected[unit, "/", "number"] = ValueType("float", SHORT[unit].unit)
    found = {
        (left, operator, right): type_
        for left, left_type in SHORT.items()
        for right, right_type in SHORT.items()
        for operator in ARITHMETIC
        if (type_ := arithmetic_type(operator, left_type, right_type)) is not None
    }
    assert expected == found


def _cells(line: str) -> list[str]:
    return [cell for cell in line.split("   ") if cell.strip()]


def test_a_float_on_either_side_makes_a_float() -> None:
    """And keeps the unit."""
    assert ValueType("float", Unit.MONEY) == arithmetic_type("*", MONEY, NUMBER)
    assert NUMBER == arithmetic_type("+", COUNT, NUMBER)


@pytest.mark.parametrize(
    ("left", "right", "common"),
    [
        (COUNT, NUMBER, NUMBER),
        (NUMBER, COUNT, NUMBER),
        (COUNT, COUNT, COUNT),
        (BOOL, BOOL, BOOL),
        (BOOL, COUNT, None),
        (COUNT, MONEY, None),
        (MONEY, ValueType("float", Unit.MONEY), ValueType("float", Unit.MONEY)),
    ],
)
def test_a_common_type_holds_both(
    left: ValueType, right: ValueType, common: ValueType | None
) -> None:
    """Or there is none; a truth is no number."""
    assert common == common_type(left, right)


def test_every_field_of_every_fact_is_a_term_with_a_name() -> None:
    """A symbol or a typed value, and words for it."""
    for fact in FACTS.values():
        for field in fact.fields:
            term = field_term(field)
            assert field.type.is_symbol == isinstance(term, Symbol)
            words = name_field(field) if isinstance(term, Symbol) else name_type(term.type)
            assert words.split()[0] in ("a", "an", "money", "yes")


def test_a_fact_without_a_currency_knows_no_money() -> None:
    """A call cannot be compared with an amount."""
    assert isinstance(money_literal(Money(5, 398), CALL), Malformed)
    assert not isinstance(money_literal(Money(5, 398), PAYMENT), Malformed)
