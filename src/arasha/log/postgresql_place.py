"""The writer's place in a PostgreSQL database: one process has it, and one that lost it is fenced.

In: an address. Out: the place, when nobody has it, and its number. Two guards, since neither is
enough alone:

*The advisory lock* belongs to a session and is free as soon as that ends: at once when the process
is killed, and after SILENCE_S when it has stopped, or its machine or network has, because the
server ends a session that says nothing for so long. The process says something every BEAT_S.

*The number* counts the writers. Who has the lock adds one, in the row that holds the log's head;
every commit demands its own number there, in the same statement. So a writer that went to sleep,
lost the lock and wakes up can commit nothing, whatever it believes.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from arasha import postgresql
from arasha.errors import LogBusy, LogTaken, Place
from arasha.postgresql import Address

if TYPE_CHECKING:
    import psycopg

SCHEMA: Final = "arasha_log"

SILENCE_S: Final = 4.0
"""After so long without a word from the writer the server ends its session, seconds."""

BEAT_S: Final = 0.5
"""How often the writer says that it is there, seconds."""

EVICTION_S: Final = 2.0
"""How long what the last writer had begun may take to end, seconds."""

COMMITTER: Final = "arasha writer"
"""Name of the session that commits: the next writer ends it."""

_LOCK: Final = (0x41524153, 1)  # "ARAS"; advisory locks have numbers, per database


class WriterPlace:
    """The place of one process. `take` it, perhaps many times until it is free; then `release`."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.number = 0
        self.lost: str | None = None
        self._db: psycopg.Connection[Any] | None = None
        self._over = threading.Event()
        self._beat: threading.Thread | None = None

    def take(self) -> None:
        """Become the writer. Raises LogBusy while another process is, psycopg's errors."""
        db = self._connected()
        free = db.execute("SELECT pg_try_advisory_lock(%s, %s)", _LOCK).fetchone()
        if free is None or not free[0]:
            raise LogBusy(
                "another process is writing this log", expected="one writer",
                found="its lock is held", where=Place(str(self.address)),
                hint="stop it, or follow it with arasha serve --standby",
            )  # fmt: skip
        db.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
            " AND datname = current_database() AND usename = current_user",
            (COMMITTER,),
        )
        db.execute("SELECT set_config('lock_timeout', %s, false)", (f"{EVICTION_S:g}s",))
        row = db.execute("UPDATE log SET writer = writer + 1 RETURNING writer").fetchone()
        assert row is not None, "a log was opened"
        self.number = row[0]
        self._beat = threading.Thread(target=self._beating, name="arasha-place", daemon=True)
        self._beat.start()

    def check(self) -> None:
        """Raise LogTaken when the place is known to be lost."""
        if self.lost is not None:
            raise self.taken(self.lost)

    def taken(self, found: str) -> LogTaken:
        """What to raise when it is."""
        return LogTaken(
            "this process has lost its place as the writer of the log", found=found,
            where=Place(str(self.address)), expected=f"to be writer number {self.number}",
            hint="all that was answered is kept; start again: it goes on, or follows the new one",
        )  # fmt: skip

    def release(self) -> None:
        """Let another have it."""
        self._over.set()
        if self._beat is not None:
            self._beat.join(EVICTION_S)
        self._let_go()

    def _connected(self) -> psycopg.Connection[Any]:
        if self._db is None or self._db.closed:
            self._db = self.address.connect("arasha place", SCHEMA)
            silence_ms = f"{SILENCE_S * 1000:g}"
            self._db.execute("SELECT set_config('idle_session_timeout', %s, false)", (silence_ms,))
        return self._db

    def _beating(self) -> None:
        import psycopg

        while not self._over.wait(BEAT_S):
            try:
                self.lost = self._other(self._writer_in_log())
            except psycopg.Error:
                self.lost = self._again()
            if self.lost is not None:
                break
        self._let_go()

    def _let_go(self) -> None:
        """Free the lock and end the session: the server takes a moment to see that one has ended,
        and until then the lock would be held by nobody.
        """
        import psycopg

        if self._db is not None and not self._db.closed:
            with suppress(psycopg.Error), self._db as db:
                db.execute("SELECT pg_advisory_unlock_all()")

    def _writer_in_log(self) -> int:
        row = self._connected().execute("SELECT writer FROM log").fetchone()
        return 0 if row is None else int(row[0])

    def _again(self) -> str | None:
        """The session is over, perhaps for a silence that hurt nobody: if nobody has taken the
        lock, and no other number stands in the log, the place is still ours. Else how it was lost.
        """
        import psycopg

        try:
            free = self._connected().execute("SELECT pg_try_advisory_lock(%s, %s)", _LOCK)
            if free.fetchone() != (True,):
                return "another session has the writer's lock"
            return self._other(self._writer_in_log())
        except psycopg.Error as error:
            return postgresql.reason(error)

    def _other(self, number: int) -> str | None:
        return None if number == self.number else f"writer number {number} has taken over"
