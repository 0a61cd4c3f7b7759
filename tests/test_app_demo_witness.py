"""The witness beside a demonstration: a process of its own, which is over when it is alone."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import httpx
import pytest

from arasha.app.demo.witness import END_S, NAME, Witness
from arasha.log import record
from arasha.log.log import Log
from arasha.log.record import Record


@pytest.fixture
def begun(tmp_path: Path) -> Record:
    """The record of a log that is empty yet."""
    with Log.create(tmp_path / "centre", created_at_ms=0) as log:
        return record.begin(log, tmp_path / "centre", "centre.example/record")


def test_it_listens_under_its_keys_and_is_ended(tmp_path: Path, begun: Record) -> None:
    """Whom the service is to ask are those who answer there; closed, nobody does."""
    with closing(Witness(tmp_path)) as witness:
        witness.look_after(begun)
        trust = witness.trust()
        [(address, keys)] = trust.witness_urls().items()
        assert {NAME} == {one.name for one in keys}
        told = httpx.get(f"{address}/keys", timeout=30).text
        assert [one.text for one in keys] == told.split()
        assert f"log {begun.verifiers[0].text}\n" in (tmp_path / "witness/trust").read_text()
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{address}/keys", timeout=30)


def test_it_outlives_nobody_who_was_killed(tmp_path: Path, begun: Record) -> None:
    """When the other end of its pipe is gone it stops by itself, and in order."""
    with closing(Witness(tmp_path)) as witness:
        witness.look_after(begun)
        witness.trust()
        assert witness.process is not None
        assert witness.process.stdin is not None
        witness.process.stdin.close()
        assert 0 == witness.process.wait(END_S)
        assert "" == (tmp_path / "witness/said.txt").read_text()


def test_one_that_cannot_begin_says_why(tmp_path: Path, begun: Record) -> None:
    """Not after a minute: as soon as its process has ended."""
    with closing(Witness(tmp_path)) as witness:
        (tmp_path / "witness").mkdir()
        (tmp_path / "witness/lock").mkdir()  # its lock cannot be taken
        witness.look_after(begun)
        with pytest.raises(RuntimeError, match=r"(?s)the witness has not begun: .*lock"):
            witness.trust()


def test_without_a_log_there_is_none(tmp_path: Path) -> None:
    """Nothing was made, and nothing is to be ended."""
    with closing(Witness(tmp_path)):
        pass
    assert [] == list(tmp_path.iterdir())
