"""A witness over HTTP, a real process: statuses, media types, bounds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from arasha.log.signing import opened
from arasha.log.witness import MAX_REQUEST_BYTES, make, read_cosignatures, written_request
from record_samples import LOG_KEYS, WITNESS, note_of, tiles_of_size, verifiers
from recording_samples import Outside, witnessing
from test_log_witness import TRUSTED

BIG = tiles_of_size(300)


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    """A witness of a made-up log."""
    make(tmp_path / "w", WITNESS)
    (tmp_path / "w" / "trust").write_text(TRUSTED)
    with witnessing(tmp_path / "w") as running:
        yield running


def test_it_answers_as_the_specification_says(outside: Outside) -> None:
    """Cosignatures, its size, refusals; the same after kill -9."""
    keys = httpx.get(f"{outside.address}/keys")
    assert 2 == keys.text.count(WITNESS)

    def post(old: int, size: int) -> httpx.Response:
        body = written_request(old, BIG.consistency_proof(old, size), note_of(BIG, size))
        return httpx.post(f"{outside.address}/add-checkpoint", content=body)

    answer = post(0, 299)
    assert 200 == answer.status_code
    note = note_of(BIG, 299).signed_by(read_cosignatures(answer.text))
    assert 2 == len(opened(note, verifiers(LOG_KEYS), ()).note.signatures) - 2
    late = post(0, 300)
    assert (409, "299\n", "text/x.tlog.size") == (
        late.status_code, late.text, late.headers["content-type"],
    )  # fmt: skip
    assert 400 == httpx.post(f"{outside.address}/add-checkpoint", content=b"x").status_code
    assert 404 == httpx.get(f"{outside.address}/other").status_code
    assert 405 == httpx.get(f"{outside.address}/add-checkpoint").status_code
    assert (
        413
        == httpx.post(
            f"{outside.address}/add-checkpoint", content=bytes(MAX_REQUEST_BYTES + 1)
        ).status_code
    )
    outside.kill()
    with witnessing(outside.directory) as again:
        body = written_request(0, (), note_of(BIG, 300))
        told = httpx.post(f"{again.address}/add-checkpoint", content=body)
        assert (409, "299\n") == (told.status_code, told.text)
    assert "400" in (outside.directory / "said").read_text()


def test_what_it_cannot_keep_ends_it(outside: Outside) -> None:
    """A memory that was damaged: it cosigns nothing, says so, and stops."""
    body = written_request(0, (), note_of(BIG, 300))
    assert 200 == httpx.post(f"{outside.address}/add-checkpoint", content=body).status_code
    [seen] = (outside.directory / "seen").iterdir()
    seen.write_text("")
    assert 500 == httpx.post(f"{outside.address}/add-checkpoint", content=body).status_code
    assert 1 == outside.process.wait(timeout=60)
    assert "can no longer be read" in (outside.directory / "said").read_text()
