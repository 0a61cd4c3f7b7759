"""The public record as static files: tiles first, the checkpoint that needs them last.

Where on the path: *shown*. In: the tiles of a log, a signed checkpoint, a directory. Out: the files
of C2SP tlog-tiles in it, for any web server. Each file is there whole or not at all, and durable
before the checkpoint says so; cut short anywhere, the next publication goes on. Nothing published
is ever changed: a directory that contradicts the log is refused in words, and stays as it was.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from arasha.errors import InputError, LogDamaged, Place
from arasha.log.checkpoint import Checkpoint
from arasha.log.keys import cannot_write, sync_directory
from arasha.log.notes import Note
from arasha.log.record import refuse_contradiction
from arasha.log.tiles import WIDTH, Tile, Tiles, tiles_of

CHECKPOINT_FILE: Final = "checkpoint"
KEYS_FILE: Final = "keys"
"""The public keys, one a line: for who looks, not for who must trust them."""

_PARTIAL: Final = ".p"


@dataclass(frozen=True, slots=True)
class Publication:
    """What a publication wrote: how many tiles, and the size that the directory now shows."""

    tiles: int
    size: int


def publish(tiles: Tiles, note: Note, keys: str, out: Path) -> Publication:
    """Bring the directory up to the checkpoint. Done twice, it does nothing the second time.

    Raises LogDamaged when what lies there contradicts the log, LogFull, LogError.
    """
    checkpoint = Checkpoint.parse(note.text)
    refuse_contradiction(checkpoint, tiles)
    before = _published(out, checkpoint, tiles)
    try:
        touched: set[Path] = set()
        written = sum(
            _appear(out / tile.path, tiles.tile(tile), touched)
            for tile in tiles_of(checkpoint.size)
        )
        _appear_anew(out / KEYS_FILE, keys.encode(), touched)
        for directory in touched:
            sync_directory(directory)
        _appear_anew(out / CHECKPOINT_FILE, note.encoded, set())
        sync_directory(out)
        _drop_partial(out, before, checkpoint.size)
    except OSError as error:
        raise cannot_write(out, error) from error
    return Publication(written, checkpoint.size)


def _published(out: Path, fresh: Checkpoint, tiles: Tiles) -> int:
    """The size that the directory shows; 0 where it shows nothing."""
    path = out / CHECKPOINT_FILE
    if not path.exists():
        return 0
    try:
        there = Checkpoint.parse(Note.parse(path.read_bytes()).text)
    except InputError as error:
        error.where = Place(str(path))
        raise
    if there.origin != fresh.origin:
        raise LogDamaged(
            "there is the record of another log here", expected=fresh.origin, found=there.origin,
            where=Place(str(out)), hint="publish to another directory",
        )  # fmt: skip
    if there.size > fresh.size:
        raise LogDamaged(
            "more was published here than this checkpoint tells", expected=str(fresh),
            found=str(there), where=Place(str(out)),
            hint="the log may be an older copy: arasha log resume DIR --checkpoint "
            f"{path} says whether it begins with what was published",
        )  # fmt: skip
    try:
        refuse_contradiction(there, tiles)
    except LogDamaged as error:
        error.where = Place(str(path))
        raise
    return there.size


def _appear(path: Path, content: bytes, touched: set[Path]) -> bool:
    """Have the immutable file there; whether it had to be written."""
    if path.exists():
        if path.read_bytes() != content:
            raise LogDamaged(
                "a published tile is not what the log says", where=Place(str(path)),
                expected=f"{len(content) // 32} hashes of this log", found="other bytes",
                hint="find out who changed it, and whether arasha log verify DIR is content; then "
                "remove the file and publish again",
            )  # fmt: skip
        return False
    _appear_anew(path, content, touched)
    return True


def _appear_anew(path: Path, content: bytes, touched: set[Path]) -> None:
    """Write the file whole, in place of what was there; ``touched`` are directories to sync."""
    missing = path.parent
    while not missing.exists():
        touched.add(missing.parent)
        missing = missing.parent
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    touched.add(path.parent)


def _drop_partial(out: Path, before: int, size: int) -> None:
    """Remove partial tiles that are full by now: nobody needs them, the specification says."""
    for old in tiles_of(before):
        full = Tile(old.level, old.index, WIDTH)
        if old.width < WIDTH and full.is_of(size):
            directory = (out / old.path).parent
            if directory.name.endswith(_PARTIAL):
                shutil.rmtree(directory, ignore_errors=True)
