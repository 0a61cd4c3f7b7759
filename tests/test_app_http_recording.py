"""The public record of a real service, with a real witness: what is shown, and what is refused."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import apsw
import pytest

from arasha.app.http.recording import CHECKPOINT_S
from arasha.errors import InputError
from arasha.log.driver import LOG_FILE
from arasha.log.log import Log
from arasha.log.merkle import Frontier
from arasha.log.monitor import inspect
from arasha.log.signing import Opened
from arasha.log.tiles import Tile, tiles_of
from arasha.log.trust import load_trust
from record_samples import ORIGIN
from recording_samples import (
    Outside,
    policy_in,
    recorded_centre,
    seen,
    shown,
    trust_of,
    witnessing,
)
from service_samples import Served, paying, serving


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, str]:
    """A centre with a record, and a witness, in the folder."""
    return recorded_centre(tmp_path)


@pytest.fixture
def outside(tmp_path: Path, keys: dict[str, str]) -> Iterator[Outside]:
    """The witness, which runs."""
    with witnessing(tmp_path / "w") as running:
        yield running


def judged(served: Served, *names: str) -> None:
    """Payments that were judged: the log has grown."""
    with served.client() as client:
        for name in names:
            client.judge(paying(name))


def test_it_is_signed_cosigned_and_served(
    tmp_path: Path, keys: dict[str, str], outside: Outside
) -> None:
    """As the log grows; each tile leads to the root; caches are told how long."""
    trust = trust_of(tmp_path, outside)
    with serving(
        tmp_path / "centre", policy_in(tmp_path), "--witnesses", str(trust), keys=keys
    ) as served:
        first = shown(served, trust)
        judged(served, *(f"p-{i}" for i in range(140)))
        later = shown(served, trust, size=first.checkpoint.size + 280)
        assert ORIGIN == later.checkpoint.origin
        assert (2, 2) == (len(later.log), len(later.witnesses))

        def fetch(path: str) -> bytes:
            return served.request("GET", f"/record/{path}", name=None).content

        known = load_trust(trust)
        found = inspect(fetch, known.logs, known.witness_keys)
        assert known.is_enough(found)
        leaves = b"".join(fetch(one.path) for one in tiles_of(found.checkpoint.size)
                          if one.level == 0)  # fmt: skip
        assert Frontier().extended(leaves).root() == found.checkpoint.root
        checkpoint = served.request("GET", "/record/checkpoint", name=None)
        assert ("text/plain; charset=utf-8", "public, max-age=5") == (
            checkpoint.headers["content-type"], checkpoint.headers["cache-control"],
        )  # fmt: skip
        tile = served.request("GET", f"/record/{Tile(0, 0, 256).path}", name=None)
        assert "application/octet-stream" == tile.headers["content-type"]
        assert "immutable" in tile.headers["cache-control"]
        assert (tmp_path / "keys").read_bytes() == fetch("keys")
        for path in ("tile/0/001", "tile/0/000.p/0", "tile/9/000.p/1", "tile/entries/000", "", "x"):
            assert 404 == served.request("GET", f"/record/{path}", name=None).status_code
        assert 405 == served.request("POST", "/record/checkpoint", b"", name=None).status_code
        assert 0 == served.stop()
    with serving(tmp_path / "centre", None, keys=keys) as served:  # nobody is asked any more
        again = shown(served, trust)
        assert again.checkpoint.size >= later.checkpoint.size


def test_a_centre_without_a_record_shows_none(tmp_path: Path) -> None:
    """And says so; nothing is signed for it."""
    from service_samples import participant

    keys = {"BANKKZKA": participant(tmp_path / "centre", "BANKKZKA")}
    with serving(tmp_path / "centre", policy_in(tmp_path), keys=keys) as served:
        response = served.request("GET", "/record/checkpoint", name=None)
        assert (404, True) == (response.status_code, "no public record" in response.text)


@pytest.mark.slow
def test_killed_it_goes_on_from_what_it_had_shown(
    tmp_path: Path, keys: dict[str, str], outside: Outside
) -> None:
    """Kill -9 of the centre and of the witness: what was shown stands, and the next adds to it."""
    trust = trust_of(tmp_path, outside)
    policy = policy_in(tmp_path)
    before: list[Opened] = []
    with ExitStack() as witnesses:
        for turn in range(3):
            with serving(
                tmp_path / "centre", policy, "--witnesses", str(trust), keys=keys
            ) as served:
                size = before[-1].checkpoint.size if before else 0
                judged(served, f"p-{turn}")
                before.append(shown(served, trust, size=size + 2))
                served.kill()
            if turn == 1:
                outside.kill()
                port = int(outside.address.rpartition(":")[2])
                witnesses.enter_context(witnessing(tmp_path / "w", port))
    with Log.open(tmp_path / "centre", writable=False) as log:
        for found in before:
            assert log.root(found.checkpoint.size) == found.checkpoint.root


def test_a_silent_witness_keeps_nobody_waiting(
    tmp_path: Path, keys: dict[str, str], outside: Outside
) -> None:
    """The record is shown without it, and with it as soon as it answers again."""
    trust = trust_of(tmp_path, outside)
    outside.kill()
    with serving(
        tmp_path / "centre", policy_in(tmp_path), "--witnesses", str(trust), keys=keys
    ) as served:
        alone = shown(served, trust, by=())
        assert "no answer: ConnectError" in said(served, "no answer")
        with witnessing(tmp_path / "w", int(outside.address.rpartition(":")[2])):
            found = shown(served, trust)
            assert found.checkpoint.size >= alone.checkpoint.size


def test_an_older_copy_of_the_log_is_refused(
    tmp_path: Path, keys: dict[str, str], outside: Outside
) -> None:
    """Put in the log's place as a whole, memory and all: the witness has seen more."""
    trust = trust_of(tmp_path, outside)
    policy = policy_in(tmp_path)
    shutil.copytree(tmp_path / "centre", tmp_path / "older")
    with serving(tmp_path / "centre", policy, "--witnesses", str(trust), keys=keys) as served:
        judged(served, "p-1", "p-2")
        published = shown(served, trust, size=5)
        assert 0 == served.stop()
    shutil.rmtree(tmp_path / "centre")
    (tmp_path / "older").rename(tmp_path / "centre")
    with serving(tmp_path / "centre", policy, "--witnesses", str(trust), keys=keys) as served:
        words = said(served, "an older copy of the log was put in its place")
        assert f"has cosigned {published.checkpoint.size} entries of this log" in words
        assert "--overrule" in words
        judged(served, "p-3")
        time.sleep(CHECKPOINT_S * 1.5)
        assert seen(served, load_trust(trust)) is None, "nothing is signed or shown"


@pytest.mark.slow
def test_a_forked_log_is_refused(tmp_path: Path, keys: dict[str, str], outside: Outside) -> None:
    """Another view of the same log, shown to somebody else, that has grown beyond the first."""
    trust = trust_of(tmp_path, outside)
    policy = policy_in(tmp_path)
    shutil.copytree(tmp_path / "centre", tmp_path / "fork")
    with serving(tmp_path / "centre", policy, "--witnesses", str(trust), keys=keys) as served:
        judged(served, "p-1")
        shown(served, trust, size=3)
        assert 0 == served.stop()
    with serving(tmp_path / "fork", policy, "--witnesses", str(trust), keys=keys) as served:
        judged(served, *(f"other-{i}" for i in range(20)))
        time.sleep(CHECKPOINT_S)
        said(served, "does not begin with what it cosigned")
        found = seen(served, load_trust(trust))
        assert found is not None
        assert () == found.witnessed_by
    evidence = [path.read_text() for path in (tmp_path / "w" / "evidence").iterdir()]
    assert any(ORIGIN in one for one in evidence)


def test_an_entry_that_was_changed_stops_the_record(
    tmp_path: Path, keys: dict[str, str], outside: Outside
) -> None:
    """A leaf was rewritten below what was signed: nothing more is, and the words say what is."""
    trust = trust_of(tmp_path, outside)
    policy = policy_in(tmp_path)
    with serving(tmp_path / "centre", policy, "--witnesses", str(trust), keys=keys) as served:
        judged(served, "p-1")
        shown(served, trust, size=3)
        assert 0 == served.stop()
    change_a_leaf(tmp_path / "centre")
    with serving(tmp_path / "centre", policy, "--witnesses", str(trust), keys=keys) as served:
        words = said(served, "leaves in the log do not lead to its root")
        assert "arasha log verify" in words


def test_a_tile_that_was_changed_is_found_from_outside(
    tmp_path: Path, keys: dict[str, str], outside: Outside
) -> None:
    """By whoever has the log's key and nothing else."""
    trust = load_trust(trust_of(tmp_path, outside))
    with serving(tmp_path / "centre", policy_in(tmp_path), keys=keys) as served:
        judged(served, "p-1")
        shown(served, tmp_path / "trust", size=3, by=())

        def fetch(path: str) -> bytes:
            data = served.request("GET", f"/record/{path}", name=None).content
            return data if not path.startswith("tile/0") else bytes([data[0] ^ 1]) + data[1:]

        with pytest.raises(InputError, match="do not lead to the root that was signed"):
            inspect(fetch, trust.logs)


def test_a_key_that_cannot_be_read_is_said_and_tried_again(
    tmp_path: Path, keys: dict[str, str], outside: Outside
) -> None:
    """The disk gives no key: the journal says so once, payments go on, and so does the record as
    soon as the disk does.
    """
    trust = trust_of(tmp_path, outside)
    key, away = tmp_path / "centre" / "keys" / "record-1.key", tmp_path / "away"
    with serving(tmp_path / "centre", policy_in(tmp_path), keys=keys) as served:
        before = shown(served, trust, by=())
        key.rename(away)
        key.mkdir()  # reading it is an OSError, as of a disk that fails
        judged(served, "p-1")
        text = said(served, '"event": "record"')
        time.sleep(CHECKPOINT_S * 1.5)
        assert "IsADirectoryError" in text
        assert 1 == served.journal.read_text().count("IsADirectoryError")
        stale = seen(served, load_trust(trust))
        assert stale is not None
        assert before.checkpoint == stale.checkpoint, "what was shown stays"
        key.rmdir()
        away.rename(key)
        assert (
            before.checkpoint.size
            < shown(served, trust, size=before.checkpoint.size + 2, by=()).checkpoint.size
        )
        assert "goes on" in said(served, "goes on")
        assert 0 == served.stop()


def said(served: Served, part: str) -> str:
    """The journal, as soon as it says that."""
    end = time.monotonic() + 60
    while part not in (text := served.journal.read_text()):
        assert time.monotonic() < end, text
        time.sleep(0.1)
    return text


def change_a_leaf(directory: Path) -> None:
    """Flip a bit of the first entry's leaf, under the log's feet."""
    db = apsw.Connection(str(directory / LOG_FILE))
    [[leaves]] = db.execute("SELECT leaves FROM frames WHERE first_seq = 0").fetchall()
    assert isinstance(leaves, bytes)
    changed = bytes([leaves[0] ^ 1]) + leaves[1:]
    db.execute("UPDATE frames SET leaves = ? WHERE first_seq = 0", (changed,))
    db.close()
