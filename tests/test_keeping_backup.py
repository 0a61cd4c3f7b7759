"""A backup is of one instant, whole or not there, and shows nothing without its keyring."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from threading import Event, Thread

import pytest

from arasha.client import Client
from arasha.errors import KeyDestroyed, StoreError, UsageError
from arasha.exchange.acts import keep_waiting
from arasha.exchange.participants import Participants
from arasha.keeping.backup import KeyringOrder, backup, size_of
from arasha.keeping.files import UNFINISHED
from arasha.keeping.keyring import read
from arasha.keeping.manifest import checked
from arasha.keeping.restore import restore
from arasha.log.log import Log
from arasha.log.mentions import mentions
from arasha.log.verify import verify
from arasha.vault.ending import Roll
from arasha.vault.keys import Master, load_key
from arasha.vault.subjects import open_database
from exchange_samples import NOW_MS, Clock, acts_of_log
from keeping_samples import ALWAYS, LATELY, ONCE, TOKEN_KEY, bytes_of, centre, older_vault, token
from killing import killed_at_each_step
from live_samples import policy
from log_samples import made
from service_samples import participant, paying, serving
from vault_samples import KEY, accounts


def order(folder: Path, **options: bool) -> KeyringOrder:
    """A keyring in that folder under the samples' master key."""
    return KeyringOrder(folder / "keyring", Master(KEY), **options)


def test_a_backup_shows_nothing(tmp_path: Path) -> None:
    """No key, no identifier, and of the vault not even a token is in it, nor in the keyring."""
    lived = centre(tmp_path / "c", tmp_path)
    made_of = backup(lived, tmp_path / "b", made_at_ms=NOW_MS, order=order(tmp_path))
    assert 6 == made_of.subjects
    assert made_of == checked(tmp_path / "b", lambda _bytes: None)
    everything = bytes_of(tmp_path / "b") + (tmp_path / "keyring").read_bytes()
    for canary in (*ONCE, *ALWAYS, *LATELY):
        assert canary.encode() not in everything
        assert token(canary) not in everything
    for key in (KEY, TOKEN_KEY, *((path.read_bytes()) for path in lived.glob("keys/*.key"))):
        assert key not in everything
        assert key.hex().encode() not in everything
    assert {"exchange.sqlite", "log.sqlite", "manifest.json", "vault.months", "SHA256SUMS"} == {
        path.name for path in (tmp_path / "b").iterdir()
    }
    assert {0o600} == {path.stat().st_mode & 0o777 for path in (tmp_path / "b").iterdir()}
    assert size_of(lived) > made_of.bytes // 2


def test_the_master_key_is_there_only_when_asked_for(tmp_path: Path) -> None:
    """Then the keyring is plain, and says so; else it opens under that key alone."""
    lived = centre(tmp_path / "c", tmp_path)
    backup(lived, tmp_path / "b1", made_at_ms=NOW_MS, order=order(tmp_path))
    assert "master" not in read(tmp_path / "keyring", Master(KEY)).keys
    backup(lived, tmp_path / "b2", made_at_ms=NOW_MS, order=order(tmp_path, inside=True))
    assert "nothing" == json.loads((tmp_path / "keyring").read_text())["under"]
    assert KEY == read(tmp_path / "keyring", None).keys["master"]


def test_what_cannot_be_backed_up_is_said(tmp_path: Path) -> None:
    """And nothing is left in the place of the backup."""
    lived, target = centre(tmp_path / "c", tmp_path), tmp_path / "b"
    for directory, to, words in (
        (tmp_path / "nothing", target, "there is no log here"),
        (lived, lived, "something in this place already"),
        (lived, lived / "backup", "does not lie in what it is a backup of"),
    ):
        with pytest.raises(UsageError, match=words):
            backup(directory, to, made_at_ms=NOW_MS)
    wrong = KeyringOrder(tmp_path / "keyring", Master(b"w" * 32))
    with pytest.raises(StoreError, match="another master key"):
        backup(lived, target, made_at_ms=NOW_MS, order=wrong)
    (key,) = lived.glob("keys/facts-2026-06.key")
    key.unlink()
    with pytest.raises(KeyDestroyed):
        backup(lived, target, made_at_ms=NOW_MS, order=order(tmp_path))
    for path in lived.glob("vault.sqlite*"):
        path.unlink()
    older_vault(lived, accounts(2))
    with pytest.raises(UsageError, match="older format"):
        backup(lived, target, made_at_ms=NOW_MS)
    Log.create(tmp_path / "empty", created_at_ms=0).close()
    with pytest.raises(UsageError, match="the log is empty"):
        backup(tmp_path / "empty", target, made_at_ms=NOW_MS)
    left = {path.name for path in tmp_path.iterdir()}
    assert {"b", "keyring", "b" + UNFINISHED}.isdisjoint(left)


def test_a_log_alone_is_backed_up_too(tmp_path: Path) -> None:
    """A replay's directory has neither vault nor register."""
    backup(made(tmp_path / "log"), tmp_path / "b", made_at_ms=NOW_MS, order=order(tmp_path))
    keys = read(tmp_path / "keyring", Master(KEY))
    restore(tmp_path / "b", tmp_path / "again", keys, by="tests", now_ms=NOW_MS)
    assert verify(tmp_path / "again").ok


def test_a_centre_is_backed_up_while_it_answers(tmp_path: Path) -> None:
    """Three times under load. Each backup has every payment that was answered before it began, with
    the same answer to the byte; for every party of its facts the vault has the identifier; for
    every participant the log, or what waits for it, has the act.
    """
    data = tmp_path / "c"
    keys = {"BANKKZKA": participant(data, "BANKKZKA")}
    answered: list[str] = []
    with serving(data, policy(tmp_path).source, keys=keys) as served:
        stop = Event()
        load = Thread(target=_pay, args=(served.client, answered, stop))
        load.start()
        known = []
        master = Master(load_key(data / "keys" / "master.key", "the vault"))
        for i in range(3):
            participant(data, f"BANK{i}")
            wanted = len(answered) + 40
            while len(answered) < wanted:
                time.sleep(0.01)
            known.append(list(answered))
            backup(data, tmp_path / f"b{i}", made_at_ms=NOW_MS,
                   order=KeyringOrder(tmp_path / "keyring", master))  # fmt: skip
        stop.set()
        load.join()
        told = {name: served.request("GET", f"/v1/decisions/{name}").content for name in answered}
        served.stop()
    shutil.copy(data / "keys" / "master.key", tmp_path / "master.key")
    for i in range(3):
        again = tmp_path / f"again{i}"
        restore(tmp_path / f"b{i}", again, read(tmp_path / "keyring", master), by="tests",
                now_ms=int(time.time() * 1000))  # fmt: skip
        _assert_whole(again, {f"BANK{j}" for j in range(i + 1)})
        words = ("--master-key", str(tmp_path / "master.key"))
        with serving(again, None, *words, keys=keys) as served:
            for name in known[i]:
                assert told[name] == served.request("GET", f"/v1/decisions/{name}").content
            served.stop()


def _pay(client: type[Client], answered: list[str], stop: Event) -> None:
    """Pay from a new account each time."""
    with client() as paying_client:  # type: ignore[call-arg]  # Served.client knows the key
        while not stop.is_set():
            name = f"p-{len(answered)}"
            paying_client.judge(paying(name, payer_account=f"ACC-{name}"))
            answered.append(name)


def _assert_whole(directory: Path, participants: set[str]) -> None:
    assert verify(directory).ok
    database = open_database(directory)
    roll, size = Roll(database), 0
    with Log.open(directory) as log:
        register = Participants.open(directory, Clock()).register
        keep_waiting(log, [register.database, database], NOW_MS)
        register.close()
        for month, tokens in mentions(log):
            symbols = tokens[tokens.any(axis=1)]
            roll.mention(month, symbols)
            size += len(symbols)
            numbers, _ = roll._index.find(symbols)
            assert (numbers >= 0).all()
    assert size >= 80
    held = len(roll._index)  # one payment may have been on its way
    assert (roll.last > 0).sum() in (held - 1, held)
    database.close()
    created = [body.get("name") for _, body in acts_of_log(directory)
               if body.get("change") == "participant_created"]  # fmt: skip
    assert participants <= set(created)


WORK = """
from pathlib import Path
from arasha.keeping.backup import KeyringOrder, backup
from arasha.vault.keys import Master
from vault_samples import KEY

def prepare(directory, lived):
    pass

def work(directory, lived):
    backup(Path(lived), directory / "b", made_at_ms=1,
           order=KeyringOrder(directory / "keyring", Master(KEY)), on_bytes=lambda _: None)
"""


@pytest.mark.parametrize("every", [61, pytest.param(1, marks=pytest.mark.slow)])
def test_kill_9_at_each_step_leaves_a_whole_backup_or_none(tmp_path: Path, every: int) -> None:
    """What bears the name is whole and has its keyring; after a death the next attempt succeeds."""
    lived, whole = centre(tmp_path / "c", tmp_path), []
    for _, directory in killed_at_each_step(WORK, tmp_path / "killed", lived, every=every):
        there = (directory / "b").exists()
        whole.append(there)
        if not there:
            backup(lived, directory / "b", made_at_ms=NOW_MS, order=order(directory))
        found = checked(directory / "b", lambda _bytes: None)
        assert found.log == read(directory / "keyring", Master(KEY)).log
        assert not list(directory.glob(f"*{UNFINISHED}"))
    assert sorted(whole) == whole
    assert {False, True} == set(whole)
