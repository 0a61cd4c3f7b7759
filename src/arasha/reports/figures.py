"""How a number is written, once for the page, the terminal and the explanation.

Thousands have separators, a missing figure is "–" and never 0, a share that is not quite nothing
or not quite all is not written as if it were. Money is written in major units by its currency.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from arasha.events.money import CURRENCY_OF_NUMERIC, format_minor
from arasha.reports.measures import Money
from arasha.reports.proportions import Interval

NOTHING: Final = "–"
MINUS: Final = "\N{MINUS SIGN}"
_SHORT: Final = ((10**12, "tn"), (10**9, "bn"), (10**6, "m"))


def count(number: int | None) -> str:
    """Whole numbers, with separators.

    >>> count(1234567), count(None)
    ('1,234,567', '–')
    """
    return NOTHING if number is None else f"{number:,}".replace("-", MINUS)


def ratio(number: float | None) -> str:
    """A ratio or a mean: one decimal, two below ten, thousands separated.

    >>> ratio(2.5), ratio(1234.5), ratio(0.001), ratio(None)
    ('2.50', '1,234.5', '<0.01', '–')
    """
    if number is None:
        return NOTHING
    if number == 0:
        return "0"
    if 0 < number < 0.01:
        return "<0.01"
    return f"{number:,.2f}" if number < 10 else f"{number:,.1f}"


FINE_BELOW: Final = 0.02
"""Intervals that end below this share are told to a hundredth of a percent."""


def percent(part: float | None) -> str:
    """Write a share, more finely where it is small.

    >>> percent(0.8719), percent(0.00321), percent(0.99999), percent(0.00001), percent(1.0)
    ('87.2%', '0.32%', '>99.9%', '<0.01%', '100%')
    """
    if part is None:
        return NOTHING
    if part in (0.0, 1.0):
        return f"{part:.0%}"
    if part < 0.0001:
        return "<0.01%"
    if part > 0.999:
        return ">99.9%"
    return f"{part:.2%}" if part < 0.01 else f"{part:.1%}"


def interval(one: Interval | None) -> str:
    """A 95 % interval of a share, short enough to stand below it.

    >>> interval(Interval(0.531, 0.61)), interval(Interval(0.0012, 0.0034))
    ('53.1–61.0%', '0.12–0.34%')
    """
    if one is None:
        return NOTHING
    places = 1 if one.high >= FINE_BELOW else 2
    return f"{100 * one.low:.{places}f}–{100 * one.high:.{places}f}%"


def points(difference: float | None) -> str:
    """The difference of two shares in percentage points, with its sign.

    >>> points(0.031), points(-0.0004)
    ('+3.10 pp', '−0.04 pp')
    """
    if difference is None:
        return NOTHING
    return f"{100 * difference:+.2f} pp".replace("-", MINUS)


def points_interval(one: Interval | None) -> str:
    """The interval of such a difference.

    >>> points_interval(Interval(-0.001, 0.02))
    '−0.10 to +2.00 pp'
    """
    if one is None:
        return NOTHING
    return f"{100 * one.low:+.2f} to {100 * one.high:+.2f} pp".replace("-", MINUS)


def signed(difference: float | None) -> str:
    """A difference of counts or ratios, with its sign.

    >>> signed(-1234), signed(0), signed(1.25)
    ('−1,234', '0', '+1.25')
    """
    if difference is None:
        return NOTHING
    text = f"{difference:+,}" if isinstance(difference, int) else f"{difference:+,.2f}"
    return "0" if difference == 0 else text.replace("-", MINUS)


def currency_code(currency: int) -> str:
    """The alphabetic code, or the number of a currency that is not on the list.

    >>> currency_code(398), currency_code(1)
    ('KZT', 'currency 001')
    """
    known = CURRENCY_OF_NUMERIC.get(currency)
    return known.code if known else f"currency {currency:03d}"


def money(minor: int, currency: int, *, whole: bool = False) -> str:
    """An amount in major units; ``whole`` cuts the decimals off. Unknown currencies: minor units.

    >>> money(149990, 398), money(-149990, 398, whole=True), money(5, 392)
    ('1,499.90 KZT', '−1,499 KZT', '5 JPY')
    """
    known = CURRENCY_OF_NUMERIC.get(currency)
    if known is None:
        return f"{count(minor)} minor units of {currency_code(currency)}"
    digits, _, decimals = format_minor(abs(minor), known).partition(".")
    text = f"{int(digits):,}" + (f".{decimals}" if decimals and not whole else "")
    return f"{MINUS if minor < 0 else ''}{text} {known.code}"


def money_short(minor: int, currency: int) -> str:
    """An amount to three digits, for a chart or a headline.

    >>> money_short(289744468585, 398), money_short(149990, 398)
    ('2.90 bn KZT', '1,499 KZT')
    """
    known = CURRENCY_OF_NUMERIC.get(currency)
    if known is None:
        return money(minor, currency)
    major = minor / 10**known.decimals
    for size, name in _SHORT:
        if abs(major) >= size:
            scaled = major / size
            decimals = 2 if abs(scaled) < 10 else 1 if abs(scaled) < 100 else 0
            return f"{scaled:,.{decimals}f} {name} {known.code}".replace("-", MINUS)
    return money(minor, currency, whole=True)


def moneys(amounts: Money, of: Money, currencies: tuple[int, ...]) -> list[str]:
    """The amounts, whole, in every currency that ``of`` has, in the given order; ["–"] of none."""
    return [money(amounts.get(c, 0), c, whole=True) for c in currencies if c in of] or [NOTHING]


def moment(at_ms: int, utc_offset_ms: int = 0) -> str:
    """An instant to the second, shifted by the offset.

    >>> moment(1_790_000_000_000)
    '2026-09-21 14:13:20'
    """
    try:
        at = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=at_ms + utc_offset_ms)
    except OverflowError:
        return f"{count(at_ms)} ms since 1970"
    return at.strftime("%Y-%m-%d %H:%M:%S")


def day(at: int) -> str:
    """The date of a day counted from 1970-01-01.

    >>> day(0)
    '1970-01-01'
    """
    return moment(at * 86_400_000).partition(" ")[0] if abs(at) < 700_000 else f"day {count(at)}"


def duration(span_ms: float) -> str:
    """A span of time in its two largest units.

    >>> duration(7_384_000), duration(90_000_000), duration(250)
    ('2 h 3 min', '1 d 1 h', '250 ms')
    """
    if span_ms < 0:
        return MINUS + duration(-span_ms)
    if span_ms < 1000:
        return f"{span_ms:.0f} ms"
    left = int(span_ms // 1000)
    parts: list[str] = []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        number, left = divmod(left, size)
        if number or parts:
            parts.append(f"{number} {unit}" if number else "")
        if len(parts) == 2:
            break
    return " ".join(part for part in parts if part)


def offset(utc_offset_ms: int) -> str:
    """Name a shift from UTC.

    >>> offset(0), offset(18_000_000), offset(-12_600_000)
    ('UTC', 'UTC+05:00', 'UTC−03:30')
    """
    if utc_offset_ms == 0:
        return "UTC"
    hours, minutes = divmod(abs(utc_offset_ms) // 60_000, 60)
    return f"UTC{'+' if utc_offset_ms > 0 else MINUS}{hours:02d}:{minutes:02d}"
