"""What stands beside the log asks this of the database it is in, and which database that is.

In: a file's name, its tables. Out: rows, and changes that are durable when they return. Two drivers
answer: database.py, SQLite in the directory, and postgresql_database.py, where the directory names
a database (arasha/postgresql.py). They share this contract and its tests, not code. The SQL is what
both understand: ``?`` for values, TEXT, INTEGER and BLOB, no functions but the plainest.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from arasha import postgresql
from arasha.events.schema import Kind
from arasha.vault.database import CHECKPOINT_BYTES, FIRST_VERSION, Act, Database


class Tables(Protocol):
    """A few tables of one name, in either database. Threads may share it."""

    @property
    def path(self) -> Path:
        """The file, or what would be the file: for messages, and for the name."""
        ...

    @property
    def spoilt(self) -> str | None:
        """What failed so that nothing is tried on it again, or None."""
        ...

    def change(self) -> AbstractContextManager[Any]:
        """One durable change: all that is executed in the block, or nothing of it."""
        ...

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """What the query finds."""
        ...

    def version(self) -> tuple[int, int]:
        """Differs from before when this or another process has changed something."""
        ...

    def value(self, name: str) -> bytes | None:
        """What is kept under that name in the table ``meta``."""
        ...

    def put(self, name: str, value: bytes) -> None:
        """Keep it under that name; inside a `change`."""
        ...

    def act(self, kind: Kind, body: dict[str, object]) -> int:
        """Let an act wait, inside a `change`; its body tells the file and the number returned."""
        ...

    def waiting(self) -> list[Act]:
        """The acts that no log has yet, oldest first."""
        ...

    def kept(self, acts: Sequence[Act]) -> None:
        """They are in the log now: let them go from here."""
        ...

    def empty_wal(self) -> None:
        """Do away with what was deleted, as far as the database can."""
        ...

    def close(self) -> None:
        """Close it. Nothing that was changed depends on it."""
        ...


def open_tables(
    path: Path,
    tables: str,
    application: int,
    *,
    version: int = FIRST_VERSION,
    vfs: str | None = None,
    checkpoint_bytes: int = CHECKPOINT_BYTES,
) -> Tables:
    """The tables of that file, or of its name in the database that its directory names.

    Made when there are none. Raises StoreError, StoreFull.
    """
    address = postgresql.address_of(path.parent)
    if address is not None:
        from arasha.vault.postgresql_database import PostgresqlDatabase

        return PostgresqlDatabase(address, path, tables)
    return Database(
        path, tables, application, version=version, vfs=vfs, checkpoint_bytes=checkpoint_bytes
    )


def has_tables(path: Path) -> bool:
    """Whether there are such tables already."""
    address = postgresql.address_of(path.parent)
    if address is not None:
        from arasha.vault.postgresql_database import PostgresqlDatabase

        return PostgresqlDatabase.exists(address, path)
    return path.exists()
