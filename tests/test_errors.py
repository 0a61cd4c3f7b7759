from __future__ import annotations

import re

from arasha import errors
from arasha.errors import ArashaError, LogDamaged, Place


def tree(kind: type[ArashaError], depth: int = 0) -> list[tuple[int, str]]:
    """The exception and those below it, in order of definition, each with its depth."""
    below = [row for sub in kind.__subclasses__() for row in tree(sub, depth + 1)]
    return [(depth, kind.__name__), *below]


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    """Every exception is drawn, at its place, and nothing else is."""
    drawn = [
        (len(indent) // 4, name)
        for indent, name in re.findall(
            r"^    ([│├└─ ]*)([A-Z]\w+)", errors.__doc__ or "", re.MULTILINE
        )
    ]
    ours = [row for row in tree(ArashaError) if hasattr(errors, row[1])]
    assert ours == drawn


def test_an_error_says_what_where_expected_found_and_hint() -> None:
    """Only what is known is said; the place comes first."""
    assert str(LogDamaged("the root is another")) == "the root is another"
    error = LogDamaged("odd", expected="a", found="b", where=Place("log", 7, "id"), hint="c")
    assert str(error).splitlines() == [
        "log, row 7, column 'id': odd", "  expected: a", "  found: b", "  hint: c",
    ]  # fmt: skip
