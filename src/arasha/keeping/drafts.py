"""Drafts of policies in a backup: sealed under the key of the last month of acts.

A draft says by which rules people will be stopped, as a policy in the log does; so it is as hidden
in a backup as that is, and ends there with the month. What looking back with a draft has found
(reports/lookback.py) is kept with it: figures, and places in the log. One file::

    magic 8 | month u32 | sealed

    sealed     nonce 12 | AES-256-GCM-SIV under the key of acts of that month | tag 16,
               bound to magic and month
    inside     JSON: the names of the files, and what is in each
"""

from __future__ import annotations

import os
import re
import struct
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag

from arasha.errors import KeyDestroyed, LogDamaged, Place
from arasha.log.keys import KeyStore, Retention
from arasha.vault.keys import NONCE_BYTES

FOLDER: Final = "drafts"
"""Where drafts lie in the directory of a centre (app/http/drafts.py)."""

DRAFTS_FILE: Final = "drafts.sealed"
"""Their part of a backup."""

_NAME: Final = re.compile(r"[0-9a-f]{64}\.(toml|json|figures\.json)")
_MAGIC: Final = b"ARASHADR"
_MONTH: Final = struct.Struct("<I")


def found(directory: Path) -> dict[str, bytes]:
    """The files of the drafts of a centre, which may be in use: whole ones, by their names."""
    files = {}
    for path in sorted((directory / FOLDER).glob("*")):
        if _NAME.fullmatch(path.name):
            try:
                files[path.name] = path.read_bytes()
            except FileNotFoundError:
                continue  # it was let go just now
    return files


def write(path: Path, files: dict[str, bytes], keys: KeyStore, month: int) -> None:
    """Write the part. It is not durable yet. Raises KeyDestroyed."""
    head = _MAGIC + _MONTH.pack(month)
    nonce = os.urandom(NONCE_BYTES)
    sealed = keys.cipher(Retention.ACTS, month).encrypt(nonce, msgspec.json.encode(files), head)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(head + nonce + sealed)


def put_back(path: Path, directory: Path, keys: KeyStore) -> int:
    """The files again in the directory of a centre; how many drafts, 0 where their month is over.
    Raises LogDamaged.
    """
    data = path.read_bytes()
    head, body = data[: len(_MAGIC) + _MONTH.size], data[len(_MAGIC) + _MONTH.size :]
    try:
        if not head.startswith(_MAGIC):
            raise ValueError(head)
        cipher = keys.cipher(Retention.ACTS, _MONTH.unpack(head[len(_MAGIC) :])[0])
        plain = cipher.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], head)
        files = msgspec.json.decode(plain, type=dict[str, bytes])
    except KeyDestroyed:
        return 0
    except (InvalidTag, ValueError, struct.error) as error:
        raise LogDamaged("the drafts' part of the backup is not what was written",
                         where=Place(str(path)), hint="use another backup") from error  # fmt: skip
    folder = directory / FOLDER
    folder.mkdir(mode=0o700)
    for name, content in files.items():
        assert _NAME.fullmatch(name), "a name that was written"
        (folder / name).touch(0o600, exist_ok=False)
        (folder / name).write_bytes(content)
    return sum(name.endswith(".toml") for name in files)
