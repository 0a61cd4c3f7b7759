"""A centre that has lived through two months: its log, its vault, its register, its keys."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import apsw

from arasha.errors import SubjectErased
from arasha.events.schema import PartyKind
from arasha.exchange.participants import Participants
from arasha.vault.keys import Master
from arasha.vault.subjects import VAULT_FILE, Vault
from arasha.vault.tokens import KEY_FILE, Hidden, Tokens
from exchange_samples import Clock
from live_samples import NOW, Hands, payment, policy, running
from log_samples import DAY_MS
from vault_samples import KEY

TOKEN_KEY = b"k" * 32  # that of live_samples.TOKENS
ONCE = ("KZ-CANARY-ONCE-7781", "KZ-CANARY-ONCE-7782", "KZ-CANARY-ONCE-7783")
ALWAYS = ("KZ-CANARY-ALWAYS-1", "KZ-CANARY-ALWAYS-2")
LATELY = ("KZ-CANARY-LATELY-1",)
MONTHS_APART_MS = 125 * DAY_MS


def token(account: str) -> bytes:
    """The account's token in a sample centre."""
    return Tokens(TOKEN_KEY).of(PartyKind.ACCOUNT, account)


def keep_hidden(directory: Path, accounts: Iterable[str]) -> None:
    """Have the vault keep these accounts, each in a commit of its own."""
    vault = Vault.open(directory, Master(KEY), Clock())
    for account in accounts:
        vault.keep([Hidden(token(account), PartyKind.ACCOUNT, account)])
    vault.close()


def centre(directory: Path, folder: Path) -> Path:
    """Payments of January from accounts seen once and accounts seen always; of June from those
    seen always and lately. The vault is under ``vault_samples.KEY``, which is not in the directory.
    """
    directory.mkdir(mode=0o700, exist_ok=True)
    (directory / KEY_FILE).parent.mkdir(mode=0o700, exist_ok=True)
    (directory / KEY_FILE).touch(0o600)
    (directory / KEY_FILE).write_bytes(TOKEN_KEY)
    participants = Participants.open(directory, Clock())
    participants.create("BANKKZKA", "bank", by="tests")
    participants.close()
    hands = Hands()
    with running(directory, policy(folder), hands) as live:
        keep_hidden(directory, (*ONCE, *ALWAYS))
        old = [*ONCE, *ALWAYS]
        live.ask(*(payment(f"jan-{i}", payer_account=a, payee_account=ALWAYS[0])
                   for i, a in enumerate(old)))  # fmt: skip
        hands.wall_ms += MONTHS_APART_MS
        keep_hidden(directory, LATELY)
        new = [*ALWAYS, *LATELY] * 2
        live.ask(*(payment(f"jun-{i}", payer_account=a, payee_account=ALWAYS[1], happened_at=NOW)
                   for i, a in enumerate(new)))  # fmt: skip
    return directory


def revealed(directory: Path, accounts: Iterable[str], key: bytes = KEY) -> list[str | None]:
    """What the vault reveals of these, None where it holds nothing."""
    vault = Vault.open(directory, Master(key), Clock())
    found: list[str | None] = []
    for account in accounts:
        try:
            found.append(vault.reveal(token(account), by=account[-12:], roles={"officer"},
                                      reason="case 17: the payee is heard"))  # fmt: skip
        except SubjectErased:
            found.append(None)
    vault.close()
    return found


def bytes_of(directory: Path) -> bytes:
    """Everything that lies in the directory."""
    return b"\0".join(p.read_bytes() for p in sorted(directory.rglob("*")) if p.is_file())


ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[1] / "src")}

# The tables of the first release, as its code made them: not read from the code of today.
OLD_VAULT = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
CREATE TABLE acts (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE TABLE batches (
    first INTEGER PRIMARY KEY, count INTEGER NOT NULL, tokens BLOB NOT NULL, kinds BLOB NOT NULL,
    wrapped BLOB NOT NULL, ends BLOB NOT NULL, sealed BLOB NOT NULL
) STRICT;
CREATE TABLE erasures (id INTEGER PRIMARY KEY AUTOINCREMENT, number INTEGER NOT NULL) STRICT;
CREATE TABLE reveals (at_ms INTEGER NOT NULL, by TEXT NOT NULL) STRICT;
CREATE INDEX reveals_by ON reveals (by, at_ms);
PRAGMA application_id = 1095914070;
"""


def older_vault(directory: Path, subjects: Sequence[Hidden]) -> Path:
    """A vault as the first release wrote it, with those subjects."""
    new = directory / "new"
    new.mkdir(parents=True)
    vault = Vault.open(new, Master(KEY), Clock())
    vault.keep(subjects)
    vault.close()
    path = directory / VAULT_FILE
    db = apsw.Connection(str(path))
    db.pragma("page_size", 8192)
    db.pragma("journal_mode", "WAL")
    db.execute(OLD_VAULT)
    db.execute("ATTACH ? AS new", (str(new / VAULT_FILE),))
    for table in ("meta", "batches"):
        db.execute(f"INSERT INTO {table} SELECT * FROM new.{table}")
    db.execute("DETACH new")
    db.close()
    shutil.rmtree(new)
    return directory
