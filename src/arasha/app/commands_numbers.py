"""``arasha numbers …``: which operator serves which number, at an operator's own Arasha.

In: the directory of the operator, which may be in use, and a file. Out: the table of numbers
(exchange/numbering.py), in the place of the one before it; a running service takes it up within a
second. Who loaded what and when is an act for the log.
"""

from __future__ import annotations

from hashlib import file_digest
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from arasha.app import terminal
from arasha.app.commands_rights import instant, keep, now_ms, register, say_where
from arasha.app.options import AsJson, By, DataDirectory, acting

NumbersFile = Annotated[
    Path, Parameter(help="CSV with the columns number and operator; +7701* is a range.")
]
Add = Annotated[
    bool,
    Parameter(
        name="--add", negative=(), show_default=False,
        help="Changes to the table that is there, instead of a new one.",
    ),
]  # fmt: skip


def load_numbers(
    file: NumbersFile, /, *, data: DataDirectory, add: Add = False, by: By = None,
    json: AsJson = False,
) -> None:  # fmt: skip
    """Take up a file of ranges and ported numbers, whole or as changes; it is checked first."""
    from arasha.events.schema import Kind
    from arasha.exchange.numbering import NUMBERS_FILE, Numbers, load, save
    from arasha.exchange.numbering_file import read_numbers
    from arasha.vault.tokens import Tokens

    who = acting(by)
    changes = read_numbers(file, Tokens.load_or_create(data))
    with file.open("rb") as opened:
        source = file_digest(opened, "sha256").hexdigest()
    before = load(data / NUMBERS_FILE, check=True) if add else Numbers.empty()
    loaded = save(data / NUMBERS_FILE, before.changed(changes), at_ms=now_ms(), by=who,
                  source=source)  # fmt: skip
    told: dict[str, Any] = {
        "ranges": len(loaded.ranges), "ported": loaded.ported, "at_ms": loaded.at_ms, "by": who,
        "source": source, "sum": loaded.sum, "added": add,
    }  # fmt: skip
    with register(data) as rights:
        with rights.database.change():
            rights.database.act(Kind.RIGHTS, {"change": "numbers_loaded", **told})
        in_log = keep(data, [rights.database])
    if json:
        terminal.say_json({"numbers": told, "in_log": in_log})
        return
    terminal.say(f"{loaded.ported:,} ported numbers, {len(loaded.ranges):,} ranges of "
                 f"{len(loaded.operators)} operators")  # fmt: skip
    say_where(in_log=in_log)


def show_numbers(*, data: DataDirectory, json: AsJson = False) -> None:
    """What the table is, who loaded it and when; it is read whole and its sum is checked."""
    from arasha.exchange.numbering import NUMBERS_FILE, load

    numbers = load(data / NUMBERS_FILE, check=True)
    loaded = numbers.loaded
    assert loaded is not None
    ranges = {prefix: numbers.operators[at] for prefix, at in sorted(numbers.ranges.items())}
    if json:
        terminal.say_json(
            {"ranges": ranges, "ported": loaded.ported, "operators": list(loaded.operators),
             "at_ms": loaded.at_ms, "by": loaded.by, "source": loaded.source}
        )  # fmt: skip
        return
    terminal.say(f"loaded {instant(loaded.at_ms)} by {loaded.by}, from a file {loaded.source[:12]}")
    terminal.say(f"{loaded.ported:,} ported numbers")
    for prefix, operator in ranges.items():
        terminal.say(f"{prefix}*  {operator}")
