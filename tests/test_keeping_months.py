"""The vault's part of a backup: by months, in pieces, and with numbers that are nobody's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from arasha.errors import KeyDestroyed, LogDamaged
from arasha.events.symbols import symbols_of
from arasha.keeping import months
from arasha.keeping.files import open_database
from arasha.keeping.instant import Seen
from arasha.log.keys import KeyStore, Retention
from arasha.vault.ending import Roll
from arasha.vault.keys import Master
from arasha.vault.subjects import VAULT_FILE
from vault_samples import KEY, OFFICER, REASON, accounts, held, opened

MAY, JUNE = 24_316, 24_317
SUBJECTS = accounts(40)


def nothing(_bytes: int) -> None:
    """No bar."""


@pytest.fixture
def keys(tmp_path: Path) -> KeyStore:
    """Keys of two months."""
    store = KeyStore(tmp_path)
    for month in (MAY, JUNE):
        for retention in Retention:
            store.create(retention, month)
    return store


def written(folder: Path, keys: KeyStore) -> Path:
    """Forty subjects: 0 to 9 never mentioned, 10 to 24 in May, the others in June; 30 is erased."""
    vault = opened(folder)
    for start in range(0, 40, 8):
        vault.keep(SUBJECTS[start : start + 8])
    vault.erase(SUBJECTS[30].token, by="o", roles=OFFICER, reason=REASON)
    vault.close()
    seen = Seen(open_database(folder / VAULT_FILE), folder / VAULT_FILE)
    roll = Roll(seen)
    roll.mention(MAY, symbols_of(one.token for one in SUBJECTS[10:25]))
    roll.mention(JUNE, symbols_of(one.token for one in SUBJECTS[25:]))
    assert 29 == months.write(folder / "vault.months", seen, roll, keys, JUNE, nothing)
    seen.db.close()
    return folder / "vault.months"


@pytest.mark.parametrize("piece", [4, 7, 4_096])
def test_everybody_who_is_mentioned_comes_back(
    tmp_path: Path, keys: KeyStore, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In pieces of any size, with gaps; the next subject gets the next number."""
    monkeypatch.setattr(months, "SUBJECTS_A_PIECE", piece)
    path = written(tmp_path, keys)
    again = tmp_path / "again"
    again.mkdir()
    assert (29, 0) == months.rebuild(path, again, keys, Master(KEY).mark(), nothing)
    there = [one for i, one in enumerate(SUBJECTS) if i >= 10 and i != 30]
    vault = opened(again)
    assert [one.identifier for one in there] == held(vault, there)
    assert 11 == vault.keep(SUBJECTS)
    [[last]] = vault.database.rows("SELECT max(first) FROM batches")
    assert 40 == last
    assert ["erased"] == [act.kind.name.lower() for act in vault.database.waiting()[:1]]
    vault.close()
    assert [] == [path.name for path in again.iterdir() if "work" in path.name]


def test_a_month_whose_key_is_gone_is_gone(tmp_path: Path, keys: KeyStore) -> None:
    """The others come back; how many are over is told; numbers are not given again."""
    path = written(tmp_path, keys)
    keys.destroy(Retention.FACTS, JUNE)
    again = tmp_path / "again"
    again.mkdir()
    assert (15, 14) == months.rebuild(path, again, keys, Master(KEY).mark(), nothing)
    vault = opened(again)
    assert (15, [SUBJECTS[10].identifier]) == (len(vault), held(vault, SUBJECTS[10:11]))
    assert 1 == vault.keep(SUBJECTS[39:])
    [[last]] = vault.database.rows("SELECT max(first) FROM batches")
    assert 40 == last
    vault.close()


def test_nothing_is_written_under_a_key_that_is_gone(tmp_path: Path, keys: KeyStore) -> None:
    """The backup fails rather than to leave subjects out."""
    keys.destroy(Retention.FACTS, MAY)
    with pytest.raises(KeyDestroyed):
        written(tmp_path, keys)


def test_a_changed_piece_is_found(tmp_path: Path, keys: KeyStore) -> None:
    """In its head or its body; and one that is cut off."""
    path = written(tmp_path, keys)
    data = path.read_bytes()
    places = np.linspace(0, len(data) - 1, 60).astype(int).tolist()
    for n, at in enumerate(places):
        path.write_bytes(data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :])
        again = tmp_path / f"again{n}"
        again.mkdir()
        try:
            there, over = months.rebuild(path, again, keys, Master(KEY).mark(), nothing)
        except LogDamaged:
            continue
        assert over > 0, at  # the head names a month that has no key
        assert there < 29
