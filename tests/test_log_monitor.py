"""A public record checked from outside: every file of it counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from arasha.errors import InputError
from arasha.log.monitor import inspect
from arasha.log.publish import publish
from arasha.log.tiles import WIDTH, Tile
from record_samples import LOG_KEYS, WITNESS, WITNESS_KEYS, head_of, note_of, tiles_of_size
from record_samples import verifiers as public

BIG = tiles_of_size(70_000)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record of a log of 70,000 entries, cosigned."""
    out = tmp_path_factory.mktemp("record")
    cosigned = tuple(key.sign(head_of(BIG), 9) for key in WITNESS_KEYS)
    publish(BIG, note_of(BIG).signed_by(cosigned), "", out)
    return out


def test_a_whole_record_says_who_vouches(record: Path) -> None:
    """The log by both keys, the witness by both of its own."""
    found = inspect(lambda path: (record / path).read_bytes(), public(LOG_KEYS),
                    public(WITNESS_KEYS))  # fmt: skip
    assert (head_of(BIG), (WITNESS,)) == (found.checkpoint, found.witnessed_by)


@pytest.mark.parametrize(
    ("tile", "said"),
    [
        (Tile(0, 0, WIDTH), "do not lead to the root"),
        (Tile(0, 273, 112), "do not lead to the root"),
        (Tile(1, 0, WIDTH), "not what the leaves below it say"),
        (Tile(2, 0, 1), "not what the leaves below it say"),
    ],
)
def test_any_changed_tile_is_found(record: Path, tile: Tile, said: str) -> None:
    """A bit of it, or its length."""

    def fetch(path: str) -> bytes:
        data = (record / path).read_bytes()
        return data[:-1] + bytes([data[-1] ^ 1]) if path == tile.path else data

    with pytest.raises(InputError, match=said):
        inspect(fetch, public(LOG_KEYS))

    def cut(path: str) -> bytes:
        data = (record / path).read_bytes()
        return data[:-1] if path == tile.path else data

    with pytest.raises(InputError, match="another length"):
        inspect(cut, public(LOG_KEYS))
