"""From a TOML document to a Law, or to every fault of it with its place.

In comes a text; out goes a frozen Law, or diagnostics as a compiler states them (the same that
policies have, policy/diagnostics.py). A figure is a small table, so that nobody reads a number
without where it comes from::

    [hold]
    provisional = { is = "24 hours", source = "…", mark = "assumed" }
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path as FilePath
from typing import Any, Final, get_type_hints

from arasha.cases.calendar import UNITS, Calendar, Term, read_term
from arasha.cases.law import (
    ALLOCATIONS,
    MARKS,
    OPTIONAL,
    SECTIONS,
    Allocation,
    Figure,
    Law,
    Texts,
    meanings,
)
from arasha.errors import Diagnostic, Place, PolicyError
from arasha.features.language import near
from arasha.features.language_syntax import shorten
from arasha.features.literals import read_currency
from arasha.policy.diagnostics import Faults, render_all, summary
from arasha.policy.located import Locator, NotToml, Path, read_toml
from arasha.policy.shapes import Shapes, Table
from arasha.policy.texts import LANGUAGES

MAX_LAW_BYTES: Final = 262_144
"""Largest law file."""

WEEKDAYS: Final = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip

_HEAD: Final = ("country", "name", "currency", "utc_offset")
_CALENDAR: Final = ("weekend", "years", "days")
_DAY: Final = ("date", "name", "is", "source", "mark")
_DAY_KINDS: Final = ("free", "worked")
_FIGURE: Final = ("is", "source", "mark")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_OFFSET: Final = re.compile(r"([+-])(\d\d):([0-5]\d)")
_LARGEST: Final = 10**12
_EXPECTED: Final = {
    Term: 'a term such as "5 business days", in ' + ", ".join(UNITS),
    tuple[Term, ...]: 'terms, shortest first, such as ["3 days", "30 days"]',
    tuple[str, ...]: 'words, such as ["pension", "salary"]',
    bool: "true or false",
    int: f"a whole number from 0 to {_LARGEST}",
    Texts: "a text in each of " + ", ".join(LANGUAGES),
    Allocation: " or ".join(f'"{word}"' for word in ALLOCATIONS),
}


def load_law(path: FilePath | str) -> Law:
    """The law of a file. PolicyError, with every diagnostic, if it has errors."""
    path = FilePath(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PolicyError("the law file cannot be read", found=error.strerror or str(error),
                          where=Place(str(path))) from error  # fmt: skip
    try:
        text = content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise PolicyError("the law file is not a text", expected="UTF-8",
                          where=Place(str(path))) from error  # fmt: skip
    return law_of(text, path.as_posix())


def law_of(text: str, file: str) -> Law:
    """The law that a text says; ``file`` is how messages call it. PolicyError as `load_law`."""
    law, diagnostics = read_law(text, file)
    if law is None:
        raise PolicyError(
            f"the law file does not compile: {summary(diagnostics)}\n\n{render_all(diagnostics)}",
            where=Place(file),
            diagnostics=diagnostics,
        )
    return law


def read_law(text: str, file: str) -> tuple[Law | None, tuple[Diagnostic, ...]]:
    """The law, or None if there are errors; and every diagnostic, in the order of the lines."""
    faults = Faults(file, Locator(text))
    if len(text.encode()) > MAX_LAW_BYTES:
        expected = f"at most {MAX_LAW_BYTES} bytes"
        faults.add(None, "file", "the file is too large", expected=expected)
        return None, faults.sorted()
    read = read_toml(text)
    if isinstance(read, NotToml):
        span = (read.offset, read.offset + 1)
        faults.add(span, "toml", "the file is not valid TOML", found=read.message)
        return None, faults.sorted()
    values, faults.locator = read
    law = _Reader(values, faults, text).law()
    return (None if faults.has_errors else law), faults.sorted()


@dataclass(slots=True)
class _Reader:
    """Reads one document; what is wrong goes to ``faults``."""

    values: Table
    faults: Faults
    text: str
    figures: dict[str, Figure] = field(default_factory=dict)

    @property
    def shapes(self) -> Shapes:
        """Checks of the values' kinds."""
        return Shapes(self.faults)

    def law(self) -> Law | None:
        """The law, or None if there is an error."""
        self._only(self.values, (), ("law", "calendar", *SECTIONS))
        country, name, currency, offset_ms = self._head()
        calendar = self._calendar(offset_ms)
        sections = {
            word: self._section(word, kind)
            for word, kind in SECTIONS.items()
            if word in self.values or word not in OPTIONAL
        }
        if self.faults.has_errors:
            return None
        law = Law(country, name, currency, calendar, **sections, figures=self.figures,
                  text=self.text)  # fmt: skip
        self._consistent(law)
        return law

    def _head(self) -> tuple[str, str, int, int]:
        table = self._table(("law",), _HEAD)
        country = self._matched(table, ("law", "country"), _COUNTRY, 'two capitals such as "KZ"')
        name = self.shapes.string(("law", "name"), table.get("name", "")) or ""
        said = self.shapes.string(("law", "currency"), table.get("currency", "KZT")) or "KZT"
        currency = read_currency(said)
        if not isinstance(currency, int):
            self.faults.value(("law", "currency"), "unknown-currency", "this is no currency",
                              expected="a code of ISO 4217", found=shorten(said))  # fmt: skip
            currency = 0
        offset = self._matched(table, ("law", "utc_offset"), _OFFSET, 'an offset such as "+05:00"')
        match = _OFFSET.fullmatch(offset)
        minutes = 0 if match is None else int(match[2]) * 60 + int(match[3])
        sign = -1 if offset.startswith("-") else 1
        return country, name, currency, sign * minutes * 60_000

    def _calendar(self, offset_ms: int) -> Calendar:
        table = self._table(("calendar",), _CALENDAR)
        weekend = self._weekend(table.get("weekend", []))
        years = table.get("years", [])
        if not isinstance(years, list) or not all(type(year) is int for year in years):
            self.shapes.wrong(("calendar", "years"), "years, such as [2026, 2027]", years)
            years = []
        days: dict[str, set[date]] = {kind: set() for kind in _DAY_KINDS}
        rows = table.get("days", [])
        if not isinstance(rows, list):
            self.shapes.wrong(("calendar", "days"), "tables, [[calendar.days]] each", rows)
            rows = []
        for i, row in enumerate(rows):
            self._day(("calendar", "days", i), self.shapes.table(("calendar", "days", i), row),
                      frozenset(years), days)  # fmt: skip
        return Calendar(offset_ms, weekend, frozenset(days["free"]), frozenset(days["worked"]),
                        frozenset(years))  # fmt: skip

    def _weekend(self, said: object) -> frozenset[int]:
        path: Path = ("calendar", "weekend")
        if not isinstance(said, list):
            self.shapes.wrong(path, 'weekdays, such as ["saturday", "sunday"]', said)
            return frozenset()
        for i, day in enumerate(said):
            if day not in WEEKDAYS:
                word = shorten(str(day))
                self.faults.value((*path, i), "unknown-name", f"'{word}' is no weekday",
                                  expected=", ".join(WEEKDAYS),
                                  hint=near(word, WEEKDAYS))  # fmt: skip
        found = frozenset(WEEKDAYS.index(day) for day in said if day in WEEKDAYS)
        if len(found) == len(WEEKDAYS):
            self.faults.value(path, "range", "a week without a business day never ends a term",
                              expected="at most six weekdays")  # fmt: skip
        return found

    def _day(
        self, path: Path, row: Table, years: frozenset[int], days: Mapping[str, set[date]]
    ) -> None:
        """One day that is free, or worked, other than its weekday says."""
        self._only(row, path, _DAY)
        if not self._all_there(row, path, _DAY):
            return
        when, kind = row["date"], row["is"]
        if type(when) is not date:
            self.shapes.wrong((*path, "date"), "a date such as 2026-03-21, without quotes", when)
        elif when.year not in years:
            self.faults.value((*path, "date"), "range", "this year is not among 'years'",
                              expected=", ".join(map(str, sorted(years))))  # fmt: skip
        elif kind not in _DAY_KINDS:
            self.faults.value((*path, "is"), "unknown-name", "a day is free or worked",
                              expected='"free" or "worked"', found=shorten(str(kind)))  # fmt: skip
        elif any(when in known for known in days.values()):
            self.faults.value((*path, "date"), "twice", "this day stands here twice",
                              expected="each day once")  # fmt: skip
        else:
            days[str(kind)].add(when)
            self._note(path, f"calendar.{when}", row, str(row["name"]))

    def _section(self, word: str, kind: type) -> Any:
        """The figures of one table."""
        known = meanings(word)
        table = self._table((word,), tuple(known))
        types = get_type_hints(kind)
        found: dict[str, object] = {}
        for name, meaning in known.items():
            if name not in table:
                continue
            path: Path = (word, name)
            entry = self.shapes.table(path, table[name])
            self._only(entry, path, _FIGURE)
            if isinstance(table[name], dict) and self._all_there(entry, path, _FIGURE):
                value = _value(types[name], entry["is"])
                if value is None:
                    expected = f"{_EXPECTED[types[name]]} ({meaning.lower()})"
                    self.shapes.wrong((*path, "is"), expected, entry["is"])
                found[name] = value
                self._note(path, f"{word}.{name}", entry, _shown(entry["is"]))
        return None if self.faults.has_errors else kind(**found)

    def _note(self, path: Path, name: str, entry: Table, text: str) -> None:
        """Keep where a figure was read, and how far to rely on it."""
        source, mark = entry["source"], entry["mark"]
        if not isinstance(source, str) or not source.strip():
            self.shapes.wrong((*path, "source"), "where it was read", source)
        elif mark not in MARKS:
            self.faults.value((*path, "mark"), "unknown-name", "there is no such mark",
                              expected=", ".join(MARKS), found=shorten(str(mark)),
                              hint=near(str(mark), tuple(MARKS)))  # fmt: skip
        else:
            self.figures[name] = Figure(text, source, mark)

    def _consistent(self, law: Law) -> None:
        """Refuse figures that contradict each other, measured from a Monday without holidays."""
        week = Calendar(0, law.calendar.weekend, frozenset(), frozenset(), frozenset())
        start_ms = 4 * 86_400_000  # 1970-01-05, a Monday

        def ends_ms(section: str, name: str) -> int:
            return getattr(getattr(law, section), name).after(start_ms, week)  # type: ignore[no-any-return]  # a Term's

        for section, shorter, longer in (
            ("hold", "provisional", "confirmed"), ("hold", "confirmed", "limit"),
            ("hold", "limit", "authority_limit"), ("recall", "answer", "returned"),
            ("appeal", "first_look", "ruling"),
        ):  # fmt: skip
            if ends_ms(section, shorter) > ends_ms(section, longer):
                self.faults.value(
                    (section, shorter, "is"), "range", f"'{shorter}' is longer than '{longer}'",
                    expected=f"at most {getattr(getattr(law, section), longer)}",
                )  # fmt: skip
        spans = [term.after(start_ms, week) for term in law.listing.windows]
        if spans != sorted(set(spans)):
            self.faults.value(("listing", "windows", "is"), "range", "the windows do not widen",
                              expected="terms, shortest first")  # fmt: skip

    def _table(self, path: Path, keys: tuple[str, ...]) -> Table:
        """The table of that name with all of its keys; empty, and faults noted, otherwise."""
        word = str(path[-1])
        if word not in self.values:
            self.faults.add(None, "missing-key", f"the document has no [{word}]",
                            expected=", ".join(keys))  # fmt: skip
            return {}
        table = self.shapes.table(path, self.values[word])
        self._only(table, path, keys)
        self._all_there(table, path, keys)
        return table

    def _all_there(self, table: Table, path: Path, keys: tuple[str, ...]) -> bool:
        absent = [key for key in keys if key not in table]
        if absent:
            what = f"'{path[-1] if isinstance(path[-1], str) else path[-2]}' lacks {absent[0]!r}"
            self.faults.key(path, "missing-key", what, expected=", ".join(keys))
        return not absent

    def _only(self, table: Table, path: Path, keys: tuple[str, ...]) -> None:
        """Refuse keys that mean nothing here."""
        for key in table:
            if key not in keys:
                where = f"in [{'.'.join(map(str, path))}]" if path else "at the top of a law file"
                self.faults.key((*path, key), "unknown-key", f"unknown key '{key}' {where}",
                                expected=", ".join(keys), hint=near(key, keys))  # fmt: skip

    def _matched(self, table: Table, path: Path, pattern: re.Pattern[str], expected: str) -> str:
        """The text at a path when it looks as it must; empty, and a fault noted, otherwise."""
        said = table.get(str(path[-1]))
        if said is None:
            return ""
        if not isinstance(said, str) or not pattern.fullmatch(said):
            self.shapes.wrong(path, expected, said)
            return ""
        return said


def _shown(said: object) -> str:
    """A figure as people read it."""
    if isinstance(said, bool):
        return "yes" if said else "no"
    if isinstance(said, list):
        return ", ".join(map(str, said))
    if isinstance(said, dict):
        return " / ".join(str(said[language]) for language in LANGUAGES if language in said)
    return str(said)


def _value(kind: object, said: object) -> object:
    """The value as the field's type, or None when it is none."""
    if kind is Term:
        return read_term(said) if isinstance(said, str) else None
    if kind is bool:
        return said if isinstance(said, bool) else None
    if kind is int:
        return said if type(said) is int and 0 <= said <= _LARGEST else None
    if kind == Allocation:
        return said if said in ALLOCATIONS else None
    if kind == Texts:
        if not isinstance(said, dict) or set(said) != set(LANGUAGES):
            return None
        return said if all(isinstance(text, str) and text for text in said.values()) else None
    if not isinstance(said, list) or not said or not all(isinstance(one, str) for one in said):
        return None
    if kind == tuple[str, ...]:
        return tuple(said)
    terms = tuple(read_term(one) for one in said)
    return None if None in terms else terms
