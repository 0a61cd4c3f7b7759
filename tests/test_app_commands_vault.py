from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from arasha.app import commands_vault
from arasha.app.main import main
from arasha.app.terminal import Exit
from arasha.events.schema import Kind, PartyKind
from arasha.exchange.persons import Persons
from arasha.log.log import Log
from arasha.vault.keys import Master
from arasha.vault.subjects import Vault
from arasha.vault.tokens import Tokens
from exchange_samples import Clock, acts_of_log
from vault_samples import REASON

ACCOUNT = "KZ86125KZT5004100100"


@pytest.fixture
def centre(tmp_path: Path) -> tuple[Path, str]:
    """A directory with a log and a vault that hides one account; and the account's token."""
    data = tmp_path / "centre"
    Log.create(data).close()
    tokens = Tokens.load_or_create(data, remember=True)
    token = tokens.of(PartyKind.ACCOUNT, ACCOUNT)
    vault = Vault.open(data, Master.load_or_create(data), Clock())
    vault.keep(tokens.taken())
    vault.close()
    return data, token.hex()


def enter(data: Path, role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be a person of that role."""
    persons = Persons.open(data, Clock())
    _, key_id, secret = persons.create(role, [role], by="root")
    persons.close()
    monkeypatch.setenv("ARASHA_TOKEN", f"{key_id}.{secret}")


def said(words: list[str], capsys: pytest.CaptureFixture[str], *, code: Exit = Exit.OK) -> Any:
    assert code == main([*words, "--json"])
    return json.loads(capsys.readouterr().out)


def test_an_officer_sees_and_the_log_knows(
    centre: tuple[Path, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The identifier is shown, and the entry names the officer by the token they entered with."""
    data, token = centre
    enter(data, "officer", monkeypatch)
    words = ["vault", "reveal", token, "--data", str(data), "--reason", REASON]
    assert {"token": token, "identifier": ACCOUNT, "in_log": True} == said(words, capsys)
    kind, body = acts_of_log(data)[-1]
    expected = (Kind.REVEAL, "officer", REASON, token)
    assert expected == (kind, body["by"], body["reason"], body["token"])
    assert main(words) == Exit.OK
    shown = capsys.readouterr()
    assert f"{ACCOUNT}\n" == shown.out
    assert "The log has the record" in shown.err


def test_nobody_else_sees(
    centre: tuple[Path, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a token, with a wrong one, or in another role nothing is shown."""
    data, token = centre
    words = ["vault", "reveal", token, "--data", str(data), "--reason", REASON]
    monkeypatch.delenv("ARASHA_TOKEN", raising=False)
    assert "who are you?" == said(words, capsys, code=Exit.USAGE)["error"]["what"]
    monkeypatch.setenv("ARASHA_TOKEN", "0123456789abcdef.wrong")
    assert "who are you?" == said(words, capsys, code=Exit.USAGE)["error"]["what"]
    enter(data, "analyst", monkeypatch)
    assert "may have nothing revealed" in said(words, capsys, code=Exit.USAGE)["error"]["what"]


def test_a_subject_is_forgotten_by_token_or_by_identifier(
    centre: tuple[Path, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The identifier comes on standard input, never in a command's words; the second time it is
    gone already.
    """
    data, token = centre
    enter(data, "administrator", monkeypatch)
    monkeypatch.setattr("sys.stdin", io.StringIO("kz86 125k zt50 0410 0100\n"))
    words = ["vault", "erase", "--data", str(data), "--reason", "the subject asked for it"]
    assert {"erased": True, "in_log": True} == said([*words, "--of", "account"], capsys)
    assert Kind.ERASED is acts_of_log(data)[-1][0]
    assert ACCOUNT not in str(acts_of_log(data))
    gone = said([*words[:2], token, *words[2:]], capsys, code=Exit.FAULT)
    assert "SubjectErased" == gone["error"]["kind"]
    for wrong in ([], [token, "--of", "account"], ["no-token"]):
        said([*words[:2], *wrong, *words[2:]], capsys, code=Exit.USAGE)
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    said([*words, "--of", "account"], capsys, code=Exit.USAGE)


def test_the_master_key_is_changed(
    centre: tuple[Path, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Afterwards the new file opens the vault, from the environment too, and the old one fails."""
    data, token = centre
    new = tmp_path / "new.key"
    words = ["vault", "rotate", "--data", str(data), "--new-master-key", str(new)]
    assert {"subjects": 1, "in_log": True} == said([*words, "--by", "daniyar"], capsys)
    assert 0o600 == new.stat().st_mode & 0o777
    assert "daniyar" == acts_of_log(data)[-1][1]["by"]
    enter(data, "officer", monkeypatch)
    reveal = ["vault", "reveal", token, "--data", str(data), "--reason", REASON]
    assert "StoreError" == said(reveal, capsys, code=Exit.FAULT)["error"]["kind"]
    assert ACCOUNT == said([*reveal, "--master-key", str(new)], capsys)["identifier"]
    monkeypatch.setenv(commands_vault.MASTER_VARIABLE, new.read_bytes().hex())
    assert ACCOUNT == said(reveal, capsys)["identifier"]


def test_no_rotation_beside_a_service(
    centre: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """While another process writes the log nothing is wrapped anew, and no key is made."""
    data, _ = centre
    words = ["vault", "rotate", "--data", str(data), "--new-master-key", str(tmp_path / "new")]
    with Log.open(data):
        assert "LogBusy" == said([*words, "--by", "d"], capsys, code=Exit.FAULT)["error"]["kind"]
    assert not (tmp_path / "new").exists()
    Vault.open(data, Master.load_or_create(data, create=False), Clock()).close()


def test_where_there_is_no_vault_none_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistyped directory is told, not filled."""
    words = ["vault", "rotate", "--data", str(tmp_path / "x"), "--new-master-key", "k", "--by", "d"]
    assert "there is no vault here" == said(words, capsys, code=Exit.USAGE)["error"]["what"]
    assert [] == list(tmp_path.iterdir())
