"""What the type checker knows of an operand, and the rules by which operands combine.

Between the syntax tree and the checked expression: a term is an expression already typed, or a text
whose meaning its neighbour decides (``"2h"``, ``"mobile"``), or a symbol field, which can only be
compared. Here are the tables of the types; features/language.py walks the tree with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal, get_args

from arasha.events.schema import Fact, Field, FieldType
from arasha.features.expressions import (
    BOOL,
    NUMBER,
    Choice,
    Comparison,
    Constant,
    Expression,
    FieldValue,
    Missing,
    Unit,
    ValueType,
)
from arasha.features.literals import (
    Malformed,
    Money,
    read_currency,
    read_duration,
    read_money,
)

MONEY: Final = ValueType("int", Unit.MONEY)
DURATION: Final = ValueType("int", Unit.DURATION)
INSTANT: Final = ValueType("int", Unit.INSTANT)
CURRENCY: Final = ValueType("int", Unit.CURRENCY)

ArithmeticOperator = Literal["+", "-", "*", "/", "%"]
ARITHMETIC: Final[tuple[ArithmeticOperator, ...]] = get_args(ArithmeticOperator)

_MEASURES: Final = (Unit.NONE, Unit.MONEY, Unit.DURATION)
_FIELD_TYPES: Final = {
    FieldType.MONEY: MONEY,
    FieldType.CURRENCY: CURRENCY,
    FieldType.INSTANT: INSTANT,
    FieldType.DURATION: DURATION,
    FieldType.MARK: BOOL,
}


@dataclass(frozen=True, slots=True)
class Text:
    """A text between quotes, not yet anything."""

    value: str


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol field: a party, a code or a reference."""

    field: Field


Term = Expression | Text | Symbol


def field_term(field: Field) -> FieldValue | Symbol:
    """The term a field's bare name stands for."""
    if field.type.is_symbol:
        return Symbol(field)
    if field.type is FieldType.CATEGORY:
        return FieldValue(field, ValueType("int", Unit.CATEGORY, field.categories))
    return FieldValue(field, _FIELD_TYPES[field.type])


def name_type(type_: ValueType) -> str:
    """A type in words, for ``expected`` and ``found``."""
    if type_.form == "bool":
        return "yes or no"
    if type_.unit is Unit.CATEGORY:
        return f"a category ({name_choices(type_.categories)})"
    return {
        Unit.NONE: "a plain number",
        Unit.MONEY: "money",
        Unit.DURATION: "a duration",
        Unit.INSTANT: "a moment in time",
        Unit.CURRENCY: "a currency",
    }[type_.unit]


def name_choices(words: tuple[str, ...], shown_max: int = 8) -> str:
    """``mobile, web, branch``, cut short with dots."""
    return ", ".join(words[:shown_max]) + (", ..." if len(words) > shown_max else "")


def name_field(field: Field) -> str:
    """What a symbol field holds, in words."""
    if field.party is not None:
        kind = field.party.value.replace("_", "-")
        return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind} token"
    return "a code" if field.type is FieldType.CODE else "a reference"


def name_term(term: Term) -> str:
    """What a term is, in words."""
    match term:
        case Text(value):
            return f'the text "{value}"'
        case Symbol(field):
            return f"{name_field(field)} ({field.name})"
        case Constant(value, ValueType("int" | "float", Unit.NONE)):
            return f"the plain number {value}"
        case _:
            return name_type(term.type)


def arithmetic_type(
    operator: ArithmeticOperator, left: ValueType, right: ValueType
) -> ValueType | None:
    """The type of ``left operator right``, or None if these do not go together."""
    if "bool" in (left.form, right.form):
        return None
    form: Literal["int", "float"] = "float" if "float" in (left.form, right.form) else "int"
    pair = (left.unit, right.unit)
    same = left.unit is right.unit and left.unit in _MEASURES
    unit: Unit | None = None
    if operator in ("+", "-") and same:
        unit = left.unit
    elif (operator == "+" and pair == (Unit.DURATION, Unit.INSTANT)) or (
        operator in ("+", "-") and pair == (Unit.INSTANT, Unit.DURATION)
    ):
        unit = Unit.INSTANT
    elif operator == "-" and pair == (Unit.INSTANT, Unit.INSTANT):
        unit = Unit.DURATION
    elif operator == "*" and Unit.NONE in pair and set(pair) <= set(_MEASURES):
        unit = left.unit if right.unit is Unit.NONE else right.unit
    elif operator == "/" and same:
        return NUMBER
    elif operator == "/" and left.unit in _MEASURES and right.unit is Unit.NONE:
        return ValueType("float", left.unit)
    elif operator == "%" and same and left.unit is not Unit.MONEY:
        unit = left.unit
    return None if unit is None else ValueType(form, unit)


def common_type(left: ValueType, right: ValueType) -> ValueType | None:
    """The type that holds either, or None: one unit, one set of categories, int widened to float.

    A truth is no number: a ``bool`` has a common type only with another.
    """
    if (left.unit, left.categories) != (right.unit, right.categories):
        return None
    if "bool" in (left.form, right.form):
        return left if left.form == right.form else None
    return left if left.form == "float" else right


def literal(
    text: str, type_: ValueType, fact: Fact, currency: str | None
) -> Expression | Malformed:
    """The text as a value of that type.

    Money depends on the currency of the fact at hand: ``"200000 KZT"`` is 20,000,000 minor units
    if the fact's currency is KZT and missing if it is another or unknown. ``currency`` is the
    policy's default for money that names none.
    """
    if type_.unit is Unit.DURATION:
        duration = read_duration(text)
        return duration if isinstance(duration, Malformed) else Constant(duration, DURATION)
    if type_.unit is Unit.MONEY:
        money = read_money(text, currency)
        return money if isinstance(money, Malformed) else money_literal(money, fact)
    if type_.unit is Unit.CURRENCY:
        code = read_currency(text)
        return code if isinstance(code, Malformed) else Constant(code, CURRENCY)
    if type_.unit is Unit.CATEGORY:
        if text in type_.categories:
            return Constant(type_.categories.index(text), type_)
        return Malformed(
            f'"{text}" is not one of the categories', name_choices(type_.categories, 20)
        )
    return Malformed(f'the text "{text}" cannot stand here', name_type(type_))


def money_literal(money: Money, fact: Fact) -> Expression | Malformed:
    """Money in a currency, as a value that is missing where the fact is in another."""
    field = fact.field("currency")
    if field is None:
        return Malformed(
            f"a {fact.word} has no currency, so no money", "a value without a currency"
        )
    is_ours = Comparison("==", FieldValue(field, CURRENCY), Constant(money.currency, CURRENCY))
    return Choice(is_ours, Constant(money.minor, MONEY), Missing(MONEY), MONEY)


def literal_alone(text: str, fact: Fact, currency: str | None) -> Expression | Malformed:
    """A text with no neighbour to say what it is: it can only be a duration or money."""
    duration = literal(text, DURATION, fact, currency)
    if not isinstance(duration, Malformed):
        return duration
    money = literal(text, MONEY, fact, currency)
    if not isinstance(money, Malformed):
        return money
    if text[:1].isdigit():
        better = money if text[-3:].isalpha() and text[-3:].isupper() else duration
        return Malformed(better.what, 'a duration ("2h") or money ("200000 KZT")', better.hint)
    return Malformed(
        f'the text "{text}" cannot stand here',
        'a duration ("2h") or money ("200000 KZT")',
        'other texts can only be compared: channel == "mobile"',
    )


def near(name: str, known: Sequence[str], quote: str = "'") -> str | None:
    """``did you mean 'x'?`` for the known name that is nearest to a wrong one."""
    found = get_close_matches(name, known, n=1, cutoff=0.6)
    if not found:
        found = [word for word in known if word.lower() == name.lower()][:1]
    return f"did you mean {quote}{found[0]}{quote}?" if found else None
