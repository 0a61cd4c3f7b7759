"""``arasha policy …``: look after policies.

In: policy files. Out: every fault in them with its place, as a compiler shows it; what a draft
would have decided of a centre's last days. The work is policy/document.py's and looking_back.py's.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from arasha.app import terminal
from arasha.app.options import AsJson, LogDirectory
from arasha.app.terminal import Exit
from arasha.errors import UsageError

if TYPE_CHECKING:
    from arasha.errors import Diagnostic

Policies = Annotated[list[Path], Parameter(help="One policy or several, TOML files.")]
Draft = Annotated[
    Path | None, Parameter(name="--policy", help="The draft; without one, the policy in force.")
]
Days = Annotated[
    int, Parameter(help="Days that are looked back on.", validator=Number(gte=1, lte=90))
]
Progress = Annotated[
    bool,
    Parameter(negative=(), help="With --json: lines ahead of the result that say how far it is."),
]

_COLOURS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m"}
_PLAIN = "\x1b[0m"


def check(policies: Policies, /, *, json: AsJson = False) -> Exit:
    """Compile policies and show every error and warning. Exit code 1 when there is an error."""
    from arasha.policy.document import check as check_policy

    for path in policies:
        if not path.is_file():
            raise UsageError(f"there is no policy at {path}", expected="a TOML file")
    found = [diagnostic for path in policies for diagnostic in check_policy(path)]
    errors = sum(diagnostic.severity == "error" for diagnostic in found)
    warnings = len(found) - errors
    if json:
        terminal.say_json(
            {
                "policies": len(policies),
                "errors": errors,
                "warnings": warnings,
                "diagnostics": [asdict(diagnostic) for diagnostic in found],
            }
        )
    else:
        for diagnostic in found:
            terminal.say(rendered(diagnostic, colour=sys.stdout.isatty()))
            terminal.say()
        terminal.say(
            f"{_counted(len(policies), 'policy', 'policies')}, "
            f"{_counted(errors, 'error', 'errors')}, {_counted(warnings, 'warning', 'warnings')}"
        )
    return Exit.FINDINGS if errors else Exit.OK


def backtest(
    directory: LogDirectory,
    /,
    *,
    policy: Draft = None,
    days: Days = 30,
    progress: Progress = False,
    json: AsJson = False,
) -> None:
    """What a draft would have decided of the last days of a centre's own log, beside what was.

    The log may be in use; nothing is written. Without a draft: the figures of the policy in force.
    The console asks this of a process of its own.
    """
    import msgspec

    from arasha.app.looking_back import looked_back, tell

    with terminal.progress("Looking back", None, quiet=json) as advance:
        done = 0

        def on_progress(entries: int, of: int) -> None:
            nonlocal done
            advance(entries - done)
            done = entries
            if progress and json:
                print(f'{{"done": {entries}, "of": {of}}}', flush=True)

        found = looked_back(directory, policy, days, on_progress=on_progress)
    if json:
        terminal.say_json(msgspec.to_builtins(found))
    else:
        tell(found)


def rendered(diagnostic: Diagnostic, *, colour: bool) -> str:
    """The diagnostic's text; in colour its first word and its carets."""
    from arasha.policy.diagnostics import render

    text = render(diagnostic)
    if not colour:
        return text
    paint = _COLOURS[diagnostic.severity]
    lines = text.split("\n")
    word, _, rest = lines[0].partition(":")
    lines[0] = f"{paint}{word}:{_PLAIN}{rest}"
    for at, line in enumerate(lines):
        margin, bar, marks = line.partition("| ")
        if bar and not margin.strip() and marks.strip("\t ^") == "":
            lines[at] = f"{margin}{bar}{paint}{marks}{_PLAIN}"
    return "\n".join(lines)


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
