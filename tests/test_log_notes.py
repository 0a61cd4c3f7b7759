"""Signed notes as C2SP signed-note writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.errors import InputError
from arasha.log.notes import MAX_SIGNATURES, Note, Signature, is_name, unbase64

NAMES = st.text(min_size=1, max_size=40).filter(is_name)
SIGNATURES = st.builds(
    Signature, NAMES, st.integers(0, 2**32 - 1), st.binary(min_size=1, max_size=80)
)
LINES = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=30)
EXAMPLE = (
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
    "— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU"
    "0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
)


@given(st.lists(LINES, min_size=1, max_size=6), st.lists(SIGNATURES, min_size=1, max_size=5))
def test_what_is_written_is_read(lines: list[str], signatures: list[Signature]) -> None:
    """Any text, with empty lines in it, and any signatures come back byte for byte."""
    note = Note("".join(f"{line}\n" for line in lines), tuple(signatures))
    assert note == Note.parse(note.encoded)


def test_the_example_of_the_specification() -> None:
    """Its text ends before the last empty line; its key has the name and id that stand there."""
    note = Note.parse(EXAMPLE.encode())
    assert note.text.endswith("\n\ned è subito sera.\n")
    assert EXAMPLE.encode() == note.encoded
    [signature] = note.signatures
    assert ("quasimodo.example/salvatore", 0x367BA04B, 64) == (
        signature.name, signature.key_id, len(signature.signature),
    )  # fmt: skip


@pytest.mark.parametrize(
    "broken",
    [
        "text\n", "text\n\n", "text\n\n— a Az3grlg=", "text\n\n- a Az3grlg=\n",
        "text\n\n— a Az3grg==\n", "text\n\n— a b Az3grlg=\n", "text\n\n— a+b Az3grlg=\n",
        "text\n\n— a Az3grlh=\n", "te\txt\n\n— a Az3grlg=\n", "text\r\n\n— a Az3grlg=\n",
        "text\n\n" + "— a Az3grlg=\n" * (MAX_SIGNATURES + 1),
    ],
)  # fmt: skip
def test_what_is_no_note_is_refused(broken: str) -> None:
    """Missing parts, controls, base64 of another spelling, ids without a signature, too many."""
    assert 1 == len(Note.parse(b"text\n\n\xe2\x80\x94 a Az3grlg=\n").signatures)
    with pytest.raises(InputError, match="no signed note"):
        Note.parse(broken.encode())


def test_a_key_signs_once() -> None:
    """A newer signature of the same key takes the old one's place; others stay."""
    old = (Signature("a", 1, b"old"), Signature("a", 2, b"stays"))
    note = Note("text\n", old).signed_by((Signature("a", 1, b"new"),))
    assert (b"stays", b"new") == tuple(one.signature for one in note.signatures)
    often = tuple(Signature("b", 1, bytes([at])) for at in range(MAX_SIGNATURES + 1))
    assert [b"@"] == [one.signature for one in Note("text\n", old[:0]).signed_by(often).signatures]


@pytest.mark.parametrize("text", ["AA", "AA=A", "AAA=\n", " AAA=", "AB==", "A-A="])
def test_base64_has_one_spelling(text: str) -> None:
    """Whatever would be written otherwise is not read."""
    assert b"\0\0" == unbase64("AAA=")
    with pytest.raises(ValueError, match="base64"):
        unbase64(text)
