"""The file of sign-in: by what each person is known at the door, and who is inside.

In: the directory of a centre. Out: its tables, ``DIR/signin.sqlite`` or a schema of the same name
where the centre is kept in PostgreSQL (vault/driver.py). Beside the register, and not in it: who
may do what (persons.py) is decided there alone, and this file can be emptied without a right being
lost or won. It holds hashes, public keys and what is sealed under ``keys/signin.key`` (sealed.py):
a thief of the file can sign in as nobody.

Each change writes its act in the same commit (vault/database.py): the log says who was invited by
whom, who set up and took away which means, and who signed in by which, when. No address, no device
and no claim of another's token stands there, or here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from arasha.events.schema import Kind
from arasha.vault.driver import Tables, open_tables

SIGNIN_FILE: Final = "signin.sqlite"

SIGNIN_APPLICATION: Final = 0x41525349  # "ARSI"

_TABLES: Final = """
CREATE TABLE invitations (
    hash BLOB PRIMARY KEY, person TEXT NOT NULL, made_ms INTEGER NOT NULL, ends_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE passwords (
    person TEXT PRIMARY KEY, password TEXT NOT NULL, secret BLOB NOT NULL, step INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE recovery (
    person TEXT NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (person, hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE passkeys (
    credential BLOB PRIMARY KEY, person TEXT NOT NULL, handle BLOB NOT NULL,
    public_key BLOB NOT NULL, uses INTEGER NOT NULL, made_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE subjects (
    hash BLOB PRIMARY KEY, person TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE sessions (
    hash BLOB PRIMARY KEY, person TEXT NOT NULL, rights BLOB NOT NULL, means TEXT NOT NULL,
    made_ms INTEGER NOT NULL, seen_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE spent (
    hash BLOB PRIMARY KEY, ends_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""


def open_signin(directory: Path, *, vfs: str | None = None) -> Tables:
    """The tables of that directory, made when there are none. Raises StoreError, StoreFull."""
    return open_tables(directory / SIGNIN_FILE, _TABLES, SIGNIN_APPLICATION, vfs=vfs)


def note(tables: Tables, change: str, person: str, *, by: str, at_ms: int, **more: object) -> None:
    """Let the act of a change wait for the log, inside that change."""
    body = {"change": change, "at_ms": at_ms, "kind": "person", "name": person, "by": by, **more}
    tables.act(Kind.RIGHTS, body)
