"""A TOML document whose every key and value knows where it stands in its file.

The first step of reading a policy. In comes the text of the file; out go tomllib's values and a
Locator from a path such as ``("rules", "mule", "when")`` to offsets in the text, down to the single
character of a string, escapes and line breaks included. The values are tomllib's alone; a string
whose characters were found to be others than tomllib's is pointed at by its key.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import Final

Path = tuple[str | int, ...]
Span = tuple[int, int]

_SPACE: Final = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN: Final = re.compile(r"[^,\]}\n#]+")
_ESCAPES: Final = {"b": 1, "t": 1, "n": 1, "f": 1, "r": 1, "e": 1, '"': 1, "\\": 1, "x": 3, "u": 5,
                   "U": 9}  # fmt: skip
_ESCAPED: Final = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"',
                   "\\": "\\"}  # fmt: skip
_POSITION: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a key and its value stand; ``characters[i]`` is the offset of a string's i-th
    character, and the last one that of its closing quote. Empty for other values.
    """

    key: Span
    value: Span
    characters: tuple[int, ...] = ()


@dataclass(slots=True)
class Locator:
    """The text of a document and the spots of its values. A path that is unknown is nowhere."""

    text: str
    spots: dict[Path, Spot] = field(default_factory=dict)

    def key(self, path: Path) -> Span | None:
        """Where the key stands, or that of the nearest table around it."""
        for end in range(len(path), 0, -1):
            spot = self.spots.get(path[:end])
            if spot is not None:
                return spot.key
        return None

    def value(self, path: Path) -> Span | None:
        """Where the value stands, else its key."""
        spot = self.spots.get(path)
        return self.key(path) if spot is None else spot.value

    def inside(self, path: Path, start: int, end: int) -> Span | None:
        """Where characters ``start`` to ``end`` of a string stand, else the value's key."""
        spot = self.spots.get(path)
        if spot is None or not spot.characters:
            return self.key(path)
        last = len(spot.characters) - 1
        first = spot.characters[min(start, last)]
        return first, max(spot.characters[min(max(end - 1, 0), last)] + 1, first + 1)


@dataclass(frozen=True, slots=True)
class NotToml:
    """Why the text is not TOML; ``offset`` is where tomllib stopped."""

    message: str
    offset: int


def read_toml(text: str) -> tuple[dict[str, object], Locator] | NotToml:
    """The values of a document and where they stand. Lines end in a plain newline."""
    try:
        values: dict[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return _not_toml(text, str(error))
    except (RecursionError, ValueError):
        return NotToml("it is nested too deeply or holds a number that is too long", 0)
    locator = Locator(text)
    try:
        _Scanner(locator).document()
    except (IndexError, RecursionError):
        locator.spots.clear()
    _distrust(locator, values)
    return values, locator


def _not_toml(text: str, message: str) -> NotToml:
    position = _POSITION.search(message)
    said = _POSITION.sub("", message)
    if position is None or position[1] is None:
        return NotToml(said, len(text))
    lines = text.split("\n")[: int(position[1])]
    before = sum(len(line) + 1 for line in lines[:-1])
    return NotToml(said, min(before + int(position[2]) - 1, len(text)))


def _distrust(locator: Locator, values: dict[str, object]) -> None:
    """Forget the characters of every string that was read otherwise than tomllib did."""
    for path, spot in locator.spots.items():
        if not spot.characters:
            continue
        found: object = values
        for name in path:
            if isinstance(found, dict):
                found = found.get(name)
            elif isinstance(found, list) and isinstance(name, int):
                found = found[name]
        start, end = spot.value
        shown = _decode(locator.text, spot.characters, end)
        if not isinstance(found, str) or shown != found:
            locator.spots[path] = Spot(spot.key, (start, end))


def _decode(text: str, characters: tuple[int, ...], end: int) -> str:
    """The string its characters' offsets say it is."""
    is_basic = text[end - 1] == '"'
    parts = []
    for at in characters[:-1]:
        if not is_basic or text[at] != "\\":
            parts.append(text[at])
            continue
        kind = text[at + 1]
        digits = text[at + 2 : at + 1 + _ESCAPES.get(kind, 1)]
        parts.append(_ESCAPED[kind] if kind in _ESCAPED else chr(int(digits, 16)))
    return "".join(parts)


class _Scanner:
    """Walks a document that tomllib has read already, so it is known to be well formed."""

    def __init__(self, locator: Locator) -> None:
        self.text = locator.text
        self.spots = locator.spots
        self.at = 0
        self.tables: dict[Path, int] = {}  # arrays of tables: how many so far

    def document(self) -> None:
        prefix: Path = ()
        self._space()
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                prefix = self._header()
            else:
                self._pair(prefix)
            self._space()

    def _space(self) -> None:
        match = _SPACE.match(self.text, self.at)
        assert match is not None
        self.at = match.end()

    def _header(self) -> Path:
        is_array = self.text.startswith("[[", self.at)
        self.at += 2 if is_array else 1
        names, span = self._key()
        self.at += 2 if is_array else 1
        path: Path = ()
        for name in names:
            path = (*path, name)
            if path in self.tables and not (is_array and len(path) == len(names)):
                path = (*path, self.tables[path] - 1)
        if is_array:
            index = self.tables.get(path, 0)
            self.tables[path] = index + 1
            path = (*path, index)
        self.spots[path] = Spot(span, span)
        return path

    def _pair(self, prefix: Path) -> None:
        names, span = self._key()
        self.at += 1  # the equals sign
        self._space()
        for end in range(1, len(names)):
            self.spots.setdefault((*prefix, *names[:end]), Spot(span, span))
        self._value((*prefix, *names), span)

    def _key(self) -> tuple[tuple[str, ...], Span]:
        """A dotted key and where it stands; afterwards we are behind it and its spaces."""
        self._space()
        start, end, names = self.at, self.at, []
        while True:
            self._space()
            if self.text[self.at] in "\"'":
                characters = self._string()
                names.append(_decode(self.text, characters, self.at))
            else:
                match = _BARE.match(self.text, self.at)
                if match is None:
                    raise IndexError(self.at)
                names.append(match.group())
                self.at = match.end()
            end = self.at
            self._space()
            if self.text[self.at] != ".":
                return tuple(names), (start, end)
            self.at += 1

    def _value(self, path: Path, key: Span) -> None:
        start = self.at
        characters: tuple[int, ...] = ()
        opening = self.text[start]
        if opening in "\"'":
            characters = self._string()
        elif opening == "[":
            self._items(path, key)
        elif opening == "{":
            self._inline(path)
        else:
            match = _PLAIN.match(self.text, start)
            if match is None:
                raise IndexError(start)
            self.at = start + len(match.group().rstrip())
        self.spots[path] = Spot(key, (start, self.at), characters)

    def _items(self, path: Path, key: Span) -> None:
        self.at += 1
        index = 0
        self._space()
        while self.text[self.at] != "]":
            self._value((*path, index), key)
            index += 1
            self._space()
            if self.text[self.at] == ",":
                self.at += 1
                self._space()
        self.at += 1

    def _inline(self, path: Path) -> None:
        self.at += 1
        self._space()
        while self.text[self.at] != "}":
            self._pair(path)
            self._space()
            if self.text[self.at] == ",":
                self.at += 1
                self._space()
        self.at += 1

    def _string(self) -> tuple[int, ...]:
        """Offsets of a string's characters and of its closing quote; we go behind it."""
        quote = self.text[self.at]
        run = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        self.at += len(run)
        if len(run) == 3 and self.text[self.at] == "\n":
            self.at += 1
        characters: list[int] = []
        while not self.text.startswith(run, self.at):
            if quote == '"' and self.text[self.at] == "\\":
                if self._continued():
                    continue
                characters.append(self.at)
                self.at += 1 + _ESCAPES.get(self.text[self.at + 1], 1)
            else:
                self.text[self.at]  # behind the end: IndexError
                characters.append(self.at)
                self.at += 1
        while len(run) == 3 and self.text.startswith(quote * 4, self.at):
            characters.append(self.at)  # up to two quotes may stand before the closing three
            self.at += 1
        characters.append(self.at)
        self.at += len(run)
        return tuple(characters)

    def _continued(self) -> bool:
        """Whether a backslash at the end of a line was here; it and the space after it are gone."""
        match = re.compile(r"\\[ \t]*\n[ \t\n]*").match(self.text, self.at)
        if match is None:
            return False
        self.at = match.end()
        return True
