"""``arasha exchange``: an account comes in on standard input, and its token alone goes further."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from app_samples import printed, said
from arasha.app.terminal import Exit
from arasha.events.schema import Kind
from exchange_samples import acts_of_log
from log_samples import created

ACCOUNT = "KZ75125KZT1001300335"


def test_the_list_is_kept_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Added, listed, ended; both are entries, and the account itself stands nowhere."""
    created(tmp_path).close()
    where: list[str | Path] = ["--data", tmp_path, "--by", "dana"]
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{ACCOUNT}\n"))
    added = said(["exchange", "add", *where, "--name", "One", "--reason", "its licence"], capsys)
    token = added["token"]
    (listed,) = said(["exchange", "list", "--data", tmp_path], capsys)["accounts"]
    assert (token, "One", "its licence", "dana") == tuple(
        listed[name] for name in ("token", "exchange", "reason", "by")
    )
    assert "One, since " in printed(["exchange", "list", "--data", tmp_path], capsys)
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    said(["exchange", "add", *where, "--name", "One", "--reason", "x"], capsys, code=Exit.USAGE)
    printed(["exchange", "end", token, *where, "--reason", "closed"], capsys)
    assert [] == said(["exchange", "list", "--data", tmp_path], capsys)["accounts"]
    told = [(body["change"], body["name"]) for kind, body in acts_of_log(tmp_path)
            if kind == Kind.RIGHTS]  # fmt: skip
    assert [("exchange_account_added", token), ("exchange_account_ended", token)] == told
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(ACCOUNT.encode() in data for data in files)
