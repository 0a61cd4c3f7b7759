"""Money: the currencies of ISO 4217, and amounts as whole numbers of their smallest unit.

In: an amount as text, int, float or Decimal, alone or as a column. Out: int64 minor units, or a
named refusal. A float is read by its shortest decimal (12.34 is 12.34, not 12.339999…); text by the
digits it shows, so "12.340" has three decimals.

The list is ISO 4217 "List one" (active currencies and funds) as published by SIX, the standard's
maintenance agency, on 2026-01-01: 165 codes with a minor unit and 13 without.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arasha.events.columns import Numbers
from arasha.events.rejects import Refusal
from arasha.events.schema import MAX_AMOUNT_MINOR, MISSING

MAX_AMOUNT_CHARS: Final = 40
"""Longest text read as an amount, characters."""

NOISE_MINOR: Final = Decimal("0.000001")
"""How far from a whole number of minor units an amount computed in floating point may lie."""

_LIST_ONE: Final = {
    0: """
        BIF 108, CLP 152, DJF 262, GNF 324, ISK 352, JPY 392, KMF 174, KRW 410, PYG 600, RWF 646,
        UGX 800, UYI 940, VND 704, VUV 548, XAF 950, XOF 952, XPF 953
    """,
    2: """
        AED 784, AFN 971, ALL 008, AMD 051, AOA 973, ARS 032, AUD 036, AWG 533, AZN 944, BAM 977,
        BBD 052, BDT 050, BMD 060, BND 096, BOB 068, BOV 984, BRL 986, BSD 044, BTN 064, BWP 072,
        BYN 933, BZD 084, CAD 124, CDF 976, CHE 947, CHF 756, CHW 948, CNY 156, COP 170, COU 970,
        CRC 188, CUP 192, CVE 132, CZK 203, DKK 208, DOP 214, DZD 012, EGP 818, ERN 232, ETB 230,
        EUR 978, FJD 242, FKP 238, GBP 826, GEL 981, GHS 936, GIP 292, GMD 270, GTQ 320, GYD 328,
        HKD 344, HNL 340, HTG 332, HUF 348, IDR 360, ILS 376, INR 356, IRR 364, JMD 388, KES 404,
        KGS 417, KHR 116, KPW 408, KYD 136, KZT 398, LAK 418, LBP 422, LKR 144, LRD 430, LSL 426,
        MAD 504, MDL 498, MGA 969, MKD 807, MMK 104, MNT 496, MOP 446, MRU 929, MUR 480, MVR 462,
        MWK 454, MXN 484, MXV 979, MYR 458, MZN 943, NAD 516, NGN 566, NIO 558, NOK 578, NPR 524,
        NZD 554, PAB 590, PEN 604, PGK 598, PHP 608, PKR 586, PLN 985, QAR 634, RON 946, RSD 941,
        RUB 643, SAR 682, SBD 090, SCR 690, SDG 938, SEK 752, SGD 702, SHP 654, SLE 925, SOS 706,
        SRD 968, SSP 728, STN 930, SVC 222, SYP 760, SZL 748, THB 764, TJS 972, TMT 934, TOP 776,
        TRY 949, TTD 780, TWD 901, TZS 834, UAH 980, USD 840, USN 997, UYU 858, UZS 860, VED 926,
        VES 928, WST 882, XAD 396, XCD 951, XCG 532, YER 886, ZAR 710, ZMW 967, ZWG 924
    """,
    3: "BHD 048, IQD 368, JOD 400, KWD 414, LYD 434, OMR 512, TND 788",
    4: "CLF 990, UYW 927",
}

WITHOUT_MINOR_UNIT: Final = frozenset(
    ["XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX"]
)
"""Metals, units of account, XTS for testing and XXX for "no currency": codes of ISO 4217 for what
nobody pays with. All of them must stand here, so that a payment in one is refused by name."""


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency of ISO 4217: alphabetic code, numeric code, decimals of its minor unit."""

    code: str
    numeric: int
    decimals: int


CURRENCIES: Final[dict[str, Currency]] = {
    code: Currency(code, int(numeric), decimals)
    for decimals, codes in _LIST_ONE.items()
    for code, numeric in (pair.split() for pair in codes.split(","))
}
"""Every active currency that has a minor unit, by its alphabetic code."""

CURRENCY_OF_NUMERIC: Final = {c.numeric: c for c in CURRENCIES.values()}
"""The same by numeric code, the form in which batches and the log hold it."""

_SCALES: Final = np.array([10**d for d in range(5)], np.int64)
_EXACT: Final = Context(prec=400)  # more digits than any float or column of Decimals has
_QUICK_DIGITS: Final = 15
_PLAIN: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
_FAST: Final = r"^[0-9]{1,13}(\.[0-9]{1,5})?$"


def currency_of(code: str) -> Currency | Refusal:
    """The currency of an alphabetic ("KZT") or three-digit numeric ("398") code."""
    found = CURRENCIES.get(code)
    if found is None and len(code) == 3 and code.isdecimal() and code.isascii():
        found = CURRENCY_OF_NUMERIC.get(int(code))
    if found is not None:
        return found
    if code in WITHOUT_MINOR_UNIT:
        return Refusal.CURRENCY_WITHOUT_MINOR_UNIT
    return Refusal.UNKNOWN_CURRENCY


def parse_minor(
    value: str | float | Decimal, decimals: int, *, noise: bool = False
) -> int | Refusal:
    """An amount in major units as minor units of a currency with that many decimals.

    Refused, in this order: what is no plain decimal number; NaN and infinity; zero and less; more
    decimals than the currency has; more than `MAX_AMOUNT_MINOR`. With ``noise``, an amount that
    was computed in floating point (5 × 12.34 = 61.699999999999996) is read as the whole number of
    minor units it lies within `NOISE_MINOR` of.

    >>> parse_minor("1499.90", 2)
    149990
    >>> parse_minor("0.125", 2)
    <Refusal.TOO_MANY_DECIMALS: 21>
    """
    minor = _of_digits(value, decimals) if isinstance(value, str) else 0
    if minor:
        return minor
    exact = _exact(value)
    if isinstance(exact, Refusal):
        return exact
    if exact <= 0:
        return Refusal.NOT_POSITIVE
    exponent = exact.as_tuple().exponent
    assert isinstance(exponent, int)
    if -exponent > decimals and noise:
        exact = _without_noise(exact, decimals)
        exponent = exact.as_tuple().exponent
        assert isinstance(exponent, int)
    if -exponent > decimals:
        return Refusal.TOO_MANY_DECIMALS
    if exact.adjusted() > 18 or int(exact * 10**decimals) > MAX_AMOUNT_MINOR:
        return Refusal.AMOUNT_TOO_LARGE
    return int(exact * 10**decimals)


def _of_digits(text: str, decimals: int) -> int:
    """Minor units of digits with a point or without, as nearly every amount is written, without
    asking the decimals of the library; 0 for all else.
    """
    whole, point, part = text.partition(".")
    digits = whole.isdigit() and text.isascii() and (part.isdigit() or not point)
    if not digits or len(whole) > _QUICK_DIGITS or len(part) > decimals:
        return 0
    minor = int(whole) * 10**decimals + (int(part.ljust(decimals, "0")) if part else 0)
    return minor if minor <= MAX_AMOUNT_MINOR else 0


def _exact(value: str | float | Decimal) -> Decimal | Refusal:
    """The decimal meant, with as many decimals as it shows (text) or needs (float, Decimal)."""
    if isinstance(value, bool):
        return Refusal.NOT_A_NUMBER
    if isinstance(value, str):
        if _NOT_FINITE.fullmatch(value):
            return Refusal.NOT_FINITE
        if len(value) > MAX_AMOUNT_CHARS or not value.isascii() or not _PLAIN.fullmatch(value):
            return Refusal.NOT_A_NUMBER
        return Decimal(value)
    try:
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except (InvalidOperation, ValueError):
        return Refusal.NOT_FINITE
    if not number.is_finite():
        return Refusal.NOT_FINITE
    return number.normalize(_EXACT)


def _without_noise(exact: Decimal, decimals: int) -> Decimal:
    near = exact.quantize(Decimal(1).scaleb(-decimals), context=_EXACT)
    close = abs(exact - near) <= NOISE_MINOR.scaleb(-decimals)
    return near if close and near > 0 else exact


def format_minor(minor: int, currency: Currency) -> str:
    """Minor units as a decimal text in major units, with all the currency's decimals.

    >>> format_minor(149990, CURRENCIES["KZT"])
    '1499.90'
    """
    if currency.decimals == 0:
        return str(minor)
    whole, part = divmod(abs(minor), 10**currency.decimals)
    return f"{'-' if minor < 0 else ''}{whole}.{part:0{currency.decimals}d}"


def minor_column(
    column: pl.Series, decimals: NDArray[np.int8], *, noise: bool = False
) -> tuple[Numbers, NDArray[np.uint8]]:
    """`parse_minor` of every row: int64[n] minor units and uint8[n] refusals (0: taken).

    ``column`` holds text, ints, floats or Decimals; ``decimals[n]`` belong to each row's currency,
    -1 where that is unknown: such a row is neither taken nor refused here.
    """
    dtype = column.dtype
    if dtype.is_integer():
        minor, taken = _minor_of_ints(column, decimals)
    elif dtype.is_float():
        minor, taken = _minor_of_floats(column, decimals)
    elif dtype == pl.String:
        minor, taken = _minor_of_texts(column, decimals)
    else:
        minor, taken = np.full(len(column), MISSING, np.int64), np.zeros(len(column), np.bool_)
    refusals = np.zeros(len(column), np.uint8)
    minor[~taken] = MISSING
    for row in np.flatnonzero(~taken & (decimals >= 0)).tolist():
        value = column[row]
        if dtype == pl.Float32 and value is not None:
            value = float(str(np.float32(value)))  # its own shortest decimal, not the double's
        answer = (
            Refusal.MISSING_VALUE
            if value is None or value == ""
            else parse_minor(value, int(decimals[row]), noise=noise)
            if isinstance(value, (str, int, float, Decimal))
            else Refusal.NOT_A_NUMBER
        )
        if isinstance(answer, Refusal):
            refusals[row] = answer.value
        else:
            minor[row] = answer
    return minor, refusals


def _scales(decimals: NDArray[np.int8]) -> Numbers:
    return _SCALES[np.maximum(decimals, 0)]


def _minor_of_ints(
    column: pl.Series, decimals: NDArray[np.int8]
) -> tuple[Numbers, NDArray[np.bool_]]:
    values = column.cast(pl.Int64, strict=False).fill_null(MISSING).to_numpy()
    scales = _scales(decimals)
    taken = (values > 0) & (values <= MAX_AMOUNT_MINOR // scales) & (decimals >= 0)
    return np.where(taken, values, 0) * scales, taken


def _minor_of_floats(
    column: pl.Series, decimals: NDArray[np.int8]
) -> tuple[Numbers, NDArray[np.bool_]]:
    """A float is a decimal of d places exactly if the nearest m / 10**d gives it back.

    m has at most 15 digits (`MAX_AMOUNT_MINOR`), and a decimal of 15 digits survives the way
    through a double, so its shortest decimal is m / 10**d and no other.
    """
    single = column.dtype == pl.Float32
    values = column.fill_null(np.nan).to_numpy().astype(np.float64)
    scales = _scales(decimals).astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.rint(values * scales)
        taken = (near >= 1) & (near < MAX_AMOUNT_MINOR) & (decimals >= 0)
        back = near / scales
        if single:
            # Nine digits always survive a float32; beyond them the row is read one by one.
            taken &= (back.astype(np.float32) == values.astype(np.float32)) & (near < 1e6)
        else:
            taken &= back == values
    return np.where(taken, near, 0).astype(np.int64), taken


def _minor_of_texts(
    column: pl.Series, decimals: NDArray[np.int8]
) -> tuple[Numbers, NDArray[np.bool_]]:
    plain = column.str.contains(_FAST).fill_null(value=False)
    text = column.zip_with(plain, pl.Series(["0"]).new_from_index(0, len(column)))
    point = text.str.find(".", literal=True).cast(pl.Int64)
    shown = (text.str.len_bytes().cast(pl.Int64) - point - 1).fill_null(0).to_numpy()
    digits = text.str.replace(".", "", literal=True).cast(pl.Int64).to_numpy()
    missing = np.clip(decimals - shown, 0, 4)
    scales = _SCALES[missing]
    taken = (
        plain.to_numpy()
        & (decimals >= 0)
        & (shown <= decimals)
        & (digits > 0)
        & (digits <= MAX_AMOUNT_MINOR // scales)
    )
    return np.where(taken, digits, 0) * scales, taken


def currency_column(
    column: pl.Series,
) -> tuple[Numbers, NDArray[np.int8], NDArray[np.uint8]]:
    """Currency codes as numeric codes int64[n], decimals int8[n] (-1 unknown), refusals uint8[n].

    Text is an alphabetic or three-digit code, an int is a numeric code; nothing is missing.
    """
    text = column.cast(pl.String, strict=False)
    if column.dtype.is_integer():
        text = text.str.zfill(3)
    numerics: dict[str | None, int] = {}
    decimals: dict[str | None, int] = {}
    refusals: dict[str | None, int] = {}
    for code in text.unique().to_list():
        answer = Refusal.MISSING_VALUE if not code else currency_of(code)
        known = isinstance(answer, Currency)
        numerics[code] = answer.numeric if isinstance(answer, Currency) else MISSING
        decimals[code] = answer.decimals if isinstance(answer, Currency) else -1
        refusals[code] = 0 if known else answer.value if isinstance(answer, Refusal) else 0
    return (
        _mapped(text, numerics, pl.Int64).to_numpy(),
        _mapped(text, decimals, pl.Int8).to_numpy(),
        _mapped(text, refusals, pl.UInt8).to_numpy(),
    )


def _mapped(text: pl.Series, values: dict[str | None, int], dtype: type[pl.DataType]) -> pl.Series:
    if not values:
        return pl.Series([], dtype=dtype)
    if len(values) == 1:  # one currency in the whole column: the usual case
        return pl.Series([next(iter(values.values()))], dtype=dtype).new_from_index(0, len(text))
    return text.replace_strict(list(values), list(values.values()), return_dtype=dtype)
