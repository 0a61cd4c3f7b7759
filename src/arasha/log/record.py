"""The public record of a log: checkpoints are signed, and none ever contradicts another.

Where on the path: between *kept* and *shown*. In: the log as it is, its key, and what was signed
last. Out: the next signed checkpoint, or in words why there is none. What was signed last is kept
beside the entries by the log's one writer (`Driver.keep`), durably, before anybody sees it: so a
second machine that takes over, and one that was killed, go on from there.

Never two roots for one size, never a smaller size than the last: a log that was put back from a
backup has forgotten what it signed, so it signs nothing until it is shown its last checkpoint
(`resume`), or begins under another name (`begin`).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from arasha.errors import InputError, LogDamaged, LogError, Place, UsageError
from arasha.log.checkpoint import Checkpoint
from arasha.log.keys import KEYS_DIRECTORY, cannot_write, destroy_file, write_durably
from arasha.log.notes import Note, is_name
from arasha.log.signing import (
    LOG_ALGORITHMS,
    SECRET_BYTES,
    Opened,
    Signer,
    Verifier,
    opened,
    signed,
    signers,
)
from arasha.log.tiles import Tiles

RECORD: Final = "record"
"""Under which name the memory is kept: the origin and the number of the oldest key that still
counts, a newline, and the last signed checkpoint.
"""

_UNKNOWN: Final = b"put back from a backup: what was signed is not known\n"
"""Stands before what the backup knew of it."""

_NOTHING: Final = b"nothing was signed yet\n"

KEY_STEM: Final = "record"
"""Keys lie in ``keys/record-1.key`` and on: 32 secret bytes each, mode 0600."""


class Keeping(Protocol):
    """Where the record's memory is: a `Log`, or its driver."""

    def kept(self, name: str) -> bytes | None:
        """What is kept under that name."""
        ...

    def keep(self, name: str, value: bytes, *, instead_of: bytes | None) -> None:
        """Keep it, durably, in place of what was read."""
        ...


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a log's record: its origin, its keys, and what was signed last, if it was.

    ``memory`` is the kept value, byte for byte, for the one who replaces it; ``is_known`` false
    where it was lost with a log that was put back. Then ``backed_up`` is what the backup knew to be
    signed: what was signed last is that, or later.
    """

    origin: str
    keys: tuple[Signer, ...]
    memory: bytes
    last: Opened | None
    is_known: bool = True
    first_key: int = 1
    backed_up: Opened | None = None

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        """The public keys, the oldest first."""
        return tuple(one.verifier for one in self.keys)

    @property
    def keys_text(self) -> str:
        """The public keys, one a line."""
        return "".join(f"{one.text}\n" for one in self.verifiers)

    def with_note(self, note: Note) -> bytes:
        """What is to be kept once that note is the last.

        Raises InputError for a note that could not be read again: it would end the record.
        """
        encoded = note.encoded
        Note.parse(encoded)
        return _memory(self.origin, self.first_key, encoded)


def read_record(keeping: Keeping, directory: Path) -> Record | None:
    """The record of that log; None where it has none. Raises LogError, InputError for keys that
    cannot be read.
    """
    memory = keeping.kept(RECORD)
    if memory is None:
        return None
    origin, first_key, rest = _parts(memory)
    keys = tuple(
        one
        for path in key_files(directory)
        if _number(path) >= first_key
        for one in signers(origin, LOG_ALGORITHMS, _secret(path))
    )
    if not keys:
        raise LogError(
            "the record's key is not here", expected=f"{KEYS_DIRECTORY}/{KEY_STEM}-{first_key}.key",
            where=Place(str(directory)),
            hint="put it back, from the keyring or from the machine that has it",
        )  # fmt: skip
    is_known, told = not rest.startswith(_UNKNOWN), rest.removeprefix(_UNKNOWN)
    last = None if told in (b"", _NOTHING) else _last(told, [one.verifier for one in keys])
    if is_known:
        return Record(origin, keys, memory, last, first_key=first_key)
    return Record(origin, keys, memory, None, is_known=False, first_key=first_key, backed_up=last)


def next_checkpoint(record: Record, tiles: Tiles, at_s: int) -> Note | None:
    """The log as it is now, signed; None when it has not grown since the last one.

    ``tiles`` are of the log as it is. The caller keeps the note (`Record.with_note`, in place of
    ``record.memory``) before it shows it. Raises LogDamaged when the log contradicts what was
    signed, LogError when nobody knows what that is.
    """
    if not record.is_known:
        raise LogError(
            "this log was put back from a backup: nobody here knows what it signed last",
            expected="its last published checkpoint",
            hint="arasha log resume DIR --checkpoint FILE, with one from a witness or a copy of "
            "the record; where it tells of entries that are lost, arasha log key DIR --origin NEW",
        )  # fmt: skip
    if record.last is not None:
        refuse_contradiction(record.last.checkpoint, tiles)
        if record.last.checkpoint.size == tiles.size:
            return None
    return signed(Checkpoint(record.origin, tiles.size, tiles.root()), record.keys, at_s)


def refuse_contradiction(published: Checkpoint, tiles: Tiles) -> None:
    """Raise LogDamaged unless the log begins with what was published."""
    if published.size > tiles.size:
        raise LogDamaged(
            "the log is shorter than what was published of it",
            expected=f"at least {published.size:,} entries", found=f"{tiles.size:,}",
            hint="an older copy was put in its place: find the newer one, or begin another "
            "record with arasha log key DIR --origin NEW",
        )  # fmt: skip
    root = tiles.root(published.size)
    if root != published.root:
        raise LogDamaged(
            "the log is not what was published of it: an entry was changed, or it is another log",
            expected=f"{published.size}:{published.root.hex()}",
            found=f"{published.size}:{root.hex()}", hint="arasha log verify DIR",
        )  # fmt: skip


def begin(keeping: Keeping, directory: Path, origin: str) -> Record:
    """Give the log a name and a key of its record, or another name and key. Signs nothing yet.

    Raises UsageError for a name that cannot be or is its name already.
    """
    if not is_name(origin):
        raise UsageError("a log cannot have this name", found=repr(origin), expected="an address "
                         "without https://, such as centre.example/record")  # fmt: skip
    before = keeping.kept(RECORD)
    if before is not None and _parts(before)[0] == origin:
        raise UsageError("the log has this name already", found=origin,
                         hint="--rotate makes another key for it")  # fmt: skip
    number = _number(add_key(directory))  # should we die here, there is a key more than needed
    keeping.keep(RECORD, _memory(origin, number, _NOTHING), instead_of=before)
    made = read_record(keeping, directory)
    assert made is not None
    _destroy_before(directory, number)
    return made


def resume(keeping: Keeping, record: Record, note: Note, tiles: Tiles) -> Opened:
    """Take a published checkpoint for the last that was signed, if it can be (`resumable`)."""
    found = resumable(record, note, tiles)
    keep_last(keeping, record, note)
    return found


def keep_last(keeping: Keeping, record: Record, note: Note) -> None:
    """Keep that note as the last that was signed."""
    keeping.keep(RECORD, record.with_note(note), instead_of=record.memory)


def resumable(record: Record, note: Note, tiles: Tiles) -> Opened:
    """A published checkpoint that can be the last that was signed: the log begins with it.

    For a log that was put back from a backup. Raises InputError when this log's key did not sign
    it, LogDamaged when the log is shorter or another, UsageError when more is known already, be it
    by the backup alone.
    """
    found = opened(note, _signing(note, record.verifiers))
    refuse_contradiction(found.checkpoint, tiles)
    if record.last is not None and record.last.checkpoint.size >= found.checkpoint.size:
        raise UsageError("the log knows of that checkpoint, or of a later one",
                         found=str(found.checkpoint), expected="one of more than "
                         f"{record.last.checkpoint.size:,} entries")  # fmt: skip
    before = record.backed_up
    if before is not None and before.checkpoint.size > found.checkpoint.size:
        raise UsageError("the backup itself knew of a later checkpoint",
                         found=str(found.checkpoint), expected="the last that was published, of at "
                         f"least {before.checkpoint.size:,} entries")  # fmt: skip
    return found


def forget_memory(keeping: Keeping) -> bool:
    """After a restore: let the log know that it does not know what it signed. False: no record."""
    before = keeping.kept(RECORD)
    if before is None:
        return False
    origin, first_key, rest = _parts(before)
    if not rest.startswith(_UNKNOWN):
        keeping.keep(RECORD, _memory(origin, first_key, _UNKNOWN + rest), instead_of=before)
    return True


def key_files(directory: Path) -> list[Path]:
    """The files of the record's keys, the oldest first."""
    found = (directory / KEYS_DIRECTORY).glob(f"{KEY_STEM}-*.key")
    return sorted((one for one in found if _number(one)), key=_number)


def add_key(directory: Path) -> Path:
    """Another key, durably: from now on it signs, too. Raises LogFull, LogError."""
    have = key_files(directory)
    number = _number(have[-1]) + 1 if have else 1
    path = directory / KEYS_DIRECTORY / f"{KEY_STEM}-{number}.key"
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_durably(path, os.urandom(SECRET_BYTES))
    except OSError as error:
        raise cannot_write(path, error) from error
    return path


def end_keys(keeping: Keeping, record: Record, directory: Path) -> None:
    """Let every key but the newest count no more, on any machine, and destroy them on this one.

    Those who trust an older one alone see no more. Raises UsageError while the newest has not
    signed: nobody could tell any more who signed the last checkpoint.
    """
    newest = _number(key_files(directory)[-1])
    last = record.last or record.backed_up
    if last is not None:
        signed_by = {one.by for one in last.log}
        if not signed_by.issuperset(record.verifiers[-len(LOG_ALGORITHMS) :]):
            raise UsageError("the newest key has signed no checkpoint yet",
                             where=Place(str(directory)), hint="arasha log checkpoint DIR, or let "
                             "the service run for some seconds; then end the old one")  # fmt: skip
    _, _, rest = _parts(record.memory)
    keeping.keep(RECORD, _memory(record.origin, newest, rest), instead_of=record.memory)
    _destroy_before(directory, newest)


def _destroy_before(directory: Path, number: int) -> None:
    for path in key_files(directory):
        if _number(path) < number:
            try:
                destroy_file(path, SECRET_BYTES)
            except OSError as error:
                raise cannot_write(path, error) from error


def _number(path: Path) -> int:
    text = path.stem.removeprefix(f"{KEY_STEM}-")
    return int(text) if text.isdigit() else 0


def _secret(path: Path) -> bytes:
    secret = path.read_bytes()
    if path.stat().st_mode & 0o077:
        raise UsageError("the record's key can be read by other users of this machine",
                         expected="mode 0600", where=Place(str(path)),
                         hint=f"chmod 600 {path}")  # fmt: skip
    if len(secret) != SECRET_BYTES or not any(secret):
        raise InputError("this is no key of a record", expected=f"{SECRET_BYTES} bytes",
                         found=f"{len(secret)} bytes", where=Place(str(path)))  # fmt: skip
    return secret


def _memory(origin: str, first_key: int, rest: bytes) -> bytes:
    return f"{origin} {first_key}\n".encode() + rest


def _parts(memory: bytes) -> tuple[str, int, bytes]:
    """The origin, the number of the oldest key that counts, and what was signed last."""
    first, _, rest = memory.partition(b"\n")
    origin, _, number = first.decode().rpartition(" ")
    return origin, int(number), rest


def _last(encoded: bytes, keys: Sequence[Verifier]) -> Opened:
    note = Note.parse(encoded)
    return opened(note, _signing(note, keys))


def _signing(note: Note, keys: Sequence[Verifier]) -> Sequence[Verifier]:
    """The keys that signed it: a newer one had not; all of them where none did."""
    return [key for key in keys if any(key.made(one) for one in note.signatures)] or keys
