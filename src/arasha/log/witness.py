"""A witness: another institution that says of a log that it only ever grew (C2SP tlog-witness).

Where on the path: outside the centre, beside *shown*. In: a signed checkpoint, and proof that it
begins with the last one that was cosigned. Out: cosignatures, or the refusal that says why not. The
last checkpoint of each log is durable before a cosignature of it leaves; killed at any moment, a
witness has never cosigned two checkpoints that contradict each other, and never will. What
contradicts is kept, with the log's own signature under it: that is the proof against the log::

    DIR/keys/witness.key      32 secret bytes, mode 0600
    DIR/name                  the witness's name
    DIR/trust                 the keys of the logs that it looks after (log/trust.py)
    DIR/seen/HASH             the last cosigned note of the log whose origin has that SHA-256
    DIR/evidence/HASH.txt     two notes of one size and two roots
    DIR/lock                  held by the one process that cosigns
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Final, Self

from arasha.errors import ArashaError, InputError, LogBusy, LogDamaged, Place, UsageError
from arasha.log import merkle
from arasha.log.checkpoint import Checkpoint, decimal
from arasha.log.keys import cannot_write, write_durably
from arasha.log.notes import MAX_NOTE_BYTES, Note, Signature, is_name
from arasha.log.receipts import hash_lines, hashes_of
from arasha.log.signing import (
    SECRET_BYTES,
    WITNESS_ALGORITHMS,
    Verifier,
    opened,
    signers,
)
from arasha.log.trust import Trust, load_trust

MAX_REQUEST_BYTES: Final = MAX_NOTE_BYTES + 4_096
"""Largest request: a note, and 63 hashes before it, bytes."""

MAX_EVIDENCE: Final = 256
"""Contradictions that are kept; of more than these nobody learns anything new."""

ADD_PATH: Final = "/add-checkpoint"
"""Where checkpoints are sent, behind a witness's address."""

SIZE_MEDIA: Final = "text/x.tlog.size"
"""Media type of an answer that is a size."""

KEY_FILE: Final = "keys/witness.key"
TRUST_FILE: Final = "trust"
_NAME_FILE: Final = "name"
_TEXT_MEDIA: Final = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered to a request: an HTTP status, and the text that goes with it."""

    status: int
    text: str
    media: str = _TEXT_MEDIA

    @property
    def size(self) -> int | None:
        """The size of the last cosigned checkpoint, where the answer says it."""
        return decimal(self.text.rstrip("\n")) if self.media == SIZE_MEDIA else None


class Witness:
    """One witness, for one process and one thread. Use `make` once, then `Witness.open`."""

    def __init__(self, directory: Path, name: str, secret: bytes, trust: Trust) -> None:
        """Use ``Witness.open``."""
        self.directory, self.name, self.trust = directory, name, trust
        self._signers = signers(name, WITNESS_ALGORITHMS, secret)
        self._lock = _locked(directory)

    @classmethod
    def open(cls, directory: Path) -> Self:
        """A witness that was made. Raises UsageError where there is none, LogBusy, InputError."""
        secret, name = read_identity(directory)
        return cls(directory, name, secret, load_trust(directory / TRUST_FILE))

    def close(self) -> None:
        """Let another process be it."""
        os.close(self._lock)

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        """Its public keys."""
        return tuple(one.verifier for one in self._signers)

    def last(self, origin: str) -> Checkpoint | None:
        """The last checkpoint of that log that was cosigned. Raises LogDamaged."""
        path = self._seen(origin)
        try:
            text = path.read_text()
            # Older files hold the checkpoint's text alone, in which no line is empty.
            signed_text = Note.parse(text.encode()).text if "\n\n" in text else text
            checkpoint = Checkpoint.parse(signed_text)
        except FileNotFoundError:
            return None
        except (InputError, UnicodeDecodeError) as error:
            raise _forgotten(path) from error
        if checkpoint.origin != origin:
            raise _forgotten(path)
        return checkpoint

    def add_checkpoint(self, request: bytes, at_s: int) -> Answer:
        """Cosign the checkpoint of a request, as of that time in seconds since 1970 UTC, or not.

        Raises LogFull, LogError when what was cosigned cannot be kept: then nothing was cosigned.
        """
        try:
            old, proof, note = read_request(request)
            checkpoint = Checkpoint.parse(note.text)
        except InputError as error:
            return _refused(HTTPStatus.BAD_REQUEST, str(error))
        log = tuple(key for key in self.trust.logs if key.name == checkpoint.origin)
        if not log:
            return _refused(HTTPStatus.NOT_FOUND, "this witness looks after no log of that name")
        try:
            opened(note, log)
        except InputError as error:
            return _refused(HTTPStatus.FORBIDDEN, str(error))
        if old > checkpoint.size:
            return _refused(HTTPStatus.BAD_REQUEST, "the old size is larger than the new one")
        last = self.last(checkpoint.origin)
        refusal = self._refusal(last, checkpoint, old, proof)
        if refusal is not None:
            if last is not None and last.size == checkpoint.size and last.root != checkpoint.root:
                self._keep_evidence(checkpoint.origin, note)
            return refusal
        try:
            lines = [one.sign(checkpoint, at_s).line for one in self._signers]
        except InputError as error:  # lines behind its root: not every type of key signs those
            return _refused(HTTPStatus.BAD_REQUEST, str(error))
        self._remember(checkpoint.origin, note)
        return Answer(HTTPStatus.OK, "".join(lines))

    def _refusal(
        self, last: Checkpoint | None, new: Checkpoint, old: int, proof: tuple[bytes, ...]
    ) -> Answer | None:
        """Why the checkpoint is not cosigned, in the specification's order; None where it is."""
        known = 0 if last is None else last.size
        if old != known or (last is not None and new.size == known and new.root != last.root):
            return Answer(HTTPStatus.CONFLICT, f"{known}\n", SIZE_MEDIA)
        root = merkle.Frontier().root() if last is None else last.root
        if not merkle.check_consistency(known, new.size, root, new.root, proof):
            return _refused(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                f"it is not proven that {new} begin with the {known:,} that were cosigned",
            )
        return None

    def _remember(self, origin: str, note: Note) -> None:
        path = self._seen(origin)
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            write_durably(path, note.encoded)
        except OSError as error:
            raise cannot_write(path, error) from error

    def _keep_evidence(self, origin: str, note: Note) -> None:
        """Keep what the log signed against what it signed before; best effort, never in the way."""
        folder = self.directory / "evidence"
        path = folder / f"{sha256(note.text.encode()).hexdigest()}.txt"
        with suppress(OSError, ArashaError):
            folder.mkdir(mode=0o700, exist_ok=True)
            if path.exists() or len(list(folder.iterdir())) >= MAX_EVIDENCE:
                return
            before = self._seen(origin).read_bytes()
            write_durably(path, b"cosigned before:\n%b\nsigned by the log since:\n%b"
                          % (before, note.encoded))  # fmt: skip

    def _seen(self, origin: str) -> Path:
        return self.directory / "seen" / sha256(origin.encode()).hexdigest()


def make(directory: Path, name: str) -> tuple[Verifier, ...]:
    """Make a witness of that name, with a key; its public keys. Raises UsageError, LogError."""
    if not is_name(name):
        raise UsageError("a witness cannot have this name", found=repr(name),
                         expected="such as ombudsman.example/witness")  # fmt: skip
    key = directory / KEY_FILE
    if key.exists():
        raise UsageError("there is a witness here already", where=Place(str(directory)),
                         hint="a witness keeps its key and its memory together: make another "
                         "in another directory")  # fmt: skip
    try:
        key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_durably(directory / _NAME_FILE, f"{name}\n".encode())
        write_durably(directory / TRUST_FILE, b"# log KEY, a line each\n")
        write_durably(key, os.urandom(SECRET_BYTES))
    except OSError as error:
        raise cannot_write(directory, error) from error
    secret, _ = read_identity(directory)
    return tuple(one.verifier for one in signers(name, WITNESS_ALGORITHMS, secret))


def look_after(directory: Path, logs: Iterable[Verifier]) -> None:
    """Have a witness that was made take over these keys of logs, beside those that it has. One that
    runs takes them up when it is started again. Raises InputError, LogError.
    """
    path = directory / TRUST_FILE
    known = dict.fromkeys(one.text for one in (*load_trust(path).logs, *logs))
    try:
        write_durably(path, "".join(f"log {one}\n" for one in known).encode())
    except OSError as error:
        raise cannot_write(path, error) from error


def read_identity(directory: Path) -> tuple[bytes, str]:
    """A witness's secret and its name. Raises UsageError where there is none."""
    path = directory / KEY_FILE
    try:
        secret, mode = path.read_bytes(), path.stat().st_mode
        name = (directory / _NAME_FILE).read_text().strip()
    except OSError as error:
        raise UsageError("there is no witness here", where=Place(str(directory)),
                         hint="arasha witness make DIR --name NAME") from error  # fmt: skip
    if mode & 0o077 or len(secret) != SECRET_BYTES:
        raise UsageError("the witness's key is no key of its own", expected="32 bytes, mode 0600",
                         found=f"{len(secret)} bytes, mode {mode & 0o777:04o}",
                         where=Place(str(path)))  # fmt: skip
    return secret, name


def written_request(old: int, proof: tuple[bytes, ...], note: Note) -> bytes:
    """A request to cosign: from which size on, the consistency proof, the checkpoint."""
    lines = "".join(f"{line}\n" for line in hash_lines(proof))
    return f"old {old}\n{lines}\n".encode() + note.encoded


def read_request(request: bytes) -> tuple[int, tuple[bytes, ...], Note]:
    """The parts of a request; nothing of it is proven. Raises InputError."""
    head, gap, note = request.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
        old = decimal(first.removeprefix("old "))
        proof = hashes_of(lines)
    except (UnicodeDecodeError, ValueError):
        old, proof = None, ()
    if not gap or old is None or not head.startswith(b"old "):
        raise InputError(
            "this is no request for a cosignature", found="another text",
            expected="old SIZE, a line for each hash, an empty line, a checkpoint",
        )  # fmt: skip
    return old, proof, Note.parse(note)


def read_cosignatures(text: str) -> tuple[Signature, ...]:
    """The lines that a witness answered; whose they are is not checked. Raises InputError."""
    return Note.parse(f"\n\n{text}".encode()).signatures


def _refused(status: HTTPStatus, why: str) -> Answer:
    return Answer(status, f"{why}\n")


def _locked(directory: Path) -> int:
    descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise LogBusy("another process is this witness", where=Place(str(directory)),
                      hint="stop it first: two would cosign apart") from None  # fmt: skip
    return descriptor


def _forgotten(path: Path) -> LogDamaged:
    return LogDamaged(
        "what this witness cosigned last can no longer be read", where=Place(str(path)),
        expected="a signed checkpoint",
        hint="put the file back; without it nothing of this log may be cosigned under this key",
    )  # fmt: skip
