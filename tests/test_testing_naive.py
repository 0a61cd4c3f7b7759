"""The oracle, checked by eye: it defines the rest, so each of its answers is worked out here."""

from __future__ import annotations

import math

import numpy as np
import pytest

from arasha.events.columns import Facts
from arasha.events.schema import LABEL, MISSING, PAYMENT, Kind
from arasha.features.expressions import (
    BOOL,
    COUNT,
    NUMBER,
    Aggregator,
    Arithmetic,
    Comparison,
    Constant,
    Expression,
    FeatureValue,
    FieldValue,
    Function,
    Negative,
    SymbolEquals,
)
from arasha.testing.naive import Happening, aggregate, evaluate, history
from feature_samples import by, field, payments, window

# The payer's payments, oldest first: time, payer, payee, amount. The question is put at 100.
PAST = """
 70  1 5  1000
 80  1 5   100
 85  2 5    50
 90  1 6   300
 90  1 6   200
100  1 7   400
"""
ANSWERS = """
count    10  0   1
count    11  0   3
count    20  0   3
count    21  0   4
count    20 10   3
count    20  5   3
count  1000  0   5
exists   10  0   True
exists    5 50   False
sum      21  0   1000
sum      20 10   600
sum       5 50   0
mean     21  0   250.0
mean      5 50   None
min      21  0   100
max      21  0   400
max       5 50   None
std      21  0   111.80339887498948
std       1  0   0.0
std       5 50   None
distinct 21  0   3
distinct 20 10   2
distinct  5 50   0
first    21  0   20
first    20 10   20
last     21  0   0
last     20 10   10
last      5 50   None
"""
VALUE = {"sum": "amount", "mean": "amount", "min": "amount", "max": "amount", "std": "amount"}


def past_and_now() -> tuple[list[Happening], Happening]:
    """The table, and a payment of payer 1 to payee 9 at 100."""
    rows = [[int(word) for word in line.split()] for line in PAST.strip().splitlines()]
    times, payers, payees, amounts = (
        list(column) for column in zip(*rows, [100, 1, 9, 77], strict=True)
    )
    facts, known_at = payments(times, amount=amounts, payer_account=payers, payee_account=payees)
    *past, now = history(facts, known_at.tolist())
    return past, now


@pytest.mark.parametrize("line", ANSWERS.strip().splitlines())
def test_windows(line: str) -> None:
    """Aggregator, window, delay, answer: half-open, up to the entry, without the entry itself."""
    name, window_ms, delay_ms, expected = line.split()
    aggregator: Aggregator = name  # type: ignore[assignment]  # one of the table's
    value = "payee_account" if name == "distinct" else VALUE.get(name)
    one = window(aggregator, value, by("payer_account"), int(window_ms), int(delay_ms))
    found = evaluate(one, *past_and_now())
    assert expected == str(found)


def test_role_crossing_looks_at_what_others_did_to_us() -> None:
    """Facts whose payee is our payer."""
    past, now = past_and_now()
    crossed = by(("payee_account", "payer_account"))
    assert 0 == evaluate(window("count", None, crossed, 1000), past, now)
    now = Happening(
        now.kind, now.known_at, {**now.fields, "payer_account": past[0].fields["payee_account"]}
    )
    assert 3 == evaluate(window("count", None, crossed, 1000), past, now)


def test_a_filter_is_asked_of_the_windows_fact() -> None:
    """Its own fields, not ours; what is missing does not pass."""
    past, now = past_and_now()
    amount = FieldValue(field(PAYMENT, "amount"), COUNT)
    over = Comparison(">=", amount, Constant(300, COUNT))
    assert 3 == evaluate(window("count", None, by("payer_account"), 1000, where=over), past, now)
    flagged = FieldValue(field(PAYMENT, "new_device"), BOOL)
    assert 0 == evaluate(window("count", None, (), 1000, where=flagged), past, now)
    assert 6 == evaluate(window("count", None, (), 1000), past, now)


def test_unknown_keys_and_values_are_in_no_window() -> None:
    """Ours unknown: the answer is missing. Theirs unknown: they are not counted."""
    facts, known_at = payments([1, 2, 3, 4], device=[1, 0, 1, 0])
    happened = history(facts, known_at.tolist())
    same_device = window("count", None, by("device"), 10)
    assert [0, None, 1, None] == [
        evaluate(same_device, happened[:row], happened[row]) for row in range(4)
    ]
    devices = window("distinct", "device", by("payer_account"), 10)
    assert 1 == evaluate(devices, happened[:3], happened[3])


def test_other_kinds_of_facts() -> None:
    """Labels are counted from when they were known."""
    facts = Facts(
        np.array([Kind.LABEL, Kind.PAYMENT], np.uint8), ["l", "p"],
        {"fraud": np.array([1, MISSING]), "amount": np.array([MISSING, 5])},
        {"payee_account": np.array([[1, 1], [1, 1]], np.uint64)},
    )  # fmt: skip
    label, payment = history(facts, [3, 9])
    fraud = FieldValue(field(LABEL, "fraud"), BOOL)
    key = by("payee_account", fact=LABEL)
    assert 1 == evaluate(window("count", None, key, 7, where=fraud, fact=LABEL), [label], payment)
    assert 0 == evaluate(window("count", None, key, 6, where=fraud, fact=LABEL), [label], payment)
    assert {"fraud": True} == {k: v for k, v in label.fields.items() if v is True}
    assert "amount" in label.fields
    assert label.fields["amount"] is None


def test_a_sum_is_held_at_the_largest_int64() -> None:
    """The one number that can grow too large."""
    assert 2**63 - 1 == aggregate("sum", [0] * 3, [2**62] * 3, 1)
    assert 2.0**62 == aggregate("mean", [0] * 3, [2**62] * 3, 1)


N = Constant(7, COUNT)
SCALARS: list[tuple[Expression, object]] = [
    (Arithmetic("%", Negative(N, COUNT), Constant(3, COUNT), COUNT), 2),
    (Arithmetic("/", N, Constant(2, COUNT), NUMBER), 3.5),
    (Arithmetic("/", N, Constant(0, COUNT), NUMBER), None),
    (Arithmetic("+", Constant(2**63 - 1, COUNT), Constant(1, COUNT), COUNT), None),
    (Arithmetic("*", Constant(1e308, NUMBER), Constant(10, COUNT), NUMBER), None),
    (Negative(Constant(-(2**63), COUNT), COUNT), None),
    (Function("abs", (Constant(-3, COUNT),), COUNT), 3),
    (Function("log", (Constant(1e3, NUMBER),), NUMBER), math.log(1e3)),
    (Function("log", (Constant(-1, COUNT),), NUMBER), None),
    (Function("minimum", (N, Constant(2, COUNT), Constant(5, COUNT)), COUNT), 2),
    (Function("maximum", (N, Constant(2.5, NUMBER)), NUMBER), 7.0),
    (FieldValue(field(PAYMENT, "amount"), COUNT), 77),
    (FieldValue(field(PAYMENT, "channel"), COUNT), None),
    (SymbolEquals(field(PAYMENT, "payer_account"), field(PAYMENT, "payee_account")), False),
    (SymbolEquals(field(PAYMENT, "payer_account"), field(PAYMENT, "device")), None),
    (FeatureValue("seven", COUNT), 7),
]


@pytest.mark.parametrize(("expression", "expected"), SCALARS)
def test_values(expression: Expression, expected: object) -> None:
    """Python's numbers, bounded; None where the language says missing."""
    assert expected == evaluate(expression, *past_and_now(), {"seven": N})


@pytest.mark.parametrize(
    ("moment", "offset_ms", "hour", "weekday"),
    [
        (0, 0, 0, 3),
        (-1, 0, 23, 2),
        (-1, 1, 0, 3),
        (1_709_164_800_000, 0, 0, 3),  # Thursday 29 February 2024
        (1_709_164_799_999, 5 * 3_600_000, 4, 3),
        (1_709_164_800_000, -5 * 3_600_000, 19, 2),
    ],
)
def test_hours_and_weekdays(moment: int, offset_ms: int, hour: int, weekday: int) -> None:
    """UTC shifted by the policy's offset; Monday is 0."""
    at = (Constant(moment, COUNT), Constant(offset_ms, COUNT))
    assert hour == evaluate(Function("hour", at, COUNT), *past_and_now())
    assert weekday == evaluate(Function("weekday", at, COUNT), *past_and_now())
