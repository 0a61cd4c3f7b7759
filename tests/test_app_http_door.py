from __future__ import annotations

from pathlib import Path

import pytest

from arasha.app.http.door import Door, Guest
from arasha.errors import StoreFull
from arasha.events.schema import PartyKind
from arasha.vault.keys import Master
from arasha.vault.subjects import Vault
from arasha.vault.tokens import Tokens
from exchange_samples import Clock, opened
from service_samples import paying
from vault_samples import OFFICER, REASON


def test_what_the_vault_could_not_keep_is_given_to_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk at the wrong moment leaves no token behind which there is nothing."""
    participants = opened(tmp_path)
    bank, _, _ = participants.create("BANK", "bank", by="duty")
    tokens = Tokens.load_or_create(tmp_path, remember=True)
    vault = Vault.open(tmp_path, Master.load_or_create(tmp_path), Clock())
    door = Door(participants, tokens, vault, wall_s=lambda: 0.0, steady_ns=lambda: 0, secure=False)

    def full(*_: object) -> None:
        raise StoreFull("the disk is full")

    door.rows(Guest(bank, 0), [paying("p-1")])
    with monkeypatch.context() as patched:
        patched.setattr(vault, "_insert", full)
        with pytest.raises(StoreFull):
            door.keep_hidden()
    assert 0 == len(vault)
    door.rows(Guest(bank, 0), [paying("p-2", payee_account="KZ-another")])
    door.keep_hidden()
    assert 3 == len(vault)
    token = tokens.of(PartyKind.ACCOUNT, paying("p-1").payee_account)
    shown = vault.reveal(token, by="aigul", roles=OFFICER, reason=REASON)
    assert paying("p-1").payee_account == shown
    vault.close()
