"""Tables for a terminal: the same words as on the page, a note beside its figure."""

from __future__ import annotations

from rich import box
from rich.table import Table as RichTable

from arasha.reports.tables import Table


def as_rich(table: Table, most: int) -> RichTable:
    """A table of which at most so many rows are shown; the rest is counted in a last one."""
    shown = RichTable(title=table.caption, title_justify="left", box=box.SIMPLE, pad_edge=False)
    for place, column in enumerate(table.columns):
        right = table.numbers and place > 0
        shown.add_column(column, justify="right" if right else "left")
    for row in table.rows[:most]:
        shown.add_row(*(f"{c.words}\n{c.note}" if c.note else c.words for c in row))
    if len(table.rows) > most:
        shown.add_row(f"{len(table.rows) - most} more")
    return shown
