"""Typed expressions made at random, as data: whatever these draw is right by the rules of types."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from arasha.events.columns import Facts
from arasha.events.schema import CHANNELS, MISSING, PAYMENT, FieldType
from arasha.features.expressions import (
    BOOL,
    COUNT,
    NUMBER,
    Arithmetic,
    Choice,
    Comparison,
    Constant,
    Expression,
    FieldValue,
    Form,
    Function,
    Logic,
    Missing,
    Negative,
    Not,
    SymbolEquals,
    SymbolKnown,
    ValueType,
)
from feature_samples import by, field, payments, window

WHOLE = (0, 1, -1, 2, 3, -7, 60, 2**31, 2**53 + 1, -(2**53) - 1, 2**62, -(2**62), 3037000500,
         -3037000500, 2**63 - 1, -(2**63) + 1, -(2**63))  # fmt: skip
REAL = (0.0, -0.0, 1.0, -1.5, 0.1, 1e-308, 5e-324, 1e308, -1.7e308, 2.0**53, 2.0**63, 1e19, 7.25)
AGES = st.integers(-62_135_596_800_000, 253_402_300_799_999)  # what a calendar of Python can hold
PAYER = by("payer_account")
TYPES: dict[Form, ValueType] = {"bool": BOOL, "int": COUNT, "float": NUMBER}


@st.composite
def _payments(draw: st.DrawFn) -> Facts:
    """A few payments with amounts of any size, fields known and unknown."""
    n = draw(st.integers(1, 6))
    numbers = st.lists(
        st.one_of(st.sampled_from(WHOLE), st.integers(-(2**63) + 1, 2**63 - 1)),
        min_size=n, max_size=n,
    )  # fmt: skip
    small = st.lists(st.integers(0, 2), min_size=n, max_size=n)
    facts, _ = payments(
        [0] * n, amount=draw(numbers), payer_account=draw(small), device=draw(small)
    )
    facts.numbers["happened_at"][:] = draw(st.lists(AGES, min_size=n, max_size=n))
    for name, last in (("channel", len(CHANNELS) - 1), ("new_device", 1), ("active_call", 1)):
        column = draw(st.lists(st.integers(-1, last), min_size=n, max_size=n))
        facts.numbers[name] = np.array([MISSING if v < 0 else v for v in column], np.int64)
    return facts


def _leaves(form: Form) -> st.SearchStrategy[Expression]:
    """What stands at the ends of a tree."""
    type_ = TYPES[form]
    leaves: list[st.SearchStrategy[Expression]] = []
    if form == "bool":
        leaves += [st.sampled_from((True, False)).map(lambda v: Constant(v, BOOL))]
        marks = [f for f in PAYMENT.fields if f.type is FieldType.MARK]
        leaves += [st.sampled_from(marks).map(lambda f: FieldValue(f, BOOL))]
        parties = [field(PAYMENT, name) for name in ("payer_account", "payee_account", "device")]
        leaves += [st.sampled_from(parties).map(SymbolKnown)]
        leaves += [st.builds(SymbolEquals, st.sampled_from(parties), st.sampled_from(parties))]
        leaves += [st.just(window("exists", None, PAYER, 10))]
    elif form == "int":
        leaves += [st.sampled_from(WHOLE).map(lambda v: Constant(v, COUNT))]
        leaves += [
            st.just(FieldValue(field(PAYMENT, name), COUNT)) for name in ("amount", "channel")
        ]
        leaves += [st.just(window("count", None, key, 10)) for key in (PAYER, by("device"))]
        moment = FieldValue(field(PAYMENT, "happened_at"), COUNT)
        leaves += [st.just(Function(name, (moment,), COUNT)) for name in ("hour", "weekday")]
    else:
        leaves += [st.sampled_from(REAL).map(lambda v: Constant(v, NUMBER))]
        finite = st.floats(allow_nan=False, allow_infinity=False)
        leaves += [finite.map(lambda v: Constant(v, NUMBER))]
    return st.integers(0, 9).flatmap(
        lambda die: st.just(Missing(type_)) if die == 0 else st.one_of(leaves)
    )


@st.composite
def _tree(draw: st.DrawFn, form: Form, depth: int) -> Expression:
    ends = depth == 0 or draw(st.integers(0, 3)) == 0
    tree: Expression = draw(_leaves(form) if ends else _branches(form, depth))
    return tree


def _branches(form: Form, depth: int) -> st.SearchStrategy[Expression]:
    """What has parts."""
    type_ = st.just(TYPES[form])
    same, truth = _tree(form, depth - 1), _tree("bool", depth - 1)
    return st.one_of(
        st.builds(Choice, truth, same, same, type_),
        st.builds(Function, st.just("coalesce"), st.tuples(same, same), type_),
        *(_truths(truth, depth) if form == "bool" else _measures(form, depth)),
    )


def _truths(
    truth: st.SearchStrategy[Expression], depth: int
) -> list[st.SearchStrategy[Expression]]:
    """What makes a truth of truths, or of numbers."""
    number = _number(depth - 1)
    comparison = st.sampled_from(("<", "<=", ">", ">=", "==", "!="))
    operands = st.lists(truth, min_size=2, max_size=3).map(tuple)
    return [
        st.builds(Not, truth),
        st.builds(Logic, st.sampled_from(("and", "or")), operands),
        st.builds(Comparison, comparison, number, number),
        st.builds(Function, st.just("known"), st.tuples(number), st.just(BOOL)),
    ]


def _measures(form: Form, depth: int) -> list[st.SearchStrategy[Expression]]:
    """What makes a number of numbers: a float if one of them is, or if it is a quotient."""
    type_ = st.just(TYPES[form])
    same, number = _tree(form, depth - 1), _number(depth - 1)
    options: list[st.SearchStrategy[Expression]] = [
        st.builds(Negative, same, type_),
        st.builds(Function, st.just("abs"), st.tuples(same), type_),
    ]
    operator, extreme = st.sampled_from("+-*%"), st.sampled_from(("minimum", "maximum"))
    pairs = [(same, same)] if form == "int" else [(same, number), (number, same)]
    for left, right in pairs:
        options.append(st.builds(Arithmetic, operator, left, right, type_))
        options.append(st.builds(Function, extreme, st.tuples(left, right), type_))
    if form == "float":
        truth = _tree("bool", depth - 1)
        options.append(st.builds(Arithmetic, st.just("/"), number, number, type_))
        options.append(st.builds(Choice, truth, number, same, type_))
    return options


def _number(depth: int) -> st.SearchStrategy[Expression]:
    return st.one_of(_tree("int", depth), _tree("float", depth))


PAYMENTS = _payments()
"""Batches of one to six payments."""

NUMBERS = _number(3)
"""Whole numbers and floats."""

TREES = st.one_of(_tree("bool", 4), NUMBERS)
"""Expressions over payments. No logarithm and no deviation: these two are close, not equal."""
