"""Kill -9 of some work: after what it has said, or at each of its steps: each statement of SQLite,
each file opened, named, removed.

    said = said_until_killed(CODE, directory, lines=20)
    for n, directory in killed_at_each_step(WORK, folder, *arguments): ...

``WORK`` is the text of a function ``work(directory, *arguments)``, and of ``prepare`` with the same
arguments, which is not killed. One process imports what they need and forks for each step.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from keeping_samples import ENVIRONMENT

MAX_STEPS = 3_000
SECONDS_MAX = 1_800
_NAMES = "('open', 'os.rename', 'os.mkdir', 'os.remove', 'os.rmdir', 'os.chmod', 'shutil.copyfile')"
_KILLER = """
import os, signal, sys
from pathlib import Path
import apsw
{work}
folder, every, arguments = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
seen = 0
def step(n):
    global seen
    seen += 1
    if seen == n:
        os.kill(os.getpid(), signal.SIGKILL)
def opened(db, n):
    db.trace_v2(apsw.SQLITE_TRACE_STMT | apsw.SQLITE_TRACE_PROFILE, lambda _: step(n))
    db.set_commit_hook(lambda: step(n) or False)
for n in range(1, {most}, every):
    directory = folder / f"killed-{{n}}"
    directory.mkdir()
    prepare(directory, *arguments)
    child = os.fork()
    if not child:
        code = 1
        try:
            apsw.connection_hooks.append(lambda db: opened(db, n))
            sys.addaudithook(lambda name, _: step(n) if name in {names} else None)
            work(directory, *arguments)
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    print(n, os.waitstatus_to_exitcode(status), flush=True)
    if status == 0:
        break
"""


def said_until_killed(code: str, directory: Path, *, lines: int) -> int:
    """Run ``code``, which prints numbers, and kill it after so many lines; the last number that it
    printed whole. It is given the directory and that of the tests.
    """
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(directory), str(Path(__file__).parent)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    with child.stdout:
        said = [int(child.stdout.readline()) for _ in range(lines)]
        child.send_signal(signal.SIGKILL)
        said += [int(line) for line in child.stdout if line.endswith("\n")]
    assert -signal.SIGKILL == child.wait()
    return said[-1]


def killed_at_each_step(
    work: str, folder: Path, *arguments: str | Path, every: int = 1
) -> Iterator[tuple[int, Path]]:
    """(step, directory) of each death, in order, and of the one that lived. ``every`` skips some.

    Fails when the work itself fails, or never comes to its end.
    """
    folder.mkdir()
    code = _KILLER.format(work=work, names=_NAMES, most=MAX_STEPS)
    words = [sys.executable, "-c", code, str(folder), str(every), *map(str, arguments)]
    path = f"{ENVIRONMENT['PYTHONPATH']}:{Path(__file__).parent}"
    with subprocess.Popen(
        words, env=ENVIRONMENT | {"PYTHONPATH": path},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as killer:  # fmt: skip
        said, complained = killer.communicate(timeout=SECONDS_MAX)
    outcomes = [tuple(map(int, line.split())) for line in said.splitlines()]
    assert {-9, 0} == {code for _, code in outcomes}, complained
    assert [0] == [code for _, code in outcomes[-1:]]
    for n, _ in outcomes:
        yield n, folder / f"killed-{n}"
