"""The keys that the machines of one centre share: in the database, under its master key.

In: an address, and the master key's seal (the vault's; a room of its own, so it is handed in). Out:
keys by name: those of the months (keys.py), and that of the tokens. A thief of the database has
ciphertext; without the master key, which is never in it, nothing in it can be read.

A retired month's key is deleted in the very statement that retires it (postgresql_store.py). What
PostgreSQL still holds of it (dead rows, its write-ahead log, backups) is under the master key, and
ends with that when it is rotated and the old one destroyed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from arasha import postgresql
from arasha.errors import LogError, Place
from arasha.log.keys import KEY_BYTES, write_durably
from arasha.log.postgresql_place import SCHEMA
from arasha.log.postgresql_store import PostgresqlStore
from arasha.postgresql import Address

if TYPE_CHECKING:
    import psycopg


class Sealing(Protocol):
    """The part of the master key that is needed here."""

    def seal(self, name: str, key: bytes) -> bytes:
        """The key encrypted, bound to its name."""
        ...

    def unseal(self, name: str, sealed: bytes) -> bytes:
        """The key again. Raises StoreError when it was changed or is under another."""
        ...


class SharedKeys:
    """The shared keys of one database. Each call connects: they come once a month."""

    def __init__(self, address: Address, master: Sealing) -> None:
        self._address, self._master = address, master
        PostgresqlStore.make_tables(address)

    def settle(self, name: str, key: bytes) -> bytes:
        """Keep the key under that name unless there is one; returns the one there is, durable."""
        self._one(  # not in one statement with the look: that would not see another's
            "INSERT INTO keys VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING name",
            (name, self._master.seal(name, key)),
        )
        settled = self.fetch(name)
        if settled is None:
            raise LogError("a shared key is gone as soon as it was there", expected=name,
                           where=Place(str(self._address)))  # fmt: skip
        return settled

    def fetch(self, name: str) -> bytes | None:
        """The key of that name; None when there is none, or none any more."""
        row = self._one("SELECT wrapped FROM keys WHERE name = %s", (name,))
        return None if row is None else self._master.unseal(name, row[0])

    def share_file(self, path: Path, name: str) -> None:
        """Let the key in that file be the shared one, or the shared one be in that file."""
        if path.exists():
            mine = path.read_bytes()
            if self.settle(name, mine) != mine:
                raise LogError(
                    "this machine has another key than the database", expected="the same key",
                    where=Place(str(path)), hint="move it away: it is fetched from the database",
                )  # fmt: skip
        elif (key := self.fetch(name)) is not None:
            assert len(key) == KEY_BYTES
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_durably(path, key)

    def names(self, beginning: str) -> list[str]:
        """The names of the shared keys that begin so."""
        row = self._one(
            "SELECT coalesce(array_agg(name ORDER BY name), '{}') FROM keys"
            " WHERE starts_with(name, %s)",
            (beginning,),
        )
        return list(row[0])

    def _one(self, query: str, values: tuple[Any, ...]) -> Any:
        import psycopg

        try:
            with self._address.connect("arasha keys", SCHEMA) as db:
                return db.execute(query, values).fetchone()
        except psycopg.Error as error:
            raise LogError(
                "the shared keys cannot be reached", found=postgresql.reason(error),
                where=Place(str(self._address)), hint="see to the server",
            ) from error  # fmt: skip


def reseal(db: psycopg.Connection[Any], old: Sealing, new: Sealing) -> None:
    """Put every shared key under another master key, in the transaction of that connection."""
    for name, wrapped in db.execute("SELECT name, wrapped FROM arasha_log.keys").fetchall():
        db.execute(
            "UPDATE arasha_log.keys SET wrapped = %s WHERE name = %s",
            (new.seal(name, old.unseal(name, wrapped)), name),
        )
