"""A centre in PostgreSQL as an operator meets it: commands know it by its directory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from arasha.app.database import join, share_record_keys
from arasha.app.main import main
from arasha.app.postgresql_server import Server
from arasha.app.terminal import Exit
from arasha.errors import UsageError
from arasha.events.json import encode
from arasha.log.record import add_key, begin, end_keys
from arasha.log.shared_keys import SharedKeys
from arasha.postgresql import Address, address_of, remember
from exchange_samples import acts_of_log
from live_samples import WITH_FALLBACK
from log_samples import created, keep, opened, shared_of
from policy_samples import written
from record_samples import ORIGIN, checkpointed, record_of
from service_samples import ENVIRONMENT, command, participant, paying, serving
from test_app_http_standby import until_known


def said(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    """What a command says as JSON."""
    assert Exit.OK == main([*words, "--json"])
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_commands_work_on_a_centre_in_a_database(
    tmp_path: Path,
    database: Address,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rights, the vault, the log's own commands and a new master key, by the directory alone."""
    centre, policy = tmp_path / "centre", written(tmp_path, WITH_FALLBACK)
    with serving(centre, policy, "--database", str(database)) as service:
        service.keys["BANKKZKA"] = participant(centre, "BANKKZKA")
        until_known(service)
        for number in range(5):
            body = encode(paying(f"p-{number}", payer_account="KZ75125KZT1001300335"))
            answer = service.request("POST", "/v1/payments", body)
            assert 200 == answer.status_code
        assert 0 == service.stop()
    assert [] == [path.name for path in centre.glob("*.sqlite")]
    assert str(database) == (centre / "database").read_text().strip()
    assert ["participant_created"] == [told["change"] for _, told in acts_of_log(centre)]

    where = str(centre)
    made = said(capsys, "person", "create", "aigul", "--data", where, "--role", "officer")
    assert made["in_log"] is False
    monkeypatch.setenv("ARASHA_TOKEN", f"{made['key_id']}.{made['secret']}")
    token = subject(centre)
    words = ("vault", "reveal", token, "--data", where, "--reason", "case 1: the payer asks")
    assert "KZ75125KZT1001300335" == said(capsys, *words)["identifier"]
    said(capsys, "vault", "rotate", "--data", where, "--new-master-key", str(tmp_path / "new.key"))
    assert Exit.FAULT == main([*words])
    shutil.move(tmp_path / "new.key", centre / "keys" / "master.key")
    capsys.readouterr()
    assert "KZ75125KZT1001300335" == said(capsys, *words)["identifier"]

    assert 12 == said(capsys, "log", "verify", where)["size"]
    assert 5 == said(capsys, "log", "replay", where)["decisions"]
    out = str(tmp_path / "out")
    assert 12 == said(capsys, "log", "export", where, "--out", out)["entries"]
    assert 12 == said(capsys, "log", "snapshot", where)["seq"]

    second = tmp_path / "second"
    with pytest.raises(AssertionError, match="the key of the vault cannot be read"):
        with_keys(second, None, str(database))
    with_keys(second, centre / "keys" / "master.key", str(database))
    kinds = [told.get("change", "reveal") for _, told in acts_of_log(second)]
    assert sorted(["participant_created", "person_created", "reveal", "reveal",
                   "master_key_rotated"]) == sorted(map(str, kinds))  # fmt: skip


def with_keys(directory: Path, master: Path | None, database: str) -> None:
    """A service over a new directory, with that master key, until it has taken up what waits."""
    (directory / "keys").mkdir(parents=True, exist_ok=True, mode=0o700)
    if master is not None:
        shutil.copy(master, directory / "keys")
    with serving(directory, None, "--database", database) as service:
        for file in ("tokens.key", "facts-", "acts-"):
            assert any(path.name.startswith(file) for path in (directory / "keys").iterdir())
        assert 0 == service.stop()


def subject(centre: Path) -> str:
    """The token of the payer's account, as the log has it."""
    from arasha.events.schema import PartyKind
    from arasha.vault.tokens import Tokens

    return Tokens.load_or_create(centre).of(PartyKind.ACCOUNT, "KZ75125KZT1001300335").hex()


def test_a_directory_with_a_centre_of_its_own_is_left_alone(
    tmp_path: Path, database: Address
) -> None:
    """It is not hidden behind a database, whatever the environment says."""
    participant(tmp_path, "BANKKZKA")
    with pytest.raises(UsageError, match="a centre of its own") as error:
        join(tmp_path, str(database))
    assert "exchange.sqlite" == error.value.found
    assert None is address_of(tmp_path)


def test_a_password_goes_no_further_than_this_process(
    tmp_path: Path, postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither into a file, nor what is said when the server is not there, nor the journal."""
    monkeypatch.setenv("ARASHA_DATABASE", "")  # so that it is put back
    monkeypatch.delenv("ARASHA_DATABASE")
    typed = f"postgresql:///none?host={postgresql.folder}&user=arasha&password=s3cret"
    join(tmp_path / "a", typed)
    assert typed == os.environ["ARASHA_DATABASE"]
    known = address_of(tmp_path / "a")
    assert known is not None
    assert {"password": "s3cret"} == known.secrets
    words = command(tmp_path / "b", written(tmp_path, WITH_FALLBACK))
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, timeout=60,
        env=ENVIRONMENT | {"ARASHA_DATABASE": typed},
    )  # fmt: skip
    assert Exit.FAULT == done.returncode
    assert 'database "none" does not exist' in done.stderr
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert "s3cret" not in done.stdout + done.stderr
    assert b"s3cret" not in files


def test_without_standby_a_second_service_ends(tmp_path: Path, database: Address) -> None:
    """It names the writer's lock, and the way to follow."""
    policy = written(tmp_path, WITH_FALLBACK)
    with (
        serving(tmp_path / "c", policy, "--database", str(database)),
        pytest.raises(AssertionError, match="arasha serve --standby"),
        serving(tmp_path / "c", policy),
    ):
        pass


def test_machines_share_the_keys_of_the_public_record(tmp_path: Path, database: Address) -> None:
    """A second machine has them from the database, signs on from the last checkpoint, and a key
    that was ended on the first counts on neither.
    """
    one, two = tmp_path / "one", tmp_path / "two"
    for directory in (one, two):
        remember(directory, database)
    with created(one) as log:
        begin(log, one, ORIGIN)
        keep(log, 2, 0)
        checkpointed(log)
        share_record_keys(one, keys_of(one))
        old = record_of(log).verifiers
    share_record_keys(two, keys_of(two))
    with opened(two) as log:
        assert old == record_of(log).verifiers
        keep(log, 2, 2)
        checkpointed(log)
        add_key(two)
        with pytest.raises(UsageError, match="signed no checkpoint yet"):
            end_keys(log, record_of(log), two)
        keep(log, 1, 4)
        note = checkpointed(log)
        end_keys(log, record_of(log), two)
        share_record_keys(two, keys_of(two))
    share_record_keys(one, keys_of(one))
    with opened(one, writable=False) as log:
        record = record_of(log)
        assert record.last is not None
        assert note == record.last.note
        assert not set(old) & set(record.verifiers)


def keys_of(directory: Path) -> SharedKeys:
    """The keys that the machines of that centre share."""
    shared = shared_of(directory)
    assert shared is not None
    return shared
