"""How a person comes in, and how that ends, on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from arasha.app.main import main
from arasha.app.terminal import Exit
from arasha.exchange.persons import Persons
from exchange_samples import Clock, acts_of_log
from log_samples import made
from signin_samples import door


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A centre with a log and one person."""
    place = tmp_path / "centre"
    made(place, batches=1)
    said(place, None, "create", "aigul", "--role", "analyst")
    return place


def said(data: Path, capsys: Any, *words: str, code: Exit = Exit.OK) -> Any:
    """What the command says as JSON."""
    if capsys is not None:
        capsys.readouterr()
    assert code == main(["person", *words, "--data", str(data), "--by", "duty", "--json"])
    return json.loads(capsys.readouterr().out) if capsys is not None and code == Exit.OK else None


def test_a_person_is_invited_and_closed(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The link's secret is the invitation's; after all is closed nothing opens."""
    told = said(data, capsys, "invite", "aigul", "--at", "https://Centre.example/", "--hours", "2")
    link = told["link"]
    assert link.startswith("https://centre.example/console/invitation/")
    assert told["in_log"]
    at = door(data, Clock(told["ends_ms"] - 1))
    assert None is at.enrolment.invitations.of(link.rpartition("/")[2][:-1])
    at.clock.now_ms = told["ends_ms"] - 7_100_000
    assert "aigul" == at.enrolment.invitations.of(link.rpartition("/")[2])
    said(data, capsys, "link", "aigul", "--issuer", "https://id.example", "--subject", "7f3a91c0")
    said(data, capsys, "change", "aigul", "--role", "officer")
    said(data, capsys, "sign-out", "aigul")
    said(data, capsys, "forget", "aigul")
    said(data, capsys, "close", "aigul")
    persons = Persons.open(data, at.clock)
    assert frozenset() == persons.named("aigul").roles
    assert None is persons.rights("aigul")
    persons.close()
    changes = [body["change"] for _, body in acts_of_log(data) if "change" in body]
    assert [
        "person_created", "person_invited", "subject_linked", "person_changed", "means_forgotten",
        "person_changed", "key_revoked", "means_forgotten",
    ] == changes  # fmt: skip
    assert "7f3a91c0" not in str(acts_of_log(data))


@pytest.mark.parametrize(
    "at", ["http://centre.example", "centre.example", "https://", "https://x/y", "http://127.0.0.1"]
)
def test_nobody_is_invited_to_where_no_browser_signs_in(data: Path, at: str) -> None:
    """Without TLS only this machine's own name will do."""
    said(data, None, "invite", "aigul", "--at", at, code=Exit.USAGE)


@pytest.mark.parametrize("word", ["invite", "sign-out", "forget", "close", "link", "change"])
def test_who_is_nobody(data: Path, word: str) -> None:
    """Is said, and changes nothing."""
    more = {
        "invite": ["--at", "https://x.example"], "change": ["--role", "officer"],
        "link": ["--issuer", "https://x.example", "--subject", "1"],
    }.get(word, [])  # fmt: skip
    said(data, None, word, "nobody", *more, code=Exit.USAGE)
