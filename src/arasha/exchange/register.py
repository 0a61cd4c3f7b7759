"""The register: whose keys open which door. Participants and persons are two views of it.

In: names with what they may do, and a clock. Out: a key, whose secret is told once; and, at each
request, whose key it is. ``DIR/exchange.sqlite`` holds a secret's SHA-256, never the secret: 256
random bits cannot be guessed, so a slow hash would add nothing but time to each request. A thief of
the file can open no door. A participant who signs with HMAC has a second key, derived from the
secret (`signing_key`), there as it is: without it no HMAC can be checked. It opens no door alone.

Every change is durable before it returns, and in the same commit there waits the act that becomes
an entry of the log (vault/database.py, exchange/acts.py). All keys stand in memory; `refresh` sees
what another process has changed and lets go of keys whose time is over.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from arasha.errors import Place, StoreError, UsageError
from arasha.events.schema import Kind
from arasha.events.symbols import CODE_PATTERN
from arasha.vault.database import Act
from arasha.vault.driver import Tables, open_tables

REGISTER_FILE: Final = "exchange.sqlite"

SECRET_BYTES: Final = 32
"""Length of a secret before it is written as text, bytes."""

OVERLAP_MS: Final = 24 * 3_600_000
"""How long the keys before it still open when a new one is made, ms."""

MAX_KEYS: Final = 10_000
"""Keys that may be open at once, of all participants and persons together."""

MAX_SECRET_CHARS: Final = 256
"""Longest secret that is looked at, characters."""

Owner = Literal["participant", "person", "webhook", "exchange"]
"""A webhook has no key that opens anything: its settings hold what it signs with (webhooks.py). An
exchange is an account of one, and has no key at all (crypto_exchanges.py).
"""

REGISTER_APPLICATION: Final = 0x41525258  # "ARRX"
_TABLES: Final = """
CREATE TABLE owners (
    kind TEXT NOT NULL, name TEXT NOT NULL, settings BLOB NOT NULL, PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE keys (
    key_id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, hash BLOB NOT NULL,
    signing BLOB, public BLOB, created_ms INTEGER NOT NULL, ends_ms INTEGER
) STRICT, WITHOUT ROWID;
"""
_NAME: Final = re.compile(CODE_PATTERN)
_NO_HASH: Final = sha256(b"nobody's").digest()


@dataclass(frozen=True, slots=True)
class Key:
    """One key: whose, from when, until when (None: until it is revoked), and how it signs.

    ``public_key`` is that of Ed25519, 32 bytes; without one its owner signs by HMAC.
    """

    key_id: str
    kind: Owner
    name: str
    created_ms: int
    ends_ms: int | None
    public_key: bytes | None


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key. The secret is told here and nowhere else."""

    key_id: str
    secret: str

    def __repr__(self) -> str:
        return f"<Issued {self.key_id}>"

    @property
    def bearer(self) -> str:
        """What follows ``Authorization: Bearer``."""
        return f"{self.key_id}.{self.secret}"


@dataclass(frozen=True, slots=True)
class _Held:
    """A key as `owner_of` needs it."""

    hash: bytes
    key: Key | None
    signing: bytes


_NOBODY: Final = _Held(_NO_HASH, None, b"")


class Register:
    """The open register of one directory. ``clock`` tells the time, ms since 1970 UTC."""

    def __init__(self, database: Tables, clock: Callable[[], int]) -> None:
        """Use `Register.open`."""
        self.database = database
        self.clock = clock
        self._held: dict[str, _Held] = {}
        self._settings: dict[tuple[str, str], bytes] = {}
        self._version: tuple[int, int] | None = None
        self._next_end_ms: int | None = None
        self.changes = 0
        """How often what is known here has changed: who notes it knows whether it has since."""
        self.refresh()

    @staticmethod
    def open(directory: Path, clock: Callable[[], int], *, vfs: str | None = None) -> Register:
        """The register of that directory, made when there is none. Raises StoreError."""
        path = directory / REGISTER_FILE
        return Register(open_tables(path, _TABLES, REGISTER_APPLICATION, vfs=vfs), clock)

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    def refresh(self) -> bool:
        """Take up what changed since, here or in another process; whether anything did.

        The service calls it about once a second: that long a revoked key may still open.
        """
        version = self.database.version()
        now = self.clock()
        ended = self._next_end_ms is not None and now >= self._next_end_ms
        if version == self._version and not ended:
            return False
        settings = self.database.rows("SELECT kind, name, settings FROM owners")
        rows = self.database.rows(
            "SELECT key_id, kind, name, hash, signing, public, created_ms, ends_ms FROM keys"
        )
        open_rows = [row for row in rows if row[7] is None or row[7] > now]
        self._settings = {(kind, name): bytes(text) for kind, name, text in settings}
        self._held = {
            key_id: _Held(bytes(hashed), Key(key_id, kind, name, made, end, public), signing or b"")
            for key_id, kind, name, hashed, signing, public, made, end in open_rows
        }
        self._next_end_ms = min((row[7] for row in open_rows if row[7] is not None), default=None)
        self._version = version
        self.changes += 1
        return True

    def owner_of(self, key_id: str, secret: str) -> Key | None:
        """The key, when the secret is its own. As long for a wrong key as for a wrong secret."""
        held = self._held.get(key_id, _NOBODY)
        said = sha256(secret[:MAX_SECRET_CHARS].encode("utf-8", "backslashreplace")).digest()
        return held.key if hmac.compare_digest(said, held.hash) else None

    def signer(self, key_id: str) -> tuple[Key, bytes] | None:
        """A key that is open, and the key of its HMAC (empty where it has a public key)."""
        held = self._held.get(key_id)
        return None if held is None or held.key is None else (held.key, held.signing)

    def settings(self, kind: Owner, name: str) -> bytes | None:
        """What `add` was given for that name."""
        return self._settings.get((kind, name))

    def names(self, kind: Owner) -> list[str]:
        """Every name of that kind, in order."""
        return sorted(name for owner, name in self._settings if owner == kind)

    def keys_of(self, kind: Owner, name: str) -> list[Key]:
        """The open keys of that name, oldest first."""
        found = [held.key for held in self._held.values() if held.key is not None]
        mine = [key for key in found if (key.kind, key.name) == (kind, name)]
        return sorted(mine, key=lambda key: (key.created_ms, key.key_id))

    def add(
        self, kind: Owner, name: str, settings: msgspec.Struct, *, by: str, public: bytes | None
    ) -> Issued:
        """A new name with its first key. Raises UsageError for one that is taken or no name."""
        check_name(name)
        said = settings_told(settings)
        with self.database.change() as db:
            taken = "SELECT 1 FROM owners WHERE kind = ? AND name = ?"
            if db.execute(taken, (kind, name)).fetchone():
                raise UsageError(f"there is a {kind} of the name {name!r} already",
                                 hint=f"arasha {kind} rotate makes a new key")  # fmt: skip
            db.execute("INSERT INTO owners VALUES (?, ?, ?)",
                       (kind, name, msgspec.json.encode(settings)))  # fmt: skip
            issued = self._issue(db, kind, name, public)
            self._note(f"{kind}_created", kind, name, issued.key_id, by, said)
        self.refresh()
        return issued

    def change(self, kind: Owner, name: str, settings: msgspec.Struct, *, by: str) -> None:
        """Other settings for a name. Raises UsageError when there is no such name."""
        with self.database.change() as db:
            db.execute("UPDATE owners SET settings = ? WHERE kind = ? AND name = ?",
                       (msgspec.json.encode(settings), kind, name))  # fmt: skip
            if not db.changes():
                raise self.unknown(kind, name)
            self._note(f"{kind}_changed", kind, name, None, by, settings_told(settings))
        self.refresh()

    def rotate(
        self, kind: Owner, name: str, *, by: str, overlap_ms: int = OVERLAP_MS,
        public: bytes | None = None,
    ) -> Issued:  # fmt: skip
        """A new key; the ones before it end after ``overlap_ms``. UsageError: no such name."""
        with self.database.change() as db:
            if not db.execute("SELECT 1 FROM owners WHERE kind = ? AND name = ?",
                              (kind, name)).fetchone():  # fmt: skip
                raise self.unknown(kind, name)
            ends = self.clock() + overlap_ms
            db.execute(
                "UPDATE keys SET ends_ms = CASE WHEN ends_ms < ? THEN ends_ms ELSE ? END"
                " WHERE kind = ? AND name = ?",
                (ends, ends, kind, name),
            )
            issued = self._issue(db, kind, name, public)
            self._note("key_rotated", kind, name, issued.key_id, by, {"overlap_ms": overlap_ms})
        self.refresh()
        return issued

    def revoke(self, kind: Owner, key_id: str, *, by: str) -> None:
        """The key opens nothing any more. Raises UsageError when there is no such key."""
        with self.database.change() as db:
            row = db.execute("SELECT name FROM keys WHERE key_id = ? AND kind = ?",
                             (key_id, kind)).fetchone()  # fmt: skip
            if row is None:
                raise UsageError(f"no {kind} has this key", found=_shown_key(key_id),
                                 hint=f"arasha {kind} list shows the keys")  # fmt: skip
            db.execute("DELETE FROM keys WHERE key_id = ?", (key_id,))
            self._note("key_revoked", kind, row[0], key_id, by, {})
        self.refresh()

    def put_webhook(
        self, name: str, settings: msgspec.Struct, *, change: str, by: str, key_id: str,
        told: dict[str, object],
    ) -> None:  # fmt: skip
        """The webhook of a participant, new or other than before. UsageError: no such name."""
        with self.database.change() as db:
            if not db.execute("SELECT 1 FROM owners WHERE kind = 'participant' AND name = ?",
                              (name,)).fetchone():  # fmt: skip
                raise self.unknown("participant", name)
            db.execute(
                "INSERT INTO owners VALUES ('webhook', ?, ?)"
                " ON CONFLICT (kind, name) DO UPDATE SET settings = excluded.settings",
                (name, msgspec.json.encode(settings)),
            )
            self._note(change, "participant", name, key_id, by, told)
        self.refresh()

    def remove_webhook(self, name: str, *, by: str) -> None:
        """The participant has no webhook any more. Raises UsageError when it has none."""
        with self.database.change() as db:
            db.execute("DELETE FROM owners WHERE kind = 'webhook' AND name = ?", (name,))
            if not db.changes():
                raise self.unknown("webhook", name)
            self._note("webhook_removed", "participant", name, None, by, {})
        self.refresh()

    def put_exchange(self, token: str, settings: msgspec.Struct, *, by: str) -> None:
        """An account of a crypto exchange. Raises UsageError where it is known as one."""
        with self.database.change() as db:
            if db.execute("SELECT 1 FROM owners WHERE kind = 'exchange' AND name = ?",
                          (token,)).fetchone():  # fmt: skip
                raise UsageError("this account is on the list already", found=token)
            db.execute("INSERT INTO owners VALUES ('exchange', ?, ?)",
                       (token, msgspec.json.encode(settings)))  # fmt: skip
            told = {key: value for key, value in settings_told(settings).items() if key != "by"}
            self._note("exchange_account_added", "exchange", token, None, by, told)
        self.refresh()

    def remove_exchange(self, token: str, *, by: str, reason: str) -> None:
        """It is none any more. Raises UsageError where it is not known as one."""
        with self.database.change() as db:
            db.execute("DELETE FROM owners WHERE kind = 'exchange' AND name = ?", (token,))
            if not db.changes():
                raise self.unknown("exchange", token)
            self._note("exchange_account_ended", "exchange", token, None, by, {"reason": reason})
        self.refresh()

    def waiting(self) -> list[Act]:
        """The changes of rights that are no entries of a log yet."""
        return self.database.waiting()

    def unknown(self, kind: Owner, name: str) -> UsageError:
        """What to raise for a name that is not there."""
        known = ", ".join(self.names(kind)[:10]) or "none yet"
        return UsageError(f"there is no {kind} of the name {name!r}", expected=known,
                          where=Place(str(self.database.path)))  # fmt: skip

    def _issue(self, db: Any, kind: Owner, name: str, public: bytes | None) -> Issued:
        """A new key in the table; ``db`` is the change's connection."""
        now = self.clock()
        db.execute("DELETE FROM keys WHERE ends_ms <= ?", (now,))
        if db.execute("SELECT count(*) FROM keys").fetchone()[0] >= MAX_KEYS:
            raise StoreError("there are as many keys as there may be", expected=f"{MAX_KEYS}",
                             hint="revoke those that nobody uses")  # fmt: skip
        issued = Issued(secrets.token_hex(8), _text_of(secrets.token_bytes(SECRET_BYTES)))
        signing = signing_key(issued.secret) if kind == "participant" and public is None else None
        hashed = sha256(issued.secret.encode()).digest()
        db.execute("INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
                   (issued.key_id, kind, name, hashed, signing, public, now))  # fmt: skip
        return issued

    def _note(
        self,
        change: str,
        kind: Owner,
        name: str,
        key_id: str | None,
        by: str,
        more: dict[str, object],
    ) -> None:
        key = {} if key_id is None else {"key_id": key_id}
        body = {"change": change, "at_ms": self.clock(), "kind": kind, "name": name, **key,
                "by": by, **more}  # fmt: skip
        self.database.act(Kind.RIGHTS, body)


def signing_key(secret: str) -> bytes:
    """The key of hmac-sha256 of whoever holds the secret: SHA-256("arasha signature " + secret)."""
    return sha256(b"arasha signature " + secret.encode()).digest()


def is_name(text: str) -> bool:
    """Whether it can be anybody's name: 1 to 16 printable ASCII characters, no spaces."""
    return _NAME.fullmatch(text) is not None


def check_name(name: str) -> None:
    """Raise UsageError for what is no name: 1 to 16 printable ASCII characters, no spaces."""
    if not is_name(name):
        raise UsageError("this is no name", expected="1 to 16 ASCII characters, no spaces",
                         found=f"{len(name)} characters")  # fmt: skip


def check_words(what: str, words: Iterable[str], known: Iterable[str]) -> frozenset[str]:
    """The words as a set. Raises UsageError naming the first that is not known."""
    chosen = frozenset(words)
    if unknown := sorted(chosen - set(known)):
        raise UsageError(f"{what} has no {unknown[0]!r}", expected="one of " + ", ".join(known))
    return chosen


def settings_told(settings: msgspec.Struct) -> dict[str, object]:
    """The settings as an entry tells them, without the name."""
    told: dict[str, object] = msgspec.to_builtins(settings, order="sorted")
    return {name: value for name, value in told.items() if name != "name"}


def _text_of(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).decode().rstrip("=")


def _shown_key(key_id: str) -> str:
    return key_id if re.fullmatch(r"[0-9a-f]{16}", key_id) else f"text of {len(key_id)} characters"
