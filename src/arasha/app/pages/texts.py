"""What pages say, in Kazakh, Russian and English, from one source: the tables beside this module.

In: ``texts/PAGE.toml``, where each text stands once in every language, side by side::

    [report]
    title = { kk = "…", ru = "…", en = "Report a scam" }
    [report.minutes]                       a text that counts: CLDR's categories of each language
    kk = { one = "{n} минут", other = "{n} минут" }
    ru = { one = "{n} минута", few = "{n} минуты", many = "{n} минут", other = "{n} минуты" }
    en = { one = "{n} minute", other = "{n} minutes" }
    [report.until]                         a value in the case that its language wants there
    kk = "{at:dative} дейін"
    ru = "до {at}"
    en = "until {at}"

Out: texts with their values filled in, for HTML: a value is escaped, a text is ours. A table in
which a language, a category or a placeholder is missing is not read at all.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from babel import Locale
from markupsafe import Markup, escape

from arasha.app.pages.endings import CASES, in_case
from arasha.app.pages.languages import LANGUAGES
from arasha.errors import InputError, Place
from arasha.policy.texts import Language

_FOLDER: Final = "texts"
_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)(?::([a-z]+))?\}")
_COUNT: Final = "n"

Text = str | Mapping[str, str]
"""A text, or one for each plural category."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one language. Raises KeyError for a name that no table has."""

    language: Language
    locale: Locale
    _texts: Mapping[str, Text]

    def __call__(self, name: str, **values: object) -> Markup:
        """The text of that name. ``n`` chooses the plural and is written as the language does."""
        text = self._texts[name]
        if not isinstance(text, str):
            text = text[_category(self.language, _counted(values[_COUNT], name))]
        shown = {key: self._shown(value) for key, value in values.items()}
        return Markup(_PLACEHOLDER.sub(lambda match: self._placed(shown[match[1]], match[2]), text))

    def has(self, name: str) -> bool:
        """Whether there is such a text."""
        return name in self._texts

    def _placed(self, value: str, case: str | None) -> str:
        return value if case is None else in_case(value, case, self.language)

    def _shown(self, value: object) -> str:
        from arasha.app.pages.formats import number

        if isinstance(value, int | float) and not isinstance(value, bool):
            return escape(number(value, self.language))
        return escape(value)


def texts_of(language: Language) -> Texts:
    """All texts of one language. Raises InputError where a table is not whole."""
    return _all_texts()[language]


def names() -> tuple[str, ...]:
    """The names of all texts."""
    return tuple(_all_texts()["en"]._texts)


def faults(name: str, entry: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with one text in three languages."""
    if missing := [one for one in LANGUAGES if one not in entry]:
        yield f"{name} is not said in {', '.join(missing)}"
        return
    counts = {one: isinstance(entry[one], Mapping) for one in LANGUAGES}
    if len(set(counts.values())) > 1:
        yield f"{name} counts in one language and not in another"
        return
    for language in LANGUAGES:
        said = entry[language]
        if counts[language]:
            wanted = set(Locale.parse(language).plural_form.tags) | {"other"}
            if wanted != set(said):
                yield f"{name} in {language}: {sorted(said)} instead of {sorted(wanted)}"
        for text in said.values() if counts[language] else [said]:
            if not isinstance(text, str) or not text.strip():
                yield f"{name} in {language} is empty"
                return
    for language in LANGUAGES:
        if unknown := _cases(entry[language]) - CASES[language]:
            yield f"{name} in {language} asks for {', '.join(sorted(unknown))}, no case of it"
    placeholders = {language: _placeholders(entry[language]) for language in LANGUAGES}
    if len(set(placeholders.values())) > 1:
        yield f"{name} has other placeholders in one language than in another"


def _placeholders(said: Text) -> frozenset[str]:
    return frozenset(found[1] for found in _found(said))


def _cases(said: Text) -> frozenset[str]:
    return frozenset(found[2] for found in _found(said) if found[2])


def _found(said: Text) -> list[re.Match[str]]:
    texts = [said] if isinstance(said, str) else list(said.values())
    return [found for text in texts for found in _PLACEHOLDER.finditer(text)]


def _counted(value: object, name: str) -> int | float:
    assert isinstance(value, int | float), f"{name} counts something"
    return value


@lru_cache(4_096)
def _category(language: Language, n: float) -> str:
    """The plural category of that number in that language."""
    category: str = Locale.parse(language).plural_form(n)
    return category


@lru_cache(1)
def _all_texts() -> Mapping[Language, Texts]:
    found: dict[Language, dict[str, Text]] = {language: {} for language in LANGUAGES}
    folder = files("arasha.app.pages") / _FOLDER
    for table in sorted(folder.iterdir(), key=lambda one: one.name):
        if not table.name.endswith(".toml"):
            continue
        for name, entry in _entries(tomllib.loads(table.read_text("utf-8"))):
            wrong = list(faults(name, entry))
            if name in found["en"]:
                wrong.append(f"{name} is in two tables")
            if wrong:
                raise InputError(
                    "a table of texts is not whole", found="; ".join(wrong),
                    where=Place(file=table.name), expected="each text in kk, ru and en",
                )  # fmt: skip
            for language in LANGUAGES:
                found[language][name] = entry[language]
    return {one: Texts(one, Locale.parse(one), texts) for one, texts in found.items()}


def _entries(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The texts of a table: whatever has a language's name in it."""
    for key, value in table.items():
        name = f"{prefix}{key}"
        assert isinstance(value, Mapping), f"{name} is no table"
        if set(value) & set(LANGUAGES):
            yield name, value
        else:
            yield from _entries(value, f"{name}.")
