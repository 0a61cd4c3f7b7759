"""Endings: the case in which a value stands in a sentence.

In: a value as `formats` wrote it, and a case. Out: the same with the ending that the language wants
there. Kazakh puts it on the last word by its vowels and its last sound, and a number takes the one
of the word that it is read as: 19:13-ке, 19:40-қа, 4 сағатқа. Russian changes the words of time:
21 минуту, до 4 часов. What neither rule knows (a name, a foreign currency) stays as it is.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from arasha.policy.texts import Language

Case = Literal["dative", "locative", "ablative", "accusative", "genitive"]

CASES: Final[dict[Language, frozenset[str]]] = {
    "kk": frozenset({"dative", "locative", "ablative"}),
    "ru": frozenset({"accusative", "genitive"}),
    "en": frozenset(),
}
"""The cases that texts of a language can ask for."""

_KAZAKH: Final = {
    "dative": ("ға", "ге", "қа", "ке", "ға", "ге"),
    "locative": ("да", "де", "та", "те", "да", "де"),
    "ablative": ("дан", "ден", "тан", "тен", "нан", "нен"),
}
"""Endings behind back and front vowels, three times: after a vowel or a voiced sound, a voiceless
one, a nasal.
"""

_BACK: Final = "аоұыяё"
_FRONT: Final = "әөүіеэ"
_VOICELESS: Final = "пфктсшщчхцқһбвгд"  # б, в, г, д end loan words alone, and are said voiceless
_NASAL: Final = "мнң"

_UNITS: Final = ("нөл", "бір", "екі", "үш", "төрт", "бес", "алты", "жеті", "сегіз", "тоғыз")
_TENS: Final = ("", "он", "жиырма", "отыз", "қырық", "елу", "алпыс", "жетпіс", "сексен", "тоқсан")
_BACK_WORDS: Final = frozenset({"секунд", "минут"})  # у and и say nothing of themselves
_SIGNS: Final = {"₸": "теңге", "%": "пайыз"}

_DIGITS: Final = re.compile(r"\d+(?:\u00a0\d{3})*$")
_WORD: Final = re.compile(r"[^\W\d_]+$")

_RUSSIAN: Final = {
    "секунда": ("секунду", "секунды"), "секунды": ("секунды", "секунд"),
    "минута": ("минуту", "минуты"), "минуты": ("минуты", "минут"),
    "час": ("час", "часа"), "часа": ("часа", "часов"),
    "день": ("день", "дня"), "дня": ("дня", "дней"),
    "неделя": ("неделю", "недели"), "недели": ("недели", "недель"),
    "месяц": ("месяц", "месяца"), "месяца": ("месяца", "месяцев"),
    "год": ("год", "года"), "года": ("года", "лет"),
}  # fmt: skip
"""Words of time behind one and behind a few: in the accusative, in the genitive. Behind many they
are in the genitive already."""


def in_case(value: str, case: str, language: Language) -> str:
    """The value in that case.

    >>> in_case("19:13", "dative", "kk"), in_case("4 сағат", "ablative", "kk")
    ('19:13-ке', '4 сағаттан')
    >>> in_case("21 минута", "accusative", "ru"), in_case("4 часа", "genitive", "ru")
    ('21 минуту', '4 часов')
    """
    return _kazakh(value, case) if language == "kk" else _russian(value, case)


def _kazakh(value: str, case: str) -> str:
    if value[-1:] in _SIGNS:
        return f"{value}-{_ending(_SIGNS[value[-1]], case)}"
    if digits := _DIGITS.search(value):
        number = int("".join(digits[0].split()))
        return f"{value}-{_ending(_read(number), case)}"
    word = _WORD.search(value)
    return value + _ending(word[0].lower(), case) if word else value


def _read(number: int) -> str:
    """The last word of a number that is read out.

    >>> _read(13), _read(40), _read(0), _read(1_200), _read(5_000), _read(2_000_000)
    ('үш', 'қырық', 'нөл', 'жүз', 'мың', 'миллион')
    """
    if number % 10 or not number:
        return _UNITS[number % 10]
    if number % 100:
        return _TENS[number % 100 // 10]
    sizes = ((1_000, "жүз"), (1_000_000, "мың"), (1_000_000_000, "миллион"))
    return next((word for size, word in sizes if number % size), "миллиард")


def _ending(word: str, case: str) -> str:
    """The ending of a Kazakh word; none where its letters tell nothing, as Latin ones."""
    vowels = [letter for letter in word if letter in _BACK or letter in _FRONT]
    if not vowels and word not in _BACK_WORDS:
        return ""
    is_front = word not in _BACK_WORDS and vowels[-1] in _FRONT
    sound = 1 if word[-1] in _VOICELESS else 2 if word[-1] in _NASAL else 0
    return _KAZAKH[case][2 * sound + is_front]


def _russian(value: str, case: str) -> str:
    found = _WORD.search(value)
    if found is None or found[0] not in _RUSSIAN:
        return value
    accusative, genitive = _RUSSIAN[found[0]]
    return value[: found.start()] + (genitive if case == "genitive" else accusative)
