"""What is attached to cases: the bytes, of whose hash the log knows, under a key of each case.

In: a document of a case, before the act that names its hash. Out: the same bytes, to whoever may
see the case; or their end. ``DIR/attachments.sqlite`` has two tables::

    case_keys     case | period | wrapped: the case's key, 32 random bytes, AES-256-GCM-SIV under
                                 the key of acts of that month (log/keys.py), bound to the case
    attachments   case | sha256 | media_type | size_bytes | sealed: AES-256-GCM-SIV under the case's
                                 key, bound to case and hash

A case whose key was destroyed has no documents any more, on the disk or in a backup whose keyring
is newer: the act and its hash stay. What a document is, is read from its first bytes, never from
what its sender says of it; a kind that no court needs, or that a browser would run, is not taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from arasha.cases.state import State
from arasha.errors import Place, StateFull, StoreError
from arasha.events.schema import Kind
from arasha.log.keys import KEY_BYTES, KeyStore, Retention
from arasha.vault.driver import Tables, has_tables, open_tables

ATTACHMENTS_FILE: Final = "attachments.sqlite"

MAX_BYTES: Final = 8 << 20
"""Largest document, bytes."""

MAX_CASE_BYTES: Final = 64 << 20
"""All documents of one case together, bytes."""

KINDS: Final = {
    "application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "text/plain": "txt",
}  # fmt: skip
"""Media types that are taken, with the endings of their files' names."""

_APPLICATION: Final = 0x41525241  # "ARRA"
_NONCE_BYTES: Final = 12
_BEGINNINGS: Final = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
_PLAIN_CONTROLS: Final = frozenset(b"\t\n\r\f")
_TABLES: Final = """
CREATE TABLE case_keys (
    case_id TEXT PRIMARY KEY, period INTEGER NOT NULL, wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE attachments (
    case_id TEXT NOT NULL, sha256 TEXT NOT NULL, media_type TEXT NOT NULL,
    size_bytes INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (case_id, sha256)
) STRICT;
"""


Draw = Callable[[int], bytes]
"""So many random bytes, for keys and nonces."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document: its bytes, and what they are."""

    sha256: str
    media_type: str
    data: bytes

    @staticmethod
    def of(data: bytes) -> Document | None:
        """What these bytes are; None where they are nothing that is taken."""
        media_type = sniffed(data)
        if media_type is None:
            return None
        return Document(sha256(data).hexdigest(), media_type, data)

    @property
    def file_name(self) -> str:
        """What a file with it is called: nobody's words are in it."""
        return f"attachment-{self.sha256}.{KINDS[self.media_type]}"


def sniffed(data: bytes) -> str | None:
    r"""The media type of a document by its bytes; None for none of those that are taken.

    >>> sniffed(b"%PDF-1.7 and so on"), sniffed(b"plain words"), sniffed(b"MZ\x90\x00")
    ('application/pdf', 'text/plain', None)
    """
    for beginning, media_type in _BEGINNINGS:
        if data.startswith(beginning):
            return media_type
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    has_controls = any(byte < 0x20 and byte not in _PLAIN_CONTROLS for byte in set(data))
    return None if not data.strip() or has_controls or b"\x7f" in data else "text/plain"


class Attachments:
    """The documents of one centre. Threads may share it."""

    def __init__(self, database: Tables, keys: KeyStore, draw: Draw) -> None:
        """Use `Attachments.open`."""
        self.database = database
        self._keys, self._draw = keys, draw
        self.database.empty_wal()  # of an ending that was killed

    @staticmethod
    def open(directory: Path, keys: KeyStore, draw: Draw, *, vfs: str | None = None) -> Attachments:
        """Those of that directory, made when there are none; ``draw`` gives random bytes. Raises
        StoreError, StoreFull.
        """
        path = directory / ATTACHMENTS_FILE
        return Attachments(open_tables(path, _TABLES, _APPLICATION, vfs=vfs), keys, draw)

    @staticmethod
    def exist(directory: Path) -> bool:
        """Whether there are any."""
        return has_tables(directory / ATTACHMENTS_FILE)

    def close(self) -> None:
        """Close the file. Nothing that was kept depends on it."""
        self.database.close()

    def keep(self, case: str, document: Document, period: int) -> None:
        """Keep it, durably, under the case's key; a new one is put under that month of acts.

        Kept twice it is there once. Raises StateFull where the case can hold no more, StoreFull,
        StoreError, KeyDestroyed.
        """
        with self.database.change() as db:
            rows = db.execute(
                "SELECT sha256, size_bytes FROM attachments WHERE case_id = ?", (case,)
            ).fetchall()
            if document.sha256 in {row[0] for row in rows}:
                return
            held = sum(int(row[1]) for row in rows)
            if held + len(document.data) > MAX_CASE_BYTES:
                raise StateFull(
                    "this case can hold no more documents", found=f"{held:,} bytes are there",
                    expected=f"at most {MAX_CASE_BYTES:,} bytes in all",
                )  # fmt: skip
            row = db.execute("SELECT period, wrapped FROM case_keys WHERE case_id = ?",
                             (case,)).fetchone()  # fmt: skip
            if row is None:
                key = self._draw(KEY_BYTES)
                db.execute("INSERT INTO case_keys VALUES (?, ?, ?)",
                           (case, period, self._wrapped(case, key, period)))  # fmt: skip
            else:
                key = self._unwrapped(case, int(row[0]), bytes(row[1]))
            nonce = self._draw(_NONCE_BYTES)
            bound = f"{case} {document.sha256}".encode()
            sealed = nonce + AESGCMSIV(key).encrypt(nonce, document.data, bound)
            db.execute(
                "INSERT INTO attachments VALUES (?, ?, ?, ?, ?)",
                (case, document.sha256, document.media_type, len(document.data), sealed),
            )

    def read(self, case: str, digest: str) -> Document | None:
        """A document; None where it was never there, or is no more.

        Raises StoreError when it is not what was kept, KeyDestroyed when its month's key is gone.
        """
        rows = self.database.rows(
            "SELECT media_type, sealed, period, wrapped FROM attachments"
            " JOIN case_keys ON case_keys.case_id = attachments.case_id"
            " WHERE attachments.case_id = ? AND sha256 = ?",
            (case, digest),
        )
        if not rows:
            return None
        media_type, sealed, period, wrapped = rows[0]
        key, sealed = self._unwrapped(case, int(period), bytes(wrapped)), bytes(sealed)
        try:
            data = AESGCMSIV(key).decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], f"{case} {digest}".encode()
            )
        except (InvalidTag, ValueError) as error:
            raise self._damaged(case) from error
        if sha256(data).hexdigest() != digest or media_type not in KINDS:
            raise self._damaged(case)
        return Document(digest, media_type, data)

    def erase(self, case: str, *, by: str, reason: str) -> int:
        """Destroy the case's key and what is under it; how many documents. The act names neither
        them nor anybody else, and waits for the log.
        """
        with self.database.change() as db:
            (count,) = db.execute("SELECT count(*) FROM attachments WHERE case_id = ?",
                                  (case,)).fetchone()  # fmt: skip
            db.execute("DELETE FROM case_keys WHERE case_id = ?", (case,))
            db.execute("DELETE FROM attachments WHERE case_id = ?", (case,))
            if count:
                self.database.act(Kind.RIGHTS, {
                    "change": "attachments_erased", "kind": "case", "name": case, "by": by,
                    "reason": reason, "documents": int(count),
                })  # fmt: skip
        self.database.empty_wal()
        return int(count)

    def _wrapped(self, case: str, key: bytes, period: int) -> bytes:
        nonce = self._draw(_NONCE_BYTES)
        cipher = self._keys.cipher(Retention.ACTS, period)
        return nonce + cipher.encrypt(nonce, key, _bound(case))

    def _unwrapped(self, case: str, period: int, wrapped: bytes) -> bytes:
        cipher = self._keys.cipher(Retention.ACTS, period)
        try:
            return cipher.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], _bound(case))
        except (InvalidTag, ValueError) as error:
            raise self._damaged(case) from error

    def _damaged(self, case: str) -> StoreError:
        return StoreError("a document of a case is not what was kept", found=f"case {case}",
                          where=Place(str(self.database.path)),
                          hint="put the file back from a backup")  # fmt: skip


def holders(state: State, case: str, digest: str) -> tuple[str, ...]:
    """The case, and those that became part of it, under whose key its document may stand; none
    where it has no such document.
    """
    known = state.cases.get(case)
    if known is None or all(one.sha256 != digest for one in known.attachments):
        return ()
    parts: dict[str, list[str]] = {}
    for other in state.cases.values():
        if other.merged_into is not None:
            parts.setdefault(other.merged_into, []).append(other.id)
    found = [case]
    for one in found:
        found += parts.get(one, ())
    return tuple(found)


def first_of(attachments: Attachments, cases: Sequence[str], digest: str) -> Document | None:
    """The document under the first of these cases' keys that has it."""
    for case in cases:
        found = attachments.read(case, digest)
        if found is not None:
            return found
    return None


def documents_of(attachments: Attachments, state: State, case: str) -> list[Document]:
    """The documents of a case that are still there, each once, in the order of their acts."""
    known = state.cases.get(case)
    digests = dict.fromkeys(one.sha256 for one in known.attachments) if known is not None else {}
    found = [first_of(attachments, holders(state, case, one), one) for one in digests]
    return [one for one in found if one is not None]


def _bound(case: str) -> bytes:
    return f"arasha key of case {case}".encode()
