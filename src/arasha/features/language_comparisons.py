"""Comparisons of the policy language: values, symbols, chains and membership.

A part of the type checker (features/language_checker.py). ``1 < x < 5`` becomes two comparisons
joined by ``and``; ``x in (a, b)`` two equalities joined by ``or``; a text takes the type of what it
is compared with.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, Literal

from arasha.events.schema import Field, FieldType
from arasha.features.expressions import (
    BOOL,
    Comparison,
    Constant,
    Expression,
    Logic,
    Not,
    SymbolEquals,
    Unit,
    ValueType,
)
from arasha.features.language_terms import (
    Symbol,
    Term,
    Text,
    literal,
    name_field,
    name_term,
    name_type,
    near,
)
from arasha.features.literals import Malformed, read_code

if TYPE_CHECKING:
    from arasha.features.language_checker import Checker

ComparisonOperator = Literal["<", "<=", ">", ">=", "==", "!="]
Side = tuple[Term, ast.expr]
ValueSide = tuple[Expression | Text, ast.expr]

_COMPARISONS: Final[dict[type[ast.cmpop], ComparisonOperator]] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


def comparisons(checker: Checker, node: ast.Compare) -> Expression | None:
    """A comparison, or a chain of them joined by ``and``; each operand is checked once."""
    if any(isinstance(op, ast.In | ast.NotIn) for op in node.ops):
        return _membership(checker, node)
    for op in node.ops:
        if isinstance(op, ast.Is | ast.IsNot):
            words = checker.source.words(node.left)
            hint = f"equality is ==; whether a value is there is asked with known({words})"
            checker.problem(node, "not-allowed", "'is' is not part of the language", hint=hint)
            return None
    nodes = [node.left, *node.comparators]
    terms = [checker.term(operand) for operand in nodes]
    made: list[Expression | None] = []
    for i, op in enumerate(node.ops):
        left, right = terms[i], terms[i + 1]
        if left is None or right is None:
            made.append(None)
        else:
            sides = (left, nodes[i]), (right, nodes[i + 1])
            made.append(_compare(checker, node, _COMPARISONS[type(op)], *sides))
    parts = tuple(part for part in made if part is not None)
    if len(parts) < len(made):
        return None
    return parts[0] if len(parts) == 1 else Logic("and", parts)


def _membership(checker: Checker, node: ast.Compare) -> Expression | None:
    right = node.comparators[0]
    if len(node.ops) > 1:
        what = "'in' cannot be part of a chain of comparisons"
        checker.problem(node, "not-allowed", what, hint="join the parts with 'and'")
        return None
    if not isinstance(right, ast.Tuple | ast.List | ast.Set) or not right.elts:
        checker.problem(
            right,
            "type",
            "'in' needs a list of values",
            expected='values between brackets, such as ("mobile", "web")',
            found=checker.source.words(right),
        )
        return None
    left = checker.term(node.left)
    elements = [(checker.term(element), element) for element in right.elts]
    if left is None:
        return None
    made = [
        None if term is None else _compare(checker, node, "==", (left, node.left), (term, at))
        for term, at in elements
    ]
    parts = tuple(part for part in made if part is not None)
    if len(parts) < len(made):
        return None
    either = parts[0] if len(parts) == 1 else Logic("or", parts)
    return Not(either) if isinstance(node.ops[0], ast.NotIn) else either


def _compare(
    checker: Checker, node: ast.expr, operator: ComparisonOperator, left: Side, right: Side
) -> Expression | None:
    if isinstance(left[0], Symbol):
        return _symbols(checker, node, operator, (left[0], left[1]), right)
    if isinstance(right[0], Symbol):
        return _symbols(checker, node, operator, (right[0], right[1]), left)
    return _values(checker, node, operator, (left[0], left[1]), (right[0], right[1]))


def _values(
    checker: Checker,
    node: ast.expr,
    operator: ComparisonOperator,
    left: ValueSide,
    right: ValueSide,
) -> Expression | None:
    sides: list[Expression] = []
    for (term, at), (other, _) in ((left, right), (right, left)):
        if isinstance(term, Text) and not isinstance(other, Text):
            made = _beside(checker, term, at, other.type)
        else:
            made = checker.settle(term, at)
        if made is not None:
            sides.append(made)
    if len(sides) < 2:
        return None
    first, second = sides[0].type, sides[1].type
    if "bool" in (first.form, second.form):
        _truth_compared(checker, node, (first, left[1]), (second, right[1]))
    elif (first.unit, first.categories) != (second.unit, second.categories):
        _different_types(checker, (sides[0], left[1]), (sides[1], right[1]))
    elif first.unit in (Unit.CATEGORY, Unit.CURRENCY) and operator not in ("==", "!="):
        what = f"{name_type(first)} has no order"
        checker.problem(node, "type", what, expected="== or != or in", found=operator)
    else:
        return Comparison(operator, sides[0], sides[1])
    return None


def _beside(checker: Checker, text: Text, at: ast.expr, type_: ValueType) -> Expression | None:
    """The text as what it is compared with."""
    if type_ == BOOL or type_.unit in (Unit.NONE, Unit.INSTANT):
        checker.problem(
            at,
            "type",
            f"{name_type(type_)} is compared with a text",
            expected=name_type(type_),
            found=f'the text "{text.value}"',
            hint="numbers stand without quotes" if text.value.isdigit() else None,
        )
        return None
    made = literal(text.value, type_, checker.here, checker.scope.default_currency)
    if isinstance(made, Malformed):
        hint = near(text.value, type_.categories, quote='"') or made.hint
        checker.malformed(at, Malformed(made.what, made.expected, hint))
        return None
    return made


def _truth_compared(
    checker: Checker,
    node: ast.expr,
    left: tuple[ValueType, ast.expr],
    right: tuple[ValueType, ast.expr],
) -> None:
    is_left = left[0].form == "bool" and not isinstance(left[1], ast.Constant)
    mark = checker.source.words(left[1] if is_left or right[0].form != "bool" else right[1])
    checker.problem(
        node,
        "type",
        "a yes or no is compared",
        expected="the condition itself",
        found=f"{name_type(left[0])} compared with {name_type(right[0])}",
        hint=f"write '{mark}' or 'not {mark}'",
    )


def _different_types(
    checker: Checker, left: tuple[Expression, ast.expr], right: tuple[Expression, ast.expr]
) -> None:
    (first, _), (second, at) = left, right
    if isinstance(first, Constant) and not isinstance(second, Constant):
        (first, _), (second, at) = right, left
    hint = None
    if isinstance(second, Constant) and second.type.unit is Unit.NONE:
        if first.type.unit is Unit.MONEY:
            hint = f'money names its currency: "{second.value} KZT"'
        elif first.type.unit is Unit.DURATION:
            hint = f'a duration names its unit: "{second.value}h"'
        elif first.type.unit is Unit.CURRENCY:
            hint = 'a currency is written "KZT"'
    checker.problem(
        at,
        "type",
        f"{name_type(first.type)} is compared with {name_type(second.type)}",
        expected=name_type(first.type),
        found=name_term(second),
        hint=hint,
    )


def _symbols(
    checker: Checker,
    node: ast.expr,
    operator: ComparisonOperator,
    symbol: tuple[Symbol, ast.expr],
    other: Side,
) -> Expression | None:
    mine, (theirs, at) = symbol[0].field, other
    if operator not in ("==", "!="):
        what = f"{name_field(mine)} has no order"
        checker.problem(node, "type", what, expected="== or != or in", found=operator)
        return None
    same: Expression | None = None
    if isinstance(theirs, Symbol):
        if (mine.type, mine.party) == (theirs.field.type, theirs.field.party):
            same = SymbolEquals(mine, theirs.field)
    elif isinstance(theirs, Text) and mine.type is FieldType.CODE:
        code = read_code(theirs.value)
        if isinstance(code, Malformed):
            checker.malformed(at, code)
            return None
        same = SymbolEquals(mine, code)
    if same is not None:
        return same if operator == "==" else Not(same)
    _unlike(checker, mine, theirs, at)
    return None


def _unlike(checker: Checker, mine: Field, theirs: Term, at: ast.expr) -> None:
    others = [
        f.name
        for f in checker.here.fields
        if (f.type, f.party) == (mine.type, mine.party) and f.name != mine.name
    ]
    expected = f"another field that holds {name_field(mine)}"
    if others:
        expected += f" ({', '.join(others)})"
    if mine.type is FieldType.CODE:
        expected = 'a code between quotes, such as "HSBKKZKX", or ' + expected
    hint = None
    if isinstance(theirs, Text) and mine.type is not FieldType.CODE:
        hint = (
            "identifiers are tokens here and never written out; ask known(x), or count facts by it"
        )
    checker.problem(
        at,
        "type",
        f"'{mine.name}' is compared with {name_term(theirs)}",
        expected=expected,
        found=name_term(theirs),
        hint=hint,
    )
