"""From an older format to the present one, while no service runs.

In: the directory of a centre. Out: every file in it in the format of this release, step by step,
each step in one transaction with its version: killed at any time, it goes on from the last whole
step. Before the first step of a file there is a copy of it in ``DIR/before-migration/``, durable;
nothing but a person, or the next end of a month, removes that.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import apsw

from arasha.errors import LogBusy, LogDamaged, LogVersionError, Place, UsageError
from arasha.keeping.files import appearing, copy_database, faults_of, open_database, remove
from arasha.keeping.formats import FORMATS, Format, Step
from arasha.log.keys import destroy_file
from arasha.log.store import kept_from_writers
from arasha.vault.database import FIRST_VERSION

COPIES_DIRECTORY: Final = "before-migration"
"""Where the files of a directory are copied before they are changed."""


@dataclass(frozen=True, slots=True)
class State:
    """One file that is there, the version it is in, and the steps it still needs."""

    format: Format
    version: int

    @property
    def steps(self) -> tuple[Step, ...]:
        """What is to be done, in order."""
        return self.format.steps[self.version - FIRST_VERSION :]


def states(directory: Path) -> list[State]:
    """Every file with a format that there is. Raises LogVersionError for one of a newer format, or
    that is something else; UsageError where there is none.
    """
    found = []
    for format_ in FORMATS:
        path = directory / format_.file
        if path.exists():
            db = open_database(path)
            try:
                with faults_of(path):
                    found.append(_state(db, format_, path))
            finally:
                db.close()
    if not found:
        expected = ", ".join(format_.file for format_ in FORMATS)
        raise UsageError("there is no centre here", expected=expected, where=Place(str(directory)))
    return found


def migrate(directory: Path) -> list[State]:
    """Bring every file to the present format; what was to be done, of each file that needed it.

    Raises LogBusy while a service runs, and as `states`.
    """
    with kept_from_writers(directory):
        todo = [state for state in states(directory) if state.steps]
        for state in todo:
            _migrate(directory, state)
    return todo


def _migrate(directory: Path, state: State) -> None:
    path = directory / state.format.file
    db = open_database(path, writable=True)
    try:
        with faults_of(path):
            db.pragma("synchronous", "FULL")
            _copy_first(db, directory, state)
            for number, step in enumerate(state.steps, state.version):
                _take(db, step, number, path)
            if db.pragma("integrity_check") != "ok":
                raise LogDamaged(
                    "after its migration a file is not sound", found="integrity_check",
                    where=Place(str(path)), hint=f"put back its copy in {COPIES_DIRECTORY}",
                )  # fmt: skip
            db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    finally:
        db.close()


def _take(db: apsw.Connection, step: Step, version: int, path: Path) -> None:
    """One step and its version, or neither."""
    try:
        db.execute("BEGIN IMMEDIATE")
    except apsw.BusyError as error:
        raise LogBusy(
            "another process uses this file", expected="nobody else", where=Place(str(path)),
            hint="stop it, and begin again: what is done stays done",
        ) from error  # fmt: skip
    try:
        if _version(db) == version:
            db.execute(step.sql)
            db.pragma("user_version", version + 1)
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def _copy_first(db: apsw.Connection, directory: Path, state: State) -> None:
    """A copy of the file as it is, unless there is one of this version already."""
    target = directory / COPIES_DIRECTORY / f"{state.format.file}-version-{state.version}"
    if not target.exists():
        db.execute("BEGIN")
        with appearing(target) as folder:
            copy_database(db, folder / state.format.file, lambda _bytes: None)
        db.execute("COMMIT")


def _state(db: apsw.Connection, format_: Format, path: Path) -> State:
    if int(db.pragma("application_id")) != format_.application:
        raise LogVersionError("this file is something else", found=path.name,
                              where=Place(str(path)), hint="check the directory")  # fmt: skip
    version = _version(db)
    if version > format_.version:
        raise LogVersionError(
            "this file is of a newer format than this release knows",
            expected=f"version {format_.version}", found=f"version {version}",
            where=Place(str(path)), hint="use the release that wrote it, or a later one",
        )  # fmt: skip
    return State(format_, version)


def _version(db: apsw.Connection) -> int:
    return int(db.pragma("user_version")) or FIRST_VERSION


def destroy_copies(directory: Path) -> int:
    """Overwrite and remove the copies of earlier migrations; how many files they were.

    They hold what the vault forgets when a month ends. Raises LogError.
    """
    copies = directory / COPIES_DIRECTORY
    files = [path for path in copies.rglob("*") if path.is_file()]
    for path in files:
        destroy_file(path, path.stat().st_size)
    remove(copies)
    return len(files)
