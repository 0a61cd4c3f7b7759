"""The tables beside the log in PostgreSQL: a schema for each file's name.

In: an address, a file's name, its tables in the SQL that both databases understand (driver.py).
Out: rows, and changes that are durable when they return. A change holds an advisory lock, so that
two never run at once; its first statement that writes counts it in the schema's ``changes``, so
that everybody can see that there was one. One that writes nothing costs no fsync.

A connection that breaks is made anew for the next reading or change. Where it breaks in a commit it
is not known whether that was kept: the change says so, and whoever asked looks again.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from arasha import postgresql
from arasha.errors import Place, StoreError, StoreFull
from arasha.events.schema import Kind
from arasha.postgresql import Address
from arasha.vault.database import Act

if TYPE_CHECKING:
    import psycopg

BUSY_S: Final = 5
"""How long a change waits for another's end, seconds."""

PAUSE_S: Final = 2
"""How long a change may pause before the server undoes it, seconds: one of a process that stands
still must not keep the next writer from its own.
"""

_ARASHA: Final = 0x41524153  # "ARAS": advisory locks have numbers
_MAKING: Final = (_ARASHA, 2)  # of who makes tables
_OWN_TABLES: Final = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE acts (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE TABLE changes (number INTEGER NOT NULL);
INSERT INTO changes VALUES (0);
"""
_WORDS: Final = (
    (r"\bINTEGER PRIMARY KEY AUTOINCREMENT\b", "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
    (r"\bINTEGER\b", "bigint"),
    (r"\bBLOB\b", "bytea"),
    (r"\)\s*(STRICT|WITHOUT ROWID)(\s*,\s*(STRICT|WITHOUT ROWID))?\s*;", ");"),
)


class Change:
    """What a `change` is made with: a connection, as the callers' SQL wants it."""

    def __init__(self, db: psycopg.Connection[Any]) -> None:
        self._db = db
        self._changed = 0
        self.counted = False

    def count(self) -> None:
        """Let everybody see that something was changed, when it is."""
        if not self.counted:
            self.counted = True
            self._db.execute("UPDATE changes SET number = number + 1")

    def execute(self, query: str, values: Sequence[Any] = ()) -> psycopg.Cursor[Any]:
        """Execute it; the cursor fetches."""
        if not query.startswith("SELECT"):
            self.count()
        cursor = self._db.execute(_placed(query), values, binary=True)
        self._changed = cursor.rowcount
        return cursor

    def executemany(self, query: str, values: Sequence[Sequence[Any]]) -> None:
        """Execute it for each of the values."""
        self.count()
        with self._db.cursor() as cursor:
            cursor.executemany(_placed(query), values)
            self._changed = cursor.rowcount

    def changes(self) -> int:
        """Rows that the last one changed."""
        return self._changed


class PostgresqlDatabase:
    """One schema. Threads may share it: each change and each reading is under one lock."""

    def __init__(self, address: Address, path: Path, tables: str) -> None:
        """Open it, or make it with those tables. Raises StoreError, StoreFull."""
        self.path = path
        self.spoilt: str | None = None  # never: the server sees to its own disk
        self._address, self._schema = address, schema_of(path)
        self._where = f"{address} schema={self._schema}"
        self._lock = threading.RLock()
        self._db: psycopg.Connection[Any] | None = None
        self._inside: Change | None = None
        self._before = 0
        self._left_behind = False
        with self._faults():
            self._make(tables)

    @staticmethod
    def exists(address: Address, path: Path) -> bool:
        """Whether the schema is there. Raises StoreError."""
        with _translated(str(address)), address.connect("arasha") as db:
            name = f"{schema_of(path)}.changes"
            row = db.execute("SELECT to_regclass(%s) IS NOT NULL", (name,)).fetchone()
            return row is not None and bool(row[0])

    @contextmanager
    def change(self) -> Iterator[Change]:
        """One durable change: all that is executed in the block, or nothing of it."""
        with self._lock, self._faults():
            db = self._connected()
            try:
                begun = db.execute(
                    f"BEGIN; SELECT pg_advisory_xact_lock({_ARASHA}, hashtext('{self._schema}'));"
                    " SELECT number FROM changes".encode()
                )
                while begun.nextset():
                    pass
                [number] = begun.fetchone() or (0,)
                change = self._inside = Change(db)
                self._before = number
                yield change
                self._left_behind |= change.counted
            except BaseException:
                self._roll_back(db)
                raise
            finally:
                self._inside = None
            db.execute("COMMIT")

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """What the query finds."""
        with self._lock, self._faults():
            db = self._connected()
            try:
                return db.execute(_placed(query), values, binary=True).fetchall()
            except Exception:
                if self._inside is not None or not db.closed:
                    raise
            return self._connected().execute(_placed(query), values, binary=True).fetchall()

    def version(self) -> tuple[int, int]:
        """Differs from before when this or another process has changed something.

        Inside a change it is what it was before that.
        """
        if self._inside is not None:
            return self._before, 0
        return self.rows("SELECT number FROM changes")[0][0], 0

    def value(self, name: str) -> bytes | None:
        """What is kept under that name in the table ``meta``."""
        found = self.rows("SELECT value FROM meta WHERE name = ?", (name,))
        return bytes(found[0][0]) if found else None

    def put(self, name: str, value: bytes) -> None:
        """Keep it under that name; inside a `change`."""
        assert self._inside is not None
        self._inside.count()
        self._connected().execute(
            "INSERT INTO meta VALUES (%s, %s)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def act(self, kind: Kind, body: dict[str, object]) -> int:
        """Let an act wait, inside a `change`; its body tells the file and the number returned."""
        assert self._inside is not None
        self._inside.count()
        db = self._connected()
        row = db.execute(
            "INSERT INTO acts (kind, body) VALUES (%s, '') RETURNING number", (int(kind),)
        ).fetchone()
        assert row is not None
        number: int = row[0]
        told = msgspec.json.encode({"file": self.path.stem, "number": number, **body})
        db.execute("UPDATE acts SET body = %s WHERE number = %s", (told, number))
        return number

    def waiting(self) -> list[Act]:
        """The acts that no log has yet, oldest first."""
        found = self.rows("SELECT number, kind, body FROM acts ORDER BY number")
        return [Act(number, Kind(kind), bytes(body)) for number, kind, body in found]

    def kept(self, acts: Sequence[Act]) -> None:
        """They are in the log now: let them go from here."""
        with self.change() as db:
            db.executemany("DELETE FROM acts WHERE number = ?", [(act.number,) for act in acts])

    def empty_wal(self) -> None:
        """Have the server give up the dead rows that changes made here left behind.

        Its own write-ahead log and what it has archived are out of reach: see docs.
        """
        if not self._left_behind:
            return
        with self._lock, self._faults():
            tables = self._connected().execute(
                "SELECT string_agg(format('%%I.%%I', schemaname, tablename), ', ')"
                " FROM pg_tables WHERE schemaname = %s",
                (self._schema,),
            )
            row = tables.fetchone()
            assert row is not None
            self._connected().execute(f"VACUUM {row[0]}".encode())
            self._left_behind = False

    def close(self) -> None:
        """Close the connection. Nothing that was changed depends on it."""
        with self._lock:
            if self._db is not None:
                self._db.close()

    def _connected(self) -> psycopg.Connection[Any]:
        if self._db is None or (self._db.closed and self._inside is None):
            self._db = self._address.connect(f"arasha {self.path.stem}", self._schema)
            self._db.execute(
                "SELECT set_config('lock_timeout', %s, false),"
                " set_config('idle_in_transaction_session_timeout', %s, false)",
                (f"{BUSY_S}s", f"{PAUSE_S}s"),
            )
        return self._db

    def _make(self, tables: str) -> None:
        db = self._connected()
        name = f"{self._schema}.changes"
        if db.execute("SELECT to_regclass(%s)", (name,)).fetchone() != (None,):
            return
        with db.transaction():
            db.execute("SELECT pg_advisory_xact_lock(%s, %s)", _MAKING)
            if db.execute("SELECT to_regclass(%s)", (name,)).fetchone() == (None,):
                db.execute(f"CREATE SCHEMA IF NOT EXISTS {self._schema}".encode())
                db.execute(translated_tables(_OWN_TABLES + tables).encode())

    def _roll_back(self, db: psycopg.Connection[Any]) -> None:
        import psycopg

        with suppress(psycopg.Error):  # a broken connection has rolled back by itself
            db.execute("ROLLBACK")

    @contextmanager
    def _faults(self) -> Iterator[None]:
        with _translated(self._where):
            yield


def schema_of(path: Path) -> str:
    """The schema that stands for a file: ``arasha_vault`` for ``vault.sqlite``."""
    assert re.fullmatch(r"[a-z]+", path.stem)
    return f"arasha_{path.stem}"


def translated_tables(tables: str) -> str:
    """The statements that make tables, in PostgreSQL's words.

    >>> translated_tables("CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB) STRICT, WITHOUT ROWID;")
    'CREATE TABLE t (a bigint PRIMARY KEY, b bytea);'
    """
    for pattern, word in _WORDS:
        tables = re.sub(pattern, word, tables)
    return tables


def _placed(query: str) -> bytes:
    """The query with psycopg's marks for values; ours never stand in a text."""
    return query.replace("?", "%s").encode()


@contextmanager
def _translated(where: str) -> Iterator[None]:
    """Raise psycopg's faults as ours."""
    import psycopg

    try:
        yield
    except psycopg.errors.DiskFull as error:
        raise StoreFull(
            "the database has no room: nothing of this change was kept, all before it was",
            found=postgresql.reason(error), where=Place(where), hint="free some space, try again",
        ) from error  # fmt: skip
    except psycopg.errors.LockNotAvailable as error:
        raise StoreError(
            "another process is changing this", found=postgresql.reason(error),
            where=Place(where), hint="try again when it is done",
        ) from error  # fmt: skip
    except psycopg.Error as error:
        raise StoreError(
            "the database gives no answer, or failed", found=postgresql.reason(error),
            where=Place(where), hint="see to the server; then look whether the change was kept",
        ) from error  # fmt: skip
