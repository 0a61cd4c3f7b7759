from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.events.schema import PAYMENT
from arasha.features.expressions import (
    BOOL,
    COUNT,
    NUMBER,
    Comparison,
    Constant,
    FeatureValue,
    Logic,
    Unit,
    ValueType,
)
from arasha.features.language import MAX_SIZE, Problem, Scope, names_in, near, parse, reserved
from expression_samples import EXPRESSIONS, SCOPE

WORDS = r"""
( ) [ ] { } , . : + - * / % < > == != = and or not in if else is lambda await yield ** // := @ ~ \ #
5 5.0 1e999 5j None True "2h" '5_KZT' ' f'' b'' ... count( payment .amount by= window= where= delay=
amount channel device n share
"""
TOKENS = [*WORDS.split(), "\n", "\0"]

TYPES = {
    "int": COUNT,
    "float": NUMBER,
    "bool": BOOL,
    "int money": ValueType("int", Unit.MONEY),
    "float money": ValueType("float", Unit.MONEY),
    "int duration": ValueType("int", Unit.DURATION),
    "float duration": ValueType("float", Unit.DURATION),
    "int instant": ValueType("int", Unit.INSTANT),
}

TYPED = """
5                                                                      int
-5                                                                     int
0.5                                                                    float
True                                                                   bool
n + 1                                                                  int
n + 0.5                                                                float
n / 2                                                                  float
n % 7                                                                  int
share * n                                                              float
amount                                                                 int money
amount + paid                                                          int money
amount - "5 KZT"                                                       int money
2 * amount                                                             int money
amount * share                                                         float money
amount / 2                                                             float money
amount / paid                                                          float
-amount                                                                int money
"2h"                                                                   int duration
"2h" * 3                                                               int duration
"2h" / "1min"                                                          float
"2h" % "45min"                                                         int duration
happened_at - "2h"                                                     int instant
"2h" + happened_at                                                     int instant
happened_at - happened_at                                              int duration
hour(happened_at)                                                      int
weekday(happened_at - "6h")                                            int
log(n)                                                                 float
log(amount / "1 KZT")                                                  float
abs(amount - paid)                                                     int money
minimum(n, share, 3)                                                   float
maximum(amount, "5 KZT")                                               int money
coalesce(n, 0)                                                         int
coalesce(new_device, False)                                            bool
known(device)                                                          bool
known(n / 2)                                                           bool
amount if new_device else "0 KZT"                                      int money
1 if new_device else 0.5                                               float
amount > "200000 KZT"                                                  bool
1 < n < 5                                                              bool
n in (1, 2, 3)                                                         bool
channel == "mobile"                                                    bool
channel not in ("mobile", "web")                                       bool
currency == "KZT"                                                      bool
payer_bank == payee_bank                                               bool
payer_account != payee_account                                         bool
not new_device and flag                                                bool
count(payment, by=(), window="1s")                                     int
distinct(payment.channel, by=device, window="366d")                    int
exists(report, by=payee_account, window="1h")                          bool
sum(payment.amount, by=payer_account, window="1d")                     int money
mean(payment.amount, by=payer_account, window="1d")                    float money
min(payment.amount, by=payer_account, window="1d")                     int money
max(label.amount, by=payee_account, window="1d")                       int money
std(payment.amount, by=payer_account, window="1d")                     float money
sum(call.duration, by={caller_number: payer_number}, window="1d")      int duration
std(call.duration, by={caller_number: payer_number}, window="1d")      float duration
first(payment, by=payer_account, window="90d")                         int duration
last(sim_change, by={number: payer_number}, window="90d")              int duration
"""


def rows(table: str) -> list[tuple[str, str]]:
    """The rows of a table of two columns parted by spaces."""
    parted = [line.rpartition("  ") for line in table.strip().splitlines()]
    return [(left.strip(), right.strip()) for left, _, right in parted]


@pytest.mark.parametrize(("text", "type_name"), rows(TYPED))
def test_each_expression_has_its_type(text: str, type_name: str) -> None:
    """Form and unit follow from the operands, by the table in the reference."""
    expression = parse(text, SCOPE)
    assert not isinstance(expression, tuple), expression
    assert TYPES[type_name] == expression.type


def test_every_fault_of_an_expression_is_reported() -> None:
    """Not only the first: both names are unknown, each at its place."""
    problems = parse("new_devic and remote_acces", Scope())
    assert isinstance(problems, tuple)
    assert [(0, 9), (14, 26)] == [(problem.start, problem.end) for problem in problems]
    assert ["did you mean 'new_device'?", "did you mean 'remote_access'?"] == [
        problem.hint for problem in problems
    ]


def test_a_feature_that_is_wrong_itself_is_no_further_fault() -> None:
    """Using it gives no expression and no problem of its own."""
    assert () == parse("wrong > 5", SCOPE)


def test_a_feature_is_a_value_by_its_name() -> None:
    """It keeps its name and its type."""
    expected = Comparison(">", FeatureValue("n", COUNT), Constant(5, COUNT))
    assert expected == parse("n > 5", SCOPE)


def test_equal_meaning_is_equal_data() -> None:
    """Layout, brackets and chains written out make no difference."""
    chain = parse("1 < n < 5", SCOPE)
    assert isinstance(chain, Logic)
    assert chain == parse("(1 < n) and (\n  n < 5  # five\n)", SCOPE)


def test_a_chain_inside_a_chain_inside_a_chain_is_bounded() -> None:
    """Operands that stand twice when a chain is written out do not grow without limit."""
    text = "1"
    for _ in range(14):
        text = f"(1 if {text} in (1, 2) else 2)"
    problems = parse(text, Scope())
    assert isinstance(problems, tuple)
    assert f"at most {MAX_SIZE} when lists and chains are written out" == problems[0].expected


@given(EXPRESSIONS)
def test_what_is_well_typed_parses(text: str) -> None:
    """No expression made by the rules of the types is refused, but for its size."""
    parsed = parse(text, SCOPE)
    assert not isinstance(parsed, tuple) or all(p.name == "too-complex" for p in parsed), parsed


@given(st.text(max_size=200))
def test_no_text_does_anything_but_parse_or_be_refused(text: str) -> None:
    """Any characters at all give an expression or problems inside the text; nothing is raised."""
    _refused_or_right(text)


@given(
    st.lists(
        st.one_of(
            st.sampled_from(TOKENS),
            st.text(max_size=3),
        ),
        max_size=40,
    )
)
def test_no_pile_of_tokens_does_anything_but_parse_or_be_refused(tokens: list[str]) -> None:
    """The same for texts that look more like expressions."""
    _refused_or_right(" ".join(tokens))
    _refused_or_right("".join(tokens))


def _refused_or_right(text: str) -> None:
    parsed = parse(text, SCOPE)
    if isinstance(parsed, tuple):
        for problem in parsed:
            assert isinstance(problem, Problem)
            assert 0 <= problem.start < problem.end <= len(text) + 1


def test_names_are_those_that_may_be_features() -> None:
    """A window's own arguments are the window's; each name stands once, in order."""
    text = 'b + a > a and count(payment, by=x, window="7d", where=y) > log(c)'
    assert ("b", "a", "c") == names_in(text)
    assert () == names_in("(")


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("count", "an aggregator"),
        ("log", "a function"),
        ("label", "a kind of fact"),
        ("amount", "a field of the payment"),
        ("where", "a word of the language"),
        ("velocity", None),
    ],
)
def test_names_with_a_meaning_are_reserved(name: str, meaning: str | None) -> None:
    """No feature may hide a field, a function or a word."""
    assert meaning == reserved(name, PAYMENT)


def test_the_nearest_name_is_offered() -> None:
    """Only if it is near."""
    assert "did you mean 'amount'?" == near("amuont", ["amount", "channel"])
    assert "did you mean 'amount'?" == near("AMOUNT", ["amount", "channel"])
    assert near("x", ["amount"]) is None
