"""``arasha attachments erase``: who may, with which words, and what is left."""

from __future__ import annotations

from pathlib import Path
from secrets import token_bytes

import pytest

from app_samples import printed, said
from arasha.app.terminal import Exit
from arasha.cases.attachments import Attachments, Document
from arasha.events.schema import Kind
from arasha.log.keys import KeyStore, Retention, period_named
from exchange_samples import acts_of_log
from log_samples import created, keep
from test_app_commands_vault import enter

PDF = b"%PDF-1.7 a contract"
WHY = "a court has ordered it"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A centre with one document of one case."""
    month = period_named("2018-04")
    with created(tmp_path) as log:
        keep(log, 1, 0)
    keys, document = KeyStore(tmp_path), Document.of(PDF)
    assert document is not None
    keys.create(Retention.ACTS, month)
    attachments = Attachments.open(tmp_path, keys, token_bytes)
    attachments.keep("c1", document, month)
    attachments.close()
    return tmp_path


def test_an_officer_erases_and_the_log_says_so(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An analyst may not; without a reason, or with an identifier in it, nobody; once is enough."""
    words: list[str | Path] = ["attachments", "erase", "c1", "--data", data, "--reason"]
    enter(data, "analyst", monkeypatch)
    assert (
        "may have nothing erased" in said([*words, WHY], capsys, code=Exit.USAGE)["error"]["what"]
    )
    enter(data, "officer", monkeypatch)
    for reason in (" ", "of KZ75125KZT1001300335"):
        said([*words, reason], capsys, code=Exit.USAGE)
    assert {"case": "c1", "erased": 1, "in_log": True} == said([*words, WHY], capsys)
    assert "0 documents of case c1" in printed([*words, WHY], capsys)
    told = [body for kind, body in acts_of_log(data)
            if kind == Kind.RIGHTS and body["change"] == "attachments_erased"]  # fmt: skip
    assert [("c1", "officer", WHY, 1)] == [
        (one["name"], one["by"], one["reason"], one["documents"]) for one in told
    ]


def test_where_nothing_was_ever_attached_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong directory does not become one with attachments."""
    created(tmp_path).close()
    enter(tmp_path, "officer", monkeypatch)
    words: list[str | Path] = ["attachments", "erase", "c1", "--data", tmp_path, "--reason", WHY]
    said(words, capsys, code=Exit.USAGE)
    assert not Attachments.exist(tmp_path)
