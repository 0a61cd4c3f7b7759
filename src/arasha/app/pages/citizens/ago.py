"""How long ago, as people write it: "20", "10 минут", "~10", "около 2 часов", "1 сағат бұрын".

In: text of a form and the unit chosen beside it. Out: a whole count and its unit, in which the form
then shows it; or None. A unit that is written counts, whatever was chosen.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

UNITS: Final = {"minutes": 60_000, "hours": 3_600_000, "days": 86_400_000}
"""Units that can be chosen, and their ms."""

MAX_COUNT: Final = 10_000
"""So many of a unit at most."""

MAX_CHARS: Final = 60
MAX_PARTS: Final = 3
""" "1 day 2 hours 5 minutes" has three."""

_WEEK: Final = "weeks"
_MS: Final = UNITS | {_WEEK: 7 * UNITS["days"]}
_WORDS: Final = {
    "minutes": "м мин минут минута минуту минуты минуттай m min mins minute minutes",
    "hours": "ч час часа часов часу сағ сағат сағаттай h hr hrs hour hours",
    "days": "д дн день дня дней сутки суток күн күндей d day days",
    _WEEK: "неделя неделю недели недель апта аптадай w week weeks",
}
_UNIT_OF: Final = {word: unit for unit, words in _WORDS.items() for word in words.split()}
_BESIDE: Final = frozenset(
    word
    for words in (
        "~ ≈ . около примерно приблизительно где то гдето уже прошло назад тому",
        "шамамен шамасында жуық бұрын болды өтті",
        "about around roughly approximately approx circa ca an a ago",
    )
    for word in words.split()
)
"""What may stand beside it and changes nothing: roughly is enough."""

_WHOLE: Final = {
    phrase: said
    for said, phrases in (
        ((0, "minutes"), "сейчас,только что,қазір,жаңа,жаңа ғана,now,just now"),
        ((30, "minutes"), "полчаса,пол часа,жарты сағат,half hour"),
        ((90, "minutes"), "полтора часа,бір жарым сағат"),
        ((1, "days"), "вчера,кеше,yesterday"),
    )
    for phrase in phrases.split(",")
}
_TOKEN: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)?|[^\W\d_]+|\S")
_COUNT: Final = re.compile(r"[0-9]{1,15}(?:[.,][0-9]{1,2})?")
_IN_BETWEEN: Final = re.compile(r"(?<=[0-9])\s+(?=[0-9])|(?<=[а-яё])-(?=то\b)|['’_]")


@dataclass(frozen=True, slots=True)
class Ago:
    """So many of a unit."""

    count: int
    unit: str

    @property
    def ms(self) -> int:
        """The same in ms."""
        return self.count * UNITS[self.unit]


def ago(text: str, chosen: str) -> Ago | None:
    """How long ago.

    >>> ago("20", "minutes"), ago("около 2 часов", "minutes"), ago("жарты сағат бұрын", "days")
    (Ago(count=20, unit='minutes'), Ago(count=2, unit='hours'), Ago(count=30, unit='minutes'))
    >>> ago("1 ч 20 мин", "days"), ago("-1", "days"), ago("a while", "hours"), ago("1", "years")
    (Ago(count=80, unit='minutes'), None, None, None)
    """
    if len(text) > MAX_CHARS or chosen not in UNITS:
        return None
    folded = unicodedata.normalize("NFKC", text).casefold()
    plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in folded)
    tokens = [one for one in _TOKEN.findall(_IN_BETWEEN.sub("", plain)) if one not in _BESIDE]
    whole = _WHOLE.get(" ".join(tokens))
    return Ago(*whole) if whole is not None else _counted(tokens, chosen)


def _counted(tokens: list[str], chosen: str) -> Ago | None:
    """The sum of counts and their units; a unit alone is one of it, a count alone of the chosen."""
    if len(tokens) == 1:
        tokens = [*tokens, chosen] if _COUNT.fullmatch(tokens[0]) else ["1", *tokens]
    pairs = list(zip(tokens[::2], tokens[1::2], strict=False))
    if not pairs or len(tokens) % 2 or len(pairs) > MAX_PARTS:
        return None
    total, units = Decimal(0), []
    for count, word in pairs:
        unit = _UNIT_OF.get(word)
        if unit is None or not _COUNT.fullmatch(count):
            return None
        much = Decimal(count.replace(",", "."))
        if much > MAX_COUNT:
            return None
        total += much * _MS[unit]
        units.append(unit)
    sizes = [_MS[unit] for unit in units]
    if sizes != sorted(set(sizes), reverse=True):
        return None
    return _told(total, units[0] if len(units) == 1 else "days")


def _told(total_ms: Decimal, unit: str) -> Ago | None:
    """In that unit where it comes out even, else in the largest that does; to the minute."""
    minutes = round(total_ms / UNITS["minutes"])
    for one in (unit, "days", "hours", "minutes"):
        if one in UNITS:
            count, rest = divmod(minutes * UNITS["minutes"], UNITS[one])
            if rest == 0:
                return Ago(count, one) if count <= MAX_COUNT else None
    raise AssertionError("whole minutes come out even in minutes")
