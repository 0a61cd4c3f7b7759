"""Literals of the policy language: durations, money, currencies, codes; text to value and back.

In comes what stands between quotes in an expression; out goes a whole number in the unit the
columns use (milliseconds, minor units), or a Malformed that says what was expected. Used by the
type checker (features/language.py), which knows where a text stands, and the other way round by
features/language_text.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from arasha.events.money import CURRENCIES, CURRENCY_OF_NUMERIC
from arasha.events.schema import MAX_CODE_BYTES
from arasha.events.symbols import CODE_PATTERN, whole

UNITS_MS: Final = {
    "w": 604_800_000,
    "d": 86_400_000,
    "h": 3_600_000,
    "min": 60_000,
    "s": 1_000,
    "ms": 1,
}
"""Units of a duration, milliseconds; no months and no years, they have no fixed length."""

MAX_LITERAL: Final = 2**63 - 1
"""Largest whole number, either sign."""

MAX_FLOAT: Final = 1e300
"""Largest number with a point, either sign."""

_OTHER_UNITS: Final = {
    "m": "min", "mn": "min", "mins": "min", "minute": "min", "minutes": "min", "sec": "s",
    "secs": "s", "second": "s", "seconds": "s", "hr": "h", "hour": "h", "hours": "h", "day": "d",
    "days": "d", "week": "w", "weeks": "w",
}  # fmt: skip
_DURATION: Final = re.compile(r"(\d{1,18}) ?([A-Za-z]+)", re.ASCII)
_MONEY: Final = re.compile(
    r"(-?)(\d{1,3}(?:[ _]\d{3})+|\d{1,18})(?:\.(\d{1,6}))?(?: ?([A-Za-z]{3}))?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Malformed:
    """Why a text is not the literal it should be."""

    what: str
    expected: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of a currency (ISO 4217 numeric)."""

    minor: int
    currency: int


def read_duration(text: str) -> int | Malformed:
    """Milliseconds of a text such as ``90s``, ``10min``, ``2h``, ``7d``, ``4w``."""
    expected = 'a duration such as "90s", "10min", "2h", "7d" or "4w"'
    match = _DURATION.fullmatch(text)
    if match is None:
        return Malformed(f'"{text}" is not a duration', expected)
    number, unit = int(match[1]), match[2]
    if unit not in UNITS_MS:
        near = _OTHER_UNITS.get(unit.lower())
        hint = f'did you mean "{number}{near}"?' if near else None
        if unit.lower() in ("y", "yr", "year", "years"):
            hint = f'years vary in length; write "{number * 365}d"'
        elif unit.lower() in ("mo", "month", "months"):
            hint = f'months vary in length; write "{number * 30}d"'
        return Malformed(f"'{unit}' is not a unit of time", expected, hint)
    value = number * UNITS_MS[unit]
    if value > MAX_LITERAL:
        return Malformed(f'"{text}" is too long', expected)
    return value


def write_duration(value_ms: int) -> str:
    """The text that reads as so many milliseconds, in the largest unit up to days: ``7d``."""
    unit = next(unit for unit, size in UNITS_MS.items() if unit != "w" and value_ms % size == 0)
    return "0s" if value_ms == 0 else f"{value_ms // UNITS_MS[unit]}{unit}"


def read_money(text: str, default_currency: str | None = None) -> Money | Malformed:
    """Minor units of a text such as ``200000 KZT``, ``200 000.50 KZT``, ``12.5 USD``."""
    expected = 'money such as "200000 KZT"'
    match = _MONEY.fullmatch(text)
    if match is None:
        return Malformed(f'"{text}" is not money', expected)
    sign, whole, fraction, code = match[1], match[2], match[3] or "", match[4] or default_currency
    if code is None:
        return Malformed(
            f'"{text}" does not say its currency', expected, f'did you mean "{text} KZT"?'
        )
    currency = read_currency(code)
    if isinstance(currency, Malformed):
        return currency
    decimals = decimals_of(currency)
    if len(fraction.rstrip("0")) > decimals:
        return Malformed(
            f"{code} has no such small coin", f"at most {decimals} digits after the point"
        )
    units = int(whole.replace(" ", "").replace("_", "")) * 10**decimals
    minor = units + int(fraction[:decimals].ljust(decimals, "0") or "0")
    if minor > MAX_LITERAL:
        return Malformed(f'"{text}" is too much', expected)
    return Money(-minor if sign else minor, currency)


def write_money(money: Money) -> str:
    """The text that reads as that money: ``200000 KZT``, ``12.50 USD``."""
    decimals = decimals_of(money.currency)
    whole, fraction = divmod(abs(money.minor), 10**decimals)
    sign = "-" if money.minor < 0 else ""
    tail = f".{fraction:0{decimals}d}" if fraction else ""
    return f"{sign}{whole}{tail} {currency_word(money.currency)}"


def read_currency(text: str) -> int | Malformed:
    """The ISO 4217 numeric code of an alphabetic one."""
    currency = CURRENCIES.get(text)
    if currency is None:
        letters = sorted(text.upper())
        near = [code for code in CURRENCIES if sorted(code) == letters]
        near = near or get_close_matches(text.upper(), CURRENCIES, n=1, cutoff=0.6)
        hint = f'did you mean "{near[0]}"?' if near else None
        return Malformed(f'"{text}" is not a currency', 'an ISO 4217 code such as "KZT"', hint)
    return currency.numeric


def currency_word(numeric: int) -> str:
    """The alphabetic code of an ISO 4217 numeric one; the digits themselves if there is none."""
    currency = CURRENCY_OF_NUMERIC.get(numeric)
    return f"{numeric:03d}" if currency is None else currency.code


def decimals_of(numeric: int) -> int:
    """How many digits after the point a currency has (ISO 4217); 2 for one that is unknown."""
    currency = CURRENCY_OF_NUMERIC.get(numeric)
    return 2 if currency is None else currency.decimals


def read_code(text: str) -> str | Malformed:
    """A plain code (bank, operator, purpose), as the columns hold it."""
    if re.fullmatch(whole(CODE_PATTERN), text) is None:
        return Malformed(
            f'"{text}" is not a code', f"1 to {MAX_CODE_BYTES} plain ASCII characters, no spaces"
        )
    return text
