"""The type checker of the policy language: from a syntax tree to a typed expression.

The second half of features/language.py. In comes a bounded syntax tree; out goes an Expression, or
None and the problems found. Comparisons and aggregates have modules of their own.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from arasha.events.schema import FACTS, PAYMENT, Fact
from arasha.features.expressions import (
    BOOL,
    COUNT,
    NUMBER,
    Aggregator,
    Arithmetic,
    Choice,
    Constant,
    Expression,
    FeatureValue,
    Function,
    Logic,
    Negative,
    Not,
    SymbolKnown,
    Unit,
    ValueType,
)
from arasha.features.language_comparisons import comparisons
from arasha.features.language_flows import FLOWS, flow
from arasha.features.language_syntax import Problem, Source
from arasha.features.language_terms import (
    DURATION,
    ArithmeticOperator,
    Symbol,
    Term,
    Text,
    arithmetic_type,
    common_type,
    field_term,
    literal,
    literal_alone,
    name_field,
    name_term,
    name_type,
    near,
)
from arasha.features.language_windows import window
from arasha.features.literals import MAX_FLOAT, MAX_LITERAL, Malformed

AGGREGATORS: Final[tuple[Aggregator, ...]] = get_args(Aggregator)
FunctionName = Literal["hour", "weekday", "log", "abs", "minimum", "maximum", "coalesce", "known"]
FUNCTIONS: Final[tuple[FunctionName, ...]] = get_args(FunctionName)

_ARITHMETIC: Final[dict[type[ast.operator], ArithmeticOperator]] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%",
}  # fmt: skip
_OTHER_OPERATORS: Final = {
    ast.Pow: ("**", "write the product out: x * x"),
    ast.FloorDiv: ("//", "division is written /"),
    ast.BitAnd: ("&", "did you mean 'and'?"),
    ast.BitOr: ("|", "did you mean 'or'?"),
    ast.BitXor: ("^", "did you mean '!='?"),
    ast.MatMult: ("@", "multiplication is written *"),
    ast.LShift: ("<<", "did you mean '<'?"),
    ast.RShift: (">>", "did you mean '>'?"),
}


_RULES: Final = {
    "+": "two numbers, two of money, two durations, or a moment and a duration",
    "-": "two numbers, two of money, two durations, two moments, or a moment and a duration",
    "*": "two numbers, or money or a duration and a number",
    "/": "two of a kind, or money or a duration and a number",
    "%": "two numbers or two durations",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may speak of.

    ``judged`` is the fact a decision is about; ``features`` the type of each feature by its name,
    None for one that is wrong itself (using it is no further fault); ``utc_offset_ms`` shifts
    ``hour`` and ``weekday``; ``default_currency`` is that of money literals that name none.
    """

    judged: Fact = PAYMENT
    features: Mapping[str, ValueType | None] = field(default_factory=dict)
    utc_offset_ms: int = 0
    default_currency: str | None = None


class Checker:
    """Types the nodes of one expression and collects what is wrong.

    A method that gives None has reported why, or met something that was.
    """

    def __init__(self, source: Source, scope: Scope) -> None:
        self.source = source
        self.scope = scope
        self.problems: list[Problem] = []
        self.fact: Fact | None = None  # the window's, while we are in its `where`

    def problem(
        self,
        node: ast.expr | ast.keyword,
        name: str,
        what: str,
        *,
        expected: str | None = None,
        found: str | None = None,
        hint: str | None = None,
    ) -> None:
        """Report a fault at a node."""
        start, end = self.source.span(node)
        self.problems.append(Problem(name, what, start, end, expected, found, hint))

    def malformed(self, node: ast.expr, why: Malformed) -> None:
        """Report a text that is not the literal it should be."""
        self.problem(node, "bad-literal", why.what, expected=why.expected, hint=why.hint)

    # Terms, by kind of node

    def term(self, node: ast.expr) -> Term | None:
        """The node as an operand."""
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name():
                return self._name(node)
            case ast.Compare():
                return comparisons(self, node)
            case ast.BoolOp():
                return self._logic(node)
            case ast.UnaryOp():
                return self._unary(node)
            case ast.BinOp():
                return self._arithmetic(node)
            case ast.IfExp():
                return self._choice(node)
            case ast.Call():
                return self._call(node)
            case ast.Attribute():
                self._attribute(node)
                return None
            case _:
                self.problem(
                    node,
                    "not-allowed",
                    "a list of values cannot stand here",
                    expected="one value",
                    hint="lists stand after 'in' and in 'by'",
                )
                return None

    def value(self, node: ast.expr) -> Expression | None:
        """The node as a value that stands on its own."""
        term = self.term(node)
        return None if term is None else self.settle(term, node)

    def settle(self, term: Term, node: ast.expr) -> Expression | None:
        """A term as a value, with no neighbour to tell what a text means."""
        if isinstance(term, Symbol):
            self.problem(
                node,
                "type",
                f"'{term.field.name}' is not a value to count or show",
                expected="a number, money, a duration, a category or yes or no",
                found=name_field(term.field),
                hint=f"compare it with ==, or ask known({term.field.name})",
            )
            return None
        if isinstance(term, Text):
            made = literal_alone(term.value, self.here, self.scope.default_currency)
            return self._made(made, node)
        return term

    def condition(self, node: ast.expr) -> Expression | None:
        """The node as a yes or no."""
        term = self.term(node)
        if term is None:
            return None
        if not isinstance(term, Text | Symbol) and term.type == BOOL:
            return term
        hint = None
        words = self.source.words(node)
        if isinstance(term, Symbol):
            hint = f"ask known({words})"
        elif not isinstance(term, Text) and term.type.unit is Unit.NONE:
            hint = f"compare it: {words} > 0"
        self.problem(
            node,
            "type",
            "a condition must be yes or no",
            expected="a comparison, a mark, or these with and, or, not",
            found=name_term(term),
            hint=hint,
        )
        return None

    @property
    def here(self) -> Fact:
        """The fact whose fields bare names are."""
        return self.fact or self.scope.judged

    def convert(self, text: Text, type_: ValueType, node: ast.expr) -> Expression | None:
        """A text as a literal of the type its neighbour has."""
        return self._made(literal(text.value, type_, self.here, self.scope.default_currency), node)

    def _made(self, made: Expression | Malformed, node: ast.expr) -> Expression | None:
        if isinstance(made, Malformed):
            self.malformed(node, made)
            return None
        return made

    def _constant(self, node: ast.Constant) -> Term | None:
        value = node.value
        if isinstance(value, str):
            return Text(value)
        if isinstance(value, bool):
            return Constant(value, BOOL)
        if isinstance(value, int) and value <= MAX_LITERAL:
            return Constant(value, COUNT)
        if isinstance(value, float) and value <= MAX_FLOAT:
            return Constant(value, NUMBER)
        what, expected, hint = "this value is not part of the language", "a number or a text", None
        if isinstance(value, int | float):
            limit = MAX_LITERAL if isinstance(value, int) else MAX_FLOAT
            what, expected = "this number is too large", f"at most {limit}"
        elif value is None:
            expected = "a value"
            hint = "ask known(x) whether x is there, or give it another value: coalesce(x, 0)"
        self.problem(node, "not-allowed", what, expected=expected, hint=hint)
        return None

    def _name(self, node: ast.Name) -> Term | None:
        name = node.id
        found = self.here.field(name)
        if found is not None:
            return field_term(found)
        if self.fact is None and name in self.scope.features:
            type_ = self.scope.features[name]
            return None if type_ is None else FeatureValue(name, type_)
        self._unknown(node)
        return None

    def _unknown(self, node: ast.Name) -> None:
        name = node.id
        fields = [f.name for f in self.here.fields]
        known = fields if self.fact else [*fields, *self.scope.features]
        expected = None
        if self.fact is not None and (
            name in self.scope.features or self.scope.judged.field(name) is not None
        ):
            what = f"'where' sees only the fields of the {self.fact.word} in the window"
            expected, hint = f"one of {', '.join(fields)}", near(name, known)
        else:
            what = f"unknown name '{name}'"
            hint = near(name, known)
        categories = [c for f in self.here.fields for c in f.categories]
        if name in ("true", "false", "yes", "no"):
            hint = f"did you mean '{'True' if name in ('true', 'yes') else 'False'}'?"
        elif name in FACTS and self.fact is None:
            hint = f'facts are counted in a window: count({name}, by=..., window="7d")'
        elif name in FUNCTIONS or name in AGGREGATORS:
            hint = f"'{name}' is a function: {name}(...)"
        elif hint is None and name in categories:
            hint = f'a text stands between quotes: "{name}"'
        self.problem(node, "unknown-name", what, expected=expected, hint=hint)

    def _attribute(self, node: ast.Attribute) -> None:
        words = self.source.words(node)
        hint = None
        if isinstance(node.value, ast.Name) and node.value.id in FACTS:
            fact = FACTS[node.value.id]
            if fact is self.here:
                hint = f"did you mean '{node.attr}'?"
            else:
                hint = f'aggregate it in a window: max({words}, by=..., window="7d")'
        self.problem(
            node,
            "not-allowed",
            f"'{words}' is not a value",
            expected=f"a field of the {self.here.word} by its bare name, or a feature",
            hint=hint,
        )

    def _logic(self, node: ast.BoolOp) -> Expression | None:
        operands = [self.condition(operand) for operand in node.values]
        known = tuple(operand for operand in operands if operand is not None)
        if len(known) < len(operands):
            return None
        return Logic("and" if isinstance(node.op, ast.And) else "or", known)

    def _unary(self, node: ast.UnaryOp) -> Expression | None:
        if isinstance(node.op, ast.Not):
            operand = self.condition(node.operand)
            return None if operand is None else Not(operand)
        operand = self.value(node.operand)
        if operand is None:
            return None
        type_ = operand.type
        wrong = type_.form == "bool" or type_.unit not in (Unit.NONE, Unit.MONEY, Unit.DURATION)
        if not isinstance(node.op, ast.USub) or wrong:
            sign = "-" if isinstance(node.op, ast.USub) else self.source.words(node)[:1]
            self.problem(
                node,
                "type" if sign == "-" else "not-allowed",
                f"'{sign}' cannot stand before {name_term(operand)}",
                expected="a minus before a number, money or a duration",
            )
            return None
        if isinstance(operand, Constant):
            return Constant(-operand.value, type_)
        return Negative(operand, type_)

    def _arithmetic(self, node: ast.BinOp) -> Expression | None:
        left, right = self.value(node.left), self.value(node.right)
        if type(node.op) in _OTHER_OPERATORS:
            sign, hint = _OTHER_OPERATORS[type(node.op)]
            what = f"the operator {sign} is not part of the language"
            self.problem(node, "not-allowed", what, expected="+ - * / %", hint=hint)
            return None
        if left is None or right is None:
            return None
        operator = _ARITHMETIC[type(node.op)]
        type_ = arithmetic_type(operator, left.type, right.type)
        if type_ is not None:
            return Arithmetic(operator, left, right, type_)
        done = {"+": "added", "-": "subtracted", "*": "multiplied", "/": "divided", "%": "divided"}
        self.problem(
            node,
            "type",
            f"{name_type(left.type)} and {name_type(right.type)} cannot be {done[operator]}",
            expected=_RULES[operator],
            found=f"{name_term(left)} {operator} {name_term(right)}",
        )
        return None

    def _choice(self, node: ast.IfExp) -> Expression | None:
        condition = self.condition(node.test)
        sides = self.unify([node.body, node.orelse], "the two sides of a choice")
        if condition is None or sides is None:
            return None
        (then, otherwise), type_ = sides
        return Choice(condition, then, otherwise, type_)

    def unify(
        self, nodes: Sequence[ast.expr], what: str
    ) -> tuple[tuple[Expression, ...], ValueType] | None:
        """Values of one type: texts become what the first typed one is."""
        terms = [(self.term(node), node) for node in nodes]
        typed = [t for t, _ in terms if t is not None and not isinstance(t, Text | Symbol)]
        values: list[Expression] = []
        for term, node in terms:
            if isinstance(term, Text) and typed:
                made = self.convert(term, typed[0].type, node)
            else:
                made = None if term is None else self.settle(term, node)
            if made is not None:
                values.append(made)
        if len(values) < len(nodes):
            return None
        type_ = values[0].type
        for value, node in zip(values[1:], nodes[1:], strict=True):
            common = common_type(type_, value.type)
            if common is None:
                self.problem(
                    node,
                    "type",
                    f"{what} must be of one type",
                    expected=name_type(type_),
                    found=name_term(value),
                )
                return None
            type_ = common
        return tuple(values), type_

    # Calls

    def _call(self, node: ast.Call) -> Expression | None:
        if not isinstance(node.func, ast.Name):
            self.problem(node.func, "not-allowed", "only functions of the language can be called",
                         expected=", ".join(FUNCTIONS))  # fmt: skip
            return None
        name = node.func.id
        if name in AGGREGATORS:
            if name in ("min", "max") and len(node.args) > 1 and not node.keywords:
                self.problem(
                    node,
                    "arguments",
                    f"'{name}' is over the facts of a window",
                    expected=f'{name}(payment.amount, by=..., window="7d")',
                    hint=f"of several values it is '{name}imum'",
                )
                return None
            aggregator = _aggregator(name)
            return (flow if aggregator in FLOWS else window)(self, aggregator, node)
        if name not in FUNCTIONS:
            hint = near(name, [*FUNCTIONS, *AGGREGATORS])
            self.problem(node.func, "unknown-name", f"unknown function '{name}'", hint=hint)
            return None
        if node.keywords:
            self.problem(node.keywords[0], "arguments", f"'{name}' has no named arguments")
            return None
        return self._function(_function(name), node)

    def _function(self, name: FunctionName, node: ast.Call) -> Expression | None:
        several = name in ("minimum", "maximum", "coalesce")
        if len(node.args) < 2 if several else len(node.args) != 1:
            self.problem(
                node,
                "arguments",
                f"'{name}' is given the wrong number of values",
                expected="two or more" if several else "one",
                found=f"{len(node.args)}",
            )
            return None
        if several:
            return self._several(name, node)
        if name == "known":
            term = self.term(node.args[0])
            if isinstance(term, Symbol):
                return SymbolKnown(term.field)
            operand = None if term is None else self.settle(term, node.args[0])
            return None if operand is None else Function("known", (operand,), BOOL)
        return self._of_one(name, node)

    def _several(self, name: FunctionName, node: ast.Call) -> Expression | None:
        made = self.unify(node.args, f"what '{name}' is of")
        if made is None:
            return None
        operands, type_ = made
        ordered = type_.form != "bool" and type_.unit not in (Unit.CATEGORY, Unit.CURRENCY)
        if name != "coalesce" and not ordered:
            self.problem(
                node.args[0],
                "type",
                f"{name_type(type_)} has no order",
                expected="numbers, money, durations or moments",
            )
            return None
        return Function(name, operands, type_)

    def _of_one(self, name: FunctionName, node: ast.Call) -> Expression | None:
        operand = self.value(node.args[0])
        if operand is None:
            return None
        unit, is_bool = operand.type.unit, operand.type.form == "bool"
        if name in ("hour", "weekday") and unit is Unit.INSTANT:
            offset = Constant(self.scope.utc_offset_ms, DURATION)
            return Function(name, (operand, offset), COUNT)
        if name == "log" and unit is Unit.NONE and not is_bool:
            return Function("log", (operand,), NUMBER)
        if name == "abs" and unit in (Unit.NONE, Unit.MONEY, Unit.DURATION) and not is_bool:
            return Function("abs", (operand,), operand.type)
        words = self.source.words(node.args[0])
        expected, hint = "a moment in time", f"{name}(happened_at)"
        if name == "abs":
            expected, hint = "a number, money or a duration", ""
        elif name == "log":
            expected, hint = "a plain number", ""
            one = {Unit.MONEY: "1 KZT", Unit.DURATION: "1s"}.get(unit)
            if one is not None:
                hint = f'divide by one unit first: log({words} / "{one}")'
        self.problem(
            node.args[0],
            "type",
            f"'{name}' of {name_type(operand.type)}",
            expected=expected,
            found=name_term(operand),
            hint=hint or None,
        )
        return None


def _aggregator(name: str) -> Aggregator:
    return next(aggregator for aggregator in AGGREGATORS if aggregator == name)


def _function(name: str) -> FunctionName:
    return next(function for function in FUNCTIONS if function == name)
