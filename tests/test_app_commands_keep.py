"""``arasha backup``, ``restore``, ``migrate`` as a person types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from arasha.app.main import main
from arasha.app.terminal import Exit
from arasha.keeping.migrate import COPIES_DIRECTORY
from arasha.vault.subjects import VAULT_FILE
from keeping_samples import ALWAYS, LATELY, ONCE, centre, older_vault, revealed
from vault_samples import KEY, accounts


@pytest.fixture
def lived(tmp_path: Path) -> Path:
    """A centre, and the file of its master key beside it."""
    (tmp_path / "master").touch(0o600)
    (tmp_path / "master").write_bytes(KEY)
    return centre(tmp_path / "c", tmp_path)


def words(lived: Path, name: str, *more: str) -> list[str]:
    folder = lived.parent
    keys = ["--keys", str(folder / "ring"), "--master-key", str(folder / "master")]
    if name == "restore":
        return [name, str(folder / "b"), "--to", str(folder / "again"), *keys, *more]
    return [name, str(lived), "--to", str(folder / "b"), *keys, *more]


def told(line: list[str], capsys: pytest.CaptureFixture[str], code: Exit = Exit.OK) -> Any:
    assert code == main([*line, "--json"])
    return json.loads(capsys.readouterr().out)


def test_there_and_back(lived: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both say the size and the root; the identifiers are there again."""
    made = told(words(lived, "backup"), capsys)
    assert (23, 6) == (made["entries"], made["subjects"])
    assert 64 == len(made["root"])
    done = told(words(lived, "restore"), capsys)
    assert (made["root"], 0, []) == (done["root"], done["subjects_over"], done["months_over"])
    everybody = [*ONCE, *ALWAYS, *LATELY]
    assert everybody == revealed(lived.parent / "again", everybody)


def test_what_is_said_to_a_person(lived: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Entries, subjects, size and root; what to do next; and that without a keyring it is shut."""
    line = words(lived, "backup")
    assert Exit.OK == main(line[:4])
    said = capsys.readouterr()
    assert "23 entries and 6 subjects, " in said.out
    assert "No key was written" in said.err
    assert Exit.USAGE == main(line)
    assert "something in this place already" in capsys.readouterr().err
    line[3] += "2"
    assert Exit.OK == main([*line, "--with-master-key"])
    assert "opens everything" in capsys.readouterr().err
    line = words(lived, "restore")
    assert Exit.OK == main(line[:6])  # the keyring is plain: it needs no master key
    said = capsys.readouterr()
    assert "23 entries are as they were written" in said.out
    assert f"arasha serve --data {lived.parent / 'again'}" in said.err
    assert KEY == (lived.parent / "again" / "keys" / "master.key").read_bytes()
    assert Exit.USAGE == main(line)


def test_a_master_key_without_a_keyring_is_refused(lived: Path) -> None:
    """There is no file it could go into."""
    assert Exit.USAGE == main([*words(lived, "backup")[:4], "--with-master-key"])


def test_a_damaged_backup_is_a_finding(lived: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, and the file is named."""
    told(words(lived, "backup"), capsys)
    manifest = lived.parent / "b" / "manifest.json"
    manifest.write_bytes(manifest.read_bytes() + b" ")
    found = told(words(lived, "restore"), capsys, Exit.FINDINGS)
    assert str(manifest) == found["error"]["where"]["file"]


def test_migrate_says_what_it_would_do_and_does_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--check changes nothing and exits with 1; then it is done, and there is nothing left."""
    old = older_vault(tmp_path / "c", accounts(2))
    found = told(["migrate", str(old), "--check"], capsys, Exit.FINDINGS)
    expected = {"file": VAULT_FILE, "version": 1, "wanted": 2}
    assert [expected] == [{name: one[name] for name in expected} for one in found["files"]]
    assert not (old / COPIES_DIRECTORY).exists()
    assert Exit.OK == main(["migrate", str(old)])
    said = capsys.readouterr()
    assert "version 1 -> 2" in said.out
    assert COPIES_DIRECTORY in said.err
    assert Exit.OK == main(["migrate", str(old), "--check"])
    assert "version 2\n" in capsys.readouterr().out


def test_the_copies_of_a_migration_go_with_a_month(lived: Path) -> None:
    """What the vault forgets, its older copy must not remember."""
    copies = lived / COPIES_DIRECTORY / "vault.sqlite-version-1"
    copies.mkdir(parents=True)
    (copies / VAULT_FILE).write_bytes(b"of old")
    retire = ["log", "retire", str(lived), "--reason", "the months have left every window"]
    assert Exit.USAGE == main([*retire, "--before", "2026-07"])
    assert copies.exists()
    assert Exit.OK == main([*retire, "--before", "2026-06"])
    assert not (lived / COPIES_DIRECTORY).exists()
