"""The oracle: what every expression means, as a double loop anyone can check by eye.

In: a history of facts, oldest first, each with its ``known_at``. Out: the value of an expression
for the fact at hand, ``None`` when missing. Slow and plain on purpose; the compiled state and
program must equal it on any history (law 3).
"""

from __future__ import annotations

import datetime
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from arasha.events.columns import Facts
from arasha.events.schema import FACT_OF_KIND, MISSING, Field, FieldType, Kind
from arasha.features import expressions as x
from arasha.testing import naive_flows as flows

Value = int | float | bool | bytes | None
INT64_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Happening:
    """One fact of a history: its kind, its place in time, its known fields by name."""

    kind: Kind
    known_at: int
    fields: Mapping[str, Value]


def history(facts: Facts, known_at: Sequence[int]) -> list[Happening]:
    """A batch as plain facts."""
    return [
        Happening(Kind(int(facts.kinds[i])), int(known_at[i]), _fields(facts, i))
        for i in range(len(facts))
    ]


def _fields(facts: Facts, row: int) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    for field in FACT_OF_KIND[Kind(int(facts.kinds[row]))].fields:
        if field.type.is_symbol:
            symbol = facts.symbol(field.name)[row].tobytes()
            fields[field.name] = None if symbol == bytes(16) else symbol
        else:
            number = int(facts.number(field.name)[row])
            fields[field.name] = None if number == MISSING else number
            if field.type is FieldType.MARK and number != MISSING:
                fields[field.name] = bool(number)
    return fields


def evaluate(
    expression: x.Expression,
    past: Sequence[Happening],
    now: Happening,
    features: Mapping[str, x.Expression] | None = None,
) -> Value:
    """The value of an expression for the fact ``now`` after the history ``past``."""
    return _Evaluation(past, now, features or {}).value(expression)


@dataclass(frozen=True, slots=True)
class _Evaluation:
    past: Sequence[Happening]
    now: Happening
    features: Mapping[str, x.Expression]

    def value(self, node: x.Expression) -> Value:
        method: Callable[[Any], Value] = getattr(self, f"_{type(node).__name__.lower()}")
        return method(node)

    def _constant(self, node: x.Constant) -> Value:
        return node.value

    def _missing(self, _node: x.Missing) -> Value:
        return None

    def _fieldvalue(self, node: x.FieldValue) -> Value:
        return self.now.fields[node.field.name]

    def _featurevalue(self, node: x.FeatureValue) -> Value:
        return self.value(self.features[node.name])

    def _symbolequals(self, node: x.SymbolEquals) -> Value:
        left = self.now.fields[node.left.name]
        right: Value
        if isinstance(node.right, Field):
            right = self.now.fields[node.right.name]
        else:
            right = node.right.encode().ljust(16, b"\0")
        return None if left is None or right is None else left == right

    def _symbolknown(self, node: x.SymbolKnown) -> Value:
        return self.now.fields[node.field.name] is not None

    def _not(self, node: x.Not) -> Value:
        value = self.value(node.operand)
        return None if value is None else not value

    def _negative(self, node: x.Negative) -> Value:
        value = self.value(node.operand)
        return None if value is None else _bounded(-value)  # type: ignore[operator]  # a number

    def _logic(self, node: x.Logic) -> Value:
        values = [self.value(operand) for operand in node.operands]
        decisive = node.operator == "or"
        if any(value is decisive for value in map(_truth, values)):
            return decisive
        return None if any(value is None for value in values) else not decisive

    def _comparison(self, node: x.Comparison) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        if left is None or right is None:
            return None
        if isinstance(left, float) or isinstance(right, float):
            left, right = float(left), float(right)
        compare: Callable[[Any, Any], bool] = {
            "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
            "==": operator.eq, "!=": operator.ne,
        }[node.operator]  # fmt: skip
        return compare(left, right)

    def _arithmetic(self, node: x.Arithmetic) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        if left is None or right is None:
            return None
        assert not isinstance(left, bytes)
        assert not isinstance(right, bytes)
        if node.operator in ("/", "%") and right == 0:
            return None
        if node.operator == "/" or isinstance(left, float) or isinstance(right, float):
            left, right = float(left), float(right)
        compute: Callable[[Any, Any], int | float] = {
            "+": operator.add, "-": operator.sub, "*": operator.mul,
            "/": operator.truediv, "%": operator.mod,
        }[node.operator]  # fmt: skip
        try:
            return _bounded(compute(left, right))
        except OverflowError:
            return None

    def _choice(self, node: x.Choice) -> Value:
        condition = self.value(node.condition)
        if condition is None:
            return None
        value = self.value(node.then if condition else node.otherwise)
        return float(value) if value is not None and node.type.form == "float" else value

    def _function(self, node: x.Function) -> Value:
        values = [self.value(operand) for operand in node.operands]
        if node.name == "known":
            return values[0] is not None
        if node.name == "coalesce":
            found = next((value for value in values if value is not None), None)
            return float(found) if found is not None and node.type.form == "float" else found
        if any(value is None for value in values):
            return None
        numbers: list[Any] = list(values)
        if node.type.form == "float":
            numbers = [float(number) for number in numbers]
        match node.name:
            case "hour" | "weekday":
                start = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
                moment = start + datetime.timedelta(milliseconds=sum(numbers))
                return moment.hour if node.name == "hour" else moment.weekday()
            case "log":
                return math.log(numbers[0]) if numbers[0] > 0 else None
            case "abs":
                return _bounded(abs(numbers[0]))
            case "minimum":
                return min(numbers)  # type: ignore[no-any-return]  # a number
            case _:
                return max(numbers)  # type: ignore[no-any-return]  # a number

    def _window(self, node: x.Window) -> Value:
        """The double loop's inner loop: walk the whole past and count what is inside."""
        if node.aggregator in x.WALKS or node.aggregator == "pass_through":
            return flows.evaluate(node, self.past, self.now)
        to = self.now.known_at - node.delay_ms
        ours = [self.now.fields[part.ours.name] for part in node.by]
        if any(part is None for part in ours):
            return None
        inside = [
            fact
            for fact in self.past
            if fact.kind == node.fact.kind
            and to - node.window_ms < fact.known_at <= to
            and [fact.fields[part.theirs.name] for part in node.by] == ours
            and (node.where is None or evaluate(node.where, (), fact) is True)
            and (node.value is None or fact.fields[node.value.name] is not None)
        ]
        values = [] if node.value is None else [fact.fields[node.value.name] for fact in inside]
        times = [fact.known_at for fact in inside]
        return aggregate(node.aggregator, times, values, self.now.known_at)


def aggregate(
    name: x.Aggregator, times: Sequence[int], values: Sequence[Any], now: int
) -> int | float | bool | None:
    """One aggregator over the facts of a window: their times and values, oldest first."""
    n = len(times)
    match name:
        case "count":
            return n
        case "exists":
            return n > 0
        case "distinct":
            return len(set(values))
        case "sum":
            return min(int(sum(values)), INT64_MAX)
    if n == 0:
        return None
    match name:
        case "mean":
            return float(sum(values)) / float(n)
        case "min":
            return int(min(values))
        case "max":
            return int(max(values))
        case "std":
            squares, total = sum(v * v for v in values), sum(values)
            return math.sqrt(Fraction(n * squares - total * total, n * n))
        case "first":
            return now - times[0]
        case "last":
            return now - times[-1]
    raise AssertionError(name)


def _truth(value: Value) -> bool | None:
    return None if value is None else bool(value)


def _bounded(value: float) -> int | float | None:
    """Missing when an int64 would overflow or a float is not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if -INT64_MAX - 1 <= value <= INT64_MAX else None
