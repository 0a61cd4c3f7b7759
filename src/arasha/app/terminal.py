"""What a command says to the person, or the program, that called it.

Results go to standard output, progress and complaints to standard error. With ``--json`` standard
output is exactly one JSON object, whether the command succeeded or not, and nothing moves on the
screen. Nothing here is imported before it is needed: ``--help`` must answer at once.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from arasha import errors

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.progress import Task
    from rich.text import Text

WIDTH_CHARS: Final = 120
"""Width of tables that nobody looks at on a terminal."""


class Exit(IntEnum):
    """What a command's exit code means. Nothing else is ever returned."""

    OK = 0
    FINDINGS = 1  # it worked, and found something wrong: damage in a log, errors in a policy
    USAGE = 2  # it was asked for what cannot be done, or given what cannot be read
    FAULT = 3  # the disk is full, another process writes, a key is gone, a limit is reached
    INTERNAL = 70  # a fault in Arasha itself, shown with its traceback
    INTERRUPTED = 130  # Ctrl-C; what was committed before is kept
    PIPE_CLOSED = 141  # whoever read the output stopped reading


def exit_of(error: errors.ArashaError | OSError) -> Exit:
    """The exit code of an expected error: the caller's (USAGE), the log's (FINDINGS), or FAULT."""
    match error:
        case errors.LogDamaged():
            return Exit.FINDINGS
        case errors.UsageError() | errors.InputError() | errors.PolicyError():
            return Exit.USAGE
        case FileNotFoundError() | FileExistsError() | IsADirectoryError() | NotADirectoryError():
            return Exit.USAGE
        case PermissionError():
            return Exit.USAGE
        case _:
            return Exit.FAULT


def say(text: str = "") -> None:
    """One line, or several, of the result, on standard output."""
    print(text)


def show(shown: Iterable[RenderableType]) -> None:
    """Tables and coloured texts of the result; plain text where it is not a terminal."""
    from io import StringIO

    from rich.console import Console

    terminal = sys.stdout.isatty()
    page = StringIO()  # printed at once, by say: a closed pipe is then told as everywhere else
    console = Console(
        file=page, force_terminal=terminal, width=None if terminal else WIDTH_CHARS, highlight=False
    )
    for one in shown:
        console.print(one)
    say("\n".join(line.rstrip() for line in page.getvalue().splitlines()))


def note(text: str) -> None:
    """A remark beside the result, on standard error."""
    print(text, file=sys.stderr)


def say_json(value: Any) -> None:  # what JSON can hold has no narrower type that is of use here
    """The result as one JSON object on one line of standard output."""
    print(json.dumps(value, ensure_ascii=False))


def say_error(error: errors.ArashaError | OSError, *, as_json: bool = False) -> None:
    """An expected error: in red on standard error, or as an object on standard output.

    >>> say_error(errors.LogBusy("another process writes this log"), as_json=True)
    {"error": {"kind": "LogBusy", "what": "another process writes this log"}}
    """
    if as_json:
        say_json({"error": _error_object(error)})
        return
    text = str(error) if isinstance(error, errors.ArashaError) else _operating_system_says(error)
    first, _, rest = text.partition("\n")
    mark = "\x1b[1;31merror:\x1b[0m" if sys.stderr.isatty() else "error:"
    note(f"{mark} {first}" + (f"\n{rest}" if rest else ""))


def _operating_system_says(error: OSError) -> str:
    reason = error.strerror or str(error)
    return reason if error.filename is None else f"{error.filename}: {reason}"


def _error_object(error: errors.ArashaError | OSError) -> dict[str, Any]:
    if isinstance(error, OSError):
        return {"kind": type(error).__name__, "what": _operating_system_says(error)}
    where = {
        name: value
        for name in ("file", "row", "column")
        if (value := getattr(error.where, name)) is not None
    }
    diagnostics = error.diagnostics if isinstance(error, errors.PolicyError) else ()
    parts = {
        "kind": type(error).__name__,
        "what": error.what.partition("\n")[0] if diagnostics else error.what,
        "expected": error.expected,
        "found": error.found,
        "where": where or None,
        "hint": error.hint,
        "diagnostics": [asdict(diagnostic) for diagnostic in diagnostics] or None,
    }
    return {name: value for name, value in parts.items() if value is not None}


@contextmanager
def progress(
    what: str, total: int | None, *, quiet: bool = False
) -> Iterator[Callable[[int], None]]:
    """A bar on standard error with the rate and the time left, while the block runs.

    Yields ``advance(steps)``, to be called after each batch, a few times a second. ``total`` counts
    steps (rows, entries); None when it is not known. There is no bar, only the same calls, when
    ``quiet`` or when standard error is not a terminal. A Ctrl-C in the block is raised at the next
    call at the latest.
    """
    with _no_interruption_lost() as check:
        if quiet or not sys.stderr.isatty():
            yield lambda steps: check()  # noqa: ARG005 - nobody looks at the steps
            return
        with _bar(what, total) as advance:

            def checked(steps: int) -> None:
                check()
                advance(steps)

            yield checked


@contextmanager
def _no_interruption_lost() -> Iterator[Callable[[], None]]:
    """Yield a call that raises the KeyboardInterrupt which somebody else has swallowed.

    Libraries lose one now and then: in a callback from compiled code, or in a handler of their own
    (Polars puts one before Python's; ours goes before that).
    """
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield lambda: None
        return
    interrupted = False

    def interrupt(_signal: int, _frame: object) -> None:
        nonlocal interrupted
        interrupted = True
        raise KeyboardInterrupt

    def check() -> None:
        if interrupted:
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield check
        check()
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def _bar(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        _text_column(_done),
        _text_column(_rate),
        TimeRemainingColumn(elapsed_when_finished=True),
        console=Console(stderr=True),
    )
    with bar:
        task = bar.add_task(what, total=total)
        yield lambda steps: bar.advance(task, steps)


def _text_column(render: Callable[[Task], str]) -> Any:  # rich's column type, imported late
    from rich.progress import ProgressColumn
    from rich.text import Text

    class Column(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(render(task))

    return Column()


def _done(task: Task) -> str:
    total = "" if task.total is None else f" / {task.total:,.0f}"
    return f"{task.completed:,.0f}{total}"


def _rate(task: Task) -> str:
    speed = task.finished_speed or task.speed
    return "" if speed is None else f"{speed:,.0f}/s"
