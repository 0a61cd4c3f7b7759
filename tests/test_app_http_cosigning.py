"""How the centre asks its witnesses, and what it takes from them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from arasha.app.http.cosigning import Cosigning
from arasha.app.http.journal import Journal
from arasha.log.notes import MAX_SIGNATURES, Note
from arasha.log.signing import opened
from arasha.log.tiles import Tiles
from arasha.log.trust import Trust, WitnessLine
from arasha.log.witness import Witness, make, written_request
from record_samples import (
    LOG_KEYS,
    WITNESS,
    WITNESS_KEYS,
    head_of,
    note_of,
    tiles_of_size,
    verifiers,
)
from recording_samples import Outside, witnessing
from test_log_witness import TRUSTED

BIG = tiles_of_size(600)


def trust_in(outside: Outside) -> Trust:
    """A centre's trust in the two keys of that witness."""
    outside.kill()
    witness = Witness.open(outside.directory)
    keys = witness.verifiers
    witness.close()
    return Trust(witnesses=tuple(
        WitnessLine(f"w{at}", key, outside.address) for at, key in enumerate(keys)
    ))  # fmt: skip


def cosigned(cosigning: Cosigning, tiles: Tiles, size: int) -> Note:
    """The checkpoint of that size, after its witnesses were asked."""

    async def prove(old: int, new: int) -> tuple[bytes, ...]:
        return tiles.consistency_proof(old, new)

    return asyncio.run(cosigning.cosigned(note_of(tiles, size), verifiers(LOG_KEYS), prove))


def test_it_goes_on_from_where_the_witness_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also one that knows nothing of it yet; the journal says what changes, once."""
    make(tmp_path / "w", WITNESS)
    (tmp_path / "w" / "trust").write_text(TRUSTED)
    with witnessing(tmp_path / "w") as outside:
        trust = trust_in(outside)
    port = int(outside.address.rpartition(":")[2])
    journal = Journal()
    with witnessing(tmp_path / "w", port):
        first = Cosigning(trust, journal)
        for size in (0, 300, 300, 600):
            note = cosigned(first, BIG, size)
            found = opened(note, verifiers(LOG_KEYS), trust.witness_keys)
            assert (2, 1) == (len(found.witnesses), first.good)
        second = Cosigning(trust, journal)  # a centre that was started again
        assert 4 == len(cosigned(second, BIG, 600).signatures)
        fork = tiles_of_size(700, other_from=400)
        assert 2 == len(cosigned(second, fork, 700).signatures)
        assert 2 == len(cosigned(second, fork, 600).signatures)
        older = Cosigning(trust, journal)
        assert 2 == len(cosigned(older, BIG, 500).signatures)
    assert 2 == len(cosigned(Cosigning(trust, journal), BIG, 600).signatures)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    results = [line["result"] for line in lines if line["event"] == "witness"]
    assert ["cosigned", "cosigned"] == results[:2]
    assert "does not begin with what it cosigned" in results[2]
    assert "another log of 600 entries under this name" in results[3]
    assert "an older copy of the log was put in its place" in results[4]
    assert "no answer: ConnectError" == results[5]


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def asked(serve: Serve) -> Note:
    """The checkpoint of BIG, after a witness that is served so was asked."""

    async def prove(old: int, new: int) -> tuple[bytes, ...]:
        return ()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    lines = tuple(WitnessLine(f"w{at}", key, f"http://127.0.0.1:{port}")
                  for at, key in enumerate(verifiers(WITNESS_KEYS)))  # fmt: skip
    cosigning = Cosigning(Trust(witnesses=lines), Journal())
    note = await cosigning.cosigned(note_of(BIG), verifiers(LOG_KEYS), prove)
    server.close()
    return note


def saying(answer: bytes) -> Serve:
    """A witness that says this, whatever it is asked."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(answer), answer))
        await writer.drain()
        writer.close()

    return serve


def test_a_lying_witness_adds_nothing() -> None:
    """Cosignatures by other keys, of other checkpoints, endless ones: none of them is taken."""
    wrong = "".join(key.sign(head_of(BIG, 9), 1).line for key in WITNESS_KEYS)
    stranger = "".join(one.line for one in note_of(BIG).signatures)
    for answer in (wrong.encode(), stranger.encode(), b"", b"nonsense", "— x y\n".encode() * 99_999,
                   written_request(0, (), note_of(BIG))):  # fmt: skip
        assert 2 == len(asyncio.run(asked(saying(answer))).signatures)


def test_what_a_witness_says_often_is_kept_once() -> None:
    """A note with more signatures than are read could never be read again."""
    often = WITNESS_KEYS[0].sign(head_of(BIG), 1).line * MAX_SIGNATURES
    note = asyncio.run(asked(saying(often.encode())))
    assert 3 == len(note.signatures)
    assert note == Note.parse(note.encoded)


def test_a_slow_witness_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that never is silent for long, and never ends, is given up like a silent one."""
    monkeypatch.setattr("arasha.app.http.cosigning.WITNESS_S", 0.5)

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        try:
            for _ in range(1000):
                writer.write(b"x")
                await asyncio.sleep(0.05)
        finally:
            writer.close()

    note = asyncio.run(asyncio.wait_for(asked(drip), 20))
    assert 2 == len(note.signatures)
    assert "no answer: TimeoutError" in capsys.readouterr().err
