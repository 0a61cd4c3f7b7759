"""A restored centre is the one that was backed up, or nothing is restored."""

from __future__ import annotations

import shutil
from pathlib import Path
from secrets import token_bytes

import apsw
import pytest

from arasha.cases.attachments import Attachments, Document
from arasha.engine.again import compare
from arasha.errors import (
    InputError,
    KeyDestroyed,
    LogDamaged,
    LogError,
    StoreError,
    UsageError,
)
from arasha.events.schema import Kind
from arasha.exchange.acts import entries_of
from arasha.keeping.backup import KeyringOrder, backup
from arasha.keeping.files import UNFINISHED
from arasha.keeping.keyring import Keyring, read
from arasha.keeping.restore import Restored, restore
from arasha.log.keys import KeyStore, Retention, period_named
from arasha.log.log import Log
from arasha.log.notes import Note
from arasha.log.record import begin, next_checkpoint, resume
from arasha.log.retire import periods
from arasha.log.verify import verify
from arasha.vault.database import Act
from arasha.vault.keys import Master
from exchange_samples import NOW_MS, acts_of_log
from keeping_samples import ALWAYS, LATELY, ONCE, bytes_of, centre, revealed, token
from killing import killed_at_each_step
from live_samples import payment, running
from log_samples import made
from record_samples import ORIGIN, checkpointed, record_of, tiles_of_log
from vault_samples import KEY, opened

WORDS = ("--before", "2026-06", "--reason", "the months have left every window", "--by", "clerk")
EVERYBODY = [*ONCE, *ALWAYS, *LATELY]
LATER_MS = 1_790_000_000_000


def backed_up(lived: Path, name: str = "b") -> Path:
    """A backup of the centre beside it, and the keyring beside that."""
    folder = lived.parent
    backup(lived, folder / name, made_at_ms=NOW_MS,
           order=KeyringOrder(folder / "keyring", Master(KEY)))  # fmt: skip
    return folder / name


def keyring_of(lived: Path) -> Keyring:
    return read(lived.parent / "keyring", Master(KEY))


def restored(of: Path, to: Path, keys: Keyring) -> Restored:
    return restore(of, to, keys, by="tests", now_ms=LATER_MS)


@pytest.fixture
def lived(tmp_path: Path) -> Path:
    """A centre that has lived through January and June."""
    return centre(tmp_path / "c", tmp_path)


def test_what_was_kept_is_there_again(lived: Path, tmp_path: Path) -> None:
    """The same tree and one entry more; the same identifiers; every decision judged the same."""
    done = restored(backed_up(lived), tmp_path / "again", keyring_of(lived))
    with Log.open(lived, writable=False) as log, Log.open(tmp_path / "again") as again:
        size = done.manifest.size
        assert (log.size, log.root()) == (size, again.root(size))
        assert size + 1 == again.size
    _, body = acts_of_log(tmp_path / "again")[-1]
    expected = {"change": "restored", "at_ms": LATER_MS, "by": "tests", "size": size,
                "root": done.manifest.root, "subjects_over": 0}  # fmt: skip
    assert expected == body
    assert EVERYBODY == revealed(tmp_path / "again", EVERYBODY)
    assert (0, ()) == (done.subjects_over, done.months_over)
    assert (11, 0) == (
        (found := compare(tmp_path / "again")).decisions, found.differing
    )  # fmt: skip
    assert not (tmp_path / "again" / "keys" / "master.key").exists()


def test_its_record_signs_nothing_until_it_is_proven(lived: Path, tmp_path: Path) -> None:
    """The key is in the keyring; what was signed after the backup is not known to it."""
    with Log.open(lived) as log:
        begin(log, lived, ORIGIN)
        checkpointed(log)
        assert not backed_up(lived).joinpath("keys").exists()
        published = checkpointed_later(log)
    restored(lived.parent / "b", tmp_path / "again", keyring_of(lived))
    with Log.open(tmp_path / "again") as again:
        record = record_of(again)
        tiles = tiles_of_log(again)
        assert not record.is_known
        with pytest.raises(LogError, match="put back from a backup"):
            next_checkpoint(record, tiles, 0)
        with pytest.raises(LogDamaged, match="not what was published of it"):
            resume(again, record, published, tiles)
        assert record.verifiers == record_of(again).verifiers


def test_documents_of_cases_are_there_again(lived: Path, tmp_path: Path) -> None:
    """Under the keys of the keyring, and not without them."""
    document = Document.of(b"%PDF-1.7 a contract")
    assert document is not None
    with Log.open(lived, writable=False) as log:
        acts = [row.period for row in log.periods() if row.retention is Retention.ACTS]
    kept = Attachments.open(lived, KeyStore(lived), token_bytes)
    kept.keep("c1", document, acts[-1])
    kept.close()
    backed = backed_up(lived)
    stolen = shutil.copytree(backed, tmp_path / "stolen")
    with pytest.raises(KeyDestroyed):
        Attachments.open(stolen, KeyStore(stolen), token_bytes).read("c1", document.sha256)
    restored(backed, tmp_path / "again", keyring_of(lived))
    again = Attachments.open(tmp_path / "again", KeyStore(tmp_path / "again"), token_bytes)
    assert document == again.read("c1", document.sha256)
    again.close()


def checkpointed_later(log: Log) -> Note:
    """A checkpoint of an entry that no backup has."""
    log.append(entries_of([Act(0, Kind.RIGHTS, b"{}")], log.last_known_at_ms))
    return checkpointed(log)


def test_it_answers_as_before_and_goes_on(lived: Path, tmp_path: Path) -> None:
    """A payment asked again is known; a new one is judged; the vault takes on new subjects."""
    restored(backed_up(lived), tmp_path / "again", keyring_of(lived))
    with running(lived) as before:
        old = before.answer(payment("jan-0", payer_account=ONCE[0], payee_account=ALWAYS[0]))
    with running(tmp_path / "again") as service:
        same = service.answer(payment("jan-0", payer_account=ONCE[0], payee_account=ALWAYS[0]))
        assert old.verdict is not None
        assert same.verdict is not None
        assert (old.seq, old.verdict.action, old.verdict.score) == (
            same.seq, same.verdict.action, same.verdict.score
        )  # fmt: skip
        assert service.answer(payment("new")).seq > same.seq
    vault = opened(tmp_path / "again")
    assert 6 == len(vault)
    vault.close()


def test_acts_that_waited_wait_again(lived: Path, tmp_path: Path) -> None:
    """A reveal that no log had yet is there, with its number, and the budget it was part of."""
    assert [ONCE[0]] == revealed(lived, ONCE[:1])
    restored(backed_up(lived), tmp_path / "again", keyring_of(lived))
    before, after = opened(lived), opened(tmp_path / "again")
    assert before.database.waiting() == after.database.waiting() != []
    assert 1 == len(after.database.rows("SELECT * FROM reveals"))
    before.close()
    after.close()
    assert [ONCE[1]] == revealed(tmp_path / "again", ONCE[1:2])
    numbers = [act.number for act in opened(tmp_path / "again").database.waiting()]
    assert [1, 2] == numbers


def test_what_was_retired_since_stays_gone(lived: Path, tmp_path: Path) -> None:
    """From a backup of before, with the keyring of after: neither the month's facts nor those whom
    only it knew come back, and nothing of them is in any file. All else does, and is judged.
    """
    from arasha.app.main import main

    older, (key,) = backed_up(lived), lived.glob("keys/facts-2026-01.key")
    secret = key.read_bytes()
    assert 0 == main(["log", "retire", str(lived), *WORDS])
    backed_up(lived, "b2")
    assert secret not in (tmp_path / "keyring").read_bytes()
    done = restored(older, tmp_path / "again", keyring_of(lived))
    assert (3, ("facts-2026-01",)) == (done.subjects_over, done.months_over)
    assert [None, None, None, *ALWAYS, *LATELY] == revealed(tmp_path / "again", EVERYBODY)
    assert [("2026-01", True)] == [
        (p.month, p.retired) for p in periods(tmp_path / "again") if not p.has_key
    ]
    everything = bytes_of(tmp_path / "again") + bytes_of(older) + bytes_of(tmp_path / "b2")
    for canary in ONCE:
        assert canary.encode() not in everything
        assert token(canary) not in everything
    assert verify(tmp_path / "again").ok
    assert 0 == compare(tmp_path / "again").differing
    with running(tmp_path / "again") as service:
        assert service.answer(payment("new")).verdict is not None
    done = restored(tmp_path / "b2", tmp_path / "later", keyring_of(lived))
    assert (0, ()) == (done.subjects_over, done.months_over)
    assert [None, None, None, *ALWAYS, *LATELY] == revealed(tmp_path / "later", EVERYBODY)
    assert 0 == compare(tmp_path / "later").differing


def test_after_a_rotation_older_backups_open_under_the_older_key(lived: Path) -> None:
    """Who destroys the old master key ends the identifiers in every older backup."""
    older, keys = backed_up(lived), keyring_of(lived)
    vault = opened(lived)
    vault.rotate(Master(b"n" * 32), by="o")
    vault.close()
    backup(lived, lived.parent / "b2", made_at_ms=NOW_MS,
           order=KeyringOrder(lived.parent / "keyring", Master(b"n" * 32)))  # fmt: skip
    with pytest.raises(InputError, match="under another master key"):
        keyring_of(lived)
    newer = read(lived.parent / "keyring", Master(b"n" * 32))
    restored(lived.parent / "b2", lived.parent / "new", newer)
    assert EVERYBODY == revealed(lived.parent / "new", EVERYBODY, b"n" * 32)
    restored(older, lived.parent / "old", newer)
    assert keys.keys == newer.keys
    with pytest.raises(StoreError, match="another master key"):
        revealed(lived.parent / "old", EVERYBODY, b"n" * 32)
    assert EVERYBODY == revealed(lived.parent / "old", EVERYBODY)


def test_nothing_is_overwritten_and_keys_must_fit(lived: Path, tmp_path: Path) -> None:
    """Each refusal says why; nothing is left in the place."""
    of, keys = backed_up(lived), keyring_of(lived)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    with pytest.raises(UsageError, match="something in this place"):
        restored(of, tmp_path / "full", keys)
    with pytest.raises(UsageError, match="there is no backup here"):
        restored(tmp_path / "full", tmp_path / "again", keys)
    other = Keyring("0" * 64, keys.size, (), keys.keys)
    with pytest.raises(UsageError, match="of another log"):
        restored(of, tmp_path / "again", other)
    less = {name: key for name, key in keys.keys.items() if name != "facts-2026-06"}
    with pytest.raises(KeyDestroyed, match="lacks the facts of 2026-06"):
        restored(of, tmp_path / "again", Keyring(keys.log, 3, (), less))
    wrong = keys.keys | {"acts-2026-06": b"w" * 32}
    with pytest.raises(LogDamaged, match="or the keyring is not its own"):
        restored(of, tmp_path / "again", Keyring(keys.log, keys.size, (), wrong))
    assert not (tmp_path / "again").exists()
    assert not list(tmp_path.glob(f"*{UNFINISHED}"))
    (tmp_path / "again").mkdir()
    restored(of, tmp_path / "again", keys)
    assert period_named("2026-06")


def test_a_flipped_bit_anywhere_is_found(lived: Path, tmp_path: Path) -> None:
    """In each byte of the small files and in every 97th of the large: nothing is restored."""
    of, keys = backed_up(lived), keyring_of(lived)
    flips = 0
    for path in sorted(of.iterdir()):
        data = path.read_bytes()
        for at in range(0, len(data), 1 if len(data) < 2_000 else 97):
            path.write_bytes(data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :])
            with pytest.raises((LogDamaged, UsageError)):
                restored(of, tmp_path / "again", keys)
            flips += 1
        for cut in (b"", data[:-1], data + b"\0"):
            path.write_bytes(cut)
            with pytest.raises((LogDamaged, UsageError)):
                restored(of, tmp_path / "again", keys)
        path.unlink()
        with pytest.raises((LogDamaged, UsageError)):
            restored(of, tmp_path / "again", keys)
        path.write_bytes(data)
    assert flips > 2_000
    (of / "more").touch()
    with pytest.raises(LogDamaged, match="does not belong to the backup"):
        restored(of, tmp_path / "again", keys)
    (of / "more").unlink()
    restored(of, tmp_path / "again", keys)


def test_a_consistent_forgery_is_found_too(tmp_path: Path) -> None:
    """Sums and manifest made to match another log of the same name: the tree is not the noted one,
    or the entries are not authentic.
    """
    from arasha.keeping import manifest
    from arasha.keeping.files import hash_of

    lived = made(tmp_path / "log")
    of, keys = backed_up(lived), keyring_of(lived)
    told = manifest.checked(of, lambda _bytes: None)
    log = of / "log.sqlite"
    db = apsw.Connection(str(log))
    [[sealed]] = db.execute("SELECT facts FROM frames ORDER BY first_seq LIMIT 1")
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    db.execute("UPDATE frames SET facts = ? WHERE facts = ?", (changed, sealed))
    db.close()
    (of / manifest.MANIFEST_FILE).unlink()
    (of / manifest.SUMS_FILE).unlink()
    part = manifest.Part(log.name, log.stat().st_size, hash_of(log, lambda _bytes: None))
    forged = manifest.Manifest(told.version, told.log, told.size, told.root,
                               told.last_known_at_ms, 0, 0, None, (part,))  # fmt: skip
    manifest.write(of, forged)
    with pytest.raises(LogDamaged):
        restored(of, tmp_path / "again", keys)
    assert not (tmp_path / "again").exists()


WORK = """
from pathlib import Path
from arasha.keeping.keyring import read
from arasha.keeping.restore import restore
from arasha.vault.keys import Master
from vault_samples import KEY

def prepare(directory, of, keyring):
    pass

def work(directory, of, keyring):
    restore(Path(of), directory / "again", read(Path(keyring), Master(KEY)), by="x", now_ms=1)
"""


@pytest.mark.parametrize("every", [83, pytest.param(1, marks=pytest.mark.slow)])
def test_kill_9_at_each_step_leaves_a_whole_centre_or_none(
    lived: Path, tmp_path: Path, every: int
) -> None:
    """What bears the name is whole; after a death the next attempt succeeds."""
    of, whole = backed_up(lived), []
    killed = killed_at_each_step(WORK, tmp_path / "killed", of, tmp_path / "keyring", every=every)
    for _, directory in killed:
        again = directory / "again"
        whole.append(again.exists())
        if not again.exists():
            restored(of, again, keyring_of(lived))
        assert verify(again).ok
        assert EVERYBODY == revealed(again, EVERYBODY)
        assert not list(directory.glob(f"*{UNFINISHED}"))
        shutil.rmtree(again)
    assert sorted(whole) == whole
    assert {False, True} == set(whole)
