"""All databases of a running centre as of one instant.

In: the directory of a centre, in use or not. Out: connections that see log, vault, register and
attachments as they stood together, for as long as they are held. For the moment in which they are
opened nobody may change any but the log, so that whatever the log holds, the vault holds the
parties of, and an act that left the one has come to the other: some milliseconds, in which
decisions wait. After that nobody waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from arasha.cases.attachments import ATTACHMENTS_FILE
from arasha.errors import LogBusy, Place, UsageError
from arasha.exchange.register import REGISTER_FILE
from arasha.exchange.signin_tables import SIGNIN_FILE
from arasha.keeping.files import faults_of, open_database
from arasha.keeping.migrate import states
from arasha.log.driver import LOG_FILE, is_shared
from arasha.vault.subjects import VAULT_FILE


@dataclass(frozen=True, slots=True)
class Seen:
    """A database as of the instant."""

    db: apsw.Connection
    path: Path

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """What the query finds."""
        with faults_of(self.path):
            return self.db.execute(query, values).fetchall()

    @property
    def bytes(self) -> int:
        """How large it is."""
        return int(self.db.pragma("page_count")) * int(self.db.pragma("page_size"))


@contextmanager
def instant(directory: Path) -> Iterator[dict[str, Seen]]:
    """Every database there is, by its file's name. Raises UsageError where there is no log, or one
    of an older format; LogBusy when the doors do not open within five seconds.
    """
    if is_shared(directory):
        raise UsageError(
            "this centre is kept in PostgreSQL", expected=LOG_FILE, where=Place(str(directory)),
            hint="its server's own tools copy it; keep DIR/keys and the master key apart from that",
        )  # fmt: skip
    if not (directory / LOG_FILE).exists():
        raise UsageError("there is no log here", expected=LOG_FILE, where=Place(str(directory)))
    for state in states(directory):
        if state.steps:
            raise UsageError("a file here is of an older format", found=state.format.file,
                             where=Place(str(directory)),
                             hint=f"arasha migrate {directory} first")  # fmt: skip
    files = (LOG_FILE, VAULT_FILE, REGISTER_FILE, SIGNIN_FILE, ATTACHMENTS_FILE)
    names = [name for name in files if (directory / name).exists()]
    with ExitStack() as held:
        seen = {name: Seen(_opened(held, directory / name), directory / name) for name in names}
        for one in seen.values():  # so that nothing is left to be read while the doors are shut
            _look(one)
        with ExitStack() as shut:
            for name in names:
                if name != LOG_FILE:  # its one writer is the service: that may go on
                    _shut(shut, directory / name)
            for one in seen.values():
                one.rows("BEGIN")
                _look(one)
        yield seen


def _look(one: Seen) -> None:
    """Read something: a transaction sees the file as of its first reading."""
    one.rows("SELECT count(*) FROM sqlite_schema")


def _opened(held: ExitStack, path: Path, *, writable: bool = False) -> apsw.Connection:
    db = open_database(path, writable=writable)
    held.callback(db.close, True)
    return db


def _shut(shut: ExitStack, path: Path) -> None:
    """Let nobody change that file until the stack is left."""
    db = _opened(shut, path, writable=True)
    db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    try:
        db.execute("BEGIN IMMEDIATE")
    except apsw.BusyError as error:
        raise LogBusy("another process does not let go of this file", where=Place(str(path)),
                      hint="try again when it is done") from error  # fmt: skip
    shut.callback(db.execute, "ROLLBACK")
