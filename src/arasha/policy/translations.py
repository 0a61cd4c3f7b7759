"""The texts of a document: there in every language, with placeholders that can be filled in.

Used by policy/document.py. In come the tables of texts; out go texts by language and the names of
the values they show, or faults at their places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from arasha.events.schema import Fact
from arasha.features.expressions import BOOL, Expression, Unit, ValueType
from arasha.features.language import Problem, near
from arasha.features.language_terms import Symbol, field_term, name_field
from arasha.policy.diagnostics import Faults
from arasha.policy.located import Path
from arasha.policy.shapes import Shapes, Table
from arasha.policy.texts import LANGUAGES, Language, Placeholder, pieces

MAX_TEXT_CHARS: Final = 500
"""Longest text of a reason, characters."""

_LANGUAGE_NAMES: Final[dict[Language, str]] = {"kk": "Kazakh", "ru": "Russian", "en": "English"}


@dataclass(frozen=True, slots=True)
class Translations:
    """Reads the texts of one document. ``features`` are None where they are wrong themselves."""

    faults: Faults
    judged: Fact
    features: Mapping[str, Expression | None]

    @property
    def shapes(self) -> Shapes:
        """Checks of the values' kinds."""
        return Shapes(self.faults)

    def read(self, path: Path, value: object, what: str) -> dict[Language, str]:
        """The texts by language; one that is not there is a fault and an empty text."""
        table = self.shapes.table(path, value)
        self.shapes.only(table, path, LANGUAGES)
        absent = [language for language in LANGUAGES if language not in table]
        if absent and isinstance(value, dict):
            languages = _and([_LANGUAGE_NAMES[language] for language in absent])
            given = [language for language in LANGUAGES if language in table]
            self.faults.key(
                path,
                "missing-translation",
                f"{what} is not there in {languages}",
                expected=_and([f'text.{language} = "..."' for language in absent]),
                found=f"a text in {_and([_LANGUAGE_NAMES[language] for language in given])}"
                if given
                else "no text at all",
            )
        return {
            language: self._text((*path, language), table[language], what)
            if language in table
            else ""
            for language in LANGUAGES
        }

    def _text(self, path: Path, value: object, what: str) -> str:
        text = self.shapes.string(path, value)
        if text is None:
            return ""
        if not text.strip():
            self.faults.value(
                path, "missing-translation", f"{what} is empty", expected="a text for people"
            )
        elif len(text) > MAX_TEXT_CHARS:
            self.faults.value(
                path,
                "limit",
                "this text is too long",
                expected=f"at most {MAX_TEXT_CHARS} characters",
                found=f"{len(text)} characters",
            )
        return text

    def of_rule(self, path: Path, table: Table) -> tuple[dict[Language, str], tuple[str, ...]]:
        """A rule's texts, and the names of the values they show."""
        texts = self.read((*path, "text"), table.get("text", {}), "the reason")
        names: dict[Language, dict[str, None]] = {}
        for language, text in texts.items():
            here: Path = (*path, "text", language)
            parts, problems = pieces(text)
            for problem in problems:
                self.faults.problem(here, problem)
            shown = [part for part in parts if isinstance(part, Placeholder)]
            for placeholder in shown:
                self._placeholder(here, placeholder)
            if text and not problems:
                names[language] = dict.fromkeys(part.name for part in shown)
        self._same_placeholders((*path, "text"), names)
        return texts, tuple(dict.fromkeys(name for found in names.values() for name in found))

    def _placeholder(self, path: Path, placeholder: Placeholder) -> None:
        """The name must be that of a value that can be shown."""
        name = placeholder.name
        field = self.judged.field(name)
        term = self.features.get(name) if field is None else field_term(field)
        if isinstance(term, Symbol):
            what, expected = f"'{name}' cannot be shown", "a value that identifies nobody"
            hint = (
                f"it is {name_field(term.field)}; nothing that identifies anyone is ever in a text"
            )
        elif term is not None:
            if placeholder.format is None or _is_plain(term.type):
                return
            what, expected = f"'{name}' is no share", "a plain number"
            hint = f"write {{{name}}}"
        elif name in self.features:
            return  # the feature itself is wrong, and that is said
        else:
            known = [f.name for f in self.judged.fields if not f.type.is_symbol]
            what, expected = f"unknown name '{name}'", "a feature, or a field of the payment"
            self._report(path, placeholder, what, expected, near(name, [*self.features, *known]))
            return
        self._report(path, placeholder, what, expected, hint)

    def _report(
        self, path: Path, at: Placeholder, what: str, expected: str, hint: str | None
    ) -> None:
        problem = Problem("placeholder", what, at.start, at.end, expected, None, hint)
        self.faults.problem(path, problem)

    def _same_placeholders(self, path: Path, names: dict[Language, dict[str, None]]) -> None:
        """All languages must tell the same values."""
        every = {name for found in names.values() for name in found}
        for language, found in names.items():
            lacking = sorted(every - set(found))
            if lacking:
                self.faults.value(
                    (*path, language),
                    "placeholder",
                    "the languages do not show the same values",
                    expected=", ".join(f"{{{name}}}" for name in sorted(every)),
                    found=", ".join(f"{{{name}}}" for name in sorted(found)) or "none",
                    hint=f"the text in {_LANGUAGE_NAMES[language]} lacks "
                    + ", ".join(f"{{{name}}}" for name in lacking),
                )


def _is_plain(type_: ValueType) -> bool:
    return type_ != BOOL and type_.unit is Unit.NONE


def _and(words: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join([*([", ".join(words[:-1])] if len(words) > 1 else []), words[-1]])
