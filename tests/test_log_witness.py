"""A witness cosigns what only adds to what it cosigned before, and nothing else, ever."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arasha.errors import LogBusy, LogDamaged, LogFull, UsageError
from arasha.log.checkpoint import Checkpoint
from arasha.log.notes import Note
from arasha.log.signing import opened, signed
from arasha.log.tiles import Tiles
from arasha.log.witness import (
    Answer,
    Witness,
    make,
    read_cosignatures,
    read_identity,
    written_request,
)
from killing import killed_at_each_step
from record_samples import LOG_KEYS, ORIGIN, WITNESS, head_of, note_of, tiles_of_size, verifiers

TRUSTED = "".join(f"log {one.text}\n" for one in verifiers(LOG_KEYS))
BIG = tiles_of_size(600)
FORK = tiles_of_size(600, other_from=250)


def witness_in(directory: Path) -> Witness:
    """A witness that looks after the made-up log."""
    if not (directory / "name").exists():
        make(directory, WITNESS)
        (directory / "trust").write_text(TRUSTED)
    return Witness.open(directory)


def ask(witness: Witness, old: int, size: int, tiles: Tiles = BIG, at_s: int = 7) -> Answer:
    """Ask for the checkpoint of that size, as a log that knows ``old`` does."""
    proof = tiles.consistency_proof(old, size) if old <= size else ()
    return witness.add_checkpoint(written_request(old, proof, note_of(tiles, size)), at_s)


def test_it_cosigns_what_grows(tmp_path: Path) -> None:
    """With both keys, as of the time it was asked; the same size again, too."""
    witness = witness_in(tmp_path / "w")
    before = 0
    for size in (0, 1, 256, 256, 257, 600):
        answer = ask(witness, before, size, at_s=size)
        assert 200 == answer.status
        note = note_of(BIG, size).signed_by(read_cosignatures(answer.text))
        found = opened(note, verifiers(LOG_KEYS), witness.verifiers)
        assert [size, size] == [one.at_s for one in found.witnesses]
        assert head_of(BIG, size) == witness.last(ORIGIN)
        before = size
    witness.close()


def test_each_refusal_has_its_status(tmp_path: Path) -> None:
    """In the order of the specification; none of them changes what is remembered."""
    witness = witness_in(tmp_path / "w")
    assert 200 == ask(witness, 0, 300).status
    stranger = signed(Checkpoint("other.example", 1, bytes(32)), LOG_KEYS, 0)
    forged = Note(head_of(BIG, 400).text, note_of(BIG, 300).signatures)
    refused = {
        "no request": (witness.add_checkpoint(b"nonsense", 0), 400),
        "no hash": (witness.add_checkpoint(b"old 0\nAAAA\n\n" + note_of(BIG).encoded, 0), 400),
        "zeros": (witness.add_checkpoint(b"old 00\n\n" + note_of(BIG).encoded, 0), 400),
        "unknown": (witness.add_checkpoint(written_request(0, (), stranger), 0), 404),
        "not signed": (witness.add_checkpoint(written_request(300, (), forged), 0), 403),
        "old is newer": (ask(witness, 301, 300), 400),
        "another old": (ask(witness, 0, 400), 409),
        "rolled back": (ask(witness, 299, 299), 409),
        "no proof": (witness.add_checkpoint(written_request(300, (), note_of(BIG, 400)), 0), 422),
        "a fork": (ask(witness, 300, 400, FORK), 422),
        "a fork of this size": (ask(witness, 300, 300, FORK), 409),
    }
    assert {name: status for name, (_, status) in refused.items()} == {
        name: answer.status for name, (answer, _) in refused.items()
    }
    for name in ("another old", "rolled back", "a fork of this size"):
        assert ("text/x.tlog.size", "300\n", 300) == (
            refused[name][0].media, refused[name][0].text, refused[name][0].size,
        )  # fmt: skip
    assert head_of(BIG, 300) == witness.last(ORIGIN)
    assert "not proven that 400 entries" in refused["a fork"][0].text
    witness.close()


def test_a_checkpoint_that_not_every_key_signs_is_refused(tmp_path: Path) -> None:
    """Of a log that is trusted by Ed25519 alone, with a line behind its root: ML-DSA signs none."""
    witness = witness_in(tmp_path / "w")
    witness.close()
    (tmp_path / "w" / "trust").write_text(f"log {LOG_KEYS[0].verifier.text}\n")
    witness = Witness.open(tmp_path / "w")
    extended = Checkpoint(ORIGIN, 300, BIG.root(300), ("a line",))
    note = signed(extended, LOG_KEYS[:1], 0)
    answer = witness.add_checkpoint(written_request(0, (), note), 7)
    assert 400 == answer.status
    assert witness.last(ORIGIN) is None
    assert 200 == ask(witness, 0, 300).status
    witness.close()


def test_a_contradiction_is_kept_with_the_logs_signature(tmp_path: Path) -> None:
    """Two views of one size, signed by the log itself; an asker that was only late is no proof."""
    witness = witness_in(tmp_path / "w")
    ask(witness, 0, 300)
    ask(witness, 0, 400)
    assert not (tmp_path / "w" / "evidence").exists()
    ask(witness, 300, 400, FORK)  # whoever asks without proof contradicts nothing
    witness.add_checkpoint(written_request(300, (), note_of(BIG, 400)), 7)
    assert not (tmp_path / "w" / "evidence").exists()
    ask(witness, 300, 300, FORK)
    [path] = (tmp_path / "w" / "evidence").iterdir()
    told = path.read_text()
    assert head_of(BIG, 300).text in told
    assert head_of(FORK, 300).text in told
    before = told.removeprefix("cosigned before:\n").partition("\nsigned by the log since:")[0]
    assert head_of(BIG, 300) == opened(Note.parse(before.encode()), verifiers(LOG_KEYS)).checkpoint
    signed_since = told.partition("signed by the log since:\n")[2].encode()
    assert 300 == opened(Note.parse(signed_since), verifiers(LOG_KEYS)).checkpoint.size
    witness.close()


def test_evidence_that_cannot_be_kept_is_in_nobodys_way(tmp_path: Path) -> None:
    """The refusal is answered all the same."""
    witness = witness_in(tmp_path / "w")
    ask(witness, 0, 300)
    (tmp_path / "w" / "evidence").write_text("no directory")
    assert 409 == ask(witness, 300, 300, FORK).status
    witness.close()


def test_a_memory_without_signatures_is_read(tmp_path: Path) -> None:
    """As witnesses of earlier versions kept it; the next one has the log's signature."""
    witness = witness_in(tmp_path / "w")
    ask(witness, 0, 256)
    [path] = (tmp_path / "w" / "seen").iterdir()
    path.write_text(head_of(BIG, 256).text)
    assert head_of(BIG, 256) == witness.last(ORIGIN)
    assert 200 == ask(witness, 256, 300).status
    kept = opened(Note.parse(path.read_bytes()), verifiers(LOG_KEYS))
    assert head_of(BIG, 300) == kept.checkpoint
    witness.close()


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(st.sampled_from([BIG, FORK]), st.integers(0, 600), st.integers(0, 600),
                  st.booleans()),
        max_size=12,
    )
)  # fmt: skip
def test_no_order_of_requests_makes_it_contradict_itself(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[Tiles, int, int, bool]]
) -> None:
    """Whatever a log that lies asks for, and however often the witness is started again."""
    directory = tmp_path_factory.mktemp("w") / "w"
    witness = witness_in(directory)
    cosigned: list[Checkpoint] = []
    for tiles, old, size, honest in steps:
        last = witness.last(ORIGIN)
        known = 0 if last is None else last.size
        if ask(witness, known if honest else old, size, tiles).status == 200:
            cosigned.append(head_of(tiles, size))
        witness.close()
        witness = witness_in(directory)
    witness.close()
    sizes = [one.size for one in cosigned]
    assert sorted(sizes) == sizes
    assert any(
        all(one.root == tiles.root(one.size) for one in cosigned) for tiles in (BIG, FORK)
    )  # fmt: skip


WORK = """
import json
from test_log_witness import BIG, ask, witness_in
def prepare(directory):
    witness = witness_in(directory / "w")
    ask(witness, 0, 257)
    witness.close()
def work(directory):
    witness = witness_in(directory / "w")
    answer = ask(witness, 257, 600)
    os.write(os.open(str(directory / "answered"), os.O_CREAT | os.O_WRONLY), answer.text.encode())
"""


def test_killed_at_any_step_it_has_kept_what_it_cosigned(tmp_path: Path) -> None:
    """Kill -9 at each file opened or named: no cosignature is out that is not remembered."""
    sizes = set()
    for _, directory in killed_at_each_step(WORK, tmp_path / "killed"):
        witness = Witness.open(directory / "w")
        last = witness.last(ORIGIN)
        assert last is not None
        sizes.add(last.size)
        if (directory / "answered").exists():
            assert 600 == last.size
        assert 409 == ask(witness, last.size, last.size, FORK).status
        witness.close()
    assert {257, 600} == sizes


def test_what_cannot_be_kept_is_not_cosigned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk; a memory that somebody damaged or exchanged."""
    witness = witness_in(tmp_path / "w")
    ask(witness, 0, 256)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(LogFull):
            ask(witness, 256, 300)
    assert head_of(BIG, 256) == witness.last(ORIGIN)
    [path] = (tmp_path / "w" / "seen").iterdir()
    for damaged in ("", "x", Checkpoint("other", 0, bytes(32)).text):
        path.write_text(damaged)
        with pytest.raises(LogDamaged, match="can no longer be read"):
            ask(witness, 256, 300)
    witness.close()


def test_one_process_is_one_witness(tmp_path: Path) -> None:
    """Made once, under a name that a key may have; a second process is refused."""
    with pytest.raises(UsageError, match="cannot have this name"):
        make(tmp_path / "w", "two words")
    with pytest.raises(UsageError, match="no witness here"):
        Witness.open(tmp_path / "w")
    witness = witness_in(tmp_path / "w")
    with pytest.raises(LogBusy, match="two would cosign apart"):
        Witness.open(tmp_path / "w")
    with pytest.raises(UsageError, match="a witness here already"):
        make(tmp_path / "w", WITNESS)
    witness.close()
    assert witness.verifiers == make(tmp_path / "other", WITNESS)[:0] + witness.verifiers
    (tmp_path / "w" / "keys" / "witness.key").chmod(0o644)
    with pytest.raises(UsageError, match="mode 0600"):
        read_identity(tmp_path / "w")
