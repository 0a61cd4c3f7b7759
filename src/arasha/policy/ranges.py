"""What a condition can possibly be: bounds of values and contradictions between conditions.

Used by the static checks of a policy (check.py). In come checked expressions; out goes a proof that
a condition is never true, or never anything else, or nothing at all. Sound, not complete: whatever
is said here holds for every payment and every history; what cannot be shown within a bounded number
of steps is not said. Each bound is a bound of the engine's arithmetic, too: rounding is monotone,
and an overflow is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from math import inf, isnan
from typing import Final

from arasha.events.schema import MAX_AMOUNT_MINOR, FieldType
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
    Negative,
    Not,
    SymbolEquals,
    SymbolKnown,
    Window,
)
from arasha.features.language_text import money_of
from arasha.features.walks import CYCLE_HOPS, WALK_EDGES

MAX_CASES: Final = 256
"""Most alternatives a condition is split into before we give up."""

MAX_STEPS: Final = 5_000
"""Most steps spent on one condition before we give up."""

MAX_PARTS: Final = 16
"""Most parts of a condition that are looked at two by two."""

Bounds = tuple[float, float]  # both ends belong to it
Case = tuple[Expression, bool]  # an atomic condition and the truth it must have

_NEVER_MISSING: Final = (
    "count", "distinct", "exists", "payees_of_payees", "scatter_gather", "shared_payees",
    "sources_of_sources",
)  # fmt: skip
_ANY: Final[Bounds] = (-inf, inf)
_NEGATED: Final = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_OUTCOMES: Final = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "==": "=", "!=": "<>"}
_SMALL: Final = 64  # values; a set of so few is looked through one by one


class Unsure(Exception):
    """The bounded search ended without an answer; raised within this module only."""


@dataclass(slots=True)
class Reasoner:
    """Reasons about conditions over a policy's features."""

    features: Mapping[str, Expression]
    bounds_of: dict[str, Bounds] = field(default_factory=dict)
    steps: int = 0

    def never_true(self, condition: Expression) -> bool:
        """Whether no payment and no history make the condition True."""
        self.steps = 0
        try:
            return not any(self._possible(case) for case in self._cases(condition, True))
        except (Unsure, RecursionError):
            return False

    def always_true(self, condition: Expression) -> bool:
        """Whether every payment and every history make the condition True, not even missing."""
        match condition:
            case Logic("or", operands) if any(self.always_true(part) for part in operands):
                return True
            case Logic("and", operands):
                return all(self.always_true(part) for part in operands)
        self.steps = 0
        try:
            if self._may_be_missing(condition):
                return False
            return not any(self._possible(case) for case in self._cases(condition, False))
        except (Unsure, RecursionError):
            return False

    def contradiction(self, condition: Expression) -> tuple[Expression, ...]:
        """One or two parts of a condition that is never true that show why; all of it at worst."""
        parts = condition.operands if isinstance(condition, Logic) else ()
        if parts and isinstance(condition, Logic) and condition.operator == "and":
            parts = parts[:MAX_PARTS]
            for part in parts:
                if self.never_true(part):
                    return (part,)
            for first, second in combinations(parts, 2):
                if self.never_true(Logic("and", (first, second))):
                    return first, second
        return (condition,)

    def _step(self) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise Unsure

    # A condition as alternatives, each a list of atomic conditions that must all hold

    def _cases(self, e: Expression, truth: bool) -> list[list[Case]]:  # noqa: FBT001 - the truth asked for
        self._step()
        match e:
            case Constant(value):
                return [[]] if bool(value) is truth else []
            case Not(operand):
                return self._cases(operand, not truth)
            case Logic(operator, operands):
                parts = [self._cases(operand, truth) for operand in operands]
                if (operator == "and") is truth:
                    return self._all(parts)
                return self._any(parts)
            case Choice(condition, then, otherwise):
                return self._any(
                    [
                        self._all([self._cases(condition, True), self._cases(then, truth)]),
                        self._all([self._cases(condition, False), self._cases(otherwise, truth)]),
                    ]
                )
            case FeatureValue(name):
                return self._cases(self.features[name], truth)
            case Comparison(_, left, right):
                guards = [self._guard(left), self._guard(right)]
                return [[(e, truth), *((guard, True) for guard in guards if guard is not None)]]
            case _:
                return [[(e, truth)]]

    @staticmethod
    def _guard(e: Expression) -> Expression | None:
        """Comparing with a literal in KZT needs the payment to be in KZT."""
        return e.condition if isinstance(e, Choice) and money_of(e) is not None else None

    def _any(self, parts: list[list[list[Case]]]) -> list[list[Case]]:
        cases = [case for part in parts for case in part]
        if len(cases) > MAX_CASES:
            raise Unsure
        return cases

    def _all(self, parts: list[list[list[Case]]]) -> list[list[Case]]:
        product: list[list[Case]] = [[]]
        for part in parts:
            if len(product) * len(part) > MAX_CASES:
                raise Unsure
            product = [[*before, *after] for before in product for after in part]
        return product

    # Whether atomic conditions can hold together

    def _possible(self, case: list[Case]) -> bool:
        numbers: dict[Expression, _Set] = {}
        pairs: dict[tuple[Expression, Expression], set[str]] = {}
        truths: dict[Expression, bool] = {}
        codes: dict[object, str] = {}
        for atom, truth in case:
            self._step()
            if isinstance(atom, Comparison):
                if not self._compare(atom, numbers, pairs, truth=truth):
                    return False
                continue
            if truths.setdefault(atom, truth) is not truth:
                return False
            match atom:
                case SymbolEquals(left, str(code)) if (
                    truth and codes.setdefault(left, code) != code
                ):
                    return False
        return True

    def _compare(
        self,
        atom: Comparison,
        numbers: dict[Expression, _Set],
        pairs: dict[tuple[Expression, Expression], set[str]],
        *,
        truth: bool,
    ) -> bool:
        operator = atom.operator if truth else _NEGATED[atom.operator]
        left, right = self._plain(atom.left), self._plain(atom.right)
        if isinstance(left, Constant) and not isinstance(right, Constant):
            left, right, operator = right, left, _MIRRORED[operator]
        if isinstance(right, Constant):
            known = numbers.get(left)
            if known is None:
                low, high = self.bounds(left)
                known = numbers[left] = _Set(low, high, is_whole=left.type.form == "int")
            return known.restrict(operator, float_free(right.value))
        if (right, left) in pairs:
            left, right, operator = right, left, _MIRRORED[operator]
        outcomes = pairs.setdefault((left, right), self._outcomes(left, right))
        outcomes &= set(_OUTCOMES[operator]) if operator not in ("<=", ">=") else {operator[0], "="}
        return bool(outcomes)

    def _outcomes(self, left: Expression, right: Expression) -> set[str]:
        """Which of < = > the bounds of two values leave open."""
        if left == right:
            return {"="}
        (low, high), (other_low, other_high) = self.bounds(left), self.bounds(right)
        outcomes = set()
        if low < other_high:
            outcomes.add("<")
        if high > other_low:
            outcomes.add(">")
        if low <= other_high and other_low <= high:
            outcomes.add("=")
        return outcomes

    def _plain(self, e: Expression) -> Expression:
        """The value behind names and behind the guard of a money literal."""
        while isinstance(e, FeatureValue):
            self._step()
            e = self.features[e.name]
        money = money_of(e)
        return e if money is None else Constant(money.minor, e.type)

    # Bounds

    def bounds(self, e: Expression) -> Bounds:
        """The least and the largest the value can be, if it is known at all."""
        self._step()
        match e:
            case Constant(value):
                return float_free(value), float_free(value)
            case FieldValue(source):
                if source.type is FieldType.MONEY:
                    return 0, MAX_AMOUNT_MINOR
                if source.type is FieldType.CATEGORY:
                    return 0, len(source.categories) - 1
                return _ANY
            case FeatureValue(name):
                if name not in self.bounds_of:
                    self.bounds_of[name] = self.bounds(self.features[name])
                return self.bounds_of[name]
            case Window():
                return _window_bounds(e)
            case Arithmetic():
                return self._arithmetic(e)
            case Negative(operand):
                low, high = self.bounds(operand)
                return -high, -low
            case Choice(_, then, otherwise):
                money = money_of(e)
                if money is not None:
                    return money.minor, money.minor
                return _hull([self.bounds(then), self.bounds(otherwise)])
            case Function(name, operands):
                return self._function(name, operands)
            case _:
                return _ANY

    def _arithmetic(self, e: Arithmetic) -> Bounds:
        left, right = self.bounds(e.left), self.bounds(e.right)
        if e.type.form == "float":
            left, right = (float(left[0]), float(left[1])), (float(right[0]), float(right[1]))
        match e.operator:
            case "+":
                return _checked(left[0] + right[0], left[1] + right[1])
            case "-":
                return _checked(left[0] - right[1], left[1] - right[0])
            case "*":
                corners = [a * b for a in left for b in right]
            case "/":
                if right[0] <= 0 <= right[1]:
                    return (0, inf) if left[0] >= 0 and right[0] >= 0 else _ANY
                corners = [a / b for a in left for b in right]
            case "%":
                return (0, right[1]) if right[0] > 0 else _ANY
        if any(isnan(corner) for corner in corners):
            return (0, inf) if left[0] >= 0 and right[0] >= 0 else _ANY
        return min(corners), max(corners)

    def _function(self, name: str, operands: tuple[Expression, ...]) -> Bounds:
        if name == "hour":
            return 0, 23
        if name == "weekday":
            return 0, 6
        if name not in ("abs", "minimum", "maximum", "coalesce"):
            return _ANY
        found = [self.bounds(operand) for operand in operands]
        if name == "coalesce":
            return _hull(found)
        if name == "abs":
            low, high = found[0]
            return (0 if low <= 0 <= high else min(abs(low), abs(high))), max(abs(low), abs(high))
        best = min if name == "minimum" else max
        return best(low for low, _ in found), best(high for _, high in found)

    # Missing

    def _may_be_missing(self, e: Expression) -> bool:
        """Whether a value can be missing; True wherever we cannot tell."""
        self._step()
        match e:
            case Constant() | SymbolKnown():
                return False
            case FieldValue(source):
                return not source.required
            case SymbolEquals(left, right):
                return not (left.required and (isinstance(right, str) or right.required))
            case Window(aggregator, _, _, by):
                keyed = all(part.ours.required for part in by)
                return not (keyed and aggregator in _NEVER_MISSING)
            case FeatureValue(name):
                return self._may_be_missing(self.features[name])
            case Comparison(_, left, right):
                return self._may_be_missing(left) or self._may_be_missing(right)
            case Logic(_, operands):
                return any(self._may_be_missing(operand) for operand in operands)
            case Not(operand):
                return self._may_be_missing(operand)
            case Function("known"):
                return False
            case Function("hour" | "weekday", operands):
                return any(self._may_be_missing(operand) for operand in operands)
            case Function("coalesce", operands):
                return all(self._may_be_missing(operand) for operand in operands)
            case _:
                return True


class _Set:
    """The numbers a value can still be: an interval less some points."""

    def __init__(self, low: float, high: float, *, is_whole: bool) -> None:
        self.low, self.high = low, high
        self.open_low = self.open_high = False
        self.is_whole = is_whole
        self.without: set[float] = set()

    def restrict(self, operator: str, value: float) -> bool:
        """Keep the numbers for which ``number operator value``; whether any is left."""
        if operator in (">", ">=", "==") and (
            value > self.low or (value == self.low and operator == ">")
        ):
            self.low, self.open_low = value, operator == ">"
        if operator in ("<", "<=", "==") and (
            value < self.high or (value == self.high and operator == "<")
        ):
            self.high, self.open_high = value, operator == "<"
        if operator == "==" and not (self.low <= value <= self.high):
            return False
        if operator == "!=":
            self.without.add(value)
        return self._has_any()

    def _has_any(self) -> bool:
        low, high = self.low, self.high
        if low > high or (low == high and (self.open_low or self.open_high)):
            return False
        if low == high:
            return low not in self.without and (not self.is_whole or low == int(low))
        if not self.is_whole or low == -inf or high == inf or high - low > _SMALL:
            return True
        first, last = -int(-low // 1), int(high // 1)
        first += self.open_low and first == low
        last -= self.open_high and last == high
        return any(number not in self.without for number in range(first, last + 1))


def float_free(value: float) -> float:
    """The number as it is; a truth as 0 or 1."""
    return int(value) if isinstance(value, bool) else value


def _window_bounds(window: Window) -> Bounds:
    is_money = window.value is not None and window.value.type is FieldType.MONEY
    match window.aggregator:
        case "pass_through":
            return 0, 1
        case "cycle_length":
            return 2, CYCLE_HOPS
        case "sources_of_sources" | "payees_of_payees":
            return 0, WALK_EDGES**2
        case "scatter_gather":
            return 0, WALK_EDGES + 1
        case "shared_payees":
            return 0, WALK_EDGES
        case "count" | "distinct" | "std":
            return 0, inf
        case "first" | "last":
            return window.delay_ms, window.delay_ms + window.window_ms - 1
        case "sum" if is_money:
            return 0, inf
        case "mean" | "min" | "max" if is_money:
            return 0, MAX_AMOUNT_MINOR
        case _:
            return _ANY


def _hull(bounds: list[Bounds]) -> Bounds:
    return min(low for low, _ in bounds), max(high for _, high in bounds)


def _checked(low: float, high: float) -> Bounds:
    return (-inf if isnan(low) else low), (inf if isnan(high) else high)
