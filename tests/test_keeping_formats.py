"""Formats: an older file that has come up is laid out as a new one is."""

from __future__ import annotations

from pathlib import Path

import apsw

from arasha.exchange.register import Register
from arasha.exchange.signin_tables import open_signin
from arasha.keeping.formats import FORMATS
from arasha.keeping.migrate import migrate
from arasha.log.log import Log
from arasha.vault.subjects import VAULT_FILE
from exchange_samples import Clock
from keeping_samples import OLD_VAULT, older_vault
from vault_samples import accounts, opened


def layout(path: Path) -> list[tuple[str, str]]:
    """Tables and indexes of a file, as they were declared, without the spaces."""
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        found = db.execute("SELECT name, sql FROM sqlite_schema WHERE sql NOT NULL ORDER BY name")
        return [(name, "".join(sql.split())) for name, sql in found]
    finally:
        db.close()


def test_every_step_together_gives_what_a_new_file_has(tmp_path: Path) -> None:
    """A vault of the first release, migrated, has the very tables of a vault made today."""
    (tmp_path / "new").mkdir()
    opened(tmp_path / "new").close()
    older_vault(tmp_path / "old", accounts(3))
    before = layout(tmp_path / "old" / VAULT_FILE)
    migrate(tmp_path / "old")
    new, migrated = (layout(tmp_path / where / VAULT_FILE) for where in ("new", "old"))
    assert new == migrated != before


def test_a_format_names_the_files_there_are(tmp_path: Path) -> None:
    """Application and version stand in the files that this release makes."""
    opened(tmp_path).close()
    Register.open(tmp_path, Clock()).close()
    open_signin(tmp_path).close()
    Log.create(tmp_path, created_at_ms=0).close()
    for format_ in FORMATS:
        db = apsw.Connection(str(tmp_path / format_.file), flags=apsw.SQLITE_OPEN_READONLY)
        assert (format_.application, format_.version) == (
            db.pragma("application_id"), db.pragma("user_version")
        )  # fmt: skip
        db.close()


def test_the_older_vault_of_the_tests_is_that_of_the_first_release(tmp_path: Path) -> None:
    """It says no version and has no table of endings: what there was before steps were noted."""
    assert "endings" not in OLD_VAULT
    assert "user_version" not in OLD_VAULT
    older_vault(tmp_path, accounts(1))
    db = apsw.Connection(str(tmp_path / VAULT_FILE), flags=apsw.SQLITE_OPEN_READONLY)
    assert 0 == db.pragma("user_version")
    db.close()
