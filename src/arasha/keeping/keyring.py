"""The keys of a centre as one small file, apart from its backups.

In: the directory of a centre and the vault's master key. Out: one file with the keys of the months
that are kept, of the tokens, of signing in and of the public record, encrypted under a key derived
from the master key; and the keys again, in a directory that is being restored. A backup holds no
key, so it is as good as its keyring: what the keyring no longer has, no backup can show. Each
writing overwrites the file that was there. The master key is in it only when that was asked for:
then nothing is encrypted, and the file opens everything.

    {"version": 1, "log": "…", "size": 48, "retired": ["facts-2026-01"],
     "under": "master", "keys": base64 of nonce 12 | ciphertext | tag 16, "check": SHA-256}
"""

from __future__ import annotations

import base64
import os
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from arasha.errors import InputError, KeyDestroyed, LogError, Place, UsageError
from arasha.exchange.sealed import KEY_FILE as SIGNIN_KEY_FILE
from arasha.log import record
from arasha.log.keys import KEYS_DIRECTORY, KeyStore, cannot_write, month_name, write_durably
from arasha.log.log import Log
from arasha.vault.keys import KEY_BYTES, MASTER_FILE, NONCE_BYTES, Master, load_key
from arasha.vault.tokens import KEY_FILE

KEYRING_VERSION: Final = 1
MASTER: Final = "master"
"""The name of the master key in a keyring that holds it."""

_TOKENS: Final = Path(KEY_FILE).stem
_SIGNIN: Final = Path(SIGNIN_KEY_FILE).stem
_PURPOSE: Final = b"arasha keyring"
_LARGEST: Final = 1 << 22


class _File(msgspec.Struct, frozen=True):
    version: int
    log: str
    size: int
    retired: tuple[str, ...]
    under: Literal["master", "nothing"]
    keys: bytes  # base64 in JSON
    check: str

    def expected_check(self) -> str:
        """What ``check`` must be: a keyring that is not encrypted notices a fault by it, too."""
        head = _head(self.log, self.size, self.retired, self.under)
        return sha256(head + self.keys).hexdigest()


class Keyring(msgspec.Struct, frozen=True):
    """The keys, by the names of their files without the ending, of a log of ``size`` entries.

    ``retired`` are the months whose keys had been destroyed by then.
    """

    log: str
    size: int
    retired: tuple[str, ...]
    keys: dict[str, bytes]

    def __repr__(self) -> str:
        return f"<Keyring of {len(self.keys)} keys>"


def collected(log: Log, name: str, master_key: bytes | None) -> Keyring:
    """The keys of that open log's directory; ``master_key`` only if it is to be among them.

    Raises KeyDestroyed when a key was lost that no retirement had destroyed.
    """
    store, keys, retired = KeyStore(log.directory), dict[str, bytes](), list[str]()
    for row in log.periods():
        path = store.path(row.retention, row.period)
        if row.retired:
            retired.append(path.stem)
        elif path.exists() and any(key := path.read_bytes()):
            keys[path.stem] = key
        else:
            raise KeyDestroyed(
                f"the key of the {row.retention.word} of {month_name(row.period)} is lost",
                where=Place(str(path)), hint="put it back first, from an older keyring",
            )  # fmt: skip
    if (log.directory / KEY_FILE).exists():
        keys[_TOKENS] = load_key(log.directory / KEY_FILE, "the tokens")
    if (log.directory / SIGNIN_KEY_FILE).exists():
        keys[_SIGNIN] = load_key(log.directory / SIGNIN_KEY_FILE, "signing in")
    for path in record.key_files(log.directory):
        keys[path.stem] = load_key(path, "the public record")
    if master_key is not None:
        keys[MASTER] = master_key
    return Keyring(name, log.size, tuple(retired), keys)


def write(path: Path, keyring: Keyring, master: Master | None) -> None:
    """Write it in place of the file that was there, which is overwritten.

    ``master`` None writes the keys as they are. Raises UsageError rather than to replace the
    keyring of another log, or a file that is none; LogFull, LogError.
    """
    if path.exists():
        before = _read(path)
        if before.log != keyring.log:
            raise UsageError("this is the keyring of another log", where=Place(str(path)),
                             hint="choose another file: it would be overwritten")  # fmt: skip
    plain = msgspec.json.encode({n: base64.b64encode(k).decode() for n, k in keyring.keys.items()})
    under: Literal["master", "nothing"] = "nothing" if master is None else "master"
    head = _head(keyring.log, keyring.size, keyring.retired, under)
    if master is not None:
        nonce = os.urandom(NONCE_BYTES)
        plain = nonce + _cipher(master).encrypt(nonce, plain, head)
    file = _File(KEYRING_VERSION, keyring.log, keyring.size, keyring.retired, under, plain,
                 sha256(head + plain).hexdigest())  # fmt: skip
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, msgspec.json.encode(file))
    except OSError as error:
        raise cannot_write(path, error) from error


def read(path: Path, master: Master | None) -> Keyring:
    """The keyring in the file. Raises InputError when it is none, or is under another master key;
    UsageError when it needs a master key and there is none.
    """
    file = _read(path)
    plain = file.keys
    if file.under == "master":
        if master is None:
            raise UsageError(
                "this keyring is under the vault's master key",
                expected="--master-key or ARASHA_MASTER_KEY", where=Place(str(path)),
            )  # fmt: skip
        head = _head(file.log, file.size, file.retired, file.under)
        try:
            plain = _cipher(master).decrypt(plain[:NONCE_BYTES], plain[NONCE_BYTES:], head)
        except (InvalidTag, ValueError) as error:
            raise InputError(
                "this keyring was changed, or is under another master key",
                where=Place(str(path)), hint="give the master key of the day it was written",
            ) from error  # fmt: skip
    try:
        keys = msgspec.json.decode(plain, type=dict[str, bytes])
    except msgspec.DecodeError as error:
        raise _no_keyring(path, str(error)) from error
    if any(len(key) != KEY_BYTES or not any(key) for key in keys.values()):
        raise _no_keyring(path, "a key of another length, or of zeros")
    return Keyring(file.log, file.size, file.retired, keys)


def put_back(keyring: Keyring, directory: Path) -> None:
    """Write the keys into the directory, each as its own file, but for the master key."""
    (directory / KEYS_DIRECTORY).mkdir(mode=0o700, exist_ok=True)
    for name, key in keyring.keys.items():
        if name == MASTER:
            continue
        if Path(name).name != name or not name:
            raise LogError("a keyring names no file outside its directory", found=repr(name))
        write_durably(directory / KEYS_DIRECTORY / f"{name}.key", key)


def put_back_master(keyring: Keyring, directory: Path) -> None:
    """Write the master key, too, where the centre looks for it by itself."""
    (directory / MASTER_FILE).parent.mkdir(mode=0o700, exist_ok=True)
    write_durably(directory / MASTER_FILE, keyring.keys[MASTER])


def _cipher(master: Master) -> AESGCMSIV:
    return AESGCMSIV(master.derived(_PURPOSE))


def _head(log: str, size: int, retired: tuple[str, ...], under: str) -> bytes:
    return msgspec.json.encode([KEYRING_VERSION, log, size, retired, under])


def _read(path: Path) -> _File:
    try:
        data = path.read_bytes()[:_LARGEST]
    except OSError as error:
        raise InputError("the keyring cannot be read", found=str(error.strerror),
                         where=Place(str(path))) from error  # fmt: skip
    try:
        file = msgspec.json.decode(data, type=_File)
    except msgspec.DecodeError as error:
        raise _no_keyring(path, str(error)) from error
    if file.version != KEYRING_VERSION:
        raise _no_keyring(path, f"version {file.version}")
    if file.check != file.expected_check() or msgspec.json.encode(file) != data:
        raise _no_keyring(path, "it was changed")
    return file


def _replace(path: Path, content: bytes) -> None:
    """The new file under the name, durable; then zeros over the old one."""
    old = os.open(path, os.O_WRONLY) if path.exists() else None
    write_durably(path, content)
    if old is None:
        return
    with os.fdopen(old, "wb") as file:
        file.write(bytes(os.fstat(old).st_size))
        file.flush()
        os.fsync(old)


def _no_keyring(path: Path, why: str) -> InputError:
    return InputError(
        "this is no keyring", expected=f"one of version {KEYRING_VERSION}", found=why,
        where=Place(str(path)), hint="arasha backup DIR --keys FILE writes one",
    )  # fmt: skip
