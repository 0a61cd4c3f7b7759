"""Accounts of crypto exchanges: a list kept by people, each change an act with who and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from arasha.errors import StoreError, UsageError
from arasha.events.schema import Kind
from arasha.exchange import crypto_exchanges
from arasha.exchange.crypto_exchanges import CryptoExchanges, ExchangeAccount
from arasha.exchange.register import Register

FIRST, SECOND = bytes(15) + b"\1", bytes(15) + b"\2"
WHY = "its licence names it"


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return Register.open(tmp_path, lambda: 1_700_000_000_000)


def test_an_account_is_put_on_it_and_taken_off(register: Register, tmp_path: Path) -> None:
    """Another process sees it; what was said stays in the acts."""
    exchanges = CryptoExchanges(register)
    exchanges.add(FIRST, "Exchange One", by="dana", reason=WHY)
    exchanges.add(SECOND, "Exchange Two", by="dana", reason=WHY)
    exchanges.end(SECOND, by="erlan", reason="it was closed")
    other = CryptoExchanges(Register.open(tmp_path, lambda: 0))
    expected = ExchangeAccount(FIRST.hex(), "Exchange One", WHY, "dana", 1_700_000_000_000)
    assert [expected] == exchanges.list() == other.list()
    assert [FIRST.hex()] == other.tokens()
    acts = [(act.kind, json.loads(act.body)) for act in register.waiting()]
    assert [
        (Kind.RIGHTS, "exchange_account_added", FIRST.hex(), "dana", WHY),
        (Kind.RIGHTS, "exchange_account_added", SECOND.hex(), "dana", WHY),
        (Kind.RIGHTS, "exchange_account_ended", SECOND.hex(), "erlan", "it was closed"),
    ] == [(kind, said["change"], said["name"], said["by"], said["reason"]) for kind, said in acts]


def test_what_is_refused_changes_nothing(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice the same, without a reason, an identifier in the words, one that is not there."""
    exchanges = CryptoExchanges(register)
    exchanges.add(FIRST, "Exchange One", by="dana", reason=WHY)
    for token, name, reason in (
        (FIRST, "Exchange One", WHY),
        (SECOND, " ", WHY),
        (SECOND, "Exchange Two", ""),
        (SECOND, "Exchange Two", "x" * 201),
        (SECOND, "Exchange Two", "the one of KZ75125KZT1001300335"),
    ):
        with pytest.raises(UsageError):
            exchanges.add(token, name, by="dana", reason=reason)
    with pytest.raises(UsageError, match="no exchange"):
        exchanges.end(SECOND, by="dana", reason=WHY)
    with pytest.raises(UsageError, match="reason"):
        exchanges.end(FIRST, by="dana", reason=" ")
    monkeypatch.setattr(crypto_exchanges, "MAX_ACCOUNTS", 1)
    with pytest.raises(StoreError, match="as many accounts"):
        exchanges.add(SECOND, "Exchange Two", by="dana", reason=WHY)
    assert 1 == len(exchanges.list()) == len(register.waiting())
