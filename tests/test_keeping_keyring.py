"""The one file with the keys: under the master key, overwritten each time, never another log's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from arasha.errors import InputError, KeyDestroyed, LogError, UsageError
from arasha.keeping import keyring
from arasha.keeping.keyring import Keyring
from arasha.log.keys import KeyStore, Retention, period_named
from arasha.log.log import Log
from arasha.log.retire import retire
from arasha.vault.keys import Master
from log_samples import DAY_MS, made
from vault_samples import KEY

KEYS = Keyring("ab" * 32, 9, ("facts-2018-01",), {"tokens": b"t" * 32, "facts-2018-02": b"f" * 32})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A keyring of two keys."""
    keyring.write(tmp_path / "ring", KEYS, Master(KEY))
    return tmp_path / "ring"


def test_it_comes_back_under_its_master_key_alone(path: Path) -> None:
    """With none, or another, nothing is told."""
    assert KEYS == keyring.read(path, Master(KEY))
    assert 0o600 == path.stat().st_mode & 0o777
    with pytest.raises(UsageError, match="under the vault's master key"):
        keyring.read(path, None)
    with pytest.raises(InputError, match="under another master key"):
        keyring.read(path, Master(b"w" * 32))
    assert "<Keyring of 2 keys>" == repr(KEYS)


@pytest.mark.parametrize("master", [Master(KEY), None])
def test_a_flipped_bit_anywhere_is_found(tmp_path: Path, master: Master | None) -> None:
    """Whether it is encrypted or not."""
    path = tmp_path / "ring"
    keyring.write(path, KEYS, master)
    data = path.read_bytes()
    for at in range(len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1 << at % 7]) + data[at + 1 :])
        with pytest.raises(InputError):
            keyring.read(path, master)


def test_the_file_before_is_overwritten(path: Path) -> None:
    """A second name of it shows zeros: what a retirement destroyed is in no older copy here."""
    (path.parent / "second").hardlink_to(path)
    keyring.write(path, KEYS, Master(KEY))
    assert not any((path.parent / "second").read_bytes())
    assert KEYS == keyring.read(path, Master(KEY))


def test_another_logs_keyring_and_other_files_are_not_overwritten(path: Path) -> None:
    """Nor what is no keyring at all."""
    with pytest.raises(UsageError, match="of another log"):
        keyring.write(path, Keyring("cd" * 32, 9, (), {}), Master(KEY))
    path.write_text("a letter")
    with pytest.raises(InputError, match="no keyring"):
        keyring.write(path, KEYS, Master(KEY))
    assert "a letter" == path.read_text()


def test_of_a_log_it_has_every_month_that_is_kept(tmp_path: Path) -> None:
    """A retired month is named, its key is not there; one that was lost is an error."""
    with Log.open(made(tmp_path / "log")) as log:
        retire(log, Retention.FACTS, "2018-04", widest_window_ms=7 * DAY_MS, by="x", reason="y")
        kept = keyring.collected(log, "ab", None)
        assert (("facts-2018-04",), log.size) == (kept.retired, kept.size)
        months = ("2018-04", "2018-05", "2018-06")
        assert {f"acts-{m}" for m in months} | {f"facts-{m}" for m in months[1:]} == set(kept.keys)
        assert b"k" * 32 == keyring.collected(log, "ab", b"k" * 32).keys["master"]
        KeyStore(log.directory).path(Retention.ACTS, period_named("2018-05")).unlink()
        with pytest.raises(KeyDestroyed, match="acts of 2018-05 is lost"):
            keyring.collected(log, "ab", None)


def test_names_lead_nowhere_else(tmp_path: Path) -> None:
    """A keyring that somebody has made writes no file outside the directory of keys."""
    for name in ("../x", "a/b", ""):
        with pytest.raises(LogError, match="names no file outside"):
            keyring.put_back(Keyring("ab", 1, (), {name: b"x" * 32}), tmp_path)
    keyring.put_back(Keyring("ab", 1, (), {"tokens": b"x" * 32, "master": b"m" * 32}), tmp_path)
    assert ["tokens.key"] == [path.name for path in (tmp_path / "keys").iterdir()]
    keyring.put_back_master(Keyring("ab", 1, (), {"master": b"m" * 32}), tmp_path)
    assert b"m" * 32 == (tmp_path / "keys" / "master.key").read_bytes()


def test_another_version_is_refused(path: Path) -> None:
    """It is not guessed at."""
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": 2}))
    with pytest.raises(InputError, match="no keyring"):
        keyring.read(path, Master(KEY))
