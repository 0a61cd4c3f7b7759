from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.events.money import CURRENCIES
from arasha.features.literals import (
    MAX_LITERAL,
    Malformed,
    Money,
    currency_word,
    decimals_of,
    read_code,
    read_currency,
    read_duration,
    read_money,
    write_duration,
    write_money,
)


@pytest.mark.parametrize(
    ("text", "value_ms"),
    [
        ("250ms", 250),
        ("90s", 90_000),
        ("10min", 600_000),
        ("10 min", 600_000),
        ("2h", 7_200_000),
        ("7d", 604_800_000),
        ("4w", 2_419_200_000),
        ("0s", 0),
    ],
)
def test_durations(text: str, value_ms: int) -> None:
    """A number and a unit."""
    assert value_ms == read_duration(text)


@pytest.mark.parametrize("text", ["", "7", "d", "-7d", "7.5d", "7 d d", "٣d", "7m", "9" * 18 + "w"])
def test_what_is_no_duration(text: str) -> None:
    """Said, with an example of one."""
    assert isinstance(read_duration(text), Malformed)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("7m", 'did you mean "7min"?'),
        ("7 days", 'did you mean "7d"?'),
        ("2y", 'years vary in length; write "730d"'),
        ("3 months", 'months vary in length; write "90d"'),
    ],
)
def test_near_durations_are_offered(text: str, hint: str) -> None:
    """Units of other languages and of varying length."""
    read = read_duration(text)
    assert isinstance(read, Malformed)
    assert hint == read.hint


@given(st.integers(0, 400 * 86_400_000))
def test_durations_are_written_as_they_are_read(value_ms: int) -> None:
    """Exactly."""
    assert value_ms == read_duration(write_duration(value_ms))


@pytest.mark.parametrize(
    ("text", "minor", "code"),
    [
        ("200000 KZT", 20_000_000, "KZT"),
        ("200 000 KZT", 20_000_000, "KZT"),
        ("1_000.50 KZT", 100_050, "KZT"),
        ("5JPY", 5, "JPY"),
        ("5.00 JPY", 5, "JPY"),
        ("1.234 KWD", 1_234, "KWD"),
        ("-3 USD", -300, "USD"),
        ("0 KZT", 0, "KZT"),
    ],
)
def test_money(text: str, minor: int, code: str) -> None:
    """Minor units by the decimals of ISO 4217."""
    assert Money(minor, CURRENCIES[code].numeric) == read_money(text)


@pytest.mark.parametrize(
    "text",
    ["", "KZT", "5", "5 XYZ", "5.123 KZT", "1,000 KZT", "12 34 KZT", "1e5 KZT", "5 kzt", "٣ KZT",
     "9" * 18 + " KZT"],
)  # fmt: skip
def test_what_is_no_money(text: str) -> None:
    """Said, and never guessed."""
    assert isinstance(read_money(text), Malformed)


@given(st.integers(-MAX_LITERAL, MAX_LITERAL), st.sampled_from(sorted(CURRENCIES)))
def test_money_is_written_as_it_is_read(minor: int, code: str) -> None:
    """Exactly, in every currency, as far as eighteen digits go."""
    money = Money(minor, CURRENCIES[code].numeric)
    read = read_money(write_money(money))
    assert money == read or isinstance(read, Malformed)
    assert money == read or abs(minor) >= 10**18


def test_currencies_and_codes() -> None:
    """Both ways; near misses are offered."""
    assert 398 == read_currency("KZT")
    assert "KZT" == currency_word(398)
    assert "001" == currency_word(1)
    assert (0, 2, 3) == (decimals_of(392), decimals_of(398), decimals_of(414))
    near = read_currency("KTZ")
    assert isinstance(near, Malformed)
    assert 'did you mean "KZT"?' == near.hint
    assert "HSBKKZKX" == read_code("HSBKKZKX")
    for text in ("", "a b", "ә", "x" * 17, "x\n"):
        assert isinstance(read_code(text), Malformed)
