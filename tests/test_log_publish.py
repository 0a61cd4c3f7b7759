"""The record as static files: whole, durable, and never changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from arasha.errors import InputError, LogDamaged, LogFull
from arasha.log import merkle
from arasha.log.checkpoint import Checkpoint
from arasha.log.notes import Note
from arasha.log.publish import publish
from arasha.log.signing import signed, signers
from arasha.log.tiles import Tile, tiles_of
from killing import killed_at_each_step
from record_samples import LOG_KEYS, files_of, head_of, note_of, tiles_of_size

SIZES = (0, 1, 255, 256, 257, 700, 1_024)


def whole(out: Path) -> Checkpoint:
    """Fails unless the directory has every tile of its checkpoint, and they lead to its root."""
    checkpoint = Checkpoint.parse(Note.parse((out / "checkpoint").read_bytes()).text)
    leaves = [
        (out / tile.path).read_bytes() for tile in tiles_of(checkpoint.size) if tile.level == 0
    ]
    assert merkle.Frontier().extended(b"".join(leaves)).root() == checkpoint.root
    for tile in tiles_of(checkpoint.size):
        assert 32 * tile.width == (out / tile.path).stat().st_size
    return checkpoint


def test_it_grows_and_stays_whole(tmp_path: Path) -> None:
    """Twice the same writes nothing; full tiles take the place of partial ones."""
    out = tmp_path / "out"
    for size in SIZES:
        tiles = tiles_of_size(size)
        note = note_of(tiles)
        publish(tiles, note, "keys\n", out)
        assert size == whole(out).size
        before = files_of(out)
        assert 0 == publish(tiles, note, "keys\n", out).tiles
        assert before == files_of(out)
    assert b"keys\n" == (out / "keys").read_bytes()
    partial = [path for path in files_of(out) if ".p/" in path]
    assert [Tile(1, 0, 4).path] == [path for path in partial if path.startswith("tile/1")][-1:]
    assert not [path for path in partial if path.startswith("tile/0/000")]


def test_what_contradicts_it_is_refused_and_stays(tmp_path: Path) -> None:
    """A fork, an older log, another log, a tile that somebody changed."""
    out = tmp_path / "out"
    tiles = tiles_of_size(300)
    publish(tiles, note_of(tiles), "", out)
    before = files_of(out)
    fork = tiles_of_size(400, other_from=299)
    with pytest.raises(LogDamaged, match="not what was published of it"):
        publish(fork, note_of(fork), "", out)
    older = tiles_of_size(299)
    with pytest.raises(LogDamaged, match="more was published here"):
        publish(older, note_of(older), "", out)
    other = signed(Checkpoint("other", 300, tiles.root()), signers("other", (), b"x" * 32), 0)
    stranger = Note(other.text, note_of(tiles).signatures)
    with pytest.raises(LogDamaged, match="another log"):
        publish(tiles, stranger, "", out)
    with pytest.raises(LogDamaged, match="not what was published of it"):
        publish(tiles, signed(Checkpoint(head_of(tiles).origin, 300, bytes(32)), LOG_KEYS, 0), "",
                out)  # fmt: skip
    assert before == files_of(out)
    path = out / Tile(0, 0, 256).path
    path.write_bytes(path.read_bytes()[::-1])
    with pytest.raises(LogDamaged, match="published tile"):
        publish(tiles_of_size(301), note_of(tiles_of_size(301)), "", out)
    (out / "checkpoint").write_text("nonsense")
    with pytest.raises(InputError, match="no signed note"):
        publish(tiles, note_of(tiles), "", out)


WORK = """
from record_samples import note_of, tiles_of_size
from arasha.log.publish import publish
def prepare(directory):
    tiles = tiles_of_size(258)
    publish(tiles, note_of(tiles), "keys\\n", directory / "out")
def work(directory):
    tiles = tiles_of_size(600)
    publish(tiles, note_of(tiles), "keys\\n", directory / "out")
"""


def test_killed_at_any_step_it_goes_on(tmp_path: Path) -> None:
    """Kill -9 at each file opened, named or made: what is shown is whole, and is brought up."""
    tiles = tiles_of_size(600)
    seen = set()
    for _, directory in killed_at_each_step(WORK, tmp_path / "killed"):
        out = directory / "out"
        seen.add(whole(out).size)
        publish(tiles, note_of(tiles), "keys\n", out)
        assert 600 == whole(out).size
        assert not [path for path in files_of(out) if path.endswith(".new")]
    assert {258, 600} == seen


def test_a_full_disk_shows_nothing_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever write has no room: the old checkpoint stands, over whole tiles."""
    out = tmp_path / "out"
    first, second = tiles_of_size(258), tiles_of_size(600)
    publish(first, note_of(first), "", out)
    real, left = os.fsync, 0

    def fsync(descriptor: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    for writes in range(40):
        left = writes
        try:
            publish(second, note_of(second), "", out)
        except LogFull:
            assert whole(out).size in (258, 600)
        else:
            break
    assert 600 == whole(out).size
    assert writes > 2
