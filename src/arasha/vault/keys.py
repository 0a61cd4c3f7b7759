"""Keys of this installation that live in files: that of the tokens, and the vault's master key.

In: a path, or the text of an environment variable. Out: 32 bytes, made durably when there are none.
A file of a key has mode 0600 and is refused when others may read it.
"""

from __future__ import annotations

import os
import re
import secrets
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from arasha.errors import InputError, Place, StoreError, UsageError

KEY_BYTES: Final = 32
"""Length of a key, bytes."""

MASTER_FILE: Final = "keys/master.key"
"""Where the master key lies in the directory of the centre, unless it is said to lie elsewhere."""

WRAPPED_BYTES: Final = KEY_BYTES + 16
"""Length of a subject's key under the master key, bytes."""

NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16

_HEX: Final = re.compile(r"[0-9a-fA-F]{64}")
_NAMED: Final = b"a key of this name: "
_CHECK: Final = b"the master key of a vault of Arasha"


def load_or_create_key(path: Path, what: str) -> bytes:
    """The key in that file, made durably when there is no file.

    ``what`` names it in messages. Raises InputError when it is no key, UsageError when others may
    read it.
    """
    if not path.exists():
        _create(path)
    return load_key(path, what)


def load_key(path: Path, what: str) -> bytes:
    """The key in that file. Raises InputError, UsageError when others may read it."""
    try:
        mode, key = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise InputError(f"the key of {what} cannot be read", found=str(error.strerror),
                         where=Place(file=str(path))) from error  # fmt: skip
    if mode & _others_may_not(path):
        raise UsageError(
            f"the key of {what} can be read by other users of this machine",
            expected="mode 0600",
            found=f"mode {mode & 0o777:04o}",
            where=Place(file=str(path)),
            hint=f"chmod 600 {path}",
        )
    if len(key) != KEY_BYTES:
        raise InputError(
            f"this is no key of {what}",
            expected=f"{KEY_BYTES} bytes",
            found=f"{len(key)} bytes",
            where=Place(file=str(path)),
            hint="restore the key from a backup: with another, nothing is recognised again",
        )
    return key


def _others_may_not(path: Path) -> int:
    """Bits that a key's file must not have.

    The credentials that systemd hands over may show the group's bit: it is then the mask of an
    access list that names this service's user and nobody else (systemd.exec(5)).
    """
    return 0o007 if str(path.parent) == os.environ.get("CREDENTIALS_DIRECTORY") else 0o077


def key_of_text(text: str, what: str) -> bytes:
    """The key of 64 hexadecimal digits, as an environment variable holds it. InputError else."""
    if not _HEX.fullmatch(text.strip()):
        raise InputError(f"this is no key of {what}", expected="64 hexadecimal digits",
                         found=f"text of {len(text)} characters")  # fmt: skip
    return bytes.fromhex(text.strip())


class Master:
    """The master key: it wraps keys, those of subjects above all; a keyring has one derived."""

    def __init__(self, key: bytes) -> None:
        """``key`` is `KEY_BYTES` random bytes."""
        assert len(key) == KEY_BYTES
        self._cipher = AESGCMSIV(key)
        self._key = key

    def __repr__(self) -> str:
        return "<Master>"

    def __reduce__(self) -> str:
        raise TypeError("a key is not copied or pickled")

    @staticmethod
    def load_or_create(
        directory: Path, file: Path | None = None, text: str | None = None, *, create: bool = True
    ) -> Master:
        """From ``file``, else from ``text`` (of an environment variable), else ``MASTER_FILE``.

        Without ``create`` a file that is not there is an InputError: for a vault that is there.
        """
        if file is None and text is not None:
            return Master(key_of_text(text, "the vault"))
        read = load_or_create_key if create else load_key
        return Master(read(file or directory / MASTER_FILE, "the vault"))

    def derived(self, purpose: bytes) -> bytes:
        """A key of its own for that purpose, by HKDF (RFC 5869): it says nothing about this one."""
        return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=purpose).derive(self._key)

    def exported(self) -> bytes:
        """The key itself, for the one who asked in so many words to have it in a keyring."""
        return self._key

    def wrap(self, token: bytes, key: bytes) -> bytes:
        """The subject's key encrypted: `WRAPPED_BYTES`, bound to the token."""
        return self._cipher.encrypt(token[:NONCE_BYTES], key, token)

    def unwrap(self, token: bytes, wrapped: bytes) -> bytes:
        """The subject's key again. Raises StoreError when it was changed or is under another."""
        try:
            return self._cipher.decrypt(token[:NONCE_BYTES], wrapped, token)
        except InvalidTag as error:
            raise StoreError("a subject's key is damaged", expected="what was written",
                             hint="put the vault back from a backup") from error  # fmt: skip

    def seal(self, name: str, key: bytes) -> bytes:
        """Another key of the centre encrypted, bound to its name: `WRAPPED_BYTES`."""
        bound = _NAMED + name.encode()
        return self._cipher.encrypt(sha256(bound).digest()[:NONCE_BYTES], key, bound)

    def unseal(self, name: str, sealed: bytes) -> bytes:
        """The key again. Raises StoreError when it was changed or is under another."""
        bound = _NAMED + name.encode()
        try:
            return self._cipher.decrypt(sha256(bound).digest()[:NONCE_BYTES], sealed, bound)
        except InvalidTag as error:
            raise StoreError(
                f"the shared key {name} is damaged, or under another master key",
                expected="what was written", hint="give the centre's master key to this machine",
            ) from error  # fmt: skip

    def mark(self) -> bytes:
        """Bytes by which this key is known again, and which say nothing about it."""
        return self._cipher.encrypt(bytes(NONCE_BYTES), _CHECK, None)


def _create(path: Path) -> None:
    """Write a new key beside its place, make it durable, then give it its name, unless taken."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, secrets.token_bytes(KEY_BYTES))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass  # another process was first: its key stands
    finally:
        fresh.unlink()
    for directory in (path.parent, path.parent.parent):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
