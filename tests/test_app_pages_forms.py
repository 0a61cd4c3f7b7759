"""A form in parts: its fields and its document, within bounds, whatever was sent."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from arasha.app.pages.forms import IN_PARTS, MAX_FIELD_CHARS, MAX_PARTS, fields_of

BOUNDARY = "----a-boundary"
MEDIA = f"{IN_PARTS}; boundary={BOUNDARY}"


def part(name: str, data: bytes, file: str | None = None) -> bytes:
    named = f'; filename="{file}"' if file is not None else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
    return head.encode() + data + b"\r\n"


def body(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def test_fields_and_a_document() -> None:
    """Texts as those of any form; a document as it came, under the field's name alone."""
    data = bytes(range(256)) * 9
    found = fields_of(MEDIA, body(
        part("why", b" two\x00 words "), part("document", data, 'a";../b.pdf'),
        part("long", b"a" * (MAX_FIELD_CHARS + 9)),
    ))  # fmt: skip
    assert "two words" == found.text("why")
    assert data == found.document("document")
    assert b"" == found.document("why")
    assert "" == found.text("document")
    assert MAX_FIELD_CHARS == len(found.text("long"))
    assert "<Fields>" == repr(found)


def test_what_is_no_form_has_no_fields() -> None:
    """No boundary, another one, one that is cut off, one of too many parts."""
    whole = body(part("a", b"1"))
    many = body(*(part(f"n{at}", b"1") for at in range(MAX_PARTS + 1)))
    for media, data in (
        (IN_PARTS, whole), (f"{IN_PARTS}; boundary=other", whole), (MEDIA, whole[:-20]),
        (f"{IN_PARTS}; boundary={'b' * 99}", whole), (MEDIA, many), (MEDIA, b""),
    ):  # fmt: skip
        assert [] == list(fields_of(media, data)), (media, data[-30:])
    assert ["a"] == list(fields_of(MEDIA, whole))


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_a_form_or_none(data: bytes, begun: bool) -> None:  # noqa: FBT001 - drawn
    """Nothing that is sent is a fault."""
    start = part("a", b"1")[:-2] if begun else b""
    found = fields_of(MEDIA, start + data)
    assert all(len(one) <= MAX_FIELD_CHARS for one in found.values())
