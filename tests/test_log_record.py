"""What a log signs of itself, and that nothing it signs contradicts what it signed before."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from arasha.errors import InputError, LogDamaged, LogError, LogTaken, UsageError
from arasha.log.checkpoint import Checkpoint
from arasha.log.driver import is_shared
from arasha.log.log import Log
from arasha.log.notes import MAX_SIGNATURES, Note, Signature
from arasha.log.record import (
    RECORD,
    add_key,
    begin,
    end_keys,
    forget_memory,
    key_files,
    next_checkpoint,
    read_record,
    resume,
)
from arasha.log.signing import opened as opened_note
from arasha.log.signing import signed
from killing import killed_at_each_step
from log_samples import created, keep, opened, shared_of
from record_samples import LOG_KEYS, ORIGIN, checkpointed, record_of, tiles_of_log


def test_a_log_signs_as_it_grows(directory: Path) -> None:
    """Each size once; every later checkpoint begins with every earlier one."""
    with created(directory) as log:
        assert read_record(log, directory) is None
        begin(log, directory, ORIGIN)
        notes = [checkpointed(log)]
        for i in range(3):
            keep(log, 2, 2 * i)
            notes.append(checkpointed(log, 1_700_000_000 + i))
            assert next_checkpoint(record_of(log), tiles_of_log(log), 0) is None
    with opened(directory, writable=False) as log:
        record = record_of(log)
        heads = [opened_note(note, record.verifiers).checkpoint for note in notes]
        assert [(0, ORIGIN), (4, ORIGIN), (8, ORIGIN), (12, ORIGIN)] == [
            (head.size, head.origin) for head in heads
        ]
        assert [log.root(head.size) for head in heads] == [head.root for head in heads]
        assert record.last is not None
        assert notes[-1] == record.last.note


def test_a_log_that_was_changed_signs_nothing(directory: Path) -> None:
    """Neither a shorter one, nor one with another entry, nor one whose memory is another's."""
    with created(directory) as log:
        begin(log, directory, ORIGIN)
        keep(log, 3, 0)
        record = record_of(log)
        for size, root, said in (
            (7, bytes(32), "shorter than what was published"),
            (4, bytes(32), "not what was published of it"),
        ):
            forged = signed(Checkpoint(ORIGIN, size, root), record.keys, 0)
            before = record_of(log)
            log.keep(RECORD, record.with_note(forged), instead_of=before.memory)
            with pytest.raises(LogDamaged, match=said):
                next_checkpoint(record_of(log), tiles_of_log(log), 0)
        stranger = signed(Checkpoint(ORIGIN, 2, bytes(32)), LOG_KEYS, 0)
        log.keep(RECORD, record.with_note(stranger), instead_of=record_of(log).memory)
        with pytest.raises(InputError, match="did not sign"):
            record_of(log)


def test_what_cannot_be_read_again_is_not_kept(directory: Path) -> None:
    """More signatures than a note that is read may have would end the record."""
    with created(directory) as log:
        begin(log, directory, ORIGIN)
        note = checkpointed(log)
        record = record_of(log)
        strangers = tuple(Signature("w.example", at, b"x") for at in range(MAX_SIGNATURES))
        with pytest.raises(InputError, match="no signed note"):
            record.with_note(note.signed_by(strangers))
        assert record.memory == record.with_note(note)


def test_two_do_not_keep_in_each_others_place(directory: Path) -> None:
    """What was read is what is replaced; a reader keeps nothing."""
    with created(directory) as log:
        begin(log, directory, ORIGIN)
        stale = record_of(log)
        keep(log, 1, 0)
        checkpointed(log)
        with pytest.raises(LogTaken, match="not what it was"):
            log.keep(RECORD, b"other", instead_of=stale.memory)
        with pytest.raises(LogTaken, match="not what it was"):
            log.keep(RECORD, b"other", instead_of=None)
        assert stale.memory != record_of(log).memory
        with opened(directory, writable=False) as reader, pytest.raises(LogError, match="reading"):
            reader.keep(RECORD, b"other", instead_of=reader.kept(RECORD))


def test_a_machine_that_takes_over_goes_on(directory: Path) -> None:
    """The one before it can keep nothing more, and its last checkpoint is known."""
    writer = created(directory)
    begin(writer, directory, ORIGIN)
    keep(writer, 2, 0)
    note = checkpointed(writer)
    follower = Log.follow(directory, shared=shared_of(directory))
    writer.close()
    follower.promote()
    with follower:
        last = record_of(follower).last
        assert last is not None
        assert note == last.note
        keep(follower, 2, 2)
        later = Checkpoint.parse(checkpointed(follower).text)
        assert 8 == later.size


def test_after_a_restore_nothing_is_signed_until_it_is_proven(directory: Path) -> None:
    """The last published checkpoint lets the log go on; one of lost entries does not."""
    with created(directory) as log:
        begin(log, directory, ORIGIN)
        keep(log, 2, 0)
        published = checkpointed(log)
        record = record_of(log)
        assert forget_memory(log)
        with pytest.raises(LogError, match="put back from a backup"):
            next_checkpoint(record_of(log), tiles_of_log(log), 0)
        lost = signed(Checkpoint(ORIGIN, 9, bytes(32)), record.keys, 0)
        with pytest.raises(LogDamaged, match="shorter"):
            resume(log, record_of(log), lost, tiles_of_log(log))
        with pytest.raises(InputError, match="did not sign"):
            resume(log, record_of(log), signed(Checkpoint(ORIGIN, 1, bytes(32)), LOG_KEYS, 0),
                   tiles_of_log(log))  # fmt: skip
        resume(log, record_of(log), published, tiles_of_log(log))
        keep(log, 1, 2)
        assert 6 == Checkpoint.parse(checkpointed(log).text).size
        with pytest.raises(UsageError, match="or of a later one"):
            resume(log, record_of(log), published, tiles_of_log(log))


def test_after_a_restore_no_older_checkpoint_will_do(directory: Path) -> None:
    """What the backup knew to be published is the least; the same and later ones are taken."""
    with created(directory) as log:
        begin(log, directory, ORIGIN)
        keep(log, 2, 0)
        older = checkpointed(log)
        keep(log, 2, 2)
        known = checkpointed(log)
        assert forget_memory(log)
        assert forget_memory(log)  # restored twice
        assert record_of(log).last is None
        with pytest.raises(UsageError, match="backup itself knew of a later"):
            resume(log, record_of(log), older, tiles_of_log(log))
        add_key(directory)
        with pytest.raises(UsageError, match="newest key has signed no checkpoint"):
            end_keys(log, record_of(log), directory)
        resume(log, record_of(log), known, tiles_of_log(log))
        last = record_of(log).last
        assert last is not None
        assert known == last.note


def test_a_log_without_a_record_forgets_nothing(directory: Path) -> None:
    """A restore of a centre that publishes nothing."""
    with created(directory) as log:
        assert not forget_memory(log)
        assert log.kept(RECORD) is None


def test_another_name_is_another_record(directory: Path) -> None:
    """With another key; what the first one signed binds it no more."""
    with created(directory) as log:
        first = begin(log, directory, ORIGIN)
        keep(log, 2, 0)
        checkpointed(log)
        with pytest.raises(UsageError, match="name already"):
            begin(log, directory, ORIGIN)
        with pytest.raises(UsageError, match="cannot have this name"):
            begin(log, directory, "two words")
        second = begin(log, directory, f"{ORIGIN}-2")
        assert 1 == len(key_files(directory))
        assert not {one.public for one in first.verifiers} & {
            one.public for one in second.verifiers
        }
        note = checkpointed(log)
        assert f"{ORIGIN}-2" == opened_note(note, second.verifiers).checkpoint.origin


def test_a_key_is_rotated_in_two_steps(directory: Path) -> None:
    """Both sign for a while; the old one is destroyed and its checkpoints still count."""
    with created(directory) as log:
        old = begin(log, directory, ORIGIN).verifiers
        keep(log, 1, 0)
        checkpointed(log)
        add_key(directory)
        assert record_of(log).last is not None  # signed by the old key alone
        keep(log, 1, 1)
        note = checkpointed(log)
        new = record_of(log).verifiers[2:]
        assert 2 == len(new)
        for trusted in (old, new):
            assert 4 == opened_note(note, trusted).checkpoint.size
        end_keys(log, record_of(log), directory)
        assert 1 == len(key_files(directory))
        assert new == record_of(log).verifiers
        keep(log, 1, 2)
        with pytest.raises(InputError, match="did not sign"):
            opened_note(checkpointed(log), old)


def test_the_key_is_its_owners_alone(tmp_path: Path) -> None:
    """Mode 0600; one that others may read, that is cut short, or that is gone is refused."""
    directory = tmp_path / "log"
    with created(directory) as log:
        begin(log, directory, ORIGIN)
        [path] = key_files(directory)
        assert 0o600 == path.stat().st_mode & 0o777
        path.chmod(0o640)
        with pytest.raises(UsageError, match="other users"):
            record_of(log)
        path.chmod(0o600)
        secret = path.read_bytes()
        path.write_bytes(secret[:-1])
        with pytest.raises(InputError, match="no key of a record"):
            record_of(log)
        path.unlink()
        with pytest.raises(LogError, match="key is not here"):
            record_of(log)


def test_an_older_copy_of_the_whole_directory_shows_in_what_was_published(tmp_path: Path) -> None:
    """The memory is as old as the log; the published checkpoint is not."""
    directory, copy = tmp_path / "log", tmp_path / "copy"
    with created(directory) as log:
        begin(log, directory, ORIGIN)
        keep(log, 2, 0)
        checkpointed(log)
    shutil.copytree(directory, copy)
    with opened(directory) as log:
        keep(log, 2, 2)
        published = checkpointed(log)
    with opened(copy) as log, pytest.raises(LogDamaged, match="shorter"):
        resume(log, record_of(log), Note.parse(published.encoded), tiles_of_log(log))


def test_the_memory_is_where_the_log_is(directory: Path) -> None:
    """In the database, where there is one: another machine finds it there."""
    with created(directory) as log:
        begin(log, directory, ORIGIN)
    found = b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())
    assert is_shared(directory) is (ORIGIN.encode() not in found)


WORK = """
from log_samples import created, keep
from record_samples import ORIGIN, checkpointed
from arasha.log.log import Log
from arasha.log.record import begin
def prepare(directory):
    with created(directory / "log") as log:
        begin(log, directory / "log", ORIGIN)
        keep(log, 2, 0)
        checkpointed(log)
        keep(log, 2, 2)
def work(directory):
    with Log.open(directory / "log") as log:
        note = checkpointed(log)
    with open(directory / "shown", "wb") as file:
        file.write(note.encoded)
"""


@pytest.mark.slow
def test_killed_at_any_step_it_has_kept_what_it_showed(tmp_path: Path) -> None:
    """Kill -9 at each statement and file: the memory is the old one or the new one, whole."""
    sizes = set()
    for _, directory in killed_at_each_step(WORK, tmp_path / "killed"):
        with opened(directory / "log") as log:
            last = record_of(log).last
            assert last is not None
            sizes.add(last.checkpoint.size)
            if (shown := directory / "shown").exists() and shown.read_bytes():
                assert shown.read_bytes() == last.note.encoded
            keep(log, 1, 9)
            checkpointed(log)
    assert {4, 8} == sizes


WORK_BEGIN = """
from log_samples import created
from record_samples import ORIGIN, checkpointed
from arasha.log.log import Log
from arasha.log.record import begin
def prepare(directory):
    with created(directory / "log") as log:
        begin(log, directory / "log", ORIGIN)
        checkpointed(log)
def work(directory):
    with Log.open(directory / "log") as log:
        begin(log, directory / "log", ORIGIN + "-2")
"""


@pytest.mark.slow
def test_killed_while_it_begins_anew_it_signs_under_one_name(tmp_path: Path) -> None:
    """The old name with its memory, or the new one with none: never the old one without."""
    seen = set()
    for _, directory in killed_at_each_step(WORK_BEGIN, tmp_path / "killed"):
        with opened(directory / "log") as log:
            record = record_of(log)
            seen.add((record.origin, record.last is None))
    assert {(ORIGIN, False), (f"{ORIGIN}-2", True)} == seen
