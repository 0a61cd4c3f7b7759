"""The shapes of a document's values: tables, texts, numbers, keys, each checked where it stands.

Used by policy/document.py. In come values as tomllib gives them; out go values of the kind wanted,
or None and a fault at their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from arasha.features.language import near
from arasha.features.language_syntax import shorten
from arasha.policy.definition import MAX_SCORE
from arasha.policy.diagnostics import Faults
from arasha.policy.located import Path

Table = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Shapes:
    """Checks the values of one document; what is wrong goes to ``faults``."""

    faults: Faults

    def only(self, table: Table, path: Path, keys: tuple[str, ...]) -> None:
        """Refuse keys that mean nothing here."""
        for key in table:
            if key not in keys:
                where = f"in [{'.'.join(map(str, path))}]" if path else "at the top of a policy"
                self.faults.key(
                    (*path, key),
                    "unknown-key",
                    f"unknown key '{key}' {where}",
                    expected=", ".join(keys),
                    hint=near(key, keys),
                )

    def wrong(self, path: Path, expected: str, value: object) -> None:
        """Note that a value is of another kind than expected."""
        what = f"'{path[-1]}' has a value of the wrong kind"
        self.faults.value(path, "shape", what, expected=expected, found=_kind(value))

    def table(self, path: Path, value: object) -> Table:
        """The value as a table; empty, and a fault noted, if it is none."""
        if isinstance(value, dict):
            return value
        self.wrong(path, "a table", value)
        return {}

    def string(self, path: Path, value: object) -> str | None:
        """The value as a text."""
        if isinstance(value, str):
            return value
        self.wrong(path, "a text between quotes", value)
        return None

    def points(self, path: Path, value: object) -> int | None:
        """The value as points, from 0 to MAX_SCORE."""
        expected = f"a whole number from 0 to {MAX_SCORE}"
        if not isinstance(value, int) or isinstance(value, bool):
            self.wrong(path, expected, value)
            return None
        if not 0 <= value <= MAX_SCORE:
            what = f"'{path[-1]}' is out of range"
            self.faults.value(path, "range", what, expected=expected, found=shorten(str(value)))
            return None
        return value


def _kind(value: object) -> str:
    """What a TOML value is, in words."""
    names = ((bool, "true or false"), (str, "a text"), (int, "a whole number"), (float, "a number"),
             (dict, "a table"), (list, "a list"))  # fmt: skip
    return next((name for type_, name in names if isinstance(value, type_)), "a date or time")
