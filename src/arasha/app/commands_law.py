"""``arasha law …``: look after law files.

In: law files. Out: every fault in them with its place, as a compiler shows it; or the reference
page of one. The work is cases/law_document.py's and cases/reference.py's.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from arasha.app import terminal
from arasha.app.commands_policy import rendered
from arasha.app.options import AsJson
from arasha.app.terminal import Exit
from arasha.errors import PolicyError, UsageError

LawFile = Annotated[Path, Parameter(help="A law file, TOML.")]


def check(law: LawFile, /, *, json: AsJson = False) -> Exit:
    """Read a law file and show every error. Exit code 1 when there is one."""
    from arasha.cases.law_document import load_law

    if not law.is_file():
        raise UsageError(f"there is no law file at {law}", expected="a TOML file")
    try:
        read = load_law(law)
    except PolicyError as error:
        if not error.diagnostics:
            raise
        if json:
            terminal.say_json({"diagnostics": [asdict(one) for one in error.diagnostics]})
        for one in () if json else error.diagnostics:
            terminal.say(rendered(one, colour=sys.stdout.isatty()))
            terminal.say()
        return Exit.FINDINGS
    marks = [figure.mark for figure in read.figures.values()]
    if json:
        terminal.say_json({"country": read.country, "hash": read.hash, "diagnostics": []})
    else:
        terminal.say(f"{read.country}: {read.name}")
        terminal.say(f"version {read.hash}")
        terminal.say(f"{len(marks)} figures, {marks.count('to_check')} of them to be checked")
    return Exit.OK


def page(law: LawFile, /) -> None:
    """The figures of a law file as a page, each with its source and how far to rely on it."""
    from arasha.cases.law_document import load_law
    from arasha.cases.reference import law_page

    terminal.say(law_page(load_law(law)).rstrip("\n"))


def roles() -> None:
    """Who may do what, as a page."""
    from arasha.cases.reference import roles_page

    terminal.say(roles_page().rstrip("\n"))
