"""Faults of a policy, placed in its file and shown as a compiler shows them.

In come faults with a path into the document; out go Diagnostics (errors.py) with line, column and
source line, and their text::

    error: unknown name 'payr_account'
      --> policies/example.toml:12:27
       |
    12 | paid = 'count(payment, by=payr_account, window="7d")'
       |                           ^^^^^^^^^^^^
       = expected: a field of the payment
       = hint: did you mean 'payer_account'?

No colour is in the text; the app adds it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final, Literal, TypedDict, Unpack

from arasha.errors import Diagnostic
from arasha.features.language import Problem
from arasha.policy.located import Locator, Path, Span

MAX_SHOWN_CHARS: Final = 100
"""Longest source line shown, characters; a longer one is cut around the caret."""

_LEAD_CHARS: Final = 40  # shown before the caret of a line that is cut


class Rest(TypedDict, total=False):
    """What a diagnostic may say besides what is wrong."""

    expected: str | None
    found: str | None
    hint: str | None


class Faults:
    """Collects the diagnostics of one file. ``has_errors`` says whether it can be used."""

    def __init__(self, file: str, locator: Locator) -> None:
        self.file = file
        self.locator = locator
        self.found: list[Diagnostic] = []

    @property
    def has_errors(self) -> bool:
        """Whether any of them is an error."""
        return any(diagnostic.severity == "error" for diagnostic in self.found)

    def sorted(self) -> tuple[Diagnostic, ...]:
        """All of them in the order of the file, errors before warnings of the same place."""
        return tuple(sorted(dict.fromkeys(self.found), key=_order))

    def add(
        self,
        span: Span | None,
        name: str,
        what: str,
        *,
        severity: Literal["error", "warning"] = "error",
        expected: str | None = None,
        found: str | None = None,
        hint: str | None = None,
    ) -> None:
        """Note a fault at characters of the file, or of the file as a whole (None)."""
        if span is None:
            self.found.append(
                Diagnostic(severity, name, what, self.file, expected=expected, found=found,
                           hint=hint)
            )  # fmt: skip
            return
        text = self.locator.text
        start = min(span[0], len(text))
        line_start = text.rfind("\n", 0, start) + 1
        line_end = text.find("\n", start)
        line_end = len(text) if line_end < 0 else line_end
        self.found.append(
            Diagnostic(
                severity,
                name,
                what,
                self.file,
                text.count("\n", 0, start) + 1,
                start - line_start + 1,
                max(min(span[1], line_end) - start, 1),
                text[line_start:line_end],
                expected,
                found,
                hint,
            )
        )

    def key(self, path: Path, name: str, what: str, **rest: Unpack[Rest]) -> None:
        """Note an error at the key of a path."""
        self.add(self.locator.key(path), name, what, **rest)

    def value(self, path: Path, name: str, what: str, **rest: Unpack[Rest]) -> None:
        """Note an error at the value of a path."""
        self.add(self.locator.value(path), name, what, **rest)

    def warn(self, path: Path, name: str, what: str, **rest: Unpack[Rest]) -> None:
        """Note a warning at the key of a path."""
        self.add(self.locator.key(path), name, what, severity="warning", **rest)

    def problem(self, path: Path, problem: Problem) -> None:
        """Note an error inside the string at a path."""
        self.add(
            self.locator.inside(path, problem.start, problem.end),
            problem.name,
            problem.what,
            expected=problem.expected,
            found=problem.found,
            hint=problem.hint,
        )


def _order(diagnostic: Diagnostic) -> tuple[int, int, bool]:
    return diagnostic.line, diagnostic.column, diagnostic.severity == "warning"


def render(diagnostic: Diagnostic) -> str:
    """One diagnostic as text, without a newline at the end."""
    lines = [f"{diagnostic.severity}: {diagnostic.what}"]
    number = str(diagnostic.line) if diagnostic.line else ""
    margin = " " * len(number)
    if diagnostic.line:
        shown, caret = _caret(diagnostic)
        lines.append(f"{margin}--> {diagnostic.file}:{diagnostic.line}:{diagnostic.column}")
        lines += [f"{margin} |", f"{number} | {shown}", f"{margin} | {caret}"]
    else:
        lines.append(f" --> {diagnostic.file}")
    for name in ("expected", "found", "hint"):
        text = getattr(diagnostic, name)
        if text is not None:
            lines.append(f"{margin} = {name}: {text}")
    return "\n".join(_plain(line) for line in lines)


def render_all(diagnostics: Iterable[Diagnostic]) -> str:
    """All of them with an empty line between, and the sum at the end."""
    found = tuple(diagnostics)
    return "\n\n".join([*(render(diagnostic) for diagnostic in found), summary(found)]) + "\n"


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """``2 errors, 1 warning``, or ``no faults found``."""
    severities = [diagnostic.severity for diagnostic in diagnostics]
    counts = [(severities.count(name), name) for name in ("error", "warning")]
    parts = [f"{n} {name}{'' if n == 1 else 's'}" for n, name in counts if n]
    return ", ".join(parts) or "no faults found"


def _caret(diagnostic: Diagnostic) -> tuple[str, str]:
    """The source line, cut if it is long, and the carets under it."""
    source, start = diagnostic.source, diagnostic.column - 1
    length = diagnostic.length
    if len(source) > MAX_SHOWN_CHARS:
        first = max(min(start - _LEAD_CHARS, len(source) - MAX_SHOWN_CHARS), 0)
        last = first + MAX_SHOWN_CHARS
        length = max(min(length, last - start), 1)
        before, after = "..." if first else "", "..." if last < len(source) else ""
        source, start = f"{before}{source[first:last]}{after}", start - first + len(before)
    indent = "".join(_blank(character) for character in source[:start])
    marked = source[start : start + length] or " "
    return source, indent + "^" * max(sum(_width(character) for character in marked), 1)


def _plain(line: str) -> str:
    """The line without characters that would steer a terminal."""
    return "".join(c if c == "\t" or unicodedata.category(c) != "Cc" else "�" for c in line)


def _width(character: str) -> int:
    """Columns a terminal gives a character."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _blank(character: str) -> str:
    return "\t" if character == "\t" else " " * _width(character)
