"""Drafts in a backup: nobody reads them without the key of their month, and all come back."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from arasha.app.http.drafts import Drafts
from arasha.errors import LogDamaged
from arasha.keeping import drafts
from arasha.keeping.backup import KeyringOrder, backup
from arasha.keeping.drafts import DRAFTS_FILE
from arasha.keeping.keyring import read
from arasha.keeping.restore import restore
from arasha.log.keys import KeyStore, Retention
from arasha.vault.keys import Master
from exchange_samples import NOW_MS
from keeping_samples import bytes_of, centre
from test_app_http_drafts import ONE, OTHER, figures, written
from vault_samples import KEY

TEXT = "points = 123  # KZ-CANARY-RULE: who is stopped from tomorrow on"
MONTH = 680


def kept(directory: Path) -> Drafts:
    """Two drafts, one of them tried; and what lies beside them and is none."""
    here = Drafts(directory)
    here.keep(ONE, TEXT, written(1))
    here.keep(OTHER, "ÿ" * 99, written(2, "leila"))
    here.found(ONE, figures(7))
    (directory / "drafts" / f"{ONE}.toml.part").write_text("half")
    (directory / "drafts" / "notes.txt").write_text("not ours")
    return here


def test_a_centre_that_is_restored_has_its_drafts(tmp_path: Path) -> None:
    """Text, who wrote it, what was found with it; in the backup nothing of that can be read."""
    lived = centre(tmp_path / "c", tmp_path)
    before = kept(lived)
    order = KeyringOrder(tmp_path / "keyring", Master(KEY))
    made = backup(lived, tmp_path / "b", made_at_ms=NOW_MS, order=order)
    assert DRAFTS_FILE in {part.file for part in made.parts}
    shelf = bytes_of(tmp_path / "b")
    assert not [one for one in (b"KZ-CANARY-RULE", b"kairat", ONE.encode()) if one in shelf]
    keys = read(tmp_path / "keyring", Master(KEY))
    restore(tmp_path / "b", tmp_path / "again", keys, by="tests", now_ms=NOW_MS)
    after = Drafts(tmp_path / "again")
    assert [OTHER, ONE] == [one.hash for one in after.listed()]
    assert [before.one(one) for one in (ONE, OTHER)] == [after.one(one) for one in (ONE, OTHER)]
    assert before.figures(ONE) == after.figures(ONE)
    assert after.figures(OTHER) is None
    files = list((tmp_path / "again" / "drafts").iterdir())
    assert 5 == len(files)
    assert not [one for one in files if stat.S_IMODE(one.stat().st_mode) & 0o077]


def test_without_drafts_there_is_no_part(tmp_path: Path) -> None:
    """As in a backup of before: what is restored has none, and takes new ones."""
    lived = centre(tmp_path / "c", tmp_path)
    made = backup(lived, tmp_path / "b", made_at_ms=NOW_MS,
                  order=KeyringOrder(tmp_path / "keyring", Master(KEY)))  # fmt: skip
    assert DRAFTS_FILE not in {part.file for part in made.parts}
    keys = read(tmp_path / "keyring", Master(KEY))
    restore(tmp_path / "b", tmp_path / "again", keys, by="tests", now_ms=NOW_MS)
    assert 2 == len(kept(tmp_path / "again").listed())


def test_with_their_month_they_end(tmp_path: Path) -> None:
    """Whose key was destroyed is not restored; under another key, or changed, it is damage."""
    keys = KeyStore(tmp_path)
    (tmp_path / "keys").mkdir()
    keys.create(Retention.ACTS, MONTH)
    kept(tmp_path)
    part = tmp_path / DRAFTS_FILE
    drafts.write(part, drafts.found(tmp_path), keys, MONTH)
    assert 2 == drafts.put_back(part, fresh(tmp_path, "whole"), keys)
    whole = part.read_bytes()
    for at in (0, 9, 20, len(whole) - 1):
        part.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        if at == 9:  # another month: its key is not here
            assert 0 == drafts.put_back(part, fresh(tmp_path, "other"), keys)
            continue
        with pytest.raises(LogDamaged, match="drafts' part"):
            drafts.put_back(part, fresh(tmp_path, f"changed-{at}"), keys)
    part.write_bytes(whole)
    keys.path(Retention.ACTS, MONTH).unlink()
    assert 0 == drafts.put_back(part, fresh(tmp_path, "over"), KeyStore(tmp_path))
    assert not (tmp_path / "over" / "drafts").exists()


def fresh(folder: Path, name: str) -> Path:
    """A new directory."""
    (folder / name).mkdir()
    return folder / name
