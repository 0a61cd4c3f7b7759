"""A centre's record for tests: keys, checkpoints, logs that grow, are forked or put back."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from arasha.log.checkpoint import Checkpoint
from arasha.log.log import Log
from arasha.log.notes import Note
from arasha.log.record import Record, next_checkpoint, read_record
from arasha.log.signing import (
    LOG_ALGORITHMS,
    WITNESS_ALGORITHMS,
    Signer,
    Verifier,
    signed,
    signers,
)
from arasha.log.tiles import Tiles

ORIGIN = "centre.example/record"
WITNESS = "ombudsman.example/witness"
LOG_KEYS = signers(ORIGIN, LOG_ALGORITHMS, b"l" * 32)
WITNESS_KEYS = signers(WITNESS, WITNESS_ALGORITHMS, b"w" * 32)


def verifiers(keys: tuple[Signer, ...]) -> tuple[Verifier, ...]:
    """Their public halves."""
    return tuple(one.verifier for one in keys)


def leaf(number: int, salt: str = "") -> bytes:
    """A leaf of a made-up log; another salt is another log."""
    return sha256(f"{salt}{number}".encode()).digest()


def tiles_of_size(size: int, *, other_from: int | None = None) -> Tiles:
    """The tiles of a made-up log; from ``other_from`` on its leaves are others."""
    fork = size if other_from is None else other_from
    leaves = b"".join(leaf(i, "" if i < fork else "fork") for i in range(size))
    tiles = Tiles(lambda low, high: leaves[32 * low : 32 * high])
    tiles.grow(size)
    return tiles


def head_of(tiles: Tiles, size: int | None = None) -> Checkpoint:
    """The checkpoint of a made-up log."""
    size = tiles.size if size is None else size
    return Checkpoint(ORIGIN, size, tiles.root(size))


def note_of(tiles: Tiles, size: int | None = None, at_s: int = 1_700_000_000) -> Note:
    """The same, signed by the log."""
    return signed(head_of(tiles, size), LOG_KEYS, at_s)


def tiles_of_log(log: Log) -> Tiles:
    """The tiles of a real one, as it is."""
    tiles = Tiles(log.leaves)
    tiles.grow(log.size)
    return tiles


def record_of(log: Log) -> Record:
    """The record of a log that has one."""
    record = read_record(log, log.directory)
    assert record is not None
    return record


def checkpointed(log: Log, at_s: int = 1_700_000_000) -> Note:
    """Sign the log as it is, and keep that."""
    record = record_of(log)
    note = next_checkpoint(record, tiles_of_log(log), at_s)
    assert note is not None
    log.keep("record", record.with_note(note), instead_of=record.memory)
    return note


def files_of(directory: Path) -> dict[str, bytes]:
    """Every file below it, by its path."""
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }
