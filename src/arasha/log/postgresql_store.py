"""The log's tables in PostgreSQL: one statement is one durable commit, and a fenced one keeps none.

Where on the path: the outer half of *kept*; the other driver beside store.py. In and out: rows of
frames.py::

    arasha_log.log       one row: version, created_at_ms, writer (its number), head, progress
    arasha_log.periods   class, period, first_seq, retired
    arasha_log.frames    one row a frame, see frames.py
    arasha_log.kept      name, value: what is kept beside the entries (log/record.py)
    arasha_log.keys      the months' keys, each under the centre's master key (shared_keys.py)

A commit is a single statement: it moves the head where the writer's number is still ours, and adds
the frames where it moved. If the connection breaks in it nobody knows whether it was kept, so the
store is *spoilt*: nothing is tried again, its place is another's to take, and the log tells when it
is opened anew. A reader has nothing to lose and connects again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from arasha import postgresql
from arasha.errors import (
    LogBusy,
    LogDamaged,
    LogError,
    LogFull,
    LogUnreachable,
    LogVersionError,
    Place,
)
from arasha.events.schema import MISSING
from arasha.log.driver import Head, PeriodRow, kept_otherwise, places_in
from arasha.log.frames import HEADER_BYTES, Stored
from arasha.log.keys import Retention, key_name
from arasha.log.merkle import HASH_BYTES, Frontier
from arasha.log.postgresql_place import COMMITTER, SCHEMA, WriterPlace
from arasha.postgresql import Address

if TYPE_CHECKING:
    import psycopg

FORMAT_VERSION: Final = 1
"""Version of the tables and frames, in ``log.version``."""

AHEAD_FRAMES: Final = 64
"""Frames fetched at once for who reads them in order."""

STATEMENT_S: Final = 60
"""Longest that a commit may take before the server gives it up, seconds."""

_MAKING: Final = (0x41524153, 2)  # the advisory lock of who makes tables
_TABLES: Final = """
CREATE SCHEMA IF NOT EXISTS arasha_log;
CREATE TABLE IF NOT EXISTS arasha_log.log (
    one boolean PRIMARY KEY DEFAULT true CHECK (one), version integer NOT NULL,
    created_at_ms bigint NOT NULL, writer bigint NOT NULL DEFAULT 0, head bytea NOT NULL,
    progress bytea
) WITH (fillfactor = 10);
CREATE TABLE IF NOT EXISTS arasha_log.periods (
    class integer NOT NULL, period integer NOT NULL, first_seq bigint NOT NULL,
    retired boolean NOT NULL DEFAULT false, PRIMARY KEY (class, period)
);
CREATE TABLE IF NOT EXISTS arasha_log.frames (
    first_seq bigint PRIMARY KEY, count integer NOT NULL, period integer NOT NULL,
    facts_count integer NOT NULL, headers bytea NOT NULL, leaves bytea NOT NULL,
    root bytea NOT NULL, seal bytea NOT NULL, facts bytea, acts bytea
);
ALTER TABLE arasha_log.frames ALTER headers SET STORAGE EXTERNAL,
    ALTER leaves SET STORAGE EXTERNAL, ALTER facts SET STORAGE EXTERNAL,
    ALTER acts SET STORAGE EXTERNAL;
CREATE TABLE IF NOT EXISTS arasha_log.keys (name text PRIMARY KEY, wrapped bytea NOT NULL);
"""
_KEPT_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS arasha_log.kept (name text PRIMARY KEY, value bytea NOT NULL)"
)
_KEEP_NEW: Final = """
INSERT INTO kept (name, value) SELECT %s, %b FROM log WHERE writer = %s
ON CONFLICT DO NOTHING RETURNING 1
"""
_KEEP_INSTEAD: Final = """
WITH new (name, value, writer, before) AS (VALUES (%s::text, %b::bytea, %s::bigint, %b::bytea))
UPDATE kept SET value = new.value FROM new, log
WHERE kept.name = new.name AND kept.value = new.before AND log.writer = new.writer RETURNING 1
"""
_COLUMNS: Final = "first_seq, count, period, facts_count, headers, leaves, root, seal, facts, acts"
_COMMIT: Final = """
WITH moved AS (
    UPDATE log SET head = %b, progress = coalesce(%b, progress) WHERE writer = %s RETURNING 1
), months AS (
    INSERT INTO periods (class, period, first_seq)
    SELECT class, period, first_seq FROM moved,
        unnest(%b::bigint[], %b::bigint[], %b::bigint[]) AS new (class, period, first_seq)
), gone AS (
    UPDATE periods SET retired = true FROM moved WHERE class = %s AND period = %s
), key AS (
    DELETE FROM keys USING moved WHERE name = %s
), added AS (
    INSERT INTO frames SELECT new.* FROM moved, unnest(
        %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bytea[], %b::bytea[],
        %b::bytea[], %b::bytea[], %b::bytea[], %b::bytea[]) AS new
)
SELECT count(*) FROM moved
"""


class PostgresqlStore:
    """One open log. Not for two threads at once; readers anywhere are welcome."""

    shared = True

    def __init__(
        self, address: Address, *, writable: bool, place: WriterPlace | None = None
    ) -> None:
        """Open an existing log. Raises LogError, LogVersionError, LogBusy."""
        self.where = str(address)
        self.spoilt: str | None = None
        self._address, self._writable = address, writable
        self._db: psycopg.Connection[Any] | None = None
        self._ahead: list[Stored] = []
        self._place = place or WriterPlace(address)
        self._opening = True
        try:
            with self._faults():
                if place is not None:
                    place.take()  # asked often: nothing else is done while it is not free
                self._refuse_foreign()
                if writable and place is None:
                    self._place.take()
                if writable:
                    self._close_connection()
                    self._connected().execute(
                        "SELECT set_config('statement_timeout', %s, false)", (f"{STATEMENT_S}s",)
                    )
        except BaseException:
            self._close_connection()
            if self._place.number or place is None:
                self._place.release()
            raise
        self._opening = False

    @staticmethod
    def create(address: Address, created_at_ms: int) -> None:
        """Make the tables of an empty log, durably. Raises LogError if there is one, LogFull."""
        PostgresqlStore.make_tables(address)
        with _translated(address), address.connect("arasha", SCHEMA) as db:
            made = db.execute(
                "INSERT INTO log (version, created_at_ms, head) VALUES (%s, %s, %s)"
                " ON CONFLICT DO NOTHING",
                (FORMAT_VERSION, created_at_ms, Head(Frontier(), MISSING).pack()),
            ).rowcount
        if not made:
            raise LogError("there is a log here already", where=Place(str(address)),
                           hint="open it, or choose another database")  # fmt: skip

    @staticmethod
    def make_tables(address: Address) -> None:
        """Make the tables, without a log in them, where there are none."""
        with _translated(address), address.connect("arasha", SCHEMA) as db, db.transaction():
            db.execute("SELECT pg_advisory_xact_lock(%s, %s)", _MAKING)
            row = db.execute("SELECT to_regclass('arasha_log.keys') IS NULL").fetchone()
            if row is None or row[0]:
                db.execute(_TABLES.encode())

    @staticmethod
    def exists(address: Address) -> bool:
        """Whether there is a log in that database."""
        with _translated(address), address.connect("arasha", SCHEMA) as db:
            row = db.execute("SELECT to_regclass('arasha_log.log') IS NOT NULL").fetchone()
            assert row is not None
            return bool(row[0]) and db.execute("SELECT 1 FROM log").fetchone() is not None

    def head(self) -> Head:
        """The head as last committed; LogDamaged when it cannot be."""
        try:
            return Head.unpack(self._rows("SELECT head FROM log")[0][0])
        except (ValueError, IndexError) as error:
            raise LogDamaged(
                "the log's head is damaged", found=str(error), where=Place(self.where),
                hint="arasha log verify DIR tells what is left",
            ) from error  # fmt: skip

    def progress(self) -> bytes | None:
        """What the last commit that said so noted as its source's position."""
        found: bytes | None = self._rows("SELECT progress FROM log")[0][0]
        return found

    def periods(self) -> list[PeriodRow]:
        """Every month of every class, in order of first entry."""
        rows = self._rows(
            "SELECT class, period, first_seq, retired FROM periods ORDER BY first_seq, class"
        )
        try:
            return [PeriodRow(Retention(c), p, s, r) for c, p, s, r in rows]
        except ValueError as error:
            raise LogDamaged(
                "the log's table of months is damaged", found=str(error), where=Place(self.where),
                hint="arasha log verify DIR tells what is left",
            ) from error  # fmt: skip

    def counts(self) -> list[tuple[int, int, int, int]]:
        """Per month: period, first seq, seq after the last, facts among them; in order of seq."""
        return self._rows(
            "SELECT period, min(first_seq), max(first_seq + count), sum(facts_count)::bigint"
            " FROM frames GROUP BY period ORDER BY 2"
        )

    def places(self, kind: int) -> list[int]:
        """The seq of every entry of that kind, from the plain headers."""
        found: list[int] = []
        at = MISSING
        while rows := self._rows(
            "SELECT first_seq, headers FROM frames WHERE first_seq > %s ORDER BY first_seq"
            " LIMIT 1024",
            (at,),
        ):
            for first, headers in rows:
                found += places_in(first, headers, kind)
            at = rows[-1][0]
        return found

    def frame_holding(self, seq: int) -> Stored | None:
        """The frame with that entry or, in a damaged log, the last that begins before it."""
        ahead = self._from_ahead(seq)
        if ahead is not None:
            return ahead
        self._fetch(
            "first_seq >= (SELECT max(first_seq) FROM frames WHERE first_seq <= %s)", seq
        )  # fmt: skip
        return self._ahead[0] if self._ahead else None

    def frame_from(self, seq: int) -> Stored | None:
        """The first frame that begins at or after that entry."""
        for before, frame in zip(self._ahead, self._ahead[1:], strict=False):
            if before.first_seq < seq <= frame.first_seq:
                return frame
        self._fetch("first_seq >= %s", seq)
        return self._ahead[0] if self._ahead else None

    def headers(self, start: int, stop: int) -> bytes:
        """The plain headers of entries ``start`` up to ``stop``, end to end."""
        rows = self._rows(
            "SELECT first_seq, headers FROM frames WHERE first_seq < %s AND first_seq >="
            " (SELECT max(first_seq) FROM frames WHERE first_seq <= %s) ORDER BY first_seq",
            (stop, start),
        )
        parts = [
            headers[HEADER_BYTES * max(0, start - first) : HEADER_BYTES * (stop - first)]
            for first, headers in rows
        ]
        return b"".join(parts)

    def leaves(self, start: int, stop: int) -> bytes:
        """The stored leaf hashes of entries ``start`` up to ``stop``, end to end."""
        rows = self._rows(
            "SELECT first_seq, leaves FROM frames WHERE first_seq < %s AND first_seq >="
            " (SELECT max(first_seq) FROM frames WHERE first_seq <= %s) ORDER BY first_seq",
            (stop, start),
        )
        parts = [
            leaves[HASH_BYTES * max(0, start - first) : HASH_BYTES * (stop - first)]
            for first, leaves in rows
        ]
        return b"".join(parts)

    def commit(
        self,
        frames: list[Stored],
        head: Head,
        *,
        progress: bytes | None,
        new_periods: list[PeriodRow],
        retired: tuple[Retention, int] | None = None,
    ) -> None:
        """Add the frames and move the head, all or nothing; durable when it returns.

        Raises LogFull when the server has no room, LogTaken when another writer has taken over
        (nothing is kept), and LogError, which spoils the store, when it failed in any other way.
        """
        self.still_writing()
        gone = (None, None) if retired is None else (int(retired[0]), retired[1])
        columns = [[getattr(frame, name) for frame in frames] for name in _COLUMNS.split(", ")]
        values = [
            head.pack(), progress, self._place.number,
            [int(row.retention) for row in new_periods], [row.period for row in new_periods],
            [row.first_seq for row in new_periods],
            *gone, None if retired is None else key_name(*retired), *columns,
        ]  # fmt: skip
        with self._faults():
            row = self._connected().execute(_COMMIT, values, binary=True).fetchone()
        if row is None or row[0] != 1:
            error = self._place.taken("another number stands in the log")
            self.spoil(error.what)
            raise error

    def kept(self, name: str) -> bytes | None:
        """What was kept under that name beside the entries; None where nothing is."""
        if not self._rows("SELECT 1 WHERE to_regclass('arasha_log.kept') IS NOT NULL"):
            return None  # a log that an earlier release made
        rows = self._rows("SELECT value FROM kept WHERE name = %s", (name,))
        return rows[0][0] if rows else None

    def keep(self, name: str, value: bytes, *, instead_of: bytes | None) -> None:
        """Keep a small value in place of the one that was read; durable when it returns."""
        self.still_writing()
        statement = _KEEP_NEW if instead_of is None else _KEEP_INSTEAD
        values = (name, value, self._place.number, *(() if instead_of is None else (instead_of,)))
        with self._faults():
            db = self._connected()
            db.execute(_KEPT_TABLE.encode())
            kept = db.execute(statement.encode(), values, binary=True).fetchone()
        if kept is None:
            raise kept_otherwise(name, self.where)

    def writer(self) -> PostgresqlStore:
        """The same log, for writing. Raises LogBusy while another process writes it."""
        try:
            return PostgresqlStore(self._address, writable=True, place=self._place)
        finally:
            if self._place.number:  # it was had: it is the writer's, or was given back
                self._place = WriterPlace(self._address)

    def still_writing(self) -> None:
        """Raise LogTaken when this writer has lost its place, also if nothing is written."""
        self._place.check()

    def spoil(self, why: str) -> None:
        """Refuse every later commit, and let another be the writer: this one will not be again."""
        self.spoilt = self.spoilt or why
        self._place.release()

    def refuse_if_spoilt(self) -> None:
        """Raise LogError if an earlier fault left it unknown what is kept."""
        if self.spoilt is not None:
            raise LogError(
                "the log failed earlier and must not be used any more", found=self.spoilt,
                where=Place(self.where),
                hint="stop this process, see to the database, start again: the log tells",
            )  # fmt: skip

    def close(self) -> None:
        """Close the connection; a writer lets another have its place."""
        self._close_connection()
        self._place.release()

    def _from_ahead(self, seq: int) -> Stored | None:
        for frame in self._ahead:
            if frame.first_seq <= seq < frame.first_seq + frame.count:
                return frame
        return None

    def _fetch(self, condition: str, seq: int) -> None:
        """Read frames ahead: one, or many where the last ones were read to their end."""
        last = self._ahead[-1] if self._ahead else None
        in_order = last is not None and last.first_seq < seq <= last.first_seq + last.count
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM frames WHERE {condition} ORDER BY first_seq LIMIT %s",
            (seq, AHEAD_FRAMES if in_order else 1),
        )
        self._ahead = [Stored(*row) for row in rows]

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._faults():
            try:
                return self._connected().execute(query, values, binary=True).fetchall()
            except Exception:
                if self._writable or self._db is None or not self._db.closed:
                    raise
            return self._connected().execute(query, values, binary=True).fetchall()

    def _connected(self) -> psycopg.Connection[Any]:
        if self._db is None or (self._db.closed and not self._writable):
            name = COMMITTER if self._writable and self._place.number else "arasha reader"
            self._db = self._address.connect(name, SCHEMA)
        return self._db

    def _close_connection(self) -> None:
        import psycopg

        if self._db is not None:
            with suppress(psycopg.Error):
                self._db.close()
        self._db = None

    def _refuse_foreign(self) -> None:
        db = self._connected()
        row = db.execute("SELECT to_regclass('arasha_log.log') IS NOT NULL").fetchone()
        found = db.execute("SELECT version FROM log").fetchone() if row and row[0] else None
        if found is None:
            raise LogError(
                "there is no log here", expected="the tables of a log", where=Place(self.where),
                hint="a log is made by the first arasha serve --database",
            )  # fmt: skip
        if found[0] != FORMAT_VERSION:
            raise LogVersionError(
                "the log was written in another version of the format",
                expected=f"version {FORMAT_VERSION}", found=f"version {found[0]}",
                where=Place(self.where), hint="open it with the release of Arasha that wrote it",
            )  # fmt: skip

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Name what the server reports, and spoil a writer's store if need be."""
        self.refuse_if_spoilt()
        try:
            with _translated(self._address, reading=self._opening or not self._writable):
                yield
        except BaseException as error:
            if self._writable and not isinstance(error, (LogFull, LogBusy, LogVersionError)):
                self.spoil(str(error) or type(error).__name__)
            raise


@contextmanager
def _translated(address: Address, *, reading: bool = False) -> Iterator[None]:
    """Raise psycopg's faults as ours."""
    import psycopg

    try:
        yield
    except psycopg.errors.DiskFull as error:
        raise LogFull(
            "the database has no room: nothing of this batch was kept, all before it was",
            found=postgresql.reason(error), where=Place(str(address)),
            hint="free some space; then the same batch can be given again",
        ) from error  # fmt: skip
    except psycopg.errors.LockNotAvailable as error:
        raise LogBusy(
            "what the last writer had begun has not ended yet", found=postgresql.reason(error),
            where=Place(str(address)), hint="try again",
        ) from error  # fmt: skip
    except psycopg.OperationalError as error:
        raise (LogUnreachable if reading else LogError)(
            "the database of the log gives no answer", found=postgresql.reason(error),
            where=Place(str(address)),
            hint="see to the server; what was answered before is kept",
        ) from error  # fmt: skip
    except psycopg.Error as error:
        raise LogError(
            "the database failed under the log", found=postgresql.reason(error),
            where=Place(str(address)),
            hint="stop this process, see to the database, start again: the log tells",
        ) from error  # fmt: skip
