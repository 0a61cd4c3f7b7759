"""A checked expression as the canonical text of itself.

The way back of features/language.py: in comes an Expression, out goes a text that parses to an
equal one. Expressions that mean the same by construction (chains, lists, spaces, brackets) have one
canonical text, so it is what a policy's hash is made of, and what is shown of a rule in a report.
"""

from __future__ import annotations

from arasha.features.expressions import (
    Arithmetic,
    Choice,
    Comparison,
    Constant,
    Expression,
    FeatureValue,
    FieldValue,
    Function,
    Logic,
    Missing,
    Negative,
    Not,
    SymbolEquals,
    SymbolKnown,
    Unit,
    Window,
)
from arasha.features.literals import Money, currency_word, write_duration, write_money


def write(expression: Expression) -> str:  # noqa: C901 - one case a kind of node
    """The canonical text; ``parse(write(e), scope) == e`` in the scope e was made in.

    >>> from arasha.features.language import Scope, parse
    >>> write(parse('1<hour(happened_at)<5', Scope()))
    '((1 < hour(happened_at)) and (hour(happened_at) < 5))'
    """
    match expression:
        case Constant():
            return _constant(expression)
        case Missing():
            return "missing"  # stands alone in no expression that was parsed
        case FieldValue(field):
            return field.name
        case FeatureValue(name):
            return name
        case SymbolEquals(left, right):
            return f"({left.name} == {_quote(right) if isinstance(right, str) else right.name})"
        case SymbolKnown(field):
            return f"known({field.name})"
        case Arithmetic(operator, left, right) | Comparison(operator, left, right):
            return f"({write(left)} {operator} {write(right)})"
        case Negative(operand):
            return f"(-{write(operand)})"
        case Not(operand):
            return f"(not {write(operand)})"
        case Logic(operator, operands):
            return f"({f' {operator} '.join(write(operand) for operand in operands)})"
        case Choice(condition, then, otherwise):
            money = money_of(expression)
            if money is not None:
                return _quote(write_money(money))
            return f"({write(then)} if {write(condition)} else {write(otherwise)})"
        case Function(name, operands):
            shown = operands[:1] if name in ("hour", "weekday") else operands
            return f"{name}({', '.join(write(operand) for operand in shown)})"
        case Window():
            return _window(expression)


def money_of(expression: Expression) -> Money | None:
    """The money of a literal such as ``"200000 KZT"``, or None if it is no such literal."""
    match expression:
        case Choice(
            Comparison("==", FieldValue(_), Constant(currency, _)),
            Constant(minor, minor_type),
            Missing(missing_type),
        ) if minor_type == missing_type and minor_type.unit is Unit.MONEY:
            return Money(int(minor), int(currency))
        case _:
            return None


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _constant(constant: Constant) -> str:
    value, unit = constant.value, constant.type.unit
    if unit is Unit.CATEGORY:
        return _quote(constant.type.categories[int(value)])
    if unit is Unit.CURRENCY:
        return _quote(currency_word(int(value)))
    if unit is Unit.DURATION:
        sign = "-" if value < 0 else ""
        return f"{sign}{_quote(write_duration(abs(int(value))))}"
    return repr(value)


def _window(window: Window) -> str:
    of = window.fact.word if window.value is None else f"{window.fact.word}.{window.value.name}"
    pairs = ", ".join(f"{part.theirs.name}: {part.ours.name}" for part in window.by)
    parts = [of]
    if window.aggregator not in ("cycle_length", "scatter_gather", "shared_payees"):
        parts.append(f"by={{{pairs}}}" if pairs else "by=()")
    parts.append(f"window={_quote(write_duration(window.window_ms))}")
    if window.within_ms:
        parts.append(f"within={_quote(write_duration(window.within_ms))}")
    if window.delay_ms:
        parts.append(f"delay={_quote(write_duration(window.delay_ms))}")
    if window.where is not None:
        parts.append(f"where={write(window.where)}")
    return f"{window.aggregator}({', '.join(parts)})"
