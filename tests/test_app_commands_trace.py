"""``arasha trace``: on files and on a log; by report, payment or account; table, object, page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app_samples import PLAIN_POLICY, printed, said
from arasha.app.main import main
from arasha.app.terminal import Exit
from native_samples import PAYMENT, folder, frame

VICTIM, MULE = "KZ75125KZT1001300335", "KZ86125KZT5004100100"
SECOND, SHOP = "KZ60125KZT5004100101", "KZ39125KZT1001300336"


def paid(payer: str, payee: str, amount: str, **more: object) -> dict[str, object]:
    """A payment of the sample."""
    return {**PAYMENT, "payer_account": payer, "payee_account": payee, "amount": amount, **more}


def theft(parent: Path) -> Path:
    """Facts: the theft f-1 goes over two mules, one of whom withdraws half; the report is f-5."""
    return folder(
        parent,
        frame(
            paid(VICTIM, MULE, "1000"),
            paid(MULE, SECOND, "900"),
            paid(SECOND, SHOP, "450", channel="atm"),
            paid(SHOP, VICTIM, "5"),
            {
                "fact": "report", "sender": "BANKKZKA", "payment": "f-1", "attested": True,
                "amount": "600", "currency": "KZT",
            },
        ),
    )  # fmt: skip


def test_a_trace_is_told_as_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Accounts by the beginnings of their tokens, sums by rule, no identifier anywhere."""
    text = printed(["trace", "f-1", "--facts", theft(tmp_path)], capsys)

    assert "trace of f-1: 2 accounts, 3 payments" in text
    assert "still there" in text
    assert "550.00 KZT" in text
    assert not any(account in text for account in (VICTIM, MULE, SECOND, SHOP))


def test_json_has_the_whole_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Sums, accounts, payments, bounds and what cut; money in minor units."""
    told = said(["trace", "f-1", "--facts", theft(tmp_path), "--back"], capsys)

    assert "KZT" == told["currency"]
    assert 1000_00 == told["disputed"]["fifo"]
    assert (550_00, 450_00) == (told["there"]["fifo"], told["cash"]["fifo"])
    assert [None, None, "cash"] == [one["left_by"] for one in told["payments"]]
    assert 24 * 3_600_000 == told["bounds"]["hop_window_ms"]
    assert 0 == told["cut_by"]["hops_most"]
    assert [] == told["others"]


def test_a_report_disputes_what_it_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """600 of the 1,000 paid are disputed: the report names its payment and the amount."""
    told = said(["trace", "f-5", "--facts", theft(tmp_path)], capsys)

    assert 600_00 == told["disputed"]["fifo"]
    assert [600_00, 0, 0] == [one["reported_minor"] for one in told["payments"]]


def test_bounds_that_cut_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One hop, least amount 950: nothing but the reported payment is followed."""
    words: list[str | Path] = ["trace", "f-1", "--facts", theft(tmp_path), "--hops", "1"]

    assert "Cut by the bound “most hops” (1): 1 payments went further." in printed(words, capsys)


def test_a_log_gives_the_same_trace_as_its_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Replayed into a log, the same payments are followed, by places in the log."""
    facts = theft(tmp_path / "facts")
    policy = tmp_path / "plain.toml"
    policy.write_text(PLAIN_POLICY, encoding="utf-8")
    printed(["replay", facts, "--policy", policy, "--out", tmp_path / "log"], capsys)

    from_log = said(["trace", "f-1", "--facts", tmp_path / "log"], capsys)
    from_file = said(["trace", "f-1", "--facts", facts], capsys)

    def without_names(told: dict[str, Any]) -> dict[str, Any]:
        for one in told["accounts"] + told["payments"]:
            for name in ("account", "payer", "payee", "seq"):
                one.pop(name, None)
        return told

    seqs = [one["seq"] for one in from_log["payments"]]
    assert sorted(set(seqs)) == seqs
    assert without_names(from_file) == without_names(from_log)


def test_an_account_and_a_time_name_what_was_stolen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the victim's token, as a log keeps it."""
    facts = theft(tmp_path / "facts")
    policy = tmp_path / "plain.toml"
    policy.write_text(PLAIN_POLICY, encoding="utf-8")
    printed(["replay", facts, "--policy", policy, "--out", tmp_path / "log"], capsys)
    by_id = said(["trace", "f-1", "--facts", tmp_path / "log"], capsys)
    victim = by_id["payments"][0]["payer"]

    words = ["trace", "--facts", tmp_path / "log", "--account", victim, "--since"]
    told = said([*words, "2026-01-05T04:00Z"], capsys)
    later = main([str(word) for word in [*words, "2026-01-05T05:00Z"]])

    assert by_id == told
    assert Exit.USAGE == later
    assert "made no payment in the hop window" in capsys.readouterr().err


def test_a_page_shows_the_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One file, tokens only, with a picture and the bounds."""
    page = tmp_path / "way" / "page.html"
    printed(["trace", "f-1", "--facts", theft(tmp_path), "--page", page], capsys)

    text = page.read_text(encoding="utf-8")
    assert "<svg" in text
    assert "left the network" in text
    assert "Bounds of this trace" in text
    assert not any(account in text for account in (VICTIM, MULE, SECOND, SHOP))


def test_exchanges_are_named_by_tokens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Money paid to a listed account has left for a crypto exchange."""
    facts = theft(tmp_path / "facts")
    policy = tmp_path / "plain.toml"
    policy.write_text(PLAIN_POLICY, encoding="utf-8")
    printed(["replay", facts, "--policy", policy, "--out", tmp_path / "log"], capsys)
    by_id = said(["trace", "f-1", "--facts", tmp_path / "log"], capsys)
    listed = tmp_path / "exchanges"
    listed.write_text(by_id["payments"][1]["payee"] + "\n", encoding="ascii")

    told = said(["trace", "f-1", "--facts", tmp_path / "log", "--exchanges", listed], capsys)

    assert 900_00 == told["crypto"]["fifo"]
    assert 1 == len(told["accounts"])


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["f-9"], "no payment or report has the id 'f-9'"),
        ([], "nothing is reported"),
        (["--account", "xyz", "--since", "2026-01-05T04:00Z"], "this is no token"),
        (["--account", "00", "--since", "yesterday"], "this is no time"),
    ],
)
def test_what_cannot_be_traced_is_said(
    words: list[str], complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wrong usage, in a sentence."""
    assert Exit.USAGE == main(["trace", *words, "--facts", str(theft(tmp_path))])
    assert complaint in capsys.readouterr().err


def test_an_id_of_two_senders_needs_a_sender(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which of them is meant is for the caller to say."""
    facts = folder(
        tmp_path,
        frame(
            paid(VICTIM, MULE, "1000", id="x"),
            paid(SHOP, SECOND, "700", id="x", sender="BANKKZKB"),
        ),
    )
    assert Exit.USAGE == main(["trace", "x", "--facts", str(facts)])
    assert "BANKKZKA, BANKKZKB" in capsys.readouterr().err

    told = said(["trace", "x", "--facts", facts, "--sender", "BANKKZKB"], capsys)
    assert 700_00 == told["disputed"]["fifo"]
    assert json.dumps(told)
