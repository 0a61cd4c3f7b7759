r"""Keys that vouch for checkpoints, and whether what they signed is what they were asked about.

Where on the path: beside *shown*. In: a checkpoint and 32 secret bytes, or a note and the public
keys that somebody trusts. Out: signatures; or who vouches for what, and when. Three types of
signature, as C2SP signed-note and tlog-cosignature number them; whoever signs here signs twice,
once so that every tool of today can check it, once so that no quantum computer can forge it:

    0x01  Ed25519 over the note's text                                    the log
    0x04  Ed25519 over "cosignature/v1\ntime T\n" and the text            a witness
    0x06  ML-DSA-44 over a structure of cosigner, time, log, size, root   both

A key is known by its name and the id that follows from name, type and public bytes. Written out
(a *vkey*) it is ``name+id+base64(type | public)``.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from hashlib import sha256
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from arasha.errors import InputError
from arasha.log.checkpoint import MAX_SIZE, Checkpoint
from arasha.log.notes import Note, Signature, is_name, unbase64

SECRET_BYTES: Final = 32
"""Length of the secret from which a signer's keys are derived, bytes."""

_TIME_BYTES: Final = 8
_LABEL: Final = b"subtree/v1\n\0"


class Algorithm(IntEnum):
    """A type of signature, by its byte in a key."""

    ED25519 = 0x01
    COSIGNATURE_ED25519 = 0x04
    COSIGNATURE_MLDSA44 = 0x06

    @property
    def public_bytes(self) -> int:
        """Length of a public key."""
        return 1312 if self is Algorithm.COSIGNATURE_MLDSA44 else 32

    @property
    def signature_bytes(self) -> int:
        """Length of a signature in a note, its time included."""
        if self is Algorithm.ED25519:
            return 64
        return _TIME_BYTES + (2420 if self is Algorithm.COSIGNATURE_MLDSA44 else 64)

    @property
    def word(self) -> str:
        """What it is called."""
        return "ML-DSA-44" if self is Algorithm.COSIGNATURE_MLDSA44 else "Ed25519"


LOG_ALGORITHMS: Final = (Algorithm.ED25519, Algorithm.COSIGNATURE_MLDSA44)
"""What a log signs its checkpoints with."""

WITNESS_ALGORITHMS: Final = (Algorithm.COSIGNATURE_ED25519, Algorithm.COSIGNATURE_MLDSA44)
"""What a witness cosigns them with."""


@dataclass(frozen=True)
class Verifier:
    """A public key of a name and a type."""

    name: str
    algorithm: Algorithm
    public: bytes

    @cached_property
    def key_id(self) -> int:
        """The id by which its signatures are found."""
        told = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public
        return int.from_bytes(sha256(told).digest()[:4], "big")

    @property
    def text(self) -> str:
        """The key written out."""
        told = base64.b64encode(bytes([self.algorithm]) + self.public).decode()
        return f"{self.name}+{self.key_id:08x}+{told}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key that is written so. Raises InputError."""
        name, _, rest = text.strip().partition("+")
        key_id, _, told = rest.partition("+")
        try:
            data = unbase64(told)
            found = cls(name, Algorithm(data[0]), data[1:])
        except (ValueError, IndexError) as error:
            raise _no_key("a type of key that is not known, or no base64") from error
        if not is_name(name) or len(found.public) != found.algorithm.public_bytes:
            raise _no_key("a name or a length that cannot be")
        if key_id != f"{found.key_id:08x}":
            raise _no_key(f"the id {key_id[:8]!r}, which is another key's")
        found._loaded  # noqa: B018 - bytes that are no key are refused here
        return found

    def made(self, signature: Signature) -> bool:
        """Whether the signature says that this key made it."""
        return (signature.name, signature.key_id) == (self.name, self.key_id)

    def verifies(self, checkpoint: Checkpoint, signature: bytes) -> bool:
        """Whether this key signed that checkpoint with these bytes."""
        if len(signature) != self.algorithm.signature_bytes:
            return False
        at_s = _time_of(self.algorithm, signature)
        message = _message(self.algorithm, self.name, checkpoint, at_s)
        if message is None:
            return False
        bare = signature[0 if self.algorithm is Algorithm.ED25519 else _TIME_BYTES :]
        try:
            self._loaded.verify(bare, message)
        except InvalidSignature:
            return False
        return True

    @cached_property
    def _loaded(self) -> Ed25519PublicKey | MLDSA44PublicKey:
        try:
            if self.algorithm is Algorithm.COSIGNATURE_MLDSA44:
                return MLDSA44PublicKey.from_public_bytes(self.public)
            return Ed25519PublicKey.from_public_bytes(self.public)
        except ValueError as error:
            raise _no_key("bytes that are no public key") from error


class Signer:
    """A private key of a name and a type. Never printed, copied or pickled."""

    def __init__(self, name: str, algorithm: Algorithm, secret: bytes) -> None:
        """From 32 secret bytes; keys of two types from the same ones say nothing of each other."""
        assert len(secret) == SECRET_BYTES
        assert is_name(name)
        purpose = f"arasha record {int(algorithm):02x} {name}".encode()
        seed = HKDF(hashes.SHA256(), SECRET_BYTES, salt=None, info=purpose).derive(secret)
        self._key: Ed25519PrivateKey | MLDSA44PrivateKey
        if algorithm is Algorithm.COSIGNATURE_MLDSA44:
            self._key = MLDSA44PrivateKey.from_seed_bytes(seed)
        else:
            self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, algorithm, self._key.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"<Signer {self.verifier.name} {self.verifier.algorithm.word}>"

    def __reduce__(self) -> str:
        raise TypeError("a key is not copied or pickled")

    def sign(self, checkpoint: Checkpoint, at_s: int) -> Signature:
        """Sign it, as of that time, seconds since 1970 UTC.

        Raises InputError for a checkpoint that this type of signature cannot be about.
        """
        verifier = self.verifier
        message = _message(verifier.algorithm, verifier.name, checkpoint, at_s)
        if message is None:
            raise InputError("this checkpoint is not signed", found="lines behind its root, or an "
                             "origin that is too long", expected="three lines")  # fmt: skip
        stamp = b"" if verifier.algorithm is Algorithm.ED25519 else at_s.to_bytes(8, "big")
        return Signature(verifier.name, verifier.key_id, stamp + self._key.sign(message))

    def sign_statement(self, text: str) -> Signature:
        """Sign a text that is no checkpoint: its first line has a space, as no origin has, so that
        neither is ever taken for the other. For keys of Ed25519 alone.
        """
        assert self.verifier.algorithm is Algorithm.ED25519
        assert " " in text.partition("\n")[0]
        assert text.endswith("\n")
        made = self._key.sign(text.encode())
        return Signature(self.verifier.name, self.verifier.key_id, made)


@dataclass(frozen=True, slots=True)
class Vouch:
    """A key vouches; ``at_s`` is when, seconds since 1970 UTC; None where that is not signed."""

    by: Verifier
    at_s: int | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A checkpoint that its log signed, the note that says so, and who vouches for it."""

    checkpoint: Checkpoint
    note: Note
    log: tuple[Vouch, ...]
    witnesses: tuple[Vouch, ...]

    @property
    def witnessed_by(self) -> tuple[str, ...]:
        """The witnesses by name, each once."""
        return tuple(dict.fromkeys(one.by.name for one in self.witnesses))


def signers(name: str, algorithms: Iterable[Algorithm], secret: bytes) -> tuple[Signer, ...]:
    """A signer of each type, from one secret."""
    return tuple(Signer(name, algorithm, secret) for algorithm in algorithms)


def signed(checkpoint: Checkpoint, by: Iterable[Signer], at_s: int) -> Note:
    """The checkpoint as a note, signed by all of them."""
    return Note(checkpoint.text, tuple(one.sign(checkpoint, at_s) for one in by))


def opened(note: Note, log: Sequence[Verifier], witnesses: Sequence[Verifier] = ()) -> Opened:
    """The checkpoint of a note, if the log signed it; and which of those witnesses cosigned.

    ``log`` are its keys that are trusted: of each type among them one must have signed, so who
    trusts a key of ML-DSA is not satisfied by Ed25519 alone. Signatures by other keys are passed
    over; a wrong one by a trusted key spoils the note. Raises InputError.
    """
    checkpoint = Checkpoint.parse(note.text)
    own = [one for one in log if one.name == checkpoint.origin]
    if not own:
        raise InputError(
            "this checkpoint is of another log", found=checkpoint.origin,
            expected=", ".join(sorted({one.name for one in log})) or "a log's key",
        )  # fmt: skip
    by_log = _vouches(checkpoint, note, own)
    missing = {one.algorithm for one in own} - {one.by.algorithm for one in by_log}
    if missing:
        raise InputError(
            "the log's key did not sign this checkpoint",
            expected=f"a signature of {checkpoint.origin} with {max(missing).word}",
            found=f"{len(note.signatures)} signatures, none of it",
        )  # fmt: skip
    return Opened(checkpoint, note, by_log, _vouches(checkpoint, note, witnesses))


def _vouches(checkpoint: Checkpoint, note: Note, keys: Sequence[Verifier]) -> tuple[Vouch, ...]:
    found = []
    for signature in note.signatures:
        for key in keys:
            if not key.made(signature):
                continue
            if not key.verifies(checkpoint, signature.signature):
                raise InputError(
                    "a signature is not of the checkpoint that it stands under",
                    expected=f"what {key.name} signed ({key.algorithm.word})",
                    found="another text, or a signature that was changed",
                )  # fmt: skip
            stamped = key.algorithm is not Algorithm.ED25519
            at_s = _time_of(key.algorithm, signature.signature) if stamped else None
            found.append(Vouch(key, at_s))
    return tuple(found)


def _time_of(algorithm: Algorithm, signature: bytes) -> int:
    if algorithm is Algorithm.ED25519:
        return 0
    return int.from_bytes(signature[:_TIME_BYTES], "big")


def _message(algorithm: Algorithm, name: str, checkpoint: Checkpoint, at_s: int) -> bytes | None:
    """What a signature of that type is over; None where it cannot be about this checkpoint."""
    if algorithm is Algorithm.ED25519:
        return checkpoint.text.encode()
    if not 0 <= at_s <= MAX_SIZE:
        return None
    if algorithm is Algorithm.COSIGNATURE_ED25519:
        return f"cosignature/v1\ntime {at_s}\n{checkpoint.text}".encode()
    cosigner, origin = name.encode(), checkpoint.origin.encode()
    if checkpoint.extensions or not (len(cosigner) < 256 and 0 < len(origin) < 256):
        return None  # what it does not cover is not to stand under it
    return b"".join((
        _LABEL, bytes([len(cosigner)]), cosigner, at_s.to_bytes(8, "big"),
        bytes([len(origin)]), origin, bytes(8), checkpoint.size.to_bytes(8, "big"),
        checkpoint.root,
    ))  # fmt: skip


def _no_key(found: str) -> InputError:
    return InputError("this is no public key of a log or witness", found=found,
                      expected="NAME+ID+BASE64, as arasha log key prints it")  # fmt: skip
