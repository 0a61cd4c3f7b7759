"""Who is ended, what is left of them, and what a crash in the middle leaves."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import apsw
import numpy as np
import pytest

from arasha.errors import StoreError, SubjectErased
from arasha.events.schema import Kind
from arasha.events.symbols import symbols_of
from arasha.testing.disk import Disk, Fault, layer
from arasha.vault.driver import Tables
from arasha.vault.ending import NEVER, Roll, end
from arasha.vault.keys import Master
from arasha.vault.subjects import VAULT_FILE, Vault, open_database
from exchange_samples import Clock, told
from vault_samples import KEY, OFFICER, REASON, accounts, held, opened

SUBJECTS = accounts(20)
MAY, JUNE = 24_316, 24_317


def filled(directory: Path) -> Path:
    """Twenty subjects in batches of 3, 1, 9 and 7."""
    vault, start = opened(directory), 0
    for n in (3, 1, 9, 7):
        vault.keep(SUBJECTS[start : start + n])
        start += n
    vault.close()
    return directory


def roll_of(database: Tables, lately: set[int], before: set[int] = frozenset()) -> Roll:  # type: ignore[assignment]  # a constant
    """A roll on which May mentions ``before`` and June ``lately``."""
    roll = Roll(database)
    roll.mention(MAY, symbols_of([SUBJECTS[i].token for i in sorted(before)] + [bytes(16)]))
    roll.mention(JUNE, symbols_of([SUBJECTS[i].token for i in sorted(lately)] + [b"x" * 16]))
    return roll


def end_all_but(directory: Path, lately: set[int], before: set[int] = frozenset()) -> int:  # type: ignore[assignment]  # a constant
    database = open_database(directory)
    ended = end(database, roll_of(database, lately, before), JUNE, at_ms=5, month="2026-05")
    database.close()
    return ended


def test_the_roll_knows_the_last_month(tmp_path: Path) -> None:
    """Mentioned twice counts as the later; unknown tokens and the unknown party are passed over."""
    database = open_database(filled(tmp_path))
    roll = roll_of(database, {1, 2}, {0, 1})
    assert [MAY, JUNE, JUNE, *[NEVER] * 17] == roll.last.tolist()
    database.close()


def test_whose_months_are_over_is_gone_without_a_trace(tmp_path: Path) -> None:
    """Token, wrapped key and ciphertext are in no file any more; the others are as they were."""
    directory = filled(tmp_path)
    with apsw.Connection(str(directory / VAULT_FILE)) as db:
        rows: list[Any] = db.execute(
            "SELECT tokens, wrapped, sealed FROM batches ORDER BY first"
        ).fetchall()
    assert 16 == end_all_but(directory, {0, 5, 6, 19}, {1})
    files = b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())
    for i in set(range(20)) - {0, 5, 6, 19}:
        assert SUBJECTS[i].token not in files
    assert rows[1][1] not in files  # the batch of one: its key and ciphertext
    assert rows[1][2] not in files
    assert rows[0][1][48:96] not in files  # the second of the batch of three
    assert rows[0][1][:48] in files
    vault = opened(directory)
    assert 4 == len(vault)
    assert ["account-0", "account-5", "account-6", "account-19"] == held(
        vault, [SUBJECTS[i] for i in (0, 5, 6, 19)]
    )
    with pytest.raises(SubjectErased):
        vault.reveal(SUBJECTS[1].token, by="o", roles=OFFICER, reason=REASON)
    vault.close()


def test_the_act_says_how_many_and_nobody(tmp_path: Path) -> None:
    """No token, no number of a subject; the second time there is nothing to say."""
    directory = filled(tmp_path)
    assert 18 == end_all_but(directory, {0, 7})
    assert 0 == end_all_but(directory, {0, 7})
    database = open_database(directory)
    [act] = database.waiting()
    expected = {"file": "vault", "number": 1, "at_ms": 5, "month": "2026-05", "subjects": 18}
    assert (Kind.ERASED, expected) == (act.kind, told([act])[0])
    database.close()


def test_it_is_the_same_in_either_database(directory: Path) -> None:
    """In a file and in PostgreSQL: who is over is gone, whoever has the vault open sees it, an act
    waits, and it is done once.
    """
    vault = opened(filled(directory))
    assert 17 == end_all_but(directory, {0, 5, 19})
    assert 0 == end_all_but(directory, {0, 5, 19})
    with pytest.raises(SubjectErased):
        vault.reveal(SUBJECTS[7].token, by="o", roles=OFFICER, reason=REASON)
    assert ["account-0", "account-5", "account-19"] == held(
        vault, [SUBJECTS[i] for i in (0, 5, 19)]
    )
    assert [17] == [body["subjects"] for body in told(vault.database.waiting()[:1])]
    assert 17 == vault.keep(SUBJECTS)
    vault.close()


def test_empty_batches_go_and_numbers_are_not_given_again(tmp_path: Path) -> None:
    """The last batch stays, though empty: the next subject gets the next number."""
    directory = filled(tmp_path)
    assert 20 == end_all_but(directory, set())
    with apsw.Connection(str(directory / VAULT_FILE)) as db:
        assert [(13, 7)] == db.execute("SELECT first, count FROM batches").fetchall()
    vault = opened(directory)
    assert (0, 20) == (len(vault), vault.keep(SUBJECTS))
    with apsw.Connection(str(directory / VAULT_FILE)) as db:
        assert [(13, 7), (20, 20)] == db.execute("SELECT first, count FROM batches").fetchall()
    assert ["account-3"] == held(vault, SUBJECTS[3:4])
    vault.close()


def test_another_process_sees_who_ended(tmp_path: Path) -> None:
    """A vault that is open forgets them at its next step; those who come again are new."""
    vault = opened(filled(tmp_path))
    vault.erase(SUBJECTS[0].token, by="o", roles=OFFICER, reason=REASON)
    end_all_but(tmp_path, {4, 5})
    with pytest.raises(SubjectErased):
        vault.reveal(SUBJECTS[7].token, by="o", roles=OFFICER, reason=REASON)
    assert 2 == len(vault)
    assert 3 == vault.keep(SUBJECTS[:5][:3] + SUBJECTS[4:5])
    assert 5 == len(vault)
    vault.erase(SUBJECTS[4].token, by="o", roles=OFFICER, reason=REASON)
    vault.close()
    assert 4 == len(opened(tmp_path))


def test_what_was_kept_meanwhile_stays(tmp_path: Path) -> None:
    """Who came after the roll was drawn up is on none, and is not touched."""
    database = open_database(filled(tmp_path))
    roll = roll_of(database, set())
    newer = accounts(2, 90)
    vault = opened(tmp_path)
    vault.keep(newer)
    assert 20 == end(database, roll, JUNE, at_ms=5, month="2026-05")
    assert ["account-90", "account-91"] == held(vault, newer)
    vault.close()
    database.close()


def test_rotation_passes_over_what_is_gone(tmp_path: Path) -> None:
    """Gaps and zeros are wrapped under no key."""
    end_all_but(filled(tmp_path), {4, 19})
    vault = opened(tmp_path)
    assert 2 == vault.rotate(Master(b"n" * 32), by="o")
    assert ["account-4", "account-19"] == held(vault, [SUBJECTS[4], SUBJECTS[19]])
    vault.close()


@pytest.mark.parametrize("fault", ["fail", "full", "cut", "torn"])
def test_a_fault_at_each_operation(tmp_path: Path, fault: Fault) -> None:
    """All ended, or nobody; done again it is done. Of the survivors none is lost."""
    sound = Disk()
    _ended_on(filled(tmp_path / "sound"), sound)
    for n in range(len(sound.seen)):
        directory, disk = filled(tmp_path / str(n)), Disk(n, fault)
        said = _ended_on(directory, disk)
        if fault in ("cut", "torn"):
            disk.lose(Random(n))
        vault = opened(directory)
        assert len(vault) in ((2,) if said else (2, 20))
        vault.close()
        end_all_but(directory, {4, 19})
        vault = opened(directory)
        assert (2, ["account-4", "account-19"]) == (
            len(vault), held(vault, [SUBJECTS[4], SUBJECTS[19]])
        )  # fmt: skip
        vault.close()
        assert not (directory / f"{VAULT_FILE}-wal").read_bytes().count(SUBJECTS[7].token)


def _ended_on(directory: Path, disk: Disk) -> bool:
    """End all but two on that disk; whether that was acknowledged."""
    with layer(disk) as vfs:
        try:
            database = open_database(directory, vfs=vfs)
        except StoreError:
            return False
        try:
            end(database, roll_of(database, {4, 19}), JUNE, at_ms=5, month="2026-05")
        except StoreError:
            return False
        finally:
            database.close()
    return True


ROTATING = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from arasha.errors import StoreError
from arasha.vault.keys import Master
from vault_samples import opened
vault = opened(Path(sys.argv[1]), key=sys.argv[3].encode() * 32)
print("open", flush=True)
vault.rotate(Master(sys.argv[4].encode() * 32), by="o")
print("rotated", flush=True)
"""


@pytest.mark.parametrize("times", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_kill_9_in_a_rotation_leaves_one_key_and_all_subjects(tmp_path: Path, times: int) -> None:
    """Whenever it is killed: exactly one of the two keys opens the vault, and all of it."""
    subjects = accounts(6_000)
    vault = opened(tmp_path)
    for start in range(0, 6_000, 50):
        vault.keep(subjects[start : start + 50])
    vault.close()
    chance, key = Random(5), "m"
    for _ in range(times):
        other = "n" if key == "m" else "m"
        child = subprocess.Popen(
            [sys.executable, "-c", ROTATING, str(tmp_path), str(Path(__file__).parent), key, other],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert child.stdout is not None
        assert "open\n" == child.stdout.readline()
        try:
            child.wait(chance.uniform(0, 0.12))
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
        said = child.stdout.read()
        child.stdout.close()
        child.wait()
        opens = [k for k in ("m", "n") if _opens(tmp_path, k)]
        assert 1 == len(opens)
        assert opens == [other] or "rotated" not in said
        [key] = opens
        vault = opened(tmp_path, key=key.encode() * 32)
        sample = subjects[::600]
        assert [one.identifier for one in sample] == [
            vault.reveal(one.token, by=f"{key}{i}", roles=OFFICER, reason=REASON)
            for i, one in enumerate(sample)
        ]
        vault.database.rows("DELETE FROM reveals")
        vault.close()


def _opens(directory: Path, key: str) -> bool:
    try:
        Vault.open(directory, Master(key.encode() * 32), Clock()).close()
    except StoreError:
        return False
    return True


def test_the_numbers_of_a_roll_are_the_vaults(tmp_path: Path) -> None:
    """With a batch gone the numbers go on where they were."""
    end_all_but(filled(tmp_path), {4, 19})
    database = open_database(tmp_path)
    roll = roll_of(database, {4, 19})
    assert [4, 19] == np.flatnonzero(roll.last == JUNE).tolist()
    database.close()


assert KEY == b"m" * 32
