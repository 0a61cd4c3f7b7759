from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from arasha.app.main import main
from arasha.app.terminal import Exit
from arasha.exchange.participants import Participants
from arasha.exchange.persons import Persons
from arasha.log.log import Log
from exchange_samples import Clock, acts_of_log


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "centre"


def run(words: list[str], data: Path, *, code: Exit = Exit.OK) -> None:
    by = [] if "list" in words else ["--by", "duty"]
    assert code == main([*words, "--data", str(data), *by])


def said(words: list[str], data: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    capsys.readouterr()
    run([*words, "--json"], data)
    return json.loads(capsys.readouterr().out)


def test_a_participant_is_made_rotated_listed_and_revoked(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each key that a command shows opens the door; a revoked one does not."""
    words = ["participant", "create", "BANK", "--role", "bank", "--send", "payment", "--rate", "7"]
    made = said(words, data, capsys)
    assert (["payment"], 7.0, False) == (
        made["participant"]["may_send"], made["participant"]["rate_per_s"], made["in_log"],
    )  # fmt: skip
    words = ["participant", "change", "BANK", "--deadline", "250"]
    assert 250 == said(words, data, capsys)["participant"]["deadline_ms"]
    again = said(["participant", "rotate", "BANK", "--overlap", "1"], data, capsys)
    said(["participant", "revoke", made["key_id"]], data, capsys)
    participants = Participants.open(data, Clock())
    assert None is participants.authenticate(made["key_id"], made["secret"])
    found = participants.authenticate(again["key_id"], again["secret"])
    assert found is not None
    assert "BANK" == found.name
    (listed,) = said(["participant", "list"], data, capsys)["participants"]
    assert ("BANK", [again["key_id"]]) == (listed["name"], [k["key_id"] for k in listed["keys"]])


def test_a_person_is_made_rotated_listed_and_revoked(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same for the people of the centre, with roles; a new token ends the old one."""
    roles = ["--role", "officer", "--role", "analyst"]
    made = said(["person", "create", "aigul", *roles], data, capsys)
    assert {"name": "aigul", "roles": ["analyst", "officer"]} == made["person"]
    again = said(["person", "rotate", "aigul"], data, capsys)
    persons = Persons.open(data, Clock())
    assert None is persons.authenticate(made["key_id"], made["secret"])
    assert None is not persons.authenticate(again["key_id"], again["secret"])
    said(["person", "revoke", again["key_id"]], data, capsys)
    expected = {"name": "aigul", "roles": ["analyst", "officer"], "keys": []}
    assert {"persons": [expected]} == said(["person", "list"], data, capsys)


def test_with_a_log_the_change_is_an_entry_at_once(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who was made by whom stands in the log; while another writes it, the record waits."""
    Log.create(data).close()
    assert said(["participant", "create", "BANK", "--role", "bank"], data, capsys)["in_log"]
    with Log.open(data):
        made = said(["participant", "create", "TELCO", "--role", "operator"], data, capsys)
        assert not made["in_log"]
    assert said(["person", "create", "aigul", "--role", "officer"], data, capsys)["in_log"]
    bodies = [body for _, body in acts_of_log(data)]
    assert [("BANK", "duty"), ("TELCO", "duty"), ("aigul", "duty")] == [
        (body["name"], body["by"]) for body in bodies
    ]


def test_people_read_what_programs_read(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The text shows key, secret and header, and where the record is; lists show no secret."""
    run(["participant", "create", "BANK", "--role", "bank", "--signing", "required"], data)
    shown = capsys.readouterr()
    key_id, secret = (line.split()[1] for line in shown.out.splitlines()[:2])
    assert f"header  Authorization: Bearer {key_id}.{secret}" in shown.out
    assert "waits for the log" in shown.err
    Log.create(data).close()
    run(["person", "create", "aigul", "--role", "officer"], data)
    assert "The log has the record." in capsys.readouterr().err
    run(["participant", "rotate", "BANK"], data)
    run(["participant", "revoke", key_id], data)
    assert f"{key_id} opens nothing any more" in capsys.readouterr().out
    run(["participant", "list"], data)
    run(["person", "list"], data)
    listed = capsys.readouterr().out
    assert "BANK  bank, 1000 facts/s, 1000 ms, signing required" in listed
    assert "aigul  officer" in listed
    assert secret not in listed
    run(["participant", "change", "BANK", "--send", "payment", "--rate", "5"], data)
    assert "BANK  bank, 5 facts/s" in capsys.readouterr().out


def test_a_public_key_is_taken_from_a_file(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ed25519 in PEM; anything else is refused, and nobody is made."""
    public = Ed25519PrivateKey.generate().public_key()
    path = tmp_path / "bank.pem"
    words = ["participant", "create", "BANK", "--role", "bank", "--public-key", str(path)]
    path.write_text("no key")
    run(words, data, code=Exit.USAGE)
    path.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    said(words, data, capsys)
    (listed,) = said(["participant", "list"], data, capsys)["participants"]
    assert public.public_bytes_raw().hex() == listed["keys"][0]["public_key"]


@pytest.mark.parametrize(
    "words",
    [
        ["participant", "create", "BANK", "--role", "king"],
        ["participant", "create", "BANK", "--role", "bank", "--send", "everything"],
        ["participant", "rotate", "NOBODY"],
        ["participant", "rotate", "NOBODY", "--overlap", "-1"],
        ["participant", "revoke", "0123456789abcdef"],
        ["person", "create", "aigul", "--role", "king"],
        ["person", "revoke", "secret-pasted-by-mistake"],
    ],
)
def test_wrong_words_are_wrong_usage(
    words: list[str], data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and a secret pasted in place of an id is not repeated."""
    run(words, data, code=Exit.USAGE)
    assert "secret-pasted" not in capsys.readouterr().err
