"""The tour that ``make tour`` gives: a file of payments is judged, and one decision looked at.

In: the handbook's card payments, where they are at hand, else made up on the spot. Out: in
``out/handbook`` what a replay leaves and the page of a backtest; on the screen what was found, why
one payment was held, and what to try next. Everything is what the commands do, in one process.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from arasha.app import commands_replay, terminal
from arasha.app.main import main as arasha
from arasha.app.terminal import Exit
from arasha.errors import ArashaError, Place, UsageError

if TYPE_CHECKING:
    from arasha.engine.judgements import Judgements

DATA_FILE = "handbook-2018-04-01--2018-08-14.parquet"
MADE_FILE = "handbook-like.parquet"
MADE_SEED, MADE_CUSTOMERS, MADE_TERMINALS, MADE_DAYS = 20_180_401, 5_000, 10_000, 136

MARK = ".made-by-the-tour"
"""The file by which a directory is known as one that a tour may make anew."""

_OURS = (
    "log.sqlite*", "writer.lock", "keys", "snapshots", "decisions-*", "rejects.csv", "backtest.*",
    "overlap.parquet*", "examples.parquet*", MARK,
)  # fmt: skip


def main(words: Sequence[str] | None = None) -> int:
    """Give the tour and return its exit code. ``words``: nothing, or a file to judge instead."""
    words = sys.argv[1:] if words is None else words
    try:
        root = repository()
        out = root / "out"
        file = Path(words[0]) if words else find_data(root) or make_data(out)
        return tour(near(file), near(root / "policies" / "handbook.toml"), near(out / "handbook"))
    except KeyboardInterrupt:
        terminal.note("Interrupted. make tour begins anew.")
        return Exit.INTERRUPTED
    except (ArashaError, OSError) as error:
        terminal.say_error(error)
        return terminal.exit_of(error)


def tour(file: Path, policy: Path, out: Path) -> int:
    """The tour itself, in steps; returns the exit code."""
    make_room(out)
    _step(f"Judging {file} with {policy}")
    terminal.say("The first time, its kernels are compiled: some ten seconds more.\n")
    run = commands_replay.judged(file, policy, out)
    commands_replay.tell(run, out)

    from arasha.reports.write import write

    terminal.say(f"page       {write(out, run.measures)[-1]}")

    seq = largest_stopped(run.replayed.judgements)
    if seq is not None:
        _step("The largest fraud that was held: why?")
        explained = _run(["explain", str(out), "--seq", str(seq)])
        if explained != Exit.OK:
            return explained
    _step("Is the log what was written?")
    verified = _run(["log", "verify", str(out)])
    if verified != Exit.OK:
        return verified
    _step("To try next")
    terminal.say("\n".join(next_commands(file, policy, out, run.replayed.judgements)))
    return Exit.OK


def repository() -> Path:
    """Where policies/ and mappings/ are: above this file in a checkout, else the working directory.

    Raises UsageError when they are in neither.
    """
    for place in (Path(__file__).resolve().parents[3], Path.cwd()):
        if (place / "policies" / "handbook.toml").is_file():
            return place
    raise UsageError(
        "the shipped policies are not here",
        expected="a checkout of Arasha",
        where=Place(file=str(Path.cwd())),
        hint="run it where policies/ and mappings/ are",
    )


def find_data(root: Path) -> Path | None:
    """The handbook's payments: in ARASHA_DATA, or in shared/data beside the repository."""
    named = os.environ.get("ARASHA_DATA")
    for folder in (named, root.parent / "shared" / "data", Path.cwd().parent / "shared" / "data"):
        if folder and (Path(folder) / DATA_FILE).is_file():
            return Path(folder) / DATA_FILE
    return None


def make_data(
    out: Path,
    customers: int = MADE_CUSTOMERS,
    terminals: int = MADE_TERMINALS,
    days: int = MADE_DAYS,
) -> Path:
    """Payments of the handbook's shape, about two a customer and day: made once, then kept."""
    file = out / MADE_FILE
    if not file.exists():
        from arasha.testing.generated import handbook_like

        _step("Making up payments like the handbook's, for want of its own")
        start = time.perf_counter()
        frame = handbook_like(MADE_SEED, customers, terminals, days)
        out.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        frame.write_parquet(part)
        part.replace(file)
        terminal.say(f"{len(frame):,} payments in {time.perf_counter() - start:.1f} s")
    return file


def make_room(out: Path) -> None:
    """Remove from ``out`` what an earlier tour made there, and nothing else.

    Raises UsageError when the directory holds something that no tour made.
    """
    if out.is_dir() and list(out.iterdir()) and not (out / MARK).exists():
        raise UsageError(
            "the directory holds something that no tour has made",
            expected="an empty directory",
            where=Place(file=str(out)),
            hint="move it away",
        )
    out.mkdir(parents=True, exist_ok=True)
    for pattern in _OURS:
        for path in out.glob(pattern):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    (out / MARK).touch()


def largest_stopped(judgements: Judgements) -> int | None:
    """The seq of the held fraud with the largest amount, in the currency most payments have."""
    import numpy as np

    from arasha.engine.judgements import FRAUD, Action

    held = (judgements.action == Action.HOLD) & (judgements.truth == FRAUD)
    if not held.any():
        return None
    rows = np.flatnonzero(held & (judgements.currency == np.bincount(judgements.currency).argmax()))
    rows = rows if len(rows) else np.flatnonzero(held)
    return int(judgements.seq[rows[judgements.amount_minor[rows].argmax()]])


def next_commands(file: Path, policy: Path, out: Path, judgements: Judgements) -> list[str]:
    """Commands that work as they stand, each with a word on what it does."""
    from arasha.engine.judgements import Action

    stopped = judgements.action >= Action.HOLD
    last = judgements.ids[int(stopped.nonzero()[0][-1])] if stopped.any() else "ID"
    program = near(Path(sys.executable).with_name("arasha"))
    listed = [
        (f"{program} explain {out} --id {last} --language en", "the last payment stopped"),
        (f"{program} policy check {policy}", "change a rule, then see what it says"),
        (
            f"{program} backtest {file} --policy {policy} --out {out}",
            "judge again, keep nothing but the page",
        ),
        (f"{program} log replay {out}", "judge the log once more: the same decisions"),
        (f"{program} log periods {out}", "the months it holds"),
    ]
    return [line for command, why in listed for line in (f"# {why}", command)]


def _run(words: list[str]) -> int:
    """One command of the command line, shown as it would be typed, and how long it took."""
    terminal.say(f"$ arasha {' '.join(words)}\n")
    start = time.perf_counter()
    code = arasha(words)
    terminal.say(f"\n({time.perf_counter() - start:.1f} s)")
    return code


def _step(what: str) -> None:
    mark = ("\x1b[1m", "\x1b[0m") if sys.stdout.isatty() else ("", "")
    terminal.say(f"\n{mark[0]}== {what}{mark[1]}")
    sys.stdout.flush()


def near(path: Path) -> Path:
    """The path as it is typed here: from the working directory where that is shorter."""
    return Path(min(os.path.relpath(path), str(path), key=len))


if __name__ == "__main__":
    sys.exit(main())
