from __future__ import annotations

import pytest

from arasha.events.schema import PAYMENT
from arasha.features.expressions import Comparison, Logic, Not, SymbolEquals
from arasha.features.language import Scope, parse
from expression_samples import SCOPE


def test_membership_is_one_equality_or_several() -> None:
    """Joined by or; not in is its negation."""
    assert parse("n in (1, 2)", SCOPE) == parse("n == 1 or n == 2", SCOPE)
    assert parse("n in [1]", SCOPE) == parse("n == 1", SCOPE)
    assert parse("n not in {1, 2}", SCOPE) == parse("not (n == 1 or n == 2)", SCOPE)


def test_chains_are_joined_by_and() -> None:
    """Each operand is compared with the next."""
    chain = parse('"2h" < last(payment, by=device, window="7d") <= "3h"', Scope())
    assert isinstance(chain, Logic)
    assert ["<", "<="] == [part.operator for part in chain.operands if isinstance(part, Comparison)]


def test_symbols_are_equal_or_not() -> None:
    """A field on either side; unequal is the negation, missing if either is unknown."""
    bank, other = PAYMENT.field("payer_bank"), PAYMENT.field("payee_bank")
    assert bank is not None
    assert other is not None
    assert SymbolEquals(bank, "X") == parse('"X" == payer_bank', Scope())
    assert Not(SymbolEquals(bank, other)) == parse("payer_bank != payee_bank", Scope())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("amount > 5", "type"),
        ('n == "5"', "type"),
        ("new_device == True", "type"),
        ("channel < currency", "type"),
        ('channel < "web"', "type"),
        ('channel == "wbe"', "bad-literal"),
        ('currency == "ABC"', "bad-literal"),
        ('amount > "5"', "bad-literal"),
        ('payer_bank == ""', "bad-literal"),
        ('payer_account == "KZ1"', "type"),
        ("payer_account == device", "type"),
        ("payer_account > payee_account", "type"),
        ("payer_bank == 5", "type"),
        ("channel == payer_bank", "type"),
        ('happened_at > "2026-01-01"', "type"),
        ("n in 5", "type"),
        ("n in ()", "type"),
        ("1 < n in (1, 2)", "not-allowed"),
        ("n is 5", "not-allowed"),
    ],
)
def test_what_cannot_be_compared_is_refused(text: str, name: str) -> None:
    """Once, whatever the number of operands."""
    problems = parse(text, SCOPE)
    assert isinstance(problems, tuple)
    assert [name] == [problem.name for problem in problems]
