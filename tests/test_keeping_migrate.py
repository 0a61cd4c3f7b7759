"""An older directory comes up, whole, whatever happens on the way."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from arasha.errors import LogBusy, LogVersionError, StoreVersionError, UsageError
from arasha.keeping.migrate import COPIES_DIRECTORY, destroy_copies, migrate, states
from arasha.log.driver import LOG_FILE
from arasha.log.log import Log
from arasha.vault.subjects import VAULT_FILE
from keeping_samples import older_vault
from killing import killed_at_each_step
from vault_samples import accounts, held, opened

SUBJECTS = accounts(30)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A directory whose vault is of the first release."""
    return older_vault(tmp_path / "c", SUBJECTS)


def test_an_older_vault_is_refused_and_told_the_command(old: Path) -> None:
    """Nothing is written into it; the message names what brings it up."""
    before = (old / VAULT_FILE).read_bytes()
    with pytest.raises(StoreVersionError, match="another version") as fault:
        opened(old)
    assert f"arasha migrate {old} brings it up, while no service runs" == fault.value.hint
    assert ("version 2", "version 1") == (fault.value.expected, fault.value.found)
    assert before == (old / VAULT_FILE).read_bytes()


def test_a_migrated_vault_has_all_it_had(old: Path) -> None:
    """Every subject, and what only the new format can: the second time there is nothing to do."""
    assert [(VAULT_FILE, 1)] == [(state.format.file, state.version) for state in migrate(old)]
    vault = opened(old)
    assert [one.identifier for one in SUBJECTS] == held(vault, SUBJECTS)
    vault.close()
    assert [] == migrate(old)
    assert [[]] == [list(state.steps) for state in states(old)]


def test_the_file_before_is_kept_until_a_month_ends(old: Path) -> None:
    """The copy is the old file, whole; it is overwritten and gone when told."""
    migrate(old)
    copy = old / COPIES_DIRECTORY / f"{VAULT_FILE}-version-1" / VAULT_FILE
    db = apsw.Connection(str(copy), flags=apsw.SQLITE_OPEN_READONLY)
    [counted] = db.execute("SELECT sum(count) FROM batches").fetchall()
    assert (0, (30,)) == (db.pragma("user_version"), counted)
    db.close()
    (old / "second").hardlink_to(copy)
    assert 1 == destroy_copies(old)
    assert not (old / COPIES_DIRECTORY).exists()
    assert not any((old / "second").read_bytes())
    assert 0 == destroy_copies(old)


@pytest.mark.parametrize("file", [VAULT_FILE, LOG_FILE])
def test_a_newer_format_is_refused_everywhere(tmp_path: Path, file: str) -> None:
    """At the start, and by migrate: it knows no way back."""
    opened(tmp_path).close()
    Log.create(tmp_path, created_at_ms=0).close()
    db = apsw.Connection(str(tmp_path / file))
    db.pragma("user_version", 9)
    db.close()
    with pytest.raises((LogVersionError, StoreVersionError), match="version") as fault:
        opened(tmp_path) if file == VAULT_FILE else Log.open(tmp_path)
    assert "release of Arasha that wrote it" in str(fault.value.hint)
    with pytest.raises(LogVersionError, match="newer format"):
        migrate(tmp_path)


def test_an_older_log_would_be_told_the_command(tmp_path: Path) -> None:
    """Its first format is the present one: below it is none that a release wrote."""
    Log.create(tmp_path, created_at_ms=0).close()
    db = apsw.Connection(str(tmp_path / LOG_FILE))
    db.pragma("user_version", 0)
    db.close()
    with pytest.raises(LogVersionError, match="another version") as fault:
        Log.open(tmp_path)
    assert f"arasha migrate {tmp_path} brings it up, while no service runs" == fault.value.hint


def test_nothing_is_done_beside_a_service(old: Path) -> None:
    """The log's writer, or whoever changes the vault, is waited for by nobody: it is refused."""
    with Log.create(old, created_at_ms=0), pytest.raises(LogBusy, match="another process"):
        migrate(old)
    assert not (old / COPIES_DIRECTORY).exists()


def test_what_is_no_centre_is_refused(tmp_path: Path) -> None:
    """Neither an empty directory nor another program's database."""
    with pytest.raises(UsageError, match="no centre here"):
        migrate(tmp_path)
    db = apsw.Connection(str(tmp_path / VAULT_FILE))
    db.execute("CREATE TABLE x (y)")
    db.close()
    with pytest.raises(LogVersionError, match="something else"):
        migrate(tmp_path)


WORK = """
import shutil
from arasha.keeping.migrate import migrate

def prepare(directory, old):
    shutil.copytree(old, directory, dirs_exist_ok=True)

def work(directory, old):
    migrate(directory)
"""


def test_kill_9_at_each_statement_and_each_file(old: Path, tmp_path: Path) -> None:
    """Wherever it dies, the vault is old and whole or new and whole, and goes on to new."""
    versions = []
    for _, directory in killed_at_each_step(WORK, tmp_path / "killed", old):
        [state] = states(directory)
        versions.append(state.version)
        migrate(directory)
        copy = directory / COPIES_DIRECTORY / f"{VAULT_FILE}-version-1"
        assert [VAULT_FILE] == [path.name for path in copy.iterdir()]
        vault = opened(directory)
        assert [one.identifier for one in SUBJECTS[:3]] == held(vault, SUBJECTS[:3])
        vault.close()
    assert sorted(versions) == versions
    assert {1, 2} == set(versions)
