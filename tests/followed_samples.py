"""A log with payments, labels and changes of rights, and outboxes that follow it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from arasha.events.body import bodies_from, pack_facts
from arasha.events.columns import Facts
from arasha.events.reference import digest16, digests_of
from arasha.events.schema import Kind
from arasha.events.symbols import symbols_of
from arasha.exchange.following import Following
from arasha.exchange.outbox import Outbox, Row, State
from arasha.log.log import Entries, Log
from log_samples import APRIL_MS, code


def act(log: Log, kind: Kind, body: dict[str, Any], known_at_ms: int = APRIL_MS) -> int:
    """Append one act."""
    bodies = bodies_from([msgspec.json.encode(body)])
    times = np.array([known_at_ms], np.int64)
    return log.append(
        Entries(np.array([kind], np.uint8), times, bodies, np.zeros((1, 2), np.uint64))
    )


def webhook(log: Log, name: str, messages: Sequence[str] = (), known_at_ms: int = APRIL_MS) -> int:
    """The participant has a webhook from here on."""
    body = {"kind": "participant", "name": name, "change": "webhook_set", "messages": messages}
    return act(log, Kind.RIGHTS, {**body, "key_id": "k1", "at_ms": 1, "by": "duty"}, known_at_ms)


def label(
    log: Log, name: str, payment: str, *, fraud: bool, sender: str = "BANKKZKA",
    bank: str | None = None, known_at_ms: int = APRIL_MS,
) -> int:  # fmt: skip
    """The payment's own bank says what it was, or ``sender`` of a payment of that bank."""
    facts = Facts(
        np.array([Kind.LABEL], np.uint8),
        [name],
        {"happened_at": np.array([known_at_ms]), "fraud": np.array([int(fraud)])},
        {"sender": code(sender, 1), "payment": symbols_of([digest16(bank or sender, payment)])},
    )
    times = np.array([known_at_ms], np.int64)
    return log.append(Entries(facts.kinds, times, pack_facts(facts), digests_of(facts)))


def followed(log: Log, outbox: Outbox) -> Following:
    """The outbox, at the end of the log."""
    following = Following(log, outbox, log.seqs_of)
    while following.step():
        pass
    return following


def rows(outbox: Outbox, *states: State) -> list[Row]:
    """Its messages, of those states or of all."""
    return outbox.listed(states or list(State), most=None)


def data(row: Row) -> dict[str, Any]:
    """What a message says."""
    found: dict[str, Any] = json.loads(row.body)["data"]
    return found


def told(directory: Path) -> list[tuple[str, str, bytes]]:
    """Id, state and body of each message of the directory's outbox."""
    outbox = Outbox.open(directory)
    try:
        return [(row.id, row.state.name, row.body) for row in rows(outbox)]
    finally:
        outbox.close()
