"""Law 3: a program of columns computes what the oracle says of every expression."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from arasha.events.columns import Facts
from arasha.events.schema import LABEL, PAYMENT, Kind
from arasha.features.expressions import (
    BOOL,
    COUNT,
    NUMBER,
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
    Not,
    SymbolEquals,
    SymbolKnown,
    Window,
)
from arasha.features.program import children, compile_program
from arasha.policy.judge import Judge
from arasha.testing import naive
from arasha.testing.laws import compiled
from arasha.testing.naive import Value
from expression_trees import NUMBERS, PAYMENTS, TREES
from feature_samples import START_MS, by, field, payments, policy, window

N = FieldValue(field(PAYMENT, "amount"), COUNT)


def both(
    facts: Facts, expression: Expression, **features: Expression
) -> tuple[list[Value], list[Value]]:
    """(what the oracle says, what the program says) of every payment."""
    known_at = START_MS + np.arange(len(facts))
    judge = Judge(policy({**features, "": expression}))
    history = naive.history(facts, known_at.tolist())
    said = [
        naive.evaluate(expression, history[:row], history[row], features)
        for row in range(len(facts))
    ]
    return said, compiled(judge, facts, known_at)[""]


@settings(max_examples=200)
@given(PAYMENTS, TREES)
def test_every_expression_equals_the_oracle(facts: Facts, expression: Expression) -> None:
    """Whatever is computed from fields, constants and windows by + − × ÷ and the rest, in every
    part of it: whole numbers, truths and floats are equal bit for bit (but for the sign of zero).
    """
    parts = {f"f{at}": part for at, part in enumerate(below(expression))}
    known_at = START_MS + np.arange(len(facts))
    found = compiled(Judge(policy(parts)), facts, known_at)
    history = naive.history(facts, known_at.tolist())
    for name, part in parts.items():
        expected = [naive.evaluate(part, history[:row], history[row]) for row in range(len(facts))]
        assert expected == found[name]
        assert list(map(type, expected)) == list(map(type, found[name]))


def below(expression: Expression) -> list[Expression]:
    """An expression and all its parts, each once."""
    parts = [expression]
    for part in parts:
        parts += [child for child in children(part) if child not in parts]
    return parts


@settings(max_examples=40)
@given(PAYMENTS, TREES, NUMBERS)
def test_a_feature_is_what_it_stands_for(facts: Facts, one: Expression, number: Expression) -> None:
    """By name or written out, alone or beside others, an expression has one value."""
    name = FeatureValue("f", number.type)
    expected, found = both(facts, Comparison("<=", name, name), f=number, g=one)
    assert expected == found
    alone = both(facts, number)[1]
    assert [None if value is None else True for value in alone] == found


# Kleene's tables: T true, F false, ? missing.
KLEENE = """
and T T T    or T T T    not T F
and T F F    or T F T    not F T
and T ? ?    or T ? T    not ? ?
and F T F    or F T T
and F F F    or F F F
and F ? F    or F ? ?
and ? T ?    or ? T T
and ? F F    or ? F ?
and ? ? ?    or ? ? ?
"""
TRUTHS: dict[str, Expression] = {
    "T": Constant(True, BOOL), "F": Constant(False, BOOL), "?": Missing(BOOL),
}  # fmt: skip
VALUES = {"T": True, "F": False, "?": None}


def kleene_cases() -> list[list[str]]:
    """The cells of the table, by line and column."""
    cells = [cell.split() for line in KLEENE.strip().splitlines() for cell in line.split("    ")]
    assert 21 == len(cells)
    return cells


@pytest.mark.parametrize("cell", kleene_cases(), ids=" ".join)
def test_truth_has_three_values(cell: list[str]) -> None:
    """The oracle and the program, both as the table says."""
    operator, *operands, expected = cell
    inputs = tuple(TRUTHS[operand] for operand in operands)
    expression: Expression = Not(inputs[0])
    if operator != "not":
        assert operator in ("and", "or")
        expression = Logic("and" if operator == "and" else "or", inputs)
    facts, _ = payments([0])
    assert ([VALUES[expected]], [VALUES[expected]]) == both(facts, expression)


MANY = Logic("or", (TRUTHS["?"], TRUTHS["F"], TRUTHS["T"], TRUTHS["F"]))


def test_logic_of_many() -> None:
    """More than two operands are folded from the left; a true one decides wherever it stands."""
    facts, _ = payments([0])
    assert ([True], [True]) == both(facts, MANY)
    none_true = Logic("or", MANY.operands[:2] + MANY.operands[3:])
    assert ([None], [None]) == both(facts, none_true)


CHOICES = [
    (Choice(TRUTHS["T"], Constant(1, COUNT), Missing(COUNT), COUNT), 1),
    (Choice(TRUTHS["F"], Constant(1, COUNT), Missing(COUNT), COUNT), None),
    (Choice(TRUTHS["?"], Constant(1, COUNT), Constant(1, COUNT), COUNT), None),
    (Choice(TRUTHS["T"], Constant(1, COUNT), Constant(0.5, NUMBER), NUMBER), 1.0),
    (Function("coalesce", (Missing(COUNT), Constant(3, COUNT)), COUNT), 3),
    (Function("coalesce", (Missing(NUMBER), Constant(3, COUNT)), NUMBER), 3.0),
    (Function("coalesce", (Missing(COUNT), Missing(COUNT)), COUNT), None),
    (Function("known", (Missing(NUMBER),), BOOL), False),
    (Function("known", (Constant(0, COUNT),), BOOL), True),
    (Function("maximum", (Constant(1, COUNT), Missing(COUNT)), COUNT), None),
    (Function("minimum", (Constant(1, COUNT), Constant(-2.5, NUMBER)), NUMBER), -2.5),
    (Function("log", (Constant(0, COUNT),), NUMBER), None),
    (Function("log", (Constant(1, COUNT),), NUMBER), 0.0),
    (Comparison("<", Constant(2**53, COUNT), Constant(2.0**53 + 2, NUMBER)), True),
]


@pytest.mark.parametrize(("expression", "expected"), CHOICES)
def test_what_is_missing_and_what_is_not(expression: Expression, expected: object) -> None:
    """Choices, coalesce, known, and functions of the missing; an int beside a float is one."""
    facts, _ = payments([0])
    assert ([expected], [expected]) == both(facts, expression)


def test_symbols_are_compared_whole() -> None:
    """Parties that share half their bytes are two; unknown ones are equal to nobody."""
    facts, _ = payments([0] * 5, device=[1, 0, 1, 1, 0])
    left, right = field(PAYMENT, "payer_account"), field(PAYMENT, "payee_account")
    facts.symbols["payer_account"][:] = [[1, 2], [1, 2], [1, 2], [0, 2], [0, 0]]
    facts.symbols["payee_account"][:] = [[1, 2], [1, 3], [2, 2], [0, 2], [0, 0]]
    expected: list[object] = [True, False, False, True, None]
    assert (expected, expected) == both(facts, SymbolEquals(left, right))
    expected = [True, False, True, True, False]
    assert (expected, expected) == both(facts, SymbolKnown(field(PAYMENT, "device")))


def test_codes_are_compared_with_their_padding() -> None:
    """Sixteen bytes, or fewer and zeros."""
    facts, _ = payments([0] * 3, payer_bank=[0] * 3)
    codes = (b"HSBKKZKX", b"HSBKKZKXA", b"")
    facts.symbols["payer_bank"][:] = [
        np.frombuffer(code.ljust(16, b"\0"), np.uint64) for code in codes
    ]
    equal = SymbolEquals(field(PAYMENT, "payer_bank"), "HSBKKZKX")
    assert ([True, False, None], [True, False, None]) == both(facts, equal)


def test_columns_that_are_absent_are_unknown() -> None:
    """A batch in which nobody knows a field has no column for it."""
    facts, _ = payments([0])
    device, mark = field(PAYMENT, "device"), field(PAYMENT, "new_device")
    assert ([False], [False]) == both(facts, SymbolKnown(device))
    assert ([None], [None]) == both(facts, FieldValue(mark, BOOL))


def test_equal_expressions_share_a_register() -> None:
    """What stands twice is computed once; so is a window."""
    count = window("count", None, by("payer_account"), 10)
    twice = Arithmetic("+", count, count, COUNT)
    both_ = Arithmetic("*", twice, Arithmetic("+", count, count, COUNT), COUNT)
    program = compile_program({"a": both_, "b": twice})
    assert (1, 2) == (len(program.windows), len(program.steps))


def test_constants_of_different_forms_do_not_share() -> None:
    """1, 1.0 and True are equal to Python, not to us."""
    three: dict[str, Expression] = {
        "i": Constant(1, COUNT), "f": Constant(1.0, NUMBER), "b": Constant(True, BOOL),
    }  # fmt: skip
    facts, known_at = payments([0])
    found = compiled(Judge(policy(three)), facts, known_at)
    assert {"i": [1], "f": [1.0], "b": [True]} == found
    assert isinstance(found["f"][0], float)


def test_no_rows_and_no_steps() -> None:
    """A batch without payments; a program that only reads."""
    facts, known_at = payments([])
    assert {"": []} == compiled(Judge(policy({"": MANY})), facts, known_at)
    program = compile_program({"n": N})
    assert (0, 5) == program.steps.shape
    registers = program.registers(2)
    program.run(payments([0, 1], amount=[7, 8])[0], registers)
    assert [7, 8] == registers.ints[program.outputs["n"]].tolist()


def test_a_program_may_be_of_other_facts() -> None:
    """Filters are programs over the facts of a window."""
    program = compile_program({"": FieldValue(field(LABEL, "fraud"), BOOL)}, judged=LABEL)
    facts = Facts(np.full(2, Kind.LABEL, np.uint8), ["a", "b"], {"fraud": np.array([1, 0])})
    registers = program.registers(2)
    program.run(facts, registers)
    assert [1, 0] == registers.ints[0].tolist()
    assert [1, 1] == registers.known[0].tolist()


def test_windows_come_first_in_the_order_asked() -> None:
    """The state fills them there."""
    windows = [window("count", None, by("payer_account"), span) for span in (10, 20, 30)]
    total: Expression = windows[0]
    for one in windows[1:]:
        total = Arithmetic("+", total, one, COUNT)
    program = compile_program({"": Arithmetic("+", total, N, COUNT)})
    assert tuple(windows) == program.windows
    assert all(isinstance(one, Window) for one in program.windows)
