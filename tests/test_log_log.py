"""What the log promises, whichever database it is in: order, time, one commit, each fact once."""

from __future__ import annotations

import threading
from pathlib import Path

import apsw
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arasha.errors import KeyDestroyed, LogBusy, LogDamaged, LogError, LogVersionError
from arasha.events.body import bodies_from, pack_facts, unpack_facts
from arasha.events.columns import concatenate
from arasha.events.decisions import pack_decisions, unpack_decisions
from arasha.events.schema import MISSING, Kind
from arasha.log import merkle
from arasha.log.log import Entries, Log
from log_samples import (
    APRIL_MS,
    DAY_MS,
    created,
    decisions,
    judged,
    keep,
    made,
    opened,
    payments,
)


def test_an_empty_log_says_so(directory: Path) -> None:
    """Size 0, the root of no leaves, a time below every time, nothing to read."""
    with created(directory) as log:
        assert (0, MISSING, None) == (log.size, log.last_known_at_ms, log.progress())
        assert merkle.Frontier().root() == log.root()
        assert [] == list(log.read())


def test_entries_come_back_as_they_were(directory: Path) -> None:
    """Across batches, frames, months and a restart: same order, times, bodies."""
    sizes, at = (1, 5000, 3, 40), 0
    with created(directory) as log:
        for i, n in enumerate(sizes):
            assert 2 * at == keep(log, n, at, APRIL_MS + i * 20 * DAY_MS)
            at += n
        root = log.root()
    facts = concatenate([payments(n, sum(sizes[:i])) for i, n in enumerate(sizes)])
    with opened(directory) as log:
        assert (2 * at, root) == (log.size, log.root())
        assert APRIL_MS + 60 * DAY_MS == log.last_known_at_ms
        seq = 0
        for frame in log.read():
            assert seq == frame.first_seq
            rows = np.arange(0, len(frame), 2)
            assert pack_facts(facts.take(rows // 2 + seq // 2)).data.tolist() == (
                frame.bodies.take(rows).data.tolist()
            )
            made_there = unpack_decisions(frame.bodies.take(rows + 1))
            assert (rows + seq).tolist() == made_there.subject_seq.tolist()
            seq += len(frame)
        assert log.size == seq


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=8),
    st.integers(0, 300),
    st.integers(0, 300),
)
def test_any_part_can_be_read(sizes: list[int], start: int, stop: int) -> None:
    """``read(a, b)`` gives entries a up to b, whatever the commits were."""
    import tempfile

    with tempfile.TemporaryDirectory() as directory, Log.create(Path(directory) / "log") as log:
        at = 0
        for i, n in enumerate(sizes):
            keep(log, n, at, APRIL_MS + i * 9 * DAY_MS)
            at += n
        seqs = [frame.first_seq + i for frame in log.read(start, stop) for i in range(len(frame))]
        assert list(range(log.size))[start:stop] == seqs


def test_small_frames_are_read_together(directory: Path) -> None:
    """A thousand live commits come back in frames of thousands."""
    with created(directory) as log:
        for i in range(100):
            keep(log, 1, i)
        assert [200] == [len(frame) for frame in log.read()]


def test_asked_twice_answered_once(directory: Path) -> None:
    """A repeated fact names the first, in the log or the batch; other content is a conflict."""
    with created(directory) as log:
        keep(log, 10, 0)
    for _ in range(2):
        with opened(directory) as log:
            batch = concatenate(
                [
                    payments(2, 8),  # known, same content
                    payments(2, 10),  # new
                    payments(1, 4, amount=5),  # known, other amount
                    payments(1, 11),  # repeats row 3
                    payments(1, 10, amount=7),  # repeats row 2 with another amount
                    payments(1, 3, sender="OTHER"),  # another sender's p-3
                ]
            )
            said = log.admit(batch)
            f, t = False, True
            assert [f, f, t, t, f, f, f, t] == said.fresh.tolist()
            assert [16, 18, -1, -1, 8, -1, -1, -1] == said.first_seq.tolist()
            assert [-1, -1, -1, -1, -1, 3, 2, -1] == said.first_row.tolist()
            assert [f, f, f, f, t, f, t, f] == said.conflict.tolist()


def test_what_the_log_holds_cannot_be_appended_again(directory: Path) -> None:
    """An append of what was not admitted is a broken invariant and keeps nothing."""
    with created(directory) as log:
        keep(log, 3, 0)
        entries = judged(log, payments(3, 2), APRIL_MS)
        with pytest.raises(AssertionError, match="admit it first"):
            log.append(entries)
        twice = judged(log, concatenate([payments(1, 9), payments(1, 9)]), APRIL_MS)
        with pytest.raises(AssertionError, match="admit it first"):
            log.append(twice)
        assert 6 == log.size
        assert 6 == keep(log, 3, 3)


def test_time_does_not_fall(directory: Path) -> None:
    """Neither below the log's time nor within a batch."""
    with created(directory) as log:
        keep(log, 1, 0, APRIL_MS + 5)
        with pytest.raises(AssertionError, match="must not fall"):
            keep(log, 1, 1, APRIL_MS + 4)
        with pytest.raises(AssertionError, match="must not fall"):
            keep(log, 2, 1, np.array([APRIL_MS + 7, APRIL_MS + 6]))
        assert 2 == keep(log, 2, 1, np.array([APRIL_MS + 5, APRIL_MS + 6]))


def test_a_batch_over_two_months_is_encrypted_under_both(directory: Path) -> None:
    """Each entry's key is that of its own month."""
    times = APRIL_MS + np.array([0, 29, 30, 60, 61]) * DAY_MS
    with created(directory) as log:
        keep(log, 5, 0, times)
        months = [(row.first_seq, row.retention.word, row.period % 12 + 1) for row in log.periods()]
    assert [
        (0, "facts", 4), (0, "acts", 4), (4, "facts", 5), (4, "acts", 5), (8, "facts", 6),
        (8, "acts", 6),
    ] == months  # fmt: skip
    names = sorted(path.name for path in (directory / "keys").iterdir())
    assert 6 == len(names)
    assert "acts-2018-04.key" == names[0]
    assert {0o600} == {path.stat().st_mode & 0o777 for path in (directory / "keys").iterdir()}


def test_progress_moves_with_the_entries(directory: Path) -> None:
    """It is of the last commit that gave one, also one without entries, also after a restart."""
    with created(directory) as log:
        entries = judged(log, payments(1), APRIL_MS)
        log.append(entries, b"row 1")
        keep(log, 1, 1)
        assert b"row 1" == log.progress()
        nothing = Entries(
            np.zeros(0, np.uint8), np.zeros(0, np.int64), bodies_from([]),
            np.zeros((0, 2), np.uint64),
        )  # fmt: skip
        assert 4 == log.append(nothing, b"row 9")
    with opened(directory, writable=False) as log:
        assert (4, b"row 9") == (log.size, log.progress())


def test_one_writer_many_readers(directory: Path) -> None:
    """A second writer is told so; a reader sees what is committed, and more after refresh."""
    with created(directory) as log:
        keep(log, 2, 0)
        with pytest.raises(LogBusy, match="another process is writing"):
            opened(directory)
        with opened(directory, writable=False) as reader:
            keep(log, 3, 2)
            assert 4 == sum(map(len, reader.read()))
            reader.refresh()
            assert 10 == sum(map(len, reader.read()))
            with pytest.raises(LogError, match="for reading only"):
                reader.admit(payments(1))
    opened(directory).close()


def test_appending_from_another_thread_than_opened_it(directory: Path) -> None:
    """One thread at a time is enough; which one does not matter."""
    with created(directory) as log:
        thread = threading.Thread(target=keep, args=(log, 2, 0))
        thread.start()
        thread.join()
        assert 4 == log.size


def test_other_files_are_refused(tmp_path: Path) -> None:
    """No log, another program's database, rubbish, another version: each has its own words."""
    with pytest.raises(LogError, match="no log here"):
        Log.open(tmp_path)
    path = tmp_path / "log.sqlite"
    path.write_bytes(b"x" * 5000)
    with pytest.raises(LogDamaged, match="is no log"):
        Log.open(tmp_path)
    path.unlink()
    db = apsw.Connection(str(path))
    db.execute("CREATE TABLE t (a)")
    with pytest.raises(LogVersionError, match="no log of Arasha"):
        Log.open(tmp_path)
    db.pragma("application_id", 0x41524153)
    db.pragma("user_version", 7)
    db.close()
    with pytest.raises(LogVersionError, match="another version") as error:
        Log.open(tmp_path)
    assert ("version 1", "version 7") == (error.value.expected, error.value.found)
    with pytest.raises(LogError, match="a log here already"):
        Log.create(tmp_path)


def test_a_lost_key_is_not_replaced(tmp_path: Path) -> None:
    """Without its key a month is neither read nor written on under a new one."""
    log_path = made(tmp_path / "log")
    (log_path / "keys" / "facts-2018-05.key").unlink()
    with pytest.raises(KeyDestroyed, match="can no longer be read"):
        Log.open(log_path)
    with Log.open(log_path, writable=False) as log:
        with pytest.raises(KeyDestroyed):
            list(log.read())
        readable = np.concatenate([frame.readable for frame in log.read(missing="skip")])
        assert 120 == readable.sum()


def test_a_changed_body_is_not_handed_out(tmp_path: Path) -> None:
    """Reading checks the tag: a changed ciphertext is LogDamaged, never another body."""
    log_path = made(tmp_path / "log")
    with apsw.Connection(str(log_path / "log.sqlite")) as db:
        db.execute("UPDATE frames SET acts = CAST(acts || x'00' AS BLOB) WHERE first_seq = 12")
    with Log.open(log_path) as log, pytest.raises(LogDamaged, match="not what was written"):
        list(log.read())


def test_a_lost_tail_is_noticed_at_once(tmp_path: Path) -> None:
    """Opening compares the last frame with the head."""
    log_path = made(tmp_path / "log")
    with apsw.Connection(str(log_path / "log.sqlite")) as db:
        db.execute("DELETE FROM frames WHERE first_seq = 132")
    with pytest.raises(LogDamaged, match="end is not where its head says") as error:
        Log.open(log_path)
    assert ("144 entries", "132 entries") == (error.value.expected, error.value.found)


def test_proofs_of_the_log_convince(directory: Path) -> None:
    """Inclusion and consistency proofs from stored leaves are accepted against noted roots."""
    with created(directory) as log:
        keep(log, 7, 0)
        old_size, old_root = log.size, log.root()
        keep(log, 30, 7)
        assert old_root == log.root(old_size)
        for seq in (0, 13, 14, 73):
            proof = log.inclusion_proof(seq)
            assert merkle.check_inclusion(log.leaf(seq), seq, log.size, proof, log.root())
        proof = log.consistency_proof(old_size)
        assert merkle.check_consistency(old_size, log.size, old_root, log.root(), proof)


def test_classes_are_read_apart(directory: Path) -> None:
    """Asking for facts only leaves decisions closed, and the other way round."""
    from arasha.log.keys import Retention

    with created(directory) as log:
        keep(log, 3, 0)
        (frame,) = log.read(classes=(Retention.FACTS,))
        assert [True, False] * 3 == frame.readable.tolist()
        rows = np.flatnonzero(frame.readable)
        assert ["p-0", "p-1", "p-2"] == unpack_facts(
            frame.kinds[rows], frame.bodies.take(rows)
        ).ids  # fmt: skip
        (frame,) = log.read(classes=(Retention.ACTS,))
        assert pack_decisions(decisions(np.array([0, 2, 4]))).data.tolist() == (
            frame.bodies.data.tolist()
        )


def test_bodies_on_the_disk_are_not_plain(tmp_path: Path) -> None:
    """No id, no amount, no token of a payment can be found in the files."""
    facts = payments(1, 77_777_777, amount=123_456_789)
    with Log.create(tmp_path) as log:
        log.append(judged(log, facts, APRIL_MS))
        files = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    body = pack_facts(facts)[0]
    assert b"p-77777777" in body
    assert b"p-77777777" not in files
    assert facts.symbols["payer_account"].tobytes() in body
    assert facts.symbols["payer_account"].tobytes() not in files
    assert body[10:18] not in files


def test_the_sample_has_payments_and_decisions() -> None:
    """The kinds the tests rely on."""
    assert (1, 32) == (Kind.PAYMENT, Kind.DECISION)


def test_a_fact_is_found_by_its_name_and_entries_by_their_kind(directory: Path) -> None:
    """By sender and id, -1 for none; kinds stand in plain headers, also after a reopen."""
    with created(directory, created_at_ms=0) as log:
        assert [] == log.places(Kind.PAYMENT)
        keep(log, 3, 0)
        keep(log, 2, 3)
        assert [0, 2, 4, 6, 8, -1] == [log.seq_of("BANKKZKA", f"p-{i}") for i in range(6)]
        assert -1 == log.seq_of("OTHERBNK", "p-1")
    with opened(directory, writable=False) as log:
        assert [1, 3, 5, 7, 9] == log.places(Kind.DECISION)
        assert [] == log.places(Kind.POLICY)
        with pytest.raises(LogError, match="opened for reading only"):
            log.seq_of("BANKKZKA", "p-1")


def test_kinds_are_told_without_a_key(tmp_path: Path) -> None:
    """Of any stretch, from the plain headers, whether or not the bodies can be read."""
    directory = made(tmp_path / "log")
    with Log.open(directory) as log:
        whole = np.concatenate([frame.kinds for frame in log.read()])
    for key in (directory / "keys").glob("*-20*.key"):
        key.unlink()
    with Log.open(directory, writable=False) as log:
        for start, stop in ((0, log.size), (0, 0), (7, 8), (11, 13), (47, 97), (5, log.size)):
            assert whole[start:stop].tolist() == log.kinds(start, stop).tolist()
