"""The reasons of a decision in Kazakh, Russian and English, with the values filled in.

Stands after the decision. In come a rule and the values its texts name; out goes one plain text in
one language. A text is a template: ``{name}`` is a feature's or field's value in the words of the
language, ``{name:percent}`` a plain number as a share, ``{{`` and ``}}`` are the brackets
themselves. What is missing is said to be unknown. Numbers and plurals follow CLDR's rules for the
three languages, written out here; no token or identifier can be shown, there is no type for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Final, Literal, get_args

from arasha.events.schema import MISSING
from arasha.features.expressions import Unit, ValueType
from arasha.features.language_syntax import Problem
from arasha.features.literals import currency_word, decimals_of

if TYPE_CHECKING:
    from arasha.policy.document import Rule

Language = Literal["kk", "ru", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
"""The languages every text must be in."""

FORMATS: Final = ("percent",)
"""What may stand behind a colon in a placeholder."""

NO_BREAK: Final = "\u00a0"
"""The space inside a number, and before its unit."""

_END_OF_FIRST: Final = re.compile(r"(?<=[^\W\d])\.\s+(?=\w)")
_EXACT: Final = Context(prec=400, rounding=ROUND_HALF_EVEN)  # more digits than any float has
_UNKNOWN: Final = {"kk": "белгісіз", "ru": "неизвестно", "en": "unknown"}
_YES: Final = {"kk": "иә", "ru": "да", "en": "yes"}
_NO: Final = {"kk": "жоқ", "ru": "нет", "en": "no"}
_POINT: Final = {"kk": ",", "ru": ",", "en": "."}
_THOUSANDS: Final = {"kk": NO_BREAK, "ru": NO_BREAK, "en": ","}

_TIME: Final = {
    86_400: {
        "kk": ("күн",), "ru": ("день", "дня", "дней"), "en": ("day", "days"),
    },
    3_600: {
        "kk": ("сағат",), "ru": ("час", "часа", "часов"), "en": ("hour", "hours"),
    },
    60: {
        "kk": ("минут",), "ru": ("минута", "минуты", "минут"), "en": ("minute", "minutes"),
    },
    1: {
        "kk": ("секунд",), "ru": ("секунда", "секунды", "секунд"), "en": ("second", "seconds"),
    },
}  # fmt: skip

_CATEGORIES: Final = {
    "mobile": {"kk": "мобильді қосымша", "ru": "мобильное приложение", "en": "mobile app"},
    "web": {"kk": "веб-сайт", "ru": "веб-сайт", "en": "website"},
    "branch": {"kk": "бөлімше", "ru": "отделение", "en": "branch"},
    "atm": {"kk": "банкомат", "ru": "банкомат", "en": "cash machine"},
    "card": {"kk": "карта", "ru": "карта", "en": "card"},
    "pos": {"kk": "төлем терминалы", "ru": "платёжный терминал", "en": "payment terminal"},
    "api": {"kk": "API", "ru": "API", "en": "API"},
    "phone": {"kk": "телефон", "ru": "телефон", "en": "phone"},
}

_TEMPLATES_REMEMBERED: Final = 4_096
_PIECE: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_PLACEHOLDER: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::([A-Za-z0-9_.%]*))?")

Number = int | float | bool | None


@dataclass(frozen=True, slots=True)
class Value:
    """A value and its type. None, NaN and the int64 ``MISSING`` are all unknown."""

    value: Number
    type: ValueType


@dataclass(frozen=True, slots=True)
class Placeholder:
    """``{name}`` or ``{name:format}`` at characters ``start`` to ``end`` of a template."""

    name: str
    format: str | None
    start: int
    end: int


@lru_cache(_TEMPLATES_REMEMBERED)
def pieces(template: str) -> tuple[tuple[str | Placeholder, ...], tuple[Problem, ...]]:
    """A template taken apart into plain texts and placeholders, and what is wrong with it."""
    parts: list[str | Placeholder] = []
    problems: list[Problem] = []
    at = 0
    for match in _PIECE.finditer(template):
        parts.append(template[at : match.start()])
        at = match.end()
        if match.group() in ("{{", "}}"):
            parts.append(match.group()[0])
            continue
        inside = None if match[1] is None else _PLACEHOLDER.fullmatch(match[1])
        if inside is None:
            problems.append(
                Problem(
                    "placeholder",
                    "this is not a placeholder",
                    *match.span(),
                    expected="{name} or {name:percent}",
                    found=match.group(),
                    hint="a bracket itself is written twice: {{ or }}",
                )
            )
        elif inside[2] is not None and inside[2] not in FORMATS:
            problems.append(
                Problem(
                    "placeholder",
                    f"unknown format '{inside[2]}'",
                    *match.span(),
                    expected=f"{{{inside[1]}}} or {{{inside[1]}:percent}}",
                    hint="numbers, money and durations are written by the rules of the language",
                )
            )
        else:
            parts.append(Placeholder(inside[1], inside[2], *match.span()))
    parts.append(template[at:])
    return tuple(part for part in parts if part != ""), tuple(problems)


def placeholders(template: str) -> tuple[Placeholder, ...]:
    """The placeholders of a template in order."""
    return tuple(part for part in pieces(template)[0] if isinstance(part, Placeholder))


def render(
    rule: Rule,
    language: Language,
    values: Mapping[str, Value],
    currency: int | str | None = None,
    utc_offset_ms: int = 0,
) -> str:
    """The rule's reason in a language.

    ``values`` holds at least the names in ``rule.values`` (one that is not there is unknown);
    ``currency`` is that of the judged payment (ISO 4217, numeric or alphabetic) and stands beside
    money; moments are shown in the policy's offset.
    """
    parts: list[str] = []
    for part in pieces(rule.texts[language])[0]:
        if isinstance(part, str):
            parts.append(part)
            continue
        value = values.get(part.name)
        if value is None:
            parts.append(_UNKNOWN[language])
        elif part.format == "percent" and not _is_missing(value.value):
            parts.append(format_share(float(value.value or 0), language))
        else:
            parts.append(format_value(value.value, value.type, language, currency, utc_offset_ms))
    return "".join(parts)


def first_sentence(text: str) -> str:
    """What a text or its template says first, without the full stop: the figures stand behind it.

    >>> first_sentence("Many new people pay the payee. Payers in 24 h: {payers}.")
    'Many new people pay the payee'
    """
    return _END_OF_FIRST.split(text, maxsplit=1)[0].removesuffix(".")


def format_value(
    value: Number,
    type_: ValueType,
    language: Language,
    currency: int | str | None = None,
    utc_offset_ms: int = 0,
) -> str:
    """A value in the words of a language.

    >>> format_value(20_000_050, ValueType("int", Unit.MONEY), "en", "KZT").replace(NO_BREAK, " ")
    '200,000.50 KZT'
    >>> format_value(7_260_000, ValueType("int", Unit.DURATION), "en").replace(NO_BREAK, " ")
    '2 hours 1 minute'
    """
    if value is None or _is_missing(value):
        return _UNKNOWN[language]
    if type_.form == "bool":
        return _YES[language] if value else _NO[language]
    match type_.unit:
        case Unit.MONEY:
            return _money(value, language, currency)
        case Unit.DURATION:
            return format_duration(value, language)
        case Unit.INSTANT:
            return _moment(value, utc_offset_ms)
        case Unit.CATEGORY:
            word = type_.categories[int(value)]
            return _CATEGORIES.get(word, {}).get(language, word.replace("_", " "))
        case Unit.CURRENCY:
            return currency_word(int(value))
        case Unit.NONE:
            return _decimal(Decimal(value), 2, language, keep_zeros=False)


def format_duration(value_ms: float, language: Language) -> str:
    """Milliseconds as the two largest units that are not nought: ``2 days 3 hours``."""
    seconds = round(abs(value_ms) / 1_000)
    parts: list[str] = []
    for size, words in _TIME.items():
        count, seconds = divmod(seconds, size)
        if count or (size == 1 and not parts):
            number = _decimal(Decimal(count), 0, language, keep_zeros=False)
            parts.append(f"{number}{NO_BREAK}{_plural(count, words[language], language)}")
        elif parts:
            break
        if len(parts) == 2:
            break
    return ("−" if value_ms < 0 else "") + " ".join(parts)


def format_share(value: float, language: Language) -> str:
    """A plain number as a share of a hundred: 0.125 is ``12.5%``."""
    number = _decimal(_EXACT.multiply(Decimal(value), Decimal(100)), 1, language, keep_zeros=False)
    return f"{number}%" if language == "en" else f"{number}{NO_BREAK}%"


def plural_form(count: int, language: Language) -> Literal["one", "few", "many", "other"]:
    """CLDR's category of a whole number.

    >>> [plural_form(n, "ru") for n in (1, 3, 5, 11, 21)]
    ['one', 'few', 'many', 'many', 'one']
    """
    if language != "ru":
        return "one" if count == 1 else "other"
    if count % 10 == 1 and count % 100 != 11:
        return "one"
    return "few" if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14) else "many"


def _plural(count: int, words: tuple[str, ...], language: Language) -> str:
    """Kazakh nouns stay as they are after a number."""
    form = plural_form(count, language)
    index = {"one": 0, "few": 1, "many": 2, "other": 1}[form]
    return words[min(index, len(words) - 1)]


def _is_missing(value: Number) -> bool:
    if value is None or (isinstance(value, float) and not isfinite(value)):
        return True
    return value == MISSING and not isinstance(value, bool)


def _money(value: float, language: Language, currency: int | str | None) -> str:
    """Minor units as an amount; the coins are left out where there are none."""
    numeric = currency if isinstance(currency, int) else _numeric(currency)
    decimals = 2 if numeric is None else decimals_of(numeric)
    minor = Decimal(value).quantize(Decimal(1), context=_EXACT)
    places = decimals if _EXACT.remainder(minor, Decimal(10**decimals)) else 0
    amount = _decimal(minor.scaleb(-decimals, _EXACT), places, language, keep_zeros=True)
    return amount if numeric is None else f"{amount}{NO_BREAK}{currency_word(numeric)}"


def _numeric(currency: str | None) -> int | None:
    from arasha.events.money import CURRENCIES

    found = None if currency is None else CURRENCIES.get(currency)
    return None if found is None else found.numeric


def _decimal(value: Decimal, places: int, language: Language, *, keep_zeros: bool) -> str:
    """A number with the language's point and thousands, rounded half to even."""
    text = f"{value.quantize(Decimal(1).scaleb(-places), context=_EXACT):f}"
    sign, text = ("−", text[1:]) if text.startswith("-") else ("", text)
    whole, _, fraction = text.partition(".")
    fraction = fraction if keep_zeros else fraction.rstrip("0")
    grouped = f"{int(whole):,}".replace(",", _THOUSANDS[language])
    sign = "" if not int(whole) and not fraction.strip("0") else sign
    return f"{sign}{grouped}{_POINT[language]}{fraction}" if fraction else f"{sign}{grouped}"


def _moment(value: float, utc_offset_ms: int) -> str:
    """``2026-11-05 14:30``: the same in every language."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    try:
        moment = epoch + timedelta(milliseconds=int(value) + utc_offset_ms)
    except OverflowError:
        return str(int(value))
    return f"{moment:%Y-%m-%d %H:%M}"
