from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.events.schema import CHANNELS, PAYMENT, Kind
from arasha.features.expressions import Expression
from arasha.features.language import Scope, parse
from arasha.policy.ranges import Reasoner
from arasha.testing.naive import Happening, Value, evaluate

FEATURES_TEXT = {
    "n": 'count(payment, by=payer_account, window="7d")',
    "age": 'last(payment, by=payer_account, window="7d", delay="1d")',
    "mean_paid": 'mean(payment.amount, by=payer_account, window="7d")',
    "night": "hour(happened_at) < 6",
    "share": "n / 10",
}


def _features() -> dict[str, Expression]:
    features: dict[str, Expression] = {}
    for name, text in FEATURES_TEXT.items():
        expression = parse(text, Scope(features={n: e.type for n, e in features.items()}))
        assert not isinstance(expression, tuple)
        features[name] = expression
    return features


FEATURES = _features()
SCOPE = Scope(features={name: feature.type for name, feature in FEATURES.items()})


def condition(text: str) -> Expression:
    """The condition of a text."""
    expression = parse(text, SCOPE)
    assert not isinstance(expression, tuple), expression
    return expression


NEVER = """
n < 0
n > 5 and n < 3
n > 5 and n < 6
n == 1 and n == 2
n == 1 and n != 1
3 > n and 5 < n
n > 5 and new_device and 4 > n
not (n >= 0)
n < 0 or n > 5 and n < 3
share > 1 and share < 0.5
share < 0
n + 1 < 1
n * n < 0
abs(n - 5) < 0
minimum(n, 5) > 5
maximum(n, 5) < 5
coalesce(n, 0) < 0
(n if new_device else 5) < 0
n > n
n < share and n > share
channel == "web" and channel == "atm"
channel not in ("mobile", "web", "branch", "atm", "card", "pos", "api", "phone")
currency == "KZT" and currency == "USD"
amount > "5 KZT" and amount > "5 USD"
amount > "10 KZT" and amount < "5 KZT"
amount > "99000000000000 KZT"
mean_paid < "0 KZT"
payer_bank == "A" and payer_bank == "B"
payer_bank == "A" and payer_bank != "A"
new_device and not new_device
night and hour(happened_at) > 12
hour(happened_at) > 23
weekday(happened_at) == 7
age < "1d"
age >= "8d"
False
new_device and False
known(device) and not known(device)
(new_device if remote_access else False) and not remote_access
"""

ALWAYS = """
n >= 0
n >= 0 or new_device
n >= 0 and hour(happened_at) < 24
not (n < 0)
amount >= 0 * amount or n >= 0
True
hour(happened_at) in (0, 1) or hour(happened_at) > 1
coalesce(n, 5) >= 0
payer_account == payee_account or n >= 0
"""

NEITHER = """
n > 5
n > 5 and n < 7
n > 5 or n < 3
new_device or not new_device
share > 0.5 and share < 0.6
age < "8d"
age >= "1d"
mean_paid >= "0 KZT"
amount >= "0 KZT"
channel != "web" and channel != "atm"
channel in ("mobile", "web", "branch", "atm", "card", "pos", "api", "phone")
amount > "5 KZT" or amount > "5 USD"
payer_bank == "A" or payer_bank == "B"
log(n) < 0
n % 7 < 0.5
n - 5 < 0
age - "2d" < "0s"
"""


def lines(table: str) -> list[str]:
    """The lines of a table."""
    return table.strip().splitlines()


@pytest.mark.parametrize("text", lines(NEVER))
def test_what_is_never_true_is_seen(text: str) -> None:
    """Contradictions and values out of their bounds, through names of features."""
    assert Reasoner(FEATURES).never_true(condition(text))
    assert not Reasoner(FEATURES).always_true(condition(text))


@pytest.mark.parametrize("text", lines(ALWAYS))
def test_what_is_always_true_is_seen(text: str) -> None:
    """Only where nothing can be missing."""
    assert Reasoner(FEATURES).always_true(condition(text))
    assert not Reasoner(FEATURES).never_true(condition(text))


@pytest.mark.parametrize("text", lines(NEITHER))
def test_what_can_be_either_is_left_alone(text: str) -> None:
    """No false alarms."""
    assert not Reasoner(FEATURES).never_true(condition(text))
    assert not Reasoner(FEATURES).always_true(condition(text))


def test_the_parts_that_contradict_each_other_are_named() -> None:
    """The two of them, or the one that cannot be."""
    reasoner = Reasoner(FEATURES)
    parts = condition("new_device and n > 5 and night and n < 3")
    assert (condition("n > 5"), condition("n < 3")) == reasoner.contradiction(parts)
    parts = condition("new_device and n < 0")
    assert (condition("n < 0"),) == reasoner.contradiction(parts)


def test_too_many_cases_are_not_looked_through() -> None:
    """The work is bounded; then nothing is said."""
    either = " and ".join(f"(n == {i} or share == {i})" for i in range(40))
    assert not Reasoner(FEATURES).never_true(condition(f"{either} and n < 0 and n > 3"))


SMALL = st.integers(-2, 8).map(str)
NUMBERS = st.one_of(
    SMALL,
    st.sampled_from(["n", "share", "hour(happened_at)", "n - 3", "abs(n - 4)", "n * 2", "3 / n"]),
    st.builds("minimum(n, {})".format, SMALL),
    st.builds("coalesce({} / n, {})".format, SMALL, SMALL),
)
OPERATORS = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
ATOMS = st.one_of(
    st.builds("{} {} {}".format, NUMBERS, OPERATORS, NUMBERS),
    st.builds('channel {} "{}"'.format, st.sampled_from(["==", "!="]),
              st.sampled_from(CHANNELS[:3])),
    st.builds('amount {} "{} {}"'.format, OPERATORS, st.integers(0, 3),
              st.sampled_from(["KZT", "USD"])),
    st.builds('age {} "{}d"'.format, OPERATORS, st.integers(0, 9)),
    st.sampled_from(["new_device", "night", "known(channel)", 'payer_bank == "A"']),
)  # fmt: skip
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        inner.map("not ({})".format),
        st.builds("({} if {} else {})".format, inner, inner, inner),
    ),
    max_leaves=6,
)
DAY_MS = 86_400_000


def payment(known_at: int, **fields: Value) -> Happening:
    """A payment of which nothing more is known than said."""
    known: dict[str, Value] = {field.name: None for field in PAYMENT.fields}
    known |= {"payer_account": b"p" * 16, "payee_account": b"q" * 16, "happened_at": known_at}
    return Happening(Kind.PAYMENT, known_at, known | fields)


PAYMENTS = st.builds(
    lambda hours, **fields: payment(20_000 * DAY_MS + hours * 3_600_000, **fields),
    hours=st.integers(0, 24 * 9),
    amount=st.sampled_from([1, 100, 200, 250, 300]),
    currency=st.sampled_from([398, 840]),
    channel=st.one_of(st.none(), st.integers(0, 3)),
    new_device=st.sampled_from([None, True, False]),
    payer_bank=st.sampled_from([None, b"A".ljust(16, b"\0"), b"B".ljust(16, b"\0")]),
)


@given(CONDITIONS, st.lists(PAYMENTS, min_size=1, max_size=6))
def test_what_is_said_holds_for_every_payment(text: str, payments: list[Happening]) -> None:
    """A condition said to be never true, or always, is so by the oracle, whatever the history."""
    expression = condition(text)
    reasoner = Reasoner(FEATURES)
    never, always = reasoner.never_true(expression), reasoner.always_true(expression)
    *past, now = sorted(payments, key=lambda happening: happening.known_at)
    value = evaluate(expression, past, now, FEATURES)
    assert not (never and value is True)
    assert not (always and value is not True)
