"""The vault in a backup: each subject under the key of the last month whose facts mention it.

In: the vault as of an instant, a roll that knows each subject's last month, the keys of the months.
Out: one file, and a vault again from it. When a month's key is destroyed, so is every copy of the
subjects that month was the last of. Whom no fact mentions is not copied. One file::

    magic 8 | pieces: month u32 | class u32 | subjects u32 | length u32 | sealed

    sealed     nonce 12 | AES-256-GCM-SIV under the key of that class and month | tag 16,
               bound to magic and the piece's head
    the first  acts that wait and what was revealed, JSON, under the key of the last month of acts
    the others numbers u64 | tokens 16 | kinds 1 | wrapped 48 | lengths u32 | what is sealed
"""

from __future__ import annotations

import os
import struct
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

import apsw
import msgspec
import numpy as np
from cryptography.exceptions import InvalidTag

from arasha.errors import KeyDestroyed, LogDamaged, Place
from arasha.keeping.files import OnBytes, faults_of
from arasha.keeping.instant import Seen
from arasha.log.keys import KeyStore, Retention
from arasha.vault.driver import Tables
from arasha.vault.ending import NEVER, Roll
from arasha.vault.keys import NONCE_BYTES, TAG_BYTES, WRAPPED_BYTES
from arasha.vault.subjects import TOKEN_BYTES, open_database

SUBJECTS_A_PIECE: Final = 4_096
"""Subjects of one month that are sealed together, and of one batch of a vault that is restored."""

_MAGIC: Final = b"ARASHAVM"
_HEAD: Final = struct.Struct("<IIII")
_LARGEST: Final = 64 << 20
_Subject = tuple[int, bytes, int, bytes, bytes]  # number, token, kind, wrapped, sealed


class _Rest(msgspec.Struct, frozen=True):
    """What else a vault holds: its next number, acts that wait, what was revealed by whom."""

    size: int
    next_act: int
    acts: tuple[tuple[int, int, bytes], ...]
    reveals: tuple[tuple[int, str], ...]


def write(path: Path, vault: Seen, roll: Roll, keys: KeyStore, acts_month: int,
          on_bytes: OnBytes) -> int:  # fmt: skip
    """Write the file; how many subjects are in it. It is not durable yet. Raises KeyDestroyed."""
    written = 0
    waiting: dict[int, list[_Subject]] = defaultdict(list)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(_MAGIC)
        rest = msgspec.json.encode(_rest(vault, len(roll.last)))
        _seal(file, keys, Retention.ACTS, acts_month, 0, rest)
        for subject in _subjects(vault, on_bytes):
            month = int(roll.last[subject[0]])
            if month == NEVER:
                continue
            some = waiting[month]
            some.append(subject)
            written += 1
            if len(some) == SUBJECTS_A_PIECE:
                _seal(file, keys, Retention.FACTS, month, len(some), _packed(some))
                some.clear()
        for month, some in sorted(waiting.items()):
            if some:
                _seal(file, keys, Retention.FACTS, month, len(some), _packed(some))
    return written


def rebuild(path: Path, directory: Path, keys: KeyStore, master_mark: bytes,
            on_bytes: OnBytes) -> tuple[int, int]:  # fmt: skip
    """Make the vault of a directory from the file: subjects there are, and those that are over.

    Those of months whose keys are gone are over. Raises LogDamaged.
    """
    work = directory / "vault.work"  # subjects come month by month, and go in by number
    desk = apsw.Connection(str(work))
    vault = open_database(directory)
    try:
        desk.pragma("journal_mode", "OFF")
        desk.pragma("synchronous", "OFF")
        desk.execute("CREATE TABLE subjects (number INTEGER PRIMARY KEY, token, kind, wrapped,"
                     " sealed)")  # fmt: skip
        over, rest = 0, _Rest(0, 0, (), ())
        with faults_of(work), desk:
            for retention, count, plain in _pieces(path, keys, on_bytes):
                if plain is None:
                    over += count
                elif retention is Retention.ACTS:
                    rest = msgspec.json.decode(plain, type=_Rest)
                else:
                    desk.executemany(
                        "INSERT INTO subjects VALUES (?, ?, ?, ?, ?)", _unpacked(plain, count)
                    )
        there = _fill(vault, desk, rest, master_mark)
    finally:
        vault.close()
        desk.close()
        work.unlink()
    return there, over


def _rest(vault: Seen, size: int) -> _Rest:
    acts = vault.rows("SELECT number, kind, body FROM acts ORDER BY number")
    reveals = vault.rows("SELECT at_ms, by FROM reveals ORDER BY at_ms")
    [[next_act]] = vault.rows(
        "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'acts'"
    )
    return _Rest(size, next_act, tuple(map(tuple, acts)), tuple(map(tuple, reveals)))


def _subjects(vault: Seen, on_bytes: OnBytes) -> Iterator[_Subject]:
    """Everybody who is held, in order of their numbers."""
    query = "SELECT first, tokens, kinds, wrapped, ends, sealed FROM batches ORDER BY first"
    with faults_of(vault.path):
        for first, tokens, kinds, wrapped, ends, sealed in vault.db.execute(query):
            start = 0
            for i, end in enumerate(np.frombuffer(ends, "<u4").tolist()):
                token = tokens[TOKEN_BYTES * i : TOKEN_BYTES * (i + 1)]
                if any(token):
                    key = wrapped[WRAPPED_BYTES * i : WRAPPED_BYTES * (i + 1)]
                    yield first + i, token, kinds[i], key, sealed[start:end]
                start = end
            on_bytes(len(tokens) + len(wrapped) + len(sealed))


def _packed(some: list[_Subject]) -> bytes:
    numbers, tokens, kinds, wrapped, sealed = zip(*some, strict=True)
    lengths = np.array([len(one) for one in sealed], "<u4").tobytes()
    return b"".join([np.array(numbers, "<u8").tobytes(), *tokens, bytes(kinds), *wrapped, lengths,
                     *sealed])  # fmt: skip


def _unpacked(plain: bytes, n: int) -> Iterator[_Subject]:
    numbers = np.frombuffer(plain, "<u8", n).tolist()
    tokens = 8 * n
    kinds = tokens + TOKEN_BYTES * n
    wrapped = kinds + n
    lengths = wrapped + WRAPPED_BYTES * n
    start = lengths + 4 * n
    for i, length in enumerate(np.frombuffer(plain, "<u4", n, lengths).tolist()):
        yield (
            numbers[i],
            plain[tokens + TOKEN_BYTES * i : tokens + TOKEN_BYTES * (i + 1)],
            plain[kinds + i],
            plain[wrapped + WRAPPED_BYTES * i : wrapped + WRAPPED_BYTES * (i + 1)],
            plain[start : start + length],
        )
        start += length


def _seal(file: IO[bytes], keys: KeyStore, retention: Retention, month: int, count: int,
          plain: bytes) -> None:  # fmt: skip
    nonce = os.urandom(NONCE_BYTES)
    length = NONCE_BYTES + len(plain) + TAG_BYTES
    head = _HEAD.pack(month, retention, count, length)
    file.write(head + nonce + keys.cipher(retention, month).encrypt(nonce, plain, _MAGIC + head))


def _pieces(
    path: Path, keys: KeyStore, on_bytes: OnBytes
) -> Iterator[tuple[Retention, int, bytes | None]]:
    """(class, subjects, plaintext) of each piece; None for one whose key is gone."""
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise _damaged(path)
        while head := file.read(_HEAD.size):
            try:
                month, class_, count, length = _HEAD.unpack(head)
                if length > _LARGEST:
                    raise ValueError
                retention = Retention(class_)
                sealed = file.read(length)
                yield (
                    retention,
                    count,
                    keys.cipher(retention, month).decrypt(
                        sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _MAGIC + head
                    ),
                )
            except KeyDestroyed:
                yield retention, count, None
            except (InvalidTag, ValueError, struct.error) as error:
                raise _damaged(path) from error
            on_bytes(len(head) + length)


def _fill(vault: Tables, desk: Any, rest: _Rest, master_mark: bytes) -> int:
    """Everything into the tables of the vault, in one change; how many subjects there are."""
    there = 0
    with vault.change() as db:
        vault.put("master", master_mark)
        db.executemany("INSERT INTO acts VALUES (?, ?, ?)", rest.acts)
        db.execute("DELETE FROM sqlite_sequence WHERE name = 'acts'")
        db.execute("INSERT INTO sqlite_sequence VALUES ('acts', ?)", (rest.next_act,))
        db.executemany("INSERT INTO reveals VALUES (?, ?)", rest.reveals)
        batch: list[_Subject] = []
        for subject in desk.execute("SELECT * FROM subjects ORDER BY number"):
            there += 1
            if batch and subject[0] - batch[0][0] >= SUBJECTS_A_PIECE:
                _insert(db, batch)
                batch.clear()
            batch.append(subject)
        if batch:
            _insert(db, batch)
        last = batch[-1][0] if batch else -1
        if rest.size and last < rest.size - 1:  # so that no number is given again
            nobody = (rest.size - 1, bytes(TOKEN_BYTES), 0, bytes(WRAPPED_BYTES), b"")
            _insert(db, [nobody])
    vault.empty_wal()
    return there


def _insert(db: Any, batch: list[_Subject]) -> None:
    """One row of the vault; numbers that nobody has any more are zeros."""
    first = batch[0][0]
    count = batch[-1][0] - first + 1
    tokens, wrapped = bytearray(TOKEN_BYTES * count), bytearray(WRAPPED_BYTES * count)
    kinds, lengths = bytearray(count), np.zeros(count, "<u4")
    for number, token, kind, key, sealed in batch:
        i = number - first
        tokens[TOKEN_BYTES * i : TOKEN_BYTES * (i + 1)] = token
        wrapped[WRAPPED_BYTES * i : WRAPPED_BYTES * (i + 1)] = key
        kinds[i], lengths[i] = kind, len(sealed)
    db.execute(
        "INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?)",
        (first, count, bytes(tokens), bytes(kinds), bytes(wrapped),
         np.cumsum(lengths, dtype="<u4").tobytes(), b"".join(one[4] for one in batch)),
    )  # fmt: skip


def _damaged(path: Path) -> LogDamaged:
    return LogDamaged("the vault's part of the backup is not what was written",
                      where=Place(str(path)), hint="use another backup")  # fmt: skip
