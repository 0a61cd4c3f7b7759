"""Law 4 over a whole replay: whatever stops it, it goes on to the same decisions, each once."""

from __future__ import annotations

import gc
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import apsw
import pytest

from arasha.engine import parts
from arasha.engine.replay import replay
from arasha.errors import ArashaError, InputError, LogError, LogFull
from arasha.log.verify import verify
from engine_samples import (
    Copies,
    assert_same,
    files,
    policy,
    policy_text,
    progress,
    sample_mapping,
    watched_disk,
    write_hostile,
)
from events_samples import MAPPING
from policy_samples import written

BATCH = 97


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several decisions files from few payments."""
    monkeypatch.setattr(parts, "PART_ROWS", 150)


def run(
    folder: Path,
    name: str,
    *,
    batch: int = BATCH,
    resume: bool = False,
    told: Callable[[int], None] | None = None,
) -> Path:
    """Replay the folder's payments into a directory of that name."""
    out = folder / name
    replay(
        folder / "payments.csv", policy(folder), sample_mapping(), out,
        batch=batch, resume=resume, on_progress=told,
    )  # fmt: skip
    return out


def each_stop(folder: Path, rows: int, step: int, batch: int) -> None:
    """Kill -9 just before every ``step``-th change of the disk; each is then taken up."""
    write_hostile(folder, rows)
    whole = run(folder, "whole")
    copies = Copies(folder / "stopped", folder / "copies", step)
    with watched_disk(copies.before):
        run(folder, "stopped", batch=batch, told=copies.told)
    assert files(whole) == files(folder / "stopped")
    assert {"fsync", "replace", "write", "sqlite write", "sqlite sync"} <= set(copies.seen)
    assert len(copies.made) > len(copies.seen) // step - 5
    for copy, acknowledged in copies.made:
        begun = progress(copy) if (copy / "log.sqlite").exists() else None
        assert acknowledged <= (0 if begun is None else begun.facts)
        run(folder / "copies" / "..", f"copies/{copy.name}", resume=True)
        assert_same(copy, whole)
        shutil.rmtree(copy)


def test_a_kill_at_any_few_operations_loses_nothing(tmp_path: Path) -> None:
    """All decisions, rejects and files are those of a run that nobody stopped."""
    each_stop(tmp_path, 400, 9, 64)


@pytest.mark.slow
@pytest.mark.parametrize("batch", [1, 40, 64, 1000])
def test_a_kill_at_each_single_operation_loses_nothing(tmp_path: Path, batch: int) -> None:
    """The same at every write, sync, truncation, rename and deletion."""
    each_stop(tmp_path, 60 if batch == 1 else 400, 1, batch)


def test_a_taken_up_replay_can_be_killed_as_well(tmp_path: Path) -> None:
    """Stopped at one operation, taken up, stopped at another, and so on to the end."""
    write_hostile(tmp_path, 400)
    whole, out = run(tmp_path, "whole"), tmp_path / "out"
    chance = Random(5)
    for _ in range(12):
        copies = Copies(out, tmp_path / "copies", chance.randrange(30, 160))
        with watched_disk(copies.before):
            run(tmp_path, "out", batch=chance.choice((7, 40, 200)), resume=True)
        assert_same(out, whole)
        if not copies.made:
            break
        shutil.rmtree(out)
        shutil.move(chance.choice(copies.made)[0], out)
        shutil.rmtree(tmp_path / "copies")
    run(tmp_path, "out", resume=True)
    assert_same(out, whole)


# --- a real kill -9 -------------------------------------------------------------------------------

CHILD = """
import sys
from pathlib import Path
file, rules, read_by, out, batch, part_rows = sys.argv[1:]
from arasha.engine import parts
from arasha.engine.replay import replay
from arasha.events.mapping import load_mapping
from arasha.policy import document
parts.PART_ROWS = int(part_rows)
done = 0
def told(facts):
    global done
    done += facts
    print(done, flush=True)
replay(Path(file), document.load(rules), load_mapping(Path(read_by)), Path(out),
       batch=int(batch), resume=True, on_progress=told)
"""


def killed(folder: Path, batch: int, lines: int, wait_s: float) -> int:
    """Go on in another process; kill it a little after that many lines. What it acknowledged."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder / "payments.csv"), str(folder / "policy.toml"),
         str(folder / "mapping.toml"), str(folder / "out"), str(batch), "150"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    said = ["0", *(child.stdout.readline() for _ in range(lines))]
    time.sleep(wait_s)
    child.send_signal(signal.SIGKILL)
    said += [line for line in child.stdout if line.endswith("\n")]
    child.stdout.close()
    assert child.wait() in (0, -signal.SIGKILL)
    return max(int(line or 0) for line in said)


def kills(folder: Path, rows: int, rounds: int, seed: int) -> None:
    chance = Random(seed)
    write_hostile(folder, rows, seed, minutes=3)
    written(folder, policy_text())
    written(folder, MAPPING, "mapping.toml")
    whole, out = run(folder, "whole", batch=16_384), folder / "out"
    reached = 0
    for _ in range(rounds):
        again = -(-reached // 16_384)  # what was kept is told first, in batches of this size
        batch = chance.choice((50, 200, 700))
        said = killed(folder, batch, again + chance.randrange(12), chance.random() * 0.08)
        begun = progress(out) if (out / "log.sqlite").exists() else None
        assert said <= (0 if begun is None else begun.facts)
        reached = 0 if begun is None else begun.facts
        assert not (out / "log.sqlite").exists() or verify(out).ok
    run(folder, "out", resume=True)
    assert_same(out, whole)


def test_kill_9_again_and_again(tmp_path: Path) -> None:
    """Each process goes on where the one before it was killed; what it said was kept is kept."""
    kills(tmp_path, 12_000, 5, 1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_kill_9_many_times(tmp_path: Path, seed: int) -> None:
    """The same over forty thousand payments and fifteen kills."""
    kills(tmp_path, 40_000, 15, 10 + seed)


# --- a full disk, a failing disk ------------------------------------------------------------------


def full_from(chosen: int, log: Path) -> Callable[[str], None]:
    """Once the log is made, SQLite finds no space from the chosen write on."""
    seen = 0

    def before(name: str) -> None:
        nonlocal seen
        if name == "sqlite write" and log.exists():
            seen += 1
            if seen >= chosen:
                raise apsw.FullError("no space")

    return before


def test_a_log_without_space_says_so_and_goes_on_later(tmp_path: Path) -> None:
    """LogFull, whichever write finds no space; with space again the same decisions follow."""
    write_hostile(tmp_path, 400)
    whole = run(tmp_path, "whole")
    for at in range(3, 72, 9):
        out = tmp_path / f"full-{at}"
        with watched_disk(full_from(at, out / "log.sqlite")), pytest.raises(LogFull):
            run(tmp_path, out.name)
        assert verify(out).ok
        run(tmp_path, out.name, resume=True)
        assert_same(out, whole)


@dataclass
class FailingSync:
    """A disk whose sync fails once, after the log was made; and what SQLite did with it after."""

    log: Path
    chosen: int
    syncs: int = 0
    after: list[str] = field(default_factory=list)

    def before(self, name: str) -> None:
        """Count; fail at the chosen one."""
        if not self.log.exists() or name not in ("sqlite write", "sqlite sync"):
            return
        if self.syncs >= self.chosen:
            self.after.append(name)
        elif name == "sqlite sync":
            self.syncs += 1
            if self.syncs == self.chosen:
                raise apsw.IOError("the sync failed")


def test_after_a_failed_sync_the_log_is_not_touched_again(tmp_path: Path) -> None:
    """The replay stops with LogError; no write or sync follows; a new process goes on."""
    write_hostile(tmp_path, 400)
    whole = run(tmp_path, "whole")
    for chosen in (1, 4, 5):
        out = tmp_path / f"failed-{chosen}"
        disk = FailingSync(out / "log.sqlite", chosen)
        with watched_disk(disk.before), pytest.raises(LogError) as fault:
            run(tmp_path, out.name)
        assert not isinstance(fault.value, LogFull)
        assert [] == disk.after
        run(tmp_path, out.name, resume=True)
        assert_same(out, whole)


def unmount(folder: Path) -> None:
    """Let a file system go; on a busy machine a file just closed can hold it a moment longer."""
    for attempt in range(50):
        done = subprocess.run(["umount", str(folder)], capture_output=True, check=False)
        if done.returncode == 0:
            return
        gc.collect()
        time.sleep(0.1 + 0.01 * attempt)
    subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def small_disk(folder: Path, kib: int) -> Iterator[Callable[[], None]]:
    """A file system of that size mounted there, or, where we may not, files of that size at most.

    Yields what makes it large enough.
    """
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if mounted:

        def larger() -> None:
            subprocess.run(["mount", "-o", "remount,size=512m", str(folder)], check=True)

        try:
            yield larger
        finally:
            unmount(folder)
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (kib * 256, before[1]))
    try:
        yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, before)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("kib", [150, 260, 400, 700, 1100])
def test_a_really_full_disk(tmp_path: Path, kib: int) -> None:
    """The error is ours and names a file there; with space again the same decisions follow."""
    write_hostile(tmp_path, 2_000)
    whole, disk = run(tmp_path, "whole"), tmp_path / "disk"
    with small_disk(disk, kib) as larger:
        with pytest.raises(ArashaError) as fault:
            run(tmp_path, "disk/out")
        assert str(disk) in str(fault.value)
        assert isinstance(fault.value, (LogError, InputError))
        larger()
        run(tmp_path, "disk/out", resume=True)
        shutil.copytree(disk / "out", tmp_path / "out")  # the disk must not be busy at the end
    assert_same(tmp_path / "out", whole)
