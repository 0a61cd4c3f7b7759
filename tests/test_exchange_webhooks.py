from __future__ import annotations

import json
from pathlib import Path

import pytest

from arasha.errors import UsageError
from arasha.exchange.register import REGISTER_FILE, Register
from arasha.exchange.webhooks import Webhooks
from exchange_samples import HOUR_MS, NOW_MS, Clock, opened, told

URL = "https://bank.example/arasha"


def with_bank(directory: Path, clock: Clock) -> Register:
    """A register with one bank in it."""
    participants = opened(directory, clock)
    participants.create("BANK", "bank", by="duty")
    return participants.register


def test_a_webhook_is_set_changed_and_removed_and_each_is_an_act(directory: Path) -> None:
    """Its key stays when its address changes; the act has the public half and never ours."""
    register = with_bank(directory, Clock())
    webhooks = Webhooks(register)
    assert None is webhooks.get("BANK")
    first = webhooks.set("BANK", URL, by="duty")
    other = webhooks.set("BANK", URL + "/2", by="duty", types=["rights_changed"])
    assert first.keys == other.keys
    assert (URL + "/2", frozenset({"rights_changed"})) == (other.url, other.types)
    assert other == webhooks.get("BANK") == Webhooks(register).get("BANK")
    assert ["BANK"] == webhooks.names()
    webhooks.remove("BANK", by="duty")
    assert [] == webhooks.names()
    acts = told(register.waiting())[1:]
    assert ["webhook_set", "webhook_set", "webhook_removed"] == [act["change"] for act in acts]
    assert {"BANK"} == {act["name"] for act in acts}
    assert first.keys[0].public.hex() == acts[0]["public_key"]
    private = first.keys[0].private
    assert not any(private.hex() in json.dumps(act) for act in acts)
    assert private.hex() not in repr(first)


def test_the_next_key_signs_after_a_while(directory: Path) -> None:
    """Until its time the one before it does; then the old one is let go of at the next change."""
    clock = Clock()
    webhooks = Webhooks(with_bank(directory, clock))
    [old] = webhooks.set("BANK", URL, by="duty").keys
    both = webhooks.rotate("BANK", by="duty", overlap_ms=HOUR_MS)
    assert [old.key_id, both.keys[1].key_id] == [key.key_id for key in both.keys]
    assert old == both.key_at(NOW_MS + HOUR_MS - 1)
    assert both.keys[1] == both.key_at(NOW_MS + HOUR_MS)
    clock.now_ms += 2 * HOUR_MS
    third = webhooks.rotate("BANK", by="duty", overlap_ms=0)
    assert [third.keys[-1]] == list(third.keys)
    assert third.keys[-1] == third.key_at(clock.now_ms)
    for hours in (24, 25, 26):
        webhooks.rotate("BANK", by="duty", overlap_ms=hours * HOUR_MS)
    with pytest.raises(UsageError, match="wait for their time"):
        webhooks.rotate("BANK", by="duty", overlap_ms=27 * HOUR_MS)


def test_what_cannot_be_set_says_why(directory: Path) -> None:
    """An unknown participant, address or type; a webhook that is not there."""
    webhooks = Webhooks(with_bank(directory, Clock()))
    with pytest.raises(UsageError, match="no participant"):
        webhooks.set("NOBODY", URL, by="duty")
    with pytest.raises(UsageError, match="address of a webhook"):
        webhooks.set("BANK", "http://bank.example/", by="duty")
    with pytest.raises(UsageError, match="has no 'gossip'"):
        webhooks.set("BANK", URL, by="duty", types=["gossip"])
    for act in (webhooks.rotate, webhooks.remove):
        with pytest.raises(UsageError, match="no webhook"):
            act("BANK", by="duty")


def test_another_process_sees_it_when_it_refreshes(tmp_path: Path) -> None:
    """As with every right; and the file is its owner's alone."""
    register = with_bank(tmp_path, Clock())
    other = Register.open(tmp_path, Clock())
    made = Webhooks(register).set("BANK", URL, by="duty")
    assert None is Webhooks(other).get("BANK")
    assert other.refresh()
    assert made == Webhooks(other).get("BANK")
    assert 0o600 == (tmp_path / REGISTER_FILE).stat().st_mode & 0o777
