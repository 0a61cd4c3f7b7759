"""A table on a terminal has the words of the page."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from arasha.reports.tables import Cell, Table
from arasha.reports.trace_text import as_rich


def test_notes_stand_below_their_words() -> None:
    """Each row, its notes, and how many were left out."""
    table = Table("Some", ("a", "b"), tuple((Cell(str(n), "note"), Cell("x")) for n in range(3)))
    page = StringIO()
    Console(file=page, width=60).print(as_rich(table, 2))

    assert "note" in page.getvalue()
    assert "1 more" in page.getvalue()
