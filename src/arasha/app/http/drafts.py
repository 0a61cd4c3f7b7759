"""Drafts of policies, and what looking back with each has found: files beside the log.

In: texts that compile. Out: ``DIR/drafts/HASH.toml`` with who wrote it, and ``HASH.figures.json``
(reports/lookback.py), under the hash of what the text compiles to: another rule is another draft,
another comment is not. A draft is nobody's act: it becomes one when it is asked for.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from arasha.errors import Diagnostic
from arasha.keeping.drafts import FOLDER
from arasha.reports.lookback import FORMAT, Figures

MAX_DRAFTS: Final = 64
"""Drafts that are kept; with one more the oldest goes."""

_HASH: Final = re.compile(r"[0-9a-f]{64}")


class Written(msgspec.Struct, frozen=True):
    """Who wrote a draft, when, what it is called, and what the checker minded in it."""

    name: str
    by: str
    at_ms: int
    features: int
    rules: int
    warnings: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft, as it is listed."""

    hash: str
    written: Written


class Drafts:
    """The drafts of one centre. It blocks: pages have it done beside the event loop."""

    def __init__(self, directory: Path) -> None:
        self._folder = directory / FOLDER

    def keep(self, name: str, toml: str, written: Written, spared: str | None = None) -> None:
        """Keep the draft of that hash, in place of another text of the same; ``spared`` is one that
        does not go however old it is.
        """
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._put(f"{_checked(name)}.toml", toml.encode())
        self._put(f"{name}.json", msgspec.json.encode(written))
        for old in self.listed()[MAX_DRAFTS:]:
            if old.hash != spared:
                self.drop(old.hash)

    def listed(self) -> list[Draft]:
        """All of them, the latest first."""
        found = []
        for path in self._folder.glob("*.json"):
            written = None if not _HASH.fullmatch(path.stem) else self._written(path.stem)
            if written is not None:
                found.append(Draft(path.stem, written))
        return sorted(found, key=lambda one: (-one.written.at_ms, one.hash))

    def one(self, name: str) -> tuple[Draft, str] | None:
        """The draft of that hash and its text; None where there is none."""
        if not _HASH.fullmatch(name):
            return None
        written = self._written(name)
        try:
            toml = (self._folder / f"{name}.toml").read_text("utf-8")
        except OSError:
            return None
        return None if written is None else (Draft(name, written), toml)

    def drop(self, name: str) -> None:
        """Let it go, and what was found with it."""
        for end in ("toml", "json", "figures.json"):
            (self._folder / f"{_checked(name)}.{end}").unlink(missing_ok=True)

    def found(self, name: str, figures: Figures) -> None:
        """Keep what looking back with that policy has found, in place of what was found before."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._put(f"{_checked(name)}.figures.json", msgspec.json.encode(figures))

    def figures(self, name: str) -> Figures | None:
        """What was found with it last; None where nobody has looked, or by another version."""
        if not _HASH.fullmatch(name):
            return None
        try:
            content = (self._folder / f"{name}.figures.json").read_bytes()
            figures = msgspec.json.decode(content, type=Figures)
        except (OSError, msgspec.ValidationError, msgspec.DecodeError):
            return None
        return figures if figures.format == FORMAT else None

    def _written(self, name: str) -> Written | None:
        try:
            return msgspec.json.decode((self._folder / f"{name}.json").read_bytes(), type=Written)
        except (OSError, msgspec.ValidationError, msgspec.DecodeError):
            return None

    def _put(self, name: str, content: bytes) -> None:
        """Whole, or not at all."""
        part = self._folder / f"{name}.part"
        with part.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(content)
        part.replace(self._folder / name)


def _checked(name: str) -> str:
    assert _HASH.fullmatch(name), "a policy's hash"
    return name
