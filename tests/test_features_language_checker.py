from __future__ import annotations

import pytest

from arasha.features.expressions import (
    COUNT,
    Choice,
    Constant,
    FieldValue,
    Function,
    Missing,
    SymbolKnown,
    Unit,
    ValueType,
)
from arasha.features.language import Scope, parse
from expression_samples import SCOPE


def test_money_names_its_currency_and_is_missing_in_another() -> None:
    """The literal asks for the payment's currency; minor units by ISO 4217."""
    literal = parse('"12.5 USD"', Scope())
    money = ValueType("int", Unit.MONEY)
    assert isinstance(literal, Choice)
    assert Constant(1_250, money) == literal.then
    assert Missing(money) == literal.otherwise
    assert literal == parse('"12.5"', Scope(default_currency="USD"))


def test_hour_and_weekday_carry_the_policys_offset() -> None:
    """As a constant second operand, so that the engine needs no policy."""
    hour = parse("hour(happened_at)", Scope(utc_offset_ms=18_000_000))
    assert isinstance(hour, Function)
    offset = hour.operands[1]
    assert Constant(18_000_000, ValueType("int", Unit.DURATION)) == offset
    assert hour.type == COUNT


def test_known_asks_of_symbols_and_of_values() -> None:
    """A symbol has no value but can be known."""
    assert isinstance(parse("known(device)", Scope()), SymbolKnown)
    assert isinstance(parse("known(amount)", Scope()), Function)


def test_texts_take_the_type_of_their_neighbour() -> None:
    """In choices and functions as in comparisons."""
    chosen = parse('channel if new_device else "web"', Scope())
    assert isinstance(chosen, Choice)
    assert isinstance(chosen.then, FieldValue)
    assert Constant(1, chosen.then.type) == chosen.otherwise


def test_minus_before_a_literal_is_part_of_it() -> None:
    """So that no literal has two forms."""
    assert Constant(-5, COUNT) == parse("-5", Scope())
    assert Constant(5, COUNT) == parse("--5", Scope())


WRONG = """
amount + 1                  | type
new_device + 1              | type
n and flag                  | type
not n                       | type
-flag                       | type
1 if n else 2               | type
1 if flag else "2h"         | bad-literal
1 if flag else amount       | type
coalesce(device, 1)         | type
log("2h")                   | type
hour(n)                     | type
minimum(channel, "web")     | type
maximum(flag, flag)         | type
abs(happened_at)            | type
payer_bank                  | type
"mobile"                    | bad-literal
unknown                     | unknown-name
cunt(payment)               | unknown-name
log()                       | arguments
coalesce(1)                 | arguments
log(n, base=2)              | arguments
max(1, 2)                   | arguments
n ** 2                      | not-allowed
n // 2                      | not-allowed
~n                          | not-allowed
+n                          | not-allowed
None                        | not-allowed
...                         | not-allowed
b"2h"                       | not-allowed
9223372036854775808         | not-allowed
payment.amount              | not-allowed
(1, 2)                      | not-allowed
{1: 2}                      | not-allowed
n(n)                        | unknown-name
(n + 1)(n)                  | not-allowed
[n for n in (1, 2)]         | not-allowed
"""


@pytest.mark.parametrize(("text", "name"), [line.split("|") for line in WRONG.strip().splitlines()])
def test_what_does_not_fit_is_refused_by_name(text: str, name: str) -> None:
    """One fault, of the kind the table says."""
    problems = parse(text.strip(), SCOPE)
    assert isinstance(problems, tuple)
    assert [name.strip()] == [problem.name for problem in problems]
