"""Law 7: no raw identifier outside the vault, and nothing personal anywhere at all.

Messages full of canaries go the whole way: door, log, vault, acts, export. Then everything that
lies in the directory, and everything that was said on the way, is searched for them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from arasha.events.body import pack_facts
from arasha.events.iso20022.messages import Message, decode_json, decode_xml
from arasha.events.rejects import Reject, RejectsFile
from arasha.exchange.acts import keep_waiting
from arasha.exchange.participants import Participants
from arasha.log.export import export
from arasha.log.log import Entries, Log
from arasha.vault.keys import Master
from arasha.vault.rows import facts_from_records
from arasha.vault.subjects import Vault
from arasha.vault.tokens import Tokens
from exchange_samples import NOW_MS, Clock
from iso20022_samples import JSON, PAYEE, PAYER, PERSONAL, XML
from pages_samples import VICTIM, Staged
from test_app_pages_citizens import Citizen, citizen, code_on, told
from vault_samples import OFFICER, REASON

__all__ = ["citizen"]

IDENTIFIERS = (PAYER, PAYEE, "77015550142", "77015550143", "7015550142")
FORBIDDEN = (*PERSONAL, *IDENTIFIERS, "wedding", "Canary")


def read(message: bytes) -> Message | Reject:
    return decode_xml(message) if message.startswith(b"<") else decode_json(message)


def broken(message: bytes) -> list[bytes]:
    """The message with a fault in each of the places where identifiers stand."""
    faults = ((PAYER, PAYER.replace("86", "87")), ("+7-7015550142", "+7-7015550142" * 4),
              ("E-1", "E 1 77015550142"), ("250000.5", "7701555014200000000000"))  # fmt: skip
    text = message.decode()
    return [text.replace(old, new).encode() for old, new in faults if old in text]


def centre(directory: Path) -> list[str]:
    """Take every message into a log and a vault in that directory; what was said meanwhile."""
    tokens = Tokens.load_or_create(directory, remember=True)
    vault = Vault.open(directory, Master.load_or_create(directory), Clock())
    participants = Participants.open(directory, Clock())
    _, key_id, _ = participants.create("BANK", "bank", by="duty")
    rejects = RejectsFile(directory / "rejects.csv", lambda row: ("iso20022", row))
    said = [key_id]
    with Log.create(directory, created_at_ms=NOW_MS) as log:
        for number, message in enumerate([*XML.values(), *JSON.values()]):
            found = read(message)
            assert isinstance(found, Message)
            said.append(repr(found))
            facts = facts_from_records(found.records, f"BANK{number}", tokens)
            said.append(repr(facts))
            hidden = tokens.taken()
            vault.keep(hidden)
            for one in hidden[:1]:
                vault.reveal(one.token, by="aigul", roles=OFFICER, reason=REASON)
            if len(facts):
                times = np.full(len(facts), NOW_MS, np.int64)
                digests = log.admit(facts).digests
                log.append(Entries(facts.kinds, times, pack_facts(facts), digests))
            for wrong in broken(message):
                refused = read(wrong)
                if isinstance(refused, Reject):
                    rejects.append([refused])
                    said.append(repr(refused))
        keep_waiting(log, [participants.register.database, vault.database], NOW_MS)
    rejects.sync()
    rejects.close()
    assert len(vault) >= len(IDENTIFIERS) - 1
    vault.close()
    return said


def test_no_canary_is_anywhere(tmp_path: Path) -> None:
    """Not in the log, the vault, the register, the rejects, the export, or what was said."""
    said = centre(tmp_path / "centre")
    export(tmp_path / "centre", tmp_path / "exported")
    for part in (tmp_path / "exported").glob("*.parquet"):
        said.append(str(pl.read_parquet(part).rows()))
    assert any("participant_created" in text and REASON in text for text in said)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"log.sqlite", "vault.sqlite", "exchange.sqlite", "rejects.csv"} <= {
        path.name for path in files
    }
    places = [path.read_bytes() for path in files] + [text.encode() for text in said]
    found = [
        (word, n)
        for word in FORBIDDEN
        for n, place in enumerate(places)
        if word.encode() in place or word.encode("utf-16-le") in place
    ]
    assert [] == found


@pytest.mark.parametrize("word", [PAYER, "Canary"])
def test_a_planted_canary_would_be_found(tmp_path: Path, word: str) -> None:
    """The search above can fail: a file with a canary in it is found."""
    centre(tmp_path / "centre")
    (tmp_path / "centre" / "careless.txt").write_text(f"paid by {word}")
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert 1 == sum(word.encode() in content for content in files)


def test_citizens_pages_tell_no_identifier(stage: Staged, citizen: Citizen) -> None:
    """What is typed goes by form alone: no address, journal, metric or file has it, nor a code; and
    what was only asked about is not in the vault either.
    """
    mine, caller, asked_about = "KZ-canary-5550177", "5550177", "5550178"
    citizen.get("report")
    sent = citizen.post("report", step="3", **told(payer_account=mine, number=f"+7701{caller}"))
    code = code_on(sent.text)
    citizen.get("follow")
    citizen.get("check")
    answered = citizen.post("check", party=f"+7 701 {asked_about}")
    urls = [str(one.url) for one in (sent, *sent.history, answered)]
    metrics = stage.served.request("GET", "/metrics", name="BANKKZKA").text
    for text in (*urls, stage.served.journal.read_text(), metrics):
        assert [] == [one for one in (mine, code, caller, asked_about, VICTIM) if one in text]
    files = [path for path in stage.served.directory.rglob("*") if path.is_file()]
    assert files
    for canary in (mine, caller, asked_about):
        assert [] == [one.name for one in files if canary.encode() in one.read_bytes()]
