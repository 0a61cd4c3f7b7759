"""Signed notes: a text, and lines by which keys vouch for it (C2SP signed-note, version 1).

Where on the path: beside *shown*. In: bytes that anybody may have sent. Out: the text and its
signatures, none of them checked yet (log/signing.py does that), or why it is no note::

    centre.example/record          the text: every line of it, the last newline included
    48
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
                                   an empty line
    — centre.example/record Az3grlgt…      name, base64 of (key's id, 4 bytes | signature)
    — witness.example/w1 jWbPPwAA…
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Final, Self

from arasha.errors import InputError

MAX_SIGNATURES: Final = 64
"""Most signatures of a note that is read; the specification wants at least 16."""

MAX_NOTE_BYTES: Final = 512 * 1024
"""Largest note that is read, bytes: as many signatures of ML-DSA-44 fit twice."""

MAX_NAME_BYTES: Final = 255
"""Longest name of a key or a log, bytes: ML-DSA cosignatures count it in one byte."""

_MARK: Final = "— "
_ID_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Signature:
    """One line: the key that signed, by name and id (u32), and the signature's bytes."""

    name: str
    key_id: int
    signature: bytes

    @property
    def line(self) -> str:
        """As it stands in the note, with its newline."""
        told = base64.b64encode(self.key_id.to_bytes(_ID_BYTES, "big") + self.signature)
        return f"{_MARK}{self.name} {told.decode()}\n"

    @classmethod
    def parse(cls, line: str) -> Self:
        """A line without its newline. Raises InputError."""
        name, gap, told = line.removeprefix(_MARK).partition(" ")
        try:
            data = unbase64(told)
        except ValueError as error:
            raise _no_note("a signature that is no base64") from error
        if not line.startswith(_MARK) or not gap or not is_name(name) or len(data) <= _ID_BYTES:
            raise _no_note("a line that is no signature")
        return cls(name, int.from_bytes(data[:_ID_BYTES], "big"), data[_ID_BYTES:])


@dataclass(frozen=True, slots=True)
class Note:
    r"""A text that ends with a newline, and its signatures in order.

    >>> note = Note("hello\n", (Signature("a.example", 1, b"xyz"),))
    >>> Note.parse(note.encoded) == note
    True
    """

    text: str
    signatures: tuple[Signature, ...]

    @property
    def encoded(self) -> bytes:
        """The note as it is sent and kept."""
        return (self.text + "\n" + "".join(one.line for one in self.signatures)).encode()

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """The note in those bytes; nothing of it is to be believed yet. Raises InputError."""
        if len(data) > MAX_NOTE_BYTES:
            raise _no_note(f"{len(data)} bytes")
        try:
            whole = data.decode()
        except UnicodeDecodeError as error:
            raise _no_note("bytes that are no UTF-8") from error
        if any(char < " " and char != "\n" for char in whole):
            raise _no_note("a control character")
        text, gap, lines = whole.rpartition("\n\n")
        if not gap or not lines.endswith("\n"):
            raise _no_note("no signatures behind an empty line")
        told = lines[:-1].split("\n")
        if len(told) > MAX_SIGNATURES:
            raise _no_note(f"{len(told)} signatures")
        return cls(text + "\n", tuple(Signature.parse(line) for line in told))

    def signed_by(self, signatures: tuple[Signature, ...]) -> Note:
        """The note with these signatures, too; one of the same key takes its old one's place."""
        fresh = {(one.name, one.key_id): one for one in signatures}  # of several, the last
        kept = tuple(one for one in self.signatures if (one.name, one.key_id) not in fresh)
        return Note(self.text, kept + tuple(fresh.values()))


def is_name(name: str) -> bool:
    """Whether a key or a log may be called so: not empty, no space, no plus, no control."""
    fits = 0 < len(name.encode("utf-8", "replace")) <= MAX_NAME_BYTES
    return fits and "+" not in name and not any(char.isspace() or char < " " for char in name)


def unbase64(text: str) -> bytes:
    """The bytes of base64 as RFC 4648, section 4, writes it, and in no other way; ValueError."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("no base64") from error
    if base64.b64encode(data).decode() != text:
        raise ValueError("base64 written otherwise than it is made")
    return data


def _no_note(found: str) -> InputError:
    return InputError(
        "this is no signed note", found=found,
        expected=f"text, an empty line, then 1 to {MAX_SIGNATURES} signatures, a line each",
    )  # fmt: skip
