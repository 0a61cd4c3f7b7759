"""Receipts: that one entry stands in the log, for whoever has nothing but a key (C2SP tlog-proof).

Where on the path: beside *shown*. In: an entry, closed as it is kept, its proof and a signed
checkpoint. Out: one text, and, years later and without the log, whether it is true. The extra data
are the entry itself, 32 bytes of header and the ciphertext: the leaf is made again from them, so
what is said of the entry (its place, time and kind) is proven; what it says inside is not shown::

    c2sp.org/tlog-proof@v1
    extra BASE64 of header | ciphertext
    index 1042
    gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=      from the leaf's sibling up
    …

    centre.example/record                             the checkpoint, as it was signed
    …
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from arasha.errors import InputError
from arasha.events.schema import Kind
from arasha.log import merkle
from arasha.log.checkpoint import MAX_SIZE, decimal
from arasha.log.frames import HEADER, HEADER_BYTES, HEADER_VERSION, Sealed
from arasha.log.merkle import HASH_BYTES
from arasha.log.notes import MAX_NOTE_BYTES, Note, unbase64
from arasha.log.signing import Opened, Verifier, opened

MAX_PROOF_HASHES: Final = 63
"""Most hashes of a proof: a tree of 2^63 leaves needs no more."""

MAX_RECEIPT_BYTES: Final = MAX_NOTE_BYTES + (4 << 20)
"""Largest receipt that is read, bytes; an entry may be a law file of a mebibyte."""

_FIRST: Final = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One entry, its place, the hashes up to the root, and the checkpoint with that root."""

    entry: Sealed
    index: int
    proof: tuple[bytes, ...]
    note: Note

    @property
    def text(self) -> str:
        """The receipt as it is given out."""
        extra = base64.b64encode(self.entry.header + self.entry.ciphertext).decode()
        hashes = "".join(f"{line}\n" for line in hash_lines(self.proof))
        head = f"{_FIRST}\nextra {extra}\nindex {self.index}\n{hashes}\n"
        return head + self.note.encoded.decode()

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """The receipt of those bytes; nothing of it is proven yet. Raises InputError."""
        if len(data) > MAX_RECEIPT_BYTES:
            raise _no_receipt(f"{len(data)} bytes")
        head, gap, note = data.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise _no_receipt("bytes that are no text") from error
        if not gap or len(lines) < 3 or lines[0] != _FIRST:
            raise _no_receipt("another first line")
        extra, index = lines[1].removeprefix("extra "), lines[2].removeprefix("index ")
        place = decimal(index)
        if extra == lines[1] or index == lines[2] or place is None or place > MAX_SIZE:
            raise _no_receipt("no entry, or no index")
        try:
            entry = unbase64(extra)
            proof = hashes_of(lines[3:])
        except ValueError as error:
            raise _no_receipt("base64 that is none, or hashes of another length") from error
        if len(entry) < HEADER_BYTES:
            raise _no_receipt("an entry that is cut short")
        sealed = Sealed(entry[:HEADER_BYTES], entry[HEADER_BYTES:])
        return cls(sealed, place, proof, Note.parse(note))


@dataclass(frozen=True, slots=True)
class Proven:
    """What a receipt proves: an entry of that place, time and kind is in what was signed."""

    seq: int
    known_at_ms: int
    kind: int
    ciphertext_bytes: int
    opened: Opened

    @property
    def kind_word(self) -> str:
        """What such an entry is called; its number for a kind of a later release."""
        try:
            return Kind(self.kind).name.lower()
        except ValueError:
            return f"kind {self.kind}"


def check(receipt: Receipt, log: Sequence[Verifier], witnesses: Sequence[Verifier] = ()) -> Proven:
    """What the receipt proves to whoever trusts these keys of the log. Needs no log and no network.

    Raises InputError, which says what does not hold.
    """
    found = opened(receipt.note, log, witnesses)
    checkpoint = found.checkpoint
    entry = receipt.entry
    if not merkle.check_inclusion(
        entry.leaf, receipt.index, checkpoint.size, receipt.proof, checkpoint.root
    ):
        raise InputError(
            "the receipt does not prove that its entry is in the log",
            expected=f"hashes that lead from entry {receipt.index} to the root of {checkpoint}",
            found="another entry, another place, or another proof",
        )  # fmt: skip
    header = np.frombuffer(entry.header, HEADER)[0]
    if (int(header["seq"]), int(header["length"]), int(header["version"])) != (
        receipt.index, len(entry.ciphertext), HEADER_VERSION,
    ):  # fmt: skip
        raise InputError("the entry's header does not say what its place and length are",
                         found=f"seq {header['seq']}, {header['length']} bytes",
                         expected=f"seq {receipt.index}, "
                         f"{len(entry.ciphertext)} bytes")  # fmt: skip
    return Proven(receipt.index, int(header["known_at"]), int(header["kind"]),
                  len(entry.ciphertext), found)  # fmt: skip


def hash_lines(hashes: Sequence[bytes]) -> list[str]:
    """Hashes as the lines of a proof."""
    return [base64.b64encode(one).decode() for one in hashes]


def hashes_of(lines: Sequence[str]) -> tuple[bytes, ...]:
    """The hashes of a proof's lines; ValueError for other lines, and for too many."""
    hashes = tuple(unbase64(line) for line in lines)
    if len(hashes) > MAX_PROOF_HASHES or any(len(one) != HASH_BYTES for one in hashes):
        raise ValueError("no proof")
    return hashes


def _no_receipt(found: str) -> InputError:
    return InputError("this is no receipt", found=found,
                      expected=f"a text that begins with {_FIRST}")  # fmt: skip
