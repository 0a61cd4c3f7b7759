"""What a form brought: texts by field, each within its bounds, whatever was sent; and one document.

In: the body of a POST. Out: fields. What is no form is one without fields; bytes that are no text
become the sign for that; control characters go. Nothing here is remembered, or put on a disk.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Final
from urllib.parse import parse_qsl

from multipart import MultipartError, MultipartParser, parse_options_header

from arasha.cases.attachments import MAX_BYTES as MAX_DOCUMENT_BYTES

MAX_BYTES: Final = 64 * 1024
"""Largest body of a form, bytes."""

DOCUMENT_BODY_BYTES: Final = MAX_DOCUMENT_BYTES + MAX_BYTES
"""Largest body of a form with a document in it, bytes."""

MAX_FIELDS: Final = 200
MAX_FIELD_CHARS: Final = 4_000
"""Longest field; what is longer is cut, and then refused for what is left."""

MAX_PARTS: Final = 16
"""Fields and documents of a form in parts."""

MAX_TEXT_BYTES: Final = 1 << 20
"""Largest body of a form that brings a whole text, bytes: a letter may take six of them."""

MAX_TEXT_CHARS: Final = 262_144
"""Longest text that such a form may bring: a policy's (cases/acts.py). Nothing of it is cut: half a
policy may be one, too.
"""

MEDIA: Final = "application/x-www-form-urlencoded"
IN_PARTS: Final = "multipart/form-data"

_CHARS_OF_BOUNDARY: Final = 70  # RFC 2046


class Fields(Mapping[str, str]):
    """The fields of a form: the last value of each, without spaces around it."""

    def __init__(
        self, pairs: list[tuple[str, str]], documents: Mapping[str, bytes] | None = None
    ) -> None:
        self._pairs = pairs
        self._last = dict(pairs)
        self._documents = documents or {}

    def __repr__(self) -> str:
        """Nothing of it: a traceback must not show an identifier."""
        return "<Fields>"

    def __getitem__(self, name: str) -> str:
        return self._last[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._last)

    def __len__(self) -> int:
        return len(self._last)

    def text(self, name: str) -> str:
        """The field of that name, empty where there is none."""
        return self._last.get(name, "")

    def all(self, name: str) -> list[str]:
        """Every value of that name: of boxes that may be ticked together."""
        return [value for key, value in self._pairs if key == name]

    def document(self, name: str) -> bytes:
        """The bytes of the document of that name, empty where there is none. What its sender says
        of it, its name above all, is not read.
        """
        return self._documents.get(name, b"")


def fields_of(media: str, body: bytes, *, whole: bool = False) -> Fields:
    """The fields of a body; ``whole`` ones keep every character, and may be long.

    >>> fields_of(MEDIA, b"a=1&b=+two%00&a=3").text("b")
    'two'
    """
    kind = media.partition(";")[0].strip().lower()
    if kind == IN_PARTS:
        return _in_parts(media, body)
    if kind != MEDIA or len(body) > (MAX_TEXT_BYTES if whole else MAX_BYTES):
        return Fields([])
    try:
        pairs = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, encoding="utf-8",
            errors="replace", max_num_fields=MAX_FIELDS,
        )  # fmt: skip
    except ValueError:  # more fields than any of our forms has
        return Fields([])
    read = _whole if whole else _plain
    return Fields([(_plain(name), read(value)) for name, value in pairs])


def _whole(text: str) -> str:
    """As it was written, with the ends of lines that a file has."""
    return text.replace("\r\n", "\n")


def _in_parts(media: str, body: bytes) -> Fields:
    """The fields and documents of a form in parts (RFC 7578), all of it in memory."""
    boundary = parse_options_header(media)[1].get("boundary", "")
    if not 0 < len(boundary) <= _CHARS_OF_BOUNDARY or not boundary.isascii():
        return Fields([])
    parser = MultipartParser(
        BytesIO(body), boundary, content_length=len(body), part_limit=MAX_PARTS,
        partsize_limit=DOCUMENT_BODY_BYTES, spool_limit=DOCUMENT_BODY_BYTES,
        memory_limit=DOCUMENT_BODY_BYTES, disk_limit=0,
    )  # fmt: skip
    pairs: list[tuple[str, str]] = []
    documents: dict[str, bytes] = {}
    try:
        for part in parser:
            if part.filename is not None:
                documents[_plain(part.name)] = part.raw
            else:
                text = part.raw[: 4 * MAX_FIELD_CHARS].decode("utf-8", "replace")
                pairs.append((_plain(part.name), _plain(text)))
    except MultipartError:  # no form, or more than any of ours has
        return Fields([])
    return Fields(pairs, documents)


def _plain(text: str) -> str:
    """Without control characters but for the ends of lines, and without spaces around it."""
    kept = "".join(one for one in text[:MAX_FIELD_CHARS] if one.isprintable() or one in "\n\t")
    return kept.strip()
