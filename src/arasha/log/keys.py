"""Keys of retention periods: one file a class and month, destroyed when the period is over.

Where on the path: under everything *kept*. Entries are encrypted under the key of the calendar
month (UTC) of their ``known_at`` and of their class::

    DIR/keys/facts-2018-04.key     32 random bytes, mode 0600: payments, labels, calls, ...
    DIR/keys/acts-2018-04.key      decisions and acts, which are kept longer

A key is on the disk, and its name in the directory, before the first entry is encrypted under it.
Destroying overwrites the file, syncs, unlinks and syncs the directory. On a drive that remaps
blocks the old bytes may live on where no program reaches them: use full-disk encryption below.

Where a log is shared between machines (`Shared`, shared_keys.py) a key is first settled there, so
that all have the same; the files are each machine's own copies.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from arasha.errors import KeyDestroyed, LogDamaged, LogError, LogFull, Place

KEY_BYTES: Final = 32
KEYS_DIRECTORY: Final = "keys"

FIRST_ACT_KIND: Final = 32
"""Entries of this kind and above are acts, below it facts (schema.Kind)."""

_OVERWRITTEN: Final = bytes(KEY_BYTES)  # a destruction that was killed before it unlinked
_EPOCH_PERIOD: Final = 1970 * 12
_DAY_MS: Final = 86_400_000
_DAYS_REMEMBERED: Final = 64


class Retention(IntEnum):
    """The classes of entries that are kept, and forgotten, together."""

    FACTS = 0
    ACTS = 1

    @property
    def word(self) -> str:
        """The word in file names and on the command line."""
        return self.name.lower()

    @staticmethod
    def of_kind(kind: int) -> Retention:
        """The class of an entry of that kind."""
        return Retention.ACTS if kind >= FIRST_ACT_KIND else Retention.FACTS


def period_of(known_at_ms: int) -> int:
    """The period's number: months since January of year 0, of an instant in ms since 1970 UTC.

    >>> month_name(period_of(1_522_540_800_000))
    '2018-04'
    """
    return _period_of_day(known_at_ms // _DAY_MS)


@lru_cache(_DAYS_REMEMBERED)
def _period_of_day(day: int) -> int:
    month = np.datetime64(day, "D").astype("datetime64[M]")
    return int(month.astype(np.int64)) + _EPOCH_PERIOD


def month_name(period: int) -> str:
    """The period as a calendar month, ``2018-04``."""
    return f"{period // 12:04d}-{period % 12 + 1:02d}"


def period_named(month: str) -> int:
    """The period of a calendar month written ``2018-04``; ValueError for anything else."""
    year, dash, number = month.partition("-")
    if not (dash and len(year) == 4 and len(number) == 2 and (year + number).isdigit()):
        raise ValueError(f"{month!r} is not a month like 2018-04")
    if not 1 <= int(number) <= 12:
        raise ValueError(f"{month!r}: months go from 01 to 12")
    return int(year) * 12 + int(number) - 1


def period_starts_ms(period: int) -> int:
    """The first instant of the period, ms since 1970 UTC."""
    month = np.datetime64(period - _EPOCH_PERIOD, "M")
    return int(month.astype("datetime64[ms]").astype(np.int64))


def key_name(retention: Retention, period: int) -> str:
    """What a month's key is called, in its file's name and where keys are shared."""
    return f"{retention.word}-{month_name(period)}"


class Shared(Protocol):
    """Where the machines of one log share its keys."""

    def settle(self, name: str, key: bytes) -> bytes:
        """Keep the key under that name unless there is one; returns the one there is, durable."""
        ...

    def fetch(self, name: str) -> bytes | None:
        """The key of that name; None when there is none, or none any more."""
        ...


@dataclass(slots=True)
class KeyStore:
    """The period keys of one log directory; ciphers are kept in memory once read."""

    directory: Path
    shared: Shared | None = None
    _ciphers: dict[tuple[Retention, int], AESGCMSIV] = field(default_factory=dict)

    def path(self, retention: Retention, period: int) -> Path:
        """Where that period's key lies, whether or not it still exists."""
        return self.directory / KEYS_DIRECTORY / f"{key_name(retention, period)}.key"

    def exists(self, retention: Retention, period: int) -> bool:
        """Whether entries of that period can be read."""
        return self.path(retention, period).exists()

    def cipher(self, retention: Retention, period: int) -> AESGCMSIV:
        """The cipher of that period; KeyDestroyed if its key is gone, LogDamaged if cut short."""
        found = self._ciphers.get((retention, period))
        if found is None:
            found = self._ciphers[retention, period] = AESGCMSIV(self._read(retention, period))
        return found

    def create(self, retention: Retention, period: int) -> AESGCMSIV:
        """The cipher of a period nothing was encrypted under yet: makes its key, durably.

        A key left by a crash before its first entry is used. Raises LogFull, LogError.
        """
        path = self.path(retention, period)
        if self.shared is not None:
            mine = path.read_bytes() if path.exists() else os.urandom(KEY_BYTES)
            self._put(path, self.shared.settle(key_name(retention, period), mine))
        elif not path.exists():
            self._put(path, os.urandom(KEY_BYTES))
        return self.cipher(retention, period)

    def destroy(self, retention: Retention, period: int) -> None:
        """Make every entry of the period unreadable for ever; nothing happens if it already is."""
        self._ciphers.pop((retention, period), None)
        path = self.path(retention, period)
        try:
            destroy_file(path, KEY_BYTES)
        except OSError as error:
            raise cannot_write(path, error) from error

    def _put(self, path: Path, key: bytes) -> None:
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            write_durably(path, key)
        except OSError as error:
            raise cannot_write(path, error) from error

    def _read(self, retention: Retention, period: int) -> bytes:
        path = self.path(retention, period)
        try:
            key = path.read_bytes()
        except FileNotFoundError:
            key = _OVERWRITTEN
        if key == _OVERWRITTEN and self.shared is not None:
            brought = self.shared.fetch(key_name(retention, period))
            if brought is not None:
                self._put(path, brought)
                key = brought
        if key == _OVERWRITTEN:
            raise KeyDestroyed(
                f"the {retention.word} of {month_name(period)} can no longer be read",
                expected="the key of their retention period",
                found="no key: the period was retired, or the file was lost",
                where=Place(str(path)),
                hint="a retired period is gone for good; a lost key file can be put back",
            )
        if len(key) != KEY_BYTES:
            raise LogDamaged(
                "a period's key file is damaged",
                expected=f"{KEY_BYTES} bytes",
                found=f"{len(key)} bytes",
                where=Place(str(path)),
                hint="put back the key file from where you keep the keys",
            )
        return key


def write_durably(path: Path, content: bytes) -> None:
    """Write a whole new file, mode 0600: after a crash it is there complete or not at all."""
    temporary = path.with_name(path.name + ".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def destroy_file(path: Path, length: int) -> None:
    """Overwrite the first ``length`` bytes, unlink, sync each step; a missing file is no error."""
    try:
        descriptor = os.open(path, os.O_WRONLY)
    except FileNotFoundError:
        return
    with os.fdopen(descriptor, "wb") as file:
        file.write(bytes(length))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make names added to or removed from the directory durable."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def cannot_write(path: Path, error: OSError) -> LogError:
    """What to raise when a file of the log could not be written."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return (LogFull if full else LogError)(
        "a file of the log could not be written",
        found=str(error.strerror),
        where=Place(str(path)),
        hint="free some space and try again" if full else "check the disk and the permissions",
    )
