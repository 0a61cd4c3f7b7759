"""The vault: what a token hides, each under a key of its own.

In: tokens with their identifiers, at the door, before the facts are kept. Out: an identifier, to a
person who may see it and says why; or its end. ``DIR/vault.sqlite`` holds batches, a row a commit::

    first | count | tokens 16 each | kinds 1 each | wrapped 48 each | ends u32 each | sealed

    wrapped  the subject's key, 32 random bytes, AES-256-GCM-SIV under the master key,
             nonce and associated data from the token
    sealed   the identifier, AES-256-GCM-SIV under the subject's key, which encrypts nothing else
             (so its nonce is zero), bound to token and kind

Which tokens are held is an index in memory (24 bytes a slot, at most half full). Erasing writes
zeros over token, key and identifier, and empties the write-ahead log; on a drive that remaps blocks
old bytes may live on where no program reaches them: use full-disk encryption below. Copies in
backups end with the backups, or when the master key is rotated and the old one destroyed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from numpy.typing import NDArray

from arasha.errors import Place, StoreError, SubjectErased, UsageError
from arasha.events.columns import Symbols
from arasha.events.free_text import names_somebody
from arasha.events.schema import Kind, PartyKind
from arasha.events.symbols import symbols_of
from arasha.events.uniqueness import Uniqueness
from arasha.vault.database import CHECKPOINT_BYTES, Rows
from arasha.vault.driver import Tables, open_tables
from arasha.vault.keys import KEY_BYTES, NONCE_BYTES, WRAPPED_BYTES, Master
from arasha.vault.tokens import Hidden

VAULT_FILE: Final = "vault.sqlite"

VAULT_VERSION: Final = 2
"""Version of the tables below. Since 2 batches may be missing: their months are over."""

REVEALERS: Final = frozenset({"officer", "auditor"})
"""Roles that may have a token turned back into what it hides."""

ERASERS: Final = frozenset({"officer", "administrator"})
"""Roles that may have a subject forgotten."""

REVEALS_PER_DAY: Final = 50
"""Tokens that one person may have revealed in any 24 hours."""

MIN_REASON_CHARS: Final = 10
MAX_REASON_CHARS: Final = 500

_DAY_MS: Final = 86_400_000
TOKEN_BYTES: Final = 16
VAULT_APPLICATION: Final = 0x41525256  # "ARRV"
_KINDS: Final = (PartyKind.ACCOUNT, PartyKind.NUMBER, PartyKind.DEVICE)  # append only: stored
_CODE_OF_KIND: Final = {kind: code for code, kind in enumerate(_KINDS)}
_ZERO_NONCE: Final = bytes(NONCE_BYTES)
_TABLES: Final = """
CREATE TABLE batches (
    first INTEGER PRIMARY KEY, count INTEGER NOT NULL, tokens BLOB NOT NULL, kinds BLOB NOT NULL,
    wrapped BLOB NOT NULL, ends BLOB NOT NULL, sealed BLOB NOT NULL
) STRICT;
CREATE TABLE erasures (id INTEGER PRIMARY KEY AUTOINCREMENT, number INTEGER NOT NULL) STRICT;
CREATE TABLE reveals (at_ms INTEGER NOT NULL, by TEXT NOT NULL) STRICT;
CREATE INDEX reveals_by ON reveals (by, at_ms);
CREATE TABLE endings (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, subjects INTEGER NOT NULL
) STRICT;
"""


class Vault:
    """The open vault of one directory. Not for two threads at once."""

    def __init__(self, database: Tables, master: Master, clock: Callable[[], int]) -> None:
        """Use `Vault.open`."""
        self.database = database
        self._master = master
        self._clock = clock
        self._index = Uniqueness()
        self._size = 0
        self._erasures = self._ending = 0
        self._version: tuple[int, int] | None = None
        self._know_the_master()
        self.database.empty_wal()  # of an erasure that was killed
        self._catch_up()

    @staticmethod
    def open(
        directory: Path,
        master: Master,
        clock: Callable[[], int],
        *,
        vfs: str | None = None,
        checkpoint_bytes: int = CHECKPOINT_BYTES,
    ) -> Vault:
        """The vault of that directory, made when there is none.

        ``clock`` tells ms since 1970 UTC. Raises StoreError, also for another master key.
        """
        database = open_database(directory, vfs=vfs, checkpoint_bytes=checkpoint_bytes)
        try:
            return Vault(database, master, clock)
        except BaseException:
            database.close()
            raise

    def close(self) -> None:
        """Close the file. Nothing that was kept depends on it."""
        self.database.close()

    def __len__(self) -> int:
        """How many subjects are held."""
        return len(self._index)

    def keep(self, hidden: Sequence[Hidden]) -> int:
        """Keep what is not held yet, in one durable commit; how many that were.

        Raises StoreFull (nothing of it was kept; it may be given again) or StoreError.
        """
        if not hidden:
            return 0
        symbols = symbols_of(one.token for one in hidden)
        with self.database.change() as db:
            self._catch_up()
            held, earlier = self._index.find(symbols)
            rows = np.flatnonzero((held < 0) & (earlier < 0))
            if len(rows):
                self._insert(db, [hidden[row] for row in rows.tolist()], symbols[rows])
        if len(rows):
            numbers = np.arange(self._size, self._size + len(rows))
            assert self._index.add(symbols[rows], numbers) < 0
            self._size += len(rows)
            self._version = self.database.version()
        return len(rows)

    def reveal(self, token: bytes, *, by: str, roles: Collection[str], reason: str) -> str:
        """What the token hides, to a person who may see it; the act is durable before that.

        Raises UsageError without such a role, without a reason, or beyond the person's budget;
        SubjectErased when the vault holds nothing under the token.
        """
        _check_role(roles, REVEALERS, "revealed")
        _check_reason(reason)
        now = self._clock()
        with self.database.change() as db:
            number = self._number(token)
            self._spend(db, by, now)
            self.database.act(
                Kind.REVEAL, {"at_ms": now, "by": by, "reason": reason, "token": token.hex()}
            )
            row = _batch(db, number)
        return self._opened(token, row, number)

    def reveals_left(self, by: str) -> int:
        """How many tokens that person may still have revealed within their day."""
        since_ms = self._clock() - _DAY_MS
        [[spent]] = self.database.rows(
            "SELECT count(*) FROM reveals WHERE by = ? AND at_ms > ?", (by, since_ms)
        )
        return max(0, REVEALS_PER_DAY - int(spent))

    def tell(self, token: bytes, *, to: str, reason: str) -> str:
        """What the token hides, to the participant whose own customer it is.

        Whether it is, is the caller's to know. An act like a reveal, durable before that; there is
        no budget, as a bank learns nothing that it has not. Raises as `reveal` does.
        """
        _check_reason(reason)
        with self.database.change() as db:
            number = self._number(token)
            body = {"at_ms": self._clock(), "by": to, "reason": reason, "token": token.hex()}
            self.database.act(Kind.REVEAL, body)
            row = _batch(db, number)
        return self._opened(token, row, number)

    def erase(self, token: bytes, *, by: str, roles: Collection[str], reason: str) -> None:
        """Destroy the subject's key and what it hid. The act names a number and nobody.

        Raises UsageError without such a role or a reason; SubjectErased when nothing is held.
        """
        _check_role(roles, ERASERS, "erased")
        _check_reason(reason)
        with self.database.change() as db:
            number = self._number(token)
            first, _count, tokens, _kinds, wrapped, ends, sealed = _batch(db, number)
            at = number - first
            spans = np.concatenate([[0], np.frombuffer(ends, "<u4")])
            db.execute(
                "UPDATE batches SET tokens = ?, wrapped = ?, sealed = ? WHERE first = ?",
                (
                    _blanked(tokens, TOKEN_BYTES * at, TOKEN_BYTES * (at + 1)),
                    _blanked(wrapped, WRAPPED_BYTES * at, WRAPPED_BYTES * (at + 1)),
                    _blanked(sealed, int(spans[at]), int(spans[at + 1])),
                    first,
                ),
            )
            db.execute("INSERT INTO erasures (number) VALUES (?)", (number,))
            self.database.act(
                Kind.ERASED,
                {"at_ms": self._clock(), "by": by, "reason": reason, "subject": number},
            )
        self._catch_up()
        self.database.empty_wal()

    def follow(self) -> None:
        """See what other processes have kept since, so that the next `keep` need not."""
        self._catch_up()

    def rotate(
        self, master: Master, *, by: str, besides: Callable[[Any], None] = lambda _: None
    ) -> int:
        """Wrap every subject's key under another master key, all or none; how many.

        From then on only the new key opens the vault, here too. No other process may be using it.
        ``besides`` is given the change's connection, for what else is under the master key.
        """
        with self.database.change() as db:
            self._catch_up()
            start = 0
            while (row := _batch_from(db, start)) is not None:
                first, count, tokens, wrapped = row
                anew = self._rewrapped(tokens, wrapped, master)
                db.execute("UPDATE batches SET wrapped = ? WHERE first = ?", (anew, first))
                start = first + count
            self.database.put("master", master.mark())
            besides(db)
            told = {"change": "master_key_rotated", "at_ms": self._clock(), "by": by,
                    "subjects": len(self)}  # fmt: skip
            self.database.act(Kind.RIGHTS, told)
        self._master = master
        self.database.empty_wal()
        return len(self)

    def _insert(self, db: Any, fresh: list[Hidden], symbols: Symbols) -> None:
        """One row of the table for these; ``db`` is the change's connection."""
        n, wrap = len(fresh), self._master.wrap
        keys = os.urandom(KEY_BYTES * n)
        wrapped, sealed = [], []
        for i, (token, kind, identifier) in enumerate(fresh):
            key = keys[KEY_BYTES * i : KEY_BYTES * (i + 1)]
            bound = token + bytes((_CODE_OF_KIND[kind],))
            wrapped.append(wrap(token, key))
            sealed.append(AESGCMSIV(key).encrypt(_ZERO_NONCE, identifier.encode(), bound))
        ends = np.cumsum([len(one) for one in sealed], dtype="<u4").tobytes()
        kinds = bytes(_CODE_OF_KIND[one.kind] for one in fresh)
        db.execute(
            "INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?)",
            (self._size, n, symbols.tobytes(), kinds, b"".join(wrapped), ends, b"".join(sealed)),
        )

    def _number(self, token: bytes) -> int:
        """The subject's place; SubjectErased when there is none."""
        self._catch_up()
        found = int(self._index.find(symbols_of([token]))[0][0])
        if found < 0:
            raise SubjectErased(
                "the vault holds nothing under this token", found="erased, or never kept",
                where=Place(str(self.database.path)),
            )  # fmt: skip
        return found

    def _opened(self, token: bytes, row: Any, number: int) -> str:
        first, _count, _tokens, kinds, wrapped, ends, sealed = row
        at = number - first
        spans = np.concatenate([[0], np.frombuffer(ends, "<u4")])
        key = self._master.unwrap(token, wrapped[WRAPPED_BYTES * at : WRAPPED_BYTES * (at + 1)])
        try:
            plain = AESGCMSIV(key).decrypt(
                _ZERO_NONCE, sealed[spans[at] : spans[at + 1]], token + kinds[at : at + 1]
            )
        except InvalidTag as error:
            raise StoreError(
                "what the vault holds of this token is damaged",
                where=Place(str(self.database.path)), hint="put the vault back from a backup",
            ) from error  # fmt: skip
        return plain.decode()

    def _rewrapped(self, tokens: bytes, wrapped: bytes, master: Master) -> bytes:
        anew = []
        for i in range(len(tokens) // TOKEN_BYTES):
            token = tokens[TOKEN_BYTES * i : TOKEN_BYTES * (i + 1)]
            old = wrapped[WRAPPED_BYTES * i : WRAPPED_BYTES * (i + 1)]
            erased = not any(token)
            anew.append(old if erased else master.wrap(token, self._master.unwrap(token, old)))
        return b"".join(anew)

    def _spend(self, db: Any, by: str, now: int) -> None:
        """One reveal of the person's budget; ``db`` is the change's connection."""
        db.execute("DELETE FROM reveals WHERE at_ms <= ?", (now - _DAY_MS,))
        spent = db.execute("SELECT count(*) FROM reveals WHERE by = ?", (by,)).fetchone()[0]
        if spent >= REVEALS_PER_DAY:
            raise UsageError(
                "this person's budget of reveals is used up", expected=f"{REVEALS_PER_DAY} a day",
                hint="wait until a day after the first of them, or ask another officer",
            )  # fmt: skip
        db.execute("INSERT INTO reveals VALUES (?, ?)", (now, by))

    def _know_the_master(self) -> None:
        """Note the key of a new vault; refuse another than that of an old one."""
        mark = self.database.value("master")
        if mark is None:
            with self.database.change():
                self.database.put("master", self._master.mark())
        elif mark != self._master.mark():
            raise StoreError(
                "the vault is under another master key", where=Place(str(self.database.path)),
                hint="give the key that it was made with, or last rotated to",
            )  # fmt: skip

    def _catch_up(self) -> None:
        """See what was kept, erased or rotated since, here or in another process."""
        version = self.database.version()
        if version == self._version:
            return
        self._know_the_master()
        [[ending]] = self.database.rows("SELECT coalesce(max(id), 0) FROM endings")
        if ending != self._ending:  # subjects ended in numbers: they are all read again
            self._index, self._size, self._erasures = Uniqueness(), 0, 0
            self._ending = ending
        symbols, numbers, self._size = tokens_held(self.database, self._size)
        if len(symbols):
            assert self._index.add(symbols, numbers) < 0
        for erasure, number in self.database.rows(
            "SELECT id, number FROM erasures WHERE id > ? ORDER BY id", (self._erasures,)
        ):
            self._index.forget(number, number + 1)
            self._erasures = erasure
        self._version = version


def open_database(
    directory: Path, *, vfs: str | None = None, checkpoint_bytes: int = CHECKPOINT_BYTES
) -> Tables:
    """The vault's tables, made when there are none. Without the master key nothing opens."""
    return open_tables(
        directory / VAULT_FILE, _TABLES, VAULT_APPLICATION, version=VAULT_VERSION, vfs=vfs,
        checkpoint_bytes=checkpoint_bytes,
    )  # fmt: skip


def tokens_held(database: Rows, start: int = 0) -> tuple[Symbols, NDArray[np.int64], int]:
    """The tokens of all subjects held from number ``start`` on, their numbers, the next number."""
    rows = database.rows(
        "SELECT first, count, tokens FROM batches WHERE first >= ? ORDER BY first", (start,)
    )
    if not rows:
        return np.zeros((0, 2), np.uint64), np.zeros(0, np.int64), start
    symbols = np.frombuffer(b"".join(row[2] for row in rows), np.uint64).reshape(-1, 2)
    numbers = np.concatenate([np.arange(first, first + count) for first, count, _ in rows])
    held = symbols.any(axis=1)
    return symbols[held], numbers[held], int(rows[-1][0] + rows[-1][1])


def _batch(db: Any, number: int) -> Any:
    """The row of the batch that holds the subject."""
    return db.execute(
        "SELECT first, count, tokens, kinds, wrapped, ends, sealed FROM batches"
        " WHERE first <= ? ORDER BY first DESC LIMIT 1",
        (number,),
    ).fetchone()


def _batch_from(db: Any, number: int) -> Any:
    """Of the first batch from that place on: first, count, tokens, wrapped keys; or None."""
    return db.execute(
        "SELECT first, count, tokens, wrapped FROM batches WHERE first >= ? ORDER BY first LIMIT 1",
        (number,),
    ).fetchone()


def _blanked(data: bytes, start: int, stop: int) -> bytes:
    return data[:start] + bytes(stop - start) + data[stop:]


def _check_role(roles: Collection[str], needed: frozenset[str], done: str) -> None:
    if not needed & set(roles):
        raise UsageError(
            f"this person may have nothing {done}",
            expected="a role of " + ", ".join(sorted(needed)),
            found=", ".join(sorted(roles)) or "no role",
        )  # fmt: skip


def _check_reason(reason: str) -> None:
    """A reason is a sentence that names no party: it stands in the log for good."""
    if not MIN_REASON_CHARS <= len(reason.strip()) <= MAX_REASON_CHARS:
        raise UsageError(
            "a reason is needed", expected=f"{MIN_REASON_CHARS} to {MAX_REASON_CHARS} characters",
            found=f"{len(reason.strip())} characters",
        )  # fmt: skip
    if names_somebody(reason):
        raise UsageError(
            "a reason must not name an account or a number",
            expected="fewer than ten digits in a row",
            hint="name the case or the report instead",
        )  # fmt: skip
