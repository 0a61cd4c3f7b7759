from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from arasha.events.schema import Kind
from arasha.exchange.messages import (
    MAPPERS,
    TYPES,
    Entry,
    Message,
    Payment,
    envelope,
    rights_changed,
    verdicts_untold,
)
from exchange_samples import NOW_MS


@dataclass(frozen=True)
class Known:
    """A log in which at these places payments stand that were held, and one who does not listen."""

    places: frozenset[int] = frozenset()
    deaf: str = ""

    def wants(self, participant: str, message_type: str) -> bool:
        return message_type in TYPES and participant != self.deaf

    def payment(self, seq: int) -> Payment | None:
        if seq not in self.places:
            return None
        return Payment(seq, "ABANK", f"p-{seq}", NOW_MS, 2, 100_000, 398)

    def seq_of(self, reference: bytes) -> int:
        return reference[0] if reference[0] in self.places else -1


def entry(kind: Kind, /, **body: object) -> Entry:
    return Entry(7, kind, NOW_MS, json.dumps(body).encode())


def test_a_message_is_a_cloud_event() -> None:
    """Its name, order and time come of the entry; what it says is in ``data``."""
    message = Message("ABANK", "decision_changed", "p-1", {"payment": "p-1"}, 3, number=2)
    name, body = envelope(message, entry(Kind.UNTOLD), "urn:arasha:log:00")
    assert "7.2" == name
    assert json.loads(body) == {
        "specversion": "1.0",
        "id": "7.2",
        "source": "urn:arasha:log:00",
        "type": "arasha.decision_changed",
        "subject": "p-1",
        "time": "2026-01-01T00:00:00.000Z",
        "datacontenttype": "application/json",
        "sequence": "0000000000000000007",
        "correlationid": "entry-3",
        "data": {"payment": "p-1"},
    }
    assert (name, body) == envelope(message, entry(Kind.UNTOLD), "urn:arasha:log:00")


@pytest.mark.parametrize("change", ["participant_changed", "key_rotated", "key_revoked",
                                    "webhook_set", "webhook_key_rotated"])  # fmt: skip
def test_a_participant_hears_of_its_own_rights(change: str) -> None:
    """Which key and when; not who did it, nor any setting."""
    act = entry(Kind.RIGHTS, change=change, kind="participant", name="ABANK", key_id="k1",
                at_ms=5, by="aigul", url="https://bank.example/", rate_per_s=1.0)  # fmt: skip
    [message] = rights_changed(act, Known())
    assert ("ABANK", {"change": change, "key_id": "k1", "at_ms": 5}) == (
        message.participant, message.data,
    )  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        {"change": "key_rotated", "kind": "person", "name": "aigul", "key_id": "k1", "at_ms": 5},
        {"change": "participant_created", "kind": "participant", "name": "ABANK", "at_ms": 5},
        {"change": "master_key_rotated", "subjects": 7, "at_ms": 5, "by": "aigul"},
    ],
)
def test_other_rights_are_no_participants_business(body: dict[str, object]) -> None:
    """A person's key, the vault's master key: no message."""
    assert [] == list(rights_changed(entry(Kind.RIGHTS, **body), Known()))


def test_a_message_keeps_its_number_when_another_cannot_be_made() -> None:
    """What is gone leaves a gap, so that ids mean the same for ever."""
    act = entry(Kind.UNTOLD, payments=[4, 9])
    for places, numbers in (({4, 9}, [0, 1]), ({9}, [1]), ({4}, [0]), (set[int](), [])):
        told = verdicts_untold(act, Known(frozenset(places)))
        assert numbers == [message.number for message in told]


def test_the_table_names_acts_and_facts_that_there_are() -> None:
    """Each mapper is of a kind that can stand in a log, each type a word."""
    assert set(MAPPERS) <= set(Kind)
    assert len(TYPES) == len(set(TYPES))
