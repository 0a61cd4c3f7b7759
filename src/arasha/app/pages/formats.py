"""Numbers, money, dates and spans of time, as each language writes them (CLDR, by Babel).

In: minor units, ms since 1970, counts. Out: texts without markup. Times are those of the country.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from math import floor, log10
from typing import Final

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from babel.numbers import (
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
    get_currency_symbol,
)

from arasha.events.money import CURRENCIES, CURRENCY_OF_NUMERIC, format_minor
from arasha.policy.texts import Language

NOTHING: Final = "–"
NO_BREAK: Final = "\u00a0"
NARROW_NO_BREAK: Final = "\u202f"  # not in every font of a system

_LOCALES: Final[dict[Language, Locale]] = {
    "kk": Locale("kk", "KZ"), "ru": Locale("ru", "KZ"), "en": Locale("en", "GB")
}  # fmt: skip
"""In English the day stands before the month, as it does here."""

_REMEMBERED: Final = 4_096
"""Of each kind so many are not written anew: a page of the queue has two hundred."""

_AMOUNT: Final = re.compile(r"(\u2212?\d(?:[\d.,\u00a0]*\d)?)\u00a0([A-Z]{3})\b")
"""Money in a reason, as policy/texts.py writes it: an amount and a currency's letters."""

_MONEY: Final[dict[Language, str]] = {
    "kk": "#,##0.00\u00a0¤", "ru": "#,##0.00\u00a0¤", "en": "¤¤\u00a0#,##0.00",
}  # fmt: skip


@lru_cache(_REMEMBERED)
def number(value: float, language: Language) -> str:
    """A number with its separators.

    >>> number(1234567, "en"), number(0.5, "ru")
    ('1,234,567', '0,5')
    """
    return format_decimal(value, locale=_LOCALES[language])


def percent(share: float, language: Language) -> str:
    """A share, to a whole hundredth.

    >>> percent(0.256, "en")
    '26%'
    """
    return format_percent(share, locale=_LOCALES[language])


def fine_percent(share: float, language: Language) -> str:
    """A share that may be small, to two figures.

    >>> fine_percent(0.000412, "en"), fine_percent(0.325, "en")
    ('0.041%', '32%')
    """
    digits = 0 if share == 0 or share >= 0.1 else max(0, 1 - floor(log10(share * 100)))
    pattern = "0." + "0" * digits if digits else "0"
    return format_percent(share, f"{pattern}%", locale=_LOCALES[language])


@lru_cache(_REMEMBERED)
def money(
    minor: int, currency: int, language: Language, *, whole: bool = False, signed: bool = True
) -> str:
    """An amount; ``whole`` leaves out the decimals, rounded. Without ``signed`` its currency stands
    elsewhere, as over a table's columns.

    >>> money(25_000_000, 398, "en").replace(NO_BREAK, " ")
    'KZT 250,000.00'
    >>> money(25_000_050, 398, "ru", whole=True).replace(NO_BREAK, " ")
    '250 001 ₸'
    >>> money(25_000_000, 398, "en", signed=False)
    '250,000.00'
    """
    known = CURRENCY_OF_NUMERIC[currency]
    amount = Decimal(format_minor(minor, known))
    pattern = _MONEY[language]
    if whole:
        amount = amount.quantize(Decimal(1), ROUND_HALF_UP)
        pattern = pattern.replace(".00", "")
    if not signed:
        pattern = pattern.replace("¤", "").strip(NO_BREAK)
    return format_currency(
        amount, known.code, pattern, locale=_LOCALES[language], currency_digits=not whole
    )


def with_money(text: str, language: Language) -> str:
    """A reason's text (policy/texts.py) with its money as pages write it.

    >>> with_money("За час: 826\u00a0849,92\u00a0KZT.", "ru").replace(NO_BREAK, " ")
    'За час: 826 849,92 ₸.'
    >>> with_money("In an hour: 826,849.92\u00a0KZT.", "en").replace(NO_BREAK, " ")
    'In an hour: KZT 826,849.92.'
    """
    return _AMOUNT.sub(lambda found: _amount(found[1], found[2], language), text)


def _amount(number: str, code: str, language: Language) -> str:
    if code not in CURRENCIES:
        return f"{number}{NO_BREAK}{code}"
    sign = sign_of(code, language)
    return _MONEY[language].replace("¤¤", "¤").replace("¤", sign).replace("#,##0.00", number)


def sign_of(code: str, language: Language) -> str:
    """How a currency is written beside an amount.

    >>> sign_of("KZT", "en"), sign_of("KZT", "ru")
    ('KZT', '₸')
    """
    if "¤¤" in _MONEY[language]:
        return code
    return str(get_currency_symbol(code, locale=_LOCALES[language]))


def country(code: str, language: Language) -> str:
    """A country and its ISO 3166 code; the code alone where there is no such country.

    >>> country("KZ", "en"), country("XX", "en")
    ('Kazakhstan (KZ)', 'XX')
    """
    name = _LOCALES[language].territories.get(code)
    return code if name is None else f"{name} ({code})"


def short(value: float, language: Language) -> str:
    """A large number to three digits, with the word for its size.

    >>> short(30_259_397, "en"), short(30_259_397, "ru").replace(NO_BREAK, " "), short(950, "en")
    ('30.3m', '30,3 млн', '950')
    """
    return format_compact_decimal(value, fraction_digits=1, locale=_LOCALES[language])


def money_short(minor: int, currency: int, language: Language) -> str:
    """A large amount to three digits.

    >>> money_short(3_025_939_700, 398, "en").replace(NO_BREAK, " ")
    'KZT 30.3m'
    """
    one = money(10 ** CURRENCY_OF_NUMERIC[currency].decimals, currency, language, whole=True)
    return one.replace("1", short(major(minor, currency), language))


def major(minor: int, currency: int) -> float:
    """An amount in major units, where its last digits do not matter."""
    return minor / float(10 ** CURRENCY_OF_NUMERIC[currency].decimals)


def local(at_ms: int, utc_offset_ms: int) -> datetime:
    """An instant as the country's clocks show it."""
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=at_ms + utc_offset_ms)


@lru_cache(_REMEMBERED)
def moment(at_ms: int, utc_offset_ms: int, language: Language) -> str:
    """An instant, to the minute.

    >>> moment(1_790_000_000_000, 18_000_000, "en")
    '21 Sept 2026, 19:13'
    """
    at, locale = local(at_ms, utc_offset_ms), _LOCALES[language]
    shown = format_date(at, "medium", locale=locale).replace(NARROW_NO_BREAK, NO_BREAK)
    return f"{shown}, {format_time(at, 'short', locale=locale)}"


def day(at_ms: int, utc_offset_ms: int, language: Language) -> str:
    """A date.

    >>> day(1_790_000_000_000, 18_000_000, "ru").replace(NO_BREAK, " ")
    '21 сентября 2026 г.'
    """
    text = format_date(local(at_ms, utc_offset_ms), "long", locale=_LOCALES[language])
    return text.replace(NARROW_NO_BREAK, NO_BREAK)


def month(year: int, number: int, language: Language) -> str:
    """A month and its year.

    >>> month(2026, 10, "en"), month(2026, 10, "kk").replace(NO_BREAK, " ")
    ('October 2026', '2026 ж. қазан')
    """
    text = format_skeleton("yMMMM", date(year, number, 1), locale=_LOCALES[language])
    return text.replace(NARROW_NO_BREAK, NO_BREAK)


@lru_cache(_REMEMBERED)
def span(span_ms: int, language: Language) -> str:
    """A span of time in one unit, rounded; up to a unit and a half it is told in the smaller one.

    >>> span(7_200_000, "en"), span(100_000, "ru"), span(5_400_000, "en")
    ('2 hours', '2 минуты', '90 minutes')
    """
    return format_timedelta(
        timedelta(milliseconds=span_ms), threshold=1.6, locale=_LOCALES[language]
    )


def short_day(at_ms: int, language: Language) -> str:
    """A day of a year, as it stands below a chart.

    >>> short_day(1_790_000_000_000, "en"), short_day(1_790_000_000_000, "ru")
    ('21 Sept', '21 сент.')
    """
    text = format_skeleton("MMMd", local(at_ms, 0), locale=_LOCALES[language])
    return text.replace(NARROW_NO_BREAK, NO_BREAK)
