"""Typed expressions made at random, as text: whatever these draw must parse."""

from __future__ import annotations

from hypothesis import strategies as st

from arasha.events.schema import CHANNELS
from arasha.features.expressions import BOOL, COUNT, NUMBER, Unit, ValueType
from arasha.features.language import Scope

SCOPE = Scope(
    features={
        "n": COUNT,
        "share": NUMBER,
        "paid": ValueType("int", Unit.MONEY),
        "flag": BOOL,
        "wrong": None,
    },
    utc_offset_ms=5 * 3_600_000,
)
"""Features of each kind, and one that is wrong itself."""

WINDOWS = st.sampled_from(["1s", "90s", "10min", "2h", "7d", "4w", "366d"])
BY = st.sampled_from(
    ["payer_account", "(payer_account, payee_account)", "{payee_account: payer_account}", "()"]
)
FILTERS = st.sampled_from(
    ["", ", where=new_device", ', where=channel == "web" and amount > "5 KZT"', ', delay="7d"']
)


def _window(head: str) -> st.SearchStrategy[str]:
    return st.builds(
        lambda by, window, rest: f'{head}, by={by}, window="{window}"{rest})', BY, WINDOWS, FILTERS
    )


NUMBERS_ALONE = st.one_of(
    st.integers(-(10**6), 10**6).map(str),
    st.floats(-1e6, 1e6, allow_nan=False).map(repr),
    st.sampled_from(["n", "share", "hour(happened_at)", "weekday(happened_at)"]),
    _window("count(payment"),
    _window("distinct(payment.payee_account"),
)
MONEY_ALONE = st.one_of(
    st.sampled_from(["amount", "paid", '"200000 KZT"', '"12.50 USD"', '"1 000 JPY"']),
    _window("sum(payment.amount"),
    _window("mean(payment.amount"),
)


def _money(
    numbers: st.SearchStrategy[str], money: st.SearchStrategy[str]
) -> st.SearchStrategy[str]:
    return st.one_of(
        MONEY_ALONE,
        st.builds("({} {} {})".format, money, st.sampled_from("+-"), money),
        st.builds("({} * {})".format, money, numbers),
        st.builds("maximum({}, {})".format, money, money),
    )


NUMBERS = st.recursive(
    NUMBERS_ALONE,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/%"), inner),
        st.builds("-{}".format, inner.map("({})".format)),
        st.builds("log({})".format, inner),
        st.builds("coalesce({}, {})".format, inner, inner),
        st.builds("({} if {} > {} else {})".format, inner, inner, inner, inner),
        st.builds("({} / {})".format, _money(inner, MONEY_ALONE), MONEY_ALONE),
    ),
    max_leaves=6,
)
CONDITIONS = st.recursive(
    st.one_of(
        st.sampled_from(["flag", "new_device", "known(device)", 'payer_bank == "HSBKKZKX"']),
        st.sampled_from(CHANNELS).map('channel != "{}"'.format),
        st.builds("{} < {} <= {}".format, NUMBERS, NUMBERS, NUMBERS),
        st.builds("{} in ({}, {})".format, NUMBERS_ALONE, NUMBERS_ALONE, NUMBERS_ALONE),
        st.builds("{} >= {}".format, _money(NUMBERS_ALONE, MONEY_ALONE), MONEY_ALONE),
        _window("exists(payment"),
    ),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
        inner.map("not ({})".format),
        st.builds("({} if {} else {})".format, inner, inner, inner),
    ),
    max_leaves=4,
)
EXPRESSIONS = st.one_of(NUMBERS, CONDITIONS, _money(NUMBERS, MONEY_ALONE))
"""Texts of expressions that are right in SCOPE."""
