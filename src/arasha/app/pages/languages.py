"""Which language a page is in: its address says so; the first one is chosen for the reader.

In: a path, a cookie, what a browser accepts. Out: one of the three languages, and the same page's
address in another.
"""

from __future__ import annotations

from typing import Final, get_args

from babel import negotiate_locale

from arasha.policy.texts import Language

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

NAMES: Final[dict[Language, str]] = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
"""Each in its own words: whoever looks for a language knows that name."""

USUAL: Final[Language] = "ru"
"""For whom no language is known."""

_MAX_ACCEPTED: Final = 20


def language_of(word: str | None) -> Language | None:
    """The language of that name, or None.

    >>> language_of("kk"), language_of("de"), language_of(None)
    ('kk', None, None)
    """
    return next((language for language in LANGUAGES if language == word), None)


def chosen(cookie: str | None, accepted: str | None) -> Language:
    """The reader's language: the last one read in, else what the browser asks for.

    >>> chosen(None, "de-DE, kk;q=0.9, en;q=0.8"), chosen("en", "kk"), chosen("xx", "*")
    ('kk', 'en', 'ru')
    """
    known = language_of(cookie)
    if known is not None:
        return known
    wanted = sorted(_wanted(accepted or ""), key=lambda one: -one[1])
    names = [name.replace("-", "_") for name, weight in wanted if weight > 0]
    found = negotiate_locale(names, LANGUAGES)
    return language_of(found) or USUAL


def address_in(language: Language, path: str) -> str:
    """The address of the same page in another language.

    >>> address_in("kk", "/en/report"), address_in("ru", "/")
    ('/kk/report', '/ru/')
    """
    first, _, rest = path.removeprefix("/").partition("/")
    return f"/{language}/{rest if language_of(first) else ''}"


def _wanted(accepted: str) -> list[tuple[str, float]]:
    """The names of an Accept-Language header with their weights; what is none is left out."""
    found = []
    for part in accepted.split(",")[:_MAX_ACCEPTED]:
        name, _, weight = part.strip().partition(";")
        text = weight.strip().removeprefix("q=")
        try:
            value = float(text) if text else 1.0
        except ValueError:
            continue
        if name.isascii() and 0 < len(name) <= 16 and 0 <= value <= 1:
            found.append((name.strip(), value))
    return found
