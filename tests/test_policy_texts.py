from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.events.schema import CHANNELS, MISSING
from arasha.features.expressions import BOOL, COUNT, NUMBER, Constant, Unit, ValueType
from arasha.policy.definition import Rule
from arasha.policy.texts import (
    LANGUAGES,
    NO_BREAK,
    Language,
    Placeholder,
    Value,
    format_duration,
    format_share,
    format_value,
    pieces,
    placeholders,
    plural_form,
    render,
)

MONEY = ValueType("int", Unit.MONEY)
FLOAT_MONEY = ValueType("float", Unit.MONEY)
CHANNEL = ValueType("int", Unit.CATEGORY, CHANNELS)
TYPES = {
    "count": COUNT,
    "number": NUMBER,
    "mark": BOOL,
    "money": MONEY,
    "money-float": FLOAT_MONEY,
    "duration": ValueType("int", Unit.DURATION),
    "instant": ValueType("int", Unit.INSTANT),
    "currency": ValueType("int", Unit.CURRENCY),
    "channel": CHANNEL,
}

SHOWN = """
count        0                0                      0                       0
count        1234567          1 234 567              1 234 567               1,234,567
count        -5               −5                     −5                      −5
number       0.125            0,12                   0,12                    0.12
number       2.5              2,5                    2,5                     2.5
number       -0.001           0                      0                       0
number       1e12             1 000 000 000 000      1 000 000 000 000       1,000,000,000,000
mark         1                иә                     да                      yes
mark         0                жоқ                    нет                     no
money        20000000         200 000 KZT            200 000 KZT             200,000 KZT
money        20000050         200 000,50 KZT         200 000,50 KZT          200,000.50 KZT
money        -5               −0,05 KZT              −0,05 KZT               −0.05 KZT
money-float  12345.5          123,46 KZT             123,46 KZT              123.46 KZT
duration     0                0 секунд               0 секунд                0 seconds
duration     1000             1 секунд               1 секунда               1 second
duration     62000            1 минут 2 секунд       1 минута 2 секунды      1 minute 2 seconds
duration     300000           5 минут                5 минут                 5 minutes
duration     7200000          2 сағат                2 часа                  2 hours
duration     75600000         21 сағат               21 час                  21 hours
duration     90061000         1 күн 1 сағат          1 день 1 час            1 day 1 hour
duration     86401000         1 күн                  1 день                  1 day
duration     950400000        11 күн                 11 дней                 11 days
instant      0                1970-01-01 05:00       1970-01-01 05:00        1970-01-01 05:00
currency     398              KZT                    KZT                     KZT
channel      0                мобильді қосымша       мобильное приложение    mobile app
"""


@pytest.mark.parametrize("line", SHOWN.strip().splitlines())
def test_values_in_three_languages(line: str) -> None:
    """As CLDR writes numbers and plurals; money with the payment's currency."""
    type_name, value, *shown = [
        cell.strip() for cell in line.replace("|", "  ").split("  ") if cell.strip()
    ]
    for language, expected in zip(LANGUAGES, shown, strict=True):
        text = format_value(float(value), TYPES[type_name], language, "KZT", 18_000_000)
        assert expected == text.replace(NO_BREAK, " ")


@pytest.mark.parametrize("missing", [None, math.nan, math.inf, MISSING, float(MISSING)])
@pytest.mark.parametrize("type_", TYPES.values(), ids=TYPES)
def test_what_is_missing_is_unknown(missing: float | None, type_: ValueType) -> None:
    """Never 0 by accident, whatever the type."""
    assert ["белгісіз", "неизвестно", "unknown"] == [
        format_value(missing, type_, language) for language in LANGUAGES
    ]


def test_money_has_the_decimals_of_its_currency() -> None:
    """By code or number; without a currency, none is said."""
    assert "200,000 JPY" == format_value(200_000, MONEY, "en", "JPY").replace(NO_BREAK, " ")
    assert "200.001 KWD" == format_value(200_001, MONEY, "en", 414).replace(NO_BREAK, " ")
    assert "2,000.01" == format_value(200_001, MONEY, "en")


def test_shares_are_of_a_hundred() -> None:
    """With one decimal at most."""
    assert ["12,5 %", "12,5 %", "12.5%"] == [
        format_share(0.125, language).replace(NO_BREAK, " ") for language in LANGUAGES
    ]
    assert "100%" == format_share(1, "en")


@pytest.mark.parametrize(
    ("form", "numbers"),
    [
        ("one", (1, 21, 101, 1_001)),
        ("few", (2, 3, 4, 22, 104)),
        ("many", (0, 5, 11, 12, 13, 14, 19, 111, 112)),
    ],
)
def test_russian_plurals(form: str, numbers: tuple[int, ...]) -> None:
    """CLDR's three forms of whole numbers."""
    assert {form} == {plural_form(number, "ru") for number in numbers}


def test_english_and_kazakh_plurals() -> None:
    """One and other; Kazakh nouns stay as they are after a number."""
    for language in ("en", "kk"):
        assert ["other", "one", "other"] == [plural_form(n, language) for n in (0, 1, 2)]
    assert "5 күн" == format_duration(432_000_000, "kk").replace(NO_BREAK, " ")


def rule(text: str) -> Rule:
    """A rule with that text in all languages."""
    names = tuple(dict.fromkeys(placeholder.name for placeholder in placeholders(text)))
    return Rule("r", Constant(True, BOOL), "warn", 5, dict.fromkeys(LANGUAGES, text), names)


def test_a_text_is_filled_in() -> None:
    """Values by name, shares by format, brackets by two."""
    text = "{paid} of {count} ({share:percent}) {{now}}, {other}"
    values = {
        "paid": Value(500, MONEY),
        "count": Value(3.0, COUNT),
        "share": Value(0.5, NUMBER),
    }
    shown = render(rule(text), "en", values, "KZT").replace(NO_BREAK, " ")
    assert "5 KZT of 3 (50%) {now}, unknown" == shown
    missing = render(rule("{share:percent}"), "ru", {"share": Value(math.nan, NUMBER)})
    assert "неизвестно" == missing


def test_values_are_not_templates() -> None:
    """What is filled in is not filled in again."""
    word = ValueType("int", Unit.CATEGORY, ("{count}",))
    shown = render(rule("{x}"), "en", {"x": Value(0, word), "count": Value(1, COUNT)})
    assert "{count}" == shown


def test_templates_are_taken_apart() -> None:
    """With the place of each placeholder and of each fault."""
    parts, problems = pieces("a {b:percent}{c}")
    assert ("a ", Placeholder("b", "percent", 2, 13), Placeholder("c", None, 13, 16)) == parts
    assert () == problems
    for text in ("{", "}", "{}", "{a b}", "{a.b}", "{a!r}", "{a:.2f}", "{0}", "{a[0]}", "{{}"):
        assert 1 == len(pieces(text)[1]), text


@given(st.text(), st.sampled_from(LANGUAGES))
def test_no_text_raises(text: str, language: Language) -> None:
    """Whatever stands in it."""
    assert isinstance(render(rule(text), language, {}), str)


@given(
    st.one_of(st.floats(), st.integers(-(2**63), 2**63 - 1)),
    st.sampled_from([t for name, t in TYPES.items() if name != "channel"]),
    st.sampled_from(LANGUAGES),
)
def test_no_value_raises(value: float, type_: ValueType, language: Language) -> None:
    """Any number a column can hold is shown in some way."""
    assert format_value(value, type_, language, "KZT", 18_000_000)
