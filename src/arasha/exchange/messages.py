"""Messages: what a participant must hear of because of an entry of the log.

Where on the path: after *kept*. In: one entry, and a way to look up the payment it speaks of. Out:
the messages due to it, each to one participant. Which kinds of entries send what is one table,
`MAPPERS`: a new act of the centre becomes messages by a function there, and by nothing else. A
mapper is a function of the log alone, so what is due can be found again at any time.

A message names a payment by its sender's own id. There is no place in it for a token.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import msgspec
import numpy as np

from arasha.events.body import bodies_from, unpack_facts
from arasha.events.decisions import ACTIONS
from arasha.events.schema import Kind

DECISION_CHANGED: Final = "decision_changed"
"""A verdict is not, or no longer, what its sender has reason to believe."""

RIGHTS_CHANGED: Final = "rights_changed"
"""A key, a right, a limit or the webhook of the participant is another one."""

OF_CASES: Final = (
    "hold_order", "hold_lasts", "hold_shares", "hold_part", "hold_over", "attestation_asked",
    "recall_asked", "return_asked", "recall_moved", "listing_over",
)  # fmt: skip
"""What acts of the centre make due: cases/messages.py says what each is."""

CAMT_056: Final = "camt_056"
"""The recall that was asked for, once more as banks send it to each other."""

TYPES: Final = (DECISION_CHANGED, RIGHTS_CHANGED, *OF_CASES, CAMT_056)
"""Every type of message; a participant may ask for some of them."""

MAX_MESSAGE_BYTES: Final = 64 << 10
"""Largest message, bytes; a mapper that has more to say makes more messages."""

MEDIA_TYPE: Final = "application/cloudevents+json"
"""CloudEvents 1.0, one event in a body."""

Value = str | int | bool | None
"""What a message can say."""

_STOPPING: Final = frozenset({ACTIONS.index("hold"), ACTIONS.index("block")})
_RIGHTS_TOLD: Final = frozenset(
    {"participant_changed", "key_rotated", "key_revoked", "webhook_set", "webhook_key_rotated"}
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the log, its body opened."""

    seq: int
    kind: int
    known_at_ms: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Payment:
    """What a message may need of a payment: ``id`` is its sender's own, ``action`` the verdict's
    place in ``ACTIONS``, ``currency`` an ISO 4217 number, ``uetr`` None where it has none.
    """

    seq: int
    sender: str
    id: str
    known_at_ms: int
    action: int
    amount_minor: int
    currency: int
    uetr: str | None = None


class Lookup(Protocol):
    """What stands elsewhere in the log, and who listens."""

    def wants(self, participant: str, message_type: str) -> bool:
        """Whether such a message would go anywhere: a mapper may ask before it looks far."""

    def payment(self, seq: int) -> Payment | None:
        """The judged payment at that place; None when there is none that can still be read."""

    def seq_of(self, reference: bytes) -> int:
        """The place of the fact with that digest, -1 when none is known."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one participant.

    Those with one ``subject`` (a payment's id, say) reach a participant in the order of the log.
    ``about_seq`` is the entry that all of them go back to; ``facts_ms`` the time of the oldest fact
    that is told of, None where none is: the message goes when that fact's month does. ``number`` is
    its own among the entry's messages, and stays so when another of them cannot be made any more.
    """

    participant: str
    type: str
    subject: str
    data: Mapping[str, Value]
    about_seq: int
    facts_ms: int | None = None
    number: int = 0


Mapper = Callable[[Entry, Lookup], Iterable[Message]]


def verdicts_untold(entry: Entry, lookup: Lookup) -> Iterable[Message]:
    """The bank was told that there is no verdict in time; then there was one after all."""
    for number, seq in enumerate(msgspec.json.decode(entry.body)["payments"]):
        payment = lookup.payment(seq)
        if payment is not None:
            yield _decision_changed(payment, "told_too_late", number)


def label_settled(entry: Entry, lookup: Lookup) -> Iterable[Message]:
    """It is settled otherwise than was decided: fraud was let through, or honesty stopped. The bank
    of the payment is told, whoever settled it: the bank itself, or the centre by a case.
    """
    facts = unpack_facts(np.array([entry.kind], np.uint8), bodies_from([entry.body]))
    payment = lookup.payment(lookup.seq_of(facts.symbol("payment").tobytes()))
    if payment is None or not lookup.wants(payment.sender, DECISION_CHANGED):
        return
    fraud, stopped = bool(facts.number("fraud")[0]), payment.action in _STOPPING
    if fraud is not stopped:
        yield _decision_changed(payment, "found_fraud" if fraud else "found_honest")


def rights_changed(entry: Entry, _lookup: Lookup) -> Iterable[Message]:
    """Whoever holds a key learns that it, or what it opens, has changed."""
    act: dict[str, Any] = msgspec.json.decode(entry.body)
    if act.get("kind") != "participant" or act["change"] not in _RIGHTS_TOLD:
        return
    told = ("change", "key_id", "at_ms")
    data: dict[str, Value] = {name: act[name] for name in told if name in act}
    yield Message(act["name"], RIGHTS_CHANGED, act["name"], data, entry.seq)


MAPPERS: Final[Mapping[Kind, Mapper]] = {
    Kind.LABEL: label_settled,
    Kind.RIGHTS: rights_changed,
    Kind.UNTOLD: verdicts_untold,
}
"""What is due to whom, by the kind of the entry."""


def envelope(message: Message, entry: Entry, source: str) -> tuple[str, bytes]:
    """The message's id, and the message as it is sent, a CloudEvent.

    Both follow from the log: made again they are the same, to the byte, so a receiver can drop what
    it has.
    """
    name = f"{entry.seq}.{message.number}"
    event = {
        "specversion": "1.0",
        "id": name,
        "source": source,
        "type": f"arasha.{message.type}",
        "subject": message.subject,
        "time": _instant(entry.known_at_ms),
        "datacontenttype": "application/json",
        "sequence": f"{entry.seq:019d}",
        "correlationid": f"entry-{message.about_seq}",
        "data": dict(message.data),
    }
    return name, msgspec.json.encode(event)


def _decision_changed(payment: Payment, cause: str, number: int = 0) -> Message:
    data: dict[str, Value] = {
        "payment": payment.id, "seq": payment.seq, "action": ACTIONS[payment.action],
        "cause": cause,
    }  # fmt: skip
    return Message(
        payment.sender, DECISION_CHANGED, payment.id, data, payment.seq, payment.known_at_ms,
        number,
    )  # fmt: skip


def _instant(at_ms: int) -> str:
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
