from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from arasha.app.main import main
from arasha.app.terminal import Exit
from arasha.events.schema import Kind
from arasha.exchange.outbox import OUTBOX_FILE, Outbox, State, Tried
from arasha.log.log import Log
from exchange_samples import acts_of_log
from followed_samples import followed, label, rows, webhook
from log_samples import APRIL_MS, keep

URL = "https://bank.example/arasha"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A log with two dead messages and one behind."""
    directory = tmp_path / "centre"
    with Log.create(directory, created_at_ms=APRIL_MS) as log:
        webhook(log, "BANKKZKA")
        keep(log, 1, 0)
        for fraud in (True, False, True, False):
            label(log, f"l-{log.size}", "p-0", fraud=fraud)
        outbox = Outbox.open(directory)
        followed(log, outbox)
    tries = [Tried(row, State.DEAD, "gone") for row in rows(outbox, State.DUE)]
    outbox.note(tries, APRIL_MS)
    outbox.close()
    return directory


def said(words: list[str], data: Path, capsys: pytest.CaptureFixture[str], *,
         code: Exit = Exit.OK) -> Any:  # fmt: skip
    capsys.readouterr()
    assert code == main([*words, "--data", str(data), "--json"])
    return json.loads(capsys.readouterr().out)


def test_messages_are_listed_sent_again_and_dropped(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each by its id; who did it and why stands in the log."""
    listed = said(["outbox", "list"], data, capsys)["messages"]
    assert ["dead", "dead", "behind"] == [message["state"] for message in listed]
    dead = said(["outbox", "dead"], data, capsys, code=Exit.FINDINGS)["messages"]
    assert [message["id"] for message in listed[:2]] == [message["id"] for message in dead]
    assert [] == said(["outbox", "list", "--participant", "OTHER"], data, capsys)["messages"]
    first, second = (message["id"] for message in dead)
    sent = said(["outbox", "resend", first, "--by", "duty"], data, capsys)
    assert {"resent": [first], "in_log": True} == sent
    words = ["outbox", "drop", second, "--reason", "told by telephone", "--by", "duty"]
    assert [second] == said(words, data, capsys)["dropped"]
    states = [m["state"] for m in said(["outbox", "list"], data, capsys)["messages"]]
    assert ["due", "due"] == states
    assert [] == said(["outbox", "dead"], data, capsys)["messages"]
    acts = [body for kind, body in acts_of_log(data) if kind == Kind.SENT]
    assert [("dead", None), ("resent", "duty"), ("dropped", "duty")] == [
        (act["what"], act.get("by")) for act in acts
    ]
    before = said(["outbox", "list", "--state", "dropped"], data, capsys)
    again = {"due": 2, "behind": 0, "dead": 0}
    assert again == said(["outbox", "rebuild"], data, capsys)
    (data / OUTBOX_FILE).unlink()
    assert again == said(["outbox", "rebuild"], data, capsys)
    after = said(["outbox", "list", "--state", "dropped"], data, capsys)
    assert [m["id"] for m in before["messages"]] == [m["id"] for m in after["messages"]]


def test_for_people_it_is_a_line_a_message(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What, to whom, of when, how often tried and why in vain."""
    capsys.readouterr()
    assert Exit.OK == main(["outbox", "list", "--data", str(data)])
    lines = capsys.readouterr().out.splitlines()
    assert "dead  BANKKZKA  rights_changed" in lines[0]
    assert lines[0].endswith("of 2018-04-01T00:00:00Z, 1 tries, gone")
    assert Exit.OK == main(["outbox", "list", "--data", str(data), "--state", "dropped"])
    assert "none" == capsys.readouterr().out.strip()


@pytest.mark.parametrize(
    "words",
    [
        ["resend"],
        ["resend", "0.0", "--all"],
        ["resend", "no-such"],
        ["drop", "no-such", "--reason", "why not"],
        ["list", "--state", "lost"],
    ],
)
def test_what_cannot_be_done_is_said(
    words: list[str], data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Usage errors change nothing."""
    assert "error" in said(["outbox", *words], data, capsys, code=Exit.USAGE)


def test_where_there_is_no_outbox_none_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Looking is no making."""
    assert "error" in said(["outbox", "list"], tmp_path, capsys, code=Exit.USAGE)
    assert [] == list(tmp_path.iterdir())


def test_while_a_service_runs_it_is_not_made_again(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who writes the log holds the outbox, too."""
    with Log.open(data):
        assert "error" in said(["outbox", "rebuild"], data, capsys, code=Exit.FAULT)
        assert (data / OUTBOX_FILE).exists()


def test_a_webhook_is_set_shown_rotated_and_removed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The public key is shown; what it replaces signs until the overlap is over."""
    data = tmp_path / "centre"
    assert Exit.OK == main(["participant", "create", "BANK", "--role", "bank", "--data", str(data)])
    word = ["participant", "webhook", "BANK"]
    assert None is said(word, data, capsys)["webhook"]
    made = said([*word, "--url", URL, "--message", "decision_changed"], data, capsys)["webhook"]
    assert (URL, ["decision_changed"], 1) == (made["url"], made["messages"], len(made["keys"]))
    both = said([*word, "--rotate", "--overlap", "1"], data, capsys)["webhook"]["keys"]
    assert made["keys"][0] == both[0]
    assert 0 < both[1]["starts_ms"]
    assert both == said(word, data, capsys)["webhook"]["keys"]
    [new] = said([*word, "--rotate", "--overlap", "0"], data, capsys)["webhook"]["keys"]
    assert new["public_key"] not in [key["public_key"] for key in both]
    assert None is said([*word, "--remove"], data, capsys)["webhook"]
    assert "error" in said([*word, "--remove"], data, capsys, code=Exit.USAGE)
    assert "error" in said([*word, "--rotate", "--remove"], data, capsys, code=Exit.USAGE)
    assert "error" in said([*word, "--url", "http://bank.example"], data, capsys, code=Exit.USAGE)
