"""What a form brought: texts by field, each within its bounds, whatever was sent.

In: the body of a POST. Out: fields. What is no form is one without fields; bytes that are no text
become the sign for that; control characters go. Nothing here is remembered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import parse_qsl

MAX_BYTES: Final = 64 * 1024
"""Largest body of a form, bytes."""

MAX_FIELDS: Final = 200
MAX_FIELD_CHARS: Final = 4_000
"""Longest field; what is longer is cut, and then refused for what is left."""

MAX_TEXT_BYTES: Final = 1 << 20
"""Largest body of a form that brings a whole text, bytes: a letter may take six of them."""

MAX_TEXT_CHARS: Final = 262_144
"""Longest field of such a form: a policy's text (cases/acts.py)."""

MEDIA: Final = "application/x-www-form-urlencoded"


class Fields(Mapping[str, str]):
    """The fields of a form: the last value of each, without spaces around it."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs
        self._last = dict(pairs)

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


def fields_of(media: str, body: bytes, *, whole: bool = False) -> Fields:
    """The fields of a body; ``whole`` ones keep every character, and may be long.

    >>> fields_of(MEDIA, b"a=1&b=+two%00&a=3").text("b")
    'two'
    """
    if media.partition(";")[0].strip().lower() != MEDIA:
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
    return text[:MAX_TEXT_CHARS].replace("\r\n", "\n")


def _plain(text: str) -> str:
    """Without control characters but for the ends of lines, and without spaces around it."""
    kept = "".join(one for one in text[:MAX_FIELD_CHARS] if one.isprintable() or one in "\n\t")
    return kept.strip()
