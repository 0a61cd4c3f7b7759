"""From checked expressions to a program of columns, and its run.

In: a policy's expressions by name. Out: a ``Program``: the windows to ask the state for, the
columns to read, and a list of steps, each of which computes one register for all rows of a batch.
The compiled machine (machine.py) runs the steps; no expression is ever compiled, so that a policy
that was just edited runs at once.

::

    registers   | windows | number columns | symbol predicates | steps ... |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from arasha.events.columns import Facts
from arasha.events.schema import MAX_CODE_BYTES, MISSING, PAYMENT, Fact, Field
from arasha.features import expressions as x
from arasha.features.machine import OPERATIONS, run
from arasha.features.registers import Registers, empty_registers


@dataclass(frozen=True, slots=True)
class Program:
    """Steps that compute named expressions for a batch.

    ``windows`` are the state's to answer, in the order of the first registers. ``outputs`` says
    which register holds each named expression; ``types`` what it holds.
    """

    windows: tuple[x.Window, ...]
    numbers: tuple[Field, ...]
    predicates: tuple[x.SymbolEquals | x.SymbolKnown, ...]
    steps: NDArray[np.int32]
    constants: NDArray[np.int64]
    size: int
    outputs: Mapping[str, int]
    types: Mapping[str, x.ValueType]

    def registers(self, rows: int) -> Registers:
        """Room for a batch; the caller has the state fill the windows, then calls ``run``."""
        return empty_registers(self.size, rows)

    def run(self, facts: Facts, registers: Registers) -> None:
        """Compute every step for the rows of ``facts``."""
        at = len(self.windows)
        for field_ in self.numbers:
            column = facts.numbers.get(field_.name)
            if column is None:
                registers.ints[at] = registers.known[at] = 0
            else:
                registers.ints[at] = column
                np.not_equal(column, MISSING, out=registers.known[at], casting="unsafe")
            at += 1
        for predicate in self.predicates:
            registers.ints[at], registers.known[at] = _ask(predicate, facts)
            at += 1
        run(self.steps, self.constants, registers.ints, registers.known)


def _ask(
    predicate: x.SymbolEquals | x.SymbolKnown, facts: Facts
) -> tuple[NDArray[np.bool_], NDArray[np.bool_] | bool]:
    """(value, known) of a predicate over symbols, for every row."""
    if isinstance(predicate, x.SymbolKnown):
        return _is_known(facts.symbol(predicate.field.name)), True
    left = facts.symbol(predicate.left.name)
    if isinstance(predicate.right, Field):
        right = facts.symbol(predicate.right.name)
        return _are_equal(left, right), _is_known(left) & _is_known(right)
    code = np.frombuffer(predicate.right.encode().ljust(MAX_CODE_BYTES, b"\0"), np.uint64)
    return _are_equal(left, code), _is_known(left)


def _is_known(symbols: NDArray[np.uint64]) -> NDArray[np.bool_]:
    known: NDArray[np.bool_] = (symbols[:, 0] != 0) | (symbols[:, 1] != 0)
    return known


def _are_equal(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> NDArray[np.bool_]:
    equal: NDArray[np.bool_] = (left[:, 0] == right[..., 0]) & (left[:, 1] == right[..., 1])
    return equal


def compile_program(
    expressions: Mapping[str, x.Expression],
    features: Mapping[str, x.Expression] | None = None,
    judged: Fact = PAYMENT,
) -> Program:
    """The program that computes the named expressions, which may refer to the features by name."""
    draft = _Draft(features or {}, judged)
    for expression in expressions.values():
        draft.collect(expression)
    draft.number_inputs()
    outputs = {name: draft.register(expression) for name, expression in expressions.items()}
    steps = np.array(draft.steps, np.int32).reshape(len(draft.steps), 5)
    return Program(
        tuple(draft.windows), tuple(draft.numbers), tuple(draft.predicates), steps,
        np.array(draft.constants, np.int64), draft.next, outputs,
        {name: expression.type for name, expression in expressions.items()},
    )  # fmt: skip


def children(node: x.Expression) -> Iterable[x.Expression]:
    """The expressions directly below one; not a window's filter, which is of other facts."""
    match node:
        case x.Arithmetic() | x.Comparison():
            return (node.left, node.right)
        case x.Logic() | x.Function():
            return node.operands
        case x.Not() | x.Negative():
            return (node.operand,)
        case x.Choice():
            return (node.condition, node.then, node.otherwise)
    return ()


@dataclass(slots=True)
class _Draft:
    """Collects inputs, then lowers expressions; equal expressions share a register."""

    features: Mapping[str, x.Expression]
    judged: Fact
    windows: dict[x.Window, int] = field(default_factory=dict)
    numbers: dict[Field, int] = field(default_factory=dict)
    predicates: dict[x.SymbolEquals | x.SymbolKnown, int] = field(default_factory=dict)
    steps: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    constants: list[int] = field(default_factory=list)
    known: dict[x.Expression, int] = field(default_factory=dict)
    seen: set[x.Expression] = field(default_factory=set)
    next: int = 0

    def collect(self, node: x.Expression) -> None:
        """Note every window, field and predicate below an expression."""
        if node in self.seen:
            return
        self.seen.add(node)
        match node:
            case x.Window():
                self.windows.setdefault(node, -1)
            case x.FieldValue():
                self.numbers.setdefault(node.field, -1)
            case x.SymbolEquals() | x.SymbolKnown():
                self.predicates.setdefault(node, -1)
            case x.FeatureValue():
                self.collect(self.features[node.name])
            case _:
                for child in children(node):
                    self.collect(child)

    def number_inputs(self) -> None:
        """Give every input its register, in the order the program fills them."""
        windows, numbers = len(self.windows), len(self.numbers)
        self.windows = dict(zip(self.windows, range(windows), strict=True))
        self.numbers = dict(zip(self.numbers, range(windows, windows + numbers), strict=True))
        self.next = windows + numbers + len(self.predicates)
        rest = range(windows + numbers, self.next)
        self.predicates = dict(zip(self.predicates, rest, strict=True))

    def register(self, node: x.Expression) -> int:
        """The register that holds an expression."""
        if node not in self.known:
            self.known[node] = self._lower(node)
        return self.known[node]

    def _step(self, operation: str, a: int = 0, b: int = 0, c: int = 0) -> int:
        self.steps.append((OPERATIONS.index(operation), self.next, a, b, c))
        self.next += 1
        return self.next - 1

    def _constant(self, node: x.Constant) -> int:
        bits = np.float64(node.value).view(np.int64)
        self.constants.append(int(bits if node.type.form == "float" else node.value))
        return self._step("constant", len(self.constants) - 1)

    def _as(self, form: x.Form, node: x.Expression) -> int:
        """The register of an expression, as a float if one is wanted."""
        register = self.register(node)
        return self._step("to_float", register) if _widens(node, form) else register

    def _lower(self, node: x.Expression) -> int:
        match node:
            case x.Constant():
                return self._constant(node)
            case x.Missing():
                return self._step("missing")
            case x.FieldValue():
                return self.numbers[node.field]
            case x.SymbolEquals() | x.SymbolKnown():
                return self.predicates[node]
            case x.Window():
                return self.windows[node]
            case x.FeatureValue():
                return self.register(self.features[node.name])
            case x.Negative():
                return self._step(f"negative_{_suffix(node.type)}", self.register(node.operand))
            case x.Not():
                return self._step("not", self.register(node.operand))
            case x.Logic():
                return self._fold(node.operator, [self.register(o) for o in node.operands])
            case x.Arithmetic():
                return self._arithmetic(node)
            case x.Comparison():
                return self._comparison(node)
            case x.Choice():
                form = node.type.form
                then, otherwise = self._as(form, node.then), self._as(form, node.otherwise)
                return self._step("choice", self.register(node.condition), then, otherwise)
            case x.Function():
                return self._function(node)

    def _fold(self, operation: str, registers: list[int]) -> int:
        result = registers[0]
        for register in registers[1:]:
            result = self._step(operation, result, register)
        return result

    def _arithmetic(self, node: x.Arithmetic) -> int:
        form: x.Form = "float" if node.operator == "/" else node.type.form
        left, right = self._as(form, node.left), self._as(form, node.right)
        name = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "modulo"}
        suffix = "float" if form == "float" else "int"
        return self._step(f"{name[node.operator]}_{suffix}", left, right)

    def _comparison(self, node: x.Comparison) -> int:
        forms = {node.left.type.form, node.right.type.form}
        form: x.Form = "float" if "float" in forms else "int"
        left, right = self._as(form, node.left), self._as(form, node.right)
        if node.operator in (">", ">="):
            left, right = right, left
        name = {"<": "less", ">": "less", "<=": "at_most", ">=": "at_most"}
        name |= {"==": "equal", "!=": "unequal"}
        return self._step(f"{name[node.operator]}_{form}", left, right)

    def _function(self, node: x.Function) -> int:
        form: x.Form = node.type.form
        if node.name == "known":
            return self._step("known", self.register(node.operands[0]))
        if node.name in ("hour", "weekday"):
            shifted = self._fold("add_int", [self.register(o) for o in node.operands])
            return self._step(node.name, shifted)
        registers = [self._as(form, operand) for operand in node.operands]
        if node.name == "coalesce":
            return self._fold("coalesce", registers)
        if node.name == "log":
            return self._step("log", registers[0])
        suffix = _suffix(node.type)
        if node.name == "abs":
            return self._step(f"abs_{suffix}", registers[0])
        return self._fold(f"{node.name}_{suffix}", registers)


def _suffix(type_: x.ValueType) -> str:
    return "float" if type_.form == "float" else "int"


def _widens(node: x.Expression, form: x.Form) -> bool:
    return form == "float" and node.type.form != "float"
