from __future__ import annotations

from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.events.money import (
    CURRENCIES,
    CURRENCY_OF_NUMERIC,
    WITHOUT_MINOR_UNIT,
    currency_column,
    currency_of,
    format_minor,
    minor_column,
    parse_minor,
)
from arasha.events.rejects import Refusal
from arasha.events.schema import MAX_AMOUNT_MINOR, MISSING


def test_the_list_is_that_of_iso_4217() -> None:
    """165 currencies with a minor unit and 13 codes without; no numeric code stands twice."""
    assert (165, 13, 165) == (len(CURRENCIES), len(WITHOUT_MINOR_UNIT), len(CURRENCY_OF_NUMERIC))
    assert not WITHOUT_MINOR_UNIT & CURRENCIES.keys()


@pytest.mark.parametrize(
    ("code", "numeric", "decimals"),
    [
        ("KZT", 398, 2), ("JPY", 392, 0), ("KWD", 414, 3), ("CLF", 990, 4), ("ALL", 8, 2),
        ("UZS", 860, 2), ("ISK", 352, 0), ("XCG", 532, 2),
    ],
)  # fmt: skip
def test_currencies_have_their_codes_and_decimals(code: str, numeric: int, decimals: int) -> None:
    """A currency is found by its alphabetic and by its three-digit numeric code."""
    assert (numeric, decimals) == (CURRENCIES[code].numeric, CURRENCIES[code].decimals)
    assert currency_of(code) == currency_of(f"{numeric:03d}") == CURRENCIES[code]


AMOUNTS = """
1500.50         2  150050
0.01            2  1
7               0  7
007.50          2  750
1.2345          4  12345
10000000000000  2  1000000000000000
0               2  NOT_POSITIVE
0.00            2  NOT_POSITIVE
-1              2  NOT_POSITIVE
-0.001          2  NOT_POSITIVE
12.345          2  TOO_MANY_DECIMALS
12.340          2  TOO_MANY_DECIMALS
1.5             0  TOO_MANY_DECIMALS
10000000000000.01  2  AMOUNT_TOO_LARGE
99999999999999999999999999  2  AMOUNT_TOO_LARGE
nan             2  NOT_FINITE
-Infinity       2  NOT_FINITE
1e3             2  NOT_A_NUMBER
1,50            2  NOT_A_NUMBER
+5              2  NOT_A_NUMBER
.5              2  NOT_A_NUMBER
5.              2  NOT_A_NUMBER
١٢              2  NOT_A_NUMBER
twelve          2  NOT_A_NUMBER
"""


@pytest.mark.parametrize("line", AMOUNTS.strip().splitlines())
def test_text_is_read_by_the_digits_it_shows(line: str) -> None:
    """Alone and in a column, an amount is taken or refused in the same way."""
    text, decimals, answer = line.split()
    expected = int(answer) if answer.isdecimal() else Refusal[answer]
    assert expected == parse_minor(text, int(decimals))
    minor, refusals = minor_column(pl.Series([text]), np.array([int(decimals)], np.int8))
    if isinstance(expected, Refusal):
        assert (MISSING, expected.value) == (minor[0], refusals[0])
    else:
        assert (expected, 0) == (minor[0], refusals[0])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (12.34, 1234), (0.29, 29), (1e13, 10**15), (100, 10_000),
        (61.699999999999996, Refusal.TOO_MANY_DECIMALS), (1e-9, Refusal.TOO_MANY_DECIMALS),
        (float("nan"), Refusal.NOT_FINITE), (float("inf"), Refusal.NOT_FINITE),
        (0.0, Refusal.NOT_POSITIVE), (-2.5, Refusal.NOT_POSITIVE),
        (1e300, Refusal.AMOUNT_TOO_LARGE), (Decimal("1.5000"), 150), (True, Refusal.NOT_A_NUMBER),
    ],
)  # fmt: skip
def test_numbers_are_read_by_their_shortest_decimal(
    value: float | Decimal, expected: int | Refusal
) -> None:
    """A float is the shortest decimal that gives it; a Decimal is its value."""
    assert expected == parse_minor(value, 2)


def test_amounts_computed_in_floating_point_are_read_when_the_mapping_says_so() -> None:
    """61.699999999999996 is 61.70, but 61.695 is refused all the same, and nothing becomes 0."""
    column = pl.Series([61.699999999999996, 61.695, 0.000000001])
    minor, refusals = minor_column(column, np.full(3, 2, np.int8), noise=True)
    refused = Refusal.TOO_MANY_DECIMALS.value
    assert ([6170, MISSING, MISSING], [0, refused, refused]) == (minor.tolist(), refusals.tolist())


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.floats(),
            st.decimals(-1000, 1000, places=3).map(float),
            st.integers(-5, 10**16).map(lambda cents: cents / 100),
        )
    ),
    st.sampled_from([0, 2, 3, 4]),
)
def test_a_column_of_floats_is_read_like_each_alone(
    values: list[float | None], decimals: int
) -> None:
    """The vectorised reader gives what the scalar one gives, for every float."""
    minor, refusals = minor_column(
        pl.Series(values, dtype=pl.Float64), np.full(len(values), decimals, np.int8)
    )
    for value, got, refusal in zip(values, minor.tolist(), refusals.tolist(), strict=True):
        answer = Refusal.MISSING_VALUE if value is None else parse_minor(value, decimals)
        expected = (MISSING, answer.value) if isinstance(answer, Refusal) else (answer, 0)
        assert expected == (got, refusal)


@given(st.lists(st.text("0123456789.-+eE naif", max_size=22)), st.sampled_from([0, 2, 3]))
def test_a_column_of_text_is_read_like_each_alone(values: list[str], decimals: int) -> None:
    """The vectorised reader gives what the scalar one gives, for every text."""
    minor, refusals = minor_column(
        pl.Series(values, dtype=pl.String), np.full(len(values), decimals, np.int8)
    )
    for value, got, refusal in zip(values, minor.tolist(), refusals.tolist(), strict=True):
        answer = parse_minor(value, decimals) if value else Refusal.MISSING_VALUE
        expected = (MISSING, answer.value) if isinstance(answer, Refusal) else (answer, 0)
        assert expected == (got, refusal)


@given(st.integers(1, MAX_AMOUNT_MINOR), st.sampled_from(sorted(CURRENCIES)))
def test_every_amount_survives_the_way_through_text(minor: int, code: str) -> None:
    """What is formatted is parsed back to itself, in every currency."""
    currency = CURRENCIES[code]
    assert minor == parse_minor(format_minor(minor, currency), currency.decimals)


@given(st.integers(1, MAX_AMOUNT_MINOR), st.sampled_from([0, 2, 3, 4]))
def test_every_amount_survives_the_way_through_a_float(minor: int, decimals: int) -> None:
    """A float that was written from minor units is read back as them."""
    assert minor == parse_minor(minor / 10**decimals, decimals)


def test_a_column_of_currencies_names_each_refusal() -> None:
    """Codes are alphabetic or numeric; metals, the unknown and the missing are told apart."""
    numerics, decimals, refusals = currency_column(
        pl.Series(["KZT", "392", "XAU", "kzt", "ABC", None])
    )
    assert [398, 392, MISSING, MISSING, MISSING, MISSING] == numerics.tolist()
    assert [2, 0, -1, -1, -1, -1] == decimals.tolist()
    names = [Refusal(code).word if code else "" for code in refusals.tolist()]
    unknown = "unknown_currency"
    assert [
        "", "", "currency_without_minor_unit", unknown, unknown, "missing_value",
    ] == names  # fmt: skip
    assert [8, 398] == currency_column(pl.Series([8, 398]))[0].tolist()
